// Which servers' replies to a question were given out already, within one budget: when a reply does not validate, the next
// attempt goes to others (RFC 4035 4.1, 5.5).

import type { Budget } from '../limits.js'
import type { Server } from '../verdict/reply.js'
import { type Message, type Question, questionKey } from '../wire/message.js'
import { serverKey } from './servers.js'

interface Gave {
  readonly server: Server
  readonly bare: boolean
}

const isBare = ({ answer, authority }: Message): boolean => ![...answer, ...authority].some((rrset) => rrset.signatures.length > 0)

export class Given {
  readonly #byBudget = new WeakMap<Budget, Map<string, Map<string, Gave>>>()

  add(budget: Budget, question: Question, server: Server, message: Message): void {
    const byQuestion = this.#byBudget.get(budget) ?? new Map<string, Map<string, Gave>>()
    this.#byBudget.set(budget, byQuestion)
    const key = questionKey(question)
    const given = byQuestion.get(key) ?? new Map<string, Gave>()
    const gave = { server, bare: isBare(message) }
    byQuestion.set(key, given.set(serverKey(server), gave))
    // It came to TCP by way of UDP, and would again.
    if (server.protocol === 'tcp') given.set(serverKey({ ...server, protocol: 'udp' }), gave)
  }

  /** Those whose reply had no signature at all. */
  bare(budget: Budget, question: Question): Server[] {
    const given = this.#byBudget.get(budget)?.get(questionKey(question))
    return given ? [...given.values()].filter(({ bare }) => bare).map(({ server }) => server) : []
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
