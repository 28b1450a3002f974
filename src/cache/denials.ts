// Aggressive use of validated denials (RFC 8198): NSEC and NSEC3 RRsets that came with one answer deny other names and types of
// their zone, and the DS of unsigned delegations; with a wildcard's RRset they answer for the names it makes. What is found here
// becomes a reply, made of those RRsets with their signatures, that is judged as if it had come from the zone's servers: nothing
// is denied, and nothing made from a wildcard, by this file alone.

import { prove } from '../validate/denial.js'
import { type Proofs, recallProofs } from '../validate/proofs.js'
import type { Anchors } from '../verdict/anchor.js'
import type { Answered } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import { buildMessage, parseMessage, type Question, type ReplySpec } from '../wire/message.js'
import { type Name, WILDCARD } from '../wire/name.js'
import { RCODE, TYPE } from '../wire/numbers.js'
import { readNsec } from '../wire/rdata/nsec.js'
import { readNsec3 } from '../wire/rdata/nsec3.js'
import { tryRead } from '../wire/rdata/read.js'
import { readSoa } from '../wire/rdata/soa.js'
import type { Rrset } from '../wire/rrset.js'
import { base32Hex, hashKey, KnownZone, SOA_PART, wildcardPart } from './known-zone.js'
import { packRrset, recordsOf, STRING_BYTES, unpackRrset } from './packed.js'
import { ENTRY_BYTES, type Meter, SieveMap } from './sieve.js'
import { orderKey } from './spans.js'

/** Types that are not denied by what is known: they are about the denials themselves, or about everything at a name. */
const NEVER: ReadonlySet<number> = new Set([TYPE.ANY, TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3, TYPE.NXNAME])

/** What is kept of a zone beside its RRsets, in octets. */
const ZONE_BYTES = 700

/**
 * Types that no wildcard is kept for: they are about zones and their cuts, or what a wildcard would mean by them is not defined
 * (RFC 4592 4.2 to 4.6).
 */
const NOT_EXPANDED: ReadonlySet<number> = new Set([...NEVER, TYPE.SOA, TYPE.NS, TYPE.DS, TYPE.DNSKEY, TYPE.DNAME])

interface Kept {
  readonly zone: KnownZone
  /** its key among what is kept of the zone */
  readonly part: string
  readonly packed: string
  /** ms since the epoch */
  readonly at: number
}

export interface DenialsOptions {
  /** zones with servers of their own: what lies at or below them is not denied from above */
  readonly apart: readonly Name[]
}

export class Denials {
  readonly #zones = new Map<string, KnownZone>()
  readonly #kept: SieveMap<Kept>

  constructor(
    meter: Meter,
    readonly options: DenialsOptions = { apart: [] }
  ) {
    this.#kept = new SieveMap(meter, { dropped: (kept) => this.#dropped(kept) })
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
    const zone = this.#zones.get(proofs.zone.key) ?? new KnownZone(proofs.zone, reply.server)
    zone.server = reply.server
    for (const { rrset, ttl } of proofs.rrsets) {
      const lasts = Math.min(ttl, most)
      if (!(lasts > 0)) continue
      if (rrset.type === TYPE.NSEC) this.#set(zone, orderKey(rrset.owner), rrset, lasts, task)
      else if (this.#sameChain(zone, rrset, task)) this.#set(zone, hashKey(rrset.owner.label(0)), rrset, lasts, task)
    }
    if (soa && most > 0) this.#set(zone, SOA_PART, soa, most, task)
  }

  /**
   * Keeps the RRset of a wildcard that was found to be the source of a secure answer (RFC 8198 5.3).
   * @param ttl seconds, capped by its signature
   */
  keepWildcard(wildcard: Rrset, zoneName: Name, ttl: number, reply: Answered, task: Task): void {
    const zone = this.#zones.get(zoneName.key)
    // Without a denial beside it, it would answer nothing.
    if (!zone || reply.via === 'denial' || NOT_EXPANDED.has(wildcard.type)) return
    const lasts = Math.min(ttl, task.limits.ttlMax)
    if (lasts > 0) this.#set(zone, wildcardPart(wildcard.owner.parent(), wildcard.type), wildcard, lasts, task)
  }

  /**
   * A reply that denies what is asked or gives it from a wildcard, or undefined when what is known does not suffice. Hashes are
   * charged to the budget.
   * @param forChain whether it is asked for the chain of trust, for which an Opt-Out span may deny a DS; it does not tell NODATA
   *   of an unsigned delegation from NXDOMAIN, so it answers no user's question
   */
  answer(question: Question, anchors: Anchors, task: Task, forChain: boolean): Answered | undefined {
    const { name, type } = question
    if (this.#zones.size === 0 || NEVER.has(type) || (type === TYPE.DS && name.isRoot)) return undefined
    // RFC 4035 3.1.4.1: a DS is the parent's.
    const place = type === TYPE.DS ? name.parent() : name
    const anchor = anchors.covering(place, task.now)
    if (anchor?.kind !== 'positive') return undefined
    const bound = this.#boundary(place)
    for (let labels = place.labelCount; labels >= Math.max(anchor.zone.labelCount, bound); labels--) {
      const zone = this.#zones.get(place.ancestor(labels).key)
      const found = zone && this.#inZone(question, zone, task, forChain)
      if (found) return found
    }
    return undefined
  }

  clear(): void {
    this.#kept.clear()
    this.#zones.clear()
  }

  /** Forgets what could deny the name, or make it from a wildcard: for one type, or for all. A zone's own name forgets the zone. */
  forgetName(name: Name, type: number | undefined, crypto: Pick<Task['crypto'], 'nsec3Hash'>): void {
    for (let labels = name.labelCount; labels >= 0; labels--) {
      const zone = this.#zones.get(name.ancestor(labels).key)
      if (!zone) continue
      const hashed = (one: Name): string => base32Hex(crypto.nsec3Hash(one.canonical(), zone.salt, zone.iterations))
      for (const part of [...zone.wildcardsFor(name, type), ...zone.deniersOf(name, hashed)]) this.#kept.delete(entryKey(zone, part))
    }
    this.forgetZone(name)
  }

  /** Forgets what is known of the zone of this name. */
  forgetZone(name: Name): void {
    const zone = this.#zones.get(name.key)
    if (!zone) return
    for (const [key, kept] of [...this.#kept.entries()]) if (kept.zone === zone) this.#kept.delete(key)
  }

  #boundary(place: Name): number {
    return Math.max(0, ...this.options.apart.filter((zone) => place.isAtOrBelow(zone)).map((zone) => zone.labelCount))
  }

  #inZone(question: Question, zone: KnownZone, task: Task, forChain: boolean): Answered | undefined {
    const hashes = new Map<string, Uint8Array>()
    // DS and DNSKEY are the chain's, whoever asks for them, and no alias stands for them.
    const expands = zone.wildcards.size > 0 && !forChain && question.type !== TYPE.DS && question.type !== TYPE.DNSKEY
    const expanded = expands ? this.#fromWildcard(question, zone, hashes, task) : undefined
    if (expanded) return expanded
    const byNsec =
      zone.nsec.size > 0 ? this.#denial(question, zone, this.#nsecs(question.name, zone, task), new Map(), task, forChain) : undefined
    if (byNsec || zone.nsec3.size === 0) return byNsec
    return this.#denial(question, zone, this.#nsec3s(question.name, zone, hashes, task), hashes, task, forChain)
  }

  /**
   * RFC 8198 5.3: the RRset of the wildcard, or its alias, and the record that covers the next closer name, which makes the
   * wildcard's parent the closest encloser. What an Opt-Out span covers may be an unsigned delegation (RFC 5155 6).
   */
  #fromWildcard({ name, type, ...rest }: Question, zone: KnownZone, hashes: Map<string, Uint8Array>, task: Task): Answered | undefined {
    for (let labels = name.labelCount - 1; labels >= zone.name.labelCount; labels--) {
      const encloser = name.ancestor(labels)
      const part = [type, TYPE.CNAME].map((one) => wildcardPart(encloser, one)).find((one) => zone.wildcards.has(one))
      const wildcard = part === undefined ? undefined : this.#rrset(zone, part, task)
      if (!wildcard) continue
      const nextCloser = name.ancestor(labels + 1)
      const claim = { name, type, what: 'wildcard', closestEncloser: encloser } as const
      for (const covering of this.#atOrBefore(nextCloser, zone, hashes, task)) {
        const proof = prove(claim, recallProofs([covering], zone.name, hashes), { ...task, emit: undefined })
        if ('status' in proof || proof.optOut) continue
        const answer = recordsOf({ ...wildcard, owner: name })
        return this.#reply({ name, type, ...rest }, zone, { answer, authority: recordsOf(covering) }, task)
      }
      // The wildcard is there, and so is its parent: no wildcard above it makes the name (RFC 4592 3.3.1).
      return undefined
    }
    return undefined
  }

  /** The NSEC and the NSEC3 record that would cover the name if it does not exist. */
  #atOrBefore(name: Name, zone: KnownZone, hashes: Map<string, Uint8Array>, task: Task): Rrset[] {
    const nsec = this.#rrset(zone, zone.nsec.atOrBefore(orderKey(name)), task)
    const hash = zone.nsec3.size > 0 ? this.#hash(name, zone, hashes, task) : undefined
    const nsec3 = hash === undefined ? undefined : this.#rrset(zone, zone.nsec3.atOrBeforeInCircle(hash), task)
    return [nsec, nsec3].filter((rrset) => rrset !== undefined)
  }

  /** The hash as NSEC3 owners have it; undefined when the question has spent its hashes. */
  #hash(name: Name, zone: KnownZone, hashes: Map<string, Uint8Array>, task: Task): string | undefined {
    const known = hashes.get(name.key)
    if (!known && !task.budget.spend('nsec3Hashes')) return undefined
    const octets = known ?? task.crypto.nsec3Hash(name.canonical(), zone.salt, zone.iterations)
    hashes.set(name.key, octets)
    return base32Hex(octets)
  }

  /** The record at or before the name, and the one at or before the wildcard that could make it (RFC 4035 3.1.3). */
  #nsecs(name: Name, zone: KnownZone, task: Task): Rrset[] {
    const covering = this.#rrset(zone, zone.nsec.atOrBefore(orderKey(name)), task)
    if (!covering || covering.owner.equals(name)) return covering ? [covering] : []
    const next = tryRead(readNsec, covering.rdatas[0] as Uint8Array)?.next
    const common = Math.max(name.commonLabels(covering.owner), next ? name.commonLabels(next) : 0)
    const wildcard = name.ancestor(Math.max(common, zone.name.labelCount)).child(WILDCARD)
    const atWildcard = this.#rrset(zone, zone.nsec.atOrBefore(orderKey(wildcard)), task)
    return atWildcard && !atWildcard.owner.equals(covering.owner) ? [covering, atWildcard] : [covering]
  }

  /** The record of the closest encloser, what covers the next closer name, and the wildcard's (RFC 5155 7.2). */
  #nsec3s(name: Name, zone: KnownZone, hashes: Map<string, Uint8Array>, task: Task): Rrset[] {
    const hash = (one: Name): string | undefined => this.#hash(one, zone, hashes, task)
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

  #denial(
    question: Question,
    zone: KnownZone,
    rrsets: readonly Rrset[],
    hashes: Map<string, Uint8Array>,
    task: Task,
    underOptOut: boolean
  ): Answered | undefined {
    if (rrsets.length === 0) return undefined
    const what = denied(question, recallProofs(rrsets, zone.name, hashes), task, underOptOut)
    if (!what) return undefined
    const soa = this.#rrset(zone, SOA_PART, task)
    const authority = [...(soa ? [soa] : []), ...rrsets].flatMap(recordsOf)
    return this.#reply(question, zone, { authority, rcode: what === 'nxdomain' ? RCODE.NXDOMAIN : RCODE.NOERROR }, task)
  }

  #reply(question: Question, zone: KnownZone, holding: Pick<ReplySpec, 'answer' | 'authority' | 'rcode'>, task: Task): Answered {
    const message = parseMessage(buildMessage({ id: 0, question, aa: true, ...holding }))
    return { kind: 'reply', question, message, server: zone.server, zone: zone.name, via: 'denial', receivedAt: task.now }
  }

  /** @param ttl seconds; the TTL of what is made of the RRset is no longer (RFC 8198 5.4) */
  #set(zone: KnownZone, part: string, rrset: Rrset, ttl: number, task: Task): void {
    const key = entryKey(zone, part)
    const packed = packRrset({ ...rrset, ttl: Math.min(rrset.ttl, Math.ceil(ttl)) })
    const bytes = ENTRY_BYTES + 2 * STRING_BYTES + 3 * key.length + packed.length + (part === SOA_PART ? ZONE_BYTES : 0)
    this.#zones.set(zone.name.key, zone)
    zone.add(part, rrset.type)
    this.#kept.set(key, { zone, part, packed, at: task.now }, task.now + ttl * 1000, bytes)
    if (!this.#kept.get(key, task.now)) this.#dropped({ zone, part, packed, at: task.now })
  }

  #rrset(zone: KnownZone, part: string | undefined, task: Task): Rrset | undefined {
    if (part === undefined) return undefined
    const kept = this.#kept.get(entryKey(zone, part), task.now)
    return kept && unpackRrset(kept.packed, Math.floor((task.now - kept.at) / 1000))
  }

  #dropped({ zone, part }: Kept): void {
    zone.remove(part)
    if (zone.isEmpty && this.#zones.get(zone.name.key) === zone) this.#zones.delete(zone.name.key)
  }

  /** Whether the record is of the chain that is kept; a chain of other parameters takes the place of the one before. */
  #sameChain(zone: KnownZone, rrset: Rrset, task: Task): boolean {
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

/** Labels that a name denied by kept NSEC3 records may have below its zone. */
const DEEPEST = 10
const entryKey = (zone: KnownZone, part: string): string => `${zone.name.key}|${part}`
const sameOctets = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i])
