// What a look-up gives: a message to be judged, with where it came from, or a failure. Never an exception.

import type { Message, Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import type { Reason } from './reason.js'

export interface Server {
  readonly address: string
  readonly port: number
  readonly protocol: 'udp' | 'tcp' | 'tls' | 'https'
  readonly hostname?: string
}

export interface Answered {
  readonly kind: 'reply'
  /** what it is taken as an answer to; a referral is taken as an answer to DS of the delegated zone */
  readonly question: Question
  /** scrubbed: nothing out of bailiwick, class IN only */
  readonly message: Message
  readonly server: Server
  /** the zone whose server was asked; undefined when the server is recursive */
  readonly zone: Name | undefined
  /**
   * `alias`: only what it says of an alias counts, for it came as the answer to another question; `denial`: put together
   * from NSEC and NSEC3 RRsets, and a wildcard's, that came with other answers (RFC 8198)
   */
  readonly via: 'answer' | 'referral' | 'alias' | 'denial'
  /** clock time, ms since the epoch: TTLs count from here */
  readonly receivedAt: number
}

export interface Failed {
  readonly kind: 'failure'
  readonly question: Question
  readonly reason: Reason
  /** RCODE to give to the user, SERVFAIL (2) unless a server said REFUSED and the like */
  readonly rcode: number
}

export type Reply = Answered | Failed
