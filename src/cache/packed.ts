// Packing: octets as a string of one byte a letter, which costs a third of the memory of a typed array of its own, and RRsets
// with their signatures as such octets. Objects are made again on a hit.

import { Reader, Writer } from '../wire/cursor.js'
import { Name } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import { readRrsig } from '../wire/rdata/rrsig.js'
import type { ResourceRecord, Rrset } from '../wire/rrset.js'

/** What V8 keeps of a string beside its letters. */
export const STRING_BYTES = 24

const CHUNK = 4096

export function packOctets(octets: Uint8Array): string {
  if (octets.length <= CHUNK) return String.fromCharCode.apply(null, octets as unknown as number[])
  let packed = ''
  for (let at = 0; at < octets.length; at += CHUNK) {
    packed += String.fromCharCode.apply(null, octets.subarray(at, at + CHUNK) as unknown as number[])
  }
  return packed
}

export function unpackOctets(packed: string): Uint8Array {
  const octets = new Uint8Array(packed.length)
  for (let at = 0; at < octets.length; at++) octets[at] = packed.charCodeAt(at)
  return octets
}

export function packRrset(rrset: Rrset): string {
  const to = new Writer()
  const { owner, rdatas, signatures } = rrset
  to.u8(owner.wire.length).bytes(owner.wire).u16(rrset.type).u16(rrset.class).u32(rrset.ttl)
  to.u16(rdatas.length)
  for (const rdata of rdatas) to.u16(rdata.length).bytes(rdata)
  to.u16(signatures.length)
  for (const { ttl, rdata } of signatures) to.u32(ttl).u16(rdata.length).bytes(rdata)
  return packOctets(to.finish())
}

/** @param age seconds since it was packed; the TTLs have counted down by them */
export function unpackRrset(packed: string, age: number): Rrset {
  const from = new Reader(unpackOctets(packed))
  const left = (ttl: number): number => Math.max(0, ttl - age)
  const owner = Name.fromWire(from.take(from.u8()))
  const [type, class_, ttl] = [from.u16(), from.u16(), from.u32()]
  const rdatas = Array.from({ length: from.u16() }, () => from.take(from.u16()))
  const signatures = Array.from({ length: from.u16() }, () => {
    const sigTtl = from.u32()
    return readRrsig(from.take(from.u16()), left(sigTtl))
  })
  return { owner, type, class: class_, ttl: left(ttl), rdatas, signatures }
}

/** The records of an RRset, its signatures after them. */
export function recordsOf({ owner, type, class: class_, ttl, rdatas, signatures }: Rrset): ResourceRecord[] {
  return [
    ...rdatas.map((rdata) => ({ owner, type, class: class_, ttl, rdata })),
    ...signatures.map((one) => ({ owner, type: TYPE.RRSIG, class: class_, ttl: one.ttl, rdata: one.rdata }))
  ]
}
