// What a look-up gives: a message to be judged, with where it came from, or a failure. Never an exception.

import type { Message, Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { RCODE, TYPE } from '../wire/numbers.js'
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

/** RFC 5452 9.1: what answers another question is not its reply, unless it denies a name above, with its proof. */
export function isReplyTo(message: Message, question: Question): boolean {
  const asked = message.question
  if (!asked) return true
  const same = asked.type === question.type && asked.class === question.class && asked.name.equals(question.name)
  return same || deniesAbove(message, question)
}

/**
 * RFC 8020: below a name that does not exist there is nothing, and its proof is that of every name below (RFC 4035 5.4, RFC 5155
 * 8.4). Only where there are signed records to prove it: servers that deny empty non-terminals are still about. That is also why
 * Opt-Out is left out, which proves nothing of names (RFC 5155 9.2). A DS is denied by a parent, which such a name has not.
 */
export function deniesAbove({ question: asked, rcode, authority }: Message, question: Question): boolean {
  if (!asked || rcode !== RCODE.NXDOMAIN || question.type === TYPE.DS) return false
  if (asked.class !== question.class || !question.name.isBelow(asked.name)) return false
  const proofs = authority.filter(({ type, signatures }) => (type === TYPE.NSEC || type === TYPE.NSEC3) && signatures.length > 0)
  return proofs.length > 0 && !proofs.some(({ type, rdatas }) => type === TYPE.NSEC3 && rdatas.some((rdata) => rdata[1] & OPT_OUT))
}

/** RFC 5155 3.1.2: of the Flags field, the second octet. */
const OPT_OUT = 0x01
