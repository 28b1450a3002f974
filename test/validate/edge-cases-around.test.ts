// The edge cases around the rules: canonical form, TTLs, zone data that counts for nothing, and servers that get DNSSEC wrong.
// The number is that of the case in our list; behind it the RFC section or the CVE that it comes from.
import { describe, expect, it } from 'vitest'
import type { SecureAnswer } from '../../src/index.js'
import { checkSignatures } from '../../src/validate/signature.js'
import { TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord, Rrset } from '../../src/wire/rrset.js'
import { nameFromText, recordFromText } from '../../src/wire/text.js'
import {
  adding,
  asksFor,
  type Behaviour,
  claimingAd,
  droppingEdns,
  editRecords,
  failing,
  firstTimes,
  ignoringEdns,
  lame,
  lowercasing,
  refusingEdns,
  silent,
  strippingDnssec,
  strippingRrsig,
  truncating,
  when,
  wrongId,
  wrongQuestion
} from '../world/behaviours.js'
import { dsRdata, zoneKey } from '../world/keys.js'
import { rrsetsOf, taskAt } from './judging.js'
import { NOON, signed, trusting } from './signing.js'
import { keyOf, type Small, smallWorld } from './small-world.js'

const check = (rrset: Rrset) => checkSignatures(rrset, trusting(), taskAt(NOON)).status
const rdataOf = (line: string): Uint8Array => recordFromText(line).rdata
const ask = (zones: Record<string, Small>, name: string, type: string, options: object = {}): Promise<SecureAnswer> =>
  smallWorld(zones).ask(name, type, options)

describe('canonical form', () => {
  it.each([
    { what: '34 the name in an MX', line: 'a.test. MX 1 MAIL.Test.', other: 'a.test. MX 1 mail.test.', holds: 'secure' },
    { what: '34 the name in a CNAME', line: 'a.test. CNAME WWW.Test.', other: 'a.test. CNAME www.test.', holds: 'secure' },
    {
      what: '34 the names in an SOA',
      line: 'a.test. SOA NS.Test. H.Test. 1 2 3 4 5',
      other: 'a.test. SOA ns.test. h.test. 1 2 3 4 5',
      holds: 'secure'
    },
    { what: '34 the target of an SRV', line: 'a.test. SRV 1 2 3 X.Test.', other: 'a.test. SRV 1 2 3 x.test.', holds: 'secure' },
    // RFC 3597 7: types after the list keep their case
    { what: '34 the target of an HTTPS', line: 'a.test. HTTPS 1 X.Test.', other: 'a.test. HTTPS 1 x.test.', holds: 'bogus' },
    { what: '34 the text of a TXT', line: 'a.test. TXT "A"', other: 'a.test. TXT "a"', holds: 'bogus' },
    // RFC 6840 5.1
    { what: '35 the next name of an NSEC', line: 'a.test. NSEC B.Test. A', other: 'a.test. NSEC b.test. A', holds: 'bogus' }
  ])('$what in other letters is $holds', ({ line, other, holds }) => {
    const rrset = signed([line])
    expect(check(rrset)).toBe('secure')
    expect(check({ ...rrset, rdatas: [rdataOf(other)] })).toBe(holds)
  })

  it('37 records are ordered by their octets, a shorter one first (RFC 4034 6.3)', () => {
    const rrset = signed(['a.test. TXT "b"', 'a.test. TXT "ab"', 'a.test. TXT "\\200"', 'a.test. TXT ""'])
    for (let turn = 0; turn < 4; turn++) {
      const rdatas = [...rrset.rdatas.slice(turn), ...rrset.rdatas.slice(0, turn)]
      expect(check({ ...rrset, rdatas })).toBe('secure')
    }
    expect(check({ ...rrset, rdatas: rrset.rdatas.slice(1) })).toBe('bogus')
  })

  it('38, 40 a record told twice counts once, and the lowest TTL for all (RFC 4034 6.3, RFC 2181 5.2)', () => {
    const rrset = signed(['a.test. A 192.0.2.1', 'a.test. A 192.0.2.2'])
    const [again] = rrsetsOf(
      ['a.test. 60 A 192.0.2.1', 'a.test. 90 A 192.0.2.2', 'a.test. 30 A 192.0.2.1'].map((line) => recordFromText(line))
    )
    expect(again.rdatas).toHaveLength(2)
    expect(checkSignatures({ ...again, signatures: rrset.signatures }, trusting(), taskAt(NOON))).toMatchObject({
      status: 'secure',
      ttl: 30
    })
  })

  it('42, 122 a dot within a label is no border of labels (RFC 4343, CVE-2026-123592)', async () => {
    const zones = { test: { text: 'a\\.b TXT "one label"\na.b TXT "two labels"\nb.a TXT "turned"' } }
    const world = smallWorld(zones)
    const answers = await world.askAll(['a\\.b.test', 'a.b.test', 'b.a.test', 'a\\.b.a.test'].map((name) => [name, 'TXT'] as const))
    expect(answers.map(({ status, rcode }) => `${status} ${rcode}`)).toEqual([
      'secure NOERROR',
      'secure NOERROR',
      'secure NOERROR',
      'secure NXDOMAIN'
    ])
    expect(answers.slice(0, 3).map(({ records }) => Buffer.from(records[0].rdata.subarray(1)).toString())).toEqual([
      'one label',
      'two labels',
      'turned'
    ])
  })

  it('43 an unknown type is opaque, and signed like any other (RFC 3597)', async () => {
    expect(await ask({ test: { text: 'a TYPE65280 \\# 3 ABCDEF' } }, 'a.test', 'TYPE65280')).toMatchObject({
      status: 'secure',
      records: [{ type: 'TYPE65280' }]
    })
  })

  it('44 a name cut short within rdata is no record (CVE-2026-56416)', async () => {
    const cut = editRecords((records) => records.map((one) => (one.type === TYPE.MX ? { ...one, rdata: one.rdata.slice(0, -3) } : one)))
    const answer = await ask({ test: { text: 'a MX 1 mail.test.', behave: [cut] } }, 'a.test', 'MX')
    expect(answer).toMatchObject({ status: 'bogus', records: [], reason: { kind: 'malformedRdata' } })
  })
})

describe('signatures', () => {
  it.each([
    { what: 'shorter', corrupt: (octets: Uint8Array) => octets.slice(1) },
    { what: 'longer', corrupt: (octets: Uint8Array) => Uint8Array.of(0, ...octets) },
    { what: 'as long, but above the modulus', corrupt: (octets: Uint8Array) => octets.map(() => 0xff) },
    { what: 'of zeros', corrupt: (octets: Uint8Array) => new Uint8Array(octets.length) }
  ])('31 an RSA signature $what does not hold (RFC 8017 8.2.2)', ({ corrupt }) => {
    const key = zoneKey('test', 8)
    for (const policy of [{}, { minRsaBits: 512 }]) {
      expect(checkSignatures(signed(['a.test. A 192.0.2.1'], { corrupt }, [key]), trusting(key), taskAt(NOON, {}, policy)).status).toBe(
        'bogus'
      )
    }
  })

  it('27 a zone signed by SHA-1 alone is insecure, or secure where it is allowed (RFC 9905 2)', async () => {
    const zones = { test: { text: 'a A 192.0.2.1', keys: [zoneKey('test', 5)] } }
    expect(await ask(zones, 'a.test', 'A')).toMatchObject({ status: 'insecure', reason: { kind: 'unsupportedAlgorithm', code: 1 } })
    expect(await ask(zones, 'a.test', 'A', { algorithms: { sha1: true } })).toMatchObject({ status: 'secure' })
  })
})

describe('TTL', () => {
  it('47 one with the top bit set is zero (RFC 2181 8)', async () => {
    const high = editRecords((records) => records.map((one) => (one.type === TYPE.A ? { ...one, ttl: 0x8000_0001 } : one)))
    expect(await ask({ test: { text: 'a A 192.0.2.1', behave: [high] } }, 'a.test', 'A')).toMatchObject({
      status: 'secure',
      ttl: 0,
      records: [{ ttl: 0 }]
    })
  })

  it('48 a denial lives as long as the least of SOA, MINIMUM and NSEC (RFC 2308 5, RFC 9077)', async () => {
    expect((await ask({ test: { text: '' } }, 'm.test', 'A')).ttl).toBe(600)
    const short = editRecords((records) => records.map((one) => (one.type === TYPE.NSEC ? { ...one, ttl: 17 } : one)))
    expect((await ask({ test: { text: '', behave: [short] } }, 'm.test', 'A')).ttl).toBe(17)
  })
})

describe('zone data that counts for nothing', () => {
  it('55 a DS that the child publishes at its own apex (RFC 4035 2.4)', async () => {
    const rdata = dsRdata(nameFromText('open.test'), keyOf('open.test'))
    const own = `@ DS \\# ${rdata.length} ${Buffer.from(rdata).toString('hex')}\na A 192.0.2.1`
    const zones = { test: { text: '' }, 'open.test': { text: own, ds: [] } }
    expect(await ask(zones, 'a.open.test', 'A')).toMatchObject({ status: 'insecure', reason: { kind: 'noDs' } })
    expect(await ask(zones, 'open.test', 'DS')).toMatchObject({ status: 'secure', records: [], denial: { kind: 'insecure-delegation' } })
  })

  it('72 glue is not an answer, and the child speaks for its NS (RFC 4035 2.2)', async () => {
    const zones = { test: { text: '' }, 'open.test': { keys: [], text: 'a A 192.0.2.1' }, 'sub.test': { text: 'a A 192.0.2.1' } }
    expect(await ask(zones, 'ns.open.test', 'A')).toMatchObject({ status: 'insecure' })
    expect(await ask(zones, 'open.test', 'NS')).toMatchObject({ status: 'insecure' })
    expect(await ask(zones, 'sub.test', 'NS')).toMatchObject({ status: 'secure' })
  })

  it('100 NSEC3PARAM, right, wrong or missing (RFC 5155 4)', async () => {
    const wrong = (records: readonly ResourceRecord[]) =>
      records.map((one) => (one.type === 51 ? { ...one, rdata: Uint8Array.of(9, 9, 9, 9, 0) } : one))
    for (const tamper of [undefined, wrong]) {
      const zones = {
        test: { text: 'a A 192.0.2.1', denial: { by: 'nsec3' as const, salt: Uint8Array.of(5) }, faults: tamper && { tamper } }
      }
      expect(await ask(zones, 'm.test', 'A')).toMatchObject({ status: 'secure', rcode: 'NXDOMAIN' })
    }
  })
})

describe('servers', () => {
  const zones = (...behave: Behaviour[]): Record<string, Small> => ({ test: { text: 'a A 192.0.2.1', behave } })
  const evil = { owner: nameFromText('a.other'), type: TYPE.A, class: 1, ttl: 600, rdata: Uint8Array.of(198, 51, 100, 66) }

  it.each([
    { what: '111 strips RRSIGs (RFC 4035 5.5)', behaviour: strippingRrsig, status: /bogus/ },
    { what: '111 knows no DNSSEC', behaviour: strippingDnssec, status: /bogus/ },
    { what: '112 passes over EDNS (RFC 6891 7)', behaviour: ignoringEdns, status: /bogus|indeterminate/ },
    { what: '112 takes EDNS for an error', behaviour: refusingEdns, status: /bogus|indeterminate/ },
    { what: '112 drops what has EDNS', behaviour: droppingEdns, status: /bogus|indeterminate/ },
    { what: '114 answers with another ID (RFC 5452 9)', behaviour: wrongId, status: /indeterminate/ },
    { what: '114 answers another question', behaviour: wrongQuestion('b.test'), status: /indeterminate/ },
    { what: '118 does not answer (RFC 4035 4.3)', behaviour: silent, status: /indeterminate/ },
    { what: '118 fails', behaviour: failing(2), status: /indeterminate/, final: true },
    { what: 'is lame', behaviour: lame, status: /indeterminate/, final: true }
  ])('one that $what makes nothing insecure', async ({ behaviour, status, final }) => {
    const answer = await ask(zones(behaviour), 'a.test', 'A')
    expect(answer.status, answer.reason?.text).toMatch(status)
    expect(answer).toMatchObject({ rcode: 'SERVFAIL', records: [] })
    // one such reply does no harm, unless it is the word of the only server there is
    if (final) return
    const later = await ask(zones(when(asksFor(TYPE.A, 'a.test'), firstTimes(1, behaviour))), 'a.test', 'A')
    expect(later, later.reason?.text).toMatchObject({ status: 'secure' })
  })

  it.each([
    { what: '33 loses the letter case', behaviour: lowercasing },
    { what: '115 truncates over UDP (RFC 2181 9)', behaviour: truncating },
    { what: '116 claims to have validated (RFC 6840 5.9)', behaviour: claimingAd },
    { what: '113 adds an answer out of its bailiwick (RFC 2181 5.4.1)', behaviour: adding('answer', [evil]) },
    {
      what: '113 adds authority out of its bailiwick',
      behaviour: adding('authority', [{ ...evil, type: TYPE.NS, rdata: nameFromText('ns.evil').wire }])
    },
    { what: '113 adds glue out of its bailiwick', behaviour: adding('additional', [evil]) }
  ])('one that $what does no harm', async ({ behaviour }) => {
    const world = smallWorld({ ...zones(behaviour), other: { text: 'a A 192.0.2.7' } })
    const [answer, other] = await world.askAll([
      ['a.test', 'A'],
      ['a.other', 'A']
    ])
    expect(answer).toMatchObject({ status: 'secure', records: [{ name: 'a.test', data: '192.0.2.1' }] })
    expect(other).toMatchObject({ status: 'secure', records: [{ name: 'a.other', data: '192.0.2.7' }] })
  })

  it('116 an AD bit without signatures is no proof (RFC 6840 5.9)', async () => {
    expect(await ask(zones(strippingRrsig, claimingAd), 'a.test', 'A')).toMatchObject({ status: 'bogus' })
  })

  it('118 a chain that cannot be asked for is indeterminate (RFC 4035 4.3)', async () => {
    for (const type of [TYPE.DNSKEY, TYPE.DS]) {
      const spec = { test: { text: '' }, 'sub.test': { text: 'a A 192.0.2.1', behave: [when(asksFor(TYPE.DNSKEY), silent)] } }
      const answer = await ask(
        type === TYPE.DNSKEY ? spec : zones(when(asksFor(TYPE.DNSKEY), failing(2))),
        type === TYPE.DNSKEY ? 'a.sub.test' : 'a.test',
        'A'
      )
      expect(answer, answer.reason?.text).toMatchObject({ status: 'indeterminate', rcode: 'SERVFAIL', records: [] })
    }
  })

  it('134 what is bogus is never among the records (CVE-2026-93657)', async () => {
    const answer = await ask(zones(when(asksFor(TYPE.A), strippingRrsig)), 'a.test', 'A')
    expect(answer.records).toEqual([])
    expect(answer.rejected).toMatchObject([{ name: 'a.test', status: 'bogus', reason: { kind: 'signatureMissing' } }])
  })
})
