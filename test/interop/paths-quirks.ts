// How authorities in the field depart from the standards, as wrappers around one that does not: what a resolver has to live with.
// Stateless; what hangs on time or on the client (slow servers, rate limits) is in paths-serving.ts.
import { buildMessage, parseMessage, type Question, type ReplySpec } from '../../src/wire/message.js'
import { Name } from '../../src/wire/name.js'
import { CLASS, RCODE, TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import * as behaviours from '../world/behaviours.js'
import { type Behaviour, editReplies, failing, silent, toSpec, when } from '../world/behaviours.js'

/** What a quirk needs to know of the zones behind it. */
export interface Site {
  /** a name above data that has none itself (RFC 4592 2.2.2) */
  readonly isEmpty: (name: Name) => boolean
  /** an apex of the zones served here */
  readonly isApex: (name: Name) => boolean
}

export interface Quirk {
  /** part of what is told about a case */
  readonly name: string
  readonly make: (site: Site) => Behaviour
  /** a signed zone cannot be told from a forged one behind it */
  readonly unsignedOnly?: true
  /** writes octets that only a lenient reader takes, so it comes after the others */
  readonly last?: true
  /** has no single right answer then: AAAA, empty non-terminals, types that few servers knew once */
  readonly spoils?: 'AAAA' | 'empty' | 'types'
}

const just = (name: string, behaviour: Behaviour, more: Partial<Quirk> = {}): Quirk => ({ name, make: () => behaviour, ...more })
const edited = (name: string, change: Parameters<typeof editReplies>[0], more: Partial<Quirk> = {}): Quirk =>
  just(name, editReplies(change), more)

const isQuiet = (reply: ReplySpec): boolean => (reply.rcode ?? 0) === RCODE.NOERROR && (reply.answer ?? []).length === 0
const isReferral = (reply: ReplySpec): boolean => isQuiet(reply) && !reply.aa
const a = (owner: string, address: readonly number[]): ResourceRecord => ({
  owner: nameFromText(owner),
  type: TYPE.A,
  class: CLASS.IN,
  ttl: 60,
  rdata: Uint8Array.from(address)
})
const nsOf = (owner: Name, target: string): ResourceRecord => ({
  owner,
  type: TYPE.NS,
  class: CLASS.IN,
  ttl: 60,
  rdata: nameFromText(target).wire
})

/** An OPT that is odd: the reply with other EDNS, when the query had any. */
const opt = (name: string, edns: (sent: NonNullable<ReplySpec['edns']>) => ReplySpec['edns'], more: Partial<Quirk> = {}): Quirk =>
  edited(name, (reply) => (reply.edns ? { ...reply, edns: edns(reply.edns) } : reply), more)

/** Types that have no meaning to the server get this treatment. */
const forTypes = (name: string, types: readonly number[], behaviour: Behaviour, more: Partial<Quirk> = {}): Quirk =>
  just(
    name,
    when(({ type }) => types.includes(type), behaviour),
    more
  )

/** Questions that only QNAME minimisation asks: names without data of their own, the apex below this zone, type NS. */
const forSteps = (name: string, behaviour: Behaviour): Quirk => ({
  name,
  spoils: 'empty',
  make: ({ isEmpty }) => when((question) => isEmpty(question.name) && question.type !== TYPE.DS, behaviour)
})
const forNs = (name: string, behaviour: Behaviour): Quirk => forTypes(name, [TYPE.NS], behaviour)

const headerOnly =
  (rcode: number): Behaviour =>
  (respond) =>
  (query, protocol) =>
    parseMessage(query).edns ? buildMessage({ id: parseMessage(query).id, rcode }) : respond(query, protocol)

const toEdns = (rcode: number): Behaviour => {
  const failed = failing(rcode)
  return (respond) => (query, protocol) => {
    if (!parseMessage(query).edns) return respond(query, protocol)
    const reply = failed(respond)(query, protocol)
    return reply && buildMessage({ ...toSpec(parseMessage(reply)), edns: undefined })
  }
}

const negativeAs = (rcode: number): Behaviour => editReplies((reply) => (isQuiet(reply) && reply.aa ? { ...reply, rcode } : reply))

/** With quirks of the working kind a zone can be resolved; each alone must not keep an iterative resolver from it. */
export const QUIRKS: readonly Quirk[] = [
  just('TC on every datagram', behaviours.truncating),
  just('no TCP', behaviours.udpOnly, { unsignedOnly: true }),
  just('FORMERR to EDNS', behaviours.refusingEdns, { unsignedOnly: true }),
  just('bare FORMERR to EDNS', headerOnly(RCODE.FORMERR), { unsignedOnly: true }),
  just('NOTIMP to EDNS', toEdns(RCODE.NOTIMP), { unsignedOnly: true }),
  just('SERVFAIL to EDNS', toEdns(RCODE.SERVFAIL), { unsignedOnly: true }),
  just('REFUSED to EDNS', toEdns(RCODE.REFUSED), { unsignedOnly: true }),
  just(
    'BADVERS to EDNS',
    (respond) => (query, protocol) => {
      const { edns, id, question } = parseMessage(query)
      return edns ? buildMessage({ id, question, rcode: RCODE.BADVERS, edns: { udpSize: 512, version: 0 } }) : respond(query, protocol)
    },
    { unsignedOnly: true }
  ),
  just('drops EDNS', behaviours.droppingEdns, { unsignedOnly: true }),
  just('passes over EDNS', behaviours.ignoringEdns, { unsignedOnly: true }),
  opt('OPT of version 1', (edns) => ({ ...edns, version: 1 })),
  opt('OPT with unknown options', (edns) => ({
    ...edns,
    options: [
      { code: 65001, data: Uint8Array.of(1, 2, 3) },
      { code: 10, data: new Uint8Array(3) }
    ]
  })),
  just('OPT sent back as it came', (respond) => (query, protocol) => {
    const reply = respond(query, protocol)
    const { edns } = parseMessage(query)
    return reply && edns && buildMessage({ ...toSpec(parseMessage(reply)), edns })
  }),
  opt('OPT of size 0', (edns) => ({ ...edns, udpSize: 0 })),
  opt('DO clear', (edns) => ({ ...edns, dnssecOk: false })),
  just('512 octets at the most', (respond) => (query, protocol) => {
    const reply = respond(query, protocol)
    if (!reply || protocol === 'tcp' || reply.length <= 512) return reply
    const { id, question, edns } = toSpec(parseMessage(reply))
    return buildMessage({ id, question, edns, aa: true, tc: true })
  }),
  just('lower case', behaviours.lowercasing),
  edited('upper case', (reply) => reply.question && { ...reply, question: { ...reply.question, name: upper(reply.question.name) } }),
  edited('RA and no AA', (reply) => ({ ...reply, aa: false, ra: true })),
  edited('no AA', (reply) => ({ ...reply, aa: false })),
  edited('AA on referrals', (reply) => ({ ...reply, aa: true })),
  edited('RD, RA and AD', (reply) => ({ ...reply, rd: true, ra: true, ad: true })),
  edited('Z and CD', (reply) => ({ ...reply, cd: true })),
  edited('strangers in every section', (reply) => ({
    ...reply,
    answer: [...(reply.answer ?? []), a('stranger.example', [192, 0, 2, 66])],
    authority: [...(reply.authority ?? []), nsOf(nameFromText('stranger.example'), 'ns.stranger.example')],
    additional: [...(reply.additional ?? []), a('ns.stranger.example', [192, 0, 2, 66])]
  })),
  edited('strangers at the end', (reply) => ({
    ...reply,
    additional: [...(reply.additional ?? []), a('ns.stranger.example', [192, 0, 2, 66]), a('www.example', [192, 0, 2, 67])]
  })),
  edited('root NS in every answer', (reply) => ({
    ...reply,
    authority: isReferral(reply) ? reply.authority : [...(reply.authority ?? []), nsOf(Name.root, 'a.root-servers.example')]
  })),
  edited('no SOA', (reply) => (isQuiet(reply) && reply.aa ? { ...reply, authority: [] } : reply), { unsignedOnly: true }),
  edited(
    'NS and SOA in negative answers',
    (reply) => {
      const soa = reply.authority?.find(({ type }) => type === TYPE.SOA)
      return soa && isQuiet(reply) ? { ...reply, authority: [nsOf(soa.owner, 'elsewhere.example'), ...(reply.authority ?? [])] } : reply
    },
    { unsignedOnly: true }
  ),
  edited('alias alone', (reply) => {
    const alias = reply.answer?.find(({ type }) => type === TYPE.CNAME)
    const kept = (record: ResourceRecord): boolean =>
      !alias || record.owner.equals(alias.owner) || record.type === TYPE.DNAME || alias.owner.isBelow(record.owner)
    return { ...reply, answer: reply.answer?.filter(kept) }
  }),
  edited('answers in reverse order', (reply) => ({ ...reply, answer: [...(reply.answer ?? [])].reverse() })),
  edited('NXDOMAIN with an answer', (reply) =>
    reply.answer?.some(({ type }) => type === TYPE.CNAME) ? { ...reply, rcode: RCODE.NXDOMAIN } : reply
  ),
  forTypes('silent to types it does not know', [TYPE.DS, TYPE.DNSKEY, TYPE.CAA, TYPE.SRV, TYPE.TLSA, TYPE.HTTPS], silent, {
    unsignedOnly: true,
    spoils: 'types'
  }),
  forTypes('NOTIMP to types it does not know', [TYPE.DS, TYPE.DNSKEY, TYPE.CAA, TYPE.SRV, TYPE.TLSA, TYPE.HTTPS], failing(RCODE.NOTIMP), {
    unsignedOnly: true,
    spoils: 'types'
  }),
  forTypes('REFUSED to DS', [TYPE.DS], failing(RCODE.REFUSED), { unsignedOnly: true }),
  forTypes('SERVFAIL to DS', [TYPE.DS], failing(RCODE.SERVFAIL), { unsignedOnly: true }),
  forTypes('AAAA is NXDOMAIN', [TYPE.AAAA], negativeAs(RCODE.NXDOMAIN), { unsignedOnly: true, spoils: 'AAAA' }),
  forTypes('AAAA is SERVFAIL', [TYPE.AAAA], failing(RCODE.SERVFAIL), { spoils: 'AAAA' }),
  forTypes('AAAA is NOTIMP', [TYPE.AAAA], failing(RCODE.NOTIMP), { spoils: 'AAAA' }),
  forTypes('AAAA is dropped', [TYPE.AAAA], silent, { spoils: 'AAAA' }),
  just(
    'takes AAAA for A',
    (respond) => (query, protocol) => {
      const asked = parseMessage(query)
      if (asked.question?.type !== TYPE.AAAA) return respond(query, protocol)
      const asA = respond(buildMessage({ ...toSpec(asked), qr: false, question: { ...asked.question, type: TYPE.A } }), protocol)
      return asA && buildMessage({ ...toSpec(parseMessage(asA)), question: asked.question })
    },
    { unsignedOnly: true, spoils: 'AAAA' }
  ),
  {
    name: 'NXDOMAIN for empty non-terminals',
    unsignedOnly: true,
    spoils: 'empty',
    make: ({ isEmpty }) => when(({ name }) => isEmpty(name), negativeAs(RCODE.NXDOMAIN))
  },
  forSteps('REFUSED to empty non-terminals', failing(RCODE.REFUSED)),
  forSteps('SERVFAIL to empty non-terminals', failing(RCODE.SERVFAIL)),
  forSteps('FORMERR to empty non-terminals', failing(RCODE.FORMERR)),
  forSteps('silent to empty non-terminals', silent),
  forNs('REFUSED to NS', failing(RCODE.REFUSED)),
  forNs('NXDOMAIN to NS', negativeAs(RCODE.NXDOMAIN)),
  forNs('silent to NS', silent),
  forNs('FORMERR to NS', failing(RCODE.FORMERR)),
  {
    name: 'DS from the child',
    unsignedOnly: true,
    make: ({ isApex }) => when(({ type, name }) => type === TYPE.DS && isApex(name), dsAtChild)
  },
  just('no compression', plain, { last: true }),
  just('chain of pointers', pointed, { last: true }),
  just('octets behind the message', (respond) => (query, protocol) => trailed(respond(query, protocol)), { last: true })
]

/** Servers that are of no use; beside them another one works. */
export const USELESS: readonly Quirk[] = [
  just('refuses', behaviours.refusing),
  just('fails', failing(RCODE.SERVFAIL)),
  just('is not authoritative', failing(RCODE.NOTAUTH)),
  just('does not implement it', failing(RCODE.NOTIMP)),
  just('refers upwards', behaviours.lame),
  just('is silent', silent),
  just(
    'has no records',
    editReplies(({ id, question, rd, edns }) => ({ id, question, rd, edns }))
  ),
  just(
    'has no records and claims AA',
    editReplies(({ id, question, rd, edns }) => ({ id, question, rd, edns, aa: true })),
    { unsignedOnly: true }
  ),
  just(
    'answers from another zone',
    editReplies(({ id, question, rd, edns }) => ({
      id,
      question,
      rd,
      edns,
      aa: true,
      rcode: RCODE.NXDOMAIN,
      authority: [{ owner: nameFromText('parked.example'), type: TYPE.SOA, class: CLASS.IN, ttl: 300, rdata: SOA }]
    }))
  ),
  just(
    'claims the root',
    editReplies(({ id, question, rd, edns }) => ({
      id,
      question,
      rd,
      edns,
      aa: true,
      rcode: RCODE.NXDOMAIN,
      authority: [{ owner: Name.root, type: TYPE.SOA, class: CLASS.IN, ttl: 300, rdata: SOA }]
    }))
  ),
  just('gives another ID', behaviours.wrongId),
  just('answers another question', behaviours.wrongQuestion('other.example')),
  just('sends no messages', behaviours.garbled),
  edited('leaves out the question', (reply) => ({ ...reply, question: undefined })),
  just(
    'asks for TCP and has none',
    (respond) => (query, protocol) => (protocol === 'tcp' ? undefined : behaviours.truncating(respond)(query, protocol))
  ),
  just(
    'refers to itself',
    editReplies(({ id, question, rd, edns }) => ({
      id,
      question,
      rd,
      edns,
      authority: question && question.name.labelCount > 1 ? [nsOf(question.name.ancestor(2), 'ns.stranger.example')] : []
    }))
  )
]

const SOA = Uint8Array.of(
  ...nameFromText('ns.parked.example').wire,
  ...nameFromText('h.parked.example').wire,
  ...new Array(16).fill(0),
  0,
  0,
  1,
  44
)

function upper(name: Name): Name {
  return Name.fromWire(name.wire.map((octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet)))
}

/** The child's side of a DS question: that it has none. */
const dsAtChild: Behaviour = (respond) => (query, protocol) => {
  const asked = parseMessage(query)
  const { question } = asked
  if (!question) return respond(query, protocol)
  const other: Question = { ...question, type: TYPE.NULL }
  const reply = respond(buildMessage({ ...toSpec(asked), qr: false, question: other }), protocol)
  return reply && buildMessage({ ...toSpec(parseMessage(reply)), question })
}

function trailed(reply: Uint8Array | undefined): Uint8Array | undefined {
  return reply && Uint8Array.of(...reply, 0, 0, 0, 0)
}

/** Every name in full. */
function plain(respond: Parameters<Behaviour>[0]): ReturnType<Behaviour> {
  return (query, protocol) => {
    const reply = respond(query, protocol)
    const written = reply && rewritten(reply, (owner) => owner.wire)
    return written && (protocol === 'tcp' || written.length <= 1232) ? written : reply
  }
}

/** Owners equal to QNAME as a pointer to a pointer to it, where the first such owner stands. */
function pointed(respond: Parameters<Behaviour>[0]): ReturnType<Behaviour> {
  return (query, protocol) => {
    const reply = respond(query, protocol)
    if (!reply) return undefined
    const { question } = parseMessage(reply)
    let last = 12
    return rewritten(reply, (owner, at) => {
      if (!question || !owner.equals(question.name)) return owner.wire
      const pointer = Uint8Array.of(0xc0 | (last >> 8), last & 0xff)
      last = Math.min(at, 0x3ffe)
      return pointer
    })
  }
}

/** The reply written anew, with each owner as `write` has it. */
function rewritten(reply: Uint8Array, write: (owner: Name, at: number) => Uint8Array): Uint8Array {
  const spec = toSpec(parseMessage(reply))
  const bare = buildMessage({ ...spec, answer: [], authority: [], additional: [], edns: undefined })
  const whole = buildMessage({ ...spec, answer: [], authority: [], additional: [] })
  const tail = whole.subarray(bare.length) // the OPT
  const parts: Uint8Array[] = [bare]
  let at = bare.length
  const sections = [spec.answer ?? [], spec.authority ?? [], spec.additional ?? []]
  for (const { owner, type, class: rrClass, ttl, rdata } of sections.flat()) {
    const name = write(owner, at)
    const fixed = Buffer.alloc(10)
    fixed.writeUInt16BE(type, 0)
    fixed.writeUInt16BE(rrClass, 2)
    fixed.writeUInt32BE(ttl, 4)
    fixed.writeUInt16BE(rdata.length, 8)
    parts.push(name, fixed, rdata)
    at += name.length + 10 + rdata.length
  }
  const octets = Buffer.concat([...parts, tail])
  octets[3] = whole[3]
  for (const [i, section] of sections.entries()) octets.writeUInt16BE(section.length + (i === 2 && tail.length > 0 ? 1 : 0), 6 + 2 * i)
  return octets
}
