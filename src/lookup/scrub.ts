// Scrubbing: of a message only what answers the question and what its server may speak for (RFC 2181 5.4.1, RFC 5452 6).
// Pure; it judges no signature and repairs nothing.

import { WireError } from '../wire/cursor.js'
import { rdataNames } from '../wire/layout.js'
import type { Message, Question } from '../wire/message.js'
import { Name } from '../wire/name.js'
import { CLASS, TYPE } from '../wire/numbers.js'
import type { Rrset } from '../wire/rrset.js'

/** Links of an alias chain kept of one message; the limit on aliases followed is lower. */
const MOST_LINKS = 32
/** Names of name servers in one message whose addresses are kept as glue. */
const MOST_GLUE_NAMES = 20

const AUTHORITY_TYPES: ReadonlySet<number> = new Set([TYPE.NS, TYPE.SOA, TYPE.DS, TYPE.NSEC, TYPE.NSEC3])
const DENIAL_TYPES: ReadonlySet<number> = new Set([TYPE.SOA, TYPE.NSEC, TYPE.NSEC3])
/** RFC 1034 3.6.2, RFC 4035 2.5: beside these an alias at the name is not followed. */
const AT_THE_NAME_ONLY: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.ANY, TYPE.RRSIG, TYPE.NSEC])

/**
 * The message without what does not belong to it: of the answer the alias chain that starts at QNAME and the RRsets it
 * reaches, of the authority section NS, SOA, DS, NSEC and NSEC3, of the additional section glue for the name servers named.
 * Only class IN, and nothing out of `zone`, whose server was asked, but signed denials; undefined when the server is recursive.
 * The name of the question and owners equal to it get the letter case of `question`.
 */
export function scrub(message: Message, question: Question, zone: Name | undefined): Message {
  const ours = (owner: Name): boolean => zone === undefined || owner.isAtOrBelow(zone)
  const kept = (rrset: Rrset): boolean => rrset.class === CLASS.IN && ours(rrset.owner)
  const asAsked = (rrset: Rrset): Rrset => (rrset.owner.equals(question.name) ? { ...rrset, owner: question.name } : rrset)
  const answer = message.answer.length > 0 ? aliasChain(message.answer.filter(kept), question, ours) : []
  const authority = message.authority.filter((rrset) => (kept(rrset) || provesElsewhere(rrset)) && AUTHORITY_TYPES.has(rrset.type))
  const servers = serverKeys([...authority, ...answer])
  return {
    ...message,
    question: message.question && {
      ...message.question,
      name: message.question.name.equals(question.name) ? question.name : message.question.name
    },
    answer: answer.map(asAsked),
    authority: authority.map(asAsked),
    additional: message.additional.filter((rrset) => kept(rrset) && isAddress(rrset) && servers.has(rrset.owner.key)),
    malformed: message.malformed.filter((record) => record.class === CLASS.IN && ours(record.owner))
  }
}

/**
 * What denies the target of an alias may be of another zone that the server has as well. It counts by its signature alone
 * (RFC 4035 5.4), never by who gave it, so it may stay.
 */
const provesElsewhere = (rrset: Rrset): boolean => rrset.class === CLASS.IN && rrset.signatures.length > 0 && DENIAL_TYPES.has(rrset.type)

export const isAddress = (rrset: Rrset): boolean => rrset.type === TYPE.A || rrset.type === TYPE.AAAA

/** The RRsets in chain order: what redirects a name, then what is there. */
function aliasChain(rrsets: readonly Rrset[], question: Question, ours: (name: Name) => boolean): Rrset[] {
  const byOwner = new Map<string, Rrset[]>()
  for (const rrset of rrsets) {
    const at = byOwner.get(rrset.owner.key)
    if (at) at.push(rrset)
    else byOwner.set(rrset.owner.key, [rrset])
  }
  const dnames = rrsets.filter((rrset) => rrset.type === TYPE.DNAME)
  const chain = new Set<Rrset>()
  const visited = new Set<string>()
  let name: Name | undefined = question.name
  while (name && ours(name) && !visited.has(name.key) && visited.size < MOST_LINKS) {
    visited.add(name.key)
    const here: Name = name
    const at = byOwner.get(here.key) ?? []
    const dname = dnames.find((rrset) => here.isBelow(rrset.owner)) // RFC 6672 2.3: its own owner is not redirected
    const cname = at.find((rrset) => rrset.type === TYPE.CNAME)
    if (dname) chain.add(dname)
    if (cname) chain.add(cname)
    for (const rrset of at) if (rrset.type === question.type || question.type === TYPE.ANY) chain.add(rrset)
    name = !dname && AT_THE_NAME_ONLY.has(question.type) ? undefined : nextOf(here, cname, dname, question.type)
  }
  return [...chain]
}

function nextOf(name: Name, cname: Rrset | undefined, dname: Rrset | undefined, type: number): Name | undefined {
  if (cname) return type === TYPE.CNAME ? undefined : targetOf(cname)
  return dname && substituted(name, dname)
}

/** The target of a CNAME or DNAME RRset; undefined when there is not exactly one (RFC 2181 10.1, RFC 6672 2.4). */
export function targetOf(rrset: Rrset): Name | undefined {
  return rrset.rdatas.length === 1 ? rdataNames(rrset.type, rrset.rdatas[0])[0] : undefined
}

/** RFC 6672 2.2; undefined when the new name is longer than a name may be. */
function substituted(name: Name, dname: Rrset): Name | undefined {
  const target = targetOf(dname)
  if (!target) return undefined
  const labels = Array.from({ length: name.labelCount - dname.owner.labelCount }, (_, i) => name.label(i))
  for (let i = 0; i < target.labelCount; i++) labels.push(target.label(i))
  try {
    return Name.fromLabels(labels)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function serverKeys(rrsets: readonly Rrset[]): Set<string> {
  const keys = new Set<string>()
  for (const rrset of rrsets) {
    if (rrset.type !== TYPE.NS) continue
    for (const rdata of rrset.rdatas) {
      if (keys.size >= MOST_GLUE_NAMES) return keys
      for (const name of rdataNames(TYPE.NS, rdata)) keys.add(name.key)
    }
  }
  return keys
}
