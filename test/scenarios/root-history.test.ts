// The root's keys from 2014 to 2027 as a resolver sees them that probes all the way: the real sets on their dates, then sets
// of test keys through the switch to key 38696 on 2026-10-11 and the revocation of key 20326 on 2027-01-11. With ANCHOR_STORY
// set it prints the states from date to date.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AnchorReport, createResolver, memoryAnchorStore, type Resolver } from '../../src/index.js'
import { TYPE } from '../../src/wire/numbers.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import { nameFromText } from '../../src/wire/text.js'
import { type HandClock, handClock } from '../world/clock.js'
import { dsLine, type ZoneKey } from '../world/keys.js'
import { memoryTransport } from '../world/net.js'
import { ksk, revoked, zsk } from '../world/rolling.js'
import { hasRealData, type Moment, madeMoment, realMoments, rootShowing } from './root-calendar.js'

const DAY = 86_400_000
// Resolvers that cannot confirm their anchor for months say so aloud, as they should.
beforeAll(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {}))
afterAll(() => void vi.restoreAllMocks())
const SERVER = '192.0.2.53'
const DS: Readonly<Record<number, string>> = {
  19036: '. IN DS 19036 8 2 49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5',
  20326: '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D',
  38696: '. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16'
}
const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const summary = (rows: readonly AnchorReport[], names: ReadonlyMap<number, string> = new Map()): string =>
  rows
    .map(({ keyTag, state }) => `${names.get(keyTag) ?? keyTag} ${state}`)
    .sort()
    .join(', ')

interface Run {
  readonly clock: HandClock
  readonly store: ReturnType<typeof memoryAnchorStore>
  readonly resolver: Resolver
  show(moment: Moment): void
}

function start(anchors: readonly string[], text?: string): Run {
  let shown: Moment
  const clock = handClock(0)
  const store = memoryAnchorStore(text)
  const transport = memoryTransport(new Map([[SERVER, (query, protocol) => rootShowing(shown)(query, protocol)]]))
  const resolver = createResolver({
    trustAnchors: anchors,
    trustAnchorStore: store,
    stubZones: [{ name: '.', servers: [{ address: SERVER }] }],
    transport,
    clock: clock.now
  })
  return {
    clock,
    store,
    resolver,
    show: (moment) => {
      shown = moment
      clock.set(moment.at)
    }
  }
}

/** Each date on which a state changed, with the states from then on. */
async function follow(run: Run, moments: readonly Moment[], names?: ReadonlyMap<number, string>): Promise<[string, string][]> {
  const changes: [string, string][] = []
  for (const moment of moments) {
    run.show(moment)
    await run.resolver.refreshTrustAnchors({ all: true })
    const states = summary(run.resolver.trustAnchors(), names)
    if (states !== changes.at(-1)?.[1]) changes.push([date(moment.at), states])
  }
  return changes
}

// Test keys that stand for the real ones where nobody but the root can sign.
const [k2010, k2017, k2024] = [ksk(2010, 8), ksk(2017, 8), ksk(2024, 8)]
const standIns: ReadonlyMap<number, ZoneKey> = new Map([
  [20326, k2017],
  [38696, k2024]
])
const NAMES: ReadonlyMap<number, string> = new Map([
  [k2010.keyTag, 'KSK-2010'],
  [revoked(k2010).keyTag, 'KSK-2010'],
  [k2017.keyTag, 'KSK-2017'],
  [revoked(k2017).keyTag, 'KSK-2017'],
  [k2024.keyTag, 'KSK-2024']
])

const INTRODUCED_2017 = Date.UTC(2017, 6, 11)
const SWITCH_2018 = Date.UTC(2018, 9, 11)
const REVOKED_2010 = Date.UTC(2019, 0, 11)
const GONE_2010 = Date.UTC(2019, 2, 22)
const INTRODUCED_2024 = Date.UTC(2025, 0, 11)
const SWITCH_2026 = Date.UTC(2026, 9, 11)
const REVOKED_2017 = Date.UTC(2027, 0, 11)
const GONE_2017 = Date.UTC(2027, 2, 22)
const END = Date.UTC(2027, 5, 1)

/** What the root shows by its calendar, with test keys. */
function madeAt(at: number): Moment {
  const signing = zsk(Math.floor(at / (91 * DAY)), 8) // rolled every quarter
  const keys: ZoneKey[] = []
  if (at < GONE_2010) keys.push(at < REVOKED_2010 ? k2010 : revoked(k2010))
  if (at >= INTRODUCED_2017 && at < GONE_2017) keys.push(at < REVOKED_2017 ? k2017 : revoked(k2017))
  if (at >= INTRODUCED_2024) keys.push(k2024)
  const signer = at < SWITCH_2018 ? k2010 : at < SWITCH_2026 ? k2017 : k2024
  const revoking = keys.filter(({ flags }) => flags === revoked(k2010).flags)
  return madeMoment(at, [...keys, signing], [signer, ...revoking])
}

function made(from: number, to: number, everyDays: number): Moment[] {
  const moments: Moment[] = []
  for (let at = from; at <= to; at += everyDays * DAY) moments.push(madeAt(at))
  return moments
}

describe.skipIf(!hasRealData)('the real sets on their dates, then test keys (CONFORMANCE_DATA)', () => {
  const real = hasRealData ? realMoments() : []
  const later = made(Date.UTC(2025, 6, 11), END, 10)

  /** The state with the real keys exchanged for those that stand for them: states and times stay. */
  function withStandIns(text: string): string {
    let exchanged = text
    for (const { records } of real) {
      for (const { type, rdata } of records) {
        const standIn = type === TYPE.DNSKEY ? standIns.get(readDnskey(rdata).keyTag) : undefined
        if (standIn) exchanged = exchanged.replaceAll(base64(rdata), base64(standIn.rdata))
      }
    }
    for (const [tag, key] of standIns)
      exchanged = exchanged.replaceAll(String(DS[tag]).slice(5), dsLine('.', nameFromText('.'), key).replace(/^.*? DS /, 'DS '))
    return exchanged
  }
  const base64 = (rdata: Uint8Array): string => Buffer.from(rdata.subarray(4)).toString('base64')

  it('hold every one: by the anchor of then each set validates', async () => {
    expect(real).toHaveLength(1 + 27 + 1 + 1 + 1 + 61)
    for (const moment of real) {
      const run = start([DS[moment.at < SWITCH_2018 ? 19036 : 20326]])
      run.show(moment)
      await run.resolver.refreshTrustAnchors()
      expect(
        run.resolver.trustAnchors().find(({ keyTag }) => keyTag === (moment.at < SWITCH_2018 ? 19036 : 20326))?.state,
        date(moment.at)
      ).toBe('VALID')
      expect(run.resolver.trustAnchors()[0].failures).toBe(0)
    }
  })

  it.each<[string, number[]]>([
    ['2014-06-25', [19036]],
    ['2017-01-02', [19036]],
    ['2017-02-12', [19036, 20326]],
    ['2017-07-12', [19036]],
    ['2017-07-12', [19036, 20326]],
    ['2017-09-02', [20326]],
    ['2018-08-02', [20326]],
    ['2018-08-02', [19036, 20326]],
    ['2023-11-04', [20326]],
    ['2024-08-01', [20326]],
    ['2024-08-01', [20326, 38696]],
    ['2024-08-01', [38696]],
    ['2025-01-11', [20326]],
    ['2025-04-01', [38696]],
    ['2025-06-01', [20326, 38696]]
  ])('from %s with %j: the right keys in the end', async (from, tags) => {
    const first = Date.parse(from)
    const seen = real.filter(({ at }) => at >= first)
    const run = start(tags.map((tag) => DS[tag]))
    const changes = await follow(run, seen)
    const before = changes.at(-1)?.[1]
    const continued = start([], withStandIns(String(await run.store.load())))
    const names = new Map([...NAMES, [19036, '19036'] as const])
    const after = await follow(
      continued,
      later,
      new Map([...names].map(([tag, name]) => [tag, name === 'KSK-2017' ? '20326' : name === 'KSK-2024' ? '38696' : name]))
    )
    console.log(
      [`from ${from} with ${tags.join(' and ')}:`, ...[...changes, ...after].map(([when, states]) => `  ${when}  ${states}`)].join('\n')
    )

    const waits = tags.length === 1 && tags[0] === 38696 // it signs from 2026-10-11 on
    if (!waits) expect(before).toMatch(/20326 VALID, 38696 VALID$/)
    expect(on(after, SWITCH_2026 - 1) ?? '').toMatch(waits ? /^38696 DS$/ : /20326 VALID, 38696 VALID$/)
    expect(on(after, REVOKED_2017 - 1)).toMatch(/20326 VALID, 38696 VALID$/)
    expect(on(after, REVOKED_2017 + 10 * DAY)).toMatch(/20326 REVOKED, 38696 VALID$/)
    // Of key 19036 no data shows the revocation of 2019, so who started with it misses it and keeps it.
    expect(after.at(-1)?.[1]).toMatch(/^(19036 MISSING, )?20326 REMOVED, 38696 VALID$/)
    const trusted = continued.resolver.trustAnchors().filter(({ state }) => state === 'VALID' || state === 'MISSING')
    expect(trusted.map(({ keyTag }) => keyTag).sort((a, b) => a - b)).toEqual(
      [...(tags.includes(19036) ? [19036] : []), k2024.keyTag].sort((a, b) => a - b)
    )
  })

  it('key 20326 waits from 2017-07-12 on and key 38696 from 2025-01-11 on, each for 30 days', async () => {
    const changes = await follow(start([DS[19036]]), real)
    const first = (pattern: RegExp): string => changes.find(([, states]) => pattern.test(states))?.[0] ?? ''
    expect(first(/20326 ADDPEND/)).toBe('2017-07-12')
    expect(first(/20326 VALID/)).toBe('2017-08-11') // the first slot that is seen 30 days later
    expect(first(/38696 ADDPEND/)).toBe('2025-01-11')
    expect(first(/38696 VALID/)).toBe('2025-02-20') // the first snapshot of the zone 30 days later
  })
})

const on = (changes: readonly (readonly [string, string])[], at: number): string | undefined =>
  changes.filter(([when]) => Date.parse(when) <= at).at(-1)?.[1]

describe('the calendar from 2017 to 2027 with test keys', () => {
  const moments = made(Date.UTC(2017, 3, 2), END, 15)
  const line = (key: ZoneKey): string => dsLine('.', nameFromText('.'), key)
  /** When a key could be had as a trust anchor (root-anchors.xml), and no more. */
  const anchors: readonly [ZoneKey, number, number][] = [
    [k2010, 0, REVOKED_2010],
    [k2017, Date.UTC(2017, 1, 2), REVOKED_2017],
    [k2024, Date.UTC(2024, 6, 18), Number.POSITIVE_INFINITY]
  ]
  const starts: [string, string, readonly ZoneKey[]][] = []
  for (let at = Date.UTC(2017, 3, 2); at < Date.UTC(2027, 1, 1); at += 182 * DAY) {
    const valid = anchors.filter(([, from, until]) => from <= at && at < until).map(([key]) => key)
    for (const keys of [...valid.map((key) => [key]), ...(valid.length > 1 ? [valid] : [])]) {
      // Who had but the old anchor so late that the new one could not wait 30 days before the switch is cut off, as RFC 5011 says.
      const late =
        keys.length === 1 && ((keys[0] === k2010 && at > SWITCH_2018 - 31 * DAY) || (keys[0] === k2017 && at > SWITCH_2026 - 31 * DAY))
      if (!late) starts.push([date(at), keys.map((key) => NAMES.get(key.keyTag)).join(' and '), keys])
    }
  }

  it.each(starts)('from %s with %s ends with KSK-2024 alone', async (from, _, keys) => {
    const run = start(keys.map(line))
    const changes = await follow(
      run,
      moments.filter(({ at }) => at >= Date.parse(from)),
      NAMES
    )
    const final = changes.at(-1)?.[1] ?? ''
    expect(final).toMatch(/KSK-2024 VALID$/)
    expect(final.replace(/KSK-20(10|17) REMOVED(, )?/g, '')).toBe('KSK-2024 VALID')
  })

  it('with KSK-2017 alone, first started in the month before the switch, is bogus after it and says what to do', async () => {
    const run = start([line(k2017)])
    await follow(run, made(Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 12), 10))
    run.show(madeAt(SWITCH_2026 + DAY))
    const answer = await run.resolver.resolveSecure('.', 'DNSKEY')
    expect([answer.status, answer.reason?.code]).toEqual(['bogus', 10])
    expect(answer.reason?.text).toMatch(new RegExp(`${k2017.keyTag}.*needs a new trust anchor`))
  })
})
