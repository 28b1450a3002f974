// The verdict on a whole reply: each link of its alias chain, then the data asked for or the proof that there is none.

import type { Denial, JudgedRrset } from '../verdict/outcome.js'
import { type Reason, reason } from '../verdict/reason.js'
import type { Answered } from '../verdict/reply.js'
import { type SecurityStatus, weakest } from '../verdict/status.js'
import { note, type Task, within } from '../verdict/task.js'
import { bogus, type DenialProof, type Insecure, indeterminate, type Refused, secure, type Verdict } from '../verdict/verdict.js'
import type { Name } from '../wire/name.js'
import { RCODE, TYPE, typeToText } from '../wire/numbers.js'
import { tryRead } from '../wire/rdata/read.js'
import { readSoa } from '../wire/rdata/soa.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'
import { type Link, stepAt } from './aliases.js'
import { withinAnchor } from './chain.js'
import { prove } from './denial.js'
import type { Evidence } from './evidence.js'
import { admitProofs, isDenial } from './proofs.js'
import { coverageFor, distinct, judgeRrset, placeOf } from './rrset.js'
import { checkSignatures } from './signature.js'
import type { Source } from './source.js'

/** What one reply settles of a question. With `next` the chain of aliases leads on to a name that is not answered here. */
export interface Judgement {
  readonly status: SecurityStatus
  readonly rcode: number
  readonly canonicalName: Name
  readonly next?: Name
  /** aliases, then data, in order; bogus ones among them */
  readonly judged: readonly JudgedRrset[]
  readonly denial?: Denial
  readonly reason?: Reason
  /** seconds */
  readonly ttl: number
  readonly evidence: readonly Evidence[]
}

interface Work {
  status: SecurityStatus
  reason?: Reason
  ttl: number
  readonly judged: JudgedRrset[]
  readonly evidence: Evidence[]
  readonly seen: Set<string>
}

export async function judge(reply: Answered, source: Source, task: Task): Promise<Judgement> {
  const { question } = reply
  const { type } = question
  const answer = answerOf(reply)
  const work: Work = { status: 'secure', ttl: task.limits.ttlMax, judged: [], evidence: [], seen: new Set() }
  let name = question.name
  for (;;) {
    const step = stepAt(name, type, answer)
    if (step.kind === 'fault') {
      await addFault(step.fault, step.owner, step.rrset, work, reply, source, task)
      const rcode = step.fault === 'aliasTooLong' ? RCODE.YXDOMAIN : RCODE.SERVFAIL
      return finish(work, name, work.status === 'bogus' ? RCODE.SERVFAIL : rcode)
    }
    if (step.kind === 'data') {
      for (const rrset of step.rrsets.slice(0, task.limits.anyRrsets)) await add(rrset, work, reply, source, task)
      return finish(work, name, RCODE.NOERROR)
    }
    if (step.kind === 'none') return nothingAt(name, work, reply, source, task)
    await addLink(step.link, work, reply, source, task)
    if (work.status === 'bogus') return finish(work, name, RCODE.SERVFAIL)
    // RFC 6672 3.1: a question for the CNAME itself is answered by the one that the DNAME gives.
    if (type === TYPE.CNAME) return finish(work, name, RCODE.NOERROR)
    name = step.link.target
    // A forged reply for any name below a DNAME would carry data for the one name it leads to, so an authority's is not taken.
    if (step.link.cname && reply.zone) return { ...finish(work, name, RCODE.NOERROR), next: name }
    // RFC 1034 3.6.2: a chain that comes back to a name it left never ends.
    if (work.seen.has(name.key) || work.seen.size > task.limits.aliases) return { ...finish(work, name, RCODE.NOERROR), next: name }
  }
}

/** A referral answers a DS question with what it says of the delegated zone (RFC 4035 3.1.4). */
function answerOf({ via, message }: Answered): readonly Rrset[] {
  return via === 'referral' ? message.authority.filter((rrset) => rrset.type === TYPE.DS) : message.answer
}

function finish(work: Work, canonicalName: Name, rcode: number, denial?: Denial): Judgement {
  const { status, reason, judged, ttl, evidence } = work
  return { status, rcode, canonicalName, judged, ttl, evidence, ...(denial && { denial }), ...(reason && { reason }) }
}

async function addLink(link: Link, work: Work, reply: Answered, source: Source, task: Task): Promise<void> {
  work.seen.add(link.owner.key)
  note(task, () => ({ event: 'alias', owner: nameToText(link.owner), target: nameToText(link.target), by: link.cname ? 'dname' : 'cname' }))
  const judged = await add(link.rrset, work, reply, source, task)
  if (!link.cname) return
  const { proof } = judged.verdict.status === 'secure' ? judged.verdict : { proof: undefined }
  if (proof?.by === 'signature' && proof.closestEncloser) {
    refuseLast(work, bogus(reason('wildcardDname', { owner: link.rrset.owner, type: TYPE.DNAME })))
    return
  }
  // RFC 6672 5.3.1: the CNAME is not signed; it is as good as the DNAME that gives it.
  const { verdict, ttl } = judged
  const given = verdict.status === 'secure' ? secure({ by: 'dname', dname: link.rrset.owner }, verdict.ttl) : verdict
  work.judged.push({ rrset: link.cname, verdict: given, ttl: Math.min(ttl, link.cname.ttl) })
}

async function add(rrset: Rrset, work: Work, reply: Answered, source: Source, task: Task): Promise<JudgedRrset> {
  const { verdict, evidence } = await judgeRrset(rrset, reply, source, task)
  const judged = { rrset, verdict, ttl: Math.min(verdict.status === 'secure' ? verdict.ttl : rrset.ttl, standsFor(verdict, task)) }
  work.judged.push(judged)
  work.evidence.push(...evidence)
  work.ttl = Math.min(work.ttl, judged.ttl)
  weaken(work, verdict)
  return judged
}

/** Seconds for which a verdict can stand, whatever the TTL of its data: a negative trust anchor may end (RFC 7646 2). */
function standsFor(verdict: Verdict, task: Task): number {
  const until = verdict.status === 'insecure' && verdict.proof.by === 'negative-anchor' ? verdict.proof.until : undefined
  return until === undefined ? task.limits.ttlMax : Math.min(task.limits.ttlMax, Math.max(0, Math.floor((until - task.now) / 1000)))
}

/** Takes back what was thought of the RRset that was judged last. */
function refuseLast(work: Work, verdict: Refused): void {
  const last = work.judged.pop() as JudgedRrset
  work.judged.push({ ...last, verdict })
  weaken(work, verdict)
}

function weaken(work: Work, verdict: Verdict): void {
  if (verdict.status === 'secure') return
  const status = weakest(work.status, verdict.status)
  if (status !== work.status) work.reason = verdict.reason
  work.status = status
}

/** An alias that cannot be followed. The record itself may be sound; the answer is not. */
async function addFault(
  fault: 'aliasWrong' | 'aliasAmbiguous' | 'aliasTooLong',
  owner: Name,
  rrset: Rrset,
  work: Work,
  reply: Answered,
  source: Source,
  task: Task
): Promise<void> {
  const { verdict } = await add(rrset, work, reply, source, task)
  const why = reason(fault, { owner, zone: rrset.owner, type: rrset.type })
  if (fault === 'aliasTooLong') {
    // RFC 6672 2.2: a sound DNAME, whose RCODE is YXDOMAIN; of the name asked for nothing is proven.
    if (verdict.status !== 'bogus') weaken(work, indeterminate(why))
    return
  }
  // Unsigned, nothing tells whether the zone or somebody else made it so; either way it leads nowhere.
  weaken(work, verdict.status === 'secure' ? bogus(why) : indeterminate(why))
}

/** The last name of the chain has no data here: a denial in this reply, or a name to ask for anew. */
async function nothingAt(name: Name, work: Work, reply: Answered, source: Source, task: Task): Promise<Judgement> {
  const { question, message } = reply
  const moved = work.judged.length > 0
  const leadsOn = { ...finish(work, name, RCODE.NOERROR), next: name }
  // What stands beside an alias that is known already proves its wildcard, and nothing of the target for this question.
  if (moved && (reply.via === 'alias' || refers(name, reply) || !mayDeny(name, reply, source, task))) return leadsOn
  const what = message.rcode === RCODE.NXDOMAIN ? 'nxdomain' : 'nodata'
  const denial = await judgeDenial(name, question.type, what, work, reply, source, task)
  // The message may hold the proof of another name only; then the target is asked for itself.
  if (moved && !denial && !(closes(name, reply) && work.status === 'insecure')) return leadsOn
  if (work.status === 'bogus') {
    const hidden = message.malformed.find((record) => record.owner.equals(name) && record.type === question.type)
    if (hidden) work.reason = reason('malformedRdata', { owner: name, type: question.type, detail: hidden.fault })
    return finish(work, name, RCODE.SERVFAIL)
  }
  const nameless = denial?.kind === 'nxdomain' || what === 'nxdomain'
  // The header is not signed: what is proven decides, and only where nothing is proven the RCODE stands as received.
  return finish(work, name, nameless ? RCODE.NXDOMAIN : denial ? RCODE.NOERROR : message.rcode, denial)
}

/**
 * RFC 1034 4.3.2: after an alias a server refers to the zone of the target. What it then proves is that the cut has no DS; with
 * Opt-Out that proof looks like a denial of the target (RFC 5155 8.9, 9.2). A denial has an SOA (RFC 2308 2). A forwarder
 * refers nobody: it has been to the target.
 */
function refers(name: Name, { zone, message: { authority } }: Answered): boolean {
  if (!zone) return false
  const has = (type: number): boolean => authority.some((rrset) => rrset.type === type && name.isAtOrBelow(rrset.owner))
  return has(TYPE.NS) && !has(TYPE.SOA)
}

/** After an alias: whether the reply may go on to deny the target, by an SOA or by signed records of its zone (RFC 2308 2). */
function mayDeny(name: Name, { message }: Answered, source: Source, task: Task): boolean {
  return message.authority.some((rrset) => {
    if (rrset.type === TYPE.SOA) return name.isAtOrBelow(rrset.owner)
    const signer = isDenial(rrset) ? rrset.signatures[0]?.signer : undefined
    return signer !== undefined && name.isAtOrBelow(signer) && withinAnchor(signer, name, source, task)
  })
}

/** RFC 2308 2.1, 2.2: an SOA of the server's own zone ends the chain also where nothing is signed. */
function closes(name: Name, { zone, message }: Answered): boolean {
  const ours = zone === undefined || name.isAtOrBelow(zone)
  return ours && message.authority.some((rrset) => rrset.type === TYPE.SOA && name.isAtOrBelow(rrset.owner))
}

async function judgeDenial(
  name: Name,
  type: number,
  what: 'nxdomain' | 'nodata',
  work: Work,
  reply: Answered,
  source: Source,
  above: Task
): Promise<Denial | undefined> {
  const task = within(above, () => ({ event: 'judge', what: 'denial', name: nameToText(name), type: typeToText(type) }))
  const place = placeOf(name, type)
  const proofRecords = reply.message.authority.filter(isDenial)
  const soa = reply.message.authority.find((rrset) => rrset.type === TYPE.SOA && place.isAtOrBelow(rrset.owner))
  const { coverage, evidence } = await coverageFor(place, denialSigners(place, proofRecords, soa), reply, source, task)
  work.evidence.push(...evidence)
  work.ttl = Math.min(work.ttl, soaTtl(soa, task), task.limits.negativeTtlMax)
  if (!('keys' in coverage)) {
    work.ttl = Math.min(work.ttl, standsFor(coverage, task))
    weaken(work, coverage)
    return undefined
  }
  const { keys } = coverage
  if (soa) {
    const soaVerdict = checkSignatures(soa, keys, task)
    if (soaVerdict.status !== 'secure') {
      weaken(work, soaVerdict)
      return undefined
    }
    work.ttl = Math.min(work.ttl, soaVerdict.ttl)
  }
  const proofs = admitProofs(proofRecords, keys, task)
  source.proven?.(proofs, soa, reply, task)
  if (Number.isFinite(proofs.ttl)) work.ttl = Math.min(work.ttl, proofs.ttl)
  const result = prove({ name, type, what }, proofs, task)
  if ('status' in result) {
    weaken(work, result as Insecure | Refused)
    return undefined
  }
  return denialOf(name, result, work)
}

function denialOf(name: Name, proof: DenialProof, work: Work): Denial {
  // RFC 5155 9.2: under Opt-Out the denial is not authenticated.
  if (proof.optOut) {
    weaken(work, {
      status: 'insecure',
      proof: { by: 'opt-out', zone: proof.zone, denial: proof },
      reason: reason('optOut', { zone: proof.zone, owner: name })
    })
  }
  const kind = proof.proves === 'wildcard' ? 'nodata' : proof.proves
  return { kind: kind === 'insecure-delegation' && !proof.optOut ? 'insecure-delegation' : kind, by: proof.by, optOut: proof.optOut }
}

const denialSigners = (place: Name, proofs: readonly Rrset[], soa: Rrset | undefined): Name[] =>
  distinct(
    [...proofs, ...(soa ? [soa] : [])]
      .flatMap((rrset) => rrset.signatures.map((one) => one.signer))
      .filter((signer) => place.isAtOrBelow(signer))
  )

/**
 * RFC 2308 5: the least of the SOA's TTL and its MINIMUM. Without an SOA it is not to be cached; it is kept as briefly as a
 * failure, so that the same servers are not asked in a row.
 */
function soaTtl(soa: Rrset | undefined, task: Task): number {
  if (!soa) return task.limits.failureTtl
  const minimum = tryRead(readSoa, soa.rdatas[0] as Uint8Array)?.minimum ?? 0
  return Math.min(soa.ttl, minimum)
}
