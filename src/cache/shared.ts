// The way to a store that processes share: replies in, replies out. What fails or takes long there is as good as absent.

import { aged, replyTtl } from '../verdict/aged.js'
import type { Answered } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import { Reader, Writer } from '../wire/cursor.js'
import { typeToText } from '../wire/numbers.js'
import type { Question } from '../wire/question.js'
import { nameToText } from '../wire/text.js'
import { type Origin, readReply, type Scrub, writeReply } from './replies.js'
import type { CacheStore } from './store.js'

/** How long the store may take, in ms: less than a server would. */
const WAIT_MS = 50

export class SharedReplies {
  constructor(
    readonly store: CacheStore,
    readonly scrub: Scrub
  ) {}

  /** A reply to the question that is still of use, its TTLs counted down; to be judged as any other. */
  async get(question: Question, task: Task): Promise<Answered | undefined> {
    const value = await withinTime(async () => this.store.get(keyOf(question)))
    if (!(value instanceof Uint8Array)) return undefined
    const reply = readReply(new Reader(Uint8Array.from(value)), question, this.scrub)
    // Of a clock that is ahead of ours it would seem to last longer than it does.
    if (!reply || reply.receivedAt > task.now + 1000) return undefined
    const left = replyTtl(reply) - (task.now - reply.receivedAt) / 1000
    return left > 0 ? aged(reply, task.now) : undefined
  }

  /** Keeps a reply as received. */
  set(question: Question, origin: Origin, wire: Uint8Array, ttl: number): void {
    if (!(ttl >= 1) || !Number.isFinite(ttl)) return
    const to = new Writer()
    writeReply(to, origin, wire)
    void withinTime(async () => this.store.set(keyOf(question), to.finish(), Math.floor(ttl)))
  }

  delete(question: Question): void {
    void withinTime(async () => this.store.delete(keyOf(question)))
  }

  async close(): Promise<void> {
    await this.store.close?.()
  }
}

/** Readable, and the same for a name in any letter case. */
const keyOf = ({ name, type }: Question): string => `dnssec-resolver:1:${nameToText(name).toLowerCase()}:${typeToText(type)}`

async function withinTime<T>(work: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), WAIT_MS)
  })
  try {
    return await Promise.race([work(), late])
  } catch {
    return undefined // a store that is down is no reason to fail
  } finally {
    clearTimeout(timer)
  }
}
