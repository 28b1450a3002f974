// Whether a forwarder can serve validation: it is asked for the keys of an anchored zone and for a type that the zone does not
// have, and must give both with EDNS and with their signatures (RFC 4035 3.2.1, RFC 6840 5.9). Asked only when a reply of it
// leaves that open; what was found holds for a while.

import type { Server } from '../verdict/reply.js'
import { type Task, within } from '../verdict/task.js'
import type { Message, Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, RCODE, rcodeToText, TYPE } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'
import { type ExchangeConfig, exchange } from './exchange.js'
import { serverKey } from './servers.js'

/** ms: how long a forwarder counts as fit, and how long as unfit at first and at the most. */
const FIT_MS = 600_000
const UNFIT_MS = 60_000
const UNFIT_MOST_MS = 600_000
/** A type that no apex has: its denial must be signed. */
const ABSENT_TYPE = TYPE.NULL

interface Known {
  /** why it cannot serve validation; undefined when it can */
  readonly unfit: string | undefined
  readonly until: number
  readonly timesUnfit: number
}

export class Fitness {
  readonly #known = new Map<string, Known>()
  readonly #probing = new Map<string, Promise<string | undefined>>()

  /** Why it is known not to serve validation at present. */
  unfit(server: Server, now: number): string | undefined {
    const known = this.#known.get(serverKey(server))
    return known && known.until > now ? known.unfit : undefined
  }

  /** For how long it is set aside from now on, in ms. */
  markUnfit(server: Server, why: string, now: number): number {
    const key = serverKey(server)
    const times = (this.#known.get(key)?.timesUnfit ?? 0) + 1
    const ms = Math.min(UNFIT_MOST_MS, UNFIT_MS * 2 ** (times - 1))
    this.#known.set(key, { unfit: why, until: now + ms, timesUnfit: times })
    return ms
  }

  markFit(server: Server, now: number): void {
    this.#known.set(serverKey(server), { unfit: undefined, until: now + FIT_MS, timesUnfit: 0 })
  }

  /**
   * Why it cannot serve validation of what `zone` is the anchor of, by earlier probes or a new one; undefined when it can, and
   * also when the probe got no reply, which says nothing.
   */
  async find(server: Server, zone: Name, task: Task, config: ExchangeConfig): Promise<string | undefined> {
    const key = serverKey(server)
    for (;;) {
      const known = this.#known.get(key)
      if (known && known.until > config.clock()) return known.unfit
      const underWay = this.#probing.get(key)
      if (!underWay) break
      try {
        return await underWay
      } catch (error) {
        task.signal.throwIfAborted()
        if (this.#probing.get(key) === underWay) throw error
        // cancelled with the question that began it: the next one begins again
      }
    }
    const probing = this.#probe(server, zone, task, config).finally(() => this.#probing.delete(key))
    this.#probing.set(key, probing)
    return probing
  }

  async #probe(server: Server, zone: Name, above: Task, config: ExchangeConfig): Promise<string | undefined> {
    const task = within(above, () => ({
      event: 'question',
      name: nameToText(zone),
      type: 'DNSKEY',
      now: above.now,
      purpose: 'whether the forwarder serves validation'
    }))
    const ask = (type: number) => {
      const question: Question = { name: zone, type, class: CLASS.IN }
      const asking = { server, recursive: true, zone: undefined, task, sent: { count: 0 }, tries: 0, describe }
      return exchange(question, asking, config)
    }
    const [keys, denial] = await Promise.all([ask(TYPE.DNSKEY), ask(ABSENT_TYPE)])
    const why =
      (keys.kind === 'message' ? keysFault(keys.message, zone) : undefined) ??
      (denial.kind === 'message' ? denialFault(denial.message) : undefined)
    const now = config.clock()
    if (why) config.book.setAside(server, this.markUnfit(server, why, now))
    else if (keys.kind === 'message') this.markFit(server, now)
    return why
  }
}

const describe = () => ({ outcome: 'answer' as const })

function keysFault(message: Message, zone: Name): string | undefined {
  if (message.rcode !== RCODE.NOERROR) return `${rcodeToText(message.rcode)} to the keys of ${nameToText(zone)}`
  if (!message.edns) return 'does not do EDNS'
  const keys = message.answer.find((rrset) => rrset.type === TYPE.DNSKEY && rrset.owner.equals(zone))
  if (!keys) return `has no keys of ${nameToText(zone)}`
  return keys.signatures.length === 0 ? 'strips signatures' : undefined
}

function denialFault(message: Message): string | undefined {
  if (message.rcode !== RCODE.NOERROR || message.answer.length > 0) return undefined
  const proof = message.authority.some(({ type, signatures }) => (type === TYPE.NSEC || type === TYPE.NSEC3) && signatures.length > 0)
  return proof ? undefined : 'strips the proofs of denials'
}
