// Aliases that are known: a CNAME answers for its owner whatever type is asked (RFC 1034 3.6.2), a DNAME for every name below
// its owner (RFC 6672 3.4), so neither is asked for again. Kept as replies, which are judged anew for each question.

import { asAliasReply } from '../validate/aliases.js'
import type { Judgement } from '../validate/answer.js'
import { aged, replyTtl } from '../verdict/aged.js'
import type { Answered } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import { ENTRY_BYTES, type Meter, SieveMap } from './sieve.js'

export class AliasCache {
  readonly #cnames: SieveMap<Answered>
  readonly #dnames: SieveMap<Answered>

  constructor(meter: Meter) {
    this.#cnames = new SieveMap(meter)
    this.#dnames = new SieveMap(meter)
  }

  /**
   * Keeps the alias that the reply holds for its own question. A DNAME speaks for many names, so only a secure one is kept.
   */
  keep(reply: Answered, judgement: Judgement): void {
    const first = judgement.judged[0]
    if (!first || first.verdict.status === 'bogus') return
    const { type, owner } = first.rrset
    if (type === TYPE.CNAME) keepIn(this.#cnames, owner, reply)
    else if (type === TYPE.DNAME && first.verdict.status === 'secure') keepIn(this.#dnames, owner, reply)
  }

  /** A reply to the question by an alias that is known already. */
  covering(question: Question, task: Task): Answered | undefined {
    const { name, type } = question
    if (type === TYPE.DS) return undefined // it is the parent's to answer (RFC 4035 3.1.4.1), and an alias is the child's
    const cname = this.#cnames.get(name.key, task.now)
    if (cname) return asAliasReply(aged(cname, task.now), question)
    if (this.#dnames.size === 0) return undefined
    for (let labels = name.labelCount - 1; labels >= 0; labels--) {
      const dname = this.#dnames.get(name.ancestor(labels).key, task.now)
      if (dname) return asAliasReply(aged(dname, task.now), question)
    }
    return undefined
  }

  clear(): void {
    this.#cnames.clear()
    this.#dnames.clear()
  }
}

function keepIn(map: SieveMap<Answered>, owner: Name, reply: Answered): void {
  const alias = asAliasReply(reply, reply.question)
  const ttl = alias ? replyTtl(alias) : 0
  if (!alias || !(ttl > 0) || !Number.isFinite(ttl)) return
  map.set(owner.key, alias, reply.receivedAt + ttl * 1000, ENTRY_BYTES * 6 + reply.message.wire.length * 2)
}
