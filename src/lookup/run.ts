// What all look-ups share, and what one look-up carries while it runs.

import type { Meter } from '../cache/sieve.js'
import type { Limits } from '../limits.js'
import type { Transport } from '../transport/transport.js'
import type { Answered, Reply, Server } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import type { Delegations, GlueRules } from './delegation.js'
import type { ExchangeConfig, Sent } from './exchange.js'
import type { Fitness } from './fitness.js'
import type { Given } from './given.js'
import type { RootServers } from './hints.js'
import type { NameServerAddresses, Waiting } from './nameservers.js'
import type { ServerBook } from './servers.js'

export interface RootHint {
  readonly name: Name
  readonly addresses: readonly string[]
  /** 53, or the port of all authorities, when left out */
  readonly port?: number
}

export interface StubZone {
  readonly name: Name
  readonly servers: readonly Server[]
  readonly recursive: boolean
}

export interface Forwarder extends Server {
  /** the lowest first */
  readonly priority: number
}

export interface LookupHooks {
  /** A referral that holds a DS RRset, or records that may deny it: an answer to (delegated zone, DS) by the parent. */
  referral(reply: Answered, task: Task): void
}

export interface LookupConfig {
  readonly transport: Transport
  readonly clock: () => number
  readonly limits: Limits
  readonly rootHints: readonly RootHint[]
  readonly stubZones: readonly StubZone[]
  readonly forwarders: readonly Forwarder[]
  readonly allowPrivateAddresses: boolean
  readonly qnameMinimisation: boolean
  readonly preferIPv6: boolean
  readonly use0x20: boolean
  readonly cookies: boolean
  /** where servers learned from the DNS are asked */
  readonly authorityPort: number
  readonly meter: Meter
  readonly hooks: LookupHooks
  /** the zone of the trust anchor that covers the name; undefined when there is none, or a negative one. Nothing is validated when left out */
  readonly anchorOf?: (name: Name) => Name | undefined
  /** random octets that nobody can guess; those of node:crypto when left out */
  readonly random?: (octets: number) => Uint8Array
}

/** Shared by all look-ups of one resolver. */
export interface Knowledge {
  readonly config: LookupConfig
  readonly exchange: ExchangeConfig
  readonly glue: GlueRules
  readonly book: ServerBook
  readonly fitness: Fitness
  readonly delegations: Delegations
  readonly root: RootServers
  readonly addresses: NameServerAddresses
  readonly given: Given
  /** the whole look-up again, for the addresses of name servers */
  readonly ask: (question: Question, run: Run) => Promise<Reply>
}

/** One look-up while it runs. */
export interface Run {
  readonly task: Task
  readonly attempt: number
  readonly sent: Sent
  /** silences and refusals met: by zone and question, then by server */
  readonly met: Map<string, Map<string, Met>>
  /** the look-up of an address that this one serves, if any */
  readonly waiting: Waiting | undefined
}

/** What a server did to a question, when it was not an answer. */
export interface Met {
  readonly tries: number
  readonly server: Server
  /** for people */
  readonly did: string
  readonly kind: 'silent' | 'network' | 'refused' | 'unfit'
  /** silent over TCP, after it had asked for that over UDP */
  readonly stalled?: boolean
}

export const newRun = (task: Task, attempt: number, waiting: Waiting | undefined): Run => ({
  task,
  attempt,
  sent: { count: 0 },
  met: new Map(),
  waiting
})
