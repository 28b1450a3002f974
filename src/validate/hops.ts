// A question's whole way: reply by reply along the alias chain (RFC 1034 3.6.2), each judged, to one outcome. The resolver and
// the replay of a trace walk it by this code; they differ only in where the replies come from.

import type { Denial, JudgedRrset, Outcome } from '../verdict/outcome.js'
import { isPassing, type Reason, type ReasonKind, reason } from '../verdict/reason.js'
import { base64 } from '../verdict/recorder.js'
import type { Answered, Failed, Reply } from '../verdict/reply.js'
import { weakest } from '../verdict/status.js'
import { note, type Task, within } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import { Name } from '../wire/name.js'
import { RCODE, rcodeToText, TYPE, typeToText } from '../wire/numbers.js'
import type { ResourceRecord } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'
import { type Judgement, judge } from './answer.js'
import { type Evidence, evidenceOf, outOfTime, withinEvidence } from './evidence.js'
import type { Source } from './source.js'

/** One reply's part of an answer. */
export interface Hop {
  readonly name: Name
  /** whose servers gave the reply; undefined where that is not known, as by a forwarder */
  readonly zone?: Name
  readonly judgement: Judgement
  readonly malformed: readonly ResourceRecord[]
  /** its own reply, and all that its verdicts rest on */
  readonly evidence: readonly Evidence[]
  /** ms since the epoch */
  readonly judgedAt: number
}

/** Follows the chain of aliases from hop to hop and puts them together. */
export async function followHops(question: Question, hopOf: (question: Question) => Promise<Hop>, task: Task): Promise<Outcome> {
  const hops: Hop[] = []
  for (let name = question.name; ; ) {
    hops.push(await hopOf({ ...question, name }))
    const end = ending(question, hops, task)
    if (!(end instanceof Name)) return end
    name = end
  }
}

/** The same from hops that are known already; undefined when one is not. */
export function joinHops(question: Question, hopOf: (question: Question) => Hop | undefined, task: Task): Outcome | undefined {
  const hops: Hop[] = []
  for (let name = question.name; ; ) {
    const hop = hopOf({ ...question, name })
    if (!hop) return undefined
    hops.push(hop)
    const end = ending(question, hops, task)
    if (!(end instanceof Name)) return end
    name = end
  }
}

/** The name that the chain goes on with, or the outcome when it ends here. */
function ending(question: Question, hops: readonly Hop[], task: Task): Name | Outcome {
  const { next, status } = (hops[hops.length - 1] as Hop).judgement
  if (!next || status === 'bogus') return outcome(question, hops, task)
  // RFC 1034 3.6.2: loops are an error.
  if (hops.some((hop) => hop.name.equals(next))) return outcome(question, hops, task, reason('aliasLoop', { owner: question.name }))
  const over = linksOf(hops) > task.limits.aliases ? 'aliases' : returnsOf(hops) > task.limits.aliasReturns ? 'aliasReturns' : undefined
  if (!over) return next
  const facts = { owner: question.name, type: question.type, detail: over, limit: task.limits[over] }
  return outcome(question, hops, task, reason('limitReached', facts))
}

/** Every link of the chain has its CNAME, a DNAME's too. */
const linksOf = (hops: readonly Hop[]): number =>
  hops.reduce((sum, { judgement }) => sum + judgement.judged.filter(({ rrset }) => rrset.type === TYPE.CNAME).length, 0)

/** How often the chain came back to a zone that it had left: two zones can send a resolver to and fro for long. */
function returnsOf(hops: readonly Hop[]): number {
  const keys = hops.map(({ zone }) => zone?.key)
  return keys.filter((key, i) => key !== undefined && i > 1 && key !== keys[i - 1] && keys.indexOf(key) < i).length
}

/** Gives the reply to a question; `attempt` as in `Source.ask`. */
export type Ask = (question: Question, task: Task, attempt: number) => Promise<Reply>

/**
 * Asks and judges; while the verdict is bogus, asks again elsewhere (RFC 4035 5.5). Only a verdict by proof takes the place of the
 * first one: it stays when another try fails, gives nothing to validate by, or has no time left.
 */
export async function judgeHop(
  question: Question,
  ask: Ask,
  source: Source,
  task: Task,
  judged: (reply: Answered, judgement: Judgement) => void = () => {}
): Promise<Hop> {
  let kept: Hop | undefined
  for (let attempt = 0; attempt <= task.limits.bogusRetries; attempt++) {
    const looking = within(task, () => ({
      event: 'lookup',
      name: nameToText(question.name),
      type: typeToText(question.type),
      purpose: 'data',
      attempt
    }))
    const before: readonly Evidence[] = kept?.evidence ?? []
    try {
      const reply = await ask(question, looking, attempt)
      const own = evidenceOf(reply, attempt, 'data')
      const below = withinEvidence(own, looking)
      if (reply.kind === 'failure') {
        return kept ? { ...kept, evidence: [...before, own] } : failedHop(reply, [own], task)
      }
      const judgement = await judge(reply, source, below)
      judged(reply, judgement)
      const evidence = [...before, own, ...judgement.evidence]
      const { zone, message } = reply
      const hop: Hop = { name: question.name, zone, judgement, malformed: message.malformed, evidence, judgedAt: task.now }
      if (judgement.status !== 'bogus' && !(kept && judgement.status === 'indeterminate')) return hop
      kept = kept ? { ...kept, evidence } : hop
      // What was refused as too much would be as much from another server.
      if (judgement.reason?.kind === 'limitReached') break
    } catch (error) {
      if (!kept || !task.signal.aborted) throw error
      const own = evidenceOf(outOfTime(question, task), attempt, 'data')
      withinEvidence(own, looking)
      return { ...kept, evidence: [...before, own] }
    }
    if (task.budget.exhausted) break
  }
  return kept as Hop
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
  const judged = hops.flatMap((hop) => agedJudged(hop, task))
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
  noteVerdict(result, task)
  return result
}

/** A hop that was judged earlier: its TTLs have counted down since (RFC 1035 3.2.1). */
function agedJudged({ judgement, judgedAt }: Hop, task: Task): readonly JudgedRrset[] {
  const seconds = Math.floor((task.now - judgedAt) / 1000)
  if (seconds <= 0) return judgement.judged
  return judgement.judged.map((one) => ({ ...one, ttl: Math.max(0, one.ttl - seconds) }))
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
  const result: Outcome = {
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
  noteVerdict(result, task)
  return result
}

/** Tells the trace all that a replay is compared with. */
function noteVerdict(result: Outcome, task: Task): void {
  note(task, () => ({
    event: 'verdict',
    name: nameToText(result.question.name),
    type: typeToText(result.question.type),
    status: result.status,
    rcode: rcodeToText(result.rcode),
    ...(result.reason && { reason: result.reason }),
    canonicalName: nameToText(result.canonicalName),
    ttl: result.ttl,
    records: result.records.flatMap(told),
    rejected: [...result.rejected.flatMap(told), ...result.malformed.map(toldMalformed)],
    ...(result.denial && { denial: result.denial satisfies Denial })
  }))
}

/** As in the public answer: octets that are not what they claim are told as bogus. */
const toldMalformed = ({ owner, type, ttl, rdata }: ResourceRecord) => ({
  name: nameToText(owner),
  type: typeToText(type),
  ttl,
  status: 'bogus' as const,
  rdata: base64(rdata)
})

const told = ({ rrset, verdict, ttl }: JudgedRrset) =>
  rrset.rdatas.map((rdata) => ({
    name: nameToText(rrset.owner),
    type: typeToText(rrset.type),
    ttl,
    status: verdict.status,
    rdata: base64(rdata)
  }))
