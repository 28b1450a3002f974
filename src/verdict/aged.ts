// A reply some time after it came: the TTLs of its RRsets and signatures count down (RFC 1035 3.2.1, RFC 4035 5.3.3).

import type { Message } from '../wire/message.js'
import type { Rrset } from '../wire/rrset.js'
import type { Answered } from './reply.js'

/** The reply as it reads at `now` (ms since the epoch). */
export function aged(reply: Answered, now: number): Answered {
  const seconds = Math.floor((now - reply.receivedAt) / 1000)
  if (seconds <= 0) return reply
  const age = (rrsets: readonly Rrset[]): Rrset[] => rrsets.map((rrset) => agedRrset(rrset, seconds))
  const { message } = reply
  const older: Message = { ...message, answer: age(message.answer), authority: age(message.authority), additional: age(message.additional) }
  return { ...reply, message: older }
}

function agedRrset(rrset: Rrset, seconds: number): Rrset {
  const left = (ttl: number): number => Math.max(0, ttl - seconds)
  return { ...rrset, ttl: left(rrset.ttl), signatures: rrset.signatures.map((one) => ({ ...one, ttl: left(one.ttl) })) }
}

/** Seconds for which the reply may be kept: the least TTL of its answer and authority sections. */
export function replyTtl(reply: Answered): number {
  const { answer, authority } = reply.message
  return [...answer, ...authority].reduce((least, rrset) => Math.min(least, rrset.ttl), Number.POSITIVE_INFINITY)
}
