// What servers do wrong, as wrappers around a server that does it right: each takes a Respond and gives another.
import { buildMessage, type Message, parseMessage, type Question, type ReplySpec } from '../../src/wire/message.js'
import { Name } from '../../src/wire/name.js'
import { CLASS, RCODE, TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord, Rrset } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import type { Protocol, Respond } from './authority.js'

export type Behaviour = (respond: Respond) => Respond

/** The behaviours one after the other, the first the closest to the server. */
export function behaving(respond: Respond, ...behaviours: readonly Behaviour[]): Respond {
  return behaviours.reduce((inner, behaviour) => behaviour(inner), respond)
}

/** A behaviour for some questions only. */
export function when(applies: (question: Question, protocol: Protocol) => boolean, behaviour: Behaviour): Behaviour {
  return (respond) => {
    const other = behaviour(respond)
    return (query, protocol) => {
      const { question } = parseMessage(query)
      return question && applies(question, protocol) ? other(query, protocol) : respond(query, protocol)
    }
  }
}

/** A behaviour for the first `count` queries only. */
export function firstTimes(count: number, behaviour: Behaviour): Behaviour {
  return (respond) => {
    const other = behaviour(respond)
    let left = count
    return (query, protocol) => (left-- > 0 ? other : respond)(query, protocol)
  }
}

export const asksFor =
  (type: number, name?: string) =>
  (question: Question): boolean =>
    question.type === type && (name === undefined || question.name.equals(nameFromText(name)))

/** Takes a reply apart and builds it anew as `change` wants it; undefined for silence. */
export function editReplies(change: (reply: ReplySpec, query: Message, protocol: Protocol) => ReplySpec | undefined): Behaviour {
  return (respond) => (query, protocol) => {
    const reply = respond(query, protocol)
    if (!reply) return undefined
    const changed = change(toSpec(parseMessage(reply)), parseMessage(query), protocol)
    return changed && buildMessage(changed)
  }
}

/** Changes the records of all three sections. */
export function editRecords(change: (records: readonly ResourceRecord[], query: Message) => readonly ResourceRecord[]): Behaviour {
  return editReplies((reply, query) => ({
    ...reply,
    answer: change(reply.answer ?? [], query),
    authority: change(reply.authority ?? [], query),
    additional: change(reply.additional ?? [], query)
  }))
}

export const silent: Behaviour = () => () => undefined

/** An empty reply with an RCODE: REFUSED, SERVFAIL, NOTIMP ... */
export function failing(rcode: number): Behaviour {
  return editReplies(({ id, question, rd, edns }) => ({ id, question, rd, rcode, edns }))
}

export const refusing: Behaviour = failing(RCODE.REFUSED)

/** Has no authority and refers upwards, to the root. */
export const lame: Behaviour = editReplies(({ id, question, rd, edns }) => {
  const rdata = nameFromText('a.root-servers.net').wire
  const authority = [{ owner: Name.root, type: TYPE.NS, class: CLASS.IN, ttl: 518400, rdata }]
  return { id, question, rd, edns, authority }
})

/** Knows nothing of DNSSEC: as if DO were clear, and no DS in referrals. */
export const strippingDnssec: Behaviour = editRecords((records, query) =>
  records.filter(({ type }) => type === query.question?.type || !DNSSEC_TYPES.has(type))
)

export const strippingRrsig: Behaviour = editRecords((records) => records.filter(({ type }) => type !== TYPE.RRSIG))

/** Without NSEC and NSEC3, and what signs them. */
export const strippingDenial: Behaviour = editRecords((records, query) =>
  records.filter((record) => record.type === query.question?.type || !DENIAL_TYPES.has(coveredOr(record)))
)

/** RFC 6891 7: an old server that passes over the OPT, so that DO is lost. */
export const ignoringEdns: Behaviour = (respond) => (query, protocol) => respond(withoutEdns(query), protocol)

/** An older server that takes the OPT for a format error. */
export const refusingEdns: Behaviour = (respond) => (query, protocol) => {
  const { edns, id, question, rd } = parseMessage(query)
  return edns ? buildMessage({ id, question, rd, rcode: RCODE.FORMERR }) : respond(query, protocol)
}

/** A middlebox that drops what has an OPT. */
export const droppingEdns: Behaviour = (respond) => (query, protocol) => (parseMessage(query).edns ? undefined : respond(query, protocol))

/** Asks for TCP, whatever the size. */
export const truncating: Behaviour = editReplies((reply, _query, protocol) =>
  protocol === 'udp' ? { ...reply, tc: true, answer: [], authority: [], additional: [] } : reply
)

export const tcpOnly: Behaviour = (respond) => (query, protocol) => (protocol === 'tcp' ? respond(query, protocol) : undefined)
export const udpOnly: Behaviour = (respond) => (query, protocol) => (protocol === 'udp' ? respond(query, protocol) : undefined)

export const wrongId: Behaviour = editReplies((reply) => ({ ...reply, id: reply.id ^ 0x5555 }))

/** Answers another question than was asked. */
export function wrongQuestion(name: string): Behaviour {
  return editReplies((reply) => reply.question && { ...reply, question: { ...reply.question, name: nameFromText(name) } })
}

/** Loses the spelling of the question, and with it 0x20. */
export const lowercasing: Behaviour = editReplies(
  (reply) => reply.question && { ...reply, question: { ...reply.question, name: Name.fromWire(reply.question.name.canonical()) } }
)

/** Claims to have validated. */
export const claimingAd: Behaviour = editReplies((reply) => ({ ...reply, ad: true }))

/** Octets that are no message: the reply cut short. */
export const garbled: Behaviour = (respond) => (query, protocol) => respond(query, protocol)?.slice(0, -3)

/** Adds records to the replies: poison, or somebody else's data. */
export function adding(section: 'answer' | 'authority' | 'additional', records: readonly ResourceRecord[]): Behaviour {
  return editReplies((reply) => ({ ...reply, [section]: [...(reply[section] ?? []), ...records] }))
}

/** Answers out of another server's mouth: for replayed and forged replies. The ID and the spelling are the query's. */
export function insteadOf(other: Respond): Behaviour {
  return () => other
}

const DNSSEC_TYPES = new Set<number>([TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3, TYPE.DS])
const DENIAL_TYPES = new Set<number>([TYPE.NSEC, TYPE.NSEC3])

function coveredOr(record: ResourceRecord): number {
  return record.type === TYPE.RRSIG ? (record.rdata[0] << 8) | record.rdata[1] : record.type
}

function withoutEdns(query: Uint8Array): Uint8Array {
  return buildMessage({ ...toSpec(parseMessage(query)), qr: false, edns: undefined })
}

/** A message as what it is built from. */
export function toSpec(message: Message): ReplySpec {
  const { id, question, qr, aa, tc, rd, ra, ad, cd, opcode, rcode, edns } = message
  // asked for ANY or RRSIG, a message has its RRSIGs also as RRsets of their own
  const twice = question?.type === TYPE.ANY || question?.type === TYPE.RRSIG
  const records = (rrsets: readonly Rrset[]): ResourceRecord[] =>
    rrsets.flatMap((rrset) => toRecords(twice ? { ...rrset, signatures: [] } : rrset))
  return {
    ...{ id, question, qr, aa, tc, rd, ra, ad, cd, opcode, rcode, edns },
    answer: records(message.answer),
    authority: records(message.authority),
    additional: records(message.additional)
  }
}

/** The records of an RRset, its RRSIGs behind them. */
export function toRecords(rrset: Rrset): ResourceRecord[] {
  const { owner, type, ttl, rdatas, signatures } = rrset
  const records = rdatas.map((rdata) => ({ owner, type, class: rrset.class, ttl, rdata }))
  return [
    ...records,
    ...signatures.map((signature) => ({ owner, type: TYPE.RRSIG, class: rrset.class, ttl: signature.ttl, rdata: signature.rdata }))
  ]
}
