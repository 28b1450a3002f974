// Canonical form and order of an RRset, and the octets a signature covers (RFC 4034 3.1.8.1, 6.2, 6.3; RFC 4035 5.3.2).
import { canonicalRdata } from './layout.js'
import { type Name, WILDCARD } from './name.js'
import type { Rrsig } from './rdata/rrsig.js'
import type { Rrset } from './rrset.js'

/** As unsigned octets; the shorter of two that begin alike comes first (RFC 4034 6.3). */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length)
  for (let i = 0; i < most; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return a.length - b.length
}

/** Names lowercased where RFC 4034 6.2 says so, sorted, without duplicates. */
export function canonicalRdatas(rrset: Rrset): Uint8Array[] {
  const sorted = rrset.rdatas.map((rdata) => canonicalRdata(rrset.type, rdata))
  if (sorted.length < 2) return sorted
  sorted.sort(compareBytes)
  return sorted.filter((rdata, i) => i === 0 || compareBytes(rdata, sorted[i - 1]) !== 0)
}

/**
 * RFC 4034 3.1.8.1: the RRSIG's rdata without the signature, its signer lowercased, then every record in canonical form with
 * the Original TTL. RangeError when `labels` exceeds the owner's: RFC 4035 5.3.1 refuses such a signature beforehand.
 */
export function signedData(rrset: Rrset, signature: Rrsig): Uint8Array {
  const owner = signedOwner(rrset.owner, signature.labels).canonical()
  const signer = signature.signer.canonical()
  const rdatas = canonicalRdatas(rrset)
  let length = 18 + signer.length
  for (const rdata of rdatas) length += owner.length + 10 + rdata.length
  const data = new Uint8Array(length)
  data.set(signature.rdata.subarray(0, 18))
  data.set(signer, 18)
  let at = 18 + signer.length
  for (const rdata of rdatas) {
    data.set(owner, at)
    at += owner.length
    data[at++] = rrset.type >>> 8
    data[at++] = rrset.type
    data[at++] = rrset.class >>> 8
    data[at++] = rrset.class
    data.set(signature.rdata.subarray(4, 8), at) // Original TTL
    at += 4
    data[at++] = rdata.length >>> 8
    data[at++] = rdata.length
    data.set(rdata, at)
    at += rdata.length
  }
  return data
}

/** RFC 4035 5.3.2: with fewer labels than the owner the signature was made over the wildcard. */
function signedOwner(owner: Name, labels: number): Name {
  const ownLabels = owner.labelCount - (owner.isWildcard ? 1 : 0)
  if (labels > ownLabels) throw new RangeError(`a signature over ${labels} labels cannot cover an owner of ${ownLabels}`)
  return labels < ownLabels ? owner.ancestor(labels).child(WILDCARD) : owner
}
