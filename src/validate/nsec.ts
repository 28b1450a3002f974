// What NSEC records prove (RFC 4035 5.4, RFC 4034 4, RFC 6840 4, RFC 9824). They come from `Proofs`, so their signatures hold.

import type { DenialProof } from '../verdict/verdict.js'
import { compareNames, type Name, WILDCARD } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import type { TypeBitmap } from '../wire/rdata/bitmap.js'
import type { Denied, NsecProof, Proofs } from './proofs.js'
import { refuse } from './proofs.js'

/** NODATA: the name exists without the type, is an empty non-terminal, or a wildcard stands for it (RFC 4035 5.4, 3.1.3.1, 3.1.3.4). */
export function nsecNoData(name: Name, type: number, proofs: Proofs): Denied {
  const match = proofs.nsec.find((nsec) => nsec.owner.equals(name))
  if (match) {
    const fault = bitmapFault(match.types, type, name)
    if (fault) return refuse('denialWrong', fault)
    if (saysNoName(match.types)) return denial('nxdomain', proofs.zone, 'RFC 9824 3', name)
    const cut = type === TYPE.DS && match.types.has(TYPE.NS) && !name.isRoot
    return denial(cut ? 'insecure-delegation' : 'nodata', proofs.zone, cut ? 'RFC 6840 4.4' : 'RFC 4035 5.4')
  }
  const covering = findCovering(name, proofs)
  if (!covering) return refuse('denialIncomplete', 'no NSEC record is at or covers the name')
  // RFC 4592 2.2.2: an empty non-terminal exists, though no record is at it.
  if (covering.next.isBelow(name)) return denial('nodata', proofs.zone, 'RFC 4592 2.2.2')
  const encloser = closestEncloser(name, covering)
  const wildcard = encloser.child(WILDCARD)
  const atWildcard = proofs.nsec.find((nsec) => nsec.owner.equals(wildcard))
  if (!atWildcard) {
    // RFC 4592 2.2.2: a wildcard may be an empty non-terminal too, and then has no type at all.
    if (findCovering(wildcard, proofs)?.next.isBelow(wildcard)) return denial('nodata', proofs.zone, 'RFC 4592 2.2.2', encloser)
    return refuse('denialIncomplete', 'the name is denied, but no NSEC record is at its wildcard')
  }
  const fault = bitmapFault(atWildcard.types, type, wildcard)
  if (fault) return refuse('denialWrong', fault)
  return denial('nodata', proofs.zone, 'RFC 4035 3.1.3.4', encloser)
}

/** NXDOMAIN: neither the name nor a wildcard that could make it exists (RFC 4035 5.4, 3.1.3.2). */
export function nsecNameError(name: Name, proofs: Proofs): Denied {
  const match = proofs.nsec.find((nsec) => nsec.owner.equals(name))
  if (match) {
    // RFC 9824 3.4: with NXNAME the name itself carries the denial.
    return saysNoName(match.types)
      ? denial('nxdomain', proofs.zone, 'RFC 9824 3', name)
      : refuse('denialWrong', 'an NSEC record says that the name exists')
  }
  const covering = findCovering(name, proofs)
  if (!covering) return refuse('denialIncomplete', 'no NSEC record covers the name')
  if (covering.next.isBelow(name)) return refuse('denialWrong', 'the name is an empty non-terminal, so it exists') // RFC 8020 2
  const encloser = closestEncloser(name, covering)
  const wildcard = encloser.child(WILDCARD)
  if (proofs.nsec.some((nsec) => nsec.owner.equals(wildcard))) return refuse('denialWrong', 'a wildcard exists that makes the name')
  const coversWildcard = findCovering(wildcard, proofs)
  if (!coversWildcard) return refuse('denialIncomplete', 'no NSEC record covers the wildcard')
  if (coversWildcard.next.isBelow(wildcard)) return refuse('denialWrong', 'the wildcard is an empty non-terminal, so it exists')
  return denial('nxdomain', proofs.zone, 'RFC 4035 5.4', encloser)
}

/** RFC 4035 5.3.4: the next closer name does not exist, so the wildcard at `encloser` was the right one. */
export function nsecWildcard(name: Name, encloser: Name, proofs: Proofs): Denied {
  const nextCloser = name.ancestor(encloser.labelCount + 1)
  const covering = findCovering(nextCloser, proofs)
  if (!covering) return refuse('wildcardNotProven', 'no NSEC record covers the next closer name')
  if (covering.next.isAtOrBelow(nextCloser)) return refuse('wildcardNotProven', 'the next closer name exists')
  return { ...denial('wildcard', proofs.zone, 'RFC 4035 5.3.4', encloser), nextCloser }
}

/** The longest name that the NSEC record shows to exist above `name`: it shares those labels with its owner or next name. */
function closestEncloser(name: Name, covering: NsecProof): Name {
  return name.ancestor(Math.max(name.commonLabels(covering.owner), name.commonLabels(covering.next)))
}

function findCovering(name: Name, proofs: Proofs): NsecProof | undefined {
  return proofs.nsec.find((nsec) => covers(nsec, name, proofs.zone) && !hidesBelow(nsec, name))
}

/**
 * RFC 4034 4.1.1: owner < name < next; the last NSEC of a zone has the apex as next name and covers all after its owner.
 * That it is the last is known from the signer, not from an SOA in the reply.
 */
export function covers(nsec: NsecProof, name: Name, zone: Name): boolean {
  if (!name.isAtOrBelow(zone) || compareNames(nsec.owner, name) >= 0) return false
  return nsec.next.equals(zone) || compareNames(name, nsec.next) < 0
}

/** RFC 6840 4.1: below a zone cut or a DNAME an ancestor's NSEC record denies nothing. */
export function hidesBelow(nsec: NsecProof, name: Name): boolean {
  return name.isBelow(nsec.owner) && (isParentSide(nsec.types) || nsec.types.has(TYPE.DNAME))
}

const isParentSide = (types: TypeBitmap): boolean => types.has(TYPE.NS) && !types.has(TYPE.SOA)

/** RFC 9824 3: NXNAME says that the name does not exist at all. Beside types of a name that does exist it contradicts itself. */
const saysNoName = (types: TypeBitmap): boolean => types.has(TYPE.NXNAME) && types.types().every((type) => NO_NAME.has(type))
const NO_NAME: ReadonlySet<number> = new Set([TYPE.NXNAME, TYPE.NSEC, TYPE.RRSIG])

/** Why a type bitmap at a name does not deny the type. */
export function bitmapFault(types: TypeBitmap, type: number, at: Name): string | undefined {
  if (types.has(type)) return 'the record says that the type exists'
  if (types.has(TYPE.CNAME)) return 'the record says that there is a CNAME' // RFC 6840 4.3
  if (type === TYPE.DS) {
    // RFC 6840 4.4: the child's apex says nothing about the DS, which is the parent's. The root has no parent.
    if (types.has(TYPE.SOA) && !at.isRoot) return 'the record is of the child zone, and a DS is in the parent'
    return undefined
  }
  // RFC 6840 4.1: the parent's record at a zone cut says nothing about the child's data.
  if (isParentSide(types)) return 'the record is of the parent side of a zone cut'
  return undefined
}

function denial(proves: DenialProof['proves'], zone: Name, rule: string, closestEncloser?: Name): DenialProof {
  return { by: 'nsec', proves, zone, optOut: false, rule, ...(closestEncloser && { closestEncloser }) }
}
