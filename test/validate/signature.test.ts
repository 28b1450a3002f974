// One RRSIG over one RRset by keys that are trusted already: the good case, each guard, and one bit changed in every field.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseBackend } from '../../src/crypto/choose.js'
import { checkSignatures, keyFault, signedBy } from '../../src/validate/signature.js'
import { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import { readRrsig } from '../../src/wire/rdata/rrsig.js'
import type { Rrset } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { decoyOf, redress, SIGNING_ALGORITHMS, zoneKey } from '../world/keys.js'
import { flipBit } from '../world/signer.js'
import { taskAt, withBitFlipped, withSignatureFlipped } from './judging.js'
import { KEY, keySet, NOON, signed, trusting, ZONE } from './signing.js'

const LINES = ['a.test. 3600 A 192.0.2.1', 'a.test. 3600 A 192.0.2.2']
const check = (rrset: Rrset, task = taskAt(NOON), keys = trusting()) => checkSignatures(rrset, keys, task)
const bogus = (kind: string): object => ({ status: 'bogus', reason: { kind } })

describe('the good case', () => {
  it('names the signer, its key and the end of the signature', () => {
    const { keyTag, algorithm } = KEY
    const proof = { by: 'signature', signer: ZONE, keyTag, algorithm, expiration: NOON + 86_400 }
    expect(check(signed(LINES))).toEqual({ status: 'secure', proof, ttl: 3600 })
  })

  it.each(SIGNING_ALGORITHMS.map((algorithm) => ({ algorithm })))('algorithm $algorithm, by both backends', ({ algorithm }) => {
    const key = zoneKey('test', algorithm)
    const rrset = signed(LINES, {}, [key])
    for (const name of ['native', 'noble'] as const) {
      const task = { ...taskAt(NOON, {}, { sha1: true }), crypto: chooseBackend(name) }
      expect(checkSignatures(rrset, trusting(key), task), name).toMatchObject({ status: 'secure' })
      expect(checkSignatures(withBitFlipped(rrset, 3), trusting(key), task), name).toMatchObject(bogus('signatureWrong'))
      expect(checkSignatures(withSignatureFlipped(rrset, 11), trusting(key), task), name).toMatchObject(bogus('signatureWrong'))
    }
  })

  it.each([
    { what: 'the letter case of the owner', change: (rrset: Rrset) => ({ ...rrset, owner: nameFromText('A.tEST') }) },
    { what: 'the order of the records (RFC 4034 6.3)', change: (rrset: Rrset) => ({ ...rrset, rdatas: [...rrset.rdatas].reverse() }) },
    { what: 'a record told twice (RFC 4034 6.3)', change: (rrset: Rrset) => ({ ...rrset, rdatas: [...rrset.rdatas, rrset.rdatas[0]] }) },
    { what: 'a TTL that counted down (RFC 4035 5.3.2)', change: (rrset: Rrset) => ({ ...rrset, ttl: 7 }) }
  ])('$what does not matter', ({ change }) => {
    expect(check(change(signed(LINES)))).toMatchObject({ status: 'secure' })
  })
})

describe('guards', () => {
  it.each([
    { what: 'another type covered', faults: { typeCovered: TYPE.TXT }, kind: 'signatureMalformed' },
    { what: 'the parent as signer', faults: { signer: Name.root }, kind: 'signerWrong' },
    { what: 'a name below the zone as signer', faults: { signer: nameFromText('a.test') }, kind: 'signerWrong' },
    { what: 'a stranger as signer', faults: { signer: nameFromText('evil') }, kind: 'signerWrong' },
    { what: 'more labels than the owner', faults: { labels: 3 }, kind: 'labelsWrong' },
    { what: 'fewer labels than the signer (CVE-2026-44690)', faults: { labels: 0 }, kind: 'labelsWrong' },
    { what: 'a validity that has ended', faults: { expiration: NOON - 1 }, kind: 'signatureExpired' },
    { what: 'a validity still to come', faults: { inception: NOON + 1 }, kind: 'signatureNotYetValid' },
    { what: 'an end before the beginning', faults: { inception: NOON + 9, expiration: NOON + 1 }, kind: 'signatureExpiredBeforeValid' },
    { what: 'a key tag that no key has', faults: { keyTag: (KEY.keyTag + 1) & 0xffff }, kind: 'keyMissing' },
    { what: 'an algorithm that its key does not have', faults: { algorithm: 15 }, kind: 'keyMissing' },
    { what: 'an algorithm that is not supported', faults: { algorithm: 200 }, kind: 'signatureUnsupported' },
    { what: 'another owner signed', faults: { owner: nameFromText('b.test') }, kind: 'signatureWrong' },
    { what: 'a signature cut short', faults: { corrupt: (octets: Uint8Array) => octets.slice(1) }, kind: 'signatureWrong' },
    { what: 'a signature of no octets', faults: { corrupt: () => new Uint8Array() }, kind: 'signatureWrong' },
    {
      what: 'a signature with octets behind it',
      faults: { corrupt: (octets: Uint8Array) => Uint8Array.of(...octets, 0) },
      kind: 'signatureWrong'
    }
  ])('$what is refused', ({ faults, kind }) => {
    expect(check(signed(LINES, faults))).toMatchObject(bogus(kind))
  })

  it('an RRset without RRSIG, and one outside the zone', () => {
    expect(check({ ...signed(LINES), signatures: [] })).toMatchObject(bogus('signatureMissing'))
    expect(check(signed(['a.other. A 192.0.2.1']))).toMatchObject(bogus('signerWrong'))
  })

  it.each([
    { what: 'no Zone Key bit', fields: { flags: 1 }, kind: 'zoneKeyBitClear' },
    { what: 'another protocol', fields: { protocol: 2 }, kind: 'keyProtocolWrong' },
    { what: 'revoked', fields: { flags: 0x0181 }, kind: 'keyRevoked' },
    { what: 'too short', fields: { publicKey: new Uint8Array(63) }, kind: 'keyUnusable' }
  ])('a key with $what validates nothing', ({ fields, kind }) => {
    const key = redress(KEY, fields)
    expect(keyFault(readDnskey(key.rdata), taskAt(NOON))).toMatchObject({ kind })
    // trusted beside a good one, as in a DNSKEY RRset that the good one signs
    const other = zoneKey('test', 13, { serial: 'good' })
    expect(check(signed(LINES, {}, [key]), taskAt(NOON), trusting(other, key))).toMatchObject(bogus(kind))
    expect(keyFault(readDnskey(KEY.rdata), taskAt(NOON))).toBeUndefined()
  })

  it('SHA-1 holds only where it is allowed (RFC 9905 2)', () => {
    const key = zoneKey('test', 7)
    const rrset = signed(LINES, {}, [key])
    expect(checkSignatures(rrset, trusting(key), taskAt(NOON))).toMatchObject(bogus('signatureUnsupported'))
    expect(checkSignatures(rrset, trusting(key), taskAt(NOON, {}, { sha1: true }))).toMatchObject({ status: 'secure' })
  })
})

describe('signatures of unsupported algorithms', () => {
  const unassigned = signed(LINES, { algorithm: 200 }).signatures

  it('alone are told as such (RFC 8914 4.2)', () => {
    const verdict = checkSignatures({ ...signed(LINES), signatures: unassigned }, trusting(), taskAt(NOON))
    expect(verdict).toMatchObject({ status: 'bogus', reason: { kind: 'signatureUnsupported', code: 1 } })
  })

  it('beside others say less than those, and take nothing from a good one', () => {
    const good = signed(LINES)
    expect(checkSignatures({ ...good, signatures: [...unassigned, ...good.signatures] }, trusting(), taskAt(NOON)).status).toBe('secure')
    const expired = signed(LINES, { expiration: NOON - 1 })
    const both = { ...good, signatures: [...unassigned, ...expired.signatures] }
    expect(checkSignatures(both, trusting(), taskAt(NOON))).toMatchObject(bogus('signatureExpired'))
  })
})

describe('one bit', () => {
  it('changed anywhere in the RRSIG or the rdata, no RRset is secure', () => {
    const rrset = signed(LINES)
    const keys = trusting()
    const [signature] = rrset.signatures
    fc.assert(
      fc.property(fc.nat(signature.rdata.length * 8 - 1), (bit) => {
        const rdata = signature.rdata.slice()
        rdata[bit >> 3] ^= 1 << (bit & 7)
        // letter case in the signer's name does not count (RFC 4034 6.2)
        fc.pre(!((bit & 7) === 5 && bit >> 3 > 18 && bit >> 3 < 23))
        let changed: Rrset
        try {
          changed = { ...rrset, signatures: [readRrsig(rdata, 3600)] }
        } catch {
          return
        }
        expect(checkSignatures(changed, keys, taskAt(NOON)).status).not.toBe('secure')
      }),
      { numRuns: 300 }
    )
    for (let at = 0; at < 32; at++) expect(check(withBitFlipped(rrset, at)).status).toBe('bogus')
  })
})

describe('time', () => {
  const at = (inception: number, expiration: number, now: number) => check(signed(LINES, { inception, expiration }), taskAt(now))
  const top = 0xffff_ffff

  it.each([
    { what: 'around 2038', now: 0x8000_0000 },
    { what: 'around 2106', now: 0x1_0000_0000 }
  ])('8 dates are serial numbers $what (RFC 4034 3.1.5, RFC 1982)', ({ now }) => {
    const low = (n: number): number => n & top
    expect(at(low(now - 9) >>> 0, low(now + 9) >>> 0, now)).toMatchObject({ status: 'secure' })
    expect(at(low(now + 1) >>> 0, low(now + 9) >>> 0, now)).toMatchObject(bogus('signatureNotYetValid'))
    expect(at(low(now - 9) >>> 0, low(now - 1) >>> 0, now)).toMatchObject(bogus('signatureExpired'))
  })

  it('7, 52 the first and the last second count, and no second more (RFC 4035 5.3.1)', () => {
    expect(at(NOON, NOON, NOON)).toMatchObject({ status: 'secure', ttl: 0 })
    expect(at(NOON, NOON, NOON + 1)).toMatchObject(bogus('signatureExpired'))
    expect(at(NOON, NOON, NOON - 1)).toMatchObject(bogus('signatureNotYetValid'))
  })
})

describe('TTL (RFC 4035 5.3.3)', () => {
  it.each([
    { what: 'the RRset', ttl: 100, faults: {}, expected: 100 },
    { what: 'the RRSIG', ttl: 3600, faults: { ttl: 90, originalTtl: 3600 }, expected: 90 },
    { what: 'Original TTL', ttl: 3600, faults: { originalTtl: 80 }, expected: 80 },
    { what: 'the time that is left', ttl: 3600, faults: { expiration: NOON + 70 }, expected: 70 }
  ])('is capped by $what', ({ ttl, faults, expected }) => {
    const rrset = { ...signed(['a.test. 3600 A 192.0.2.1'], faults), ttl }
    expect(check(rrset)).toMatchObject({ status: 'secure', ttl: expected })
  })
})

describe('wildcards', () => {
  const wildcard = signed(['*.w.test. 3600 A 192.0.2.1'])
  const at = (owner: string): Rrset => ({ ...wildcard, owner: nameFromText(owner) })

  it('what was made from one says so, with the name above it (RFC 4035 5.3.4)', () => {
    expect(check(at('m.w.test'))).toMatchObject({ status: 'secure', proof: { closestEncloser: nameFromText('w.test') } })
    expect(check(at('b.m.w.test'))).toMatchObject({ status: 'secure', proof: { closestEncloser: nameFromText('w.test') } })
  })

  it('the wildcard itself is an exact match (RFC 4592 2.3)', () => {
    const verdict = check(wildcard)
    expect(verdict).toMatchObject({ status: 'secure' })
    expect(verdict.status === 'secure' && verdict.proof.closestEncloser).toBeUndefined()
  })

  it('beside or above the wildcard it does not hold', () => {
    for (const owner of ['m.x.test', 'w.test', 'test']) expect(check(at(owner)).status, owner).toBe('bogus')
  })
})

describe('several signatures', () => {
  const both = (...sets: Rrset[]): Rrset => ({ ...sets[0], signatures: sets.flatMap(({ signatures }) => signatures) })

  it('one that holds is enough, wherever it stands (RFC 4035 5.3.3)', () => {
    const broken = signed(LINES, { corrupt: flipBit })
    expect(check(both(broken, signed(LINES)))).toMatchObject({ status: 'secure' })
    expect(check(both(signed(LINES), broken))).toMatchObject({ status: 'secure' })
  })

  it('one over the owner counts before one over a wildcard with the same data (RFC 4035 5.3.4)', () => {
    const exact = signed(['m.w.test. 3600 A 192.0.2.1'])
    const wildcard = signed(['*.w.test. 3600 A 192.0.2.1'])
    for (const set of [both(exact, wildcard), { ...both(wildcard, exact), owner: exact.owner }]) {
      expect(check(set)).toMatchObject({ status: 'secure' })
      expect(check(set)).not.toHaveProperty('proof.closestEncloser')
    }
    const broken = signed(['m.w.test. 3600 A 192.0.2.1'], { corrupt: flipBit })
    expect(check(both(broken, wildcard))).toMatchObject({ status: 'secure', proof: { closestEncloser: nameFromText('w.test') } })
  })

  it('a key that shares its tag with another costs no failure for every signature', () => {
    const task = taskAt(NOON, { signatureFailures: 1 })
    const decoy = decoyOf(KEY)
    const keys = { ...trusting(KEY, decoy), keys: [decoy, KEY].map(({ rdata }) => readDnskey(rdata)) }
    for (let i = 0; i < 5; i++) expect(checkSignatures(signed(LINES), keys, task)).toMatchObject({ status: 'secure' })
    expect(task.budget.spent('signatureFailures')).toBe(0)
    expect(task.budget.spent('signatureChecks')).toBe(10)
  })

  it('of those that fail the most telling is told', () => {
    const expired = signed(LINES, { expiration: NOON - 1 })
    const stranger = signed(LINES, { signer: nameFromText('evil') })
    expect(check(both(stranger, expired))).toMatchObject(bogus('signatureExpired'))
    expect(check(both(expired, signed(LINES, { corrupt: flipBit })))).toMatchObject(bogus('signatureWrong'))
  })

  it('two keys of one tag are both tried, more than the limit are not (CVE-2023-50387)', () => {
    const decoys = [0, 1].map((serial) => decoyOf(KEY, serial))
    expect(check(signed(LINES), taskAt(NOON), trusting(KEY, decoys[0]))).toMatchObject({ status: 'secure' })
    const task = taskAt(NOON, { keysPerTag: 1 })
    const keys = { ...trusting(KEY, ...decoys), keys: [...decoys, KEY].map(({ rdata }) => readDnskey(rdata)) }
    expect(checkSignatures(signed(LINES), keys, task)).toMatchObject(bogus('signatureWrong'))
    expect(task.budget.spent('signatureChecks')).toBe(1)
  })

  it('a spent budget is a limit and never a verdict on the data', () => {
    expect(check(signed(LINES), taskAt(NOON, { signatureChecks: 0 }))).toMatchObject(bogus('limitReached'))
    const task = taskAt(NOON, { signatureFailures: 0 })
    expect(check(both(signed(LINES, { corrupt: flipBit }), signed(LINES)), task)).toMatchObject(bogus('limitReached'))
  })
})

describe('signedBy', () => {
  it('tells which keys sign a set, revoked ones among them, and trusts none (RFC 5011 2.1)', () => {
    const revoked = redress(KEY, { flags: 0x0181 })
    const other = zoneKey('test', 13, { serial: 'other' })
    const set = keySet([revoked, other], {}, [revoked])
    const keys = [revoked, other].map(({ rdata }) => readDnskey(rdata))
    expect(signedBy(set, keys, taskAt(NOON)).map(({ key }) => key.keyTag)).toEqual([revoked.keyTag])
    expect(signedBy(withSignatureFlipped(set, 5), keys, taskAt(NOON))).toEqual([])
    expect(signedBy(set, keys, taskAt(NOON + 100_000))).toEqual([])
    expect(signedBy(set, keys, taskAt(NOON, { signatureChecks: 0 }))).toEqual([])
    expect(signedBy(keySet([KEY], { labels: 0 }), [readDnskey(KEY.rdata)], taskAt(NOON))).toEqual([])
  })
})
