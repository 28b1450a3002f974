import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeStates } from '../../src/anchors/merge.js'
import { AnchorTextError } from '../../src/anchors/parse.js'
import { startPoint, type TrackedKey, type TrustPoint } from '../../src/anchors/rfc5011.js'
import { readState, writeState } from '../../src/anchors/state.js'
import { Name } from '../../src/wire/name.js'
import { nameFromText } from '../../src/wire/text.js'
import { DAY, key, revokedForm, START, Watched } from './fixtures.js'

const [k1, k2] = [key(1), key(2)]
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const plain = `. IN DNSKEY 257 3 13 ${base64(k1.publicKey)}`

function watched(): Watched {
  return new Watched([k1, key(5)])
    .sees(0, { keys: [k1, key(5)], by: [k1] })
    .sees(DAY, { keys: [k1, k2, revokedForm(key(5))], by: [k1, revokedForm(key(5))], ttl: 40 * 86_400 })
    .fails(12_345)
}

describe('the text of a state', () => {
  it('reads back the same, whatever happened before', () => {
    const { point } = watched()
    expect(readState(writeState([point]), 0)).toEqual([point])
    const deleted = new Watched([k1]).sees(5, { keys: [revokedForm(k1)], by: [revokedForm(k1)] }).point
    expect(deleted.deletedAt).toBeDefined()
    expect(readState(writeState([deleted]), 0)).toEqual([deleted])
    const islands = [point, { ...startPoint(nameFromText('a\\;b\\ c.example'), { keys: [k2] }, START) }]
    expect(readState(writeState(islands), 0)).toEqual(islands)
    const ds = { keyTag: 0xfffe, algorithm: 8, digestType: 2, digest: Uint8Array.from({ length: 32 }, (_, i) => i * 8) }
    const fresh = startPoint(Name.root, { ds: [ds] }, START)
    expect(readState(writeState([fresh]), 0)).toEqual([fresh])
  })

  it('reads back the same for any sequence of sightings', () => {
    const keys = [k1, k2, key(3), revokedForm(k1), revokedForm(k2)]
    const sighting = fc.record({ days: fc.nat(40), keys: fc.subarray(keys), by: fc.subarray(keys) })
    fc.assert(
      fc.property(fc.array(sighting, { maxLength: 8 }), (sightings) => {
        const it = new Watched([k1, k2])
        for (const { days, ...seen } of sightings) it.sees(days * DAY, seen)
        expect(readState(writeState([it.point]), 0)).toEqual([it.point])
      }),
      { numRuns: 200 }
    )
  })

  it('has one DNSKEY line a key, with state, tag and times for a person to read', () => {
    const lines = writeState([watched().point]).split('\n')
    expect(lines.filter((line) => / IN DNSKEY /.test(line) && !line.startsWith(';'))).toHaveLength(3)
    expect(lines.find((line) => line.includes('; ADDPEND'))).toMatch(
      new RegExp(
        `^\\. 0 IN DNSKEY 257 3 13 \\S+ ; ADDPEND keytag=${k2.keyTag} since=2025-01-12T00:00:00.000Z .*seen=1 holdDown=3456000 ;;state=1 ;;count=1 ;;lastchange=\\d+$`
      )
    )
  })
})

describe('reading', () => {
  it('takes plain DS and DNSKEY lines for a first start, comments, RRSIGs and several zones with them', () => {
    const text = `; from the operator\n${plain} ; key tag 1\n\nexample.org. 3600 IN DS 7 13 2 ${'ab'.repeat(32)}\n`
    const points = readState(text, START)
    expect(points.map(({ zone, keys, ds, started, nextProbe }) => [zone.isRoot, keys.length, ds.length, started, nextProbe])).toEqual([
      [true, 1, 0, false, START],
      [false, 0, 1, false, START]
    ])
    expect(points[0].keys[0].state).toBe('VALID')
  })

  it("takes Unbound's file, with its states and times", () => {
    const text = [
      '; autotrust trust anchor file',
      ';;id: . 1',
      ';;last_queried: 1258962400 ;;Mon Nov 23 07:46:40 2009',
      ';;last_success: 1258962300 ;;Mon Nov 23 07:45:00 2009',
      ';;next_probe_time: 1258967360 ;;Mon Nov 23 09:09:20 2009',
      ';;query_failed: 2',
      ';;query_interval: 5400',
      ';;retry_time: 3601',
      `.\t10800\tIN\tDNSKEY\t257 3 13 ${base64(k1.publicKey)} ;{id = 1 (ksk), size = 512b} ;;state=2 [  VALID  ] ;;count=0 ;;lastchange=1256370400 ;;Sat`,
      `.\t10800\tIN\tDNSKEY\t257 3 13 ${base64(k2.publicKey)} ;{id = 2 (ksk), size = 512b} ;;state=1 [ ADDPEND ] ;;count=3 ;;lastchange=1256370500 ;;Sat`
    ].join('\n')
    const [point] = readState(text, 0)
    expect(point).toMatchObject({
      started: true,
      lastProbe: 1_258_962_400_000,
      lastSuccess: 1_258_962_300_000,
      nextProbe: 1_258_967_360_000,
      failures: 2,
      queryInterval: 5400,
      retryTime: 3601
    })
    expect(point.keys.map(({ state, since, seen, holdDown }) => [state, since, seen, holdDown])).toEqual([
      ['VALID', 1_256_370_400_000, 0, 0],
      ['ADDPEND', 1_256_370_500_000, 3, 30 * 86_400]
    ])
    expect(readState(writeState([point]), 0)).toEqual([point])
  })

  const good = writeState([watched().point])
  it.each<[string, string]>([
    ['an empty text', ''],
    ['only comments', '; nothing\n'],
    ['no records', 'hello world'],
    ['another type', '. IN A 192.0.2.1'],
    ['a key whose base64 is cut off', plain.slice(0, -3)],
    ['a state cut off after a line', good.split('\n').slice(0, -3).join('\n')],
    ['a state without its last line', good.replace(/^; end.*$/m, '')],
    ['a state with a line lost in the middle', good.replace(/^.*; VALID.*\n/m, '')],
    ['a later format', good.replace('format 1', 'format 2')],
    ['a state that is not one of the six', good.replace('; ADDPEND', '; ADDPENDING')],
    ['a key without a state beside others', `. IN DNSKEY 257 3 13 ${base64(k2.publicKey)} ;;state=2 [  VALID  ]\n${plain}`],
    ['a revoked key that claims to be VALID', good.replace('; REVOKED', '; VALID').replace('state=4', 'state=2')],
    ['a trusted key with the word REVOKED', good.replace('; VALID', '; REVOKED').replace('state=2', 'state=4')],
    ['a key with two states', good.replace('; VALID', '; MISSING')],
    ['a time that is none', good.replace(/since=\S+/, 'since=yesterday')],
    ['a number that is none', good.replace(/failures=\d+/, 'failures=many')],
    ['a zone that no line introduces', good.replace(/^; trust point .*$/m, '; trust point example. started=yes')],
    ['all keys revoked, without the mark of a deletion', `. IN DNSKEY 385 3 13 ${base64(k1.publicKey)} ;;state=4 [ REVOKED ]`],
    ['a deletion beside a trusted key', `;;REVOKED\n${plain} ;;state=2 [  VALID  ]`],
    ['a state number beyond RFC 5011', `${plain} ;;state=7`]
  ])('refuses %s', (_, text) => {
    expect(() => readState(text, 0)).toThrow(AnchorTextError)
  })
})

describe('two states of one trust point', () => {
  const point = (lastSuccess: number, ...keys: TrackedKey[]): TrustPoint => ({
    ...startPoint(Name.root, {}, 0),
    started: true,
    lastProbe: lastSuccess,
    lastSuccess,
    keys
  })
  const tracked = (one: typeof k1, state: TrackedKey['state']): TrackedKey => ({ key: one, state, since: 0, seen: 0, holdDown: 0 })
  const states = (points: TrustPoint[]) => points[0].keys.map(({ key: one, state }) => `${one.keyTag} ${state}`).sort()

  it('lose no key that became VALID in either', () => {
    const old = point(1, tracked(k1, 'VALID'))
    const knows = point(2, tracked(k1, 'VALID'), tracked(k2, 'VALID'))
    const waits = point(3, tracked(k1, 'VALID'), tracked(k2, 'ADDPEND'))
    for (const [a, b] of [
      [old, knows],
      [knows, old],
      [waits, knows],
      [knows, waits]
    ]) {
      expect(states(mergeStates([a], [b]))).toEqual([`${k1.keyTag} VALID`, `${k2.keyTag} VALID`].sort())
    }
  })

  it('lose no revocation, and are deleted when nothing trusted is left', () => {
    const gone = revokedForm(k1)
    const stale = point(9, tracked(k1, 'VALID'))
    const knows = point(2, tracked(gone, 'REVOKED'), tracked(k2, 'VALID'))
    expect(states(mergeStates([stale], [knows]))).toEqual([`${gone.keyTag} REVOKED`, `${k2.keyTag} VALID`].sort())
    expect(mergeStates([stale], [{ ...point(2, tracked(gone, 'REVOKED')), deletedAt: 2 }])[0]).toMatchObject({ deletedAt: 2 })
  })

  it('take a pending key from the later set, present or not', () => {
    const waits = point(2, tracked(k1, 'VALID'), tracked(k2, 'ADDPEND'))
    const without = point(3, tracked(k1, 'VALID'))
    expect(states(mergeStates([waits], [without]))).toEqual([`${k1.keyTag} VALID`])
    expect(states(mergeStates([{ ...waits, lastSuccess: 4 }], [without]))).toHaveLength(2)
  })

  it('keep the trust points that only one has', () => {
    const island = startPoint(nameFromText('example'), { keys: [k2] }, 0)
    expect(mergeStates([point(1, tracked(k1, 'VALID'))], [island])).toHaveLength(2)
  })
})
