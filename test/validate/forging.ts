// Parts of zones to forge replies from: signed sets and denials taken out of their place, and NSEC records signed to order.
import { CLASS, TYPE, typeFromText } from '../../src/wire/numbers.js'
import { typeBitmapToWire } from '../../src/wire/rdata/bitmap.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { type Behaviour, editRecords } from '../world/behaviours.js'
import { type Chain, covering, type Link, matching } from '../world/chain.js'
import { flipBit, signRrset } from '../world/signer.js'
import type { Zone } from '../world/zone.js'
import { NOON } from './small-world.js'

function recordsOf(link: Link | undefined, what: string): ResourceRecord[] {
  if (!link) throw new RangeError(`no NSEC or NSEC3 record ${what}`)
  return [...link.records, ...link.signatures]
}

/** The NSEC or NSEC3 record that matches the name, with its RRSIG. */
export const denialAt = (zone: Zone, name: string): ResourceRecord[] =>
  recordsOf(matching(zone.chain as Chain, nameFromText(name)), `matches ${name}`)

/** The one that covers the name. */
export const denialOver = (zone: Zone, name: string): ResourceRecord[] =>
  recordsOf(covering(zone.chain as Chain, nameFromText(name)), `covers ${name}`)

/** An RRset of the zone with its RRSIGs, at its own owner. */
export function setOf(zone: Zone, name: string, type: string): ResourceRecord[] {
  const node = zone.nodes.get(nameFromText(name).key)
  const number = typeFromText(type) as number
  const records = node?.sets.get(number)
  if (!records) throw new RangeError(`no ${name} ${type}`)
  return [...records, ...(node?.signatures.get(number) ?? [])]
}

export const soaOf = (zone: Zone): ResourceRecord[] => {
  const node = zone.nodes.get(zone.apex.key)
  return [...(node?.sets.get(TYPE.SOA) ?? []), ...(node?.signatures.get(TYPE.SOA) ?? [])]
}

export const renamed = (records: readonly ResourceRecord[], name: string): ResourceRecord[] =>
  records.map((record) => ({ ...record, owner: nameFromText(name) }))

/** Records signed by the zone, whatever they are. */
export function signedBy(zone: Zone, records: readonly ResourceRecord[]): ResourceRecord[] {
  const fields = { inception: NOON - 86_400, expiration: NOON + 86_400, signer: zone.apex }
  return [...records, signRrset(records, zone.keys[0], fields)]
}

/** An NSEC record that the zone never had, signed by it. `types`: besides NSEC and RRSIG, or the octets of the bitmap. */
export function signedNsec(zone: Zone, owner: string, next: string, types: readonly number[] | Uint8Array): ResourceRecord[] {
  const bitmap = types instanceof Uint8Array ? types : typeBitmapToWire([...types, TYPE.NSEC, TYPE.RRSIG])
  const rdata = Uint8Array.of(...nameFromText(next).wire, ...bitmap)
  return signedBy(zone, [{ owner: nameFromText(owner), type: TYPE.NSEC, class: CLASS.IN, ttl: 600, rdata }])
}

/** Turns over a bit in every RRSIG that covers the type. */
export const flipAll = (covered: number): Behaviour =>
  editRecords((records) =>
    records.map((record) =>
      record.type === TYPE.RRSIG && ((record.rdata[0] << 8) | record.rdata[1]) === covered
        ? { ...record, rdata: flipBit(record.rdata) }
        : record
    )
  )
