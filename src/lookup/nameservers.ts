// Addresses of name servers that come without glue, by look-ups of their own. Bounded in number and depth (NXNSAttack), and
// a look-up never waits for one that waits for it (TsuNAME).

import { type Meter, SieveMap } from '../cache/sieve.js'
import type { Budget } from '../limits.js'
import { type Task, within } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, TYPE } from '../wire/numbers.js'
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
  readonly found: Promise<readonly string[]>
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
    const kept = this.#kept.get(name.key, knowledge.config.clock()) ?? this.#passing.get(run.task.budget)?.get(name.key)
    return kept && withGlue(name, kept, knowledge)
  }

  /** The addresses of a name server, the authoritative ones before glue; none when they cannot be found. */
  async find(name: Name, run: Run, knowledge: Knowledge): Promise<readonly string[]> {
    const { task } = run
    const known = this.known(name, run, knowledge)
    if (known) return known
    const underWay = this.#underWay.get(task.budget) ?? new Map<string, Waiting>()
    this.#underWay.set(task.budget, underWay)
    const joined = underWay.get(name.key)
    if (joined) return run.waiting && leadsTo(joined, run.waiting) ? [] : waitFor(joined, run)
    if (task.depth >= task.limits.depth || !task.budget.spend('addressLookups')) return []
    const below = named(name, { ...task, depth: task.depth + 1 })
    const started = start((waiting) => this.#lookUp(name, newRun(below, 0, waiting), knowledge))
    underWay.set(name.key, started)
    try {
      const found = await waitFor(started, run)
      // RFC 9520 2.2: not at once again. What failed within another look-up may have failed because of that one.
      if (found.length === 0 && !run.waiting && !task.budget.exhausted) this.#keep(name, [], task.limits.failureTtl, knowledge)
      return found
    } finally {
      underWay.delete(name.key)
    }
  }

  async #lookUp(name: Name, run: Run, knowledge: Knowledge): Promise<readonly string[]> {
    const [ipv4, ipv6] = await Promise.all([this.#ask(name, TYPE.A, run, knowledge), this.#ask(name, TYPE.AAAA, run, knowledge)])
    const rrsets = [...ipv4.rrsets, ...ipv6.rrsets]
    const addresses = addressesOf(rrsets, knowledge.glue)
    if (rrsets.length > 0 || (ipv4.certain && ipv6.certain)) this.#keep(name, addresses, ttlOf(rrsets), knowledge)
    if (addresses.length > 0 && ttlOf(rrsets) === 0) {
      const passing = this.#passing.get(run.task.budget) ?? new Map<string, readonly string[]>()
      this.#passing.set(run.task.budget, passing.set(name.key, addresses))
    }
    return withGlue(name, addresses, knowledge)
  }

  #keep(name: Name, addresses: readonly string[], ttl: number, { config }: Knowledge): void {
    this.#kept.set(name.key, addresses, config.clock() + Math.min(ttl, config.limits.ttlMax) * 1000, ENTRY_BYTES)
  }

  async #ask(name: Name, type: number, run: Run, knowledge: Knowledge): Promise<{ rrsets: readonly Rrset[]; certain: boolean }> {
    let question: Question = { name, type, class: CLASS.IN }
    for (let links = 0; links <= MOST_ALIASES; links++) {
      const reply = await knowledge.ask(question, newRun(run.task, 0, run.waiting))
      if (reply.kind === 'failure') return { rrsets: [], certain: false }
      const rrsets = reply.message.answer.filter((rrset) => rrset.type === type)
      if (rrsets.length > 0) return { rrsets, certain: true }
      const alias = reply.message.answer.filter((rrset) => rrset.type === TYPE.CNAME).at(-1)
      const target = alias && targetOf(alias)
      if (!target) return { rrsets: [], certain: true }
      question = { ...question, name: target }
    }
    return { rrsets: [], certain: true }
  }
}

/** The same task with its events below one that says what they are for. */
const named = (name: Name, task: Task): Task =>
  within(task, () => ({ event: 'question', name: nameToText(name), type: 'A', now: task.now, purpose: 'address of a name server' }))

/** Where child and parent differ the parent's word is a way in when the child's own does not lead to a server. */
function withGlue(name: Name, addresses: readonly string[], { config, delegations }: Knowledge): readonly string[] {
  const byParent = delegations.closest(name, config.clock())?.nameServers.find((server) => server.name.equals(name))?.addresses ?? []
  return [...new Set([...addresses, ...byParent])]
}

const ttlOf = (rrsets: readonly Rrset[]): number => (rrsets.length === 0 ? NOTHING_TTL : Math.min(...rrsets.map((rrset) => rrset.ttl)))

function start(work: (waiting: Waiting) => Promise<readonly string[]>): Waiting {
  const on = new Set<Waiting>()
  let begin: (found: Promise<readonly string[]>) => void = () => {}
  const found = new Promise<readonly string[]>((resolve) => {
    begin = resolve
  })
  const waiting: Waiting = { on, found }
  // Not before it is known under its name and to those who wait for it: else it might wait for itself.
  begin(Promise.resolve().then(() => work(waiting)))
  return waiting
}

async function waitFor(other: Waiting, run: Run): Promise<readonly string[]> {
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
