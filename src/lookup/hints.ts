// The root: its built-in hints (IANA "root hints") and priming (RFC 9609). Hints serve until priming has an answer.

import type { Server } from '../verdict/reply.js'
import { Name } from '../wire/name.js'
import { CLASS, TYPE } from '../wire/numbers.js'
import { nameFromText } from '../wire/text.js'
import { classify } from './classify.js'
import { type Delegation, delegationOf } from './delegation.js'
import { exchange } from './exchange.js'
import type { Knowledge, RootHint, Run } from './run.js'
import { scrub } from './scrub.js'

const ROOT_SERVERS: Readonly<Record<string, readonly [ipv4: string, ipv6: string]>> = {
  a: ['198.41.0.4', '2001:503:ba3e::2:30'],
  b: ['170.247.170.2', '2801:1b8:10::b'],
  c: ['192.33.4.12', '2001:500:2::c'],
  d: ['199.7.91.13', '2001:500:2d::d'],
  e: ['192.203.230.10', '2001:500:a8::e'],
  f: ['192.5.5.241', '2001:500:2f::f'],
  g: ['192.112.36.4', '2001:500:12::d0d'],
  h: ['198.97.190.53', '2001:500:1::53'],
  i: ['192.36.148.17', '2001:7fe::53'],
  j: ['192.58.128.30', '2001:503:c27::2:30'],
  k: ['193.0.14.129', '2001:7fd::1'],
  l: ['199.7.83.42', '2001:500:9f::42'],
  m: ['202.12.27.33', '2001:dc3::35']
}

export const ROOT_HINTS: readonly RootHint[] = Object.entries(ROOT_SERVERS).map(([letter, addresses]) => ({
  name: nameFromText(`${letter}.root-servers.net`),
  addresses
}))

/** Servers asked to prime, before the hints serve for a while. */
const MOST_PRIMING_TRIES = 3
const UNPRIMED_MS = 60_000

export class RootServers {
  readonly #hints: Delegation | undefined
  #primed: Delegation | undefined
  #nextPrimingAt = 0
  #underWay: Promise<void> | undefined

  constructor(hints: readonly RootHint[], authorityPort: number) {
    const fixed = hints.flatMap(({ addresses, port = authorityPort }) =>
      addresses.map((address): Server => ({ address, port, protocol: 'udp' }))
    )
    if (fixed.length > 0) this.#hints = { zone: Name.root, nameServers: [], fixed, signed: false, expiresAt: Infinity, parent: undefined }
  }

  /** Undefined without hints. When priming is due it begins, and the hints serve until it has an answer (RFC 9609 3). */
  delegation(run: Run, knowledge: Knowledge): Delegation | undefined {
    const now = knowledge.config.clock()
    if (!this.#hints) return undefined
    if (this.#primed && this.#primed.expiresAt > now) return this.#primed
    if (this.#nextPrimingAt > now) return this.#hints
    this.#underWay ??= this.#prime(this.#hints, run, knowledge)
      .catch(() => {}) // cancelled with the question that began it: the next one begins again
      .finally(() => {
        this.#underWay = undefined
      })
    return this.#hints
  }

  /** RFC 9609 3: `. NS` to one of the hints; NS from the answer, addresses from the additional section. */
  async #prime(hints: Delegation, run: Run, knowledge: Knowledge): Promise<void> {
    const { config, book, glue } = knowledge
    const question = { name: Name.root, type: TYPE.NS, class: CLASS.IN }
    for (const server of book.order(hints.fixed, Name.root).slice(0, MOST_PRIMING_TRIES)) {
      const describe = () => ({ outcome: 'answer' as const })
      const asking = { server, recursive: false, zone: Name.root, task: run.task, sent: run.sent, tries: 0, describe }
      const got = await exchange(question, asking, knowledge.exchange)
      if (got.kind === 'spent') return
      if (got.kind !== 'message' || classify(got.message, question, Name.root).kind !== 'answer') continue
      const message = scrub(got.message, question, Name.root)
      const nameServers = message.answer.find((rrset) => rrset.type === TYPE.NS && rrset.owner.isRoot)
      if (!nameServers) continue
      const now = config.clock()
      const primed = delegationOf(Name.root, nameServers, message, hints, now, glue)
      const addressed = primed.nameServers.some(({ addresses }) => addresses.length > 0)
      this.#primed = { ...primed, parent: undefined, fixed: addressed ? [] : hints.fixed }
      this.#nextPrimingAt = Math.max(primed.expiresAt, now + UNPRIMED_MS)
      return
    }
    this.#nextPrimingAt = config.clock() + UNPRIMED_MS
  }
}
