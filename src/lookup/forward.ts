// Forwarding: a recursive server is asked with CD and DO, and its AD bit proves nothing (RFC 4035 4.6, RFC 6840 5.9). One that
// cannot serve validation is set aside, and the next is asked.

import { reason } from '../verdict/reason.js'
import type { Answered, Reply, Server } from '../verdict/reply.js'
import type { Message, Question } from '../wire/message.js'
import { RCODE, rcodeToText, TYPE } from '../wire/numbers.js'
import { exchange } from './exchange.js'
import { failed, failedLimit, noOtherServer, tell } from './failure.js'
import type { Forwarder, Knowledge, Met, Run } from './run.js'
import { scrub } from './scrub.js'
import { serverKey } from './servers.js'

/** How often a silent forwarder is asked. */
const MOST_TRIES = 3
const UNFIT_MS = 60_000

const ANSWERS: ReadonlySet<number> = new Set([RCODE.NOERROR, RCODE.NXDOMAIN, RCODE.YXDOMAIN])

/** The lowest priority first, those set aside last. */
export async function forward(question: Question, forwarders: readonly Forwarder[], run: Run, knowledge: Knowledge): Promise<Reply> {
  const { given, book } = knowledge
  const { task } = run
  const allowed = run.attempt > 0 ? given.left(task.budget, question, forwarders) : [...forwarders]
  if (allowed.length === 0) return noOtherServer(question, undefined)
  const met = new Map<string, Met>()
  let plain: Answered | undefined
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const open = allowed.filter((server) => tries === 0 || met.get(serverKey(server))?.kind === 'silent')
    for (const server of inOrder(open, book)) {
      const asking = { server, recursive: true, zone: undefined, task, sent: run.sent, tries, describe }
      const got = await exchange(question, asking, knowledge.exchange)
      if (got.kind === 'spent') return failedLimit(question, got.what, task.limits)
      if (got.kind === 'failure') {
        met.set(serverKey(server), {
          kind: got.why === 'silent' ? 'silent' : got.why === 'network' ? 'network' : 'unfit',
          did: got.detail,
          server,
          tries
        })
        continue
      }
      const why = unfitness(got.message, question)
      if (!why) return answered(question, got.message, got.server, got.receivedAt, run, knowledge)
      // SERVFAIL may be about this one name, the rest is about the server.
      if (got.message.rcode !== RCODE.SERVFAIL) book.setAside(server, UNFIT_MS)
      met.set(serverKey(server), { kind: why.kind, did: why.text, server, tries })
      if (why.usable) plain ??= answered(question, got.message, got.server, got.receivedAt, run, knowledge)
    }
  }
  // Without signatures it validates nowhere below an anchor, but where there is none it is an answer.
  if (plain) return plain
  const silent = [...met.values()].every(({ kind }) => kind === 'silent' || kind === 'network')
  const facts = { owner: question.name, type: question.type, detail: tell([...met.values()]) }
  return failed(question, reason(silent ? 'networkError' : 'forwardersUnfit', facts))
}

function inOrder(servers: readonly Forwarder[], book: Knowledge['book']): Forwarder[] {
  const rank = (server: Forwarder): number => (book.isAside(server, undefined) ? 1 : 0)
  return book.order(servers, undefined).sort((a, b) => rank(a) - rank(b) || a.priority - b.priority)
}

interface Unfit {
  readonly kind: 'refused' | 'unfit'
  readonly text: string
  /** whether its data may be passed on when nobody does better */
  readonly usable: boolean
}

/** Why the reply cannot serve validation; undefined when it can, or when only validation can tell. */
function unfitness(message: Message, question: Question): Unfit | undefined {
  if (!ANSWERS.has(message.rcode)) return { kind: 'refused', text: rcodeToText(message.rcode), usable: false }
  const chain = question.type === TYPE.DNSKEY || question.type === TYPE.DS
  if (!message.edns) return { kind: 'unfit', text: 'does not do EDNS', usable: !chain }
  const rrsets = message.answer.filter((rrset) => rrset.type === question.type && rrset.owner.equals(question.name))
  const stripped = rrsets.some((rrset) => rrset.signatures.length === 0)
  // The root's keys and every DS are signed (RFC 4035 2.2, 2.4).
  if (stripped && (question.type === TYPE.DS || (question.type === TYPE.DNSKEY && question.name.isRoot))) {
    return { kind: 'unfit', text: 'strips signatures', usable: false }
  }
  return undefined
}

function describe(message: Message): { outcome: 'answer' | 'error'; detail?: string } {
  return ANSWERS.has(message.rcode) ? { outcome: 'answer' } : { outcome: 'error', detail: rcodeToText(message.rcode) }
}

function answered(question: Question, message: Message, server: Server, receivedAt: number, run: Run, knowledge: Knowledge): Answered {
  knowledge.given.add(run.task.budget, question, server, message)
  const scrubbed = scrub(message, question, undefined)
  return { kind: 'reply', question, message: scrubbed, server, zone: undefined, via: 'answer', receivedAt }
}
