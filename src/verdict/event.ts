// What a trace is made of. Plain JSON: names in presentation format, bytes in base64, times in ms since the epoch unless the
// field says otherwise. An event says what was found and by which rule; it holds no opinion that the verdict does not.

import type { Reason } from './reason.js'
import type { SecurityStatus } from './status.js'

export type TraceEvent =
  | { readonly event: 'question'; readonly name: string; readonly type: string; readonly now: number; readonly purpose?: string }
  | {
      readonly event: 'exchange'
      readonly name: string
      readonly type: string
      readonly zone?: string
      readonly server: string
      readonly protocol: string
      readonly startedAt: number
      /** real time, ms */
      readonly ms: number
      readonly outcome: 'answer' | 'referral' | 'truncated' | 'timeout' | 'error' | 'malformed' | 'lame' | 'mismatch'
      readonly rcode?: string
      readonly size?: number
      readonly detail?: string
      /** number of the reply in the trace's table of messages */
      readonly message?: number
    }
  /** begins the look-up that the events below it belong to */
  | {
      readonly event: 'lookup'
      readonly name: string
      readonly type: string
      readonly purpose: 'data' | 'chain'
      readonly attempt: number
    }
  /** begins the judgement that the events below it belong to; the last of them tells the result */
  | { readonly event: 'judge'; readonly what: 'zone' | 'rrset' | 'denial'; readonly name: string; readonly type: string }
  | { readonly event: 'referral'; readonly zone: string; readonly servers: readonly string[]; readonly ds: 'present' | 'absent' }
  | {
      readonly event: 'cache'
      readonly name: string
      readonly type: string
      readonly what: 'answer' | 'reply' | 'keys' | 'failure' | 'denial' | 'wildcard'
    }
  /** the reply that a DS, DNSKEY or data question was judged by; `attempt` counts the ones refused before it */
  | {
      readonly event: 'evidence'
      readonly name: string
      readonly type: string
      /** judged as the answer to the user's question, or as a link of the chain of trust */
      readonly purpose: 'data' | 'chain'
      readonly attempt: number
      readonly via: 'answer' | 'referral' | 'alias' | 'denial' | 'failure'
      readonly zone?: string
      readonly server?: string
      readonly protocol?: string
      readonly receivedAt?: number
      /** number of the reply in the trace's table of messages */
      readonly message?: number
      readonly reason?: Reason
      /** of a failure: what the user is given */
      readonly rcode?: string
    }
  | {
      readonly event: 'anchor'
      readonly zone: string
      readonly by: 'trust-anchor' | 'negative-anchor'
      readonly keyTags: readonly number[]
    }
  | {
      readonly event: 'ds'
      readonly zone: string
      readonly keyTag: number
      readonly algorithm: string
      readonly digestType: string
      readonly digest: string
      readonly matches: boolean
      readonly why?: string
      readonly rule: string
    }
  | { readonly event: 'keys'; readonly zone: string; readonly by: 'anchor' | 'ds'; readonly keyTags: readonly number[] }
  | {
      readonly event: 'signature'
      readonly owner: string
      readonly type: string
      readonly signer: string
      readonly keyTag: number
      readonly algorithm: string
      readonly labels: number
      /** seconds since the epoch */
      readonly inception: number
      readonly expiration: number
      readonly holds: boolean
      readonly why?: string
      readonly rule: string
    }
  | {
      readonly event: 'denial'
      readonly owner: string
      readonly type: string
      readonly zone: string
      readonly proves?: string
      readonly by?: 'nsec' | 'nsec3'
      readonly closestEncloser?: string
      readonly nextCloser?: string
      readonly optOut?: boolean
      readonly why?: string
      readonly rule: string
    }
  | { readonly event: 'alias'; readonly owner: string; readonly target: string; readonly by: 'cname' | 'dname' }
  | { readonly event: 'rrset'; readonly owner: string; readonly type: string; readonly status: SecurityStatus; readonly reason?: Reason }
  | { readonly event: 'zone'; readonly zone: string; readonly status: SecurityStatus | 'no-cut'; readonly reason?: Reason }
  | {
      readonly event: 'verdict'
      readonly name: string
      readonly type: string
      readonly status: SecurityStatus
      readonly rcode: string
      readonly reason?: Reason
      readonly canonicalName: string
      /** seconds */
      readonly ttl: number
      readonly records: readonly ToldRecord[]
      readonly rejected: readonly ToldRecord[]
      readonly denial?: { readonly kind: string; readonly by: 'nsec' | 'nsec3'; readonly optOut: boolean }
    }
  | { readonly event: 'fault'; readonly detail: string }

/** A record of the answer; `rdata` is base64 of the uncompressed wire, `ttl` in seconds. */
export interface ToldRecord {
  readonly name: string
  readonly type: string
  readonly ttl: number
  readonly status: SecurityStatus
  readonly rdata: string
}

/** Adds an event below the event numbered `parent`, with the message it is about, and gives its own number. */
export type Emit = (event: TraceEvent, parent: number, wire?: Uint8Array) => number
