// What a verdict rests on: the replies it was judged by, as bytes, so that a trace can hold them and anyone can judge them again.

import { type Reason, reason } from '../verdict/reason.js'
import type { Answered, Failed, Reply, Server } from '../verdict/reply.js'
import { type Task, within } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { RCODE, rcodeToText, typeToText } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'

export type Evidence =
  | {
      readonly kind: 'reply'
      readonly purpose: 'data' | 'chain'
      readonly question: Question
      readonly attempt: number
      readonly via: Answered['via']
      readonly zone: Name | undefined
      readonly server: Server
      readonly receivedAt: number
      /** the message as received */
      readonly wire: Uint8Array
    }
  | {
      readonly kind: 'failure'
      readonly purpose: 'data' | 'chain'
      readonly question: Question
      readonly attempt: number
      readonly reason: Reason
      readonly rcode: number
    }

export function evidenceOf(reply: Reply, attempt: number, purpose: 'data' | 'chain' = 'chain'): Evidence {
  const { question } = reply
  if (reply.kind === 'failure') return { kind: 'failure', purpose, question, attempt, reason: reply.reason, rcode: reply.rcode }
  const { via, zone, server, receivedAt, message } = reply
  return { kind: 'reply', purpose, question, attempt, via, zone, server, receivedAt, wire: message.wire }
}

/** In place of a reply for which there was no time. */
export const outOfTime = (question: Question, { limits }: Task): Failed => ({
  kind: 'failure',
  question,
  reason: reason('timeOver', { owner: question.name, type: question.type, limit: limits.questionMs }),
  rcode: RCODE.SERVFAIL
})

/** Tells the trace what a verdict rests on, also when the verdict came from a cache. */
export function noteEvidence(evidence: readonly Evidence[], task: Task): void {
  if (!task.emit) return
  for (const one of evidence) withinEvidence(one, task)
}

/** The same task with later events below the evidence that they are judged by. */
export function withinEvidence(one: Evidence, task: Task): Task {
  return within(
    task,
    () => ({
      event: 'evidence',
      name: nameToText(one.question.name),
      type: typeToText(one.question.type),
      purpose: one.purpose,
      attempt: one.attempt,
      ...(one.kind === 'failure'
        ? { via: 'failure' as const, reason: one.reason, rcode: rcodeToText(one.rcode) }
        : {
            via: one.via,
            ...(one.zone && { zone: nameToText(one.zone) }),
            server: serverText(one.server),
            protocol: one.server.protocol,
            receivedAt: one.receivedAt
          })
    }),
    one.kind === 'reply' ? one.wire : undefined
  )
}

/** RFC 3986 3.2.2: an IPv6 address stands in brackets before a port. */
const serverText = ({ address, port }: Server): string => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`)
