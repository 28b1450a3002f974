// Whether an RRset is signed by trusted keys of its zone (RFC 4035 5.3, RFC 4034 3).

import { algorithmMnemonic, algorithmSupported, keyForm } from '../crypto/algorithms.js'
import { type Facts, type ReasonKind, reason } from '../verdict/reason.js'
import { note, nowSeconds, type Task } from '../verdict/task.js'
import { bogus, type Refused, type Secure, type SignatureProof, secure } from '../verdict/verdict.js'
import { signedData } from '../wire/canonical.js'
import type { Name } from '../wire/name.js'
import { typeToText } from '../wire/numbers.js'
import { type Dnskey, REVOKE, ZONE_KEY } from '../wire/rdata/dnskey.js'
import type { Rrsig } from '../wire/rdata/rrsig.js'
import { serialLess } from '../wire/rdata/serial.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'
import type { TrustedKeys } from './keys.js'

/** Which failure says most when several signatures fail: the one further down the road to a good signature. */
const TELLING: readonly ReasonKind[] = [
  'limitReached',
  'signatureWrong',
  'signatureExpired',
  'signatureNotYetValid',
  'signatureExpiredBeforeValid',
  'keyRevoked',
  'zoneKeyBitClear',
  'keyProtocolWrong',
  'keyUnusable',
  'keyMissing',
  'labelsWrong',
  'signatureMalformed',
  'signerWrong',
  'signatureUnsupported',
  'signatureMissing'
]

interface Failure {
  readonly kind: ReasonKind
  readonly facts: Facts
}

export type SecureRrset = Secure & { readonly proof: SignatureProof }

/**
 * Secure as soon as one signature holds (RFC 4035 5.3.3); `ttl` is then capped by it. Bogus with the most telling reason
 * otherwise. A proof with `closestEncloser` is only half of one: the denial of the next closer name is the caller's.
 */
export function checkSignatures(rrset: Rrset, keys: TrustedKeys, task: Task): SecureRrset | Refused {
  const failures: Failure[] = []
  const facts: Facts = { zone: keys.zone, owner: rrset.owner, type: rrset.type, now: nowSeconds(task) }
  for (const signature of exactFirst(rrset).slice(0, task.limits.signaturesPerRrset)) {
    const result = checkOne(rrset, signature, keys, task)
    if ('by' in result) return secure(result, cappedTtl(rrset, signature, task)) as SecureRrset
    failures.push(result)
    if (result.kind === 'limitReached') break
  }
  const worst = failures.sort((a, b) => TELLING.indexOf(a.kind) - TELLING.indexOf(b.kind))[0]
  return bogus(worst ? reason(worst.kind, { ...facts, ...worst.facts }) : reason('signatureMissing', facts))
}

/** An RRSIG over the owner itself needs no proof beside it, one over a wildcard does (RFC 4035 5.3.4): the better ones come first. */
function exactFirst({ owner, signatures }: Rrset): readonly Rrsig[] {
  const labels = countedLabels(owner)
  if (signatures.length < 2 || signatures.every((one) => one.labels === labels)) return signatures
  return [...signatures.filter((one) => one.labels === labels), ...signatures.filter((one) => one.labels !== labels)]
}

function checkOne(rrset: Rrset, signature: Rrsig, keys: TrustedKeys, task: Task): SignatureProof | Failure {
  const result = shapeFault(rrset, signature, keys) ?? timeFault(signature, task) ?? checkWithKeys(rrset, signature, keys, task)
  const told = 'by' in result ? result : { kind: result.kind, facts: { ...factsOf(signature), ...result.facts } }
  note(task, () => ({
    event: 'signature',
    owner: nameToText(rrset.owner),
    type: typeToText(rrset.type),
    signer: nameToText(signature.signer),
    keyTag: signature.keyTag,
    algorithm: algorithmMnemonic(signature.algorithm),
    labels: signature.labels,
    inception: signature.inception,
    expiration: signature.expiration,
    holds: 'by' in told,
    ...('kind' in told && { why: told.kind }),
    rule: 'RFC 4035 5.3'
  }))
  return told
}

const factsOf = (signature: Rrsig): Facts => ({
  keyTag: signature.keyTag,
  algorithm: algorithmMnemonic(signature.algorithm),
  expiration: signature.expiration,
  inception: signature.inception
})

/** The Labels field does not count a leftmost '*' (RFC 4034 3.1.3). */
const countedLabels = (owner: Name): number => owner.labelCount - (owner.isWildcard ? 1 : 0)

/** RFC 4035 5.3.1: what must fit before any key is looked at. */
function shapeFault(rrset: Rrset, signature: Rrsig, keys: TrustedKeys): Failure | undefined {
  const { owner } = rrset
  if (signature.typeCovered !== rrset.type) return { kind: 'signatureMalformed', facts: { detail: 'it covers another type' } }
  if (!signature.signer.equals(keys.zone) || !owner.isAtOrBelow(keys.zone)) {
    return { kind: 'signerWrong', facts: { zone: signature.signer } }
  }
  if (signature.labels > countedLabels(owner)) return { kind: 'labelsWrong', facts: { detail: 'more labels than the owner has' } }
  // RFC 4034 3.1.3: the wildcard lies in the signer's zone, so it cannot have fewer labels than the zone.
  if (signature.labels < keys.zone.labelCount) return { kind: 'labelsWrong', facts: { detail: 'fewer labels than the signer has' } }
  return undefined
}

/** RFC 4035 5.3.1, RFC 4034 3.1.5: both ends of the validity window belong to it; times are serial numbers (RFC 1982). */
function timeFault(signature: Rrsig, task: Task): Failure | undefined {
  const now = nowSeconds(task) >>> 0
  const { inception, expiration } = signature
  if (serialLess(expiration, inception)) return { kind: 'signatureExpiredBeforeValid', facts: {} }
  if (serialLess(expiration, now)) return { kind: 'signatureExpired', facts: {} }
  if (serialLess(now, inception)) return { kind: 'signatureNotYetValid', facts: {} }
  return undefined
}

/**
 * Tries each key of this tag and algorithm, at most `keysPerTag` (RFC 4034 appendix B: a tag is not unique). It is one failure when
 * none of them fits: of two keys that share a tag the wrong one is not the zone's fault.
 */
function checkWithKeys(rrset: Rrset, signature: Rrsig, keys: TrustedKeys, task: Task): SignatureProof | Failure {
  if (!algorithmSupported(signature.algorithm, task.policy)) {
    return { kind: 'signatureUnsupported', facts: {} }
  }
  const named = keys.keys.filter((key) => key.keyTag === signature.keyTag && key.algorithm === signature.algorithm)
  let failure: Failure = noKey(signature, keys)
  let data: Uint8Array | undefined
  let wrong = false
  for (const key of named.slice(0, task.limits.keysPerTag)) {
    const fault = keyFault(key, task)
    if (fault) {
      failure = fault
      continue
    }
    if (task.budget.exhausted === 'signatureFailures') return overLimit('signatureFailures', task)
    if (!task.budget.spend('signatureChecks')) return overLimit('signatureChecks', task)
    data ??= signedData(rrset, signature)
    if (task.crypto.verify(key.algorithm, key.publicKey, data, signature.signature)) return proofOf(rrset, signature)
    failure = { kind: 'signatureWrong', facts: {} }
    wrong = true
  }
  if (wrong && !task.budget.spend('signatureFailures')) return overLimit('signatureFailures', task)
  return failure
}

function proofOf(rrset: Rrset, signature: Rrsig): SignatureProof {
  const { signer, keyTag, algorithm, expiration, labels } = signature
  const expanded = labels < countedLabels(rrset.owner)
  return {
    by: 'signature',
    signer,
    keyTag,
    algorithm,
    expiration,
    ...(expanded && { closestEncloser: rrset.owner.ancestor(labels) })
  }
}

/** A key whose Zone Key bit was cleared has another tag than the signature names, so it is looked for by its algorithm. */
function noKey(signature: Rrsig, keys: TrustedKeys): Failure {
  const cleared = keys.keys.find((key) => key.algorithm === signature.algorithm && !(key.flags & ZONE_KEY))
  if (cleared) return { kind: 'zoneKeyBitClear', facts: { keyTag: cleared.keyTag } }
  return { kind: 'keyMissing', facts: {} }
}

/** Why a DNSKEY may not validate anything, whatever its signature. */
export function keyFault(key: Dnskey, task: Task): Failure | undefined {
  if (!(key.flags & ZONE_KEY)) return { kind: 'zoneKeyBitClear', facts: { keyTag: key.keyTag } } // RFC 4034 2.1.1
  if (key.protocol !== 3) return { kind: 'keyProtocolWrong', facts: { keyTag: key.keyTag } } // RFC 4034 2.1.2
  if (key.flags & REVOKE) return { kind: 'keyRevoked', facts: { keyTag: key.keyTag } } // RFC 5011 2.1
  const form = keyForm(key.algorithm, key.publicKey, task.policy)
  if (form !== 'usable') return { kind: 'keyUnusable', facts: { keyTag: key.keyTag, detail: `it is ${form}` } }
  return undefined
}

/**
 * The given keys by which an RRSIG over the whole RRset holds now, each with that RRSIG. No trust is asked for or given:
 * RFC 5011 2.1 needs to know it of revoked and of new keys as well.
 */
export function signedBy(rrset: Rrset, keys: readonly Dnskey[], task: Task): { readonly key: Dnskey; readonly signature: Rrsig }[] {
  const found: { key: Dnskey; signature: Rrsig }[] = []
  for (const signature of rrset.signatures.slice(0, task.limits.signaturesPerRrset)) {
    const fits = signature.signer.equals(rrset.owner) && signature.labels === countedLabels(rrset.owner)
    if (!fits || signature.typeCovered !== rrset.type || timeFault(signature, task)) continue
    for (const key of keys.filter((one) => one.keyTag === signature.keyTag && one.algorithm === signature.algorithm)) {
      if (!(key.flags & ZONE_KEY) || key.protocol !== 3 || keyForm(key.algorithm, key.publicKey, task.policy) !== 'usable') continue
      if (!task.budget.spend('signatureChecks')) return found
      if (task.crypto.verify(key.algorithm, key.publicKey, signedData(rrset, signature), signature.signature))
        found.push({ key, signature })
    }
  }
  return found
}

function overLimit(what: 'signatureChecks' | 'signatureFailures', task: Task): Failure {
  return { kind: 'limitReached', facts: { detail: what, limit: task.limits[what] } }
}

/** RFC 4035 5.3.3: the least of the RRset's TTL, the RRSIG's TTL, the Original TTL and what is left of the validity window. */
function cappedTtl(rrset: Rrset, signature: Rrsig, task: Task): number {
  const left = (signature.expiration - (nowSeconds(task) >>> 0)) >>> 0
  return Math.min(rrset.ttl, signature.ttl, signature.originalTtl, left)
}
