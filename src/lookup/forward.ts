// Forwarding: a recursive server is asked with CD and DO, and its AD bit proves nothing (RFC 4035 4.6, RFC 6840 5.9). One that
// cannot serve validation is set aside with a reason, and the next is asked; unsigned data from it decides nothing.

import { EDE_NAMES, reason } from '../verdict/reason.js'
import type { Answered, Reply, Server } from '../verdict/reply.js'
import { extendedErrors } from '../wire/edns.js'
import type { Message, Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { RCODE, rcodeToText, TYPE } from '../wire/numbers.js'
import { exchange } from './exchange.js'
import { failed, failedLimit, noOtherServer, tell } from './failure.js'
import type { Forwarder, Knowledge, Met, Run } from './run.js'
import { scrub } from './scrub.js'
import { serverKey } from './servers.js'

/** Rounds over the forwarders that are silent. */
const MOST_ROUNDS = 6

const ANSWERS: ReadonlySet<number> = new Set([RCODE.NOERROR, RCODE.NXDOMAIN, RCODE.YXDOMAIN])

/**
 * The lowest priority first, those set aside last.
 * @param anchored the zone of the trust anchor that covers the name; undefined when nothing is validated there
 */
export async function forward(
  question: Question,
  forwarders: readonly Forwarder[],
  anchored: Name | undefined,
  run: Run,
  knowledge: Knowledge
): Promise<Reply> {
  const { given, book, fitness } = knowledge
  const { task } = run
  const allowed = run.attempt > 0 ? given.left(task.budget, question, forwarders) : [...forwarders]
  if (allowed.length === 0) return noOtherServer(question, undefined)
  const met = new Map<string, Met>()
  let plain: Answered | undefined
  for (let tries = 0; tries < MOST_ROUNDS; tries++) {
    const open = allowed.filter((server) => tries === 0 || isOpen(met.get(serverKey(server)), tries, book))
    for (const server of inOrder(open, book)) {
      const remember = (kind: Met['kind'], did: string): void => void met.set(serverKey(server), { kind, did, server, tries })
      const asking = { server, recursive: true, zone: undefined, task, sent: run.sent, tries, describe }
      const got = await exchange(question, asking, knowledge.exchange)
      if (got.kind === 'spent') return failedLimit(question, got.what, task.limits)
      if (got.kind === 'failure') {
        remember(got.why === 'silent' ? 'silent' : got.why === 'network' ? 'network' : 'unfit', got.detail)
        continue
      }
      const { message } = got
      if (!ANSWERS.has(message.rcode)) {
        // SERVFAIL may be about this one name, the rest is about the server.
        if (message.rcode !== RCODE.SERVFAIL) setAside(server, rcodeToText(message.rcode), knowledge)
        remember('refused', failureText(message))
        continue
      }
      const why = unfitness(message, question)
      if (why) setAside(server, why, knowledge)
      // A reply without a signature is of an unsigned zone, or of a forwarder that hides the signatures.
      const unfit = why ?? (anchored && isBare(message) ? await fitness.find(server, anchored, task, knowledge.exchange) : undefined)
      if (!unfit) return answered(question, message, got.server, got.receivedAt, run, knowledge)
      remember('unfit', unfit)
      if (!isOfChain(question)) plain ??= answered(question, message, got.server, got.receivedAt, run, knowledge)
    }
  }
  // Where no anchor covers the name nothing is validated, so it is an answer; elsewhere nothing follows from it.
  if (plain && !anchored) return plain
  const silent = [...met.values()].every(({ kind }) => kind === 'silent' || kind === 'network')
  const facts = { owner: question.name, type: question.type, detail: tell([...met.values()]) }
  return failed(question, reason(silent ? 'networkError' : 'forwardersUnfit', facts))
}

function isOpen(met: Met | undefined, tries: number, book: Knowledge['book']): boolean {
  return met?.kind === 'silent' && tries < book.mostTries(met.server)
}

function inOrder(servers: readonly Forwarder[], book: Knowledge['book']): Forwarder[] {
  const rank = (server: Forwarder): number => (book.isAside(server, undefined) ? 1 : 0)
  return book.order(servers, undefined).sort((a, b) => rank(a) - rank(b) || a.priority - b.priority)
}

function setAside(server: Server, why: string, { fitness, book, config }: Knowledge): void {
  book.setAside(server, fitness.markUnfit(server, why, config.clock()))
}

/** The RCODE, and what the forwarder says of why (RFC 8914): a hint for people that nothing else is made of. */
function failureText(message: Message): string {
  const names = extendedErrors(message.edns).map(({ code }) => EDE_NAMES[code] ?? `EDE ${code}`)
  return [rcodeToText(message.rcode), ...new Set(names.slice(0, 2))].join(', ')
}

const isOfChain = ({ type }: Question): boolean => type === TYPE.DNSKEY || type === TYPE.DS

const isBare = ({ answer, authority }: Message): boolean => ![...answer, ...authority].some((rrset) => rrset.signatures.length > 0)

/** Why the reply itself shows that its server cannot serve validation. */
function unfitness(message: Message, question: Question): string | undefined {
  if (!message.edns) return 'does not do EDNS'
  const rrsets = message.answer.filter((rrset) => rrset.type === question.type && rrset.owner.equals(question.name))
  const stripped = rrsets.some((rrset) => rrset.signatures.length === 0)
  // The root's keys and every DS are signed (RFC 4035 2.2, 2.4).
  const signed = question.type === TYPE.DS || (question.type === TYPE.DNSKEY && question.name.isRoot)
  return stripped && signed ? 'strips signatures' : undefined
}

function describe(message: Message): { outcome: 'answer' | 'error'; detail?: string } {
  return ANSWERS.has(message.rcode) ? { outcome: 'answer' } : { outcome: 'error', detail: rcodeToText(message.rcode) }
}

function answered(question: Question, message: Message, server: Server, receivedAt: number, run: Run, knowledge: Knowledge): Answered {
  knowledge.given.add(run.task.budget, question, server, message)
  const scrubbed = scrub(message, question, undefined)
  return { kind: 'reply', question, message: scrubbed, server, zone: undefined, via: 'answer', receivedAt }
}
