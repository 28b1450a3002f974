// Which servers' replies to a question were given out already, within one budget: when a reply does not validate, the next
// attempt goes to others (RFC 4035 4.1, 5.5).

import type { Budget } from '../limits.js'
import type { Server } from '../verdict/reply.js'
import { type Question, questionKey } from '../wire/message.js'
import { serverKey } from './servers.js'

export class Given {
  readonly #byBudget = new WeakMap<Budget, Map<string, Set<string>>>()

  add(budget: Budget, question: Question, server: Server): void {
    const byQuestion = this.#byBudget.get(budget) ?? new Map<string, Set<string>>()
    this.#byBudget.set(budget, byQuestion)
    const key = questionKey(question)
    byQuestion.set(key, (byQuestion.get(key) ?? new Set()).add(serverKey(server)))
  }

  has(budget: Budget, question: Question, server: Server): boolean {
    return this.#byBudget.get(budget)?.get(questionKey(question))?.has(serverKey(server)) ?? false
  }

  /**
   * The servers that may still be asked: the ones whose reply was not given out, and when there are none of those the same
   * over TCP, where no forger can have answered for them. Empty when every way was tried.
   */
  left<T extends Server>(budget: Budget, question: Question, servers: readonly T[]): T[] {
    const others = servers.filter((server) => !this.has(budget, question, server))
    if (others.length > 0) return others
    const overTcp = servers.filter((server) => server.protocol === 'udp').map((server) => ({ ...server, protocol: 'tcp' as const }))
    return overTcp.filter((server) => !this.has(budget, question, server))
  }
}
