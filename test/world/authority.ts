// An authoritative server in memory: query octets in, reply octets out, no state (RFC 1034 4.3.2, RFC 4035 3.1, RFC 5155 7.2).
// It answers for one or more zones and follows aliases within them.
import { WireError } from '../../src/wire/cursor.js'
import { rdataNames } from '../../src/wire/layout.js'
import { buildMessage, type Message, parseMessage, type Question, type ReplySpec } from '../../src/wire/message.js'
import { Name, WILDCARD } from '../../src/wire/name.js'
import { CLASS, OPCODE, RCODE, TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameErrorProof, noDataProof, wildcardNoDataProof, wildcardProof } from './proofs.js'
import { isAuthoritative, type Zone, type ZoneNode } from './zone.js'

export type Protocol = 'udp' | 'tcp'

/** One server: octets in, octets out; undefined for silence. */
export type Respond = (query: Uint8Array, protocol: Protocol) => Uint8Array | undefined

export interface AuthorityOptions {
  /** largest reply over UDP whatever the client takes, octets */
  readonly udpSize?: number
  /** adds the zone's NS to positive answers, as servers did before minimal responses */
  readonly chatty?: boolean
}

interface Draft {
  readonly zones: readonly Zone[]
  readonly chatty: boolean
  aa: boolean
  rcode: number
  readonly answer: ResourceRecord[]
  readonly authority: ResourceRecord[]
  readonly additional: ResourceRecord[]
  /** additional records without which a referral is of no use (RFC 9471) */
  glueNeeded: boolean
  readonly dnssec: boolean
  hops: number
}

const MAX_HOPS = 16
/** Types that are the alias's own or that no alias is followed for (RFC 1034 3.6.2, RFC 4035 2.5). */
const AT_ALIAS = new Set<number>([TYPE.CNAME, TYPE.NSEC, TYPE.RRSIG, TYPE.ANY])

/** Serves the zones from one server. */
export function authority(zones: readonly Zone[], options: AuthorityOptions = {}): Respond {
  return (query, protocol) => {
    let message: Message
    try {
      message = parseMessage(query)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      if (query.length < 12) return undefined
      return buildMessage({ id: (query[0] << 8) | query[1], rcode: RCODE.FORMERR })
    }
    if (message.qr) return undefined
    return reply(zones, options, message, protocol)
  }
}

function reply(zones: readonly Zone[], options: AuthorityOptions, query: Message, protocol: Protocol): Uint8Array {
  const { id, question, rd, cd, opcode } = query
  const { udpSize = 1232 } = options
  const edns = query.edns && { udpSize, version: 0, dnssecOk: query.edns.dnssecOk, options: [] }
  const head = { id, question, rd, cd, opcode, edns }
  if (query.edns && query.edns.version > 0) return buildMessage({ ...head, rcode: RCODE.BADVERS })
  if (opcode !== OPCODE.QUERY) return buildMessage({ ...head, rcode: RCODE.NOTIMP })
  if (!question) return buildMessage({ ...head, rcode: RCODE.FORMERR })
  if (question.class !== CLASS.IN) return buildMessage({ ...head, rcode: RCODE.REFUSED })
  const draft: Draft = {
    zones,
    chatty: options.chatty ?? false,
    aa: false,
    rcode: RCODE.NOERROR,
    answer: [],
    authority: [],
    additional: [],
    glueNeeded: false,
    dnssec: query.edns?.dnssecOk ?? false,
    hops: 0
  }
  answerQuestion(question, draft)
  const { aa, rcode, answer, authority, additional } = draft
  const whole: ReplySpec = { ...head, aa, rcode, answer, authority, additional }
  const bytes = buildMessage(whole)
  if (protocol === 'tcp') return bytes
  const room = Math.min(Math.max(query.edns?.udpSize ?? 512, 512), udpSize)
  if (bytes.length <= room) return bytes
  if (!draft.glueNeeded) {
    const shorter = buildMessage({ ...whole, additional: [] })
    if (shorter.length <= room) return shorter
  }
  return buildMessage({ ...head, aa, rcode, tc: true }) // RFC 2181 9
}

function answerQuestion(question: Question, draft: Draft): void {
  const { name, type } = question
  const zone = zoneFor(draft.zones, name, type)
  if (!zone) {
    // the end of an alias chain that leaves this server is an answer; a first question is not
    if (draft.answer.length === 0) draft.rcode = RCODE.REFUSED
    return
  }
  const cut = cutAbove(zone, name)
  const asksParent = type === TYPE.DS && cut?.owner.equals(name)
  if (cut?.standing === 'delegation' && !asksParent) {
    refer(zone, cut, draft)
    return
  }
  draft.aa = true
  if (cut && !asksParent) {
    followDname(cut, question, draft)
    return
  }
  const node = zone.nodes.get(name.key)
  if (node) {
    answerAt(zone, node, question, draft)
    return
  }
  const encloser = closestEncloser(zone, name)
  const wildcard = zone.nodes.get(encloser.child(WILDCARD).key)
  if (wildcard) {
    answerAt(zone, wildcard, question, draft, encloser)
    return
  }
  draft.rcode = RCODE.NXDOMAIN
  addNegative(zone, draft, () => nameErrorProof(zone, name, encloser))
}

/** RFC 4035 3.1.4.1: a DS belongs to the zone above the cut, when that is here. */
function zoneFor(zones: readonly Zone[], name: Name, type: number): Zone | undefined {
  const above = zones.filter((zone) => name.isAtOrBelow(zone.apex)).sort((a, b) => b.apex.labelCount - a.apex.labelCount)
  const [closest, next] = above
  return type === TYPE.DS && next && closest.apex.equals(name) ? next : closest
}

/** The highest delegation at or above the name, or DNAME above it, below the apex or at it (RFC 6672 3.2). */
function cutAbove(zone: Zone, name: Name): ZoneNode | undefined {
  for (let labels = zone.apex.labelCount; labels <= name.labelCount; labels++) {
    const node = zone.nodes.get(name.ancestor(labels).key)
    if (!node) return undefined
    if (node.standing === 'delegation') return node
    if (node.sets.has(TYPE.DNAME) && labels < name.labelCount) return node
  }
  return undefined
}

function closestEncloser(zone: Zone, name: Name): Name {
  let labels = name.labelCount - 1
  while (labels > zone.apex.labelCount && !zone.nodes.has(name.ancestor(labels).key)) labels--
  return name.ancestor(labels)
}

/** @param encloser set when `node` is a wildcard that the name is made from */
function answerAt(zone: Zone, node: ZoneNode, question: Question, draft: Draft, encloser?: Name): void {
  const { name, type } = question
  const found = draft.answer.length
  if (type === TYPE.ANY) {
    for (const covered of node.sets.keys()) addSet(draft.answer, node, covered, draft.dnssec, name)
  } else if (type === TYPE.RRSIG) {
    for (const signatures of node.signatures.values()) draft.answer.push(...renamed(signatures, name))
  } else {
    const alias = node.sets.has(TYPE.CNAME) && !AT_ALIAS.has(type)
    addSet(draft.answer, node, alias ? TYPE.CNAME : type, draft.dnssec, name)
  }
  if (draft.answer.length === found) {
    addNegative(zone, draft, () => (encloser ? wildcardNoDataProof(zone, name, encloser) : noDataProof(zone, name)))
    return
  }
  if (encloser && draft.dnssec) draft.authority.push(...wildcardProof(zone, name, encloser))
  const [alias] = AT_ALIAS.has(type) ? [] : (node.sets.get(TYPE.CNAME) ?? [])
  if (alias) {
    followAlias(rdataNames(TYPE.CNAME, alias.rdata)[0], question, draft)
    return
  }
  if (draft.chatty && !(type === TYPE.NS && node.owner.equals(zone.apex))) {
    const apex = zone.nodes.get(zone.apex.key)
    if (apex) addSet(draft.authority, apex, TYPE.NS, draft.dnssec)
  }
  addAddresses(node.sets.get(type) ?? [], draft)
}

/** RFC 6672 3.2: the DNAME, and the CNAME made of it, which is not signed. */
function followDname(node: ZoneNode, question: Question, draft: Draft): void {
  const { name } = question
  addSet(draft.answer, node, TYPE.DNAME, draft.dnssec)
  const [dname] = node.sets.get(TYPE.DNAME) ?? []
  const [into] = rdataNames(TYPE.DNAME, dname.rdata)
  const target = underneath(name, node.owner, into)
  if (!target) {
    draft.rcode = RCODE.YXDOMAIN // RFC 6672 2.2
    return
  }
  draft.answer.push({ owner: name, type: TYPE.CNAME, class: CLASS.IN, ttl: dname.ttl, rdata: target.wire })
  if (!AT_ALIAS.has(question.type)) followAlias(target, question, draft)
}

/** The name with `from` at its end replaced by `into`; undefined beyond 255 octets. */
function underneath(name: Name, from: Name, into: Name): Name | undefined {
  const labels: Uint8Array[] = []
  for (let i = 0; i < name.labelCount - from.labelCount; i++) labels.push(name.label(i))
  for (let i = 0; i < into.labelCount; i++) labels.push(into.label(i))
  const length = labels.reduce((sum, label) => sum + label.length + 1, 1)
  return length > 255 ? undefined : Name.fromLabels(labels)
}

function followAlias(target: Name, question: Question, draft: Draft): void {
  const seen = draft.answer.some((record) => record.type === TYPE.CNAME && record.owner.equals(target))
  if (seen || ++draft.hops > MAX_HOPS) return
  answerQuestion({ ...question, name: target }, draft)
}

/** RFC 4035 3.1.4: the NS, the DS or the proof that there is none, and the glue. */
function refer(zone: Zone, cut: ZoneNode, draft: Draft): void {
  const servers = cut.sets.get(TYPE.NS) ?? []
  draft.authority.push(...servers)
  if (draft.dnssec) {
    if (cut.sets.has(TYPE.DS)) addSet(draft.authority, cut, TYPE.DS, true)
    else draft.authority.push(...noDataProof(zone, cut.owner))
  }
  for (const [target] of servers.map((record) => rdataNames(TYPE.NS, record.rdata))) {
    if (!target.isAtOrBelow(zone.apex)) continue // RFC 9471: glue is of the zone that refers
    const node = zone.nodes.get(target.key)
    for (const type of [TYPE.A, TYPE.AAAA]) draft.additional.push(...(node?.sets.get(type) ?? []))
    if (target.isAtOrBelow(cut.owner)) draft.glueNeeded = true
  }
  if (draft.additional.length === 0) addAddresses(servers, draft)
}

/** Addresses of the names in NS, MX and SRV, as far as the zones of this server hold them; glue is not signed. */
function addAddresses(records: readonly ResourceRecord[], draft: Draft): void {
  for (const record of records) {
    if (record.type !== TYPE.NS && record.type !== TYPE.MX && record.type !== TYPE.SRV) continue
    const [target] = rdataNames(record.type, record.rdata)
    const zone = zoneFor(draft.zones, target, TYPE.A)
    const node = zone?.nodes.get(target.key)
    if (!node) continue
    for (const type of [TYPE.A, TYPE.AAAA]) addSet(draft.additional, node, type, draft.dnssec)
  }
}

function addNegative(zone: Zone, draft: Draft, proof: () => ResourceRecord[]): void {
  const apex = zone.nodes.get(zone.apex.key)
  const atTtl = (record: ResourceRecord): ResourceRecord => ({ ...record, ttl: zone.negativeTtl }) // RFC 2308 3
  draft.authority.push(...(apex?.sets.get(TYPE.SOA) ?? []).map(atTtl))
  if (!draft.dnssec) return
  draft.authority.push(...(apex?.signatures.get(TYPE.SOA) ?? []).map(atTtl))
  for (const record of proof()) if (!draft.authority.includes(record)) draft.authority.push(record)
}

/** @param owner the owner to answer with: the question's own spelling, and its name in place of a wildcard's */
function addSet(section: ResourceRecord[], node: ZoneNode, type: number, dnssec: boolean, owner = node.owner): void {
  section.push(...renamed(node.sets.get(type) ?? [], owner))
  if (dnssec && isAuthoritative(node, type)) section.push(...renamed(node.signatures.get(type) ?? [], owner))
}

function renamed(records: readonly ResourceRecord[], owner: Name): ResourceRecord[] {
  return records.map((record) => ({ ...record, owner }))
}
