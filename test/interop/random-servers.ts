// What a server makes of a zone that is in order: replies with records left out, moved, doubled, out of order or of another name.
import { rdataNames } from '../../src/wire/layout.js'
import { type Message, parseMessage, type ReplySpec } from '../../src/wire/message.js'
import { Name, WILDCARD } from '../../src/wire/name.js'
import { RCODE, TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import type { Random } from '../fuzz/random.js'
import { authority, type Respond } from '../world/authority.js'
import { type Behaviour, editReplies } from '../world/behaviours.js'
import { nameErrorProof, noDataProof, wildcardNoDataProof } from '../world/proofs.js'
import type { Zone } from '../world/zone.js'

type Section = readonly ResourceRecord[]
type Change = (reply: ReplySpec, query: Message, zone: Zone, salt: number) => Partial<ReplySpec>

const answerOf = ({ answer = [] }: ReplySpec): Section => answer
const authorityOf = ({ authority: records = [] }: ReplySpec): Section => records

const covered = ({ type, rdata }: ResourceRecord): number => (type === TYPE.RRSIG ? (rdata[0] << 8) | rdata[1] : type)
const isDenial = (record: ResourceRecord): boolean => covered(record) === TYPE.NSEC || covered(record) === TYPE.NSEC3
const isNegative = (reply: ReplySpec): boolean => authorityOf(reply).some(({ type }) => type === TYPE.SOA)
const denialsOf = (reply: ReplySpec): Name[] => [
  ...new Map(
    authorityOf(reply)
      .filter(isDenial)
      .map(({ owner }) => [owner.key, owner])
  ).values()
]
/** The RRset and its RRSIGs at the apex. */
const atApex = (zone: Zone, type: number): ResourceRecord[] => {
  const apex = zone.nodes.get(zone.apex.key)
  return [...(apex?.sets.get(type) ?? []), ...(apex?.signatures.get(type) ?? [])]
}
const label = (name: Name, text: string): Name => name.child(Buffer.from(text))
const soaWith = (zone: Zone, proof: readonly ResourceRecord[]): ResourceRecord[] => [...atApex(zone, TYPE.SOA), ...new Set(proof)]
const shuffled = (records: Section, salt: number): ResourceRecord[] =>
  records
    .map((record, i) => ({ record, key: Math.imul(i + 1, salt | 1) >>> 3 }))
    .sort((a, b) => a.key - b.key)
    .map(({ record }) => record)

/** Where the reply is not of the kind, it stays as it was. */
const CHANGES: Readonly<Record<string, Change>> = {
  'no CNAME beside a DNAME': (reply) => {
    const dname = answerOf(reply).find(({ type }) => type === TYPE.DNAME)
    const made = dname && answerOf(reply).find(({ type, owner }) => type === TYPE.CNAME && owner.isBelow(dname.owner))
    return made ? { answer: answerOf(reply).filter((record) => record !== made) } : {}
  },
  'another CNAME beside a DNAME': (reply, _, zone) => {
    const dname = answerOf(reply).find(({ type }) => type === TYPE.DNAME)
    const other = label(zone.apex, 'ns').wire
    const isMade = ({ type, owner }: ResourceRecord): boolean => type === TYPE.CNAME && dname !== undefined && owner.isBelow(dname.owner)
    return { answer: answerOf(reply).map((record) => (isMade(record) ? { ...record, rdata: other } : record)) }
  },
  'DNAME only after its CNAME': (reply) => ({
    answer: [...answerOf(reply).filter(({ type }) => type === TYPE.CNAME), ...answerOf(reply).filter(({ type }) => type !== TYPE.CNAME)]
  }),
  'RCODE of denials turned': (reply) =>
    isNegative(reply) ? { rcode: reply.rcode === RCODE.NXDOMAIN ? RCODE.NOERROR : RCODE.NXDOMAIN } : {},
  'no SOA in denials': (reply) => ({ authority: authorityOf(reply).filter((record) => covered(record) !== TYPE.SOA) }),
  'first denial left out': (reply) => {
    const [first] = denialsOf(reply)
    return first ? { authority: authorityOf(reply).filter((record) => !isDenial(record) || !record.owner.equals(first)) } : {}
  },
  'last denial left out': (reply) => {
    const last = denialsOf(reply).pop()
    return last ? { authority: authorityOf(reply).filter((record) => !isDenial(record) || !record.owner.equals(last)) } : {}
  },
  'no RRSIG in the authority section': (reply) => ({ authority: authorityOf(reply).filter(({ type }) => type !== TYPE.RRSIG) }),
  'records twice': (reply) => ({
    answer: [...answerOf(reply), ...answerOf(reply)],
    authority: authorityOf(reply).flatMap((record) => [record, record])
  }),
  'sections out of order': (reply, _, __, salt) => ({
    answer: shuffled(answerOf(reply), salt),
    authority: shuffled(authorityOf(reply), salt)
  }),
  'owners in upper case': (reply) => {
    const upper = (record: ResourceRecord): ResourceRecord => ({
      ...record,
      owner: Name.fromWire(record.owner.wire.map((octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet)))
    })
    return { answer: answerOf(reply).map(upper), authority: authorityOf(reply).map(upper) }
  },
  'every link of the chain in denials': (reply, _, zone) => {
    if (!isNegative(reply) || !zone.chain) return {}
    const rest = authorityOf(reply).filter((record) => !isDenial(record))
    return { authority: [...rest, ...zone.chain.links.slice(0, 24).flatMap(({ records, signatures }) => [...records, ...signatures])] }
  },
  'denials in the answer section': (reply) =>
    isNegative(reply)
      ? {
          answer: [...answerOf(reply), ...authorityOf(reply).filter(isDenial)],
          authority: authorityOf(reply).filter((record) => !isDenial(record))
        }
      : {},
  'SOA added to answers': (reply, _, zone) => (isNegative(reply) ? {} : { authority: [...authorityOf(reply), ...atApex(zone, TYPE.SOA)] }),
  'NS of the apex added to the answer': (reply, _, zone) =>
    answerOf(reply).length > 0 ? { answer: [...answerOf(reply), ...atApex(zone, TYPE.NS)] } : {},
  'the apex said not to be there': (reply, { question }, zone) =>
    question && isNegative(reply) ? { authority: soaWith(zone, noDataProof(zone, zone.apex)) } : {},
  'all said not to exist': (_reply, { question }, zone) =>
    question?.name.isBelow(zone.apex) && !KEYS.has(question.type)
      ? { rcode: RCODE.NXDOMAIN, answer: [], authority: soaWith(zone, nameErrorProof(zone, label(zone.apex, 'nowhere'), zone.apex)) }
      : {},
  'all said not to exist, by their own name': (_, { question }, zone) =>
    question?.name.isBelow(zone.apex) && !KEYS.has(question.type)
      ? { rcode: RCODE.NXDOMAIN, answer: [], authority: soaWith(zone, nameErrorProof(zone, question.name, question.name.parent())) }
      : {},
  'all said to have no data': (_, { question }, zone) =>
    question && !KEYS.has(question.type) ? { rcode: 0, answer: [], authority: soaWith(zone, noDataProof(zone, question.name)) } : {},
  'all said to be of a wildcard without data': (_, { question }, zone) => {
    if (!question?.name.isBelow(zone.apex) || KEYS.has(question.type)) return {}
    const encloser = question.name.parent()
    const proof = wildcardNoDataProof(zone, question.name, encloser)
    return { rcode: 0, answer: [], authority: soaWith(zone, [...proof, ...noDataProof(zone, encloser.child(WILDCARD))]) }
  },
  'denials of the target only': (reply) => {
    const alias = answerOf(reply).find(({ type }) => type === TYPE.CNAME)
    return alias && rdataNames(TYPE.CNAME, alias.rdata).length > 0 ? { answer: [] } : {}
  },
  'chain of aliases cut after the first': (reply) => {
    const first = answerOf(reply).find(({ type }) => type === TYPE.CNAME)
    if (!first) return {}
    const kept = answerOf(reply).filter((record) => covered(record) !== TYPE.CNAME || record.owner.equals(first.owner))
    return { rcode: 0, answer: kept.filter((record) => [TYPE.CNAME, TYPE.DNAME].includes(covered(record) as 5)), authority: [] }
  }
}

/** Without these nothing else would be judged. */
const KEYS: ReadonlySet<number> = new Set([TYPE.DNSKEY, TYPE.SOA, TYPE.NS])

export interface Meddling {
  readonly what: string
  readonly behaviour: (zone: Zone) => Behaviour
}

export function randomMeddling(random: Random): Meddling {
  const what = random.pick(Object.keys(CHANGES))
  const salt = random.below(0x7fffffff)
  const change = CHANGES[what]
  return {
    what: `server: ${what}`,
    behaviour: (zone) =>
      editReplies((reply, query) => {
        const referral = !reply.aa
        return referral ? reply : { ...reply, ...change(reply, query, zone, salt) }
      })
  }
}

/** Serves each zone by a server of its own, all at one address. */
export function byZone(
  zones: readonly { readonly zone: Zone; readonly children: readonly Zone[]; readonly together: boolean; readonly meddling?: Meddling }[]
): Respond {
  const servers = new Map(
    zones.map(({ zone, children, together, meddling }) => {
      const plain = authority(together ? [zone, ...children] : [zone])
      return [zone.apex.key, meddling ? meddling.behaviour(zone)(plain) : plain]
    })
  )
  const nobody = authority([])
  return (query, protocol) => {
    const { question } = parseMessage(query)
    for (let labels = question?.name.labelCount ?? 0; question && labels > 0; labels--) {
      const server = servers.get(question.name.ancestor(labels).key)
      if (server) return server(query, protocol)
    }
    return nobody(query, protocol)
  }
}
