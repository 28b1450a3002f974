// A network told in lines: servers by address, each with what it says to a question. In memory and without waiting.

import { Meter } from '../../src/cache/sieve.js'
import { DEFAULT_POLICY } from '../../src/crypto/algorithms.js'
import type { CryptoBackend } from '../../src/crypto/backend.js'
import { Budget, DEFAULT_LIMITS, type Limits } from '../../src/limits.js'
import { createLookup, type Lookup, type LookupConfig } from '../../src/lookup/lookup.js'
import { type Transport, TransportError } from '../../src/transport/transport.js'
import type { TraceEvent } from '../../src/verdict/event.js'
import type { Answered, Failed, Reply } from '../../src/verdict/reply.js'
import type { Task } from '../../src/verdict/task.js'
import { buildMessage, type Message, parseMessage, type Question, type ReplySpec } from '../../src/wire/message.js'
import { CLASS, RCODE, TYPE, typeFromText, typeToText } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText, nameToText, recordFromText } from '../../src/wire/text.js'

/** What a server says; `AA` is set unless told otherwise, and the OPT of the query comes back. */
export interface Says {
  readonly rcode?: keyof typeof RCODE
  readonly answer?: readonly string[]
  readonly authority?: readonly string[]
  readonly additional?: readonly string[]
  readonly aa?: boolean
  readonly ra?: boolean
  readonly tc?: boolean
  readonly edns?: boolean
  /** changes the reply at the end */
  readonly change?: (spec: ReplySpec, query: Message) => ReplySpec
}

/** By `name TYPE`, or by `*` for everything else. `silent` is a time-out at once. */
export type Script = Readonly<Record<string, Says | 'silent' | ((query: Message, protocol: string) => Says | 'silent')>>

export interface Asked {
  readonly address: string
  readonly protocol: string
  readonly question: string
  readonly query: Message
}

export interface Network extends Transport {
  readonly asked: Asked[]
  /** `address question`, in order */
  readonly log: string[]
}

export function network(servers: Readonly<Record<string, Script>>): Network {
  const asked: Asked[] = []
  const log: string[] = []
  return {
    asked,
    log,
    async exchange(wire, { address, protocol }) {
      const query = parseMessage(wire)
      const { name, type } = query.question as Question
      const question = `${nameToText(name).toLowerCase()} ${typeToText(type)}`
      asked.push({ address, protocol, question, query })
      log.push(`${address} ${question}`)
      const script = servers[address]
      const entry = script?.[question] ?? script?.['*'] ?? 'silent'
      const says = typeof entry === 'function' ? entry(query, protocol) : entry
      if (says === 'silent') throw new TransportError('ETIMEOUT', 'silence')
      return replyTo(query, says)
    }
  }
}

function replyTo(query: Message, says: Says): Uint8Array {
  const { edns } = query
  const spec: ReplySpec = {
    id: query.id,
    question: query.question,
    aa: says.aa ?? true,
    ra: says.ra,
    tc: says.tc,
    rd: query.rd,
    rcode: RCODE[says.rcode ?? 'NOERROR'],
    answer: records(says.answer),
    authority: records(says.authority),
    additional: records(says.additional),
    edns: edns && says.edns !== false ? { udpSize: 1232, dnssecOk: edns.dnssecOk } : undefined
  }
  return buildMessage(says.change ? says.change(spec, query) : spec)
}

export const records = (lines: readonly string[] = []): ResourceRecord[] => lines.map((line) => recordFromText(line))

export function message(says: Says & { readonly name: string; readonly type: string }): Message {
  const query: Question = question(says.name, says.type)
  return parseMessage(replyTo({ id: 7, question: query, rd: false, edns: undefined } as Message, says))
}

export function question(name: string, type: string): Question {
  return { name: nameFromText(name), type: typeFromText(type) as number, class: CLASS.IN }
}

/** A referral with glue: `NS address ...` pairs. */
export function referral(zone: string, ...servers: readonly (readonly [name: string, ...addresses: string[]])[]): Says {
  return {
    aa: false,
    authority: servers.map(([name]) => `${zone}. NS ${name}.`),
    additional: servers.flatMap(([name, ...addresses]) => addresses.map((a) => `${name}. ${a.includes(':') ? 'AAAA' : 'A'} ${a}`))
  }
}

export const ROOT = '198.41.0.4'
/** What the root's servers say to priming. */
export const PRIMING: Says = { answer: ['. NS a.root-servers.net.'], additional: [`a.root-servers.net. A ${ROOT}`] }

export interface Bench {
  readonly lookup: Lookup
  readonly network: Network
  /** what the hook was given */
  readonly referrals: Answered[]
  readonly events: TraceEvent[]
  readonly clock: { now: number }
  ask(name: string, type: string, options?: { attempt?: number; budget?: Budget; signal?: AbortSignal }): Promise<Reply>
  reply(name: string, type: string, options?: { attempt?: number; budget?: Budget }): Promise<Answered>
  failure(name: string, type: string, options?: { attempt?: number; budget?: Budget }): Promise<Failed>
}

export function bench(servers: Readonly<Record<string, Script>>, options: Partial<LookupConfig> & { limits?: Limits } = {}): Bench {
  const limits = options.limits ?? DEFAULT_LIMITS
  const net = network(servers)
  const referrals: Answered[] = []
  const events: TraceEvent[] = []
  const clock = { now: 1_790_000_000_000 }
  const meter = new Meter(1_000_000)
  const lookup = createLookup({
    transport: net,
    clock: () => clock.now,
    limits,
    rootHints: [{ name: nameFromText('a.root-servers.net'), addresses: [ROOT] }],
    stubZones: [],
    forwarders: [],
    allowPrivateAddresses: true,
    qnameMinimisation: false,
    preferIPv6: false,
    use0x20: false,
    cookies: false,
    authorityPort: 53,
    meter,
    hooks: { referral: (reply) => void referrals.push(reply) },
    ...options
  })
  const ask: Bench['ask'] = (name, type, { attempt = 0, budget = new Budget(limits), signal = new AbortController().signal } = {}) => {
    const task: Task = {
      now: clock.now,
      limits,
      budget,
      policy: DEFAULT_POLICY,
      crypto: {} as CryptoBackend, // a look-up verifies nothing
      signal,
      depth: 0,
      parent: 0,
      emit: (event) => events.push(event)
    }
    return lookup.ask(question(name, type), task, attempt)
  }
  return {
    lookup,
    network: net,
    referrals,
    events,
    clock,
    ask,
    async reply(name, type, how) {
      const reply = await ask(name, type, how)
      if (reply.kind === 'failure') throw new Error(reply.reason.text)
      return reply
    },
    async failure(name, type, how) {
      const reply = await ask(name, type, how)
      if (reply.kind !== 'failure') throw new Error('there was an answer')
      return reply
    }
  }
}

/** The rdatas of a type in the answer, as text of addresses. */
export function addressesIn(reply: Answered): string[] {
  return reply.message.answer.filter((rrset) => rrset.type === TYPE.A).flatMap((rrset) => rrset.rdatas.map((rdata) => rdata.join('.')))
}
