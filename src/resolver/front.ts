// The fast road to a cached answer: by the very texts of the call, to the public answer as it reads this second. Only what was
// asked for a second time comes here; what was asked once stays packed.

import { ENTRY_BYTES, type Meter, SieveMap } from '../cache/sieve.js'
import { toAnswer } from '../edge/answer.js'
import type { SecureAnswer } from '../edge/public.js'
import type { Outcome } from '../verdict/outcome.js'

interface Entry {
  readonly outcome: Outcome
  /** seconds since the outcome was judged that `answer` is counted down to */
  age: number
  answer: SecureAnswer
}

/** Spellings of types that get a map of their own; a caller uses few. */
const MOST_TYPES = 64
/** Objects of an answer, and of each record in it. */
const ANSWER_BYTES = 1_600
const RECORD_BYTES = 700
/** The part of its time, at the end, in which an answer counts as old. */
const OLD = 0.1

export class Front {
  readonly #byType = new Map<string, SieveMap<Entry>>()

  /** @param old told of an answer that is asked for in the last tenth of its time, once a second at the most */
  constructor(
    readonly meter: Meter,
    readonly old?: (outcome: Outcome) => void
  ) {}

  /** The answer, the same object for a second; undefined when it is not cached or has expired. */
  get(name: string, type: string, now: number): SecureAnswer | undefined {
    const entry = this.#byType.get(type)?.get(name, now)
    if (entry === undefined) return undefined
    const age = Math.floor((now - entry.outcome.judgedAt) / 1000)
    if (age !== entry.age) {
      entry.age = age
      entry.answer = toAnswer(entry.outcome, now)
      if (this.old && age >= entry.outcome.ttl * (1 - OLD)) this.old(entry.outcome)
    }
    return entry.answer
  }

  set(name: string, type: string, outcome: Outcome, answer: SecureAnswer, now: number): void {
    if (outcome.ttl <= 0) return
    let map = this.#byType.get(type)
    if (!map) {
      if (this.#byType.size >= MOST_TYPES) return
      map = new SieveMap(this.meter)
      this.#byType.set(type, map)
    }
    const age = Math.floor((now - outcome.judgedAt) / 1000)
    const records = answer.records.length + answer.rejected.length
    const bytes = ENTRY_BYTES + name.length * 2 + ANSWER_BYTES + records * RECORD_BYTES
    map.set(name, { outcome, age, answer }, outcome.judgedAt + outcome.ttl * 1000, bytes)
  }

  clear(): void {
    for (const map of this.#byType.values()) map.clear()
  }

  get size(): number {
    return [...this.#byType.values()].reduce((sum, map) => sum + map.size, 0)
  }
}
