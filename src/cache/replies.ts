// Replies as octets: where each came from and when, and the message as received. A reply is made again from them by parsing and
// scrubbing, so whatever judges it judges what the server sent. The same octets are what a store shared by processes holds.

import { asAliasReply } from '../validate/aliases.js'
import { type Answered, isReplyTo, type Server } from '../verdict/reply.js'
import { type Reader, WireError, type Writer } from '../wire/cursor.js'
import { type Message, parseMessage, type Question } from '../wire/message.js'
import { Name } from '../wire/name.js'

/** Leaves of a message what answers the question and what the zone's server may speak for; that of the look-up. */
export type Scrub = (message: Message, question: Question, zone: Name | undefined) => Message

const VERSION = 1
const VIAS: readonly Answered['via'][] = ['answer', 'referral', 'alias', 'denial']
const PROTOCOLS: readonly Server['protocol'][] = ['udp', 'tcp', 'tls', 'https']
/** In place of the length of a zone's name: the server is recursive. */
const NO_ZONE = 0xff
const BEYOND_U32 = 2 ** 32

export type Origin = Pick<Answered, 'server' | 'zone' | 'via' | 'receivedAt'>

export function writeReply(to: Writer, { server, zone, via, receivedAt }: Origin, wire: Uint8Array): void {
  to.u8(VERSION).u8(VIAS.indexOf(via))
  writeTime(to, receivedAt)
  to.u8(PROTOCOLS.indexOf(server.protocol)).u16(server.port)
  writeText(to, server.address)
  writeText(to, server.hostname ?? '')
  if (zone) to.u8(zone.wire.length).bytes(zone.wire)
  else to.u8(NO_ZONE)
  to.bytes(wire)
}

/**
 * The reply as it was taken for an answer to `question`, its TTLs not yet counted down; undefined when the octets are not those
 * of a reply to it.
 */
export function readReply(from: Reader, question: Question, scrub: Scrub): Answered | undefined {
  try {
    if (from.u8() !== VERSION) return undefined
    const via = VIAS[from.u8()]
    const receivedAt = readTime(from)
    const protocol = PROTOCOLS[from.u8()]
    const port = from.u16()
    const [address, hostname] = [readText(from), readText(from)]
    const length = from.u8()
    const zone = length === NO_ZONE ? undefined : Name.fromWire(from.take(length))
    if (!via || !protocol) return undefined
    const message = parseMessage(from.rest())
    const server: Server = { address, port, protocol, ...(hostname !== '' && { hostname }) }
    const base = { kind: 'reply' as const, server, zone, receivedAt }
    if (via === 'alias') return aliasIn(message, question, base, scrub)
    // A referral may have been given to another name.
    if (via !== 'referral' && !isReplyTo(message, question)) return undefined
    return { ...base, question, message: scrub(message, question, zone), via }
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function aliasIn(message: Message, question: Question, base: Omit<Answered, 'question' | 'message' | 'via'>, scrub: Scrub) {
  const first = message.question
  if (!first) return undefined
  const own: Answered = { ...base, question: first, message: scrub(message, first, base.zone), via: 'answer' }
  const kept = asAliasReply(own, first)
  return kept && asAliasReply(kept, question)
}

export function writeTime(to: Writer, ms: number): void {
  to.u32(Math.floor(ms / BEYOND_U32)).u32(Math.floor(ms) % BEYOND_U32)
}

export const readTime = (from: Reader): number => from.u32() * BEYOND_U32 + from.u32()

function writeText(to: Writer, text: string): void {
  const octets = new TextEncoder().encode(text).subarray(0, 0xff)
  to.u8(octets.length).bytes(octets)
}

const readText = (from: Reader): string => new TextDecoder().decode(from.take(from.u8()))
