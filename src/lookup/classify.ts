// Classification: what an authority's reply is to the question it was asked (RFC 1034 5.3.3, RFC 2308 2, RFC 4035 3.1.4.1).
// Pure. It looks at the message as it came, since scrubbing would hide how a lame server gives itself away.

import type { Message, Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, RCODE, rcodeToText, TYPE } from '../wire/numbers.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'

export type Classified =
  /** the RRset asked for, or what QNAME is an alias of */
  | { readonly kind: 'answer' | 'alias'; readonly recursive: boolean }
  | { readonly kind: 'nodata' | 'nxdomain'; readonly recursive: boolean; readonly empty?: true }
  /** `zone` is below the zone asked and at or above QNAME */
  | { readonly kind: 'referral'; readonly zone: Name; readonly nameServers: Rrset }
  /** the denial of a DS by the child, which cannot speak for its parent */
  | { readonly kind: 'childSide' }
  /** not in a position to answer for the zone */
  | { readonly kind: 'lame'; readonly why: string }
  /** an RCODE that says that the server cannot or will not answer */
  | { readonly kind: 'error'; readonly rcode: number; readonly why: string }

/**
 * `zone` is the one whose server was asked. Last resorts are a reply from a cache, it seems (`recursive`: RA without AA), and one
 * that denies without a word (`empty`: RFC 2308 2.2 type 3, but also what servers say that do not have the zone).
 */
export function classify(message: Message, question: Question, zone: Name): Classified {
  const { name, type } = question
  if (message.rcode !== RCODE.NOERROR && message.rcode !== RCODE.NXDOMAIN && message.rcode !== RCODE.YXDOMAIN) {
    return { kind: 'error', rcode: message.rcode, why: rcodeToText(message.rcode) }
  }
  const recursive = message.ra && !message.aa
  const answer = message.answer.filter((rrset) => rrset.class === CLASS.IN && rrset.owner.isAtOrBelow(zone))
  if (answer.some((rrset) => rrset.owner.equals(name) && (rrset.type === type || type === TYPE.ANY))) return { kind: 'answer', recursive }
  if (answer.some((rrset) => redirects(rrset, name))) return { kind: 'alias', recursive }
  // A record whose rdata is malformed is there all the same: it must not turn into its own denial.
  const isThere = message.malformed.some((record) => record.class === CLASS.IN && record.type === type && record.owner.equals(name))
  if (isThere) return { kind: 'answer', recursive }
  const authority = message.authority.filter((rrset) => rrset.class === CLASS.IN)
  const soa = authority.find((rrset) => rrset.type === TYPE.SOA)
  const nameServers = authority.filter((rrset) => rrset.type === TYPE.NS)
  // RFC 1034 5.3.3: only downwards, and nearer to the name; the deepest when there are several.
  const cuts = nameServers.filter((rrset) => rrset.owner.isBelow(zone) && name.isAtOrBelow(rrset.owner))
  const cut = cuts.sort((a, b) => b.owner.labelCount - a.owner.labelCount)[0]
  // A zone above the one asked, or beside it: an upward referral or another's negative answer. Beside the SOA of the right zone,
  // or a cut on the way to the name, the NS of others are idle talk.
  const fits = cut !== undefined || (soa?.owner.isAtOrBelow(zone) && name.isAtOrBelow(soa.owner))
  const stray = fits ? undefined : [...(soa ? [soa] : []), ...nameServers].find((rrset) => !rrset.owner.isAtOrBelow(zone))
  if (stray) return { kind: 'lame', why: `answers from ${nameToText(stray.owner)}` }
  if (soa && !name.isAtOrBelow(soa.owner)) return { kind: 'lame', why: `answers from ${nameToText(soa.owner)}` }
  if (message.rcode !== RCODE.NOERROR) return { kind: 'nxdomain', recursive }
  if (soa) {
    // RFC 4035 3.1.4.1: with the child's SOA this is the child's NODATA, and DS is the parent's.
    if (type === TYPE.DS && !name.isRoot && soa.owner.equals(name)) return { kind: 'childSide' }
    return { kind: 'nodata', recursive }
  }
  if (cut) return { kind: 'referral', zone: cut.owner, nameServers: cut }
  if (nameServers.length > 0 && !message.aa) return { kind: 'lame', why: 'gives a referral that leads no nearer' }
  return nameServers.length > 0 ? { kind: 'nodata', recursive } : { kind: 'nodata', recursive, empty: true }
}

function redirects(rrset: Rrset, name: Name): boolean {
  if (rrset.type === TYPE.CNAME) return rrset.owner.equals(name)
  return rrset.type === TYPE.DNAME && name.isBelow(rrset.owner)
}
