// How long a failure to get an answer is remembered (RFC 9520 3.2): briefly at first, twice as long each time it happens again,
// and never longer than five minutes.

import type { Limits } from '../limits.js'
import { ENTRY_BYTES, type Meter, SieveMap } from './sieve.js'

export class Failures {
  readonly #times: SieveMap<number>

  constructor(meter: Meter) {
    this.#times = new SieveMap(meter)
  }

  /** Notes one more failure under `key` and gives the seconds for which it holds. */
  note(key: string, now: number, { failureTtl, failureTtlMax }: Limits): number {
    const times = this.#times.get(key, now) ?? 0
    const ttl = Math.min(failureTtlMax, failureTtl * 2 ** times)
    // Remembered for as long again, so that the next failure is known as one in a row.
    this.#times.set(key, times + 1, now + 2 * ttl * 1000 + 1000, ENTRY_BYTES + key.length)
    return ttl
  }

  /** An answer came: the row is over. */
  forget(key: string): void {
    this.#times.delete(key)
  }

  clear(): void {
    this.#times.clear()
  }

  get size(): number {
    return this.#times.size
  }
}
