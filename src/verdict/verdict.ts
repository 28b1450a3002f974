// A verdict is a status together with its evidence, so that the two cannot disagree: `secure` is made from a signature or a
// denial by trusted keys, `insecure` from a proof that no chain leads here, and all that fails is a reason.

import type { Name } from '../wire/name.js'
import type { Reason } from './reason.js'

/** An RRset with a signature by trusted keys of `signer` (RFC 4035 5.3). */
export interface SignatureProof {
  readonly by: 'signature'
  readonly signer: Name
  readonly keyTag: number
  readonly algorithm: number
  /** seconds since the epoch at which the signature ends */
  readonly expiration: number
  /** the closest encloser when the RRset was made from a wildcard (RFC 4035 5.3.4) */
  readonly closestEncloser?: Name
}

/** What validated NSEC or NSEC3 records show (RFC 4035 5.4, RFC 5155 8). */
export interface DenialProof {
  readonly by: 'nsec' | 'nsec3'
  readonly proves: 'nxdomain' | 'nodata' | 'insecure-delegation' | 'wildcard'
  readonly zone: Name
  readonly optOut: boolean
  readonly closestEncloser?: Name
  readonly nextCloser?: Name
  readonly rule: string
}

/** A CNAME that a secure DNAME gives (RFC 6672 5.3.1). */
export interface SynthesisProof {
  readonly by: 'dname'
  readonly dname: Name
}

/** Proofs that no chain of trust leads to a name. */
export type InsecureProof =
  | { readonly by: 'no-ds'; readonly zone: Name; readonly denial: DenialProof }
  | { readonly by: 'opt-out'; readonly zone: Name; readonly denial: DenialProof }
  | { readonly by: 'unsupported'; readonly zone: Name }
  | { readonly by: 'iterations'; readonly zone: Name; readonly iterations: number }
  | {
      readonly by: 'negative-anchor'
      readonly zone: Name
      /** ms since the epoch at which it ends; undefined for never */
      readonly until?: number
    }
  | { readonly by: 'alias'; readonly zone: Name }

export interface Secure {
  readonly status: 'secure'
  readonly proof: SignatureProof | DenialProof | SynthesisProof
  /** seconds for which the verdict may be kept (RFC 4035 5.3.3) */
  readonly ttl: number
}
export interface Insecure {
  readonly status: 'insecure'
  readonly proof: InsecureProof
  readonly reason: Reason
}
export interface Refused {
  readonly status: 'bogus' | 'indeterminate'
  readonly reason: Reason
}
export type Verdict = Secure | Insecure | Refused

export function secure(proof: SignatureProof | DenialProof | SynthesisProof, ttl: number): Secure {
  return { status: 'secure', proof, ttl }
}

export function insecure(proof: InsecureProof, reason: Reason): Insecure {
  return { status: 'insecure', proof, reason }
}

export function bogus(reason: Reason): Refused {
  return { status: 'bogus', reason }
}

export function indeterminate(reason: Reason): Refused {
  return { status: 'indeterminate', reason }
}
