// What is remembered of servers: round-trip times, silence, lameness, whether they keep the letter case, cookies. It decides
// whom to ask first and how long to wait; it never decides that nobody is asked. All of it is forgotten after a while.

import { type Meter, SieveMap } from '../cache/sieve.js'
import type { Budget, Limits } from '../limits.js'
import type { Server } from '../verdict/reply.js'
import type { Name } from '../wire/name.js'

/** What is known of an address is forgotten after this time, in ms of the clock. */
const REMEMBER_MS = 900_000
const ASIDE_FIRST_MS = 5_000
const ASIDE_MOST_MS = 300_000
const LAME_MS = 300_000
const FAMILY_ASIDE_MS = 60_000
/** Lead in ms that the preferred address family has. */
const FAMILY_LEAD_MS = 50
/** Silent servers of one family in a row, without a reply by any other of it, before the family counts as cut off. */
const FAMILY_SILENCES = 3
/** How long to wait for a server not met yet, and at the least for one that has replied before. */
const FIRST_TIMEOUT_MS = 400
const LEAST_TIMEOUT_MS = 250
/** What is waited beyond the usual round-trip time at the least. */
const LEAST_MARGIN_MS = 150
/** How often a server may be silent to one question: one that has replied before has lost datagrams, one that has not may be gone. */
const MOST_TRIES = 3
const MOST_TRIES_KNOWN = 6
/** The same where the question is for the address of a name server: others may have one. */
const MOST_TRIES_BELOW = 2
const MOST_TRIES_KNOWN_BELOW = 3
const ENTRY_BYTES = 250

interface Record {
  srttMs: number | undefined
  /** mean deviation from it, in ms */
  rttVarMs: number
  silences: number
  asideUntil: number
  keepsCase: boolean
  knowsEdns: boolean
  clientCookie: Uint8Array | undefined
  serverCookie: Uint8Array | undefined
}

const keys = new WeakMap<Server, string>()

/** Address, port and protocol: what tells servers apart. */
export function serverKey(server: Server): string {
  const known = keys.get(server)
  if (known !== undefined) return known
  const key = `${server.protocol} ${server.address} ${server.port}`
  keys.set(server, key)
  return key
}

/** Of an address in text form. */
const isIPv6 = (address: string): boolean => address.includes(':')

/** For people: the port only where it is unusual. */
export function serverText(server: Server): string {
  const usual = server.protocol === 'tls' ? 853 : server.protocol === 'https' ? 443 : 53
  const address =
    server.port === usual
      ? server.address
      : isIPv6(server.address)
        ? `[${server.address}]:${server.port}`
        : `${server.address}:${server.port}`
  return server.hostname ? `${server.hostname} (${address})` : address
}

export interface ServerBookOptions {
  readonly clock: () => number
  readonly limits: Limits
  readonly meter: Meter
  readonly preferIPv6: boolean
}

export class ServerBook {
  readonly #options: ServerBookOptions
  readonly #records: SieveMap<Record>
  readonly #lame: SieveMap<true>
  readonly #silentTo = new WeakMap<Budget, Map<string, number>>()
  readonly #familyAside = { 4: 0, 6: 0 }
  readonly #familySilent = { 4: new Set<string>(), 6: new Set<string>() }

  constructor(options: ServerBookOptions) {
    this.#options = options
    this.#records = new SieveMap(options.meter)
    this.#lame = new SieveMap(options.meter)
  }

  /** The quickest first, those set aside last; the ones not known yet are tried early, in changing order. */
  order<T extends Server>(servers: readonly T[], zone: Name | undefined): T[] {
    if (servers.length < 2) return [...servers]
    const now = this.#options.clock()
    const ranked = servers.map((server) => ({ server, rank: this.#rank(server, zone, now) }))
    return ranked.sort((a, b) => a.rank - b.rank).map(({ server }) => server)
  }

  /** Whether it is set aside at present, as silent or as lame for the zone. */
  isAside(server: Server, zone: Name | undefined): boolean {
    const now = this.#options.clock()
    if (this.#familyAside[familyOf(server)] > now) return true
    if (zone && this.#lame.get(lameKey(server, zone), now)) return true
    return (this.#known(server)?.asideUntil ?? 0) > now
  }

  #rank(server: Server, zone: Name | undefined, now: number): number {
    const known = this.#records.get(serverKey(server), now)
    const rtt = known?.srttMs ?? 1 + Math.random() * 30
    const lead = (familyOf(server) === 6) === this.#options.preferIPv6 ? 0 : FAMILY_LEAD_MS
    if (!this.isAside(server, zone)) return rtt + lead
    // Of those set aside the ones first whose time is over soonest: a datagram lost is less than a server known to be of no use.
    const lame = zone !== undefined && this.#lame.get(lameKey(server, zone), now)
    const untilMs = lame ? LAME_MS : Math.max(known?.asideUntil ?? 0, this.#familyAside[familyOf(server)]) - now
    return 1e6 + Math.round(untilMs / ASIDE_FIRST_MS) * 1e4 + rtt + lead
  }

  /** A server that was silent is tried again by one question at a time: the others go elsewhere until it has replied. */
  asking(server: Server, timeoutMs: number): void {
    const known = this.#known(server)
    if (known && known.silences > 0) known.asideUntil = Math.max(known.asideUntil, this.#options.clock() + timeoutMs)
  }

  /** How long to wait for the reply to the `tries`-th question, in ms: from the round-trip time (RFC 6298), doubled each time. */
  timeoutMs(server: Server, tries: number): number {
    const { exchangeMs } = this.#options.limits
    if (server.protocol !== 'udp') return exchangeMs
    const known = this.#known(server)
    const first = known?.srttMs === undefined ? FIRST_TIMEOUT_MS : known.srttMs + Math.max(LEAST_MARGIN_MS, 4 * known.rttVarMs)
    return Math.min(exchangeMs, Math.max(LEAST_TIMEOUT_MS, first) * 2 ** tries)
  }

  /** How often it may be asked one question while it is silent. */
  mostTries(server: Server): number {
    return this.hasReplied(server) ? MOST_TRIES_KNOWN : MOST_TRIES
  }

  /** Whether a datagram may have been lost: `tries` is how often it was silent to this question, at this depth of look-ups. */
  mayTryAgain(server: Server, tries: number, depth: number, budget: Budget): boolean {
    if (this.hasReplied(server)) return tries < (depth > 0 ? MOST_TRIES_KNOWN_BELOW : MOST_TRIES_KNOWN)
    // Whoever never replied is not asked more often because more look-ups lead to it (NRDelegation).
    const silences = this.#silentTo.get(budget)?.get(serverKey(server)) ?? 0
    return tries < (depth > 0 ? MOST_TRIES_BELOW : MOST_TRIES) && silences < this.#options.limits.silencesPerServer
  }

  /** Which family an address is looked up of first: the preferred one, unless there is no way to it. */
  prefersIPv6(): boolean {
    const now = this.#options.clock()
    const aside = (family: 4 | 6): boolean => this.#familyAside[family] > now
    return aside(4) === aside(6) ? this.#options.preferIPv6 : aside(4)
  }

  /** It has replied within the time that is remembered, and not been silent ever since. */
  hasReplied(server: Server): boolean {
    const known = this.#known(server)
    return known?.srttMs !== undefined && known.silences <= MOST_TRIES_KNOWN
  }

  replied(server: Server, rttMs: number, edns = false): void {
    this.#familySilent[familyOf(server)].clear()
    this.#change(server, (record) => {
      // RFC 6298 2.2, 2.3, with a shorter memory: there are few samples.
      const { srttMs } = record
      record.rttVarMs = srttMs === undefined ? rttMs / 2 : 0.7 * record.rttVarMs + 0.3 * Math.abs(srttMs - rttMs)
      record.srttMs = srttMs === undefined ? rttMs : 0.7 * srttMs + 0.3 * rttMs
      record.silences = 0
      record.asideUntil = 0
      record.knowsEdns ||= edns
    })
  }

  /** No reply: asked after others for a time that doubles with each silence in a row. */
  wasSilent(server: Server, budget?: Budget): void {
    if (budget) {
      const silences = this.#silentTo.get(budget) ?? new Map<string, number>()
      this.#silentTo.set(budget, silences.set(serverKey(server), (silences.get(serverKey(server)) ?? 0) + 1))
    }
    const now = this.#options.clock()
    const family = familyOf(server)
    const other = family === 4 ? 6 : 4
    const silent = this.#familySilent[family].add(server.address)
    // Servers of one family that are silent one and all, while the other family is not: there is no way to them (RFC 8305).
    if (silent.size >= FAMILY_SILENCES && this.#familySilent[other].size === 0) {
      this.#familyAside[family] = now + FAMILY_ASIDE_MS
      silent.clear()
    }
    this.#change(server, (record) => {
      record.silences++
      record.asideUntil = now + Math.min(ASIDE_MOST_MS, ASIDE_FIRST_MS * 2 ** (record.silences - 1))
    })
  }

  /** The host has no way to this kind of address. */
  familyUnreachable(server: Server): void {
    this.#familyAside[familyOf(server)] = this.#options.clock() + FAMILY_ASIDE_MS
  }

  setAside(server: Server, ms = LAME_MS): void {
    const until = this.#options.clock() + ms
    this.#change(server, (record) => {
      record.asideUntil = Math.max(record.asideUntil, until)
    })
  }

  isLame(server: Server, zone: Name): void {
    this.#lame.set(lameKey(server, zone), true, this.#options.clock() + LAME_MS, ENTRY_BYTES)
  }

  /** Whether a reply of it had an OPT record: then silence has another cause than EDNS. */
  knowsEdns(server: Server): boolean {
    return this.#known(server)?.knowsEdns ?? false
  }

  keepsCase(server: Server): boolean {
    return this.#known(server)?.keepsCase ?? true
  }

  /** Only what came over a connection, or twice, may say so: one forged datagram must not weaken later questions. */
  losesCase(server: Server): void {
    this.#change(server, (record) => {
      record.keepsCase = false
    })
  }

  cookies(server: Server): { client: Uint8Array | undefined; server: Uint8Array | undefined } {
    const known = this.#known(server)
    return { client: known?.clientCookie, server: known?.serverCookie }
  }

  keepCookies(server: Server, client: Uint8Array, fromServer: Uint8Array | undefined): void {
    this.#change(server, (record) => {
      record.clientCookie = client
      record.serverCookie = fromServer
    })
  }

  #known(server: Server): Record | undefined {
    return this.#records.get(serverKey(server), this.#options.clock())
  }

  #change(server: Server, change: (record: Record) => void): void {
    const record: Record = this.#known(server) ?? {
      srttMs: undefined,
      rttVarMs: 0,
      silences: 0,
      asideUntil: 0,
      keepsCase: true,
      knowsEdns: false,
      clientCookie: undefined,
      serverCookie: undefined
    }
    change(record)
    this.#records.set(serverKey(server), record, this.#options.clock() + REMEMBER_MS, ENTRY_BYTES)
  }
}

const familyOf = (server: Server): 4 | 6 => (isIPv6(server.address) ? 6 : 4)
const lameKey = (server: Server, zone: Name): string => `${serverKey(server)} ${zone.key}`
