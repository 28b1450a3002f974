// What happens, told on channels of node:diagnostics_channel to whoever subscribes; without a subscriber nothing is made.
// `dnssec-resolver:query` tells of each exchange with a server, `dnssec-resolver:answer` of each answer that was worked out.

import { channel } from 'node:diagnostics_channel'
import { toAnswer } from '../edge/answer.js'
import type { SecureAnswer } from '../edge/public.js'
import { isPunctual, markPunctual, type Transport, type TransportServer } from '../transport/transport.js'
import type { Outcome } from '../verdict/outcome.js'
import { parseMessage } from '../wire/message.js'
import { rcodeToText, typeToText } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'
import type { Counters } from './counters.js'

/** On `dnssec-resolver:query`, when an exchange has ended. */
export interface QueryEvent {
  readonly name: string
  readonly type: string
  readonly server: TransportServer
  /** real time */
  readonly ms: number
  /** of the reply; undefined when there was none or it is no message */
  readonly rcode?: string
  readonly error?: unknown
}

/** On `dnssec-resolver:answer`. */
export interface AnswerEvent {
  readonly answer: SecureAnswer
  /** real time since it was asked */
  readonly ms: number
}

const queries = channel('dnssec-resolver:query')
const answers = channel('dnssec-resolver:answer')

/** The transport with each exchange counted and told. */
export function observed(transport: Transport, counters: Counters): Transport {
  const seen: Transport = {
    async exchange(query, server, options) {
      counters.query(server.protocol)
      const startedAt = performance.now()
      try {
        const reply = await transport.exchange(query, server, options)
        counters.replies++
        if (queries.hasSubscribers) tell(query, server, startedAt, { rcode: rcodeOf(reply) })
        return reply
      } catch (error) {
        counters.failure(codeOf(error))
        if (queries.hasSubscribers) tell(query, server, startedAt, { error })
        throw error
      }
    },
    close: () => transport.close?.()
  }
  return isPunctual(transport) ? markPunctual(seen) : seen
}

export function tellAnswer(outcome: Outcome, startedAt: number, now: number): void {
  if (!answers.hasSubscribers) return
  answers.publish({ answer: toAnswer(outcome, now), ms: performance.now() - startedAt } satisfies AnswerEvent)
}

function tell(query: Uint8Array, server: TransportServer, startedAt: number, ending: Pick<QueryEvent, 'rcode' | 'error'>): void {
  const { question } = parseMessage(query)
  const name = question ? nameToText(question.name) : ''
  const type = question ? typeToText(question.type) : ''
  queries.publish({ name, type, server, ms: performance.now() - startedAt, ...ending } satisfies QueryEvent)
}

const rcodeOf = (reply: Uint8Array): string | undefined => (reply.length >= 12 ? rcodeToText(reply[3] & 0xf) : undefined)

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown'
}
