// A private root with TLDs and zones below them, signed by BIND, ldns and Knot with every algorithm each of them has, by NSEC, NSEC3
// and Opt-Out, and broken copies of some. Served by named, NSD and knotd at loopback addresses.
import type { Denial, Signer, Signing } from './signers.js'

export interface LeafSpec extends Signing {
  readonly signer: Signer
  /** wrong on purpose */
  readonly fault?: Fault
}

export interface Fault {
  readonly about: string
  /** changes the signed zone, a record a line */
  readonly edit?: (lines: readonly string[]) => readonly string[]
  /** changes the DS at the parent */
  readonly ds?: (line: string) => string
}

/** named listens only where an interface has the address. */
export const PLACES = { named: '127.0.0.1', top: '127.53.10.1', nsd: '127.53.20.1', knotd: '127.53.30.1' } as const

export const TLDS: Readonly<Record<'bind' | 'ldns' | 'optout' | 'knot', LeafSpec>> = {
  bind: { name: 'bind', signer: 'bind', algorithm: 13, denial: 'nsec' },
  ldns: { name: 'ldns', signer: 'ldns', algorithm: 8, denial: 'nsec3', salt: 'cafe', iterations: 1 },
  optout: { name: 'optout', signer: 'bind', algorithm: 15, denial: 'optout' },
  knot: { name: 'knot', signer: 'knot', algorithm: 15, denial: 'nsec3' }
}
export const ROOT: LeafSpec = { name: '.', signer: 'bind', algorithm: 8, denial: 'nsec' }

const VARIANTS: readonly [label: string, algorithm: number, denial: Denial, more?: Partial<Signing>][] = [
  ['rsasha1', 5, 'nsec'],
  ['nsec3rsasha1', 7, 'nsec3'],
  ['rsasha256', 8, 'nsec'],
  ['rsasha512', 10, 'nsec3'],
  ['ecdsap256', 13, 'nsec'],
  ['ecdsap384', 14, 'nsec3'],
  ['ed25519', 15, 'nsec'],
  ['ed448', 16, 'nsec3'],
  ['salted', 13, 'nsec3', { salt: 'deadbeef', iterations: 5 }],
  ['optedout', 13, 'optout']
]

export const SIGNERS: readonly Signer[] = ['bind', 'ldns', 'knot']

export const LEAVES: readonly LeafSpec[] = SIGNERS.flatMap((signer) =>
  VARIANTS.map(([label, algorithm, denial, more]): LeafSpec => ({ name: `${label}.${signer}`, signer, algorithm, denial, ...more }))
)

const isType = (line: string, type: string): boolean => line.split(/\s+/)[3] === type
const isOf = (line: string, label: string): boolean => line.startsWith(`${label}.`)
const covers = (line: string, type: string): boolean => isType(line, 'RRSIG') && line.split(/\s+/)[4] === type
const lastField = (line: string, change: (field: string) => string): string => {
  const fields = line.replace(/\s*;.*$/, '').split(/\s+/)
  const last = fields.length - 1
  return [...fields.slice(0, last), change(fields[last])].join(' ')
}
/** Another letter in the middle: base64 and hexadecimal stay what they are, for each has A and B. */
const turned = (field: string): string => {
  const at = field.length >> 1
  return `${field.slice(0, at)}${field[at] === 'A' ? 'B' : 'A'}${field.slice(at + 1)}`
}
const isDenial = (line: string): boolean => ['NSEC', 'NSEC3'].some((type) => isType(line, type) || covers(line, type))

const FAULTS: Readonly<Record<string, Fault & Partial<Signing>>> = {
  unsigned: { about: 'no RRSIG over A', edit: (all) => all.filter((line) => !(isOf(line, 'www') && covers(line, 'A'))) },
  forged: {
    about: 'another address',
    edit: (all) => all.map((line) => (isOf(line, 'www') && isType(line, 'A') ? lastField(line, () => '192.0.2.66') : line))
  },
  badsig: { about: 'wrong RRSIGs over A', edit: (all) => all.map((line) => (covers(line, 'A') ? lastField(line, turned) : line)) },
  expired: { about: 'RRSIGs that expired', days: [-30, -2] },
  early: { about: 'RRSIGs of the future', days: [2, 30] },
  nodenial: { about: 'no NSEC or NSEC3', edit: (all) => all.filter((line) => !isDenial(line)) },
  baddenial: {
    about: 'wrong RRSIGs over NSEC or NSEC3',
    edit: (all) => all.map((line) => (covers(line, 'NSEC') || covers(line, 'NSEC3') ? lastField(line, turned) : line))
  },
  badds: { about: 'another digest in the DS', ds: (line) => lastField(line, turned) },
  futureds: { about: 'a DS of an unassigned digest type only', ds: (line) => line.replace(/(DS\s+\d+\s+\d+\s+)2/, '$1100') },
  futurealgorithm: { about: 'a DS of an unassigned algorithm only', ds: (line) => line.replace(/(DS\s+\d+\s+)\d+/, '$1100') },
  nozsk: { about: 'no ZSK', edit: (all) => all.filter((line) => !(isType(line, 'DNSKEY') && / 256 3 /.test(line))) },
  noksk: { about: 'no KSK', edit: (all) => all.filter((line) => !(isType(line, 'DNSKEY') && / 257 3 /.test(line))) },
  nokeysig: { about: 'no RRSIG over DNSKEY', edit: (all) => all.filter((line) => !covers(line, 'DNSKEY')) },
  badkeysig: {
    about: 'wrong RRSIGs over DNSKEY',
    edit: (all) => all.map((line) => (covers(line, 'DNSKEY') ? lastField(line, turned) : line))
  }
}

export const BROKEN: readonly LeafSpec[] = Object.entries(FAULTS).flatMap(([label, fault]) =>
  (['bind', 'ldns'] as const).map((signer): LeafSpec => {
    const { days, ...rest } = fault
    return {
      name: `${label}.${signer}`,
      signer,
      algorithm: 13,
      denial: signer === 'bind' ? 'nsec' : 'nsec3',
      fault: rest,
      ...(days && { days })
    }
  })
)

const serverOf = (signer: Signer): string => (signer === 'bind' ? PLACES.named : signer === 'ldns' ? PLACES.nsd : PLACES.knotd)
const SOA = '@ 3600 IN SOA ns hostmaster 1 3600 600 864000 300'
const DIGEST = '8D5E0A3F1C2B4D6E7F8091A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6'

/** A zone with everything that can be asked for. */
export function leafText({ name, signer }: Pick<LeafSpec, 'name' | 'signer'>): string {
  const other = SIGNERS[(SIGNERS.indexOf(signer) + 1) % SIGNERS.length]
  return `$ORIGIN ${name}.
$TTL 3600
${SOA}
@ NS ns
ns A ${serverOf(signer)}
@ MX 10 mail
@ TXT "This is ${name}"
www A 192.0.2.80
www AAAA 2001:db8::80
mail A 192.0.2.25
_25._tcp.mail TLSA 3 1 1 ${DIGEST}
*.any A 192.0.2.81
*.any TXT "anything"
a.b.ent TXT "deep"
near CNAME www
far CNAME www.ecdsap256.${other}.
lost CNAME nowhere
plain CNAME www.plain.optout.
broken CNAME www.forged.bind.
*.to CNAME www.ed25519.${other}.
old DNAME ecdsap384.${other}.
oldplain DNAME plain.optout.
insecure NS ns.plain.optout.
`
}

export function plainText(name: string): string {
  return `$ORIGIN ${name}.
$TTL 3600
${SOA}
@ NS ns.plain.optout.
${name === 'plain.optout' ? `ns A ${PLACES.nsd}\n` : ''}www A 192.0.2.90
secure CNAME www.ecdsap256.bind.
broken CNAME www.forged.bind.
`
}

/** @param ds lines of the children's DS, by name; of an insecure child none */
export function parentText(
  name: string,
  children: ReadonlyMap<string, { readonly address: string; readonly ds: readonly string[] }>
): string {
  const own = name === 'knot' ? PLACES.knotd : PLACES.top
  const lines = [`$ORIGIN ${name === '.' ? '.' : `${name}.`}`, '$TTL 3600', SOA, '@ NS ns', `ns A ${own}`]
  for (const [child, { address, ds }] of children) {
    lines.push(`${child}. NS ns.${child}.`, `ns.${child}. A ${address}`, ...ds)
  }
  return `${lines.join('\n')}\n`
}

export const addressOf = ({ signer }: Pick<LeafSpec, 'signer'>): string => serverOf(signer)
