// All that the resolver remembers, under one bound in octets: answers, aliases, denials, failures, and what is asked for most.

import { AliasCache } from '../cache/aliases.js'
import { AnswerCache } from '../cache/answers.js'
import { Denials } from '../cache/denials.js'
import { Failures } from '../cache/failures.js'
import { SharedReplies } from '../cache/shared.js'
import { Meter } from '../cache/sieve.js'
import { scrub } from '../lookup/scrub.js'
import { joinHops } from '../validate/hops.js'
import type { Outcome } from '../verdict/outcome.js'
import { type ReasonKind, reason } from '../verdict/reason.js'
import type { Task } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { RCODE } from '../wire/numbers.js'
import { Front } from './front.js'
import type { Settings } from './options.js'

/** RFC 8767 4: the TTL that a stale answer is given, in seconds. */
const STALE_TTL = 30

/** What keeps an answer from being had, as opposed to an answer that is not good. */
const FAILURES: ReadonlySet<ReasonKind | undefined> = new Set([
  'unreachable',
  'networkError',
  'refusedByServer',
  'cachedFailure',
  'forwardersUnfit',
  'timeOver'
])

/** The question could not be answered at all, which a stale answer may stand in for. */
export const isFailure = ({ status, reason: why }: Outcome): boolean => status === 'indeterminate' && FAILURES.has(why?.kind)

export class Caches {
  readonly meter: Meter
  readonly scrub = scrub
  readonly failures: Failures
  readonly front: Front
  readonly answers: AnswerCache
  readonly aliases: AliasCache
  readonly denials: Denials | undefined
  readonly shared: SharedReplies | undefined
  readonly #staleFor: number
  readonly #crypto: Settings['crypto']

  /** @param old told of popular answers near their end */
  constructor({ cache, aggressiveDenial, stubZones, crypto }: Settings, old?: (outcome: Outcome) => void) {
    this.#staleFor = cache.staleFor
    this.#crypto = crypto
    this.meter = new Meter(cache.maxBytes)
    this.failures = new Failures(this.meter)
    this.front = new Front(this.meter, old)
    this.answers = new AnswerCache(this.meter, { scrub, failures: this.failures, ttlMin: cache.ttlMin, staleFor: cache.staleFor })
    this.aliases = new AliasCache(this.meter, scrub)
    this.denials = aggressiveDenial ? new Denials(this.meter, { apart: stubZones.map(({ name }) => name) }) : undefined
    this.shared = cache.store && new SharedReplies(cache.store, scrub)
  }

  /** The whole answer, when every hop of it is known. */
  known(question: Question, task: Task): Outcome | undefined {
    return joinHops(question, (hop) => this.answers.get(hop, task.now), task)
  }

  /** The same past its TTL, with its status as it was (RFC 8767 4). `why` is what became of asking anew. */
  stale(question: Question, task: Task, why: Outcome | string): Outcome | undefined {
    if (this.#staleFor === 0) return undefined
    const outcome = joinHops(question, (hop) => this.answers.stale(hop, task.now), task)
    if (!outcome || (outcome.status !== 'secure' && outcome.status !== 'insecure')) return undefined
    const detail = typeof why === 'string' ? why : (why.reason?.text ?? 'it failed.')
    const kind = outcome.rcode === RCODE.NXDOMAIN ? 'staleNxdomain' : 'staleAnswer'
    return {
      ...outcome,
      records: outcome.records.map((one) => ({ ...one, ttl: STALE_TTL })),
      reason: reason(kind, { owner: question.name, type: question.type, detail }),
      stale: true,
      ttl: STALE_TTL
    }
  }

  clear(): void {
    this.front.clear()
    this.answers.clear()
    this.aliases.clear()
    this.denials?.clear()
    this.failures.clear()
  }

  /** Forgets what is kept of one question. */
  deleteQuestion(question: Question): void {
    this.front.clear()
    this.answers.delete(question)
    this.aliases.deleteName(question.name)
    this.denials?.forgetName(question.name, question.type, this.#crypto)
    this.shared?.delete(question)
  }

  /** Forgets every type of the name. */
  deleteName(name: Name): void {
    this.front.clear()
    this.answers.deleteName(name)
    this.aliases.deleteName(name)
    this.denials?.forgetName(name, undefined, this.#crypto)
  }
}
