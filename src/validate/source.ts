// The one interface through which validation meets the world: the network, the cache, a recorded trace and a test are sources.

import type { Anchors } from '../verdict/anchor.js'
import type { Answered, Reply } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import type { Rrset } from '../wire/rrset.js'
import type { ZoneVerdict } from './chain.js'
import type { Proofs } from './proofs.js'

export interface Source {
  readonly anchors: Anchors
  /**
   * Gives a reply to the question. `attempt` counts the replies to it that did not hold before: from 1 on the source takes
   * another road (another server, no cache) or fails. Rejects only with the reason of `task.signal`.
   */
  ask(question: Question, task: Task, attempt: number): Promise<Reply>
  /** What is known of a name as a zone, or else what `make` finds out; equal questions at the same time share one answer. */
  zone(name: Name, task: Task, make: () => Promise<ZoneVerdict>): Promise<ZoneVerdict>
  /** Is told of the denials in a reply whose signatures hold, with the zone's SOA RRset where that holds too (RFC 8198). */
  proven?(proofs: Proofs, soa: Rrset | undefined, reply: Answered, task: Task): void
  /**
   * Is told of the RRset of a wildcard that a secure answer was made from, with the signature that holds, after the denial that
   * came with it (RFC 8198 5.3). `ttl` in seconds, capped by the signature.
   */
  expanded?(wildcard: Rrset, zone: Name, ttl: number, reply: Answered, task: Task): void
}
