// The judged answer to a question, as bytes and names; the edge makes the public answer of it.

import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import type { ResourceRecord, Rrset } from '../wire/rrset.js'
import type { Reason } from './reason.js'
import type { SecurityStatus } from './status.js'
import type { Verdict } from './verdict.js'

/** An RRset with its verdict; `ttl` is capped by the signature (RFC 4035 5.3.3), in seconds. */
export interface JudgedRrset {
  readonly rrset: Rrset
  readonly verdict: Verdict
  readonly ttl: number
}

export interface Denial {
  readonly kind: 'nxdomain' | 'nodata' | 'insecure-delegation'
  readonly by: 'nsec' | 'nsec3'
  readonly optOut: boolean
}

export interface Outcome {
  readonly question: Question
  readonly status: SecurityStatus
  readonly rcode: number
  /** the last owner of the alias chain */
  readonly canonicalName: Name
  /** in chain order; never a bogus one */
  readonly records: readonly JudgedRrset[]
  readonly rejected: readonly JudgedRrset[]
  /** records whose rdata is malformed: unusable, but not hidden */
  readonly malformed: readonly ResourceRecord[]
  readonly denial?: Denial
  readonly reason?: Reason
  /** past its TTL, and given because nothing newer could be had (RFC 8767) */
  readonly stale?: true
  /** seconds for which this may be kept, from `judgedAt` on */
  readonly ttl: number
  /** ms since the epoch */
  readonly judgedAt: number
}
