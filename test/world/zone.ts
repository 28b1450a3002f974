// A zone made from master-file text and signing options: its nodes, its NSEC or NSEC3 chain and its RRSIGs (RFC 4035 2).
// Faults are hooks: what they do not touch is right.
import { compareNames, type Name } from '../../src/wire/name.js'
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import { readSoa } from '../../src/wire/rdata/soa.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText, recordToText } from '../../src/wire/text.js'
import { recordsFromZone } from '../../src/wire/zone.js'
import { buildChain, type Chain, type DenialOptions, nsec3ParamRdata, paramsOf } from './chain.js'
import { signsType, type ZoneKey } from './keys.js'
import { type SignatureFaults, signRrset } from './signer.js'

/**
 * `delegation`: a zone cut below the apex; `occluded`: glue and whatever else lies below a cut or a DNAME;
 * `empty`: a non-terminal without data.
 */
export type Standing = 'authoritative' | 'delegation' | 'occluded' | 'empty'

export interface ZoneNode {
  readonly owner: Name
  readonly standing: Standing
  readonly sets: Map<number, ResourceRecord[]>
  /** RRSIGs by type covered; NSEC is among the types when the chain is of NSEC */
  readonly signatures: Map<number, ResourceRecord[]>
}

export interface Zone {
  readonly apex: Name
  readonly keys: readonly ZoneKey[]
  /** by the name's key, empty non-terminals included */
  readonly nodes: ReadonlyMap<string, ZoneNode>
  readonly chain: Chain | undefined
  /** TTL in seconds of negative answers (RFC 2308 3, RFC 9077) */
  readonly negativeTtl: number
}

export interface ZoneFaults {
  /** fields of an RRSIG set wrongly, or no RRSIG */
  readonly sign?: (records: readonly ResourceRecord[], key: ZoneKey) => SignatureFaults | 'omit' | undefined
  /** an NSEC or NSEC3 record before it is signed, with the name it stands for; undefined takes it away */
  readonly denial?: (record: ResourceRecord, name: Name) => ResourceRecord | undefined
  /** an RRset after it was signed */
  readonly tamper?: (records: readonly ResourceRecord[]) => readonly ResourceRecord[]
}

export interface ZoneOptions {
  readonly origin: string
  readonly text: string
  /** those that sign; none for an unsigned zone */
  readonly keys?: readonly ZoneKey[]
  /** the DNSKEY RRset, when it is not of the keys that sign */
  readonly published?: readonly ZoneKey[]
  readonly denial?: DenialOptions | 'none'
  /** validity of the signatures, seconds since the epoch */
  readonly inception?: number
  readonly expiration?: number
  readonly ttl?: number
  readonly faults?: ZoneFaults
}

export function makeZone(options: ZoneOptions): Zone {
  const { origin, text, keys = [], published = keys, denial = { by: 'nsec' }, ttl = 3600, faults = {} } = options
  const apex = nameFromText(origin)
  const records = recordsFromZone(text, { origin: apex, ttl })
  for (const key of published) records.push({ owner: apex, type: TYPE.DNSKEY, class: CLASS.IN, ttl, rdata: key.rdata })
  const hashed = keys.length > 0 && denial !== 'none' && denial.by === 'nsec3' ? paramsOf(denial) : undefined
  if (hashed) records.push({ owner: apex, type: TYPE.NSEC3PARAM, class: CLASS.IN, ttl: 0, rdata: nsec3ParamRdata(hashed) })
  const nodes = growNodes(records, apex)
  const soa = nodes.get(apex.key)?.sets.get(TYPE.SOA)?.[0]
  if (!soa) throw new RangeError(`the zone ${origin} has no SOA`)
  const negativeTtl = Math.min(soa.ttl, readSoa(soa.rdata).minimum)
  const ordered = [...nodes.values()].sort((a, b) => compareNames(a.owner, b.owner))
  const chain = keys.length > 0 && denial !== 'none' ? buildChain(ordered, apex, negativeTtl, denial) : undefined
  const zone: Zone = { apex, keys, nodes, chain, negativeTtl }
  if (chain) plantChain(zone, chain, faults)
  if (keys.length > 0) signZone(zone, options)
  return zone
}

/** Every record of the zone, glue and NSEC3 included, node by node in canonical order. */
export function allRecords(zone: Zone): ResourceRecord[] {
  const nodes = [...zone.nodes.values()].sort((a, b) => compareNames(a.owner, b.owner))
  const records = nodes.flatMap((node) => [...node.sets.values(), ...node.signatures.values()].flat())
  if (zone.chain?.by === 'nsec3') for (const link of zone.chain.links) records.push(...link.records, ...link.signatures)
  return records
}

/** The zone as a master file, for other tools to read. */
export function zoneText(zone: Zone): string {
  return `${allRecords(zone).map(recordToText).join('\n')}\n`
}

/** Whether records of this type at a node belong to the zone: at a cut only the DS and the denial do (RFC 4035 2.2). */
export function isAuthoritative(node: ZoneNode, type: number): boolean {
  if (node.standing === 'delegation') return type === TYPE.DS || type === TYPE.NSEC
  return node.standing === 'authoritative'
}

function growNodes(records: readonly ResourceRecord[], apex: Name): Map<string, ZoneNode> {
  const sets = new Map<string, { owner: Name; sets: Map<number, ResourceRecord[]> }>()
  for (const record of records) {
    if (!record.owner.isAtOrBelow(apex)) throw new RangeError('a record lies outside its zone')
    // the apex, and the empty non-terminals between it and the owner (RFC 4592 2.2.2)
    for (let labels = apex.labelCount; labels <= record.owner.labelCount; labels++) {
      const owner = record.owner.ancestor(labels)
      if (!sets.has(owner.key)) sets.set(owner.key, { owner, sets: new Map() })
    }
    const at = sets.get(record.owner.key)?.sets
    at?.set(record.type, [...(at.get(record.type) ?? []), record])
  }
  const nodes = new Map<string, ZoneNode>()
  for (const [key, node] of sets) {
    const standing = standingOf(node.owner, node.sets, apex, (name) => sets.get(name.key)?.sets)
    nodes.set(key, { ...node, standing, signatures: new Map() })
  }
  return nodes
}

function standingOf(
  owner: Name,
  own: ReadonlyMap<number, unknown>,
  apex: Name,
  setsAt: (name: Name) => ReadonlyMap<number, unknown> | undefined
): Standing {
  for (let labels = apex.labelCount; labels < owner.labelCount; labels++) {
    const above = setsAt(owner.ancestor(labels))
    if (above?.has(TYPE.DNAME) || (labels > apex.labelCount && above?.has(TYPE.NS))) return 'occluded'
  }
  if (own.size === 0) return 'empty'
  return own.has(TYPE.NS) && !owner.equals(apex) ? 'delegation' : 'authoritative'
}

function plantChain(zone: Zone, chain: Chain, { denial }: ZoneFaults): void {
  for (const link of chain.links) {
    if (denial) link.records = link.records.flatMap((record) => denial(record, link.name) ?? [])
    if (chain.by === 'nsec' && link.records.length > 0) zone.nodes.get(link.name.key)?.sets.set(TYPE.NSEC, link.records)
  }
}

function signZone(zone: Zone, options: ZoneOptions): void {
  const { keys = [], inception = 0, expiration = 0, faults = {} } = options
  const sign = (records: readonly ResourceRecord[]): ResourceRecord[] =>
    keys
      .filter((key) => signsType(key, records[0].type))
      .flatMap((key) => {
        const fault = faults.sign?.(records, key)
        return fault === 'omit' ? [] : [signRrset(records, key, { inception, expiration, signer: zone.apex }, fault)]
      })
  const tamper = (records: ResourceRecord[]): ResourceRecord[] => [...(faults.tamper?.(records) ?? records)]
  for (const node of zone.nodes.values()) {
    for (const [type, records] of node.sets) {
      if (!isAuthoritative(node, type)) continue
      const signatures = sign(records)
      if (signatures.length > 0) node.signatures.set(type, signatures)
      node.sets.set(type, tamper(records))
    }
  }
  for (const link of zone.chain?.links ?? []) {
    const node = zone.chain?.by === 'nsec' ? zone.nodes.get(link.name.key) : undefined
    if (node && link.records.length > 0) {
      link.records = node.sets.get(TYPE.NSEC) ?? []
      link.signatures = node.signatures.get(TYPE.NSEC) ?? []
    } else if (link.records.length > 0) {
      link.signatures = sign(link.records)
      link.records = tamper(link.records)
    }
  }
}
