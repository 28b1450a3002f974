// From DS and anchors to trusted keys (RFC 4035 5.2), and the signature check under odd clocks and limits, one step at a time.
import { describe, expect, it } from 'vitest'
import { trustByAnchor, trustByDs } from '../../src/validate/keys.js'
import { checkSignatures } from '../../src/validate/signature.js'
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import { readDs } from '../../src/wire/rdata/ds.js'
import type { ResourceRecord, Rrset } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { decoyOf, dsRdata, redress, type ZoneKey, zoneKey } from '../world/keys.js'
import { flipBit, type SignatureFaults, signRrset } from '../world/signer.js'
import { rrsetsOf, taskAt, trustOwnKeys } from './judging.js'

const NOON = 1_790_000_000
const ZONE = nameFromText('test')
const KEY = zoneKey('test', 13)
const OTHER = zoneKey('test', 13, { serial: 2 })
const RSA = zoneKey('test', 8)

function signed(records: readonly ResourceRecord[], by: readonly ZoneKey[], faults?: SignatureFaults): Rrset {
  const fields = { inception: NOON - 86_400, expiration: NOON + 86_400, signer: ZONE }
  return rrsetsOf([...records, ...by.map((key) => signRrset(records, key, fields, faults))])[0]
}
const keySet = (keys: readonly ZoneKey[], by: readonly ZoneKey[] = keys, faults?: SignatureFaults): Rrset =>
  signed(
    keys.map(({ rdata }) => ({ owner: ZONE, type: TYPE.DNSKEY, class: CLASS.IN, ttl: 3600, rdata })),
    by,
    faults
  )
const address = (ttl = 3600): ResourceRecord[] => [
  { owner: nameFromText('a.test'), type: TYPE.A, class: CLASS.IN, ttl, rdata: Uint8Array.of(192, 0, 2, 1) }
]
const trusted = (keys: readonly ZoneKey[] = [KEY]) => trustOwnKeys(ZONE, keySet(keys), taskAt(NOON))
const ds = (...rdatas: readonly Uint8Array[]) => rdatas.map(readDs)
const unknown = (n: number): Uint8Array => dsRdata(ZONE, KEY, 2, { algorithm: 100 + n })
const wrong = (n: number): Uint8Array => dsRdata(ZONE, KEY, 2, { digest: new Uint8Array(32).fill(n) })

describe('DS', () => {
  const good = dsRdata(ZONE, KEY)

  it('more DS of unknown algorithms than are looked at do not hide a known one: their order is not signed (RFC 4035 5.2)', () => {
    const many = Array.from({ length: 12 }, (_, n) => unknown(n))
    expect(trustByDs(ZONE, ds(...many), keySet([KEY]), taskAt(NOON))).toMatchObject({ status: 'insecure' })
    for (const at of [0, 6, 12]) {
      const some = [...many.slice(0, at), good, ...many.slice(at)]
      expect(trustByDs(ZONE, ds(...some), keySet([KEY]), taskAt(NOON)), `good one at ${at}`).toMatchObject({ status: 'secure' })
      expect(trustByDs(ZONE, ds(...some), keySet([OTHER]), taskAt(NOON)), `good one at ${at}`).toMatchObject({ status: 'bogus' })
    }
  })

  it('nor do ones of SHA-1 (RFC 4509 3)', () => {
    const task = () => taskAt(NOON, {}, { sha1: true })
    const many = Array.from({ length: 12 }, () => dsRdata(ZONE, OTHER, 1))
    expect(trustByDs(ZONE, ds(...many, good), keySet([OTHER]), task())).toMatchObject({ status: 'bogus' })
    expect(trustByDs(ZONE, ds(...many, good), keySet([KEY]), task())).toMatchObject({ status: 'secure' })
  })

  it('no more mismatches are worked through than the limit says (CVE-2023-50387)', () => {
    const set = keySet([KEY])
    const behind = (count: number) => [...Array.from({ length: count }, (_, n) => wrong(n)), good]
    expect(trustByDs(ZONE, ds(...behind(3)), set, taskAt(NOON))).toMatchObject({ status: 'secure' })
    expect(trustByDs(ZONE, ds(...behind(4)), set, taskAt(NOON))).toMatchObject({ status: 'bogus', reason: { kind: 'dsNoMatch' } })
  })

  it('a DS RRset of which nothing can be read makes nothing insecure (RFC 4035 5.2)', () => {
    expect(trustByDs(ZONE, [], keySet([KEY]), taskAt(NOON))).toMatchObject({ status: 'bogus', reason: { kind: 'malformedRdata' } })
  })

  it('without a DNSKEY RRset the zone is bogus, unless no DS is supported', () => {
    expect(trustByDs(ZONE, ds(good), undefined, taskAt(NOON))).toMatchObject({ status: 'bogus', reason: { kind: 'dnskeyMissing' } })
    expect(trustByDs(ZONE, ds(unknown(1)), undefined, taskAt(NOON))).toMatchObject({ status: 'insecure' })
  })

  it('a key that is too short counts as unsupported, but not beside one that is not (RFC 4035 5.2)', () => {
    const short = zoneKey('test', 8, { bits: 1024, serial: 'short' })
    const task = () => taskAt(NOON, {}, { minRsaBits: 2048 })
    expect(trustByDs(ZONE, ds(dsRdata(ZONE, short)), keySet([short]), task())).toMatchObject({ status: 'insecure' })
    const both = ds(dsRdata(ZONE, short), good)
    expect(trustByDs(ZONE, both, keySet([short, OTHER]), task())).toMatchObject({ status: 'bogus' })
    expect(trustByDs(ZONE, both, keySet([short, KEY]), task())).toMatchObject({ status: 'secure' })
  })

  it('the set is signed by the key that the DS names, not by another in it (RFC 4035 5.2)', () => {
    expect(trustByDs(ZONE, ds(good), keySet([KEY, OTHER], [OTHER]), taskAt(NOON))).toMatchObject({
      status: 'bogus',
      reason: { kind: 'dnskeyNotSigned' }
    })
    expect(trustByDs(ZONE, ds(good), keySet([KEY, OTHER], [KEY], { corrupt: flipBit }), taskAt(NOON))).toMatchObject({ status: 'bogus' })
  })
})

describe('anchors', () => {
  const anchor = (keys: readonly ZoneKey[]) =>
    ({ kind: 'positive', zone: ZONE, ds: [], keys: keys.map(({ rdata }) => readDnskey(rdata)) }) as const

  it('the anchored key is in the set and signs it', () => {
    expect(trustByAnchor(anchor([KEY]), keySet([KEY, OTHER], [KEY]), taskAt(NOON)).status).toBe('secure')
    expect(trustByAnchor(anchor([KEY]), keySet([OTHER]), taskAt(NOON))).toMatchObject({
      status: 'bogus',
      reason: { kind: 'anchorNoMatch' }
    })
    expect(trustByAnchor(anchor([KEY]), keySet([KEY, OTHER], [OTHER]), taskAt(NOON))).toMatchObject({
      status: 'bogus',
      reason: { kind: 'anchorNotSigned' }
    })
  })

  it('an anchor of which nothing is trusted any more makes the zone bogus (RFC 5011 5)', () => {
    expect(trustByAnchor(anchor([]), keySet([KEY]), taskAt(NOON)).status).toBe('bogus')
  })

  it('a revoked key is none (RFC 5011 2.1)', () => {
    const revoked = redress(KEY, { flags: 0x0181 })
    for (const key of [KEY, revoked]) expect(trustByAnchor(anchor([key]), keySet([revoked]), taskAt(NOON)).status).toBe('bogus')
  })
})

describe('signatures', () => {
  it.each([
    { what: 'over 2^31 (case 8)', inception: 0x7fffff00, expiration: 0x80000100, now: 0x80000000, status: 'secure' },
    { what: 'over 2^32 (case 8)', inception: 0xffffff00, expiration: 0x100, now: 2 ** 32 + 5, status: 'secure' },
    { what: 'over 2^32, before it', inception: 0xffffff00, expiration: 0x100, now: 2 ** 32 - 5, status: 'secure' },
    { what: 'over 2^32, too late', inception: 0xffffff00, expiration: 0x100, now: 2 ** 32 + 0x101, status: 'bogus' },
    { what: 'over 2^32, too early', inception: 0xffffff00, expiration: 0x100, now: 0xfffffeff, status: 'bogus' }
  ])('times are serial numbers: $what (RFC 4034 3.1.5, RFC 1982)', ({ inception, expiration, now, status }) => {
    expect(checkSignatures(signed(address(), [KEY], { inception, expiration }), trusted(), taskAt(now)).status).toBe(status)
  })

  it.each([
    { what: "the RRset's", rr: 60, rrsig: 3600, original: 3600, left: 86_400, ttl: 60 },
    { what: "the RRSIG's", rr: 3600, rrsig: 50, original: 3600, left: 86_400, ttl: 50 },
    { what: 'the original', rr: 7200, rrsig: 7200, original: 3600, left: 86_400, ttl: 3600 },
    { what: 'what is left of the validity', rr: 3600, rrsig: 3600, original: 3600, left: 7, ttl: 7 }
  ])('45 the TTL is the least: $what (RFC 4035 5.3.3)', ({ rr, rrsig, original, left, ttl }) => {
    const set = signed(address(rr), [KEY], { ttl: rrsig, originalTtl: original, expiration: NOON + left })
    expect(checkSignatures(set, trusted(), taskAt(NOON))).toMatchObject({ status: 'secure', ttl })
  })

  it('39 a TTL that has counted down does not spoil the signature (RFC 4035 5.3.2)', () => {
    const set = signed(address(3600), [KEY])
    expect(checkSignatures({ ...set, ttl: 5 }, trusted(), taskAt(NOON))).toMatchObject({ status: 'secure', ttl: 5 })
  })

  it('failed signatures are counted over all RRsets of a question (CVE-2023-50387, CVE-2026-50045)', () => {
    const task = taskAt(NOON, { signatureFailures: 2 })
    const bad = signed(address(), [KEY], { corrupt: flipBit })
    const kinds = [1, 2, 3, 4].map(() => {
      const verdict = checkSignatures(bad, trusted(), task)
      return verdict.status === 'secure' ? 'secure' : verdict.reason.kind
    })
    expect(kinds).toEqual(['signatureWrong', 'signatureWrong', 'limitReached', 'limitReached'])
  })

  it('of one tag no more keys are tried than the limit says (CVE-2023-50387)', () => {
    const decoys = [0, 1, 2, 3].map((n) => decoyOf(RSA, n))
    const task = taskAt(NOON)
    const keys = trustOwnKeys(ZONE, keySet([OTHER, ...decoys, RSA], [OTHER]), taskAt(NOON))
    expect(checkSignatures(signed(address(), [RSA]), keys, task).status).toBe('bogus')
    expect(task.budget.spent('signatureChecks')).toBe(task.limits.keysPerTag)
  })

  it('no more RRSIGs are tried than the limit says', () => {
    const bad = signed(address(), [KEY], { corrupt: flipBit }).signatures[0]
    const good = signed(address(), [KEY])
    const many = Array.from({ length: 40 }, (_, n) => ({ ...bad, signature: bad.signature.map((octet) => octet ^ n) }))
    const task = taskAt(NOON, { signatureFailures: 100, signatureChecks: 100 })
    expect(checkSignatures({ ...good, signatures: [...many, good.signatures[0]] }, trusted(), task).status).toBe('bogus')
    expect(task.budget.spent('signatureChecks')).toBe(task.limits.signaturesPerRrset)
  })
})
