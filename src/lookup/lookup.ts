// From a question to an unvalidated, scrubbed reply: by a stub zone, by forwarders, or by iteration from the root.

import { reason } from '../verdict/reason.js'
import type { Reply } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import { isSpecial } from './addresses.js'
import { Delegations } from './delegation.js'
import { failed, failedLimit } from './failure.js'
import { Fitness } from './fitness.js'
import { forward } from './forward.js'
import { Given } from './given.js'
import { RootServers } from './hints.js'
import { iterate, zoneSide } from './iterate.js'
import { NameServerAddresses } from './nameservers.js'
import { randomOctets } from './random.js'
import { type Knowledge, type LookupConfig, newRun, type Run } from './run.js'
import { ServerBook } from './servers.js'
import { delegationOfStub, stubFor } from './stub.js'

export { ROOT_HINTS } from './hints.js'
export type { Forwarder, LookupConfig, LookupHooks, RootHint, StubZone } from './run.js'

export interface Lookup {
  /**
   * Never rejects but with the reason of `task.signal`; all else is a reply or a failure.
   * `attempt` above 0: earlier replies to this question within this budget did not validate. Their servers are not asked
   * while others are left, then the same over TCP, and at the end the failure says that no other server is left.
   */
  ask(question: Question, task: Task, attempt: number): Promise<Reply>
  /** Closes the transport. */
  close(): Promise<void>
}

export function createLookup(config: LookupConfig): Lookup {
  const { clock, limits, meter, transport, preferIPv6, use0x20, cookies } = config
  const random = config.random ?? randomOctets
  const book = new ServerBook({ clock, limits, meter, preferIPv6 })
  const configured = new Set([
    ...config.rootHints.flatMap(({ addresses }) => addresses),
    ...config.stubZones.flatMap(({ servers }) => servers.map(({ address }) => address)),
    ...config.forwarders.map(({ address }) => address)
  ])
  const mayAsk = (address: string): boolean => config.allowPrivateAddresses || configured.has(address) || !isSpecial(address)
  const knowledge: Knowledge = {
    config,
    exchange: { transport, clock, limits, use0x20, cookies, random, book },
    glue: { limits, mayAsk },
    book,
    fitness: new Fitness(),
    delegations: new Delegations(meter),
    root: new RootServers(config.rootHints, config.authorityPort),
    addresses: new NameServerAddresses(meter),
    given: new Given(),
    ask: (question, run) => ask(question, run, knowledge)
  }
  return {
    ask: (question, task, attempt) => ask(question, newRun(task, attempt, undefined), knowledge),
    close: async () => transport.close?.()
  }
}

async function ask(question: Question, run: Run, knowledge: Knowledge): Promise<Reply> {
  const { config, root } = knowledge
  const { task } = run
  task.signal.throwIfAborted()
  const facts = { owner: question.name, type: question.type }
  if (task.depth > task.limits.depth) return failedLimit(question, 'depth', task.limits)
  const stub = stubFor(zoneSide(question), config.stubZones)
  if (stub?.recursive) {
    // It answers for its zone, and perhaps for nothing else: what it gives of an anchored zone far above proves nothing about it.
    return forward(
      question,
      stub.servers.map((server) => ({ ...server, priority: 0 })),
      undefined,
      run,
      knowledge
    )
  }
  if (stub) return iterate(question, delegationOfStub(stub), run, knowledge)
  if (config.forwarders.length > 0) return forward(question, config.forwarders, config.anchorOf?.(question.name), run, knowledge)
  const top = root.delegation(run, knowledge)
  if (!top) return failed(question, reason('unreachable', { ...facts, detail: 'there are no root hints, forwarders or stub zones for it' }))
  return iterate(question, top, run, knowledge)
}
