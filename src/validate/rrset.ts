// The verdict on one RRset of a reply: signed by its zone, or covered by a zone that is proven to be insecure (RFC 4035 5).

import { reason } from '../verdict/reason.js'
import type { Answered } from '../verdict/reply.js'
import { note, type Task, within } from '../verdict/task.js'
import { bogus, type Insecure, indeterminate, insecure, type Refused, type SignatureProof, type Verdict } from '../verdict/verdict.js'
import { type Name, WILDCARD } from '../wire/name.js'
import { TYPE, typeToText } from '../wire/numbers.js'
import type { Rrsig } from '../wire/rdata/rrsig.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'
import { type Coverage, coverageOf, withinAnchor, zoneAt } from './chain.js'
import { prove } from './denial.js'
import type { Evidence } from './evidence.js'
import type { TrustedKeys } from './keys.js'
import { admitProofs } from './proofs.js'
import { checkSignatures, type SecureRrset } from './signature.js'
import type { Source } from './source.js'

export interface RrsetFinding {
  readonly verdict: Verdict
  readonly evidence: readonly Evidence[]
}

export async function judgeRrset(rrset: Rrset, reply: Answered, source: Source, above: Task): Promise<RrsetFinding> {
  const task = within(above, () => ({ event: 'judge', what: 'rrset', name: nameToText(rrset.owner), type: typeToText(rrset.type) }))
  const finding = await findVerdict(rrset, reply, source, task)
  note(task, () => ({
    event: 'rrset',
    owner: nameToText(rrset.owner),
    type: typeToText(rrset.type),
    status: finding.verdict.status,
    ...('reason' in finding.verdict && { reason: finding.verdict.reason })
  }))
  return finding
}

async function findVerdict(rrset: Rrset, reply: Answered, source: Source, task: Task): Promise<RrsetFinding> {
  const { owner, type } = rrset
  const { recordsPerRrset } = task.limits
  if (rrset.rdatas.length > recordsPerRrset) {
    return { verdict: bogus(reason('limitReached', { owner, type, detail: 'recordsPerRrset', limit: recordsPerRrset })), evidence: [] }
  }
  // RFC 4035 3.1.4.1: what is given in place of a DS is of the zone above as well; no zone has a CNAME at its apex.
  const place = placeOf(owner, type === TYPE.CNAME && reply.question.type === TYPE.DS ? TYPE.DS : type)
  const { coverage, evidence } = await coverageFor(place, signersOf(rrset, place), reply, source, task)
  if (!('keys' in coverage)) return { verdict: coverage, evidence }
  // RFC 4035 2.2: an RRSIG is never signed, so nothing can be said of it.
  if (type === TYPE.RRSIG)
    return { verdict: indeterminate(reason('signaturesUnsigned', { zone: coverage.keys.zone, owner, type })), evidence }
  if (rrset.signatures.length === 0)
    return { verdict: bogus(reason('signatureMissing', { zone: coverage.keys.zone, owner, type })), evidence }
  const verdict = checkSignatures(rrset, coverage.keys, task)
  if (verdict.status !== 'secure' || !verdict.proof.closestEncloser) return { verdict, evidence }
  return { verdict: wildcardVerdict(rrset, verdict, coverage.keys, reply, source, task), evidence }
}

/** A DS belongs to the zone above its owner (RFC 4035 2.4). */
export const placeOf = (owner: Name, type: number): Name => (type === TYPE.DS && !owner.isRoot ? owner.parent() : owner)

/** Signers that could be the zone of `rrset`, deepest first. */
function signersOf(rrset: Rrset, place: Name): Name[] {
  const fit = rrset.signatures.map((one) => one.signer).filter((signer) => place.isAtOrBelow(signer))
  return distinct(fit)
}

export function distinct(names: readonly Name[]): Name[] {
  const byKey = new Map(names.map((name) => [name.key, name]))
  return [...byKey.values()].sort((a, b) => b.labelCount - a.labelCount)
}

/** How many different signers of one RRset are looked at: an honest zone has one. */
const SIGNERS_TRIED = 2

/**
 * The zone whose keys count for data at `place`: the one that a signature names, if it is a zone at or below the cut whose
 * servers answered; without one, whatever zone covers the place.
 */
export async function coverageFor(
  place: Name,
  signers: readonly Name[],
  reply: Answered,
  source: Source,
  task: Task
): Promise<{ coverage: Coverage; evidence: readonly Evidence[] }> {
  const cut = reply.zone && place.isAtOrBelow(reply.zone) ? reply.zone : undefined
  for (const signer of signers.slice(0, SIGNERS_TRIED)) {
    // RFC 4035 5.3.1: the signer is the zone that holds the RRset, and a parent's key does not sign a child's data.
    if (cut && !signer.isAtOrBelow(cut)) continue
    if (!withinAnchor(signer, place, source, task)) continue
    const verdict = await zoneAt(signer, source, task)
    if (verdict.finding.status !== 'noCut') return { coverage: verdict.finding, evidence: verdict.evidence }
  }
  return coverageOf(place, cut, source, task)
}

/** RFC 4035 5.3.4, RFC 5155 8.8: the wildcard counts only when the next closer name is denied; by Opt-Out it is insecure. */
function wildcardVerdict(
  rrset: Rrset,
  verdict: SecureRrset,
  keys: TrustedKeys,
  reply: Answered,
  source: Source,
  task: Task
): Verdict | Insecure | Refused {
  const { owner, type } = rrset
  const { closestEncloser } = verdict.proof
  const proofs = admitProofs(reply.message.authority, keys, task)
  source.proven?.(proofs, undefined, reply, task)
  const denial = prove({ name: owner, type, what: 'wildcard', closestEncloser }, proofs, task)
  if ('status' in denial) {
    if (denial.status === 'insecure' || denial.reason.kind !== 'denialMissing') return denial
    return bogus(reason('wildcardNotProven', { zone: keys.zone, owner, type }))
  }
  if (denial.optOut) return insecure({ by: 'opt-out', zone: keys.zone, denial }, reason('optOut', { zone: keys.zone, owner }))
  source.expanded?.(wildcardOf(rrset, verdict.proof), keys.zone, verdict.ttl, reply, task)
  return { ...verdict, ttl: Math.min(verdict.ttl, proofs.ttl) }
}

/** The RRset as its zone holds it, with the signature that was found to hold and no other (RFC 4035 5.3.2). */
function wildcardOf(rrset: Rrset, { closestEncloser, keyTag, algorithm, expiration }: SignatureProof): Rrset {
  const encloser = closestEncloser as Name
  const holds = (one: Rrsig): boolean =>
    one.keyTag === keyTag && one.algorithm === algorithm && one.labels === encloser.labelCount && one.expiration === expiration
  return { ...rrset, owner: encloser.child(WILDCARD), signatures: rrset.signatures.filter(holds) }
}
