// Aliases that are known: a CNAME answers for its owner whatever type is asked (RFC 1034 3.6.2), a DNAME for every name below
// its owner (RFC 6672 3.4), so neither is asked for again. Kept as replies, which are judged anew for each question.

import { asAliasReply } from '../validate/aliases.js'
import type { Judgement } from '../validate/answer.js'
import { aged, replyTtl } from '../verdict/aged.js'
import type { Answered } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import { Reader, Writer } from '../wire/cursor.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import { packOctets, STRING_BYTES, unpackOctets } from './packed.js'
import { readReply, type Scrub, writeReply } from './replies.js'
import { ENTRY_BYTES, type Meter, SieveMap } from './sieve.js'

export class AliasCache {
  readonly #cnames: SieveMap<string>
  readonly #dnames: SieveMap<string>
  readonly #scrub: Scrub

  constructor(meter: Meter, scrub: Scrub) {
    this.#cnames = new SieveMap(meter)
    this.#dnames = new SieveMap(meter)
    this.#scrub = scrub
  }

  /**
   * Keeps the alias that the reply holds for its own question. A DNAME speaks for many names, so only a secure one is kept.
   */
  keep(reply: Answered, judgement: Judgement): void {
    const first = judgement.judged[0]
    if (!first || first.verdict.status === 'bogus' || reply.via === 'alias') return
    const { type, owner } = first.rrset
    if (type === TYPE.CNAME) keepIn(this.#cnames, owner, reply)
    else if (type === TYPE.DNAME && first.verdict.status === 'secure') keepIn(this.#dnames, owner, reply)
  }

  /** A reply to the question by an alias that is known already. */
  covering(question: Question, task: Task): Answered | undefined {
    const { name, type } = question
    if (type === TYPE.DS) return undefined // it is the parent's to answer (RFC 4035 3.1.4.1), and an alias is the child's
    const cname = this.#cnames.get(name.key, task.now)
    if (cname !== undefined) return this.#reply(cname, question, task)
    if (this.#dnames.size === 0) return undefined
    for (let labels = name.labelCount - 1; labels >= 0; labels--) {
      const dname = this.#dnames.get(name.ancestor(labels).key, task.now)
      if (dname !== undefined) return this.#reply(dname, question, task)
    }
    return undefined
  }

  deleteName(name: Name): void {
    this.#cnames.delete(name.key)
    this.#dnames.delete(name.key)
  }

  clear(): void {
    this.#cnames.clear()
    this.#dnames.clear()
  }

  get size(): number {
    return this.#cnames.size + this.#dnames.size
  }

  #reply(packed: string, question: Question, task: Task): Answered | undefined {
    const reply = readReply(new Reader(unpackOctets(packed)), question, this.#scrub)
    return reply && aged(reply, task.now)
  }
}

function keepIn(map: SieveMap<string>, owner: Name, reply: Answered): void {
  const alias = asAliasReply(reply, reply.question)
  const ttl = alias ? replyTtl(alias) : 0
  if (!alias || !(ttl > 0) || !Number.isFinite(ttl)) return
  const to = new Writer()
  writeReply(to, alias, reply.message.wire)
  const packed = packOctets(to.finish())
  map.set(owner.key, packed, reply.receivedAt + ttl * 1000, ENTRY_BYTES + owner.key.length * 2 + packed.length + STRING_BYTES)
}
