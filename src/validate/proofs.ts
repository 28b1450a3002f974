// Which NSEC and NSEC3 records may deny anything: those whose signature holds, that lie in the signer's zone and that were not
// made from a wildcard (RFC 4035 5.4, RFC 5155 8.1 and 8.2). The denial rules accept nothing else.

import { type ReasonKind, reason } from '../verdict/reason.js'
import type { Task } from '../verdict/task.js'
import { bogus, type DenialProof, type Refused } from '../verdict/verdict.js'
import type { Name } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import type { TypeBitmap } from '../wire/rdata/bitmap.js'
import { readNsec } from '../wire/rdata/nsec.js'
import { OPT_OUT, readNsec3 } from '../wire/rdata/nsec3.js'
import { tryRead } from '../wire/rdata/read.js'
import type { Rrset } from '../wire/rrset.js'
import type { TrustedKeys } from './keys.js'
import { checkSignatures } from './signature.js'

export interface NsecProof {
  readonly owner: Name
  readonly next: Name
  readonly types: TypeBitmap
}

export interface Nsec3Proof {
  readonly hash: Uint8Array
  readonly next: Uint8Array
  readonly types: TypeBitmap
  readonly optOut: boolean
}

/** NSEC3 records of one zone with one set of parameters (RFC 5155 8.2). */
export interface Nsec3Chain {
  readonly zone: Name
  readonly salt: Uint8Array
  readonly iterations: number
  readonly records: readonly Nsec3Proof[]
  /** names hashed so far, by their key */
  readonly hashes: Map<string, Uint8Array>
}

/** An NSEC or NSEC3 RRset that was let through; `ttl` in seconds, capped by its signature. */
export interface AdmittedRrset {
  readonly rrset: Rrset
  readonly ttl: number
}

declare const admitted: unique symbol

export interface Proofs {
  readonly [admitted]: true
  readonly zone: Name
  readonly nsec: readonly NsecProof[]
  readonly chains: readonly Nsec3Chain[]
  /** why a record was not let through, when one was not */
  readonly refused?: Refused
  /** seconds: the least of the records' capped TTLs */
  readonly ttl: number
  /** what was let through, so that later questions may be answered by it (RFC 8198) */
  readonly rrsets: readonly AdmittedRrset[]
}

/** A rule's refusal, before owner, type and zone are known. */
export interface Refusal {
  readonly refused: ReasonKind
  readonly detail: string
  readonly limit?: number
}

export type Denied = DenialProof | Refusal

export function refuse(refused: ReasonKind, detail: string, limit?: number): Refusal {
  return { refused, detail, ...(limit !== undefined && { limit }) }
}

const SHA1_HASH = 1
const SHA1_OCTETS = 20

export const isDenial = (rrset: Rrset): boolean => rrset.type === TYPE.NSEC || rrset.type === TYPE.NSEC3

/** Checks the NSEC and NSEC3 RRsets among `rrsets` and lets those through that may prove something about the zone. */
export function admitProofs(rrsets: readonly Rrset[], keys: TrustedKeys, task: Task): Proofs {
  const nsec: NsecProof[] = []
  const chains: (Nsec3Chain & { readonly records: Nsec3Proof[] })[] = []
  let refused: Refused | undefined
  let ttl = Number.POSITIVE_INFINITY
  const through: AdmittedRrset[] = []
  for (const rrset of rrsets.filter(isDenial)) {
    const verdict = checkSignatures(rrset, keys, task)
    if (verdict.status !== 'secure') {
      refused ??= verdict
      continue
    }
    // RFC 4592 4.6, RFC 5155 3: a proof has exactly the owner that was signed.
    if (verdict.proof.closestEncloser) {
      refused ??= bogus(reason('proofExpanded', { zone: keys.zone, owner: rrset.owner, type: rrset.type }))
      continue
    }
    ttl = Math.min(ttl, verdict.ttl)
    through.push({ rrset, ttl: verdict.ttl })
    if (rrset.type === TYPE.NSEC) nsec.push(...readNsecs(rrset, keys.zone))
    else addNsec3s(rrset, keys.zone, chains)
  }
  return { zone: keys.zone, nsec, chains, ttl, rrsets: through, ...(refused && { refused }) } as unknown as Proofs
}

/**
 * RRsets that were let through earlier, out of a cache. They tell whether a reply made of them is worth judging; the judgement
 * checks their signatures again, so nothing becomes secure by this.
 * @param hashes what names of the zone were hashed to already, by their key
 */
export function recallProofs(rrsets: readonly Rrset[], zone: Name, hashes: Map<string, Uint8Array>): Proofs {
  const nsec: NsecProof[] = []
  const chains: (Nsec3Chain & { readonly records: Nsec3Proof[] })[] = []
  for (const rrset of rrsets) {
    if (rrset.type === TYPE.NSEC) nsec.push(...readNsecs(rrset, zone))
    else addNsec3s(rrset, zone, chains)
  }
  return { zone, nsec, chains: chains.map((chain) => ({ ...chain, hashes })), ttl: 0, rrsets: [] } as unknown as Proofs
}

/** An NSEC whose next name is outside the zone proves nothing (RFC 4034 4.1.1). */
function readNsecs(rrset: Rrset, zone: Name): NsecProof[] {
  return rrset.rdatas.flatMap((rdata) => {
    const nsec = tryRead(readNsec, rdata)
    return nsec?.next.isAtOrBelow(zone) ? [{ owner: rrset.owner, next: nsec.next, types: nsec.types }] : []
  })
}

/** RFC 5155 8.1, 8.2: unknown hash algorithms and flags are ignored; records of other parameters form a chain of their own. */
function addNsec3s(rrset: Rrset, zone: Name, chains: (Nsec3Chain & { readonly records: Nsec3Proof[] })[]): void {
  if (rrset.owner.labelCount !== zone.labelCount + 1) return // RFC 5155 3: the hash is one label before the zone's name
  const hash = fromBase32Hex(rrset.owner.label(0))
  if (hash?.length !== SHA1_OCTETS) return
  for (const rdata of rrset.rdatas) {
    const nsec3 = tryRead(readNsec3, rdata)
    if (!nsec3 || nsec3.hashAlgorithm !== SHA1_HASH || (nsec3.flags & ~OPT_OUT) !== 0) continue
    if (nsec3.nextHash.length !== SHA1_OCTETS) continue
    const { salt, iterations } = nsec3
    const record = { hash, next: nsec3.nextHash, types: nsec3.types, optOut: (nsec3.flags & OPT_OUT) !== 0 }
    const chain = chains.find((one) => one.iterations === iterations && sameBytes(one.salt, salt))
    if (chain) chain.records.push(record)
    else chains.push({ zone, salt, iterations, records: [record], hashes: new Map() })
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i])

/** RFC 4648 7 without padding, any case; undefined for anything else. */
export function fromBase32Hex(label: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((label.length * 5) / 8))
  let bits = 0
  let value = 0
  let at = 0
  for (const char of label) {
    const digit = base32Digit(char)
    if (digit < 0) return undefined
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = value >>> bits
    }
  }
  return bytes
}

function base32Digit(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30
  const lower = char | 0x20
  return lower >= 0x61 && lower <= 0x76 ? lower - 0x61 + 10 : -1
}
