// ResourceRecord and Rrset, and the grouping of the one into the other (RFC 2181 5, RFC 4035 2.2).
import { WireError } from './cursor.js'
import { canonicalRdata } from './layout.js'
import type { Name } from './name.js'
import { TYPE } from './numbers.js'
import { type Rrsig, readRrsig } from './rdata/rrsig.js'

export interface ResourceRecord {
  readonly owner: Name
  readonly type: number
  readonly class: number
  /** Seconds. */
  readonly ttl: number
  /** Uncompressed; the octets as received when `fault` is set. */
  readonly rdata: Uint8Array
  /** Why the rdata is malformed, if it is. */
  readonly fault?: string
}

export interface Rrset {
  readonly owner: Name
  readonly type: number
  readonly class: number
  /** Seconds; the lowest of the records' (RFC 2181 5.2). */
  readonly ttl: number
  /** Without duplicates (RFC 4034 6.3), in the order received. */
  readonly rdatas: readonly Uint8Array[]
  /** The RRSIGs that cover this RRset, without duplicates. */
  readonly signatures: readonly Rrsig[]
}

interface Group {
  owner: Name
  type: number
  class: number
  ttl: number
  rdatas: Uint8Array[]
  signatures: Rrsig[]
  seen: Seen | undefined
  seenSignatures: Seen | undefined
}

/**
 * Groups the records of one section. An RRSIG goes to the RRset it covers; one that covers nothing here becomes part of an
 * RRset of type RRSIG, and with `keepSignatures` (the question was for RRSIG or ANY) every one does, as well.
 * Linear in the number of records.
 */
export function groupRrsets(records: readonly ResourceRecord[], keepSignatures: boolean): { rrsets: Rrset[]; malformed: ResourceRecord[] } {
  const groups = new Groups()
  const malformed: ResourceRecord[] = []
  const signatures: { record: ResourceRecord; signature: Rrsig }[] = []
  for (const record of records) {
    if (record.fault !== undefined) {
      malformed.push(record)
    } else if (record.type !== TYPE.RRSIG) {
      groups.add(record)
    } else {
      const signature = signatureOf(record)
      if (typeof signature === 'string') malformed.push({ ...record, fault: signature })
      else signatures.push({ record, signature })
    }
  }
  for (const { record, signature } of signatures) {
    // RFC 4034 3: an RRSIG is never itself signed, so one that covers RRSIG covers nothing.
    const covered = signature.typeCovered === TYPE.RRSIG ? undefined : groups.find(record, signature.typeCovered)
    if (covered) addSignature(covered, signature)
    if (!covered || keepSignatures) groups.add(record)
  }
  return { rrsets: groups.list.map(toRrset), malformed }
}

class Groups {
  readonly list: Group[] = []
  /** By owner key, then by class and type in one number; made when there are many. */
  #byOwner: Map<string, Map<number, Group>> | undefined

  find(record: ResourceRecord, type: number): Group | undefined {
    if (this.#byOwner) return this.#byOwner.get(record.owner.key)?.get(record.class * 0x10000 + type)
    return this.list.find((group) => group.type === type && group.class === record.class && group.owner.equals(record.owner))
  }

  add(record: ResourceRecord): void {
    const { owner, type, rdata } = record
    const group = this.find(record, type)
    if (!group) {
      const first: Group = {
        owner,
        type,
        class: record.class,
        ttl: record.ttl,
        rdatas: [rdata],
        signatures: [],
        seen: undefined,
        seenSignatures: undefined
      }
      this.list.push(first)
      if (this.#byOwner) this.#note(first)
      else if (this.list.length > FEW_GROUPS) {
        this.#byOwner = new Map()
        for (const known of this.list) this.#note(known)
      }
      return
    }
    if (record.ttl < group.ttl) group.ttl = record.ttl
    group.seen ??= new Seen([canonicalRdata(type, group.rdatas[0])])
    if (group.seen.add(canonicalRdata(type, rdata))) group.rdatas.push(rdata)
  }

  #note(group: Group): void {
    const atOwner = this.#byOwner?.get(group.owner.key) ?? new Map<number, Group>()
    this.#byOwner?.set(group.owner.key, atOwner.set(group.class * 0x10000 + group.type, group))
  }
}

/** So many RRsets are compared one by one. */
const FEW_GROUPS = 8

/** Octet strings met so far: compared one by one while they are few, hashed when they are many. */
class Seen {
  readonly #few: Uint8Array[]
  #many: Set<string> | undefined

  constructor(first: Uint8Array[]) {
    this.#few = first
  }

  /** False when the same octets were met before. */
  add(octets: Uint8Array): boolean {
    if (!this.#many) {
      if (this.#few.some((other) => sameOctets(other, octets))) return false
      this.#few.push(octets)
      if (this.#few.length > 8) this.#many = new Set(this.#few.map(keyOf))
      return true
    }
    const key = keyOf(octets)
    if (this.#many.has(key)) return false
    this.#many.add(key)
    return true
  }
}

function addSignature(group: Group, signature: Rrsig): void {
  if (group.signatures.length === 0) {
    group.signatures.push(signature)
    return
  }
  group.seenSignatures ??= new Seen([group.signatures[0].rdata])
  if (group.seenSignatures.add(signature.rdata)) group.signatures.push(signature)
}

function signatureOf(record: ResourceRecord): Rrsig | string {
  try {
    return readRrsig(record.rdata, record.ttl)
  } catch (error) {
    if (error instanceof WireError) return error.message
    throw error
  }
}

function toRrset(group: Group): Rrset {
  const { owner, type, ttl, rdatas, signatures } = group
  return { owner, type, class: group.class, ttl, rdatas, signatures }
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function keyOf(octets: Uint8Array): string {
  let key = ''
  for (let at = 0; at < octets.length; at += 4096) {
    key += String.fromCharCode.apply(null, octets.subarray(at, at + 4096) as unknown as number[])
  }
  return key
}
