// What the records kept of one zone speak for: the spans between its names, and its wildcards, by the keys they are kept under.

import type { Server } from '../verdict/reply.js'
import type { Name } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import { orderKey, Spans } from './spans.js'

/** A zone that changes its NSEC3 parameters begins anew (RFC 5155 8.2). */
export class KnownZone {
  readonly nsec = new Spans()
  readonly nsec3 = new Spans()
  /** RRsets of wildcards, by `wildcardPart` */
  readonly wildcards = new Set<string>()
  salt: Uint8Array = new Uint8Array(0)
  iterations = -1

  constructor(
    readonly name: Name,
    public server: Server
  ) {}

  get isEmpty(): boolean {
    return this.nsec.size + this.nsec3.size + this.wildcards.size === 0
  }

  add(part: string, type: number): void {
    if (isWildcardPart(part)) this.wildcards.add(part)
    else if (type === TYPE.NSEC) this.nsec.add(part)
    else if (type === TYPE.NSEC3) this.nsec3.add(part)
  }

  remove(part: string): void {
    this.wildcards.delete(part)
    this.nsec.remove(part)
    this.nsec3.remove(part)
  }

  /** The parts of wildcards that could give the name data: of one type, where an alias stands for every type, or of all. */
  wildcardsFor(name: Name, type: number | undefined): string[] {
    const above = new Set(Array.from({ length: name.labelCount }, (_, labels) => name.ancestor(labels).key))
    return [...this.wildcards].filter((part) => {
      const { covered, encloser } = readWildcardPart(part)
      return above.has(encloser) && (type === undefined || covered === type || covered === TYPE.CNAME)
    })
  }

  /** The parts of records at or around the name and the names between it and the zone: without them it is not denied. */
  deniersOf(name: Name, hashed: (name: Name) => string): string[] {
    const parts = new Set<string>()
    for (let labels = Math.min(this.name.labelCount + 1, name.labelCount); labels <= name.labelCount; labels++) {
      const one = name.ancestor(labels)
      const nsec = this.nsec.atOrBefore(orderKey(one))
      const nsec3 = this.nsec3.size > 0 ? this.nsec3.atOrBeforeInCircle(hashed(one)) : undefined
      for (const part of [nsec, nsec3]) if (part !== undefined) parts.add(part)
    }
    return [...parts]
  }
}

// Keys among what is kept of a zone. No key of a span begins with the octet 0: no label is empty.

export const SOA_PART = '\u0000soa'
const WILDCARD_PART = '\u0000*'

export const isWildcardPart = (part: string): boolean => part.startsWith(WILDCARD_PART)

/** The RRset of the wildcard below `encloser`. */
export const wildcardPart = (encloser: Name, type: number): string => `${WILDCARD_PART}${type}/${encloser.key}`

function readWildcardPart(part: string): { readonly covered: number; readonly encloser: string } {
  const at = part.indexOf('/')
  return { covered: Number(part.slice(WILDCARD_PART.length, at)), encloser: part.slice(at + 1) }
}

/** The hash of an NSEC3 owner as it stands in its first label, in lower case: its order is that of the hashes (RFC 4648 7). */
export const hashKey = (label: Uint8Array): string => String.fromCharCode(...label).toLowerCase()

const BASE32_HEX = '0123456789abcdefghijklmnopqrstuv'

export function base32Hex(octets: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const octet of octets) {
    value = ((value << 8) | octet) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32_HEX[(value >>> bits) & 31]
    }
  }
  return bits > 0 ? text + BASE32_HEX[(value << (5 - bits)) & 31] : text
}
