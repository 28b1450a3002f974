// The zones of the embedded hierarchy as data: what each holds, how it is signed and what is wrong with it.
import type { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import * as behaviours from './behaviours.js'
import type { DenialOptions } from './chain.js'
import { hashName } from './hash3.js'
import { dsRdata, redress, type SigningAlgorithm, type ZoneKey, zoneKey } from './keys.js'
import { flipBit } from './signer.js'
import type { ZoneFaults } from './zone.js'

export interface ZoneSpec {
  readonly name: string
  /** records besides SOA, NS and the usual ones */
  readonly text?: string
  /** 13 unless said otherwise */
  readonly algorithm?: SigningAlgorithm | 'unsigned'
  /** a KSK and a ZSK instead of one key for both */
  readonly split?: boolean
  /** changes the key that the zone publishes and signs with */
  readonly dress?: (key: ZoneKey) => ZoneKey
  /** the DNSKEY RRset, when it is not of the keys that sign */
  readonly published?: (keys: readonly ZoneKey[]) => ZoneKey[]
  /** NSEC unless said otherwise */
  readonly denial?: DenialOptions
  /** digest types of the DS at the parent, one of SHA-256 unless said otherwise */
  readonly digests?: readonly number[]
  /** the DS at the parent, when it is not that of the zone's key */
  readonly ds?: (zone: Name, key: ZoneKey) => Uint8Array | Uint8Array[]
  /** validity of the signatures in days from now */
  readonly days?: readonly [from: number, to: number]
  readonly faults?: ZoneFaults
  /** a server of its own at this address; without, the zone is with the hosting company */
  readonly address?: string
  readonly behaviours?: readonly behaviours.Behaviour[]
  /** the address leads nowhere */
  readonly nobodyThere?: boolean
}

/** RFC 9276 3.1 */
const NSEC3: DenialOptions = { by: 'nsec3', iterations: 0 }
const OPT_OUT: DenialOptions = { by: 'nsec3', iterations: 0, optOut: true }

/** Faults in the RRSIGs over RRsets of one type. */
export const signing = (type: number, fault: ReturnType<NonNullable<ZoneFaults['sign']>>): ZoneFaults => ({
  sign: ([record]) => (record.type === type ? fault : undefined)
})

/** The NSEC3 record with the hash after its own as the next one, so that it covers nothing. */
export function shrunk(record: ResourceRecord, name: Name): ResourceRecord {
  const next = hashName(name, { salt: new Uint8Array(), iterations: 0 })
  // one more, as a number; 255 would wrap to 0, which still covers nothing that is asked for here
  next[next.length - 1]++
  const rdata = record.rdata.slice()
  rdata.set(next, 6) // hash algorithm, flags, iterations, no salt, length of the hash
  return { ...record, rdata }
}

/** The root, the TLDs and the hosting company. */
export const TOP: readonly ZoneSpec[] = [
  { name: '.', algorithm: 8, split: true, address: '192.0.2.1' },
  { name: 'ordered', split: true, address: '192.0.2.11', text: 'a.root-servers A 192.0.2.1\nb.root-servers A 192.0.2.2' },
  { name: 'hashed', split: true, address: '192.0.2.12', denial: NSEC3 },
  { name: 'optout', algorithm: 8, split: true, address: '192.0.2.13', denial: OPT_OUT },
  {
    name: 'hosting.ordered',
    text: 'ns1 A 198.51.100.1\nns1 AAAA 2001:db8:1::1\nns2 A 198.51.100.2\nmx A 198.51.100.25\n_25._tcp.mx TLSA 3 1 1 {digest}'
  }
]

const ALGORITHMS: readonly ZoneSpec[] = [
  { name: 'alg5.ordered', algorithm: 5, split: true },
  { name: 'alg7.hashed', algorithm: 7, split: true, denial: { by: 'nsec3', salt: Uint8Array.of(1, 2, 3), iterations: 1 } },
  { name: 'alg8.hashed', algorithm: 8, split: true, denial: NSEC3 },
  { name: 'alg10.hashed', algorithm: 10, split: true, denial: NSEC3 },
  { name: 'alg13.hashed', denial: NSEC3 },
  { name: 'alg14.hashed', algorithm: 14, denial: NSEC3, digests: [4] },
  { name: 'alg15.hashed', algorithm: 15, denial: NSEC3, digests: [1, 2, 4] },
  { name: 'alg16.hashed', algorithm: 16, denial: NSEC3 },
  { name: 'digest1.ordered', digests: [1] }
]

const SECURE: readonly ZoneSpec[] = [
  {
    name: 'mail.ordered',
    text: `
@ MX 10 mx1
@ MX 20 mx.hosting.ordered.
@ TXT "v=spf1 mx -all"
@ CAA 0 issue "ca.ordered"
_dmarc TXT "v=DMARC1; p=reject"
mx1 A 198.51.100.20
mx1 AAAA 2001:db8:1::20
_25._tcp.mx1 TLSA 3 1 1 {digest}
_imaps._tcp SRV 0 1 993 mx1
_443._tcp.www CNAME _25._tcp.mx1`
  },
  { name: 'child.mail.ordered', algorithm: 15 },
  { name: 'selfhost.hashed', algorithm: 15, denial: NSEC3, address: '203.0.113.1' },
  { name: 'signed.optout' },
  { name: 'wild.ordered', text: '*.any A 203.0.113.81\n*.any TXT "anything"\na.b.c TXT "deep"\n*.to CNAME www.alg13.hashed.' },
  { name: 'wild.hashed', denial: NSEC3, text: '*.any A 203.0.113.81\n*.any TXT "anything"\na.b.c TXT "deep"' },
  {
    name: 'alias.ordered',
    text: `
near CNAME www
secure CNAME www.alg13.hashed.
insecure CNAME www.unsigned.ordered.
bogus CNAME www.expired.ordered.
nowhere CNAME nowhere.hashed.
long CNAME long2
long2 CNAME secure
ring CNAME ring2
ring2 CNAME ring`
  },
  { name: 'dname.hashed', denial: NSEC3, text: 'old DNAME alg13.hashed.\ninsecure DNAME unsigned.ordered.' },
  {
    name: 'large.hashed',
    denial: NSEC3,
    text: `@ TXT ${Array(12)
      .fill(`"${'large '.repeat(40)}"`)
      .join(' ')}`
  },
  { name: 'truncating.ordered', address: '203.0.113.2', behaviours: [behaviours.truncating] }
]

const INSECURE: readonly ZoneSpec[] = [
  { name: 'unsigned.ordered', algorithm: 'unsigned', text: 'secure CNAME www.alg13.hashed.' },
  { name: 'signed.unsigned.ordered' },
  { name: 'island.hashed', digests: [], denial: NSEC3 },
  { name: 'plain.optout', algorithm: 'unsigned' },
  { name: 'noedns.ordered', algorithm: 'unsigned', address: '203.0.113.3', behaviours: [behaviours.refusingEdns] },
  { name: 'futurealgorithm.ordered', dress: (key) => redress(key, { algorithm: 100 }) },
  { name: 'futuredigest.hashed', digests: [100], denial: NSEC3 },
  { name: 'iterations.hashed', denial: { by: 'nsec3', iterations: 200 } }
]

const BOGUS: readonly ZoneSpec[] = [
  { name: 'expired.ordered', days: [-30, -1] },
  { name: 'early.hashed', days: [1, 30], denial: NSEC3 },
  { name: 'reversed.ordered', days: [1, -1] },
  { name: 'badsignature.ordered', faults: signing(TYPE.A, { corrupt: flipBit }) },
  { name: 'nosignature.ordered', faults: signing(TYPE.A, 'omit') },
  { name: 'wrongsigner.ordered', faults: signing(TYPE.A, { signer: nameFromText('alg13.hashed') }) },
  { name: 'badds.ordered', ds: (zone, key) => dsRdata(zone, key, 2, { digest: new Uint8Array(32).fill(0xdd) }) },
  { name: 'otherkey.ordered', ds: (zone) => dsRdata(zone, zoneKey('otherkey.ordered', 13, { serial: 2 })) },
  { name: 'nozonekey.ordered', dress: (key) => redress(key, { flags: 0x0001 }) },
  { name: 'unsignedkeys.ordered', faults: signing(TYPE.DNSKEY, 'omit') },
  // a DS at the parent, and no DNSSEC in the zone: a switch of the hosting company gone wrong
  {
    name: 'nokeys.ordered',
    algorithm: 'unsigned',
    ds: (zone) => dsRdata(zone, zoneKey('nokeys.ordered', 13))
  },
  { name: 'stripping.ordered', address: '203.0.113.10', behaviours: [behaviours.strippingRrsig] },
  { name: 'nodenial.hashed', denial: NSEC3, address: '203.0.113.11', behaviours: [behaviours.strippingDenial] },
  { name: 'nodenial.ordered', text: '* TXT "wild"', address: '203.0.113.12', behaviours: [behaviours.strippingDenial] },
  {
    name: 'badchain.hashed',
    denial: NSEC3,
    faults: { denial: shrunk }
  },
  {
    name: 'tampered.ordered',
    faults: {
      tamper: (records) =>
        records[0].type === TYPE.A ? records.map((record) => ({ ...record, rdata: Uint8Array.of(203, 0, 113, 66) })) : records
    }
  },
  // says that names which are there are not: the RCODE is not signed, the proof is
  { name: 'liar.ordered', address: '203.0.113.13', behaviours: [behaviours.when(behaviours.asksFor(TYPE.AAAA), behaviours.failing(3))] }
]

const UNREACHABLE: readonly ZoneSpec[] = [
  { name: 'refusing.ordered', address: '203.0.113.20', behaviours: [behaviours.refusing] },
  { name: 'lame.ordered', address: '203.0.113.21', behaviours: [behaviours.lame] },
  { name: 'silent.ordered', address: '203.0.113.22', behaviours: [behaviours.silent] },
  {
    name: 'keyless.ordered',
    address: '203.0.113.23',
    behaviours: [behaviours.when(behaviours.asksFor(TYPE.DNSKEY), behaviours.failing(2))]
  }
]

export const ZONES: readonly ZoneSpec[] = [...TOP, ...ALGORITHMS, ...SECURE, ...INSECURE, ...BOGUS, ...UNREACHABLE]
