// Judged replies: from a name to its data, its denial or the next name of an alias chain, with what the verdict rests on.

import type { Hop } from '../validate/hops.js'
import { isPassing } from '../verdict/reason.js'
import type { Task } from '../verdict/task.js'
import { type Question, questionKey } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { ENTRY_BYTES, type Meter, SieveMap } from './sieve.js'

export class AnswerCache {
  readonly #hops: SieveMap<Hop>

  constructor(meter: Meter) {
    this.#hops = new SieveMap(meter)
  }

  get(question: Question, task: Task): Hop | undefined {
    return this.#hops.get(questionKey(question), task.now)
  }

  /** Bogus answers and failures are kept shortly (RFC 4035 4.7, RFC 9520 3.2), and not at all when only the limits of one question stood in the way. */
  keep(question: Question, hop: Hop, task: Task): void {
    const ttl = ttlOf(hop, task)
    if (ttl > 0) this.#hops.set(questionKey(question), hop, task.now + ttl * 1000, hopBytes(hop))
  }

  /** Forgets every type kept for the name. */
  deleteName(name: Name): void {
    for (const [key, hop] of [...this.#hops.entries()]) if (hop.name.equals(name)) this.#hops.delete(key)
  }

  clear(): void {
    this.#hops.clear()
  }

  get size(): number {
    return this.#hops.size
  }
}

function ttlOf({ judgement }: Hop, task: Task): number {
  const { status, reason, ttl } = judgement
  if (isPassing(reason)) return 0
  if (status === 'bogus') return Math.min(Math.max(ttl, 1), task.limits.bogusTtl)
  return ttl
}

function hopBytes({ judgement, evidence }: Hop): number {
  const own = evidence[0]
  return ENTRY_BYTES * (4 + judgement.judged.length * 3) + (own?.kind === 'reply' ? own.wire.length * 2 : 0)
}
