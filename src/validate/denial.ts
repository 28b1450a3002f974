// Which proof a claim needs: NXDOMAIN, NODATA, a wildcard answer. NSEC and NSEC3 records are never combined in one proof.

import { reason } from '../verdict/reason.js'
import { note, type Task } from '../verdict/task.js'
import { bogus, type DenialProof, type Insecure, insecure, type Refused } from '../verdict/verdict.js'
import type { Name } from '../wire/name.js'
import { TYPE, typeToText } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'
import { nsecNameError, nsecNoData, nsecWildcard } from './nsec.js'
import { nsec3NameError, nsec3NoData, nsec3Wildcard } from './nsec3.js'
import { type Denied, type Nsec3Chain, type Proofs, refuse } from './proofs.js'

export interface Claim {
  readonly name: Name
  readonly type: number
  readonly what: 'nxdomain' | 'nodata' | 'wildcard'
  /** of a wildcard answer: the name above the wildcard that was used */
  readonly closestEncloser?: Name
}

/** The denial that the claim needs, or why there is none. A zone that hashes too often is insecure, and nothing is hashed. */
export function prove(claim: Claim, proofs: Proofs, task: Task): DenialProof | Insecure | Refused {
  // RFC 9276 3.2: the records' signatures hold, so it is the zone itself that asks for this much work.
  const costly = proofs.chains.find((chain) => chain.iterations > task.limits.nsec3Iterations)
  if (costly) return tooManyIterations(costly, task)
  const denied = proofs.nsec.length + proofs.chains.length === 0 ? refuse('denialMissing', 'there is none') : best(claim, proofs, task)
  note(task, () => ({
    event: 'denial',
    owner: nameToText(claim.name),
    type: typeToText(claim.type),
    zone: nameToText(proofs.zone),
    ...('refused' in denied ? { why: `${denied.refused}: ${denied.detail}`, rule: 'RFC 4035 5.4' } : told(denied))
  }))
  if (!('refused' in denied)) return denied
  if (proofs.refused && denied.refused !== 'denialWrong' && denied.refused !== 'limitReached') return proofs.refused
  const { refused, detail, limit } = denied
  return bogus(reason(refused, { zone: proofs.zone, owner: claim.name, type: claim.type, detail, limit }))
}

/** A DS is missing at a zone cut, at any other name, or under an Opt-Out span; a name error also tells that there is no cut. */
export function proveNoDs(name: Name, proofs: Proofs, task: Task): DenialProof | Insecure | Refused {
  const noData = prove({ name, type: TYPE.DS, what: 'nodata' }, proofs, task)
  if (!('status' in noData) || noData.status === 'insecure') return noData
  const nameError = prove({ name, type: TYPE.DS, what: 'nxdomain' }, proofs, task)
  return 'status' in nameError ? noData : nameError
}

function best(claim: Claim, proofs: Proofs, task: Task): Denied {
  const attempts: (() => Denied)[] = [
    ...(proofs.nsec.length > 0 ? [() => byNsec(claim, proofs)] : []),
    ...proofs.chains.map((chain) => () => byNsec3(claim, chain, task))
  ]
  let first: Denied | undefined
  for (const attempt of attempts) {
    const denied = attempt()
    // A chain that could not be looked at may be the one that proves it.
    if (!('refused' in denied) || denied.refused === 'limitReached') return denied
    first ??= denied
  }
  return first as Denied
}

function byNsec(claim: Claim, proofs: Proofs): Denied {
  if (claim.what === 'nxdomain') return nsecNameError(claim.name, proofs)
  if (claim.what === 'nodata') return nsecNoData(claim.name, claim.type, proofs)
  return nsecWildcard(claim.name, claim.closestEncloser as Name, proofs)
}

function byNsec3(claim: Claim, chain: Nsec3Chain, task: Task): Denied {
  if (claim.what === 'nxdomain') return nsec3NameError(claim.name, chain, task)
  if (claim.what === 'nodata') return nsec3NoData(claim.name, claim.type, chain, task)
  return nsec3Wildcard(claim.name, claim.closestEncloser as Name, chain, task)
}

function tooManyIterations(chain: Nsec3Chain, task: Task): Insecure {
  const facts = { zone: chain.zone, count: chain.iterations, limit: task.limits.nsec3Iterations }
  return insecure({ by: 'iterations', zone: chain.zone, iterations: chain.iterations }, reason('tooManyIterations', facts))
}

function told(proof: DenialProof) {
  return {
    proves: proof.proves,
    by: proof.by,
    optOut: proof.optOut,
    rule: proof.rule,
    ...(proof.closestEncloser && { closestEncloser: nameToText(proof.closestEncloser) }),
    ...(proof.nextCloser && { nextCloser: nameToText(proof.nextCloser) })
  }
}
