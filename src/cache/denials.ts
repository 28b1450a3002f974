// Aggressive use of validated denials (RFC 8198): NSEC and NSEC3 RRsets that came with one answer deny other names and types of
// their zone, and the DS of unsigned delegations. What is found here becomes a reply, made of those RRsets with their
// signatures, that is judged as if it had come from the zone's servers: nothing is denied by this file alone.

import { prove } from '../validate/denial.js'
import { type Proofs, recallProofs } from '../validate/proofs.js'
import type { Anchors } from '../verdict/anchor.js'
import type { Answered, Server } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import { buildMessage, parseMessage, type Question } from '../wire/message.js'
import { type Name, WILDCARD } from '../wire/name.js'
import { RCODE, TYPE } from '../wire/numbers.js'
import { readNsec } from '../wire/rdata/nsec.js'
import { readNsec3 } from '../wire/rdata/nsec3.js'
import { tryRead } from '../wire/rdata/read.js'
import { readSoa } from '../wire/rdata/soa.js'
import type { Rrset } from '../wire/rrset.js'
import { packRrset, recordsOf, STRING_BYTES, unpackRrset } from './packed.js'
import { ENTRY_BYTES, type Meter, SieveMap } from './sieve.js'
import { orderKey, Spans } from './spans.js'

/** Types that are not denied by what is known: they are about the denials themselves, or about everything at a name. */
const NEVER: ReadonlySet<number> = new Set([TYPE.ANY, TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3, TYPE.NXNAME])

/** What is kept of a zone beside its RRsets, in octets. */
const ZONE_BYTES = 700

interface Kept {
  readonly zone: ZoneSpans
  /** key among the spans; undefined for the SOA RRset */
  readonly span: string | undefined
  readonly packed: string
  /** ms since the epoch */
  readonly at: number
}

/** What is known of one zone. A zone that changes its NSEC3 parameters begins anew (RFC 5155 8.2). */
class ZoneSpans {
  readonly nsec = new Spans()
  readonly nsec3 = new Spans()
  salt: Uint8Array = new Uint8Array(0)
  iterations = -1

  constructor(
    readonly name: Name,
    public server: Server
  ) {}
}

export interface DenialsOptions {
  /** zones with servers of their own: what lies at or below them is not denied from above */
  readonly apart: readonly Name[]
}

export class Denials {
  readonly #zones = new Map<string, ZoneSpans>()
  readonly #kept: SieveMap<Kept>

  constructor(
    meter: Meter,
    readonly options: DenialsOptions = { apart: [] }
  ) {
    this.#kept = new SieveMap(meter, { dropped: (kept, key) => this.#dropped(kept, key) })
  }

  /** Zones of which something is kept. */
  get zones(): number {
    return this.#zones.size
  }

  /** RRsets kept. */
  get size(): number {
    return this.#kept.size
  }

  /** Keeps what `admitProofs` let through, each RRset for its own time (RFC 8198 5.4), and the SOA RRset for the negative TTL. */
  keep(proofs: Proofs, soa: Rrset | undefined, reply: Answered, task: Task): void {
    if (reply.via === 'denial' || proofs.rrsets.length === 0) return
    const minimum = soa && tryRead(readSoa, soa.rdatas[0] as Uint8Array)?.minimum
    // RFC 9077 3: a denial lasts no longer than the zone's negative TTL.
    const most = Math.min(task.limits.negativeTtlMax, ...(soa ? [soa.ttl, minimum ?? 0] : []))
    const zone = this.#zones.get(proofs.zone.key) ?? new ZoneSpans(proofs.zone, reply.server)
    zone.server = reply.server
    for (const { rrset, ttl } of proofs.rrsets) {
      const lasts = Math.min(ttl, most)
      if (!(lasts > 0)) continue
      if (rrset.type === TYPE.NSEC) this.#set(zone, orderKey(rrset.owner), rrset, lasts, task)
      else if (this.#sameChain(zone, rrset, task)) this.#set(zone, hashKey(rrset.owner.label(0)), rrset, lasts, task)
    }
    if (soa && most > 0) this.#set(zone, undefined, soa, most, task)
  }

  /**
   * A reply that denies what is asked, or undefined when what is known does not suffice. Hashes are charged to the budget.
   * @param underOptOut whether an Opt-Out span may deny a DS: enough for the chain of trust, but it does not tell NODATA of an
   *   unsigned delegation from NXDOMAIN, so it answers no user's question
   */
  answer(question: Question, anchors: Anchors, task: Task, underOptOut: boolean): Answered | undefined {
    const { name, type } = question
    if (this.#zones.size === 0 || NEVER.has(type) || (type === TYPE.DS && name.isRoot)) return undefined
    // RFC 4035 3.1.4.1: a DS is the parent's.
    const place = type === TYPE.DS ? name.parent() : name
    const anchor = anchors.covering(place, task.now)
    if (anchor?.kind !== 'positive') return undefined
    const bound = this.#boundary(place)
    for (let labels = place.labelCount; labels >= Math.max(anchor.zone.labelCount, bound); labels--) {
      const zone = this.#zones.get(place.ancestor(labels).key)
      const found = zone && this.#inZone(question, zone, task, underOptOut)
      if (found) return found
    }
    return undefined
  }

  clear(): void {
    this.#kept.clear()
    this.#zones.clear()
  }

  /** Forgets what is known of the zone of this name. */
  forget(name: Name): void {
    const zone = this.#zones.get(name.key)
    if (!zone) return
    for (const [key, kept] of [...this.#kept.entries()]) if (kept.zone === zone) this.#kept.delete(key)
  }

  #boundary(place: Name): number {
    return Math.max(0, ...this.options.apart.filter((zone) => place.isAtOrBelow(zone)).map((zone) => zone.labelCount))
  }

  #inZone(question: Question, zone: ZoneSpans, task: Task, underOptOut: boolean): Answered | undefined {
    const byNsec =
      zone.nsec.size > 0 ? this.#reply(question, zone, this.#nsecs(question.name, zone, task), new Map(), task, underOptOut) : undefined
    if (byNsec || zone.nsec3.size === 0) return byNsec
    const hashes = new Map<string, Uint8Array>()
    return this.#reply(question, zone, this.#nsec3s(question.name, zone, hashes, task), hashes, task, underOptOut)
  }

  /** The record at or before the name, and the one at or before the wildcard that could make it (RFC 4035 3.1.3). */
  #nsecs(name: Name, zone: ZoneSpans, task: Task): Rrset[] {
    const covering = this.#rrset(zone, zone.nsec.atOrBefore(orderKey(name)), task)
    if (!covering || covering.owner.equals(name)) return covering ? [covering] : []
    const next = tryRead(readNsec, covering.rdatas[0] as Uint8Array)?.next
    const common = Math.max(name.commonLabels(covering.owner), next ? name.commonLabels(next) : 0)
    const wildcard = name.ancestor(Math.max(common, zone.name.labelCount)).child(WILDCARD)
    const atWildcard = this.#rrset(zone, zone.nsec.atOrBefore(orderKey(wildcard)), task)
    return atWildcard && !atWildcard.owner.equals(covering.owner) ? [covering, atWildcard] : [covering]
  }

  /** The record of the closest encloser, what covers the next closer name, and the wildcard's (RFC 5155 7.2). */
  #nsec3s(name: Name, zone: ZoneSpans, hashes: Map<string, Uint8Array>, task: Task): Rrset[] {
    const hash = (one: Name): string | undefined => {
      if (!task.budget.spend('nsec3Hashes')) return undefined
      const octets = task.crypto.nsec3Hash(one.canonical(), zone.salt, zone.iterations)
      hashes.set(one.key, octets)
      return base32Hex(octets)
    }
    const rrset = (key: string | undefined): Rrset[] => {
      const found = this.#rrset(zone, key, task)
      return found ? [found] : []
    }
    // Every label costs a hash: a name far below the zone is asked for instead, so that its own proof stays affordable.
    if (name.labelCount - zone.name.labelCount > DEEPEST) return []
    let below: string | undefined
    for (let labels = name.labelCount; labels >= zone.name.labelCount; labels--) {
      const candidate = name.ancestor(labels)
      const key = hash(candidate)
      if (key === undefined) return []
      if (zone.nsec3.has(key)) {
        if (below === undefined) return rrset(key)
        const wildcard = hash(candidate.child(WILDCARD))
        if (wildcard === undefined) return []
        const keys = new Set([key, zone.nsec3.atOrBeforeInCircle(below), zone.nsec3.atOrBeforeInCircle(wildcard)])
        return [...keys].flatMap(rrset)
      }
      below = key
    }
    return []
  }

  #reply(
    question: Question,
    zone: ZoneSpans,
    rrsets: readonly Rrset[],
    hashes: Map<string, Uint8Array>,
    task: Task,
    underOptOut: boolean
  ): Answered | undefined {
    if (rrsets.length === 0) return undefined
    const what = denied(question, recallProofs(rrsets, zone.name, hashes), task, underOptOut)
    if (!what) return undefined
    const soa = this.#rrset(zone, SOA, task)
    const wire = buildMessage({
      id: 0,
      question,
      aa: true,
      rcode: what === 'nxdomain' ? RCODE.NXDOMAIN : RCODE.NOERROR,
      authority: [...(soa ? [soa] : []), ...rrsets].flatMap(recordsOf)
    })
    const message = parseMessage(wire)
    return { kind: 'reply', question, message, server: zone.server, zone: zone.name, via: 'denial', receivedAt: task.now }
  }

  #set(zone: ZoneSpans, span: string | undefined, rrset: Rrset, ttl: number, task: Task): void {
    const key = entryKey(zone, span ?? SOA)
    const packed = packRrset(rrset)
    const bytes = ENTRY_BYTES + 2 * STRING_BYTES + 3 * key.length + packed.length + (span === undefined ? ZONE_BYTES : 0)
    this.#zones.set(zone.name.key, zone)
    if (span !== undefined) spansOf(zone, rrset.type).add(span)
    this.#kept.set(key, { zone, span, packed, at: task.now }, task.now + ttl * 1000, bytes)
    if (!this.#kept.get(key, task.now)) this.#dropped({ zone, span, packed, at: task.now }, key)
  }

  #rrset(zone: ZoneSpans, span: string | undefined, task: Task): Rrset | undefined {
    if (span === undefined) return undefined
    const kept = this.#kept.get(entryKey(zone, span), task.now)
    return kept && unpackRrset(kept.packed, Math.floor((task.now - kept.at) / 1000))
  }

  #dropped({ zone, span }: Kept, _key: string): void {
    if (span !== undefined) {
      zone.nsec.remove(span)
      zone.nsec3.remove(span)
    }
    if (zone.nsec.size + zone.nsec3.size === 0 && this.#zones.get(zone.name.key) === zone) this.#zones.delete(zone.name.key)
  }

  /** Whether the record is of the chain that is kept; a chain of other parameters takes the place of the one before. */
  #sameChain(zone: ZoneSpans, rrset: Rrset, task: Task): boolean {
    const nsec3 = tryRead(readNsec3, rrset.rdatas[0] as Uint8Array)
    if (!nsec3 || rrset.rdatas.length !== 1 || nsec3.hashAlgorithm !== 1 || nsec3.iterations > task.limits.nsec3Iterations) return false
    const same = zone.iterations === nsec3.iterations && sameOctets(zone.salt, nsec3.salt)
    if (same) return true
    for (let key = zone.nsec3.atOrBeforeInCircle(''); key !== undefined; key = zone.nsec3.atOrBeforeInCircle('')) {
      zone.nsec3.remove(key)
      this.#kept.delete(entryKey(zone, key))
    }
    zone.salt = nsec3.salt.slice()
    zone.iterations = nsec3.iterations
    return true
  }
}

/** What the records would prove. Under Opt-Out they deny nothing but a DS (RFC 8198 5.2, RFC 5155 9.2). */
function denied(question: Question, proofs: Proofs, task: Task, underOptOut: boolean): 'nodata' | 'nxdomain' | undefined {
  const { name, type } = question
  const silent: Task = { ...task, emit: undefined }
  for (const what of ['nodata', 'nxdomain'] as const) {
    const proof = prove({ name, type, what }, proofs, silent)
    if (!('status' in proof) && (!proof.optOut || (underOptOut && type === TYPE.DS))) return what
  }
  return undefined
}

const SOA = '\u0000soa'
/** Labels that a name denied by kept NSEC3 records may have below its zone. */
const DEEPEST = 10
const entryKey = (zone: ZoneSpans, span: string): string => `${zone.name.key}|${span}`
const spansOf = (zone: ZoneSpans, type: number): Spans => (type === TYPE.NSEC ? zone.nsec : zone.nsec3)
const sameOctets = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i])

/** The hash of an NSEC3 owner as it stands in its first label, in lower case: its order is that of the hashes (RFC 4648 7). */
const hashKey = (label: Uint8Array): string => String.fromCharCode(...label).toLowerCase()

const BASE32_HEX = '0123456789abcdefghijklmnopqrstuv'

function base32Hex(octets: Uint8Array): string {
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
