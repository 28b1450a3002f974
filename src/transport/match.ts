// Which octets are the reply to a query: ID, QR, opcode and question section (RFC 5452 9.1, RFC 7766 7).
// Read from the octets themselves, before any parser sees a message that a stranger may have sent.

const HEADER = 12
const MAX_MESSAGE = 65_535
const QR = 0x80
const OPCODE = 0x78
/** FORMERR, SERVFAIL, NOTIMP, REFUSED: what a server may say of a query whose question it did not copy. */
const BARE_RCODES = [1, 2, 4, 5]

export function idOf(message: Uint8Array): number {
  return (message[0] << 8) | message[1]
}

export function setId(message: Uint8Array, id: number): void {
  message[0] = id >> 8
  message[1] = id & 0xff
}

/** The octet after the question section of one question or none; -1 when there is no such section. */
export function questionEnd(message: Uint8Array): number {
  if (message.length < HEADER || message.length > MAX_MESSAGE) return -1
  const count = (message[4] << 8) | message[5]
  if (count === 0) return HEADER
  if (count !== 1) return -1
  let at = HEADER
  // The first name of a message has nothing before it to point at, so it is never compressed (RFC 1035 4.1.4).
  while (at < message.length && message[at] !== 0) {
    if (message[at] > 63) return -1
    at += 1 + message[at]
  }
  const end = at + 5
  return end <= message.length ? end : -1
}

/**
 * @param id the ID the query bore on the wire, when it is not the query's own
 * @returns true when `reply` answers `query`. Case is folded (RFC 4343): a caller that mixed it checks it in the reply.
 */
export function answersQuery(query: Uint8Array, reply: Uint8Array, id: number = idOf(query)): boolean {
  if (reply.length < HEADER || idOf(reply) !== id) return false
  if ((reply[2] & QR) === 0 || (reply[2] & OPCODE) !== (query[2] & OPCODE)) return false
  const end = questionEnd(query)
  if (end < 0) return false
  if (questionEnd(reply) === end && query[5] === reply[5]) {
    const name = end - 4
    for (let at = HEADER; at < name; at++) if (fold(query[at]) !== fold(reply[at])) return false
    for (let at = Math.max(name, HEADER); at < end; at++) if (query[at] !== reply[at]) return false
    return true
  }
  return isBareFailure(reply)
}

/** A failure with neither question nor records tells nothing that could be believed; waiting longer would not help. */
function isBareFailure(reply: Uint8Array): boolean {
  for (let at = 4; at < 10; at++) if (reply[at] !== 0) return false
  return BARE_RCODES.includes(reply[3] & 0x0f)
}

/** Length octets are below 'A', so a whole name can be folded octet by octet. */
function fold(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet
}
