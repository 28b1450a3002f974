// The fast road to a cached answer: by the very texts of the call, to the public answer as it reads this second.

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

export class Front {
  readonly #byType = new Map<string, SieveMap<Entry>>()

  constructor(readonly meter: Meter) {}

  /** The answer, the same object for a second; undefined when it is not cached or has expired. */
  get(name: string, type: string, now: number): SecureAnswer | undefined {
    const entry = this.#byType.get(type)?.get(name, now)
    if (entry === undefined) return undefined
    const age = Math.floor((now - entry.outcome.judgedAt) / 1000)
    if (age !== entry.age) {
      entry.age = age
      entry.answer = toAnswer(entry.outcome, now)
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
    map.set(name, { outcome, age, answer }, outcome.judgedAt + outcome.ttl * 1000, ENTRY_BYTES * 2 + name.length * 2)
  }

  clear(): void {
    for (const map of this.#byType.values()) map.clear()
  }
}
