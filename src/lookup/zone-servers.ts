// The servers of one zone that a question may still be put to: with known addresses first, then those whose addresses have to be
// looked up, then the silent ones again, and in the end whoever may be found by other ways.

import type { Server } from '../verdict/reply.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import type { Delegation } from './delegation.js'
import { type Family, glueOf } from './nameservers.js'
import type { Knowledge, Met, Run } from './run.js'
import { serverKey } from './servers.js'

/** How often all servers of a zone together may be silent to a question. */
const MOST_SILENCES = 16
/** How often a connection that the server itself asked for may end in silence: it repeats by itself what was lost. */
const MOST_STALLS = 2
/** Times that a server which has replied before is asked again before those that never have. */
const LEAD_TRIES = 3
/** Names looked up before any of them was found; when they lead nowhere more are looked up at once. */
const FIRST_LOOKUPS = 2
/** Names inside the zone whose missing glue the parent is asked for. */
const MOST_DUG = 3

export interface Manner {
  /** The question of the look-up itself, not a minimised one. */
  readonly whole: boolean
  /** Whether the parent may be asked for glue that is missing. */
  readonly dig: boolean
}

export const silencesOf = (met: ReadonlyMap<string, Met>): number =>
  [...met.values()].reduce((sum, { kind, tries }) => sum + (kind === 'silent' ? tries : 0), 0)

/** The servers of a delegation that may still be asked; it grows while addresses are found. */
export class ZoneServers {
  readonly #servers = new Map<string, Server>()
  /** looked up when the rest has failed: name servers without glue */
  #lacking: Name[]
  /** inside the zone and without glue: a look-up would come back here */
  #inside: Name[]
  /** names inside the zone that another of its servers may know the address of, in the end */
  #ownWord: Name[]
  /** with glue, which may be wrong */
  #doubtful: Name[]
  /** inside the zone, with glue of one address family alone */
  #halfKnown: Half[]
  /** looked up for one family alone, which had addresses */
  readonly #found: Name[] = []
  #lookups = 0
  /** look-ups that came to nothing */
  #failures = 0
  #apexAsked = false

  constructor(
    readonly question: Question,
    readonly at: Delegation,
    readonly manner: Manner,
    readonly run: Run,
    readonly knowledge: Knowledge,
    readonly met: ReadonlyMap<string, Met>,
    /** asks the servers of a zone for the addresses of a name */
    readonly glueFrom: (name: Name, zone: Delegation) => Promise<string[]>
  ) {
    for (const server of at.fixed) this.#add(server)
    const without: Name[] = []
    this.#doubtful = []
    this.#halfKnown = []
    for (const { name, addresses } of at.nameServers) {
      const inside = name.isAtOrBelow(at.zone)
      const found = addresses.length > 0 ? undefined : knowledge.addresses.known(name, run, knowledge)
      // Where the delegation of its own zone is known, the glue there is as good as that of this one.
      const known = found ?? (addresses.length > 0 || inside ? addresses : glueOf(name, knowledge))
      this.#addAddresses(known)
      if (found) this.#found.push(name)
      else if (known.length === 0) without.push(name)
      else if (!inside) this.#doubtful.push(name)
      else if (known.every((address) => familyOf(address) === familyOf(known[0]))) {
        this.#halfKnown.push({ name, family: familyOf(known[0]) === 4 ? 6 : 4 })
      }
    }
    this.#lacking = inTurn(without.filter((name) => !name.isAtOrBelow(at.zone)))
    this.#inside = without.filter((name) => name.isAtOrBelow(at.zone))
    const withGlue = at.nameServers.filter(({ name, addresses }) => addresses.length > 0 && name.isAtOrBelow(at.zone))
    this.#ownWord = manner.whole && manner.dig ? [...this.#inside, ...withGlue.map(({ name }) => name)].slice(0, MOST_DUG) : []
  }

  /** The best server not asked yet; on a later attempt one whose reply was not given out yet. */
  next(): Server | undefined {
    const { run, question, manner, met } = this
    const given = (server: Server): boolean =>
      manner.whole && run.attempt > 0 && this.knowledge.given.has(run.task.budget, question, server)
    const fresh = [...this.#servers.values()].filter((server) => !met.has(serverKey(server)) && !given(server))
    return this.knowledge.book.order(fresh, this.at.zone)[0]
  }

  /** The same, but before one that is set aside names without address have their turn, once, and a datagram that was lost. */
  async first(): Promise<Server | undefined> {
    const { book } = this.knowledge
    let next = this.next()
    if (!next || !book.isAside(next, this.at.zone)) return next
    if (this.#lookups === 0) next = (await this.named()) ?? next
    const lost = book.isAside(next, this.at.zone) ? this.lost() : undefined
    if (lost) return this.manner.whole ? lost : undefined
    return next
  }

  /** Servers whose addresses have to be looked up. */
  async named(): Promise<Server | undefined> {
    const { addressLookupsAtOnce, addressFailures } = this.run.task.limits
    while (this.#lacking.length > 0 && this.#failures < addressFailures) {
      const atOnce = this.#lookups === 0 ? Math.min(FIRST_LOOKUPS, addressLookupsAtOnce) : addressLookupsAtOnce
      await this.#lookUp(this.#lacking.splice(0, Math.min(atOnce, addressFailures - this.#failures)))
      const next = this.next()
      if (next) return next
    }
    return undefined
  }

  /** The same when none was left: by looking for more addresses, over TCP, or by asking the silent ones again. */
  async widened(): Promise<Server | undefined> {
    const { task } = this.run
    const named = await this.named()
    if (named) return named
    const lost = this.lost()
    // A minimised question is not worth more than one datagram to such a server.
    if (lost) return this.manner.whole ? lost : undefined
    if (this.manner.whole && this.run.attempt > 0) {
      const others = this.knowledge.given.left(task.budget, this.question, [...this.#servers.values()])
      const overTcp = others.find((server) => server.protocol === 'tcp' && !this.met.has(serverKey(server)))
      if (overTcp) return overTcp
    }
    if (this.manner.dig && this.at.parent && this.#inside.length > 0) {
      const names = this.#inside.splice(0, MOST_DUG)
      this.#inside = []
      for (const name of names) {
        if (!task.budget.spend('addressLookups')) break
        this.#addAddresses(await this.glueFrom(name, this.at.parent))
      }
      const next = this.next()
      if (next) return next
    }
    const known = (await this.#foundOther()) ?? (await this.#byOwnWord()) ?? this.#again()
    return known ?? (await this.#doubted()) ?? (await this.#otherFamily()) ?? (await this.#byApex())
  }

  /** One that is silent to this question and has replied to others may know where the rest is, better than the glue. */
  async #byOwnWord(): Promise<Server | undefined> {
    const { at, run, knowledge } = this
    const names = this.#ownWord
    this.#ownWord = []
    const knows = ({ kind, stalled, server }: Met): boolean => kind === 'silent' && !stalled && knowledge.book.hasReplied(server)
    if (![...this.met.values()].some(knows)) return undefined
    for (const name of names) {
      if (!run.task.budget.spend('addressLookups')) break
      this.#addAddresses(await this.glueFrom(name, at))
      const next = this.next()
      if (next) return next
    }
    return undefined
  }

  /** One that has replied to others, and was silent once: most likely the datagram was lost. */
  lost(): Server | undefined {
    const { book } = this.knowledge
    return [...this.met.values()].find(({ kind, tries, server }) => kind === 'silent' && tries < 2 && book.hasReplied(server))?.server
  }

  /** A datagram may have been lost. */
  #again(): Server | undefined {
    if (!this.manner.whole) return undefined
    const { book } = this.knowledge
    const { depth, budget } = this.run.task
    if (silencesOf(this.met) >= MOST_SILENCES) return undefined
    const silent = [...this.met.values()].filter(({ kind }) => kind === 'silent')
    const mayTry = ({ tries, server, stalled }: Met): boolean =>
      stalled ? tries < MOST_STALLS : book.mayTryAgain(server, tries, depth, budget)
    const turn = ({ tries, server }: Met): number => tries - (book.hasReplied(server) ? LEAD_TRIES : 0)
    return silent.filter(mayTry).sort((a, b) => turn(a) - turn(b))[0]?.server
  }

  /** The addresses of the other family, of servers that were looked up and gave nothing by those of the first. */
  async #foundOther(): Promise<Server | undefined> {
    const halves = this.#found.flatMap((name): Half[] => {
      const family = this.knowledge.addresses.lacked(name, this.run, this.knowledge)
      return family ? [{ name, family }] : []
    })
    this.#found.length = 0
    await this.#lookUpOther(halves.slice(0, FIRST_LOOKUPS))
    return this.next()
  }

  /** Glue that led nowhere may be out of date (RFC 9471 is about the rest). */
  async #doubted(): Promise<Server | undefined> {
    if (!this.manner.whole || this.#doubtful.length === 0) return undefined
    await this.#lookUp(this.#doubtful.splice(0, FIRST_LOOKUPS))
    this.#doubtful = []
    return this.next()
  }

  /** Where what came did not validate, a server may be told apart from the glue only by its other address (RFC 4035 5.5). */
  async #otherFamily(): Promise<Server | undefined> {
    if (!this.manner.whole || this.run.attempt === 0 || this.#halfKnown.length === 0) return undefined
    await this.#lookUpOther(this.#halfKnown.splice(0, FIRST_LOOKUPS))
    this.#halfKnown = []
    return this.next()
  }

  /** Servers that only the zone itself names. */
  async #byApex(): Promise<Server | undefined> {
    if (!this.manner.whole || this.#apexAsked) return undefined
    this.#apexAsked = true
    const { delegations, config } = this.knowledge
    await this.#lookUp(delegations.apexNames(this.at.zone, config.clock()).slice(0, FIRST_LOOKUPS))
    return this.next()
  }

  async #lookUp(names: readonly Name[]): Promise<void> {
    this.#lookups += names.length
    const found = await Promise.all(names.map((name) => this.knowledge.addresses.find(name, undefined, this.run, this.knowledge)))
    for (const [i, { addresses, led }] of found.entries()) {
      this.#addAddresses(addresses)
      if (led) this.#found.push(names[i])
      else this.#failures++
    }
  }

  async #lookUpOther(halves: readonly Half[]): Promise<void> {
    const found = await Promise.all(halves.map(({ name, family }) => this.knowledge.addresses.find(name, family, this.run, this.knowledge)))
    for (const { addresses } of found) this.#addAddresses(addresses)
  }

  #addAddresses(addresses: readonly string[]): void {
    for (const address of addresses) this.#add({ address, port: this.knowledge.config.authorityPort, protocol: 'udp' })
  }

  #add(server: Server): void {
    const key = serverKey(server)
    if (!this.#servers.has(key)) this.#servers.set(key, server)
  }
}

/** A name of which one address family is known. */
interface Half {
  readonly name: Name
  /** the other one */
  readonly family: Family
}

const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

/** One name of each domain in turn: where the servers of one provider are gone, another's are soon found. */
function inTurn(names: readonly Name[]): Name[] {
  const taken = new Map<string, number>()
  const turns = names.map((name) => {
    const domain = name.isRoot ? '' : name.parent().key
    const turn = taken.get(domain) ?? 0
    taken.set(domain, turn + 1)
    return { name, turn }
  })
  return turns.sort((a, b) => a.turn - b.turn).map(({ name }) => name)
}
