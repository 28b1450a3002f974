// What mutants are made of: every question of the embedded hierarchy with the replies that its verdict rests on.

import { createResolver } from '../../src/index.js'
import type { NumberedEvent, Trace } from '../../src/verdict/trace.js'
import { fromBase64 } from '../../src/wire/base.js'
import type { Name } from '../../src/wire/name.js'
import { CLASS, typeFromText } from '../../src/wire/numbers.js'
import { type Question, questionKey } from '../../src/wire/question.js'
import { nameFromText } from '../../src/wire/text.js'
import { buildHierarchy } from '../world/hierarchy.js'

export interface RecordedReply {
  readonly key: string
  readonly purpose: 'data' | 'chain'
  readonly question: Question
  readonly via: 'answer' | 'referral'
  readonly zone: Name | undefined
  readonly wire: Uint8Array
}

export interface Case {
  readonly question: Question
  readonly text: string
  readonly replies: readonly RecordedReply[]
  readonly sha1: boolean
}

export interface Corpus {
  readonly nowMs: number
  readonly anchors: readonly string[]
  readonly cases: readonly Case[]
}

export const replyKey = (purpose: 'data' | 'chain', question: Question): string => `${purpose} ${questionKey(question)}`

const NOW_MS = 1_790_000_000_000

export async function buildCorpus(): Promise<Corpus> {
  const hierarchy = buildHierarchy(NOW_MS)
  const cases: Case[] = []
  for (const { name, type, sha1, slow } of hierarchy.questions) {
    if (slow) continue
    const resolver = createResolver({
      trustAnchors: hierarchy.anchors,
      rootHints: hierarchy.hints,
      transport: hierarchy.memory(),
      clock: () => NOW_MS,
      algorithms: { sha1: sha1 ?? false },
      allowPrivateAddresses: true
    })
    const answer = await resolver.resolveSecure(name, type, { trace: true })
    await resolver.close()
    const question: Question = { name: nameFromText(name), type: typeFromText(type) as number, class: CLASS.IN }
    cases.push({ question, text: `${name} ${type}`, replies: repliesOf(answer.trace as Trace), sha1: sha1 ?? false })
  }
  await hierarchy.close()
  return { nowMs: NOW_MS, anchors: hierarchy.anchors, cases: cases.filter(({ replies }) => replies.length > 0) }
}

type EvidenceEvent = NumberedEvent & { readonly event: 'evidence' }

function repliesOf(trace: Trace): RecordedReply[] {
  const events = trace.events.filter((event): event is EvidenceEvent => event.event === 'evidence' && event.attempt === 0)
  return events.flatMap((event) => {
    if (event.message === undefined || event.via === 'failure' || event.via === 'alias') return []
    const question: Question = { name: nameFromText(event.name), type: typeFromText(event.type) as number, class: CLASS.IN }
    const zone = event.zone === undefined ? undefined : nameFromText(event.zone)
    const wire = fromBase64(trace.messages[event.message]?.wire ?? '')
    return [
      { key: replyKey(event.purpose, question), purpose: event.purpose, question, via: event.via as 'answer' | 'referral', zone, wire }
    ]
  })
}
