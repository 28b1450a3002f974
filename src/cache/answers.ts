// Judged replies: from a name to its data, its denial or the next name of an alias chain. Each is packed; objects are made on a
// hit. Bogus answers and failures are kept shortly, and a failure the longer the oftener it comes.

import type { Hop } from '../validate/hops.js'
import { isPassing, type ReasonKind } from '../verdict/reason.js'
import type { Answered } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import { type Question, questionKey } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import type { Failures } from './failures.js'
import { endOf, type KeptHop, packHop, unpackHop, unpackReplyOf } from './kept-hop.js'
import { STRING_BYTES } from './packed.js'
import type { Scrub } from './replies.js'
import { ENTRY_BYTES, type Meter, SieveMap } from './sieve.js'

/** A hop that could not be packed weighs more than its octets by this, and by as much again for each RRset. */
const HOP_BYTES = 900
const KEPT_BYTES = 230

export interface AnswerCacheOptions {
  readonly scrub: Scrub
  readonly failures: Failures
  /** seconds for which answers are kept at the least, but never past the end of a signature */
  readonly ttlMin?: number
  /** seconds for which an answer is kept on after its TTL (RFC 8767) */
  readonly staleFor?: number
}

interface Entry {
  /** an answer, packed */
  readonly kept: KeptHop | undefined
  /** what could not be packed: then it counts, and `kept` is what was known before */
  readonly hop: Hop | undefined
  /** ms since the epoch */
  readonly freshUntil: number
}

export class AnswerCache {
  readonly #entries: SieveMap<Entry>
  readonly #options: AnswerCacheOptions

  constructor(meter: Meter, options: AnswerCacheOptions) {
    this.#entries = new SieveMap(meter)
    this.#options = options
  }

  /** What was judged of the question's own name, while its TTL lasts. */
  get(question: Question, now: number): Hop | undefined {
    const entry = this.#entries.get(questionKey(question), now)
    return entry && entry.freshUntil > now ? this.#hopOf(entry, question) : undefined
  }

  /** The same after its TTL, while no signature has ended (RFC 8767 4; RFC 4035 5.3.3 holds all the same). */
  stale(question: Question, now: number): Hop | undefined {
    const entry = this.#entries.get(questionKey(question), now)
    if (!entry?.kept) return undefined
    const end = endOf(entry.kept)
    return end === undefined || end * 1000 > now ? unpackHop(entry.kept, question, this.#options.scrub) : undefined
  }

  /** The reply that a kept answer was judged by, so that it can be judged again. */
  reply(question: Question, now: number): Answered | undefined {
    const entry = this.#entries.get(questionKey(question), now)
    return entry?.kept && !entry.hop && entry.freshUntil > now ? unpackReplyOf(entry.kept, question, this.#options.scrub) : undefined
  }

  /**
   * Keeps it and gives it as it was kept: with the TTL that the floor gives it. Not at all when only the limits of one question
   * stood in the way. `reply` is what it was judged by, when it was a reply.
   */
  keep(question: Question, hop: Hop, reply: Answered | undefined, task: Task): Hop {
    const key = questionKey(question)
    const kept = this.#floored(hop, reply, task)
    const held = isAnswer(kept) ? undefined : this.#entries.get(key, task.now)
    // An answer that was asked for again before its time, in vain, is good until its time.
    if (held?.kept && !held.hop && held.freshUntil > task.now) return kept
    const ttl = this.#ttlOf(key, kept, task)
    if (!(ttl > 0)) return kept
    const packed = reply && isAnswer(kept) ? packHop(kept, reply) : undefined
    const freshUntil = task.now + ttl * 1000
    const stands = packed ?? (isFailed(kept) ? held?.kept : undefined)
    const bytes = (stands ? stands.packed.length + STRING_BYTES : 0) + (packed ? 0 : hopBytes(kept))
    const entry: Entry = { kept: stands, hop: packed ? undefined : kept, freshUntil }
    const until = freshUntil + (stands ? (this.#options.staleFor ?? 0) * 1000 : 0)
    this.#entries.set(key, entry, until, ENTRY_BYTES + KEPT_BYTES + 2 * key.length + bytes)
    return kept
  }

  delete(question: Question): void {
    this.#entries.delete(questionKey(question))
  }

  /** Forgets every type kept for the name. */
  deleteName(name: Name): void {
    for (const [key] of [...this.#entries.entries()]) if (key.replace(/^\d+\/\d+\//, '') === name.key) this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.bytes
  }

  #hopOf({ kept, hop }: Entry, question: Question): Hop | undefined {
    return hop ?? (kept && unpackHop(kept, question, this.#options.scrub))
  }

  #ttlOf(key: string, hop: Hop, task: Task): number {
    const { status, reason, ttl } = hop.judgement
    if (isPassing(reason)) return 0
    if (status === 'bogus') return Math.min(Math.max(ttl, 1), task.limits.bogusTtl)
    if (isFailed(hop)) return this.#options.failures.note(key, task.now, task.limits)
    this.#options.failures.forget(key)
    return ttl
  }

  #floored(hop: Hop, reply: Answered | undefined, task: Task): Hop {
    const { ttlMin = 0 } = this.#options
    const { judgement } = hop
    if (ttlMin <= judgement.ttl || judgement.ttl <= 0 || !reply || !isAnswer(hop)) return hop
    const signatures = [...reply.message.answer, ...reply.message.authority].flatMap((rrset) => rrset.signatures)
    const left = Math.min(...signatures.map(({ expiration }) => expiration - Math.floor(task.now / 1000)))
    const least = Math.min(ttlMin, left)
    if (least <= judgement.ttl) return hop
    const judged = judgement.judged.map((one) => ({ ...one, ttl: Math.max(one.ttl, least) }))
    return { ...hop, judgement: { ...judgement, judged, ttl: least } }
  }
}

/** Indeterminate because nothing is there to validate by, not because something failed. */
const AS_RECEIVED: ReadonlySet<ReasonKind | undefined> = new Set(['noAnchor', 'signaturesUnsigned', 'aliasTooLong'])

const isFailed = ({ judgement }: Hop): boolean => judgement.status === 'indeterminate' && !AS_RECEIVED.has(judgement.reason?.kind)

const isAnswer = ({ judgement }: Hop): boolean => judgement.status === 'secure' || judgement.status === 'insecure'

function hopBytes({ judgement, evidence }: Hop): number {
  const own = evidence[0]
  return HOP_BYTES * (1 + judgement.judged.length) + evidence.length * 8 + (own?.kind === 'reply' ? own.wire.length * 2 : 0)
}
