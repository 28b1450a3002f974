// Addresses of name servers that come without glue, by look-ups of their own. Bounded in number and depth (NXNSAttack), and
// a look-up never waits for one that waits for it (TsuNAME).

import { type Meter, SieveMap } from '../cache/sieve.js'
import type { Budget } from '../limits.js'
import { type Task, within } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, RCODE, TYPE } from '../wire/numbers.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'
import { addressesOf } from './delegation.js'
import { type Knowledge, newRun, type Run } from './run.js'
import { targetOf } from './scrub.js'

/** RFC 2181 10.3 forbids an alias here; as many as these are followed all the same, as others do. */
const MOST_ALIASES = 3
/** How long it is kept that a name has no address, in seconds. */
const NOTHING_TTL = 60
const ENTRY_BYTES = 300

/** One look-up of a name server's addresses, and those it waits for. */
export interface Waiting {
  readonly on: Set<Waiting>
  readonly found: Promise<Found>
}

export interface Found {
  readonly addresses: readonly string[]
  /** the look-up itself came to addresses, and not its parent's glue alone */
  readonly led: boolean
}

/** Of IP addresses. */
export type Family = 4 | 6

const NOTHING: Found = { addresses: [], led: false }

interface Told {
  readonly rrsets: readonly Rrset[]
  /** what came was an answer, be it that there is nothing */
  readonly certain: boolean
  readonly nameError: boolean
}

export class NameServerAddresses {
  readonly #kept: SieveMap<readonly string[]>
  readonly #underWay = new WeakMap<Budget, Map<string, Waiting>>()
  /** RFC 1035 3.2.1: what has a TTL of 0 serves the transaction in progress, which is one question with all that it causes */
  readonly #passing = new WeakMap<Budget, Map<string, readonly string[]>>()

  constructor(meter: Meter) {
    this.#kept = new SieveMap(meter)
  }

  /** Known from an earlier look-up, the authoritative ones before glue; undefined when there was none. */
  known(name: Name, run: Run, knowledge: Knowledge): readonly string[] | undefined {
    const kept = this.#both(name, run, knowledge)
    const addresses = kept.flatMap((one) => one ?? [])
    return addresses.length > 0 || kept.every((one) => one) ? withGlue(name, addresses, knowledge) : undefined
  }

  /** The address family of it that was not looked up, because the other one has addresses. */
  lacked(name: Name, run: Run, knowledge: Knowledge): Family | undefined {
    const [ipv4, ipv6] = this.#both(name, run, knowledge)
    if (ipv4 && !ipv6) return ipv4.length > 0 ? 6 : undefined
    return ipv6 && !ipv4 && ipv6.length > 0 ? 4 : undefined
  }

  #both(name: Name, { task }: Run, { config }: Knowledge): [ipv4: readonly string[] | undefined, ipv6: readonly string[] | undefined] {
    const now = config.clock()
    const passing = this.#passing.get(task.budget)
    const of = (type: number) => this.#kept.get(keptKey(name, type), now) ?? passing?.get(keptKey(name, type))
    return [of(TYPE.A), of(TYPE.AAAA)]
  }

  #pass(name: Name, type: number, addresses: readonly string[], { task }: Run): void {
    const passing = this.#passing.get(task.budget) ?? new Map<string, readonly string[]>()
    this.#passing.set(task.budget, passing.set(keptKey(name, type), addresses))
  }

  /**
   * The addresses of a name server, the authoritative ones before glue; none when they cannot be found. Of the family given, or
   * of the preferred one and of the other only if that has none.
   */
  async find(name: Name, family: Family | undefined, run: Run, knowledge: Knowledge): Promise<Found> {
    const { task } = run
    const known = family ? undefined : this.known(name, run, knowledge)
    if (known) return { addresses: known, led: known.length > 0 }
    const underWay = this.#underWay.get(task.budget) ?? new Map<string, Waiting>()
    this.#underWay.set(task.budget, underWay)
    const key = `${name.key} ${family ?? ''}`
    const joined = underWay.get(key)
    if (joined) return run.waiting && leadsTo(joined, run.waiting) ? NOTHING : waitFor(joined, run)
    if (task.depth >= task.limits.depth || !task.budget.spend('addressLookups')) return NOTHING
    const below = named(name, { ...task, depth: task.depth + 1 })
    const started = start((waiting) => this.#lookUp(name, family, newRun(below, 0, waiting), knowledge))
    underWay.set(key, started)
    try {
      const found = await waitFor(started, run)
      // RFC 9520 2.2: not at once again. What failed within another look-up may have failed because of that one.
      if (found.addresses.length === 0 && !family && !run.waiting && !task.budget.exhausted) {
        for (const type of [TYPE.A, TYPE.AAAA]) this.#keep(name, type, [], task.limits.failureTtl, knowledge)
      }
      return found
    } finally {
      underWay.delete(key)
    }
  }

  /** The second type is asked for only where the first says nothing: half the work of a flood of names (NXNSAttack). */
  async #lookUp(name: Name, family: Family | undefined, run: Run, knowledge: Knowledge): Promise<Found> {
    const [ipv4, ipv6] = this.#both(name, run, knowledge)
    const order = knowledge.book.prefersIPv6() ? [TYPE.AAAA, TYPE.A] : [TYPE.A, TYPE.AAAA]
    const missing = family ? [typeOf(family)] : order.filter((type) => !(type === TYPE.A ? ipv4 : ipv6))
    const addresses: string[] = []
    for (const type of missing) {
      const told = await this.#ask(name, type, run, knowledge)
      const here = addressesOf(told.rrsets, knowledge.glue)
      addresses.push(...here)
      if (told.certain) this.#keep(name, type, here, ttlOf(told.rrsets), knowledge)
      if (here.length > 0 && ttlOf(told.rrsets) === 0) this.#pass(name, type, here, run)
      // RFC 8020: nothing at all. To AAAA some servers say so of names that have an A (RFC 4074 4.2), so that one is asked for.
      const nothing = told.nameError && type === TYPE.A
      if (nothing) this.#keep(name, TYPE.AAAA, [], NOTHING_TTL, knowledge)
      if (here.length > 0 || !told.certain || nothing) break
    }
    return { addresses: withGlue(name, addresses, knowledge), led: addresses.length > 0 }
  }

  #keep(name: Name, type: number, addresses: readonly string[], ttl: number, { config }: Knowledge): void {
    this.#kept.set(keptKey(name, type), addresses, config.clock() + Math.min(ttl, config.limits.ttlMax) * 1000, ENTRY_BYTES)
  }

  async #ask(name: Name, type: number, run: Run, knowledge: Knowledge): Promise<Told> {
    let question: Question = { name, type, class: CLASS.IN }
    for (let links = 0; links <= MOST_ALIASES; links++) {
      const reply = await knowledge.ask(question, newRun(run.task, 0, run.waiting))
      if (reply.kind === 'failure') return { rrsets: [], certain: false, nameError: false }
      const { answer, rcode } = reply.message
      const rrsets = answer.filter((rrset) => rrset.type === type)
      const nameError = rcode === RCODE.NXDOMAIN
      if (rrsets.length > 0) return { rrsets, certain: true, nameError: false }
      const alias = answer.filter((rrset) => rrset.type === TYPE.CNAME).at(-1)
      const target = alias && targetOf(alias)
      if (!target) return { rrsets: [], certain: true, nameError }
      question = { ...question, name: target }
    }
    return { rrsets: [], certain: true, nameError: false }
  }
}

const typeOf = (family: Family): number => (family === 4 ? TYPE.A : TYPE.AAAA)

const keptKey = (name: Name, type: number): string => `${name.key} ${type}`

/** What the delegation of its zone has as glue, kept from earlier: it leads to the same server as when that zone is asked. */
export const glueOf = (name: Name, { config, delegations }: Knowledge): readonly string[] =>
  delegations.closest(name, config.clock())?.nameServers.find((server) => server.name.equals(name))?.addresses ?? []

/** The same task with its events below one that says what they are for. */
const named = (name: Name, task: Task): Task =>
  within(task, () => ({ event: 'question', name: nameToText(name), type: 'A', now: task.now, purpose: 'address of a name server' }))

/** Where child and parent differ the parent's word is a way in when the child's own does not lead to a server. */
const withGlue = (name: Name, addresses: readonly string[], knowledge: Knowledge): readonly string[] => [
  ...new Set([...addresses, ...glueOf(name, knowledge)])
]

const ttlOf = (rrsets: readonly Rrset[]): number => (rrsets.length === 0 ? NOTHING_TTL : Math.min(...rrsets.map((rrset) => rrset.ttl)))

function start(work: (waiting: Waiting) => Promise<Found>): Waiting {
  const on = new Set<Waiting>()
  let begin: (found: Promise<Found>) => void = () => {}
  const found = new Promise<Found>((resolve) => {
    begin = resolve
  })
  const waiting: Waiting = { on, found }
  // Not before it is known under its name and to those who wait for it: else it might wait for itself.
  begin(Promise.resolve().then(() => work(waiting)))
  return waiting
}

async function waitFor(other: Waiting, run: Run): Promise<Found> {
  run.waiting?.on.add(other)
  try {
    return await other.found
  } finally {
    run.waiting?.on.delete(other)
  }
}

/** Whether `from` is `to` or waits for it, directly or through others. */
function leadsTo(from: Waiting, to: Waiting, seen = new Set<Waiting>()): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return [...from.on].some((next) => leadsTo(next, to, seen))
}
