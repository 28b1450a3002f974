// The chain of trust: what a name is as a zone, from a trust anchor down (RFC 4035 5), and which zone covers a name.
// A zone is trusted by its DS, and a DS by the keys of the zone that signs it, so the chain is walked from the signer up to
// what is known. Only unsigned data makes it walk down label by label, in search of the proof that a cut has no DS.

import { reason } from '../verdict/reason.js'
import type { Answered, Reply } from '../verdict/reply.js'
import type { SecurityStatus } from '../verdict/status.js'
import { note, type Task, within } from '../verdict/task.js'
import { bogus, type DenialProof, type Insecure, indeterminate, insecure, type Refused } from '../verdict/verdict.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, TYPE, typeToText } from '../wire/numbers.js'
import { type Ds, readDs } from '../wire/rdata/ds.js'
import { tryRead } from '../wire/rdata/read.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'
import { prove, proveNoDs } from './denial.js'
import { type Evidence, evidenceOf, noteEvidence, outOfTime, withinEvidence } from './evidence.js'
import { type TrustedKeys, trustByAnchor, trustByDs } from './keys.js'
import { admitProofs, isDenial } from './proofs.js'
import { checkSignatures } from './signature.js'
import type { Source } from './source.js'

/** What a name is as a zone. `noCut`: it is proven not to be one. */
export type ZoneFinding =
  | { readonly status: 'secure'; readonly keys: TrustedKeys }
  | { readonly status: 'noCut'; readonly exists: boolean }
  | Insecure
  | Refused

export interface ZoneVerdict {
  readonly finding: ZoneFinding
  /** seconds from the task's instant for which it may be kept */
  readonly ttl: number
  /** what it rests on, that of the zones above included */
  readonly evidence: readonly Evidence[]
}

/** The status of a name's zone: its keys, or why it has none that count. */
export type Coverage = { readonly status: 'secure'; readonly keys: TrustedKeys } | Insecure | Refused

const questionFor = (name: Name, type: number): Question => ({ name, type, class: CLASS.IN })

/** What the name is as a zone: by its own anchor or by its DS. `noCut` when it is none. */
export async function zoneAt(name: Name, source: Source, task: Task): Promise<ZoneVerdict> {
  const anchor = source.anchors.covering(name, task.now)
  if (!anchor) return { finding: indeterminate(reason('noAnchor', { owner: name })), ttl: 0, evidence: [] }
  if (anchor.kind === 'negative') {
    note(task, () => ({ event: 'anchor', zone: nameToText(anchor.zone), by: 'negative-anchor', keyTags: [] }))
    const until = anchor.until === undefined ? task.limits.ttlMax : Math.max(0, Math.floor((anchor.until - task.now) / 1000))
    const finding = insecure(
      { by: 'negative-anchor', zone: anchor.zone, until: anchor.until },
      reason('negativeAnchor', { zone: anchor.zone })
    )
    return { finding, ttl: until, evidence: [] }
  }
  const judging = within(task, () => ({ event: 'judge', what: 'zone', name: nameToText(name), type: 'DNSKEY' }))
  const verdict = await source.zone(name, judging, () =>
    anchor.zone.equals(name) ? zoneByAnchor(name, source, judging) : zoneByDs(name, source, judging)
  )
  noteEvidence(verdict.evidence, judging)
  note(judging, () => ({ event: 'zone', zone: nameToText(name), ...zoneStatus(verdict.finding) }))
  return verdict
}

function zoneStatus(finding: ZoneFinding): { status: SecurityStatus | 'no-cut'; reason?: Refused['reason'] } {
  if (finding.status === 'noCut') return { status: 'no-cut' }
  return 'reason' in finding ? { status: finding.status, reason: finding.reason } : { status: 'secure' }
}

/**
 * The status of the zone that holds `name`. `cut` is the zone whose servers answered, when it is known: it saves the walk
 * above it. Insecure as soon as a cut on the way is proven to have no DS (RFC 4035 5.2).
 */
export async function coverageOf(
  name: Name,
  cut: Name | undefined,
  source: Source,
  task: Task
): Promise<{ coverage: Coverage; evidence: readonly Evidence[] }> {
  const anchor = source.anchors.covering(name, task.now)
  const start = anchor?.zone ?? name
  let current = await zoneAt(start, source, task)
  if (current.finding.status !== 'secure') return { coverage: unlessNoCut(current.finding, name), evidence: current.evidence }
  let keys = current.finding.keys
  const known = cut?.isBelow(start) && name.isAtOrBelow(cut) ? [cut] : []
  const first = (known[0] ?? start).labelCount + 1
  const steps = [...known, ...Array.from({ length: Math.max(0, name.labelCount - first + 1) }, (_, i) => name.ancestor(first + i))]
  const evidence = [...current.evidence]
  for (const step of steps) {
    current = await zoneAt(step, source, task)
    evidence.push(...current.evidence)
    const { finding } = current
    if (finding.status === 'noCut') {
      if (!finding.exists) break // nothing of this zone is below a name that does not exist
      continue
    }
    // Below a cut that is known, the servers of a signed zone gave unsigned data and nobody shows a cut to explain it.
    if (finding.status === 'indeterminate' && cut && step.isBelow(cut)) {
      return { coverage: bogus(reason('signatureMissing', { zone: keys.zone, owner: name })), evidence }
    }
    if (finding.status === 'indeterminate' && step === cut) {
      // Nobody answers for its DS, which is of no account below a cut that is proven to have none.
      const above = await coverageOf(step.parent(), undefined, source, task)
      if (above.coverage.status === 'insecure') return { coverage: above.coverage, evidence: [...evidence, ...above.evidence] }
    }
    if (finding.status !== 'secure') return { coverage: finding, evidence }
    keys = finding.keys
  }
  return { coverage: { status: 'secure', keys }, evidence }
}

function unlessNoCut(finding: Exclude<ZoneFinding, { status: 'secure' }>, name: Name): Insecure | Refused {
  return finding.status === 'noCut' ? bogus(reason('dnskeyMissing', { zone: name, owner: name, type: TYPE.DNSKEY })) : finding
}

/**
 * Asks again elsewhere while what came does not hold. Keeps the first reason, since later roads are often worse, and against all
 * but a proof: also when there is no time for another try.
 */
async function withRetries(
  question: Question,
  source: Source,
  task: Task,
  judge: (reply: Reply, task: Task) => Promise<ZoneVerdict>
): Promise<ZoneVerdict> {
  let kept: ZoneVerdict | undefined
  for (let attempt = 0; attempt <= task.limits.bogusRetries; attempt++) {
    const looking = within(task, () => ({
      event: 'lookup',
      name: nameToText(question.name),
      type: typeToText(question.type),
      purpose: 'chain',
      attempt
    }))
    const before: readonly Evidence[] = kept?.evidence ?? []
    try {
      const reply = await source.ask(question, looking, attempt)
      const evidence = evidenceOf(reply, attempt)
      const below = withinEvidence(evidence, looking)
      if (reply.kind === 'failure' && kept) return { ...kept, evidence: [...before, evidence] }
      const verdict = await judge(reply, below)
      const all = { ...verdict, evidence: [...before, evidence, ...verdict.evidence] }
      const { status } = verdict.finding
      if ((status !== 'bogus' && !(kept && status === 'indeterminate')) || reply.kind === 'failure') return all
      kept = kept ? { ...kept, evidence: all.evidence } : all
    } catch (error) {
      if (!kept || !task.signal.aborted) throw error
      const evidence = evidenceOf(outOfTime(question, task), attempt)
      withinEvidence(evidence, looking)
      return { ...kept, evidence: [...before, evidence] }
    }
    if (task.budget.exhausted) break
  }
  return kept as ZoneVerdict
}

const refusedFor = (finding: Refused, task: Task, evidence: readonly Evidence[] = []): ZoneVerdict => ({
  finding,
  ttl: finding.status === 'bogus' ? task.limits.bogusTtl : task.limits.failureTtl,
  evidence
})

function zoneByAnchor(zone: Name, source: Source, above: Task): Promise<ZoneVerdict> {
  return withRetries(questionFor(zone, TYPE.DNSKEY), source, above, async (reply, task) => {
    if (reply.kind === 'failure') return refusedFor(indeterminate(reply.reason), task)
    const anchor = source.anchors.covering(zone, task.now)
    if (anchor?.kind !== 'positive') return refusedFor(indeterminate(reason('noAnchor', { owner: zone })), task)
    const keyTags = [...anchor.ds, ...anchor.keys].map((key) => key.keyTag)
    note(task, () => ({ event: 'anchor', zone: nameToText(zone), by: 'trust-anchor', keyTags }))
    return trusted(trustByAnchor(anchor, dnskeysOf(reply, zone), task), task.limits.ttlMax, task)
  })
}

async function zoneByDs(zone: Name, source: Source, above: Task): Promise<ZoneVerdict> {
  let found: FoundDs | undefined
  const byParent = await withRetries(questionFor(zone, TYPE.DS), source, above, async (reply, task) => {
    const result = await findDs(zone, reply, source, task)
    if ('finding' in result) return result
    found = result
    return { finding: { status: 'noCut', exists: true }, ttl: result.ttl, evidence: result.evidence }
  })
  if (!found) return byParent
  const { ds, ttl } = found
  const byChild = await withRetries(questionFor(zone, TYPE.DNSKEY), source, above, async (reply, task) => {
    // A DS of nothing that is supported makes the zone insecure whatever its servers say (RFC 4035 5.2).
    if (reply.kind === 'failure') {
      const unsupported = trustByDs(zone, ds, undefined, task)
      return unsupported.status === 'insecure' ? trusted(unsupported, ttl, task) : refusedFor(indeterminate(reply.reason), task)
    }
    return trusted(trustByDs(zone, ds, dnskeysOf(reply, zone), task), ttl, task)
  })
  return { ...byChild, evidence: [...byParent.evidence, ...byChild.evidence] }
}

function trusted(result: ReturnType<typeof trustByDs>, parentTtl: number, task: Task): ZoneVerdict {
  if (result.status === 'secure') {
    return { finding: { status: 'secure', keys: result.keys }, ttl: Math.min(result.ttl, parentTtl, task.limits.ttlMax), evidence: [] }
  }
  if (result.status === 'insecure') return { finding: result, ttl: Math.min(parentTtl, task.limits.ttlMax), evidence: [] }
  return refusedFor(result, task)
}

const dnskeysOf = (reply: Answered, zone: Name): Rrset | undefined =>
  reply.message.answer.find((rrset) => rrset.type === TYPE.DNSKEY && rrset.owner.equals(zone))

interface FoundDs {
  readonly ds: readonly Ds[]
  readonly ttl: number
  readonly evidence: readonly Evidence[]
}

/** Judges what a reply says of the DS of `zone`: a secure DS RRset, or what its absence means. */
async function findDs(zone: Name, reply: Reply, source: Source, task: Task): Promise<FoundDs | ZoneVerdict> {
  if (reply.kind === 'failure') return refusedFor(indeterminate(reply.reason), task)
  const { message } = reply
  const section = reply.via === 'referral' ? message.authority : message.answer
  const rrset = section.find((one) => one.type === TYPE.DS && one.owner.equals(zone))
  if (rrset) return dsFromRrset(zone, rrset, reply, source, task)
  const alias = message.answer.find((one) => one.type === TYPE.CNAME && one.owner.equals(zone))
  if (alias) return noDsBesideAlias(zone, alias, reply, source, task)
  return absentDs(zone, reply, source, task)
}

/** RFC 4035 5.2: the DS RRset is signed by the parent, which is above the zone and not the zone itself. */
async function dsFromRrset(zone: Name, rrset: Rrset, reply: Answered, source: Source, task: Task): Promise<FoundDs | ZoneVerdict> {
  const parent = await signingZone(rrset, zone, reply, source, task)
  if (!('keys' in parent.coverage)) return fromCoverage(parent.coverage, task, parent.evidence)
  const verdict = checkSignatures(rrset, parent.coverage.keys, task)
  if (verdict.status !== 'secure') return refusedFor(verdict, task, parent.evidence)
  if (verdict.proof.closestEncloser) {
    return refusedFor(bogus(reason('proofExpanded', { zone: verdict.proof.signer, owner: zone, type: TYPE.DS })), task, parent.evidence)
  }
  const ds = rrset.rdatas.map((rdata) => tryRead(readDs, rdata)).filter((one): one is Ds => one !== undefined)
  return { ds, ttl: verdict.ttl, evidence: parent.evidence }
}

/** A secure CNAME at the name: no zone cut can be there (RFC 1034 3.6.2, RFC 4035 2.5). */
async function noDsBesideAlias(zone: Name, alias: Rrset, reply: Answered, source: Source, task: Task): Promise<ZoneVerdict> {
  const parent = await signingZone(alias, zone, reply, source, task)
  if (!('keys' in parent.coverage)) return fromCoverage(parent.coverage, task, parent.evidence)
  const verdict = checkSignatures(alias, parent.coverage.keys, task)
  if (verdict.status !== 'secure') return refusedFor(verdict, task, parent.evidence)
  const { closestEncloser } = verdict.proof
  if (closestEncloser) {
    // RFC 4035 5.3.4: a wildcard's CNAME counts only where the name itself is proven not to exist.
    const proofs = admitProofs(reply.message.authority, parent.coverage.keys, task)
    const denial = prove({ name: zone, type: TYPE.CNAME, what: 'wildcard', closestEncloser }, proofs, task)
    if ('status' in denial && denial.status === 'bogus') return refusedFor(denial, task, parent.evidence)
  }
  return { finding: { status: 'noCut', exists: true }, ttl: verdict.ttl, evidence: parent.evidence }
}

async function absentDs(zone: Name, reply: Answered, source: Source, task: Task): Promise<ZoneVerdict> {
  const records = reply.message.authority.filter(isDenial)
  const signed = records.find((rrset) => parentSigner(rrset, zone) !== undefined)
  const parent = signed
    ? await signingZone(signed, zone, reply, source, task)
    : await coverageOf(zone.parent(), parentCut(zone, reply), source, task)
  if (!('keys' in parent.coverage)) return fromCoverage(parent.coverage, task, parent.evidence)
  const { keys } = parent.coverage
  const proofs = admitProofs(records, keys, task)
  source.proven?.(proofs, undefined, reply, task)
  const denial = proveNoDs(zone, proofs, task)
  if ('status' in denial) {
    if (denial.status === 'insecure') return { finding: denial, ttl: negativeTtl(proofs.ttl, task), evidence: parent.evidence }
    return refusedFor(denial, task, parent.evidence)
  }
  return { finding: absence(zone, denial), ttl: negativeTtl(proofs.ttl, task), evidence: parent.evidence }
}

/** What a proven absence of DS means (RFC 6840 4.4, RFC 5155 8.9): only at a zone cut is what lies below insecure. */
function absence(zone: Name, denial: DenialProof): ZoneFinding {
  if (denial.optOut && denial.proves !== 'nxdomain')
    return insecure({ by: 'opt-out', zone, denial }, reason('optOut', { zone: denial.zone, owner: zone }))
  if (denial.proves === 'insecure-delegation') return insecure({ by: 'no-ds', zone, denial }, reason('noDs', { zone }))
  if (denial.optOut) return insecure({ by: 'opt-out', zone, denial }, reason('optOut', { zone: denial.zone, owner: zone }))
  return { status: 'noCut', exists: denial.proves !== 'nxdomain' }
}

const negativeTtl = (ttl: number, task: Task): number => Math.min(Number.isFinite(ttl) ? ttl : 0, task.limits.negativeTtlMax)

function fromCoverage(coverage: Insecure | Refused, task: Task, evidence: readonly Evidence[]): ZoneVerdict {
  if (coverage.status === 'insecure') return { finding: coverage, ttl: task.limits.negativeTtlMax, evidence }
  return refusedFor(coverage, task, evidence)
}

/** The signer that a DS-side record of `zone` names: strictly above it (RFC 4035 5.2). */
const parentSigner = (rrset: Rrset, zone: Name): Name | undefined =>
  rrset.signatures.find((one) => zone.isBelow(one.signer) && rrset.owner.isAtOrBelow(one.signer))?.signer

const parentCut = (zone: Name, reply: Answered): Name | undefined => (reply.zone && zone.isBelow(reply.zone) ? reply.zone : undefined)

/** The zone above `zone` that signs the RRset, with its coverage; without a fit signature the zone that covers the parent. */
async function signingZone(rrset: Rrset, zone: Name, reply: Answered, source: Source, task: Task) {
  const signer = parentSigner(rrset, zone)
  if (signer && withinAnchor(signer, zone.parent(), source, task)) {
    const verdict = await zoneAt(signer, source, task)
    if (verdict.finding.status !== 'noCut') return { coverage: verdict.finding, evidence: verdict.evidence }
  }
  return coverageOf(zone.parent(), parentCut(zone, reply), source, task)
}

/** The closest enclosing anchor decides (RFC 6840 appendix C): a signer above it has no say. */
export function withinAnchor(signer: Name, name: Name, source: Source, task: Task): boolean {
  const anchor = source.anchors.covering(name, task.now)
  return anchor === undefined || signer.isAtOrBelow(anchor.zone)
}
