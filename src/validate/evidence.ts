// What a verdict rests on: the replies it was judged by, as bytes, so that a trace can hold them and anyone can judge them again.

import type { Reason } from '../verdict/reason.js'
import type { Answered, Reply, Server } from '../verdict/reply.js'
import { note, type Task } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { typeToText } from '../wire/numbers.js'
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

/** Tells the trace what a verdict rests on, also when the verdict came from a cache. */
export function noteEvidence(evidence: readonly Evidence[], task: Task): void {
  if (!task.emit) return
  for (const one of evidence) {
    note(task, () => ({
      event: 'evidence',
      name: nameToText(one.question.name),
      type: typeToText(one.question.type),
      purpose: one.purpose,
      attempt: one.attempt,
      ...(one.kind === 'failure'
        ? { via: 'failure' as const, reason: one.reason }
        : {
            via: one.via,
            ...(one.zone && { zone: nameToText(one.zone) }),
            server: `${one.server.address}:${one.server.port}`,
            protocol: one.server.protocol,
            receivedAt: one.receivedAt,
            message: base64(one.wire)
          })
    }))
  }
}

export function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}
