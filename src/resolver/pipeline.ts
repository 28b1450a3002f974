// The story of a question: what the cache knows, or else a reply from the network and the verdict on it, alias by alias.

import type { AliasCache } from '../cache/aliases.js'
import type { AnswerCache, Hop } from '../cache/answers.js'
import type { Lookup } from '../lookup/lookup.js'
import { type Judgement, judge } from '../validate/answer.js'
import { type Evidence, evidenceOf, noteEvidence } from '../validate/evidence.js'
import type { Source } from '../validate/source.js'
import type { JudgedRrset, Outcome } from '../verdict/outcome.js'
import { isPassing, type Reason, type ReasonKind, reason } from '../verdict/reason.js'
import type { Failed, Reply } from '../verdict/reply.js'
import { weakest } from '../verdict/status.js'
import { note, type Task } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { RCODE, rcodeToText, TYPE, typeToText } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'

export interface House {
  readonly answers: AnswerCache
  readonly aliases: AliasCache
  readonly lookup: Lookup
  readonly source: Source
  /** may begin to fetch what validation of the name is going to need */
  readonly prepare: (name: Name, task: Task) => void
}

export async function answerQuestion(question: Question, house: House, task: Task): Promise<Outcome> {
  const hops: Hop[] = []
  const seen = new Set<string>()
  let name = question.name
  for (;;) {
    seen.add(name.key)
    const hop = await answerHop({ ...question, name }, house, task)
    hops.push(hop)
    const { next } = hop.judgement
    if (!next || hop.judgement.status === 'bogus') return outcome(question, hops, task)
    // RFC 1034 3.6.2: loops are an error.
    if (seen.has(next.key)) return outcome(question, hops, task, reason('aliasLoop', { owner: question.name }))
    if (linksOf(hops) > task.limits.aliases) {
      const facts = { owner: question.name, type: question.type, detail: 'aliases', limit: task.limits.aliases }
      return outcome(question, hops, task, reason('limitReached', facts))
    }
    name = next
  }
}

/** Every link of the chain has its CNAME, a DNAME's too. */
const linksOf = (hops: readonly Hop[]): number =>
  hops.reduce((sum, { judgement }) => sum + judgement.judged.filter(({ rrset }) => rrset.type === TYPE.CNAME).length, 0)

async function answerHop(question: Question, house: House, task: Task): Promise<Hop> {
  const kept = house.answers.get(question, task)
  if (kept) {
    note(task, () => ({ event: 'cache', name: nameToText(question.name), type: typeToText(question.type), what: 'answer' }))
    noteEvidence(kept.evidence, task)
    return kept
  }
  const hop = await resolveHop(question, house, task)
  house.answers.keep(question, hop, task)
  return hop
}

/** Asks and judges; while the verdict is bogus, asks again elsewhere (RFC 4035 5.5), and keeps the first verdict if that fails. */
async function resolveHop(question: Question, house: House, task: Task): Promise<Hop> {
  house.prepare(question.name, task)
  let kept: Hop | undefined
  for (let attempt = 0; attempt <= task.limits.bogusRetries; attempt++) {
    const reply = await ask(question, house, task, attempt)
    const own = evidenceOf(reply, attempt, 'data')
    noteEvidence([own], task)
    const before: readonly Evidence[] = kept?.evidence ?? []
    if (reply.kind === 'failure') {
      return kept ? { ...kept, evidence: [...before, own] } : failedHop(reply, [own], task)
    }
    const judgement = await judge(reply, house.source, task)
    house.aliases.keep(reply, judgement)
    const evidence = [...before, own, ...judgement.evidence]
    const hop: Hop = { name: question.name, judgement, malformed: reply.message.malformed, evidence, judgedAt: task.now }
    if (judgement.status !== 'bogus') return hop
    kept = kept ? { ...kept, evidence } : hop
    if (task.budget.exhausted) break
  }
  return kept as Hop
}

/** DS and DNSKEY are also asked for by validation, so they are shared with it; what a known alias answers is not asked for. */
async function ask(question: Question, house: House, task: Task, attempt: number): Promise<Reply> {
  const given = attempt === 0 ? house.aliases.covering(question, task) : undefined
  if (given) return given
  const shared = question.type === TYPE.DS || question.type === TYPE.DNSKEY
  return (shared ? house.source : house.lookup).ask(question, task, attempt)
}

function failedHop(reply: Failed, evidence: readonly Evidence[], task: Task): Hop {
  const judgement: Judgement = {
    status: 'indeterminate',
    rcode: reply.rcode,
    canonicalName: reply.question.name,
    judged: [],
    reason: reply.reason,
    ttl: task.limits.failureTtl,
    evidence: []
  }
  return { name: reply.question.name, judgement, malformed: [], evidence, judgedAt: task.now }
}

/** Puts the hops together. `broken` is why the chain of aliases could not be followed to its end. */
function outcome(question: Question, hops: readonly Hop[], task: Task, broken?: Reason): Outcome {
  const last = hops[hops.length - 1]?.judgement as Judgement
  const status = weakest(...hops.map((hop) => hop.judgement.status), ...(broken ? (['indeterminate'] as const) : []))
  const weakestHop = hops.find((hop) => hop.judgement.status === status)
  const why = status === 'indeterminate' && broken ? broken : weakestHop?.judgement.reason
  const failed = status === 'bogus' || (status === 'indeterminate' && !AS_RECEIVED.has(why?.kind))
  const judged = hops.flatMap((hop) => hop.judgement.judged)
  const usable = ({ verdict }: JudgedRrset): boolean =>
    verdict.status !== 'bogus' && !(verdict.status === 'indeterminate' && !AS_RECEIVED.has(verdict.reason.kind))
  const result: Outcome = {
    question,
    status,
    rcode: failed ? RCODE.SERVFAIL : last.rcode,
    canonicalName: last.next ?? last.canonicalName,
    records: judged.filter(usable),
    rejected: judged.filter((one) => !usable(one)),
    malformed: hops.flatMap((hop) => hop.malformed),
    ttl: isPassing(why) ? 0 : outcomeTtl(hops, status, task),
    judgedAt: task.now,
    ...(last.denial && !failed && { denial: last.denial }),
    ...(why && { reason: why })
  }
  note(task, () => ({
    event: 'verdict',
    name: nameToText(question.name),
    type: typeToText(question.type),
    status,
    rcode: rcodeToText(result.rcode),
    ...(why && { reason: why })
  }))
  return result
}

/** Indeterminate answers that still say what the servers said: nothing failed, there is only no way to validate it. */
const AS_RECEIVED: ReadonlySet<ReasonKind | undefined> = new Set(['noAnchor', 'signaturesUnsigned', 'aliasTooLong'])

function outcomeTtl(hops: readonly Hop[], status: Outcome['status'], task: Task): number {
  const left = hops.map((hop) => hop.judgement.ttl - Math.floor((task.now - hop.judgedAt) / 1000))
  const cap = status === 'bogus' ? task.limits.bogusTtl : status === 'indeterminate' ? task.limits.failureTtl : task.limits.ttlMax
  return Math.max(0, Math.min(cap, ...left))
}

/** The answer to a question whose work was stopped by time, or by a fault of ours. */
export function stopped(question: Question, why: Reason, task: Task): Outcome {
  return {
    question,
    status: 'indeterminate',
    rcode: RCODE.SERVFAIL,
    canonicalName: question.name,
    records: [],
    rejected: [],
    malformed: [],
    reason: why,
    ttl: 0,
    judgedAt: task.now
  }
}
