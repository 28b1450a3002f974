// The life of a root key: 44 scenarios that validators are known to get right and wrong, each through a whole resolver with
// real signatures, a zone that changes its keys and a clock set by hand. Where RFC 5011 and other validators differ, the
// safer reading is required and the line says so.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readRootAnchorsXml, validAnchors } from '../../src/anchors/root.js'
import { ANCHOR_CHANNEL, type AnchorNotice, fileAnchorStore, memoryAnchorStore } from '../../src/index.js'
import { verifyTrace } from '../../src/trace/index.js'
import { buildMessage, parseMessage } from '../../src/wire/message.js'
import { RCODE } from '../../src/wire/numbers.js'
import { decoyOf, redress, type ZoneKey } from '../world/keys.js'
import { anchorOf, DAY, Follower, HOUR, ksk, revoked, type Shown, zsk } from '../world/rolling.js'
import { flipBit } from '../world/signer.js'

const [k1, k2, k3] = [ksk(1), ksk(2), ksk(3)]
const both: Shown = { keys: [k1, k2], by: [k1] }
const gone = revoked(k1)

/** k1 trusted by its DS, k2 pending since now. */
const pending = async () => new Follower({ anchors: [anchorOf(k1)] }).sees(0, both)
/** Both VALID. */
const twoValid = async () => new Follower({ anchors: [anchorOf(k1), anchorOf(k2)] }).sees(0, both)

const folder = mkdtempSync(join(tmpdir(), 'root-key-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const newFile = () => join(folder, `${++files}.state`)

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
const alarms = () => notices.flatMap((notice) => (notice.event === 'alarm' ? [notice.alarm] : []))
const lastProbe = () => notices.filter((notice) => notice.event === 'probe').at(-1)

describe('a first start', () => {
  it('1: by two DS, the set signed by one: both are VALID, and keys stand in the place of the DS', async () => {
    const it = await twoValid()
    expect(it.states(k1, k2)).toEqual(['VALID', 'VALID'])
    expect(await it.store.load()).not.toMatch(/ IN DS /)
    expect(await it.status()).toBe('secure')
  })

  it('2: by one DS: its key is VALID, the other ADDPEND', async () => {
    expect((await pending()).states(k1, k2)).toEqual(['VALID', 'ADDPEND'])
  })
})

describe('a new key', () => {
  it('3: is VALID after 30 days and a second, seen twice', async () => {
    expect((await (await pending()).sees(30 * DAY + 1, both)).states(k1, k2)).toEqual(['VALID', 'VALID'])
  })

  it('4: is ADDPEND after 29 days and 23 hours', async () => {
    expect((await (await pending()).sees(29 * DAY + 23 * HOUR, both)).state(k2)).toBe('ADDPEND')
  })

  it('5: seen on day 0 and then on day 31 is VALID: the hold-down is over and a validated set holds it', async () => {
    expect((await (await pending()).sees(31 * DAY, both)).state(k2)).toBe('VALID')
  })

  it('6: waits for the Original TTL of its first set when that is longer than 30 days (RFC 5011 2.4.1)', async () => {
    const it = await new Follower({ anchors: [anchorOf(k1)] }).sees(0, { ...both, ttl: 40 * DAY, lasts: 50 * DAY })
    expect((await it.sees(31 * DAY, both)).state(k2)).toBe('ADDPEND')
    expect((await it.sees(9 * DAY, both)).state(k2)).toBe('VALID')
  })

  it('7: missing once, on day 20, has the whole 30 days before it again', async () => {
    const it = await (await pending()).sees(20 * DAY, { keys: [k1], by: [k1] })
    expect(it.state(k2)).toBe('START')
    await (await it.sees(DAY, both)).sees(29 * DAY, both)
    expect(it.state(k2)).toBe('ADDPEND')
    expect((await it.sees(DAY, both)).state(k2)).toBe('VALID')
  })

  it('8: in a set that does not validate comes no nearer and does not start again', async () => {
    const it = await pending()
    const since = it.report(k2)?.since
    await it.sees(31 * DAY, { ...both, faults: { sign: (_, key) => (key.role === 'ksk' ? { corrupt: flipBit } : undefined) } })
    expect([it.state(k2), it.report(k2)?.since, lastProbe()]).toEqual([
      'ADDPEND',
      since,
      expect.objectContaining({ result: 'not-validated' })
    ])
    expect((await it.sees(0, both)).state(k2)).toBe('VALID')
  })

  it('9: in sets that it alone signs is never trusted', async () => {
    const it = await pending()
    for (let n = 0; n < 8; n++) await it.sees(10 * DAY, { keys: [k1, k2], by: [k2] })
    expect([it.state(k2), await it.status()]).toEqual(['ADDPEND', 'bogus'])
  })
})

describe('the switch to the new key', () => {
  it('10: which signs alone while the old one is still there: secure, and no state changes', async () => {
    const it = await (await twoValid()).sees(DAY, { keys: [k1, k2], by: [k2] })
    expect([it.states(k1, k2), await it.status()]).toEqual([['VALID', 'VALID'], 'secure'])
    expect(lastProbe()).toMatchObject({ result: 'validated', changes: [] })
  })

  it('11: that came while the new one waits: all is bogus, and the reason names the anchor and what to do', async () => {
    const it = await (await pending()).sees(5 * DAY, { keys: [k1, k2], by: [k2] })
    const answer = await it.ask()
    expect([answer.status, answer.rcode, answer.records, answer.reason?.code]).toEqual(['bogus', 'SERVFAIL', [], 10])
    expect(answer.reason?.text).toContain(String(k1.keyTag))
    expect(answer.reason?.text).toMatch(/needs a new trust anchor/)
  })
})

describe('a revocation', () => {
  it('12: signed by the key itself is in force at once', async () => {
    const it = await (await twoValid()).sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    expect([it.states(k1, k2), await it.status()]).toEqual([['REVOKED', 'VALID'], 'secure'])
    expect(it.report(k1)?.keyTag).toBe(gone.keyTag)
    expect((await it.sees(DAY, { keys: [k1, k2], by: [k1] })).resolver).toBeDefined()
    expect(await it.status()).toBe('bogus') // what the revoked key signs counts no more
  })

  it('13: that the key did not sign is ignored (safer than to take the bit alone, as some do)', async () => {
    expect((await (await twoValid()).sees(DAY, { keys: [gone, k2], by: [k2] })).state(k1)).toBe('VALID')
  })

  it('14: set on a copy by an attacker who forges the signature is ignored', async () => {
    const forged = { sign: (_: unknown, key: ZoneKey) => (key.flags === gone.flags ? { corrupt: flipBit } : undefined) }
    expect((await (await twoValid()).sees(DAY, { keys: [gone, k2], by: [gone, k2], faults: forged })).state(k1)).toBe('VALID')
  })

  it('15: by the only signature of the set revokes, and lets nothing else of the set count (RFC 5011 2.1)', async () => {
    const it = await (await twoValid()).sees(DAY, { keys: [gone, k2, k3], by: [gone] })
    expect([it.states(k1, k2, k3), await it.status()]).toEqual([['REVOKED', 'VALID', 'START'], 'bogus'])
  })

  it('16: is for good: the key without the bit never comes back (safer than a new hold-down, which RFC 5011 would allow)', async () => {
    const it = await (await twoValid()).sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    for (let n = 0; n < 7; n++) await it.sees(10 * DAY, { keys: [k1, k2], by: [k1, k2] })
    expect(it.state(k1)).toBe('REVOKED')
  })

  it('17: whose key is gone for 30 days makes it REMOVED', async () => {
    const it = await (await twoValid()).sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    expect((await it.sees(30 * DAY - 1, { keys: [k2], by: [k2] })).state(k1)).toBe('REVOKED')
    expect((await it.sees(1, { keys: [k2], by: [k2] })).state(k1)).toBe('REMOVED')
    for (let n = 0; n < 10; n++) {
      const next = revoked(ksk(100 + n))
      await it.sees(DAY, { keys: [k2, ksk(100 + n)], by: [k2] })
      await it.sees(DAY, { keys: [k2, next], by: [k2, next] })
    }
    await it.sees(31 * DAY, { keys: [k2], by: [k2] })
    expect(it.resolver.trustAnchors().length).toBeLessThan(12) // those removed long ago are forgotten
  })

  it('18: seen again on day 29 starts the remove hold-down again', async () => {
    const it = await (await twoValid()).sees(0, { keys: [gone, k2], by: [gone, k2] })
    await it.sees(29 * DAY, { keys: [gone, k2], by: [gone, k2] })
    expect((await it.sees(29 * DAY, { keys: [k2], by: [k2] })).state(k1)).toBe('REVOKED')
    expect((await it.sees(DAY, { keys: [k2], by: [k2] })).state(k1)).toBe('REMOVED')
  })
})

describe('a missing key', () => {
  it('19: is MISSING and still trusted, however long it is away', async () => {
    const it = await (await twoValid()).sees(DAY, { keys: [k2], by: [k2] })
    await it.sees(400 * DAY, { keys: [k2], by: [k2] })
    expect(it.state(k1)).toBe('MISSING')
    expect(await it.show({ keys: [k1], by: [k1] }).status()).toBe('secure')
  })

  it('20: that returns is VALID at once', async () => {
    const it = await (await twoValid()).sees(DAY, { keys: [k2], by: [k2] })
    expect((await it.sees(HOUR, both)).state(k1)).toBe('VALID')
  })

  it('21: that returns revoked is REVOKED', async () => {
    const it = await (await twoValid()).sees(DAY, { keys: [k2], by: [k2] })
    expect((await it.sees(DAY, { keys: [gone, k2], by: [gone, k2] })).state(k1)).toBe('REVOKED')
  })

  it('22: and all the others missing: the anchors stay, answers are bogus and never insecure, and it is loud', async () => {
    const it = await twoValid()
    for (let n = 0; n < 20; n++) await it.sees(DAY, { keys: [k3], by: [k3] })
    expect(it.states(k1, k2, k3)).toEqual(['VALID', 'VALID', 'START'])
    const answer = await it.ask()
    expect([answer.status, answer.reason?.code]).toEqual(['bogus', 9])
    expect(alarms()).toEqual(['unconfirmed'])
    // signed by one that is missing: the set counts for RFC 5011, and still no key of it can validate an answer
    await it.sees(DAY, { keys: [k3], by: [k1] })
    expect([it.states(k1, k2), await it.status(), alarms()]).toEqual([['MISSING', 'MISSING'], 'bogus', ['unconfirmed', 'missing']])
    await it.sees(DAY, both)
    expect([it.states(k1, k2), await it.status()]).toEqual([['VALID', 'VALID'], 'secure'])
    expect(notices.filter(({ event }) => event === 'recovered')).toHaveLength(2)
    expect(process.emitWarning).toHaveBeenCalledTimes(2)
  })
})

describe('the end of a trust point', () => {
  const off = revoked(k2)

  it('23: all revoked: as if it had never been configured (RFC 5011 5), loudly, and after a restart too', async () => {
    const it = await (await twoValid()).sees(DAY, { keys: [gone, off], by: [gone, off] })
    expect(it.states(k1, k2)).toEqual(['REVOKED', 'REVOKED'])
    expect([await it.status(), alarms()]).toEqual(['indeterminate', ['deleted']])
    const answer = await it.restart().ask()
    expect([answer.status, answer.reason?.code]).toEqual(['indeterminate', 5])
    expect((await it.sees(DAY, { keys: [k1, k2], by: [k1] })).states(k1, k2)).toEqual(['REVOKED', 'REVOKED'])
  })

  it('23: all revoked while a key waits: bogus for good, never unvalidated; its trace says so too', async () => {
    const it = await (await pending()).sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    expect([it.states(k1, k2), alarms()]).toEqual([['REVOKED', 'ADDPEND'], ['closed']])
    const answer = await it.resolver.resolveSecure('www', 'TXT', { trace: true })
    expect([answer.status, answer.reason?.code, answer.trace?.anchors]).toEqual([
      'bogus',
      9,
      [expect.stringMatching(/^\. IN DS 0 8 2 0{64}$/)]
    ])
    expect(answer.trace && (await verifyTrace(answer.trace)).differences).toEqual([])
    expect(await it.restart().status()).toBe('bogus')
  })

  it('23: a key that a thief brought in by the stolen key does not take its place when that is revoked, however long it waits', async () => {
    const mallory = ksk(666)
    const it = await new Follower({ anchors: [anchorOf(k1)] }).sees(0, { keys: [k1, mallory], by: [k1] })
    await it.sees(DAY, { keys: [k1, mallory], by: [k1] })
    await it.sees(DAY, { keys: [gone, k2], by: [gone, k2] }) // the owner has seen it
    await it.sees(40 * DAY, { keys: [mallory], by: [mallory] })
    expect([it.states(k1, mallory), await it.status()]).toEqual([['REVOKED', 'ADDPEND'], 'bogus'])
    expect(await it.restart().status()).toBe('bogus')
  })

  it('23: a key that a thief brought in by one stolen key of two is forgotten with the set that revokes it', async () => {
    const mallory = ksk(666)
    const it = await (await twoValid()).sees(DAY, { keys: [k1, k2, mallory], by: [k1] })
    await it.sees(DAY, { keys: [k1, k2, mallory], by: [k1] })
    await it.sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    expect(it.states(k1, k2, mallory)).toEqual(['REVOKED', 'VALID', 'START'])
    await it.sees(40 * DAY, { keys: [k1, mallory], by: [k1, mallory] })
    expect([it.states(k1, k2, mallory), await it.status()]).toEqual([['REVOKED', 'VALID', 'START'], 'bogus'])
  })
})

describe('key tags', () => {
  it('24: of two keys that are the same do not make them one', async () => {
    const twin = decoyOf(k1)
    expect(twin.keyTag).toBe(k1.keyTag)
    expect((await new Follower({ anchors: [anchorOf(k1)] }).sees(0, { keys: [k1, twin], by: [k1] })).states(k1, twin)).toEqual([
      'VALID',
      'ADDPEND'
    ])
  })

  it('25: that pass 65535 by the REVOKE bit are computed, not added to', async () => {
    let serial = 1000
    while (ksk(serial).keyTag < 65_536 - 128) serial++
    const high = ksk(serial)
    const off = revoked(high)
    expect(off.keyTag).toBeLessThan(high.keyTag)
    const it = await new Follower({ anchors: [anchorOf(high), anchorOf(k2)] }).sees(0, { keys: [high, k2], by: [high] })
    expect((await it.sees(DAY, { keys: [off, k2], by: [off, k2] })).state(high)).toBe('REVOKED')
    expect(it.report(high)?.keyTag).toBe(off.keyTag)
  })
})

describe('other keys', () => {
  it('26: of an unsupported algorithm are ignored and block nothing', async () => {
    const strange = redress(k3, { algorithm: 200 })
    expect((await new Follower({ anchors: [anchorOf(k1)] }).sees(0, { keys: [strange, k1, k2], by: [k1] })).states(strange, k2)).toEqual([
      'START',
      'ADDPEND'
    ])
  })

  it.each([
    ['8 to 13', ksk(1, 8), ksk(1, 13)],
    ['13 to 8', ksk(2, 13), ksk(2, 8)]
  ])('27: algorithm %s: the new key waits under the signatures of the old, both are VALID, the old is revoked', async (_, old, next) => {
    const it = await new Follower({ anchors: [anchorOf(old)] }).sees(0, { keys: [old, next], by: [old, next] })
    expect(it.states(old, next)).toEqual(['VALID', 'ADDPEND'])
    await it.sees(31 * DAY, { keys: [old, next], by: [old, next] })
    expect(it.states(old, next)).toEqual(['VALID', 'VALID'])
    const off = revoked(old)
    await it.sees(DAY, { keys: [off, next], by: [off, next], zsk: zsk(1, next.algorithm as 8 | 13) })
    expect([it.states(old, next), await it.status()]).toEqual([['REVOKED', 'VALID'], 'secure'])
  })

  it('28: for zone signing come and go without a change of anchors', async () => {
    const it = await twoValid()
    await it.sees(DAY, { ...both, keys: [k1, k2, zsk(2)] })
    await it.sees(DAY, { ...both, zsk: zsk(3) })
    expect([it.resolver.trustAnchors().length, await it.status()]).toEqual([2, 'secure'])
    expect(notices.flatMap((notice) => (notice.event === 'probe' ? notice.changes : [])).length).toBe(2) // the two of the start
  })

  it('29: a dozen with the SEP bit are all followed, one twice in the set once', async () => {
    const many = Array.from({ length: 12 }, (_, n) => ksk(200 + n))
    const it = await new Follower({ anchors: [anchorOf(k1)] }).sees(0, { keys: [k1, ...many, ...many], by: [k1] })
    expect(it.states(...many)).toEqual(many.map(() => 'ADDPEND'))
    expect((await it.sees(31 * DAY, { keys: [k1, ...many], by: [k1] })).states(...many)).toEqual(many.map(() => 'VALID'))
    expect(it.resolver.trustAnchors()).toHaveLength(13)
  })
})

describe('a probe', () => {
  it.each([
    ['silence', (it: Follower) => it.silence()],
    ['SERVFAIL', (it: Follower) => it.serve((query) => answered(query, RCODE.SERVFAIL))],
    ['an empty answer', (it: Follower) => it.serve((query) => answered(query, RCODE.NOERROR))]
  ])('30: that gets %s changes no anchor, is counted, and comes again after the retry time', async (_, fails) => {
    const it = await pending()
    it.clock.advance(DAY)
    await fails(it).probe()
    await it.probe()
    const { failures, nextProbe = 0, state } = it.report(k2) ?? {}
    expect([it.states(k1, k2), failures, state]).toEqual([['VALID', 'ADDPEND'], 2, 'ADDPEND'])
    expect(nextProbe - it.clock.now()).toBeLessThanOrEqual(4.8 * HOUR * 1000)
    expect(lastProbe()).toMatchObject({ result: 'no-reply', failures: 2, detail: expect.any(String) })
  })

  it('31: asks the servers whatever the caches hold, and fills no cache', async () => {
    const it = await pending()
    const asked = () => it.transport.exchanges.filter(({ question }) => question === '. DNSKEY').length
    await it.resolver.resolveSecure('.', 'DNSKEY')
    const before = asked()
    await it.resolver.resolveSecure('.', 'DNSKEY')
    expect(asked()).toBe(before)
    await it.probe()
    expect(asked()).toBe(before + 1)
    // and what it got is not what an answer is made of
    it.resolver.flush()
    await it.probe()
    expect(it.resolver.peek('.', 'DNSKEY')).toBeUndefined()
    const probes = asked()
    await it.resolver.resolveSecure('.', 'DNSKEY')
    expect(asked()).toBe(probes + 1)
  })

  const wait = (it: Follower) => ((it.report(k1)?.nextProbe ?? 0) - it.clock.now()) / 1000

  it('32: with TTL 172800 and signatures for 21 days comes after a day, and after a failure within 4.8 hours', async () => {
    const it = await pending()
    expect(wait(it)).toBeGreaterThanOrEqual(0.9 * DAY)
    expect(wait(it)).toBeLessThanOrEqual(DAY)
    await it.silence().probe()
    expect(wait(it)).toBeGreaterThanOrEqual(0.9 * 4.8 * HOUR)
    expect(wait(it)).toBeLessThanOrEqual(4.8 * HOUR)
  })

  it('33: with TTL 60 comes after an hour and no sooner', async () => {
    const it = await new Follower({ anchors: [anchorOf(k1)] }).sees(0, { ...both, ttl: 60 })
    expect(wait(it)).toBe(HOUR)
    it.transport.forget()
    it.clock.advance(HOUR - 1)
    await it.resolver.refreshTrustAnchors()
    expect(it.transport.exchanges).toHaveLength(0)
    it.clock.advance(1)
    await it.resolver.refreshTrustAnchors()
    expect(it.transport.exchanges).toHaveLength(1)
  })

  it('34: is spread over the last tenth of its interval', async () => {
    const waits: number[] = []
    const it = await pending()
    for (let n = 0; n < 20; n++) waits.push(wait(await it.probe()) / DAY)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0.9)
    expect(Math.max(...waits)).toBeLessThanOrEqual(1)
    expect(new Set(waits).size).toBeGreaterThan(10)
  })
})

describe('a clock', () => {
  it('35: that goes back a year makes no hold-down shorter and breaks nothing', async () => {
    const it = await pending()
    it.clock.advance(-365 * DAY)
    await it.show(both).resolver.refreshTrustAnchors() // the next probe is out of sight, so it is due
    expect(lastProbe()).toMatchObject({ at: it.clock.now(), result: 'validated' })
    expect((await it.sees(29 * DAY, both)).state(k2)).toBe('ADDPEND')
    expect((await it.sees(DAY, both)).state(k2)).toBe('VALID')
  })

  it('35: that goes forward a year makes nothing VALID without a validated set that has it', async () => {
    const it = await pending()
    it.clock.advance(365 * DAY)
    await it.silence().probe()
    expect(it.state(k2)).toBe('ADDPEND')
    expect((await it.sees(0, { keys: [k1], by: [k1] })).state(k2)).toBe('START')
  })

  it('36: that ran on for 40 days while the process was off: the first probe that sees the key makes it VALID, time alone does not', async () => {
    const it = await pending()
    it.clock.advance(40 * DAY)
    it.show(both).restart()
    await it.ask()
    expect(it.state(k2)).toBe('ADDPEND')
    await it.resolver.refreshTrustAnchors()
    expect(it.state(k2)).toBe('VALID')
  })
})

describe('the state file', () => {
  const follow = (path: string, anchors = [anchorOf(k1), anchorOf(k2)]) =>
    new Follower({ anchors, store: fileAnchorStore(path, { waitMs: 2_000, warn: () => {} }) })

  it.each<[string, (path: string) => void]>([
    ['cut off', (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 200))],
    ['emptied', (path) => writeFileSync(path, '')],
    ['of an unknown version', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('format 1', 'format 9'))],
    ['that everybody may write', (path) => chmodSync(path, 0o666)]
  ])('37: %s, without a backup: no answer is validated or passed on, and the reason names the file', async (_, damage) => {
    const path = newFile()
    const good = await follow(path).sees(0, both)
    const text = readFileSync(path, 'utf8')
    damage(path)
    rmSync(`${path}.bak`, { force: true })
    const it = follow(path).show(both)
    const answer = await it.ask()
    expect([answer.status, answer.rcode, answer.records, answer.reason?.code]).toEqual(['indeterminate', 'SERVFAIL', [], 14])
    expect(answer.reason?.text).toContain(path)
    await expect(it.probe()).rejects.toThrow(path)
    expect(notices.some((notice) => notice.event === 'store' && notice.failed === 'load')).toBe(true)
    // mended by a person, it is taken up again without a restart
    chmodSync(path, 0o644)
    writeFileSync(path, text)
    expect([await it.status(), await good.status()]).toEqual(['secure', 'secure'])
  })

  it('37: damaged, with a backup: the backup is used, and never the shipped anchors in its place', async () => {
    const path = newFile()
    const it = await follow(path, [anchorOf(k1)]).sees(0, both)
    await it.sees(31 * DAY, both)
    await it.sees(DAY, both)
    writeFileSync(path, '')
    const later = follow(path, [anchorOf(k1)])
    later.clock.set(it.clock.now())
    expect(await later.show({ keys: [k1, k2], by: [k2] }).status()).toBe('secure') // k2 is known from the backup alone
  })

  it('38: after a crash between write and rename is the old one, whole', async () => {
    const path = newFile()
    const it = await follow(path).sees(0, both)
    const before = readFileSync(path, 'utf8')
    writeFileSync(join(folder, `.${files}.state.4242.0f0e0d0c-0000-4000-8000-000000000000`), before.slice(0, 300))
    expect(await it.restart().status()).toBe('secure')
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  it('39: of two processes loses no VALID key, whichever writes last, and each learns from the other', async () => {
    const path = newFile()
    const a = await follow(path, [anchorOf(k1)]).sees(0, both)
    const b = follow(path, [anchorOf(k1)])
    await b.show(both).ask() // has read the file: k2 pending
    await a.sees(31 * DAY, both)
    expect(a.state(k2)).toBe('VALID')
    b.clock.set(a.clock.now() - 3 * HOUR * 1000)
    await b.sees(0, both)
    expect(b.states(k1, k2)).toEqual(['VALID', 'VALID'])
    expect(readFileSync(path, 'utf8').match(/; VALID/g)).toHaveLength(2)
    // a probe that the other one did is not done again
    const c = follow(path, [anchorOf(k1)])
    c.clock.set(a.clock.now())
    await c.show(both).resolver.refreshTrustAnchors()
    expect([c.transport.exchanges.length, c.state(k2)]).toEqual([0, 'VALID'])
  })

  it('40: of before a revocation, put back: the revocation seen again revokes again; not seen, the old key is trusted', async () => {
    const it = await twoValid()
    const old = String(await it.store.load())
    await it.sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    const back = new Follower({ anchors: [], store: memoryAnchorStore(old), start: it.clock.now() + DAY * 1000 })
    await back.show({ keys: [k2], by: [k2] }).probe()
    expect(back.states(k1, k2)).toEqual(['MISSING', 'VALID']) // the risk that is left, as docs/trust-anchors.md says
    await back.sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    expect(back.states(k1, k2)).toEqual(['REVOKED', 'VALID'])
  })
})

describe('the rest', () => {
  it('41: a set beyond 1232 octets is truncated over UDP and fetched over TCP', async () => {
    const big = [1, 2, 3].map((serial) => ksk(serial, 8, { bits: 2048 }))
    const signing = zsk(1, 8, { bits: 2048 })
    const it = new Follower({ anchors: [anchorOf(big[0])] })
    await it.sees(0, { keys: [...big, zsk(2, 8, { bits: 2048 })], by: [big[0], big[1]], zsk: signing })
    expect(it.states(...big)).toEqual(['VALID', 'ADDPEND', 'ADDPEND'])
    expect(it.transport.exchanges.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp'])
    expect(await it.status()).toBe('secure')
  })

  it('42: another zone than the root is a trust point like it', async () => {
    const it = await new Follower({ zone: 'island.example', anchors: [anchorOf(k1, 'island.example')] }).sees(0, both)
    expect(it.states(k1, k2)).toEqual(['VALID', 'ADDPEND'])
    await it.sees(31 * DAY, both)
    expect((await it.sees(DAY, { keys: [gone, k2], by: [gone, k2] })).states(k1, k2)).toEqual(['REVOKED', 'VALID'])
    expect(await it.status()).toBe('secure')
  })

  it('43: what is configured for good stays beside what RFC 5011 follows, for the same zone', async () => {
    const it = new Follower({ anchors: [anchorOf(k1), anchorOf(k2)], options: { staticTrustAnchors: [anchorOf(k3)] } })
    await it.sees(0, { keys: [k1, k2, k3], by: [k1] })
    await it.sees(DAY, { keys: [gone, k2, k3], by: [gone, k2] })
    expect(it.states(k1, k2, k3)).toEqual(['REVOKED', 'VALID', 'ADDPEND'])
    expect(
      it.resolver
        .trustAnchors()
        .filter(({ state }) => state === 'STATIC')
        .map(({ keyTag }) => keyTag)
    ).toEqual([k3.keyTag])
    await it.sees(DAY, { keys: [revoked(k3), k2], by: [revoked(k3), k2] })
    expect(it.resolver.trustAnchors().some(({ state }) => state === 'STATIC')).toBe(true)
    expect(String(await it.store.load())).not.toContain(` ${k3.keyTag} 13 2 `)
    expect(await it.show({ keys: [k3], by: [k3] }).status()).toBe('secure')
  })

  it('44: of root-anchors.xml, a digest past its validUntil is no seed, and one before its validFrom not yet', () => {
    const xml = readFileSync(new URL('../../trust-anchors/root-anchors.xml', import.meta.url), 'utf8').replace(
      'id="Klajeyz" validFrom="2017-02-02T00:00:00+00:00"',
      'id="Klajeyz" validFrom="2017-02-02T00:00:00+00:00" validUntil="2027-01-11T00:00:00+00:00"'
    )
    const seeds = (now: number) => validAnchors(readRootAnchorsXml(xml), now).map(({ keyTag }) => keyTag)
    expect(seeds(Date.UTC(2024, 0, 1))).toEqual([20326])
    expect(seeds(Date.UTC(2026, 0, 1))).toEqual([20326, 38696])
    expect(seeds(Date.UTC(2027, 0, 11))).toEqual([38696])
  })
})

function answered(query: Uint8Array, rcode: number): Uint8Array {
  const { id, question } = parseMessage(query)
  return buildMessage({ id, question, rcode, aa: true })
}
