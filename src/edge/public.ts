// The answer as users of the package see it: text, numbers and octets, nothing of the rooms inside.
import type { Reason } from '../verdict/reason.js'
import type { SecurityStatus } from '../verdict/status.js'
import type { Trace } from '../verdict/trace.js'

export type { Reason, ReasonKind } from '../verdict/reason.js'
export type { SecurityStatus } from '../verdict/status.js'

export interface SecureAnswer {
  /** what was asked; `name` in presentation format without the trailing dot, '.' for the root */
  readonly question: { readonly name: string; readonly type: string; readonly class: string }
  /** RFC 4035 4.3; of a chain of aliases the weakest */
  readonly status: SecurityStatus
  /** 'NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED' ...; bogus and unreachable give 'SERVFAIL' */
  readonly rcode: string
  /** the last owner of the CNAME and DNAME chain */
  readonly canonicalName: string
  /** the answer in chain order: aliases, then data. Never a bogus record */
  readonly records: readonly SecureRecord[]
  /** what was thrown away as bogus or malformed, each with its reason: for audits, never for use */
  readonly rejected: readonly SecureRecord[]
  /** what was proven not to exist, and how */
  readonly denial?: {
    readonly kind: 'nxdomain' | 'nodata' | 'insecure-delegation'
    readonly by: 'nsec' | 'nsec3'
    readonly optOut: boolean
  }
  /** always there when `status` is not 'secure', and when the answer is stale */
  readonly reason?: Reason
  /** past its TTL, and given because nothing newer could be had (RFC 8767); only with `cache.serveStale` */
  readonly stale?: true
  /** seconds for which this answer may be kept */
  readonly ttl: number
  /** when asked for */
  readonly trace?: Trace
}

export interface SecureRecord {
  readonly name: string
  readonly type: string
  readonly class: string
  /** seconds; capped by the signature (RFC 4035 5.3.3) and counted down */
  readonly ttl: number
  /**
   * Typed per RR type, see `toData` in edge/data.ts; octets are Uint8Array, unknown types a string as in RFC 3597 5.
   * `undefined` when the rdata cannot be read as its type. Made when first asked for.
   */
  readonly data: unknown
  /** uncompressed wire rdata */
  readonly rdata: Uint8Array
  readonly status: SecurityStatus
  readonly reason?: Reason
}
