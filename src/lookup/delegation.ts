// Delegations: which servers a zone has by its parent's word, and for how long. The child's own NS RRset neither renews nor
// replaces one, and none outlives the delegation it was found under, so a zone that its parent took back is gone in time
// (ghost domains: CVE-2012-1192 and its successors).

import { type Meter, SieveMap } from '../cache/sieve.js'
import type { Limits } from '../limits.js'
import type { Server } from '../verdict/reply.js'
import { rdataNames } from '../wire/layout.js'
import type { Message } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import type { Rrset } from '../wire/rrset.js'
import { addressText } from './addresses.js'
import { isAddress } from './scrub.js'

export interface NameServer {
  readonly name: Name
  /** as the parent gives them (glue); empty when they have to be looked up */
  readonly addresses: readonly string[]
}

export interface Delegation {
  readonly zone: Name
  readonly nameServers: readonly NameServer[]
  /** configured servers of the zone: hints and stub zones */
  readonly fixed: readonly Server[]
  /** the referral to it had a DS RRset, which nobody has checked */
  readonly signed: boolean
  /** ms since the epoch */
  readonly expiresAt: number
  /** where it was found; undefined for the root and for stub zones, above which nothing is asked */
  readonly parent: Delegation | undefined
}

export interface GlueRules {
  readonly limits: Limits
  readonly mayAsk: (address: string) => boolean
}

/**
 * The delegation that a scrubbed referral gives. Glue counts only within the bailiwick of the parent (the scrubbing sees to
 * that); addresses that must not be asked are dropped.
 */
export function delegationOf(
  zone: Name,
  nameServers: Rrset,
  message: Message,
  parent: Delegation,
  now: number,
  rules: GlueRules
): Delegation {
  const { limits } = rules
  const glue = message.additional.filter(isAddress)
  const names = nameServers.rdatas.flatMap((rdata) => rdataNames(TYPE.NS, rdata)).slice(0, limits.serversPerDelegation)
  let ttl = Math.min(nameServers.ttl, limits.ttlMax)
  const servers = names.map((name) => {
    const rrsets = glue.filter((rrset) => rrset.owner.equals(name))
    for (const rrset of rrsets) ttl = Math.min(ttl, rrset.ttl)
    return { name, addresses: addressesOf(rrsets, rules) }
  })
  const signed = message.authority.some((rrset) => rrset.type === TYPE.DS && rrset.owner.equals(zone))
  return { zone, nameServers: servers, fixed: [], signed, expiresAt: Math.min(now + ttl * 1000, parent.expiresAt), parent }
}

/** The addresses of A and AAAA RRsets that may be asked, as text, no more than are kept of one server. */
export function addressesOf(rrsets: readonly Rrset[], { limits, mayAsk }: GlueRules): string[] {
  const texts = rrsets.flatMap((rrset) => rrset.rdatas.map(addressText))
  return texts.filter((text) => text !== undefined && mayAsk(text)).slice(0, limits.addressesPerServer) as string[]
}

const DELEGATION_BYTES = 300
const SERVER_BYTES = 250
const MOST_APEX_NAMES = 13
const INSIDE_BYTES = 250
/** Ms: how long it is remembered that a name is no zone cut. A zone cut that comes to be there shows itself all the same. */
const INSIDE_MS = 900_000

export class Delegations {
  readonly #zones: SieveMap<Delegation>
  readonly #apexes: SieveMap<readonly Name[]>
  readonly #inside: SieveMap<true>

  constructor(meter: Meter) {
    this.#zones = new SieveMap(meter, { keepLonger: true })
    this.#apexes = new SieveMap(meter)
    this.#inside = new SieveMap(meter)
  }

  /** The deepest one known at or above the name, the root's excepted. */
  closest(name: Name, now: number): Delegation | undefined {
    for (let labels = name.labelCount; labels > 0; labels--) {
      const found = this.#zones.get(name.ancestor(labels).key, now)
      if (found) return found
    }
    return undefined
  }

  keep(delegation: Delegation, now: number): void {
    if (delegation.expiresAt <= now) return
    const bytes = DELEGATION_BYTES + delegation.nameServers.length * SERVER_BYTES
    this.#zones.set(delegation.zone.key, delegation, delegation.expiresAt, bytes)
  }

  /** The names that the apex gives beside those of the parent: only names, for no longer than the delegation lasts. */
  noteApex(delegation: Delegation, nameServers: Rrset, now: number): void {
    const { zone, expiresAt } = delegation
    if (this.#apexes.get(zone.key, now) || nameServers.rdatas.length > MOST_APEX_NAMES) return
    const names = nameServers.rdatas.flatMap((rdata) => rdataNames(TYPE.NS, rdata))
    const others = names.filter((name) => !name.isAtOrBelow(zone) && !delegation.nameServers.some((server) => server.name.equals(name)))
    if (others.length === 0) return
    this.#apexes.set(zone.key, others, Math.min(expiresAt, now + nameServers.ttl * 1000), others.length * SERVER_BYTES)
  }

  apexNames(zone: Name, now: number): readonly Name[] {
    return this.#apexes.get(zone.key, now) ?? []
  }

  /** The servers of the zone have been told this name, and it is no zone cut. */
  noteInside(zone: Name, name: Name, now: number): void {
    this.#inside.set(`${zone.key} ${name.key}`, true, now + INSIDE_MS, INSIDE_BYTES)
  }

  /** The longest name above `name` of which that is known; the zone itself when there is none. */
  deepestInside(zone: Name, name: Name, now: number): Name {
    for (let labels = name.labelCount - 1; labels > zone.labelCount; labels--) {
      const above = name.ancestor(labels)
      if (this.#inside.get(`${zone.key} ${above.key}`, now)) return above
    }
    return zone
  }
}
