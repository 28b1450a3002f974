// How a fault is planted in a signed zone: what can be changed, and how it is put back into the nodes, the chain and the RRSIGs.

import type { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import type { Random } from '../fuzz/random.js'
import type { Link } from '../world/chain.js'
import { signsType, type ZoneKey } from '../world/keys.js'
import { type SignatureFaults, signRrset } from '../world/signer.js'
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

export type Fault = (planting: Planting) => Planted | undefined

/** An RRset of the zone that is signed, or ought to be. */
export interface Target {
  readonly owner: Name
  readonly type: number
  /** the name that an NSEC3 stands for; otherwise the owner */
  readonly name: Name
  records: readonly ResourceRecord[]
  signatures: readonly ResourceRecord[]
}

export const DAY = 86_400

export function targetsOf(zone: Zone): Target[] {
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

export function put(zone: Zone, { owner, type, records, signatures }: Target): void {
  const link = type === TYPE.NSEC || type === TYPE.NSEC3 ? zone.chain?.links.find((one) => one.owner.equals(owner)) : undefined
  if (link) {
    link.records = [...records]
    link.signatures = [...signatures]
  }
  const node = type === TYPE.NSEC3 ? undefined : zone.nodes.get(owner.key)
  node?.sets.set(type, [...records])
  node?.signatures.set(type, [...signatures])
}

export function putLink(planting: Planting, link: Link, records: ResourceRecord[]): void {
  put(planting.zone, { ...link, type: records[0].type, records, signatures: signRecords(planting, records) })
}

export function addNode(zone: Zone, owner: Name, type: number, records: ResourceRecord[], signatures: readonly ResourceRecord[]): void {
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

export const validity = ({ now, zone }: Planting) => ({ inception: now - DAY, expiration: now + 14 * DAY, signer: zone.apex })

export const signRecords = (planting: Planting, records: readonly ResourceRecord[], faults: SignatureFaults = {}): ResourceRecord[] =>
  planting.zone.keys.filter((key) => signsType(key, records[0].type)).map((key) => signRrset(records, key, validity(planting), faults))

export const signAll = (planting: Planting, { records }: Target, faults: SignatureFaults): ResourceRecord[] =>
  signRecords(planting, records, faults)

/** A name and two below it, on both sides of what else may be there. */
export const around = (name: Name): Name[] => [name, ...['!', 'zz'].map((label) => name.child(Buffer.from(label)))]
