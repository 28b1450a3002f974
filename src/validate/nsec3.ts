// What NSEC3 records prove (RFC 5155 8, RFC 9276). They come from `Proofs`, so their signatures hold and their parameters agree.

import type { Task } from '../verdict/task.js'
import type { DenialProof } from '../verdict/verdict.js'
import { compareBytes } from '../wire/canonical.js'
import { type Name, WILDCARD } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import { bitmapFault } from './nsec.js'
import { type Denied, type Nsec3Chain, type Nsec3Proof, type Refusal, refuse } from './proofs.js'

/** NODATA and missing DS (RFC 5155 8.5, 8.6, 8.7). */
export function nsec3NoData(name: Name, type: number, chain: Nsec3Chain, task: Task): Denied {
  const hash = hashOf(name, chain, task)
  if (!hash) return overLimit(task)
  const match = findMatching(hash, chain)
  if (match) {
    // RFC 5155 8.5, 8.6: also an empty non-terminal has its record.
    const fault = bitmapFault(match.types, type, name)
    if (fault) return refuse('denialWrong', fault)
    const cut = type === TYPE.DS && match.types.has(TYPE.NS) && !name.isRoot
    return denial(cut ? 'insecure-delegation' : 'nodata', chain, cut ? 'RFC 5155 8.9' : 'RFC 5155 8.5', { closestEncloser: name })
  }
  const encloser = proveClosestEncloser(name, chain, task)
  if ('refused' in encloser) return encloser
  // RFC 5155 8.6, 9.2: an unsigned delegation may hide in the span, whatever the wildcard has, so this denies a DS.
  if (encloser.optOut && type === TYPE.DS) return denial('insecure-delegation', chain, 'RFC 5155 8.6', partsOf(encloser))
  const wildcardHash = hashOf(encloser.name.child(WILDCARD), chain, task)
  if (!wildcardHash) return overLimit(task)
  const wildcard = findMatching(wildcardHash, chain)
  if (wildcard) {
    const fault = bitmapFault(wildcard.types, type, name)
    if (fault) return refuse('denialWrong', fault)
    return denial('nodata', chain, 'RFC 5155 8.7', partsOf(encloser))
  }
  // RFC 5155 9.2: anything else that rests on such a span is insecure.
  if (encloser.optOut) return denial('nodata', chain, 'RFC 5155 8.6', partsOf(encloser))
  return refuse('denialIncomplete', 'no NSEC3 record is at the name or its wildcard')
}

/** RFC 5155 8.4: the closest encloser is proven, the next closer name and the wildcard there are covered. */
export function nsec3NameError(name: Name, chain: Nsec3Chain, task: Task): Denied {
  const encloser = proveClosestEncloser(name, chain, task)
  if ('refused' in encloser) return encloser
  const wildcard = hashOf(encloser.name.child(WILDCARD), chain, task)
  if (!wildcard) return overLimit(task)
  if (findMatching(wildcard, chain)) return refuse('denialWrong', 'a wildcard exists that makes the name')
  if (!findCovering(wildcard, chain)) return refuse('denialIncomplete', 'no NSEC3 record covers the wildcard')
  return denial('nxdomain', chain, 'RFC 5155 8.4', partsOf(encloser))
}

/** RFC 5155 8.8: the next closer name to the wildcard that was used does not exist. */
export function nsec3Wildcard(name: Name, encloser: Name, chain: Nsec3Chain, task: Task): Denied {
  const nextCloser = name.ancestor(encloser.labelCount + 1)
  const hash = hashOf(nextCloser, chain, task)
  if (!hash) return overLimit(task)
  const covering = findCovering(hash, chain)
  if (!covering) return refuse('wildcardNotProven', 'no NSEC3 record covers the next closer name')
  if (findMatching(hash, chain)) return refuse('wildcardNotProven', 'the next closer name exists')
  return denial('wildcard', chain, 'RFC 5155 8.8', { closestEncloser: encloser, nextCloser, optOut: covering.optOut })
}

interface Encloser {
  readonly name: Name
  readonly nextCloser: Name
  /** the record that covers the next closer name has Opt-Out set */
  readonly optOut: boolean
}

const partsOf = (encloser: Encloser) => ({ closestEncloser: encloser.name, nextCloser: encloser.nextCloser, optOut: encloser.optOut })

/** RFC 5155 8.3: the longest ancestor with a record, and a record that covers the name one label longer. */
function proveClosestEncloser(name: Name, chain: Nsec3Chain, task: Task): Encloser | Refusal {
  let nextCloserHash = hashOf(name, chain, task)
  if (!nextCloserHash) return overLimit(task)
  if (findMatching(nextCloserHash, chain)) return refuse('denialWrong', 'an NSEC3 record says that the name exists')
  for (let labels = name.labelCount - 1; labels >= chain.zone.labelCount; labels--) {
    const candidate = name.ancestor(labels)
    const hash = hashOf(candidate, chain, task)
    if (!hash) return overLimit(task)
    const match = findMatching(hash, chain)
    if (match) {
      // RFC 5155 8.3: an encloser at a zone cut or a DNAME has nothing of this zone below it.
      if (match.types.has(TYPE.DNAME)) return refuse('denialWrong', 'the closest encloser has a DNAME')
      if (match.types.has(TYPE.NS) && !match.types.has(TYPE.SOA)) return refuse('denialWrong', 'the closest encloser is a zone cut')
      const covering = findCovering(nextCloserHash, chain)
      if (!covering) return refuse('denialIncomplete', 'no NSEC3 record covers the next closer name')
      return { name: candidate, nextCloser: name.ancestor(labels + 1), optOut: covering.optOut }
    }
    nextCloserHash = hash
  }
  return refuse('denialIncomplete', 'no NSEC3 record shows a closest encloser')
}

/** Undefined when the question has spent its hashes (CVE-2023-50868). One name costs one hash a chain and question. */
function hashOf(name: Name, chain: Nsec3Chain, task: Task): Uint8Array | undefined {
  const known = chain.hashes.get(name.key)
  if (known) return known
  if (!task.budget.spend('nsec3Hashes')) return undefined
  const hash = task.crypto.nsec3Hash(name.canonical(), chain.salt, chain.iterations)
  chain.hashes.set(name.key, hash)
  return hash
}

const findMatching = (hash: Uint8Array, chain: Nsec3Chain): Nsec3Proof | undefined =>
  chain.records.find((record) => compareBytes(record.hash, hash) === 0)

/** RFC 5155 1.3 "cover": strictly between owner and next hash; the last record of the chain wraps around. */
const findCovering = (hash: Uint8Array, chain: Nsec3Chain): Nsec3Proof | undefined =>
  chain.records.find((record) => {
    const afterOwner = compareBytes(record.hash, hash) < 0
    const beforeNext = compareBytes(hash, record.next) < 0
    return compareBytes(record.hash, record.next) < 0 ? afterOwner && beforeNext : afterOwner || beforeNext
  })

const overLimit = (task: Task): Refusal => refuse('limitReached', 'nsec3Hashes', task.limits.nsec3Hashes)

type Parts = Partial<Pick<DenialProof, 'closestEncloser' | 'nextCloser' | 'optOut'>>

function denial(proves: DenialProof['proves'], chain: Nsec3Chain, rule: string, parts: Parts): DenialProof {
  return { by: 'nsec3', proves, zone: chain.zone, optOut: false, rule, ...parts }
}
