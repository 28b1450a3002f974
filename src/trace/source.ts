// A trace as the source of validation: it gives the replies that were recorded, from their octets alone, scrubbed again for the
// zone whose server was asked.

import { scrub } from '../lookup/scrub.js'
import { asAliasReply } from '../validate/aliases.js'
import type { ZoneVerdict } from '../validate/chain.js'
import type { Source } from '../validate/source.js'
import { aged } from '../verdict/aged.js'
import type { Anchors } from '../verdict/anchor.js'
import { isPassing, type Reason, reason } from '../verdict/reason.js'
import { type Answered, type Failed, isReplyTo, type Reply, type Server } from '../verdict/reply.js'
import type { Task } from '../verdict/task.js'
import type { NumberedEvent, Trace } from '../verdict/trace.js'
import { fromBase64 } from '../wire/base.js'
import { WireError } from '../wire/cursor.js'
import { type Message, parseMessage, type Question, questionKey } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, RCODE, typeFromText, typeToText } from '../wire/numbers.js'
import { nameFromText, nameToText, TextError } from '../wire/text.js'

export type Evidence = NumberedEvent & { readonly event: 'evidence' }

export class TraceSource implements Source {
  readonly #trace: Trace
  readonly #evidence = new Map<string, Evidence[]>()
  readonly #asked = new Map<string, number>()
  readonly #zones = new Map<string, ZoneVerdict>()
  readonly #missing = new Set<string>()

  constructor(
    trace: Trace,
    readonly anchors: Anchors
  ) {
    this.#trace = trace
    for (const event of trace.events) {
      if (event.event !== 'evidence') continue
      const key = `${event.purpose} ${event.attempt} ${questionKey(questionOf(event))}`
      const held = this.#evidence.get(key)
      if (held) held.push(event)
      else this.#evidence.set(key, [event])
    }
  }

  /** Questions that the judgement asked and the trace has nothing about: `name TYPE`. */
  get missing(): readonly string[] {
    return [...this.#missing]
  }

  async ask(question: Question, _task: Task, attempt: number): Promise<Reply> {
    return this.#give('chain', question, attempt)
  }

  /** The reply that was judged as the answer to the user's own question. */
  async data(question: Question, attempt: number): Promise<Reply> {
    return this.#give('data', question, attempt)
  }

  async zone(name: Name, _task: Task, make: () => Promise<ZoneVerdict>): Promise<ZoneVerdict> {
    const kept = this.#zones.get(name.key)
    if (kept) return kept
    const verdict = await make()
    const passing = 'reason' in verdict.finding && isPassing(verdict.finding.reason)
    if (verdict.ttl > 0 && !passing) this.#zones.set(name.key, verdict)
    return verdict
  }

  /** What was recorded for the question at this attempt; asked again, the next record of it, and then the last one again. */
  #give(purpose: 'data' | 'chain', question: Question, attempt: number): Reply {
    const key = `${purpose} ${attempt} ${questionKey(question)}`
    const held = this.#evidence.get(key) ?? []
    const times = this.#asked.get(key) ?? 0
    this.#asked.set(key, times + 1)
    const event = held[Math.min(times, held.length - 1)]
    if (event) return this.#replyOf(event, question)
    if (attempt === 0) this.#missing.add(`${nameToText(question.name)} ${typeText(question)}`)
    return failed(question, 'the trace has no reply to this question')
  }

  #replyOf(event: Evidence, question: Question): Reply {
    if (event.via === 'failure')
      return { ...failed(question, 'no reply was recorded'), ...(event.reason && { reason: event.reason as Reason }) }
    const recorded = event.message === undefined ? undefined : this.#trace.messages[event.message]
    if (!recorded) return failed(question, 'the trace lacks the message')
    let message: Message
    try {
      message = parseMessage(fromBase64(recorded.wire))
    } catch (error) {
      if (!(error instanceof WireError || error instanceof TextError)) throw error
      return failed(question, `the recorded message is not a DNS message (${error.message})`)
    }
    const zone = event.zone === undefined ? undefined : nameFromText(event.zone)
    const base = { kind: 'reply' as const, server: serverOf(event, recorded.server), zone, receivedAt: event.receivedAt ?? this.#trace.now }
    if (event.via === 'alias') return this.#aliasReply(message, question, base)
    // A referral may have been given to a shorter name.
    if (event.via !== 'referral' && !isReplyTo(message, question)) {
      return failed(question, 'the recorded message answers another question')
    }
    const reply: Answered = { ...base, question, message: scrub(message, question, zone), via: event.via }
    return aged(reply, this.#trace.now)
  }

  /** An alias that was known from another question: judged by that reply, of which only the alias counts. */
  #aliasReply(message: Message, question: Question, base: Omit<Answered, 'question' | 'message' | 'via'>): Reply {
    const first = message.question
    if (!first) return failed(question, 'the recorded message has no question')
    const own: Answered = { ...base, question: first, message: scrub(message, first, base.zone), via: 'answer' }
    const kept = asAliasReply(own, first)
    const given = kept && asAliasReply(aged(kept, this.#trace.now), question)
    return given ?? failed(question, 'the recorded message has no alias for the name')
  }
}

function questionOf(event: Evidence): Question {
  return { name: nameFromText(event.name), type: typeFromText(event.type) ?? 0, class: CLASS.IN }
}

const typeText = ({ type }: Question): string => typeToText(type)

function failed(question: Question, detail: string): Failed {
  const facts = { owner: question.name, type: question.type, detail }
  return { kind: 'failure', question, reason: reason('unreachable', facts), rcode: RCODE.SERVFAIL }
}

/** The server as text becomes one again; it names the server in sentences and counts for nothing else. */
function serverOf(event: Evidence, known: string | undefined): Server {
  const text = event.server ?? known ?? 'unknown'
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*|[^:]*:[^:]*:.*?))(?::(\d{1,5}))?$/.exec(text) ?? []
  return { address: bracketed ?? plain ?? text, port: Number(port ?? 53), protocol: protocolOf(event.protocol) }
}

function protocolOf(text: string | undefined): Server['protocol'] {
  return text === 'tcp' || text === 'tls' || text === 'https' ? text : 'udp'
}
