// Faults of the NSEC or NSEC3 chain of a zone: links that are missing, and links that lie and are signed.

import { Writer } from '../../src/wire/cursor.js'
import type { Name } from '../../src/wire/name.js'
import { TYPE, typeToText } from '../../src/wire/numbers.js'
import { typeBitmapToWire } from '../../src/wire/rdata/bitmap.js'
import { readNsec } from '../../src/wire/rdata/nsec.js'
import { type Nsec3, OPT_OUT, readNsec3 } from '../../src/wire/rdata/nsec3.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import type { Random } from '../fuzz/random.js'
import type { Link } from '../world/chain.js'
import type { Zone } from '../world/zone.js'
import { around, type Fault, type Planting, putLink } from './random-planting.js'

/** A link of the chain taken away, with or without its RRSIG. */
export const linkMissing: Fault = ({ zone, random }) => {
  const link = linkOf(zone, random)
  if (!link) return undefined
  if (zone.chain?.by === 'nsec') {
    zone.nodes.get(link.name.key)?.sets.delete(TYPE.NSEC)
    zone.nodes.get(link.name.key)?.signatures.delete(TYPE.NSEC)
  }
  link.records = []
  link.signatures = []
  return { what: `no link at ${nameToText(link.name)}`, hot: around(link.name) }
}

interface NsecDraft {
  readonly next: Name
  readonly types: ReadonlySet<number>
}

const NSEC_CHANGES: readonly (readonly [string, (nsec: NsecDraft, planting: Planting, owner: Name) => Partial<NsecDraft>])[] = [
  ['next is next but one', ({ next }, { zone }) => ({ next: following(zone, next) })],
  ['next is the apex', (_, { zone }) => ({ next: zone.apex })],
  ['next is its owner', (_, __, owner) => ({ next: owner })],
  ['next is below its owner', (_, __, owner) => ({ next: owner.child(Uint8Array.of(0)) })],
  ['next is out of the zone', (_, { parent }) => ({ next: parent.apex })],
  ['next in upper case', ({ next }) => ({ next: nameFromText(nameToText(next).replace(/^[a-z]/, (one) => one.toUpperCase())) })],
  ['no types but its own', () => ({ types: new Set([TYPE.NSEC, TYPE.RRSIG]) })],
  ['no types at all', () => ({ types: new Set() })],
  ['without NSEC and RRSIG', ({ types }) => ({ types: new Set([...types].filter((type) => type !== TYPE.NSEC && type !== TYPE.RRSIG)) })]
]
const ADDED_TYPES = [TYPE.NS, TYPE.SOA, TYPE.DS, TYPE.CNAME, TYPE.DNAME, TYPE.A, TYPE.NXNAME, TYPE.MX, TYPE.AAAA] as const

/** An NSEC or NSEC3 that lies, and is signed. */
export const linkLies: Fault = (planting) => (planting.zone.chain?.by === 'nsec' ? nsecLies(planting) : nsec3Lies(planting))

const nsecLies: Fault = (planting) => {
  const { zone, random } = planting
  const link = linkOf(zone, random)
  if (!link) return undefined
  const { next, types } = readNsec(link.records[0].rdata)
  const draft: NsecDraft = { next, types: new Set(types.types()) }
  const [what, change] = random.oneIn(2) ? typesChanged(draft.types, random) : changeOf(NSEC_CHANGES, draft, planting, link.owner)
  const nsec = { ...draft, ...change }
  const rdata = new Writer()
    .bytes(nsec.next.wire)
    .bytes(typeBitmapToWire([...nsec.types]))
    .finish()
  putLink(planting, link, [{ ...link.records[0], rdata }])
  return { what: `NSEC of ${nameToText(link.name)}: ${what}`, hot: around(link.name) }
}

type Nsec3Draft = Omit<Nsec3, 'types'> & { readonly types: ReadonlySet<number> }

const NSEC3_CHANGES: readonly (readonly [string, (nsec3: Nsec3Draft, planting: Planting, owner: Name) => Partial<Nsec3Draft>])[] = [
  ['next is next but one', ({ nextHash }, { zone }) => ({ nextHash: followingHash(zone, nextHash) })],
  ['next is shrunk', (nsec3, _, owner) => ({ nextHash: oneMore(hashOfOwner(nsec3, owner)) })],
  ['Opt-Out turned', ({ flags }) => ({ flags: flags ^ OPT_OUT })],
  ['unknown flag', ({ flags }) => ({ flags: flags | 2 })],
  ['unknown hash', () => ({ hashAlgorithm: 2 })],
  ['other iterations', (_, { random }) => ({ iterations: random.pick([0, 2, 51, 151, 2000]) })],
  ['other salt', () => ({ salt: Uint8Array.of(1, 2) })],
  ['short next hash', ({ nextHash }) => ({ nextHash: nextHash.slice(0, 19) })],
  ['no types', () => ({ types: new Set() })]
]
/** NSD takes them from a file, and fails. */
const NOT_FOR_FILES: ReadonlySet<string> = new Set(['unknown flag', 'unknown hash', 'short next hash'])

const nsec3Lies: Fault = (planting) => {
  const { zone, random } = planting
  const link = linkOf(zone, random)
  if (!link) return undefined
  const read = readNsec3(link.records[0].rdata)
  const draft: Nsec3Draft = { ...read, types: new Set(read.types.types()) }
  const [what, change] = random.oneIn(2) ? typesChanged(draft.types, random) : changeOf(NSEC3_CHANGES, draft, planting, link.owner)
  putLink(planting, link, [{ ...link.records[0], rdata: nsec3Rdata({ ...draft, ...change }) }])
  const unwritable = NOT_FOR_FILES.has(what) || undefined
  return { what: `NSEC3 of ${nameToText(link.name)}: ${what}`, hot: around(link.name), ...(unwritable && { unwritable }) }
}

/** RFC 5155 8: a whole chain in which every record has Opt-Out set, or none. */
export const allOptOut: Fault = (planting) => {
  const { zone } = planting
  if (zone.chain?.by !== 'nsec3') return undefined
  for (const link of zone.chain.links) {
    const [record] = link.records
    if (record) putLink(planting, link, [{ ...record, rdata: record.rdata.map((octet, i) => (i === 1 ? octet ^ OPT_OUT : octet)) }])
  }
  return { what: 'Opt-Out of all turned', hot: [] }
}

const linkOf = (zone: Zone, random: Random): Link | undefined => {
  const links = zone.chain?.links.filter(({ records }) => records.length > 0) ?? []
  return links.length > 0 ? random.pick(links) : undefined
}

type Changed<T> = readonly [what: string, change: Partial<T>]

function typesChanged(types: ReadonlySet<number>, random: Random): Changed<{ readonly types: ReadonlySet<number> }> {
  const type = random.oneIn(2) ? random.pick(ADDED_TYPES) : random.pick([...types, TYPE.NS])
  if (types.has(type)) return [`hides ${typeToText(type)}`, { types: new Set([...types].filter((one) => one !== type)) }]
  return [`says ${typeToText(type)}`, { types: new Set([...types, type]) }]
}

function changeOf<T>(
  changes: readonly (readonly [string, (draft: T, planting: Planting, owner: Name) => Partial<T>])[],
  draft: T,
  planting: Planting,
  owner: Name
): Changed<T> {
  const [what, change] = planting.random.pick(changes)
  return [what, change(draft, planting, owner)]
}

const following = (zone: Zone, name: Name): Name => {
  const links = zone.chain?.links ?? []
  return links[(links.findIndex((link) => link.owner.equals(name)) + 1) % links.length].owner
}
const followingHash = (zone: Zone, hash: Uint8Array): Uint8Array => {
  const links = zone.chain?.links ?? []
  const at = links.findIndex((link) => Buffer.compare(link.hash as Uint8Array, hash) === 0)
  return links[(at + 1) % links.length].hash as Uint8Array
}
const hashOfOwner = (nsec3: Nsec3Draft, owner: Name): Uint8Array => {
  const bits = [...Buffer.from(owner.label(0)).toString('latin1').toLowerCase()].map((char) =>
    Number.parseInt(char, 32).toString(2).padStart(5, '0')
  )
  return Uint8Array.from({ length: nsec3.nextHash.length }, (_, i) => Number.parseInt(bits.join('').slice(i * 8, i * 8 + 8), 2))
}
function oneMore(hash: Uint8Array): Uint8Array {
  const next = hash.slice()
  next[next.length - 1]++
  return next
}

function nsec3Rdata({ hashAlgorithm, flags, iterations, salt, nextHash, types }: Nsec3Draft): Uint8Array {
  const head = new Writer().u8(hashAlgorithm).u8(flags).u16(iterations).u8(salt.length).bytes(salt)
  return head
    .u8(nextHash.length)
    .bytes(nextHash)
    .bytes(typeBitmapToWire([...types]))
    .finish()
}
