// The resolver: options in, answers out. Puts cache, look-ups, validation and trust anchors together.

import type { AnchorReport } from '../anchors/report.js'
import { AnchorStoreError } from '../anchors/store.js'
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
import { TYPE, typeToText } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'
import { AnchorKeeper } from './anchor-keeper.js'
import { Caches, isFailure } from './caches.js'
import { observed, tellAnswer } from './channels.js'
import { Counters, type Statistics } from './counters.js'
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
  /** Forgets cached data: all of it, what is kept for a name, or for a name and type. */
  flush(name?: string, type?: string | number): void
  /** What was done so far and what is kept, as plain numbers; `toPrometheus` makes text of it. */
  statistics(): Statistics
  /** Ends what is under way and closes the transport; no socket, timer or file is left. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const NEVER = new AbortController().signal
/** Popular answers asked for anew at the same time. */
const MOST_REFRESHING = 64
const REFRESH: Partial<House> = { refresh: true }

/** @throws TypeError and RangeError for options that make no sense */
export function createResolver(options: ResolverOptions = {}): Resolver {
  return new SecureResolver(readOptions(options))
}

class SecureResolver implements Resolver {
  readonly #settings: Settings
  readonly #caches: Caches
  readonly #counters = new Counters()
  readonly #refreshing = new Set<string>()
  readonly #source: NetworkSource
  readonly #lookup: Lookup
  readonly #keeper: AnchorKeeper
  readonly #house: House
  readonly #inflight = new Inflight<Outcome>()
  readonly #gate: Gate
  #closed = false

  constructor(settings: Settings) {
    this.#settings = settings
    const caches = new Caches(settings, settings.cache.prefetch ? ({ question }) => this.#prefetch(question) : undefined)
    this.#caches = caches
    this.#gate = new Gate(settings.limits.questionsAtOnce)
    this.#keeper = new AnchorKeeper(
      settings,
      (signal) => this.#task(signal),
      () => this.#anchorsChanged()
    )
    this.#source = new NetworkSource(this.#keeper, caches.meter, caches, () => this.#lookup)
    this.#lookup = createLookup({
      ...settings,
      transport: observed(settings.transport, this.#counters),
      meter: caches.meter,
      hooks: { referral: (reply, task) => this.#source.referral(reply, task) },
      anchorOf: (name) => {
        const anchor = this.#keeper.covering(name, settings.clock())
        return anchor?.kind === 'positive' ? anchor.zone : undefined
      }
    })
    this.#keeper.attach(this.#lookup)
    this.#house = {
      answers: caches.answers,
      aliases: caches.aliases,
      denials: caches.denials,
      shared: caches.shared,
      lookup: this.#lookup,
      source: this.#source,
      askChain: (question, task, attempt) => this.#source.ask(question, task, attempt, true),
      prepare: (name, task) => this.#source.prepare(name, task)
    }
  }

  resolveSecure(name: string, type: string | number, options: AskOptions = {}): Promise<SecureAnswer> {
    if (typeof type === 'string' && !options.trace && !options.signal?.aborted && !this.#closed) {
      const known = this.#caches.front.get(name, type, this.#settings.clock())
      if (known) {
        this.#counters.hits++
        return Promise.resolve(known)
      }
    }
    return this.#resolve(name, type, options)
  }

  peek(name: string, type: string | number): SecureAnswer | undefined {
    const known = typeof type === 'string' ? this.#caches.front.get(name, type, this.#settings.clock()) : undefined
    const answer = known ?? this.#known(parseQuestion(name, type), name, type)
    if (answer) this.#counters.hits++
    return answer
  }

  async #resolve(name: string, type: string | number, options: AskOptions): Promise<SecureAnswer> {
    const question = parseQuestion(name, type)
    options.signal?.throwIfAborted()
    if (this.#closed) throw new ResolverClosedError()
    if (options.trace) return this.#traced(question, options.signal)
    const known = this.#known(question, name, type)
    if (known && !(known.status === 'indeterminate' && this.#settings.cache.staleFor > 0)) {
      this.#counters.hits++
      return known
    }
    this.#counters.misses++
    const work = this.#inflight.join(questionKey(question), options.signal, (signal) => this.#work(question, signal))
    const outcome = this.#settings.cache.staleFor > 0 ? await this.#orStale(question, work) : await work
    return toAnswer(outcome, this.#settings.clock())
  }

  /** A kept answer; asked for a second time it takes the fast road from then on. */
  #known(question: Question, name: string, type: string | number): SecureAnswer | undefined {
    if (this.#settings.rootKeySentinel) return undefined
    const task = this.#task(NEVER)
    const { front } = this.#caches
    const [usualName, usualType] = usualSpelling(question)
    const ready = front.get(usualName, usualType, task.now)
    const outcome = ready ? undefined : this.#caches.known(question, task)
    const answer = ready ?? (outcome && toAnswer(outcome, task.now))
    // A failure that a stale answer may stand in for does not take the fast road.
    const mayBeStale = this.#settings.cache.staleFor > 0 && answer?.status === 'indeterminate'
    if (outcome && answer && !mayBeStale) {
      front.set(usualName, usualType, outcome, answer, task.now)
      if (typeof type === 'string' && (name !== usualName || type !== usualType)) front.set(name, type, outcome, answer, task.now)
    }
    return answer
  }

  /** RFC 8767 5: a stale answer when the work fails, or takes too long; then the work goes on. */
  async #orStale(question: Question, work: Promise<Outcome>): Promise<Outcome> {
    const { staleAfterMs } = this.#settings.cache
    const give = (why: Outcome | string): Outcome | undefined => {
      const stale = this.#caches.stale(question, this.#task(NEVER), why)
      if (stale) this.#counters.stale++
      return stale
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), staleAfterMs)
    })
    try {
      const outcome = await Promise.race([work, late])
      if (outcome) return (isFailure(outcome) && give(outcome)) || outcome
      const stale = give(`there was no answer within ${staleAfterMs} ms.`)
      if (!stale) return await work
      work.catch(() => {})
      return stale
    } finally {
      clearTimeout(timer)
    }
  }

  /** Asks anew for what is popular and near its end; nobody waits for it. */
  #prefetch(question: Question): void {
    const key = questionKey(question)
    if (this.#closed || this.#refreshing.has(key) || this.#refreshing.size >= MOST_REFRESHING) return
    this.#refreshing.add(key)
    this.#counters.prefetched++
    const work = this.#inflight.join(`refresh ${key}`, undefined, (signal) => this.#work(question, signal, undefined, REFRESH))
    work.catch(() => {}).finally(() => this.#refreshing.delete(key))
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
      events: [...recorder.events], // what is still under way tells nothing more
      truncated: recorder.truncated
    }
    return { ...toAnswer(outcome, this.#settings.clock()), trace }
  }

  /** One question within its time. Whatever goes wrong inside is an answer, and never a better one (fail closed). */
  async #work(question: Question, signal: AbortSignal, emit?: Emit, how: Partial<House> = {}): Promise<Outcome> {
    const startedAt = performance.now()
    const outcome = await this.#gate.pass(() => this.#withinTime(question, signal, emit, how), signal)
    this.#counters.answers[outcome.status]++
    tellAnswer(outcome, startedAt, this.#settings.clock())
    return outcome
  }

  async #withinTime(question: Question, signal: AbortSignal, emit: Emit | undefined, how: Partial<House>): Promise<Outcome> {
    signal.throwIfAborted()
    const deadline = new AbortController()
    const { questionMs } = this.#settings.limits
    const timer = setTimeout(() => deadline.abort(new Error('the time for this question is over')), questionMs)
    // One controller, and no AbortSignal.any: that keeps every composite alive until a finalizer has run.
    const leave = (): void => deadline.abort(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    let task = this.#task(deadline.signal, emit)
    const facts = { owner: question.name, type: question.type }
    if (emit) {
      const parent = emit({ event: 'question', name: nameToText(question.name), type: typeToText(question.type), now: task.now }, -1)
      task = { ...task, parent }
    }
    try {
      const loading = this.#keeper.ready()
      if (loading) await untilAborted(loading, task.signal)
      const outcome = await answerQuestion(question, { ...this.#house, ...how }, task)
      signal.throwIfAborted()
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
      signal.removeEventListener('abort', leave)
    }
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

  statistics(): Statistics {
    const { hits, misses, stale, prefetched, answers, queries, replies, failures } = this.#counters
    const { meter, front, answers: kept, aliases, denials } = this.#caches
    const { running, waiting } = this.#gate
    return {
      questions: { hits, misses, running, waiting, stale, prefetched },
      answers: { ...answers },
      upstream: { queries: { ...queries }, replies, failures: { ...failures } },
      cache: {
        bytes: meter.bytes,
        maxBytes: meter.maxBytes,
        answers: kept.size,
        front: front.size,
        aliases: aliases.size,
        denials: denials?.size ?? 0,
        ...this.#source.sizes
      }
    }
  }

  flush(name?: string, type?: string | number): void {
    if (name === undefined) {
      this.#anchorsChanged()
      return
    }
    const question = parseQuestion(name, type ?? 'A')
    if (type === undefined) this.#caches.deleteName(question.name)
    else this.#caches.deleteQuestion(question)
    if (type === undefined || question.type === TYPE.DS || question.type === TYPE.DNSKEY) this.#source.forget(question.name)
  }

  /** What was judged by other anchors may not be used any more. */
  #anchorsChanged(): void {
    this.#caches.clear()
    this.#source.clear()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#inflight.abort(new ResolverClosedError())
    await this.#keeper.close()
    await this.#lookup.close()
    await this.#caches.shared?.close()
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
