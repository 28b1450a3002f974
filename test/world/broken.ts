// More of a broken internet, beside the zones of the EDE study (misconfigured.ts): several DS, keys that are revoked or share a
// tag, RRSIGs with single fields wrong, NSEC, servers that strip or mix up, and wildcards, CNAME and DNAME across zones.
import { TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { authority } from './authority.js'
import * as behaviours from './behaviours.js'
import { shrunk, signing } from './hierarchy-zones.js'
import { decoyOf, dsRdata, redress, zoneKey } from './keys.js'
import { EARLY, EXPIRED, type Family, forKsk, forZsk, isKsk, NSEC3, publish, type Row, type Spec, withFlags } from './misconfigured.js'
import { flipBit, type SignatureFaults } from './signer.js'
import { makeZone } from './zone.js'

const PARENT = 'broken.ordered'
const wrongDigest = (length = 32): { digest: Uint8Array } => ({ digest: new Uint8Array(length).fill(0xdd) })
const forA = (fault: SignatureFaults | 'omit'): Spec => ({ faults: signing(TYPE.A, fault) })

const DS: readonly Row[] = [
  ['ds-several-one-wrong', { ds: (zone, key) => [dsRdata(zone, key, 2, wrongDigest()), dsRdata(zone, key)] }, 'secure'],
  ['ds-several-standby', { ds: (zone, key) => [dsRdata(zone, zoneKey('standby', 13)), dsRdata(zone, key)] }, 'secure'],
  [
    'ds-several-all-wrong',
    { ds: (zone, key) => [dsRdata(zone, key, 2, wrongDigest()), dsRdata(zone, zoneKey('standby', 13))] },
    'bogus',
    [9]
  ],
  // RFC 4509 3: beside SHA-256, SHA-1 counts for nothing
  ['ds-sha1-beside-wrong-sha256', { ds: (zone, key) => [dsRdata(zone, key, 1), dsRdata(zone, key, 2, wrongDigest())] }, 'bogus', [9]],
  [
    'ds-unknown-beside-wrong',
    { ds: (zone, key) => [dsRdata(zone, key, 2, { algorithm: 100 }), dsRdata(zone, key, 2, wrongDigest())] },
    'bogus',
    [9]
  ],
  ['ds-unknown-beside-right', { ds: (zone, key) => [dsRdata(zone, key, 2, { algorithm: 100 }), dsRdata(zone, key)] }, 'secure'],
  ['ds-sha1', { digests: [1] }, 'insecure', [2]],
  ['ds-sha384', { digests: [4] }, 'secure'],
  ['ds-gost', { digests: [3] }, 'insecure', [2]],
  ['ds-reserved-digest', { digests: [255] }, 'insecure', [2]],
  ['ds-short-digest', { ds: (zone, key) => dsRdata(zone, key, 2, wrongDigest(20)) }, 'bogus', [9]],
  ['ds-private-algo', { ds: (zone, key) => dsRdata(zone, key, 2, { algorithm: 253 }) }, 'insecure', [1]],
  ['ds-of-unsigned', { algorithm: 'unsigned', ds: (zone) => dsRdata(zone, zoneKey('standby', 13)) }, 'bogus', [9, 10]]
]

const RRSIG: readonly Row[] = [
  ['rrsig-exp-dnskey', { faults: signing(TYPE.DNSKEY, EXPIRED) }, 'bogus', [7]],
  ['rrsig-not-yet-dnskey', { faults: signing(TYPE.DNSKEY, EARLY) }, 'bogus', [8]],
  ['bad-rrsig-a', forA({ corrupt: flipBit }), 'bogus', [6]],
  ['bad-rrsig-all', { faults: { sign: () => ({ corrupt: flipBit }) } }, 'bogus', [6]],
  ['rrsig-wrong-signer', forA({ signer: nameFromText('valid.faulty.ordered') }), 'bogus', [6]],
  ['rrsig-parent-signer', forA({ signer: nameFromText(PARENT) }), 'bogus', [6, 9]],
  ['rrsig-too-many-labels', forA({ labels: 9 }), 'bogus', [6]],
  ['rrsig-too-few-labels', forA({ labels: 1 }), 'bogus', [6]],
  ['rrsig-wrong-tag', forA({ keyTag: 1 }), 'bogus', [6, 9]],
  ['rrsig-wrong-algo', forA({ algorithm: 8 }), 'bogus', [6, 9]],
  ['rrsig-unassigned-algo', forA({ algorithm: 100 }), 'bogus', [1, 6, 9]],
  ['rrsig-empty', forA({ corrupt: () => new Uint8Array() }), 'bogus', [6]],
  ['rrsig-other-owner', forA({ owner: nameFromText(`mail.rrsig-other-owner.${PARENT}`) }), 'bogus', [6]],
  [
    'rrsig-one-good',
    {
      dress: (key) => ({ ...key, role: 'csk' }),
      faults: { sign: (_, key) => (isKsk({ ...key, role: key.flags & 1 ? 'ksk' : 'zsk' }) ? undefined : { corrupt: flipBit }) }
    },
    'secure'
  ]
]

const KEYS: readonly Row[] = [
  ['revoked-ksk', { dress: forKsk(withFlags(0x0181)) as NonNullable<Spec['dress']> }, 'bogus', [9]],
  ['revoked-zsk', { dress: forZsk(withFlags(0x0180)) as NonNullable<Spec['dress']> }, 'bogus', [6, 9]],
  ['protocol-ksk', { dress: forKsk((key) => redress(key, { protocol: 2 })) as NonNullable<Spec['dress']> }, 'bogus', [9]],
  ['protocol-zsk', { dress: forZsk((key) => redress(key, { protocol: 2 })) as NonNullable<Spec['dress']> }, 'bogus', [6, 9]],
  ['no-sep', { dress: forKsk(withFlags(0x0100)) as NonNullable<Spec['dress']> }, 'secure'],
  ['tag-collision-ksk', { published: (keys) => keys.flatMap((key) => (isKsk(key) ? [decoyOf(key), key] : [key])) }, 'secure'],
  ['tag-collision-zsk', { published: (keys) => keys.flatMap((key) => (isKsk(key) ? [key] : [decoyOf(key), key])) }, 'secure'],
  [
    'short-key',
    { dress: forZsk(() => zoneKey('short', 8, { bits: 512, role: 'zsk' })) as NonNullable<Spec['dress']>, algorithm: 8 },
    'bogus'
  ],
  ['truncated-key', { published: publish(forZsk((key) => redress(key, { publicKey: key.publicKey.slice(0, 40) }))) }, 'bogus', [6, 9]]
]

/** Without the records that stand for this name. */
const without = (type: number, owner: string): behaviours.Behaviour =>
  behaviours.editRecords((records) =>
    records.filter((record) => !(record.owner.equals(nameFromText(owner)) && (record.type === type || covers(record, type))))
  )
const covers = ({ type, rdata }: ResourceRecord, covered: number): boolean =>
  type === TYPE.RRSIG && ((rdata[0] << 8) | rdata[1]) === covered

/** NSEC whose next name is its owner with a label before it: it covers nothing that is asked for. */
const shrunkNsec: NonNullable<Spec['faults']> = {
  denial: (record) => {
    const bitmap = record.rdata.slice(nextLength(record.rdata))
    return { ...record, rdata: Uint8Array.of(...record.owner.child(Uint8Array.of(0)).wire, ...bitmap) }
  }
}
const nextLength = (rdata: Uint8Array): number => {
  let at = 0
  while (rdata[at] > 0) at += rdata[at] + 1
  return at + 1
}
const patched = (at: number, value: number): Spec => ({
  ...NSEC3,
  faults: { denial: (record) => ({ ...record, rdata: record.rdata.map((octet, i) => (i === at ? value : octet)) }) }
})

const DENIAL: readonly Row[] = [
  ['nsec-missing', { behaviours: [behaviours.strippingDenial] }, 'bogus', [12]],
  ['nsec-rrsig-missing', { faults: signing(TYPE.NSEC, 'omit') }, 'bogus', [10, 12]],
  ['bad-nsec-rrsig', { faults: signing(TYPE.NSEC, { corrupt: flipBit }) }, 'bogus', [6, 12]],
  ['nsec-rrsig-exp', { faults: signing(TYPE.NSEC, EXPIRED) }, 'bogus', [7, 12]],
  ['bad-nsec-next', { faults: shrunkNsec }, 'bogus', [6, 12]],
  ['nsec-no-wildcard', { behaviours: [without(TYPE.NSEC, `nsec-no-wildcard.${PARENT}`)] }, 'bogus', [12], { name: 'z.nowhere' }],
  ['nsec3-rrsig-exp', { ...NSEC3, faults: signing(TYPE.NSEC3, EXPIRED) }, 'bogus', [7, 12]],
  ['nsec3-optout', { denial: { by: 'nsec3', iterations: 0, optOut: true } }, 'insecure'],
  ['nsec3-long-salt', { denial: { by: 'nsec3', iterations: 0, salt: new Uint8Array(255).fill(7) } }, 'secure'],
  ['nsec3-unknown-hash', patched(0, 2), 'bogus', [12]],
  ['nsec3-unknown-flags', patched(1, 2), 'bogus', [12]],
  ['nodata-nsec-missing', { behaviours: [behaviours.strippingDenial] }, 'bogus', [12], { name: 'www', type: 'MX', rcode: 'NOERROR' }],
  [
    'nodata-lie',
    { behaviours: [behaviours.when(behaviours.asksFor(TYPE.AAAA), behaviours.failing(0))] },
    'bogus',
    [12],
    { name: 'www', type: 'AAAA', rcode: 'NOERROR' }
  ],
  [
    'nxdomain-lie',
    { behaviours: [behaviours.when(behaviours.asksFor(TYPE.AAAA), behaviours.failing(3))] },
    'bogus',
    [12],
    { name: 'www', type: 'AAAA', rcode: 'NOERROR' }
  ],
  ['nodata-bad-nsec3', { ...NSEC3, faults: { denial: shrunk } }, 'secure', undefined, { name: 'www', type: 'MX', rcode: 'NOERROR' }]
]

const oldCopy = (name: string): behaviours.Behaviour =>
  behaviours.insteadOf(authority([makeZone({ origin: name, text: `@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 192.0.2.1\nwww A 203.0.113.66` })]))

const SERVERS: readonly Row[] = [
  ['refuses-dnskey', { behaviours: [behaviours.when(behaviours.asksFor(TYPE.DNSKEY), behaviours.refusing)] }, 'indeterminate', [22, 23]],
  ['fails-dnskey', { behaviours: [behaviours.when(behaviours.asksFor(TYPE.DNSKEY), behaviours.failing(2))] }, 'indeterminate', [22, 23]],
  ['strips-rrsig', { behaviours: [behaviours.strippingRrsig] }, 'bogus', [10]],
  ['strips-dnssec', { behaviours: [behaviours.strippingDnssec] }, 'bogus', [10]],
  ['ignores-edns', { behaviours: [behaviours.ignoringEdns] }, 'bogus', [10]],
  ['truncates', { behaviours: [behaviours.truncating] }, 'secure'],
  ['truncates-no-tcp', { behaviours: [behaviours.truncating, behaviours.udpOnly] }, 'indeterminate', [22, 23]],
  ['old-unsigned-copy', { behaviours: [oldCopy(`old-unsigned-copy.${PARENT}`)] }, 'bogus', [9, 10]],
  ['wrong-zone', { behaviours: [oldCopy('elsewhere.ordered')] }, 'indeterminate', [22]],
  ['garbled', { behaviours: [behaviours.garbled] }, 'indeterminate', [22, 23]],
  ['silent', { behaviours: [behaviours.silent] }, 'indeterminate', [22, 23]]
]

const SECURE = 'valid.faulty.ordered.'
const INSECURE = 'unsigned.faulty.ordered.'
const BOGUS = 'rrsig-exp-a.faulty.ordered.'
const wild = (text: string, more: Partial<Spec> = {}): Spec => ({ text, ...more })

const ALIASES: readonly Row[] = [
  ['wildcard', wild('*.any A 203.0.113.81'), 'secure', undefined, { name: 'x.any' }],
  ['wildcard-nsec3', wild('*.any A 203.0.113.81', NSEC3), 'secure', undefined, { name: 'x.any' }],
  ['wildcard-no-proof', wild('*.any A 203.0.113.81', { behaviours: [behaviours.strippingDenial] }), 'bogus', [12], { name: 'x.any' }],
  ['wildcard-bad-rrsig', wild('*.any A 203.0.113.81', forA({ corrupt: flipBit })), 'bogus', [6], { name: 'x.any' }],
  ['wildcard-nodata', wild('*.any TXT "any"'), 'secure', undefined, { name: 'x.any' }],
  ['wildcard-cname', wild(`*.any CNAME www.${INSECURE}`), 'insecure', undefined, { name: 'x.any' }],
  ['cname-secure', wild(`to CNAME www.${SECURE}`), 'secure', undefined, { name: 'to' }],
  ['cname-insecure', wild(`to CNAME www.${INSECURE}`), 'insecure', undefined, { name: 'to' }],
  ['cname-bogus', wild(`to CNAME www.${BOGUS}`), 'bogus', [7], { name: 'to' }],
  ['cname-nxdomain', wild(`to CNAME nowhere.${SECURE}`), 'secure', undefined, { name: 'to', rcode: 'NXDOMAIN' }],
  ['cname-from-insecure', { algorithm: 'unsigned', text: `to CNAME www.${SECURE}` }, 'insecure', undefined, { name: 'to' }],
  ['cname-insecure-to-bogus', { algorithm: 'unsigned', text: `to CNAME www.${BOGUS}` }, 'bogus', [7], { name: 'to' }],
  ['cname-bad-rrsig', { text: `to CNAME www.${SECURE}`, faults: signing(TYPE.CNAME, { corrupt: flipBit }) }, 'bogus', [6], { name: 'to' }],
  ['cname-no-rrsig', { text: `to CNAME www.${INSECURE}`, faults: signing(TYPE.CNAME, 'omit') }, 'bogus', [10], { name: 'to' }],
  ['dname-secure', wild(`to DNAME ${SECURE}`), 'secure', undefined, { name: 'www.to' }],
  ['dname-insecure', wild(`to DNAME ${INSECURE}`), 'insecure', undefined, { name: 'www.to' }],
  ['dname-bogus', wild(`to DNAME ${BOGUS}`), 'bogus', [7], { name: 'www.to' }],
  ['dname-bad-rrsig', { text: `to DNAME ${SECURE}`, faults: signing(TYPE.DNAME, { corrupt: flipBit }) }, 'bogus', [6], { name: 'www.to' }],
  ['dname-no-rrsig', { text: `to DNAME ${INSECURE}`, faults: signing(TYPE.DNAME, 'omit') }, 'bogus', [10], { name: 'www.to' }],
  ['dname-nxdomain', wild(`to DNAME ${SECURE}`), 'secure', undefined, { name: 'nowhere.to', rcode: 'NXDOMAIN' }]
]

export const BROKEN: Family = {
  parent: PARENT,
  rows: [
    [DS, 'www', 'NOERROR'],
    [RRSIG, 'www', 'NOERROR'],
    [KEYS, 'www', 'NOERROR'],
    [DENIAL, 'nowhere', 'NXDOMAIN'],
    [SERVERS, 'www', 'NOERROR'],
    [ALIASES, 'www', 'NOERROR']
  ],
  address: (n) => `192.0.2.${100 + n}`
}
