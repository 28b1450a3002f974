// What mutants are made of: questions with the replies that their verdicts rest on. One corpus is the embedded hierarchy with
// all its questions, the other a few crowded zones asked for every kind of name there is in them.

import { createResolver, type ResolverOptions } from '../../src/index.js'
import type { NumberedEvent, Trace } from '../../src/verdict/trace.js'
import { fromBase64 } from '../../src/wire/base.js'
import type { Name } from '../../src/wire/name.js'
import { CLASS, typeFromText } from '../../src/wire/numbers.js'
import { type Question, questionKey } from '../../src/wire/question.js'
import { nameFromText } from '../../src/wire/text.js'
import { smallWorld } from '../validate/small-world.js'
import { buildHierarchy } from '../world/hierarchy.js'
import { memoryTransport, type WorldTransport } from '../world/net.js'

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

/** By index: even ones are of the first, odd ones of the second. */
export async function buildCorpora(): Promise<readonly Corpus[]> {
  return [await ofHierarchy(), await ofCrowdedZones()]
}

interface Asked {
  readonly name: string
  readonly type: string
  readonly sha1?: boolean
}

async function ofHierarchy(): Promise<Corpus> {
  const hierarchy = buildHierarchy(NOW_MS)
  const questions = hierarchy.questions.filter(({ slow }) => !slow)
  const corpus = await record(questions, hierarchy.anchors, hierarchy.hints, () => hierarchy.memory())
  await hierarchy.close()
  return corpus
}

const CROWDED = `
a A 192.0.2.1
alias CNAME a
b.ent A 192.0.2.2
d DNAME ent
*.w A 192.0.2.3
x.w A 192.0.2.4
x.y.w TXT "y"
*.wc CNAME a
z MX 1 a`
const NAMES = [
  '',
  'a',
  'm',
  'm.a',
  'alias',
  'ent',
  'b.ent',
  'm.ent',
  'd',
  'b.d',
  'm.d',
  'w',
  '*.w',
  'm.w',
  'q.m.w',
  'x.w',
  'm.x.w',
  'y.w',
  'm.y.w'
]
const MORE_NAMES = ['m.wc', 'z', 'open', 'x.open', 'signed', 'x.signed', 'm.signed']
const TYPES = ['A', 'TXT', 'DS']

function ofCrowdedZones(): Promise<Corpus> {
  const denials = {
    test: { by: 'nsec' },
    hash: { by: 'nsec3', salt: Uint8Array.of(1, 2), iterations: 1 },
    opt: { by: 'nsec3', optOut: true }
  } as const
  const zones = Object.entries(denials).flatMap(([origin, denial]) => [
    [origin, { text: CROWDED, denial }],
    [`open.${origin}`, { text: 'x A 192.0.2.9', keys: [] }],
    [`signed.${origin}`, { text: 'x A 192.0.2.8', denial }]
  ])
  const { anchors, hints, servers } = smallWorld(Object.fromEntries(zones))
  const questions = Object.keys(denials).flatMap((origin) =>
    [...NAMES, ...MORE_NAMES].flatMap((label) => TYPES.map((type) => ({ name: label === '' ? origin : `${label}.${origin}`, type })))
  )
  return record(questions, anchors, hints, () => memoryTransport(servers))
}

async function record(
  questions: readonly Asked[],
  anchors: readonly string[],
  hints: ResolverOptions['rootHints'],
  transport: () => WorldTransport
): Promise<Corpus> {
  const cases: Case[] = []
  for (const { name, type, sha1 = false } of questions) {
    const resolver = createResolver({
      trustAnchors: anchors,
      rootHints: hints,
      transport: transport(),
      clock: () => NOW_MS,
      algorithms: { sha1 },
      allowPrivateAddresses: true
    })
    const answer = await resolver.resolveSecure(name, type, { trace: true })
    await resolver.close()
    const question: Question = { name: nameFromText(name), type: typeFromText(type) as number, class: CLASS.IN }
    const replies = repliesOf(answer.trace as Trace)
    if (replies.length > 0) cases.push({ question, text: `${name} ${type}`, replies, sha1 })
  }
  return { nowMs: NOW_MS, anchors, cases }
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
