// Trust anchors as validation sees them: the closest enclosing one decides (RFC 6840 5.10 and appendix C).

import type { Name } from '../wire/name.js'
import type { Dnskey } from '../wire/rdata/dnskey.js'
import type { Ds } from '../wire/rdata/ds.js'

export interface PositiveAnchor {
  readonly kind: 'positive'
  readonly zone: Name
  readonly ds: readonly Ds[]
  readonly keys: readonly Dnskey[]
}

/** RFC 7646: validation is off at and below `zone`. */
export interface NegativeAnchor {
  readonly kind: 'negative'
  readonly zone: Name
  /** ms since the epoch; undefined for no end */
  readonly until?: number
}

export type Anchor = PositiveAnchor | NegativeAnchor

export interface Anchors {
  /** The closest anchor at or above the name that is in force at `now` (ms); a negative one wins over a positive one of the same name. */
  covering(name: Name, now: number): Anchor | undefined
}
