// A trace: everything that is needed to judge an answer again, years later and without a network.

import type { AlgorithmPolicy } from '../crypto/algorithms.js'
import type { Limits } from '../limits.js'
import type { TraceEvent } from './event.js'

/** An event with its number, and the number of the event it belongs to; -1 for the first. */
export type NumberedEvent = TraceEvent & {
  readonly n: number
  readonly in: number
  /** numbers of the earlier events whose findings this one rests on */
  readonly uses?: readonly number[]
}

/** A reply as received. */
export interface TraceMessage {
  readonly n: number
  /** address and port as in the events; left out by redaction */
  readonly server?: string
  readonly protocol?: string
  /** clock time, ms since the epoch */
  readonly at?: number
  /** octets */
  readonly size: number
  /** base64 */
  readonly wire: string
}

/** What made the trace. */
export const SOFTWARE = 'dnssec-resolver 0.1.0'

/** Everything that is needed to judge again: version, instant, anchors, policy, limits, and the events with the messages. */
export interface Trace {
  readonly version: 1
  readonly software: string
  readonly question: { readonly name: string; readonly type: string }
  /** ms since the epoch: the instant that the answer was judged at */
  readonly now: number
  /** DS and DNSKEY lines in presentation format */
  readonly anchors: readonly string[]
  readonly negativeAnchors: readonly string[]
  readonly algorithms: AlgorithmPolicy
  readonly limits: Limits
  readonly messages: readonly TraceMessage[]
  readonly events: readonly NumberedEvent[]
  /** events or messages were left out because of the limits: the trace cannot be judged again */
  readonly truncated: boolean
}
