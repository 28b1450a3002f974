// Faults planted in a signed zone: in its RRSIGs, its keys and DS, its NSEC or NSEC3 chain, its data. Each is one change of the
// records as they would be published; what was changed afterwards is signed anew unless the fault is that it was not.

import { Writer } from '../../src/wire/cursor.js'
import { Name } from '../../src/wire/name.js'
import { CLASS, TYPE, typeToText } from '../../src/wire/numbers.js'
import { typeBitmapToWire } from '../../src/wire/rdata/bitmap.js'
import { readNsec } from '../../src/wire/rdata/nsec.js'
import { type Nsec3, OPT_OUT, readNsec3 } from '../../src/wire/rdata/nsec3.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import type { Random } from '../fuzz/random.js'
import type { Link } from '../world/chain.js'
import { signsType, type ZoneKey } from '../world/keys.js'
import { flipBit, type SignatureFaults, signRrset } from '../world/signer.js'
import { isAuthoritative, type Zone, type ZoneNode } from '../world/zone.js'

export interface Planting {
  readonly zone: Zone
  readonly random: Random
  /** seconds since the epoch */
  readonly now: number
  /** another signed zone: that of the parent */
  readonly parent: { readonly apex: Name; readonly key: ZoneKey }
}

/** What was done, and to which names, so that they are asked about. */
export interface Planted {
  readonly what: string
  readonly hot: readonly Name[]
  /** NSD accepts it in a file, and fails when asked */
  readonly unwritable?: true
}

type Fault = (planting: Planting) => Planted | undefined

/** An RRset of the zone that is signed, or ought to be. */
interface Target {
  readonly owner: Name
  readonly type: number
  /** the name that an NSEC3 stands for; otherwise the owner */
  readonly name: Name
  records: readonly ResourceRecord[]
  signatures: readonly ResourceRecord[]
}

const DAY = 86_400

/** Every fault that sets an RRSIG's fields wrongly, over the octets that it then says. */
const FIELDS: readonly (readonly [what: string, faults: (planting: Planting, target: Target) => SignatureFaults, unwritable?: true])[] = [
  ['corrupt', () => ({ corrupt: flipBit })],
  ['longer', () => ({ corrupt: (signature) => Uint8Array.of(...signature, 0) })],
  ['shorter', () => ({ corrupt: (signature) => signature.slice(0, -1) })],
  ['empty', () => ({ corrupt: () => new Uint8Array() }), true],
  ['zeros', () => ({ corrupt: (signature) => new Uint8Array(signature.length) })],
  ['expired', ({ now }) => ({ inception: now - 30 * DAY, expiration: now - 2 * DAY })],
  ['early', ({ now }) => ({ inception: now + 2 * DAY, expiration: now + 30 * DAY })],
  ['reversed', ({ now }) => ({ inception: now + 2 * DAY, expiration: now - 2 * DAY })],
  ['forever', ({ now }) => ({ inception: now - DAY, expiration: (now + 0x7fff0000) >>> 0 })],
  ['signer parent', ({ parent }) => ({ signer: parent.apex })],
  ['signer root', () => ({ signer: Name.root })],
  ['signer other', () => ({ signer: nameFromText('good.plain') })],
  ['signer below', ({ zone }) => ({ signer: zone.apex.child(Buffer.from('www')) })],
  ['signer owner', (_, { owner }) => ({ signer: owner })],
  ['signer case', ({ zone }) => ({ signer: nameFromText(nameToText(zone.apex).toUpperCase()) })],
  ['labels more', (_, { owner }) => ({ labels: owner.labelCount + 1 })],
  ['labels less', (_, { owner }) => ({ labels: Math.max(0, owner.labelCount - 1) })],
  ['labels apex', ({ zone }) => ({ labels: zone.apex.labelCount })],
  ['labels none', () => ({ labels: 0 })],
  ['original TTL', ({ random }) => ({ originalTtl: random.pick([0, 1, 7200, 0xffffffff]) })],
  ['RRSIG TTL', ({ random }) => ({ ttl: random.pick([0, 5, 86400]) })],
  ['key tag', ({ random }) => ({ keyTag: random.below(0x10000) })],
  ['algorithm', ({ random }) => ({ algorithm: random.pick([0, 3, 5, 8, 13, 15, 16, 200, 253]) })],
  ['owner', ({ zone }) => ({ owner: zone.apex.child(Buffer.from('www')) })],
  ['type covered', () => ({ typeCovered: TYPE.SPF })]
]

const rrsigFields: Fault = (planting) => {
  const [what, faults, unwritable] = planting.random.pick(FIELDS)
  return onTargets(planting, `RRSIG ${what}`, unwritable, (target) => {
    target.signatures = signAll(planting, target, faults(planting, target))
  })
}

const rrsigMissing: Fault = (planting) =>
  onTargets(planting, 'RRSIG missing', undefined, (target) => {
    target.signatures = []
  })

/** A second RRSIG by the same keys, before or after the good one. */
const rrsigBeside: Fault = (planting) => {
  const { random } = planting
  const [what, faults, unwritable] = random.pick(FIELDS)
  const first = random.oneIn(2)
  return onTargets(planting, `RRSIG ${what} beside`, unwritable, (target) => {
    const wrong = signAll(planting, target, faults(planting, target))
    target.signatures = first ? [...wrong, ...target.signatures] : [...target.signatures, ...wrong]
  })
}

/** The parent's own key signs, and is named. */
const rrsigByParent: Fault = (planting) =>
  onTargets(planting, 'RRSIG by the parent', undefined, (target) => {
    const { parent } = planting
    target.signatures = [signRrset(target.records, parent.key, { ...validity(planting), signer: parent.apex })]
  })

const FORGEABLE: ReadonlySet<number> = new Set([TYPE.A, TYPE.AAAA, TYPE.TXT, TYPE.MX, TYPE.SRV, TYPE.TLSA])

/** Data changed after it was signed. */
const forged: Fault = (planting) => {
  const { random } = planting
  const ns = planting.zone.apex.child(Buffer.from('ns'))
  const targets = targetsOf(planting.zone).filter(({ owner, type }) => !owner.equals(ns) && FORGEABLE.has(type))
  if (targets.length === 0) return undefined
  const target = random.pick(targets)
  const what = random.pick(['one more', 'one less', 'changed', 'TTL up', 'TTL down'])
  const [record, ...rest] = target.records
  if (record.type === TYPE.TXT && record.rdata[0] === 0) return undefined
  // an octet that is no length: of the address, the preference, the text
  const other = { ...record, rdata: record.rdata.map((octet, i) => (i === 1 ? octet ^ 1 : octet)) }
  if (what === 'one more') target.records = [...target.records, other]
  else if (what === 'changed') target.records = [other, ...rest]
  else if (what === 'one less') {
    if (rest.length === 0) return undefined
    target.records = rest
  } else target.records = target.records.map((one) => ({ ...one, ttl: what === 'TTL up' ? one.ttl + 1000 : one.ttl >> 1 }))
  put(planting.zone, target)
  return { what: `data ${what}`, hot: [target.name] }
}

/** RFC 4035 5.3.4: a wildcard's records and RRSIG at another name. */
const replayedWildcard: Fault = (planting) => {
  const { zone, random } = planting
  const wildcards = targetsOf(zone).filter(({ owner, type }) => owner.isWildcard && type !== TYPE.NSEC && type !== TYPE.NSEC3)
  if (wildcards.length === 0) return undefined
  const from = random.pick(wildcards)
  const label = Buffer.from(random.pick(['copy', 'there', 'x', 'zzz']))
  const base = random.oneIn(3) ? from.owner.parent().child(Buffer.from('mid')) : from.owner.parent()
  const owner = base.child(label)
  const at = (records: readonly ResourceRecord[]): ResourceRecord[] => records.map((record) => ({ ...record, owner }))
  addNode(zone, owner, from.type, at(from.records), at(from.signatures))
  return { what: `wildcard replayed at ${nameToText(owner)}`, hot: [owner, owner.child(Buffer.from('x')), base] }
}

/** Records that were never signed, or signed and not in the chain. */
const added: Fault = (planting) => {
  const { zone, random } = planting
  const existing = random.pick([...zone.nodes.values()].filter(({ standing }) => standing !== 'occluded'))
  const owner = random.oneIn(2) ? existing.owner : existing.owner.child(Buffer.from('added'))
  const type = random.pick([TYPE.A, TYPE.TXT, TYPE.SSHFP, TYPE.SPF])
  if (zone.nodes.get(owner.key)?.sets.has(type) || zone.nodes.get(owner.key)?.sets.has(TYPE.CNAME)) return undefined
  const rdata = type === TYPE.A ? Uint8Array.of(192, 0, 2, 66) : Uint8Array.of(3, 1, 0x61, 0x62)
  const records = [{ owner, type, class: CLASS.IN, ttl: 300, rdata }]
  const signed = random.oneIn(2)
  addNode(zone, owner, type, records, signed ? signRecords(planting, records) : [])
  return { what: `${typeToText(type)} added${signed ? ' and signed' : ''}`, hot: [owner, owner.child(Buffer.from('x'))] }
}

/** A link of the chain taken away, with or without its RRSIG. */
const linkMissing: Fault = ({ zone, random }) => {
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
const linkLies: Fault = (planting) => (planting.zone.chain?.by === 'nsec' ? nsecLies(planting) : nsec3Lies(planting))

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
const allOptOut: Fault = (planting) => {
  const { zone } = planting
  if (zone.chain?.by !== 'nsec3') return undefined
  for (const link of zone.chain.links) {
    const [record] = link.records
    if (record) putLink(planting, link, [{ ...record, rdata: record.rdata.map((octet, i) => (i === 1 ? octet ^ OPT_OUT : octet)) }])
  }
  return { what: 'Opt-Out of all turned', hot: [] }
}

const FAULTS: readonly Fault[] = [
  ...[rrsigFields, rrsigFields, rrsigFields, rrsigMissing, rrsigBeside, rrsigByParent, forged, replayedWildcard, replayedWildcard],
  ...[added, linkMissing, linkLies, linkLies, linkLies, linkLies, allOptOut]
]

/** One fault at random; another one when the first cannot be had in this zone. */
export function plantFault(planting: Planting): Planted {
  for (let tries = 0; tries < 50; tries++) {
    const planted = planting.random.pick(FAULTS)(planting)
    if (planted) return planted
  }
  return { what: 'none', hot: [] }
}

function onTargets(planting: Planting, what: string, unwritable: true | undefined, change: (target: Target) => void): Planted | undefined {
  const { zone, random } = planting
  const all = targetsOf(zone)
  const one = random.pick(all)
  const scope = random.below(10)
  const chosen =
    scope < 5
      ? [one]
      : scope < 7
        ? all.filter(({ type }) => type === one.type)
        : scope < 8
          ? all.filter(({ type }) => type === TYPE.DNSKEY)
          : all.filter(({ type }) => type === TYPE.NSEC || type === TYPE.NSEC3)
  if (chosen.length === 0) return undefined
  for (const target of chosen) {
    change(target)
    put(zone, target)
  }
  const where = chosen.length === 1 ? `${nameToText(chosen[0].name)} ${typeToText(chosen[0].type)}` : `all ${typeToText(chosen[0].type)}`
  const hot = chosen.slice(0, 3).flatMap(({ name }) => around(name))
  return { what: `${what} of ${where}`, hot, ...(unwritable && { unwritable }) }
}

function targetsOf(zone: Zone): Target[] {
  const targets: Target[] = []
  for (const node of zone.nodes.values()) {
    for (const [type, records] of node.sets) {
      if (!isAuthoritative(node, type)) continue
      targets.push({ owner: node.owner, name: node.owner, type, records, signatures: node.signatures.get(type) ?? [] })
    }
  }
  if (zone.chain?.by === 'nsec3') {
    for (const { name, owner, records, signatures } of zone.chain.links) {
      if (records.length > 0) targets.push({ owner, name, type: TYPE.NSEC3, records, signatures })
    }
  }
  return targets
}

function put(zone: Zone, { owner, type, records, signatures }: Target): void {
  const link = type === TYPE.NSEC || type === TYPE.NSEC3 ? zone.chain?.links.find((one) => one.owner.equals(owner)) : undefined
  if (link) {
    link.records = [...records]
    link.signatures = [...signatures]
  }
  const node = type === TYPE.NSEC3 ? undefined : zone.nodes.get(owner.key)
  node?.sets.set(type, [...records])
  node?.signatures.set(type, [...signatures])
}

function putLink(planting: Planting, link: Link, records: ResourceRecord[]): void {
  put(planting.zone, { ...link, type: records[0].type, records, signatures: signRecords(planting, records) })
}

function addNode(zone: Zone, owner: Name, type: number, records: ResourceRecord[], signatures: readonly ResourceRecord[]): void {
  const nodes = zone.nodes as Map<string, ZoneNode>
  for (let labels = zone.apex.labelCount; labels <= owner.labelCount; labels++) {
    const name = owner.ancestor(labels)
    if (!nodes.has(name.key)) nodes.set(name.key, { owner: name, standing: 'empty', sets: new Map(), signatures: new Map() })
  }
  const node = nodes.get(owner.key) as ZoneNode
  if (node.standing === 'empty') nodes.set(owner.key, { ...node, standing: 'authoritative' })
  nodes.get(owner.key)?.sets.set(type, records)
  nodes.get(owner.key)?.signatures.set(type, [...signatures])
}

const validity = ({ now, zone }: Planting) => ({ inception: now - DAY, expiration: now + 14 * DAY, signer: zone.apex })

const signRecords = (planting: Planting, records: readonly ResourceRecord[], faults: SignatureFaults = {}): ResourceRecord[] =>
  planting.zone.keys.filter((key) => signsType(key, records[0].type)).map((key) => signRrset(records, key, validity(planting), faults))

const signAll = (planting: Planting, { records }: Target, faults: SignatureFaults): ResourceRecord[] =>
  signRecords(planting, records, faults)

const linkOf = (zone: Zone, random: Random): Link | undefined => {
  const links = zone.chain?.links.filter(({ records }) => records.length > 0) ?? []
  return links.length > 0 ? random.pick(links) : undefined
}

const around = (name: Name): Name[] => [name, ...['!', 'zz'].map((label) => name.child(Buffer.from(label)))]

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
