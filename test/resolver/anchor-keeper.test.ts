// The keeper of the trust anchors: its store in trouble, its timers, what it tells, and what others may ask of it.
import { spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'tsup'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  ANCHOR_CHANNEL,
  type AnchorNotice,
  AnchorStoreError,
  createResolver,
  explainAnchors,
  memoryAnchorStore,
  ResolverClosedError,
  readAnchorState
} from '../../src/index.js'
import { keyTagName } from '../../src/resolver/key-tag-query.js'
import { sentinelOf } from '../../src/resolver/sentinel.js'
import { verifyTrace } from '../../src/trace/index.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { authority } from '../world/authority.js'
import { memoryTransport } from '../world/net.js'
import { anchorOf, DAY, Follower, HOUR, ksk, revoked, type Shown, zsk } from '../world/rolling.js'
import { flipBit } from '../world/signer.js'
import { makeZone } from '../world/zone.js'

const [k1, k2] = [ksk(1), ksk(2)]
const gone = revoked(k1)
const both: Shown = { keys: [k1, k2], by: [k1] }
const trusted = [anchorOf(k1), anchorOf(k2)]

let notices: AnchorNotice[] = []
const hear = (notice: unknown) => void notices.push(notice as AnchorNotice)
beforeEach(() => {
  notices = []
  subscribe(ANCHOR_CHANNEL, hear)
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => {
  unsubscribe(ANCHOR_CHANNEL, hear)
  vi.restoreAllMocks()
})

describe('a store', () => {
  it('that cannot be written does not keep a revocation from being in force; when it can be again, nothing is lost', async () => {
    let text: string | undefined
    let full = false
    const store = {
      load: async () => text,
      save: async (next: string) => {
        if (full) throw new Error('no space left on device')
        text = next
      }
    }
    const it = await new Follower({ anchors: trusted, store }).sees(0, both)
    full = true
    await expect(it.sees(DAY, { keys: [gone, k2], by: [gone, k2] })).rejects.toThrow(AnchorStoreError)
    expect([it.state(k1), readAnchorState(String(text), 0).map(({ state }) => state)]).toEqual(['REVOKED', ['VALID', 'VALID']])
    expect(notices.filter(({ event }) => event === 'store')).toEqual([
      { event: 'store', failed: 'save', at: it.clock.now(), text: 'no space left on device' }
    ])
    // The next probe reads what is stored, which is older, and must not fall back to it.
    full = false
    await it.sees(DAY, { keys: [k2], by: [k2] })
    expect([it.state(k1), readAnchorState(String(text), 0).map(({ state }) => state)]).toEqual(['REVOKED', ['REVOKED', 'VALID']])
  })

  it.each([
    [
      'throws',
      {
        load: () => {
          throw new Error('disk on fire')
        }
      }
    ],
    ['rejects', { load: () => Promise.reject(new Error('disk on fire')) }],
    ['throws no Error', { load: () => Promise.reject('disk on fire') }]
  ])('that %s gives answers that say so, and no rejection', async (_, { load }) => {
    const it = new Follower({ anchors: trusted, store: { load, save: () => {} } }).show(both)
    const answer = await it.ask()
    expect([answer.status, answer.rcode, answer.reason?.code, answer.ttl]).toEqual(['indeterminate', 'SERVFAIL', 14, 0])
    expect(answer.reason?.text).toContain('disk on fire')
    expect(it.transport.exchanges).toHaveLength(0)
    await expect(it.probe()).rejects.toThrow(AnchorStoreError)
  })

  it('that never answers costs a question its time and no more', async () => {
    const store = { load: () => new Promise<string>(() => {}), save: () => {} }
    const it = new Follower({ anchors: trusted, store, options: { limits: { questionMs: 50 } } }).show(both)
    expect((await it.ask()).reason).toMatchObject({ code: 22, text: expect.stringContaining('50 ms') })
  })

  it('with an empty text is a first start, with plain lines another one', async () => {
    expect(await new Follower({ anchors: [anchorOf(k1)], store: memoryAnchorStore('') }).show(both).status()).toBe('secure')
    const lines = new Follower({ anchors: [], store: memoryAnchorStore(anchorOf(k1)) }).show(both)
    expect(await lines.status()).toBe('secure')
    expect((await lines.probe()).states(k1, k2)).toEqual(['VALID', 'ADDPEND'])
  })
})

describe('a first start by DS', () => {
  it('is confirmed by a signed set before anything is trusted: a set that none of them signed gives no secure answer', async () => {
    const it = new Follower({ anchors: [anchorOf(k1)] }).show({ keys: [k1, k2], by: [k2] })
    expect(await it.status()).toBe('bogus')
    await it.probe()
    expect([it.resolver.trustAnchors().map(({ state }) => state), await it.status()]).toEqual([['DS'], 'bogus'])
  })
})

describe('a probe', () => {
  it('asks another server when what came was not signed by a trust anchor', async () => {
    const at = Date.UTC(2025, 0, 11)
    const zone = (faults = {}) =>
      makeZone({
        origin: '.',
        text: '@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1',
        keys: [k1, zsk(1)],
        inception: at / 1000 - HOUR,
        expiration: at / 1000 + DAY,
        faults
      })
    const forged = authority([zone({ sign: () => ({ corrupt: flipBit }) })])
    const transport = memoryTransport(
      new Map([
        ['192.0.2.1', forged],
        ['192.0.2.2', authority([zone()])]
      ])
    )
    const servers = [{ address: '192.0.2.1' }, { address: '192.0.2.2' }]
    for (let n = 0; n < 8; n++) {
      const resolver = createResolver({ trustAnchors: [anchorOf(k1)], stubZones: [{ name: '.', servers }], transport, clock: () => at })
      await resolver.refreshTrustAnchors()
      expect(resolver.trustAnchors()).toMatchObject([{ keyTag: k1.keyTag, state: 'VALID', failures: 0 }])
    }
    expect(new Set(transport.exchanges.map(({ address }) => address)).size).toBe(2)
  })

  it('that hangs ends with the time of a question and counts as failed', async () => {
    const hanging = { exchange: () => new Promise<Uint8Array>(() => {}) }
    const it = new Follower({ anchors: trusted, options: { transport: hanging, limits: { questionMs: 80, exchangeMs: 10_000 } } })
    await it.probe()
    expect([it.report(k1)?.state ?? 'DS', notices.at(-1)]).toEqual([
      'DS',
      expect.objectContaining({ event: 'probe', result: 'no-reply', failures: 1 })
    ])
  })

  it('is done once for all who ask for it at the same time, and not at all when it is not due', async () => {
    const it = new Follower({ anchors: trusted }).show(both)
    await Promise.all([1, 2, 3].map(() => it.resolver.refreshTrustAnchors()))
    await it.resolver.refreshTrustAnchors()
    expect(it.transport.exchanges).toHaveLength(1)
  })

  it('has its own budget: questions that spent theirs leave it whole, and it tells the channel what came of it', async () => {
    const it = await new Follower({ anchors: trusted, options: { limits: { queries: 1 } } }).sees(0, both)
    expect(notices.at(-1)).toMatchObject({ event: 'probe', zone: '.', result: 'validated', failures: 0 })
    expect((await it.ask()).reason?.text).toMatch(/limit on queries/)
    await it.probe()
    expect(notices.at(-1)).toMatchObject({ event: 'probe', result: 'validated' })
  })

  it('under way ends when the resolver is closed, and none comes after', async () => {
    const it = new Follower({ anchors: trusted, options: { transport: { exchange: () => new Promise(() => {}) } } })
    const probing = it.resolver.refreshTrustAnchors()
    const ended = expect(probing).rejects.toThrow(/closed/)
    await sleep(5)
    await it.resolver.close()
    await ended
    await expect(it.resolver.refreshTrustAnchors()).rejects.toThrow(ResolverClosedError)
  })
})

it('a key that has waited its time in every set may validate before the next probe comes, and not a second earlier', async () => {
  const it = await new Follower({ anchors: [anchorOf(k1)] }).sees(0, both)
  await it.sees(20 * DAY, both)
  it.clock.advance(10 * DAY - 1)
  it.show({ keys: [k2], by: [k2] })
  expect(await it.status()).toBe('bogus')
  it.clock.advance(1)
  expect(await it.status()).toBe('secure')
})

it('a new key that is too short to be used here is not added', async () => {
  const short = ksk(1, 8, { bits: 768 })
  const it = await new Follower({ anchors: [anchorOf(k1)] }).sees(0, { keys: [k1, short], by: [k1] })
  await it.sees(31 * DAY, { keys: [k1, short], by: [k1] })
  expect(it.states(k1, short)).toEqual(['VALID', 'START'])
})

it('answers judged by anchors that were revoked are forgotten at once', async () => {
  const it = await new Follower({ anchors: trusted }).sees(0, both)
  await it.ask()
  expect(it.resolver.peek('www', 'TXT')?.status).toBe('secure')
  await it.sees(60, { keys: [gone, k2], by: [gone, k2] })
  expect(it.resolver.peek('www', 'TXT')).toBeUndefined()
})

describe('active refresh', () => {
  const folder = mkdtempSync(join(tmpdir(), 'anchor-keeper-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('probes at the start when it is due, without being asked, and follows the clock only when it is the real one', async () => {
    const now = Date.now()
    const followed = new Follower({ anchors: trusted, start: now, options: { clock: undefined } }).show(both)
    const still = new Follower({ anchors: trusted, start: now }).show(both)
    const off = new Follower({ anchors: trusted, start: now, options: { clock: undefined, activeRefresh: false } }).show(both)
    await sleep(100)
    // `open` made a second resolver on the same store for none of them
    expect([followed, still, off].map(({ transport }) => transport.exchanges.length)).toEqual([1, 0, 0])
    expect(followed.states(k1, k2)).toEqual(['VALID', 'VALID'])
    await followed.resolver.close()
  })

  it('holds no process open once the probe that was due is over', async () => {
    const program = join(folder, 'program.ts')
    const source = `
      import { createResolver, fileAnchorStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/index.js'))}
      createResolver({ trustAnchorStore: fileAnchorStore(${JSON.stringify(join(folder, 'state'))}), transport: { exchange: () => Promise.reject(new Error('no network')) } })
      console.log('made')`
    writeFileSync(program, source)
    await build({
      entry: { program },
      outDir: join(folder, 'dist'),
      format: 'esm',
      target: 'node20',
      platform: 'node',
      config: false,
      silent: true,
      dts: false,
      external: ['dns-packet', /^@noble/]
    })
    const built = readdirSync(join(folder, 'dist')).find((name) => name.startsWith('program.')) as string
    const modules = join(import.meta.dirname, '../../node_modules')
    symlinkSync(modules, join(folder, 'node_modules'))
    const child = spawn(process.execPath, [join(folder, 'dist', built)], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk
      })
    const code = await Promise.race([new Promise((resolve) => child.on('close', resolve)), sleep(8_000, 'still running', { ref: false })])
    child.kill('SIGKILL')
    expect([code, said]).toEqual([0, 'made\n'])
    expect(readAnchorState(readFileSync(join(folder, 'state'), 'utf8'), 0)[0]).toMatchObject({ failures: 1 })
  })
})

describe('key tag queries (RFC 8145 5)', () => {
  it('have the tags in hexadecimal, from the lowest up', () => {
    const name = (zone: string, ...tags: number[]) => {
      const made = keyTagName({
        kind: 'positive',
        zone: nameFromText(zone),
        ds: tags.map((keyTag) => ({ keyTag, algorithm: 8, digestType: 2, digest: new Uint8Array(32) })),
        keys: []
      })
      return made && nameToText(made)
    }
    expect(name('.', 38696, 20326)).toBe('_ta-4f66-9728')
    expect(name('.', 20326)).toBe('_ta-4f66')
    expect(name('example.org', 7, 7)).toBe('_ta-0007.example.org')
    expect(name('.')).toBeUndefined()
    expect(name('.', ...Array.from({ length: 13 }, (_, n) => n))).toBeUndefined()
  })

  it('go out with each probe when that is wished, and not otherwise', async () => {
    const hex = (tag: number) => tag.toString(16).padStart(4, '0')
    const expected = `_ta-${[k1, k2]
      .map(({ keyTag }) => keyTag)
      .sort((a, b) => a - b)
      .map(hex)
      .join('-')} NULL`
    const it = await new Follower({ anchors: trusted, options: { trustAnchorSignalling: true } }).sees(0, both)
    expect(it.transport.exchanges.map(({ question }) => question)).toEqual(['. DNSKEY', expected])
    const quiet = await new Follower({ anchors: trusted }).sees(0, both)
    expect(quiet.transport.exchanges.map(({ question }) => question)).toEqual(['. DNSKEY'])
  })
})

describe('the root key sentinel (RFC 8509)', () => {
  const name = (asks: string, tag: number) => `root-key-sentinel-${asks}-ta-${String(tag).padStart(5, '0')}`
  const other = (k1.keyTag + 1) % 65_536
  const more = [name('is', k1.keyTag), name('not', k1.keyTag), name('is', other), name('not', other)]
    .map((one) => `${one} A 192.0.2.1\n${one} TXT "x"`)
    .join('\n')
  const asked = async (rootKeySentinel: boolean, type = 'A') => {
    const it = new Follower({ anchors: [anchorOf(k1)], options: { rootKeySentinel } }).show({ keys: [k1], by: [k1], more })
    const answers = await Promise.all(
      [name('is', k1.keyTag), name('NOT', k1.keyTag).toUpperCase(), name('is', other), name('not', other)].map((one) => it.ask(one, type))
    )
    return answers.map(({ rcode, status, records }) => `${rcode} ${status} ${records.length}`)
  }
  const [good, bad] = ['NOERROR secure 1', 'SERVFAIL indeterminate 0']

  it('is answered by SERVFAIL where the name says what is not so', async () => {
    expect(await asked(true)).toEqual([good, bad, bad, good])
  })

  it('leaves a trace that says that it was the sentinel, and is not held against the data', async () => {
    const it = new Follower({ anchors: [anchorOf(k1)], options: { rootKeySentinel: true } }).show({ keys: [k1], by: [k1], more })
    const { trace, status } = await it.resolver.resolveSecure(name('is', other), 'A', { trace: true })
    expect(status).toBe('indeterminate')
    expect(trace && (await verifyTrace(trace)).result).toBe('unverifiable')
  })

  it('plays no part for other types, or where nobody asked for it', async () => {
    expect(await asked(true, 'TXT')).toEqual([good, good, good, good])
    expect(await asked(false)).toEqual([good, good, good, good])
  })

  it.each([
    'root-key-sentinel-is-ta-1234',
    'root-key-sentinel-is-ta-123456',
    'root-key-sentinel-is-ta-99999',
    'xroot-key-sentinel-is-ta-20326',
    'www',
    '.'
  ])('is not meant by %s', (text) => {
    expect(sentinelOf(nameFromText(text))).toBeUndefined()
  })

  it('is told from the leftmost label alone', () => {
    expect(sentinelOf(nameFromText('Root-Key-Sentinel-NOT-ta-00042.example.org'))).toEqual({ asks: 'not-ta', keyTag: 42 })
  })
})

describe('a state in words', () => {
  it('says since when keys are valid, what waits, and when it is checked next', async () => {
    const it = await new Follower({ anchors: [anchorOf(k1)] }).sees(0, both)
    const said = () => explainAnchors(it.resolver.trustAnchors(), it.clock.now())
    expect(said()).toEqual([
      'The root:',
      `  ${k1.keyTag} valid since 2025-01-11`,
      `  ${k2.keyTag} new, seen since 2025-01-11; trusted with the first signed set that holds it from 2025-02-10 on`,
      expect.stringMatching(/^ {2}last confirmed 2025-01-11, next check in 2[1-4] h \d+ min$/)
    ])
    await it.sees(31 * DAY, both)
    expect(said().slice(1, 3)).toEqual([`  ${k1.keyTag} still trusted, valid since 2025-01-11`, `  ${k2.keyTag} valid since 2025-02-11`])
    await it.sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    expect(said()[1]).toBe(`  ${gone.keyTag} revoked, last seen 2025-02-12, never trusted again; forgotten after 2025-03-14`)
    it.clock.advance(40 * DAY)
    await it.silence().probe()
    expect(said().at(-1)).toMatch(/^ {2}last confirmed 2025-02-12, 1 check failed since, next check in [34] h \d+ min$/)
  })
})

it('the documentation of the channel names every event that is told', () => {
  const text = readFileSync(new URL('../../docs/trust-anchors.md', import.meta.url), 'utf8')
  for (const event of ['probe', 'alarm', 'recovered', 'store']) expect(text).toContain(`\`${event}\``)
})
