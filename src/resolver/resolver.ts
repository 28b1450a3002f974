// The resolver: options in, answers out. Puts cache, look-ups, validation and trust anchors together.

import type { AnchorReport } from '../anchors/report.js'
import { AnchorStoreError } from '../anchors/store.js'
import { AliasCache } from '../cache/aliases.js'
import { AnswerCache } from '../cache/answers.js'
import { Denials } from '../cache/denials.js'
import { Meter } from '../cache/sieve.js'
import { toAnswer } from '../edge/answer.js'
import type { SecureAnswer } from '../edge/public.js'
import { parseQuestion } from '../edge/question.js'
import { Budget } from '../limits.js'
import { createLookup, type Lookup } from '../lookup/lookup.js'
import { stopped } from '../validate/hops.js'
import type { Emit } from '../verdict/event.js'
import type { Outcome } from '../verdict/outcome.js'
import { reason } from '../verdict/reason.js'
import { Recorder } from '../verdict/recorder.js'
import { note, type Task } from '../verdict/task.js'
import { SOFTWARE, type Trace } from '../verdict/trace.js'
import { type Question, questionKey } from '../wire/message.js'
import { Name } from '../wire/name.js'
import { typeToText } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'
import { AnchorKeeper } from './anchor-keeper.js'
import { Front } from './front.js'
import { Gate } from './gate.js'
import { Inflight } from './inflight.js'
import { type ResolverOptions, readOptions, type Settings } from './options.js'
import { answerQuestion, type House } from './pipeline.js'
import { sentinelRefusal } from './sentinel.js'
import { NetworkSource } from './source.js'

export class ResolverClosedError extends Error {
  override readonly name = 'ResolverClosedError'
  readonly code = 'ERR_RESOLVER_CLOSED'
  constructor() {
    super('the resolver is closed')
  }
}

export interface AskOptions {
  /** aborts this call, and the work when nobody else waits for it */
  readonly signal?: AbortSignal
  /** record every step; such a question is not joined with others */
  readonly trace?: boolean
}

export interface Resolver {
  /**
   * Resolves and validates. Every outcome of the DNS is an answer with a status; rejects only with TypeError or RangeError
   * for misuse, with the signal's reason, or with ResolverClosedError. Answers are shared and must not be changed.
   */
  resolveSecure(name: string, type: string | number, options?: AskOptions): Promise<SecureAnswer>
  /** A cached answer in any spelling of its name, or undefined, at once. Throws TypeError or RangeError for misuse. */
  peek(name: string, type: string | number): SecureAnswer | undefined
  /**
   * Does the RFC 5011 probes that are due by the clock, or with `all` every one. What they gave is told on the channel
   * `dnssec-resolver:anchors` of `node:diagnostics_channel`, and by `trustAnchors()`.
   * Rejects with AnchorStoreError when the state cannot be read or kept; what was learned is in force all the same.
   */
  refreshTrustAnchors(options?: { readonly all?: boolean }): Promise<void>
  /** The trust anchors in force. */
  trustAnchors(): readonly AnchorReport[]
  /** Forgets cached data: all of it, or what is kept for a name. */
  flush(name?: string): void
  /** Ends what is under way and closes the transport; no socket, timer or file is left. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** @throws TypeError and RangeError for options that make no sense */
export function createResolver(options: ResolverOptions = {}): Resolver {
  return new SecureResolver(readOptions(options))
}

class SecureResolver implements Resolver {
  readonly #settings: Settings
  readonly #front: Front
  readonly #answers: AnswerCache
  readonly #aliases: AliasCache
  readonly #denials: Denials | undefined
  readonly #source: NetworkSource
  readonly #lookup: Lookup
  readonly #keeper: AnchorKeeper
  readonly #house: House
  readonly #inflight = new Inflight<Outcome>()
  readonly #gate: Gate
  #closed = false

  constructor(settings: Settings) {
    this.#settings = settings
    const meter = new Meter(settings.cacheBytes)
    this.#front = new Front(meter)
    this.#answers = new AnswerCache(meter)
    this.#aliases = new AliasCache(meter)
    this.#denials = settings.aggressiveDenial ? new Denials(meter, { apart: settings.stubZones.map(({ name }) => name) }) : undefined
    this.#gate = new Gate(settings.limits.questionsAtOnce)
    this.#keeper = new AnchorKeeper(
      settings,
      (signal) => this.#task(signal),
      () => this.#anchorsChanged()
    )
    this.#source = new NetworkSource(this.#keeper, meter, this.#denials, () => this.#lookup)
    this.#lookup = createLookup({
      ...settings,
      meter,
      hooks: { referral: (reply, task) => this.#source.referral(reply, task) },
      anchorOf: (name) => {
        const anchor = this.#keeper.covering(name, settings.clock())
        return anchor?.kind === 'positive' ? anchor.zone : undefined
      }
    })
    this.#keeper.attach(this.#lookup)
    this.#house = {
      answers: this.#answers,
      aliases: this.#aliases,
      denials: this.#denials,
      lookup: this.#lookup,
      source: this.#source,
      prepare: (name, task) => this.#source.prepare(name, task)
    }
  }

  resolveSecure(name: string, type: string | number, options: AskOptions = {}): Promise<SecureAnswer> {
    if (typeof type === 'string' && !options.trace && !options.signal?.aborted && !this.#closed) {
      const known = this.#front.get(name, type, this.#settings.clock())
      if (known) return Promise.resolve(known)
    }
    return this.#resolve(name, type, options)
  }

  peek(name: string, type: string | number): SecureAnswer | undefined {
    const now = this.#settings.clock()
    const known = typeof type === 'string' ? this.#front.get(name, type, now) : undefined
    return known ?? this.#front.get(...usualSpelling(parseQuestion(name, type)), now)
  }

  async #resolve(name: string, type: string | number, options: AskOptions): Promise<SecureAnswer> {
    const question = parseQuestion(name, type)
    options.signal?.throwIfAborted()
    if (this.#closed) throw new ResolverClosedError()
    if (options.trace) return this.#traced(question, options.signal)
    const outcome = await this.#inflight.join(questionKey(question), options.signal, (signal) => this.#work(question, signal))
    const now = this.#settings.clock()
    const answer = toAnswer(outcome, now)
    const [usualName, usualType] = usualSpelling(question)
    this.#front.set(usualName, usualType, outcome, answer, now)
    if (typeof type === 'string' && (name !== usualName || type !== usualType)) this.#front.set(name, type, outcome, answer, now)
    return answer
  }

  async #traced(question: Question, signal: AbortSignal | undefined): Promise<SecureAnswer> {
    const { traceEvents, traceBytes } = this.#settings.limits
    const recorder = new Recorder(traceEvents, traceBytes)
    const outcome = await this.#work(question, signal ?? new AbortController().signal, recorder.emit)
    const trace: Trace = {
      version: 1,
      software: SOFTWARE,
      question: { name: nameToText(question.name), type: typeToText(question.type) },
      now: outcome.judgedAt,
      ...this.#keeper.texts(outcome.judgedAt),
      algorithms: this.#settings.policy,
      limits: this.#settings.limits,
      messages: recorder.messages,
      events: recorder.events,
      truncated: recorder.truncated
    }
    return { ...toAnswer(outcome, this.#settings.clock()), trace }
  }

  /** One question within its time. Whatever goes wrong inside is an answer, and never a better one (fail closed). */
  #work(question: Question, signal: AbortSignal, emit?: Emit): Promise<Outcome> {
    return this.#gate.pass(async () => {
      signal.throwIfAborted()
      const deadline = new AbortController()
      const { questionMs } = this.#settings.limits
      const timer = setTimeout(() => deadline.abort(new Error('the time for this question is over')), questionMs)
      let task = this.#task(AbortSignal.any([signal, deadline.signal]), emit)
      const facts = { owner: question.name, type: question.type }
      if (emit) {
        const parent = emit({ event: 'question', name: nameToText(question.name), type: typeToText(question.type), now: task.now }, -1)
        task = { ...task, parent }
      }
      try {
        const loading = this.#keeper.ready()
        if (loading) await untilAborted(loading, task.signal)
        const outcome = await answerQuestion(question, this.#house, task)
        const refusal = this.#settings.rootKeySentinel && sentinelRefusal(outcome, (tag) => this.#keeper.trustsRootKey(tag, task.now))
        return refusal ? stopped(question, refusal, task) : outcome
      } catch (error) {
        signal.throwIfAborted()
        if (deadline.signal.aborted) return stopped(question, reason('timeOver', { ...facts, limit: questionMs }), task)
        const detail = error instanceof Error ? error.message : String(error)
        if (error instanceof AnchorStoreError) return stopped(question, reason('anchorsUnavailable', { ...facts, detail }), task)
        note(task, () => ({ event: 'fault', detail: error instanceof Error ? (error.stack ?? detail) : detail }))
        return stopped(question, reason('internalFault', { ...facts, detail }), task)
      } finally {
        clearTimeout(timer)
      }
    })
  }

  #task(signal: AbortSignal, emit?: Emit): Task {
    const { limits, policy, crypto, clock } = this.#settings
    const base = { now: clock(), limits, budget: new Budget(limits), policy, crypto, signal, depth: 0, parent: -1 }
    return emit ? { ...base, emit } : base
  }

  refreshTrustAnchors({ all = false } = {}): Promise<void> {
    if (this.#closed) return Promise.reject(new ResolverClosedError())
    return this.#keeper.refresh(all)
  }

  trustAnchors(): readonly AnchorReport[] {
    return this.#keeper.report()
  }

  flush(name?: string): void {
    if (name === undefined) {
      this.#answers.clear()
      this.#aliases.clear()
      this.#denials?.clear()
      this.#source.clear()
    } else {
      const question = parseQuestion(name, 'A')
      this.#source.forget(question.name)
      this.#answers.deleteName(question.name)
      this.#denials?.forget(question.name)
    }
    this.#front.clear()
  }

  /** What was judged by other anchors may not be used any more. */
  #anchorsChanged(): void {
    this.#front.clear()
    this.#answers.clear()
    this.#aliases.clear()
    this.#denials?.clear()
    this.#source.clear()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#inflight.abort(new ResolverClosedError())
    await this.#keeper.close()
    await this.#lookup.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** The texts under which an answer is found whatever spelling it was asked in. */
const usualSpelling = ({ name, type }: Question): [string, string] => [nameToText(Name.fromWire(name.canonical())), typeToText(type)]

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  return Promise.race([work, aborted])
}
