import { describe, expect, it } from 'vitest'
import { probeDue, queryInterval, retryTime } from '../../src/anchors/probe.js'
import { ADD_HOLD_DOWN, anchorOf, MAX_KEYS, sameKey, trustedKeys, withoutRevoke } from '../../src/anchors/rfc5011.js'
import { computeKeyTag, type Dnskey, readDnskey, SEP, ZONE_KEY } from '../../src/wire/rdata/dnskey.js'
import type { Ds } from '../../src/wire/rdata/ds.js'
import { DAY, HOUR, key, revokedForm, START, Watched } from './fixtures.js'

const [k1, k2, k3] = [key(1), key(2), key(3)]
const zsk = key(9, ZONE_KEY)
const dsOf = (one: Dnskey): Ds => ({ keyTag: one.keyTag, algorithm: one.algorithm, digestType: 2, digest: new Uint8Array(32) })
const both = { keys: [k1, k2, zsk], by: [k1] }
/** k1 trusted, k2 pending since now. */
const pending = () => new Watched([k1]).sees(0, { keys: [k1, zsk], by: [k1] }).sees(DAY, both)
/** Both VALID. */
const twoValid = () => new Watched([k1, k2]).sees(0, both)

describe('a first start', () => {
  it('by two DS whose keys are both in the set trusts both at once', () => {
    const it = new Watched([], [dsOf(k1), dsOf(k2)]).sees(0, { ...both, ds: [k1, k2] })
    expect([it.state(k1), it.state(k2), it.point.ds]).toEqual(['VALID', 'VALID', []])
  })

  it('by one DS trusts its key and holds the other down', () => {
    const it = new Watched([], [dsOf(k1)]).sees(0, { ...both, ds: [k1] })
    expect([it.state(k1), it.state(k2)]).toEqual(['VALID', 'ADDPEND'])
  })

  it('trusts no key of a DS whose set it did not sign', () => {
    const it = new Watched([], [dsOf(k1)]).sees(0, { keys: [k1, k2], by: [k2], ds: [k1] })
    expect([it.state(k1), it.state(k2), it.point.ds, it.events]).toEqual(['START', 'START', [dsOf(k1)], ['failed']])
    expect(anchorOf(it.point, it.now)?.ds).toEqual([dsOf(k1)])
  })

  it('is over with the first validated set: a DS trusts nothing later', () => {
    expect(twoValid().sees(DAY, { keys: [k3], by: [k3], ds: [k3] }).events).toEqual(['failed'])
  })

  it('by a DS of a key that is revoked by now trusts the other one only', () => {
    const gone = revokedForm(k1)
    const it = new Watched([], [dsOf(k1), dsOf(k2)]).sees(0, { keys: [gone, k2], by: [gone, k2], ds: [gone, k2] })
    expect([it.state(k1), it.state(k2), it.point.ds]).toEqual(['REVOKED', 'VALID', []])
  })

  it('by a DS alone whose key has revoked itself deletes the trust point', () => {
    const gone = revokedForm(k1)
    const it = new Watched([], [dsOf(k1)]).sees(0, { keys: [gone, k2], by: [gone, k2], ds: [gone] })
    expect(it.point.deletedAt).toBe(START)
  })

  it('by a zone-signing key hands over to the SEP keys that sign with it', () => {
    const it = new Watched([zsk]).sees(0, { keys: [k1, k2, zsk], by: [zsk, k1] })
    expect([it.state(zsk), it.state(k1), it.state(k2)]).toEqual(['START', 'VALID', 'ADDPEND'])
  })
})

describe('a new key', () => {
  it('is VALID when its hold-down is over and a validated set holds it, not a second before', () => {
    const early = pending().sees(30 * DAY - 1000, both)
    expect(early.state(k2)).toBe('ADDPEND')
    expect(early.sees(HOUR, both).state(k2)).toBe('VALID')
    expect(
      pending()
        .sees(30 * DAY, both)
        .state(k2)
    ).toBe('VALID')
    expect(
      pending()
        .sees(29 * DAY + 23 * HOUR, both)
        .state(k2)
    ).toBe('ADDPEND')
  })

  it('seen once and then after the hold-down, in a set that a trusted key signed, is VALID', () => {
    const it = pending().sees(31 * DAY, both)
    expect([it.state(k2), it.events]).toEqual(['VALID', [`valid ${k2.keyTag}`]])
  })

  it('waits as long as the Original TTL of the first set that held it, when that is longer than 30 days', () => {
    const ttl = 40 * 86_400
    const it = new Watched([k1]).sees(0, { ...both, ttl }).sees(31 * DAY, { ...both, ttl: 60 })
    expect(it.state(k2)).toBe('ADDPEND')
    expect(it.sees(9 * DAY, both).state(k2)).toBe('VALID')
  })

  it('that is missing once starts all over', () => {
    const it = pending().sees(20 * DAY, { keys: [k1, zsk], by: [k1] })
    expect([it.state(k2), it.events]).toEqual(['START', [`forgotten ${k2.keyTag}`]])
    it.sees(DAY, both).sees(29 * DAY, both)
    expect(it.state(k2)).toBe('ADDPEND')
    expect(it.sees(DAY, both).state(k2)).toBe('VALID')
  })

  it('neither comes nearer nor starts again by a set that does not validate', () => {
    const it = pending().sees(10 * DAY, { keys: [k1, k2], by: [] })
    expect([it.state(k2), it.point.keys[1].seen, it.point.failures]).toEqual(['ADDPEND', 1, 1])
    expect(it.sees(10 * DAY, { keys: [k1], by: [] }).state(k2)).toBe('ADDPEND')
  })

  it('that alone signs its set is not trusted, pending or unknown', () => {
    const it = pending().sees(10 * DAY, { keys: [k2], by: [k2] })
    expect([it.state(k1), it.state(k2), it.events]).toEqual(['VALID', 'ADDPEND', ['failed']])
    expect(it.sees(100 * DAY, { keys: [k2], by: [k2] }).state(k2)).toBe('ADDPEND') // seen in one validated set only
    expect(new Watched([k1]).sees(0, { keys: [k2], by: [k2] }).state(k2)).toBe('START')
    expect(trustedKeys(it.point, it.now)).toEqual([k1])
  })

  it('seen in two validated sets proves itself once the hold-down is over, even if the old key is gone by then', () => {
    const it = pending().sees(10 * DAY, both)
    it.now += 20 * DAY - 1
    expect(trustedKeys(it.point, it.now)).toEqual([k1])
    it.now += 1
    expect(trustedKeys(it.point, it.now)).toEqual([k1, k2])
    expect(it.state(k2)).toBe('ADDPEND') // time alone changes nothing
    it.sees(0, { keys: [k2, zsk], by: [k2] })
    expect([it.state(k1), it.state(k2)]).toEqual(['MISSING', 'VALID'])
  })

  it('of which only a signature is seen, not the key, proves nothing', () => {
    const it = pending()
      .sees(10 * DAY, both)
      .sees(40 * DAY, { keys: [zsk], by: [k2] })
    expect([it.state(k2), it.events]).toEqual(['ADDPEND', ['failed']])
  })

  it('is told from another of the same tag by the whole key', () => {
    // 0x0100 more in one octet and less in another of the same parity: the same tag
    const rdata = k1.rdata.slice()
    rdata[10] += 1
    rdata[12] -= 1
    const twin = readDnskey(rdata)
    expect(twin.keyTag).toBe(k1.keyTag)
    const it = new Watched([k1]).sees(0, { keys: [k1, twin], by: [k1] })
    expect([it.state(k1), it.state(twin)]).toEqual(['VALID', 'ADDPEND'])
    expect(it.sees(DAY, { keys: [twin], by: [twin] }).events).toEqual(['failed'])
  })

  it.each([
    ['without the SEP bit', zsk],
    ['of an unsupported algorithm', key(4, ZONE_KEY | SEP, 157)],
    ['without the Zone Key bit', key(5, SEP)],
    ['that is revoked already', revokedForm(key(6))]
  ])('%s is ignored and blocks nothing', (_, other) => {
    const it = new Watched([k1]).sees(0, { keys: [k1, other, k2], by: [k1, other] })
    expect([it.state(other), it.state(k2)]).toEqual(['START', 'ADDPEND'])
  })

  it('beyond the bound is refused, and those before it are all tracked; a key twice in the set counts once', () => {
    const many = Array.from({ length: MAX_KEYS + 10 }, (_, n) => key(100 + n))
    const it = new Watched([k1]).sees(0, { keys: [k1, k1, ...many, ...many], by: [k1] })
    expect(it.point.keys).toHaveLength(MAX_KEYS)
    expect(it.events.filter((event) => event.startsWith('pending'))).toHaveLength(MAX_KEYS - 1)
    expect(it.sees(31 * DAY, { keys: [k1, ...many], by: [k1] }).point.keys.every(({ state }) => state === 'VALID')).toBe(true)
  })
})

describe('a key roll', () => {
  it('in which the new VALID key signs alone while the old one is still there changes no state', () => {
    const it = twoValid().sees(DAY, { keys: [k1, k2], by: [k2] })
    expect([it.state(k1), it.state(k2), it.events]).toEqual(['VALID', 'VALID', []])
  })

  it('that went by while the new key was pending fails, and keeps the anchors', () => {
    const it = pending().sees(5 * DAY, { keys: [k1, k2], by: [k2] })
    expect([it.events, trustedKeys(it.point, it.now)]).toEqual([['failed'], [k1]])
  })

  it('from one algorithm to another holds the new key down under signatures of the old one', () => {
    const next = key(7, ZONE_KEY | SEP, 15)
    const it = new Watched([k1]).sees(0, { keys: [k1, next], by: [k1, next] }).sees(31 * DAY, { keys: [k1, next], by: [k1, next] })
    expect([it.state(k1), it.state(next)]).toEqual(['VALID', 'VALID'])
    const gone = revokedForm(k1)
    expect(it.sees(DAY, { keys: [gone, next], by: [gone, next] }).state(k1)).toBe('REVOKED')
  })

  it('of a zone-signing key changes no anchor', () => {
    const it = twoValid().sees(DAY, { keys: [k1, k2, key(10, ZONE_KEY)], by: [k1] })
    expect([it.events, it.point.keys.length]).toEqual([[], 2])
  })
})

describe('a revocation', () => {
  const gone = revokedForm(k1)

  it('signed by the key itself is acted on at once', () => {
    const it = twoValid().sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    expect([it.state(k1), it.events]).toEqual(['REVOKED', [`revoked ${gone.keyTag}`]])
    expect(trustedKeys(it.point, it.now)).toEqual([k2])
  })

  it('is acted on although the rest of the set cannot be trusted, which then changes nothing', () => {
    const it = twoValid().sees(DAY, { keys: [gone, k3], by: [gone, k3] })
    expect([it.state(k1), it.state(k2), it.state(k3)]).toEqual(['REVOKED', 'VALID', 'START'])
    expect([it.events, it.point.failures]).toEqual([[`revoked ${gone.keyTag}`, 'failed'], 1])
  })

  it('that the key did not sign is ignored: it stays VALID', () => {
    const it = twoValid().sees(DAY, { keys: [gone, k2], by: [k2] })
    expect([it.state(k1), it.events]).toEqual(['VALID', []])
  })

  it('that is signed but not in the set is none', () => {
    expect(
      twoValid()
        .sees(DAY, { keys: [k1, k2], by: [gone, k2] })
        .state(k1)
    ).toBe('VALID')
    // and such a signature validates nothing either
    expect(twoValid().sees(DAY, { keys: [k2, k3], by: [gone] }).events).toEqual(['failed'])
  })

  it('makes the signature by that key good for nothing else', () => {
    const it = new Watched([k1, k2]).sees(0, both).sees(DAY, { keys: [gone, k2, k3], by: [gone] })
    expect([it.state(k1), it.state(k2), it.state(k3), it.point.failures]).toEqual(['REVOKED', 'VALID', 'START', 1])
  })

  it('is for good: the key without the bit never comes back', () => {
    const it = twoValid().sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    for (let n = 0; n < 40; n++) it.sees(DAY, { keys: [k1, k2], by: [k1, k2] })
    expect(it.state(k1)).toBe('REVOKED')
    expect(it.sees(DAY, { keys: [k1], by: [k1] }).events).toEqual(['failed'])
  })

  it('is for good after the removal too', () => {
    const it = twoValid()
      .sees(DAY, { keys: [gone, k2], by: [gone, k2] })
      .sees(30 * DAY, { keys: [k2], by: [k2] })
    expect([it.state(k1), it.events]).toEqual(['REMOVED', [`removed ${gone.keyTag}`]])
    it.sees(DAY, { keys: [k1, k2], by: [k1, k2] }).sees(40 * DAY, { keys: [k1, k2], by: [k1, k2] })
    expect(it.state(k1)).toBe('REMOVED')
    expect(it.sees(DAY, { keys: [gone, k2], by: [gone, k2] }).state(k1)).toBe('REMOVED')
    expect(trustedKeys(it.point, it.now)).toEqual([k2])
  })

  it('starts the remove hold-down again whenever the key is seen', () => {
    const it = twoValid()
      .sees(DAY, { keys: [gone, k2], by: [gone, k2] })
      .sees(29 * DAY, { keys: [gone, k2], by: [gone, k2] })
    expect(it.sees(29 * DAY, { keys: [k2], by: [k2] }).state(k1)).toBe('REVOKED')
    expect(it.sees(DAY, { keys: [k2], by: [k2] }).state(k1)).toBe('REMOVED')
  })

  it('reaches a key that is missing, and one that is pending', () => {
    const missing = twoValid().sees(DAY, { keys: [k2], by: [k2] })
    expect(missing.sees(DAY, { keys: [gone, k2], by: [gone, k2] }).state(k1)).toBe('REVOKED')
    const off = revokedForm(k2)
    expect(
      pending()
        .sees(DAY, { keys: [k1, off], by: [k1, off] })
        .state(k2)
    ).toBe('REVOKED')
  })

  it('finds its key by the key, when its tag passes 65535 and is not 128 more', () => {
    const one = readDnskey(Uint8Array.of(1, 1, 3, 13, 0xfa, 0x70, 1, 2)) // 0x0101 + 0x030d + 0xfa70 + 0x0102 = 0xff80
    expect(one.keyTag).toBe(0xff80)
    const off = revokedForm(one)
    expect(off.keyTag).toBe(computeKeyTag(off.rdata))
    expect(off.keyTag).not.toBe(one.keyTag + 128)
    expect([sameKey(one, off), withoutRevoke(off).keyTag]).toEqual([true, one.keyTag])
    expect(new Watched([one, k2]).sees(0, { keys: [off, k2], by: [off, k2] }).state(one)).toBe('REVOKED')
  })

  it('of every key deletes the trust point, which is no anchor then and is not probed any more', () => {
    const off = revokedForm(k2)
    const it = twoValid().sees(DAY, { keys: [gone, off], by: [gone, off] })
    expect([it.events.at(-1), it.point.deletedAt, anchorOf(it.point, it.now)]).toEqual(['deleted', it.now, undefined])
    expect(probeDue(it.point, it.now + 1000 * DAY)).toBe(false)
    expect(it.sees(DAY, { keys: [k1, k3], by: [k1, k3] }).events).toEqual([])
    expect([it.state(k1), it.state(k3)]).toEqual(['REVOKED', 'START'])
  })

  it('of every key while one is pending leaves an anchor that nothing matches: fail closed', () => {
    const it = pending().sees(DAY, { keys: [gone, k2], by: [gone, k2] })
    expect([it.state(k1), it.state(k2), it.point.deletedAt]).toEqual(['REVOKED', 'ADDPEND', undefined])
    expect(anchorOf(it.point, it.now)).toMatchObject({ kind: 'positive', ds: [], keys: [] })
    expect(probeDue(it.point, it.now + 15 * DAY)).toBe(true)
  })

  it('undone by an old state file happens again with the next set that shows it', () => {
    const restored = twoValid()
    expect(restored.sees(100 * DAY, { keys: [gone, k2], by: [gone, k2] }).state(k1)).toBe('REVOKED')
  })
})

describe('a missing key', () => {
  it('is MISSING, still trusted however long it is away, and VALID at once when it is back', () => {
    const it = twoValid().sees(DAY, { keys: [k2], by: [k2] })
    expect(it.state(k1)).toBe('MISSING')
    it.sees(400 * DAY, { keys: [k2], by: [k2] })
    expect([it.state(k1), trustedKeys(it.point, it.now)]).toEqual(['MISSING', [k1, k2]])
    expect(it.sees(DAY, { keys: [k1, k2], by: [k1] }).state(k1)).toBe('VALID')
  })

  it('may sign the set that does not hold it; with all of them gone the anchors stay', () => {
    const it = twoValid()
      .sees(DAY, { keys: [zsk], by: [k2, zsk] })
      .sees(370 * DAY, { keys: [zsk], by: [k2, zsk] })
    expect([it.state(k1), it.state(k2), it.point.failures]).toEqual(['MISSING', 'MISSING', 0])
    expect(anchorOf(it.point, it.now)?.keys).toEqual([k1, k2])
  })
})

describe('a probe', () => {
  it('that fails changes no anchor, is counted and retried sooner', () => {
    const it = twoValid().fails(DAY).fails(HOUR)
    expect([it.point.failures, it.point.lastProbe, it.point.lastSuccess]).toEqual([2, it.now, START])
    expect([it.state(k1), it.state(k2)]).toEqual(['VALID', 'VALID'])
    expect(it.point.nextProbe - it.now).toBe(0.9 * 17_280_000)
    expect(it.sees(DAY, both).point.failures).toBe(0)
  })

  it.each([
    ['TTL 172800, 21 days', 172_800, 21, 86_400, 17_280],
    ['TTL 60: the floor of an hour', 60, 21, 3_600, 3_600],
    ['a long TTL: 15 days, retry after a day', 10_000_000, 1000, 1_296_000, 86_400],
    ['signatures about to end', 172_800, 0.5, 21_600, 4_320],
    ['TTL 10800', 10_800, 31, 5_400, 3_600]
  ])('comes at the times of RFC 5011 2.3: %s', (_, ttl, days, interval, retry) => {
    expect([queryInterval(ttl, days * 86_400), retryTime(ttl, days * 86_400)]).toEqual([interval, retry])
    const { point } = new Watched([k1]).sees(0, { ...both, ttl, expiresInDays: days })
    expect([point.queryInterval, point.retryTime]).toEqual([interval, retry])
  })

  it('is spread over the last tenth of the interval, and never sooner than an hour', () => {
    const next = (random: number, ttl: number) => {
      const it = new Watched([k1])
      it.chance = random
      const point = it.sees(0, { ...both, ttl }).point
      return (point.nextProbe - it.now) / 1000
    }
    expect([next(0, 172_800), next(0.5, 172_800), next(0.999999, 172_800)]).toEqual([77_760, 82_080, expect.closeTo(86_400, 0)])
    expect(next(0, 60)).toBe(3_600)
  })

  it('is due at its time, and when a clock that went back puts it out of sight', () => {
    const { point } = twoValid()
    expect([probeDue(point, point.nextProbe - 1), probeDue(point, point.nextProbe)]).toEqual([false, true])
    expect(probeDue(point, START - 365 * DAY)).toBe(true)
  })
})

describe('a clock', () => {
  it('that goes back a year shortens no hold-down', () => {
    const it = pending().sees(-365 * DAY, both)
    expect(it.state(k2)).toBe('ADDPEND')
    expect(it.sees(29 * DAY, both).state(k2)).toBe('ADDPEND')
    expect(it.sees(DAY, both).state(k2)).toBe('VALID')
  })

  it('that goes forward a year makes nothing VALID without a set that shows it', () => {
    const it = pending().fails(365 * DAY)
    expect(it.state(k2)).toBe('ADDPEND')
    expect(it.sees(0, { keys: [k1], by: [k1] }).state(k2)).toBe('START')
  })

  it('that stood still for 40 days while the process was off lets the key in with the first validated set', () => {
    expect(
      pending()
        .sees(40 * DAY, both)
        .state(k2)
    ).toBe('VALID')
  })
})

it('the hold-down is 30 days', () => expect(ADD_HOLD_DOWN * 1000).toBe(30 * DAY))
