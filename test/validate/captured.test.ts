// Real signed data through the validation steps: whole root zones, every DNSKEY set that the root is known to have shown, the
// chain of RFC 9102 and NSEC3 records of zones of 2018. CONFORMANCE_DATA names their folder.
import { describe, expect, it } from 'vitest'
import { prove, proveNoDs } from '../../src/validate/denial.js'
import { trustByAnchor, trustByDs } from '../../src/validate/keys.js'
import { recallProofs } from '../../src/validate/proofs.js'
import { checkSignatures } from '../../src/validate/signature.js'
import { Reader } from '../../src/wire/cursor.js'
import { Name, readPlainName } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import { readDs } from '../../src/wire/rdata/ds.js'
import { groupRrsets, type ResourceRecord, type Rrset } from '../../src/wire/rrset.js'
import { nameFromText, nameToText, recordFromText } from '../../src/wire/text.js'
import { recordsFromZone } from '../../src/wire/zone.js'
import { realMoments } from '../scenarios/root-calendar.js'
import { noData, real } from '../wire/data.js'
import { isDnskey, rrsetsOf, taskAt, withBitFlipped, withSignatureFlipped } from './judging.js'

const unlimited = { signatureChecks: 100_000, signatureFailures: 100_000 }

const KSK_2010 = '. IN DS 19036 8 2 49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5'
const KSK_2017 = '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'
const ds = (line: string) => readDs(recordFromText(line).rdata)

describe.skipIf(noData)('whole root zones (CONFORMANCE_DATA)', () => {
  it.each([
    { file: 'root-2014062501.zone.gz', noon: Date.UTC(2014, 5, 26, 12) / 1000, count: 1067 },
    { file: 'root-2017082100.zone.gz', noon: Date.UTC(2017, 7, 22, 12) / 1000, count: 2950 },
    { file: 'root-2018080200.zone.gz', noon: Date.UTC(2018, 7, 3, 12) / 1000, count: 2942 }
  ])(
    'all $count signed RRsets of $file are secure by the DS of the KSK; changed ones are bogus',
    { timeout: 60_000 },
    ({ file, noon, count }) => {
      const rrsets = rrsetsOf(recordsFromZone(real(`root-zones/${file}`).toString('latin1'), { origin: Name.root }))
      const dnskeys = rrsets.find(isDnskey) as Rrset
      const trusted = trustByDs(Name.root, [ds(KSK_2010)], dnskeys, taskAt(noon))
      if (trusted.status !== 'secure') throw new Error(trusted.reason.text)
      const signed = rrsets.filter(({ signatures }) => signatures.length > 0)
      expect(signed).toHaveLength(count)
      const task = taskAt(noon, unlimited)
      const refused = signed.filter((rrset) => checkSignatures(rrset, trusted.keys, task).status !== 'secure')
      expect(refused.map(({ owner, type }) => `${nameToText(owner)} ${type}`)).toEqual([])
      // RFC 4035 2.2: delegations and glue are not signed, and so never secure
      const delegation = rrsets.find(({ owner, type }) => type === TYPE.NS && owner.labelCount === 1) as Rrset
      expect(checkSignatures(delegation, trusted.keys, task)).toMatchObject({ status: 'bogus', reason: { kind: 'signatureMissing' } })
      for (let at = 0; at < signed.length; at += 29) {
        const { owner, type } = signed[at]
        const what = `${nameToText(owner)} ${type}`
        expect(checkSignatures(withBitFlipped(signed[at], at), trusted.keys, task), what).toMatchObject({ status: 'bogus' })
        const other = checkSignatures(withSignatureFlipped(signed[at], at), trusted.keys, task)
        expect(other, what).toMatchObject({ status: 'bogus', reason: { kind: 'signatureWrong' } })
      }
      // a year later nothing holds
      const later = taskAt(noon + 365 * 86_400, unlimited)
      expect(checkSignatures(signed[0], trusted.keys, later)).toMatchObject({ status: 'bogus', reason: { kind: 'signatureExpired' } })
    }
  )
})

describe.skipIf(noData)('DNSKEY sets of the root (CONFORMANCE_DATA)', () => {
  const moments = noData ? [] : realMoments()

  it('each set from 2014 to 2025 is secure by the DS of the KSK of its day, and by no other', () => {
    expect(moments).toHaveLength(3 + 27 + 1 + 61)
    for (const { at, records } of moments) {
      const [dnskeys] = rrsetsOf(records)
      const day = new Date(at).toISOString()
      const rolled = at > Date.UTC(2018, 9, 11)
      const task = taskAt(at / 1000)
      expect(trustByDs(Name.root, [ds(rolled ? KSK_2017 : KSK_2010)], dnskeys, task).status, day).toBe('secure')
      const other = trustByDs(Name.root, [ds(rolled ? KSK_2010 : KSK_2017)], dnskeys, taskAt(at / 1000))
      expect(other.status, day).toBe('bogus')
    }
  })

  it('by the key itself as an anchor too; a published key that does not sign the set vouches for nothing', () => {
    for (const { at, records } of moments) {
      const [dnskeys] = rrsetsOf(records)
      const day = new Date(at).toISOString()
      const tags = new Set(dnskeys.signatures.map(({ keyTag }) => keyTag))
      for (const key of dnskeys.rdatas.map(readDnskey)) {
        const anchor = { kind: 'positive', zone: Name.root, ds: [], keys: [key] } as const
        expect(trustByAnchor(anchor, dnskeys, taskAt(at / 1000)).status, `${day} ${key.keyTag}`).toBe(
          tags.has(key.keyTag) ? 'secure' : 'bogus'
        )
      }
    }
  })

  it('none holds with one bit changed, nor outside its time', () => {
    for (const [i, { at, records }] of moments.entries()) {
      const [dnskeys] = rrsetsOf(records)
      const anchor = { kind: 'positive', zone: Name.root, ds: [ds(KSK_2010), ds(KSK_2017)], keys: [] } as const
      expect(trustByAnchor(anchor, withBitFlipped(dnskeys, i * 7 + 4), taskAt(at / 1000)).status).toBe('bogus')
      expect(trustByAnchor(anchor, withSignatureFlipped(dnskeys, i * 7), taskAt(at / 1000)).status).toBe('bogus')
      for (const days of [-60, 60]) expect(trustByAnchor(anchor, dnskeys, taskAt(at / 1000 + days * 86_400)).status).toBe('bogus')
    }
  })
})

function recordsOfStream(bytes: Uint8Array): ResourceRecord[] {
  const reader = new Reader(bytes)
  const records: ResourceRecord[] = []
  while (reader.at < bytes.length) {
    const owner = readPlainName(reader)
    const [type, rrClass, ttl] = [reader.u16(), reader.u16(), reader.u32()]
    records.push({ owner, type, class: rrClass, ttl, rdata: reader.take(reader.u16()) })
  }
  return records
}

describe.skipIf(noData)('the chain of RFC 9102 appendix A (CONFORMANCE_DATA)', () => {
  const hex = noData ? '' : real('rfc9102/authentication-chain.hex').toString('latin1').replace(/\s/g, '')
  const rrsets = groupRrsets(recordsOfStream(Uint8Array.from(Buffer.from(hex, 'hex'))), false).rrsets
  const find = (owner: string, type: number): Rrset =>
    rrsets.find((rrset) => rrset.type === type && rrset.owner.equals(nameFromText(owner))) as Rrset
  // signed from 2018-11-28 to 2020-12-02
  const task = () => taskAt(Date.UTC(2019, 5, 1) / 1000)
  // RFC 9102 appendix A: the DS of its root
  const ROOT = '. IN DS 47005 13 2 2EB6E9F2480126691594D649A5A613DE3052E37861634641BB568746F2FFC4D4'

  function walk(set: (owner: string, type: number) => Rrset): string {
    let trusted = trustByDs(Name.root, [ds(ROOT)], set('.', TYPE.DNSKEY), task())
    for (const zone of ['com', 'example.com']) {
      if (trusted.status !== 'secure') return trusted.reason.text
      const vouching = set(zone, TYPE.DS)
      const verdict = checkSignatures(vouching, trusted.keys, task())
      if (verdict.status !== 'secure') return verdict.reason.text
      trusted = trustByDs(nameFromText(zone), vouching.rdatas.map(readDs), set(zone, TYPE.DNSKEY), task())
    }
    if (trusted.status !== 'secure') return trusted.reason.text
    return checkSignatures(set('_443._tcp.www.example.com', TYPE.TLSA), trusted.keys, task()).status
  }

  it('leads from its root to the TLSA record', () => {
    expect(rrsets).toHaveLength(6)
    expect(walk(find)).toBe('secure')
  })

  it('breaks wherever one bit is changed', () => {
    for (const [i, broken] of rrsets.entries()) {
      for (const flipped of [withBitFlipped(broken, 40 * i + 5), withSignatureFlipped(broken, i)]) {
        expect(walk((owner, type) => (find(owner, type) === broken ? flipped : find(owner, type)))).not.toBe('secure')
      }
    }
  })
})

interface Stored {
  readonly qs?: string
  readonly name?: string
  readonly delegation?: string
  readonly nsec: readonly string[]
  readonly result: boolean | readonly string[]
}

describe.skipIf(noData)('NSEC3 records of real zones of 2018 (CONFORMANCE_DATA)', () => {
  const stored: Record<string, Stored[]> = noData ? {} : JSON.parse(real('bns-vectors/nsec3-vectors.json.gz').toString('utf8'))

  function told({ nsec, ...rest }: Stored) {
    const records = nsec.flatMap((hex) => recordsOfStream(Uint8Array.from(Buffer.from(hex, 'hex'))))
    const zone = records.length > 0 ? records[0].owner.parent() : Name.root
    const question = rest.qs ? new Reader(Uint8Array.from(Buffer.from(rest.qs, 'hex'))) : undefined
    const name = question ? readPlainName(question) : nameFromText(rest.name ?? rest.delegation ?? '.')
    const type = question ? question.u16() : TYPE.A
    return { proofs: recallProofs(rrsetsOf(records), zone, new Map()), name, type, expected: rest.result }
  }

  it('closest enclosers', () => {
    expect(stored.find_closest_encloser).toHaveLength(11)
    for (const one of stored.find_closest_encloser) {
      const { proofs, name, expected } = told(one)
      const proof = prove({ name, type: TYPE.DS, what: 'nodata' }, proofs, taskAt(0, { nsec3Iterations: 500 }))
      const error = prove({ name, type: TYPE.A, what: 'nxdomain' }, proofs, taskAt(0, { nsec3Iterations: 500 }))
      const [encloser, nextCloser] = expected as readonly string[]
      const found = 'status' in proof ? error : proof
      if (encloser === '') expect(found, nameToText(name)).toMatchObject({ status: 'bogus' })
      else {
        if ('status' in found) throw new Error(`${nameToText(name)}: ${found.reason.text}`)
        expect(found.closestEncloser?.equals(nameFromText(encloser)), nameToText(name)).toBe(true)
        expect(found.nextCloser?.equals(nameFromText(nextCloser)), nameToText(name)).toBe(true)
      }
    }
  })

  it.each([
    { key: 'verify_name_error', what: 'nxdomain', count: 6 },
    { key: 'verify_no_data', what: 'nodata', count: 5 }
  ] as const)('$key', ({ key, what, count }) => {
    expect(stored[key]).toHaveLength(count)
    for (const one of stored[key]) {
      const { proofs, name, type, expected } = told(one)
      const proof = prove({ name, type, what }, proofs, taskAt(0, { nsec3Iterations: 500 }))
      expect(!('status' in proof), `${nameToText(name)} ${'status' in proof ? proof.reason.text : ''}`).toBe(expected)
    }
  })

  it('verify_delegation: no DS, by Opt-Out', () => {
    expect(stored.verify_delegation).toHaveLength(5)
    for (const one of stored.verify_delegation) {
      const { proofs, name, expected } = told(one)
      const proof = proveNoDs(name, proofs, taskAt(0, { nsec3Iterations: 500 }))
      expect(!('status' in proof) && proof.proves === 'insecure-delegation', nameToText(name)).toBe(expected)
    }
  })
})
