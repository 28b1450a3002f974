// The chain of aliases in one answer section: CNAME (RFC 1034 3.6.2) and DNAME with the CNAME it gives (RFC 6672).

import type { Answered } from '../verdict/reply.js'
import { Reader, WireError } from '../wire/cursor.js'
import type { Message, Question } from '../wire/message.js'
import { type Name, readPlainName } from '../wire/name.js'
import { RCODE, TYPE } from '../wire/numbers.js'
import type { Rrset } from '../wire/rrset.js'

/** One step from `owner` to `target`; by DNAME the CNAME is made here, whatever the message says. */
export interface Link {
  readonly owner: Name
  readonly target: Name
  readonly rrset: Rrset
  /** of a DNAME: the CNAME that it gives, in the answer beside it */
  readonly cname?: Rrset
}

export type Step =
  | { readonly kind: 'link'; readonly link: Link }
  | { readonly kind: 'data'; readonly rrsets: readonly Rrset[] }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'fault'
      readonly fault: 'aliasWrong' | 'aliasAmbiguous' | 'aliasTooLong'
      readonly owner: Name
      readonly rrset: Rrset
    }

/** Types at an alias that are answered there and not at its target (RFC 1034 3.6.2, RFC 4035 2.5). */
const NOT_FOLLOWED: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.ANY, TYPE.RRSIG, TYPE.NSEC])

/** What the answer section says at `name`: the data asked for, one step to another name, or nothing. */
export function stepAt(name: Name, type: number, answer: readonly Rrset[]): Step {
  const here = answer.filter((rrset) => rrset.owner.equals(name))
  const dname = type === TYPE.ANY ? undefined : answer.find((rrset) => rrset.type === TYPE.DNAME && name.isBelow(rrset.owner))
  if (dname) return dnameStep(name, dname, here)
  if (type === TYPE.ANY) {
    // RFC 4035 2.2: RRSIGs are not data of their own; here they stand beside what they sign.
    const data = here.filter((rrset) => rrset.type !== TYPE.RRSIG)
    return data.length > 0 ? { kind: 'data', rrsets: data } : { kind: 'none' }
  }
  const cname = here.find((rrset) => rrset.type === TYPE.CNAME)
  const data = here.find((rrset) => rrset.type === type)
  if (cname && !NOT_FOLLOWED.has(type)) {
    // RFC 2181 10.1: a CNAME stands alone.
    if (data || cname.rdatas.length !== 1) return { kind: 'fault', fault: 'aliasAmbiguous', owner: name, rrset: cname }
    const target = nameIn(cname)
    if (!target) return { kind: 'none' }
    return { kind: 'link', link: { owner: name, target, rrset: cname } }
  }
  return data ? { kind: 'data', rrsets: [data] } : { kind: 'none' }
}

/** RFC 6672 2.2, 5.3.1: the CNAME follows from the DNAME; one that says something else is a forgery. */
function dnameStep(name: Name, dname: Rrset, here: readonly Rrset[]): Step {
  if (dname.rdatas.length !== 1) return { kind: 'fault', fault: 'aliasAmbiguous', owner: dname.owner, rrset: dname } // RFC 6672 2.4
  const into = nameIn(dname)
  if (!into) return { kind: 'none' }
  const target = substitute(name, dname.owner, into)
  if (!target) return { kind: 'fault', fault: 'aliasTooLong', owner: name, rrset: dname }
  const stated = here.find((rrset) => rrset.type === TYPE.CNAME)
  if (stated && !(stated.rdatas.length === 1 && nameIn(stated)?.equals(target))) {
    return { kind: 'fault', fault: 'aliasWrong', owner: name, rrset: dname }
  }
  const cname = { owner: name, type: TYPE.CNAME, class: dname.class, ttl: stated?.ttl ?? dname.ttl, rdatas: [target.wire], signatures: [] }
  return { kind: 'link', link: { owner: name, target, rrset: dname, cname } }
}

/** RFC 6672 2.2: the owner's labels are replaced by the target's; undefined beyond 255 octets. */
export function substitute(name: Name, owner: Name, into: Name): Name | undefined {
  try {
    let result = into
    for (let i = name.labelCount - owner.labelCount - 1; i >= 0; i--) result = result.child(name.label(i))
    return result
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function nameIn(rrset: Rrset): Name | undefined {
  try {
    return readPlainName(new Reader(rrset.rdatas[0] as Uint8Array))
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

/**
 * What the reply says of an alias at or above the question's name, and nothing else: the alias, and the records that prove a
 * wildcard. So a reply to one question answers another one that the same alias leads elsewhere. Undefined without an alias.
 */
export function asAliasReply(reply: Answered, question: Question): Answered | undefined {
  const step = stepAt(question.name, question.type, reply.message.answer)
  if (step.kind !== 'link') return undefined
  const message: Message = {
    ...reply.message,
    rcode: RCODE.NOERROR,
    answer: [step.link.rrset],
    authority: reply.message.authority.filter((rrset) => rrset.type === TYPE.NSEC || rrset.type === TYPE.NSEC3),
    additional: [],
    malformed: []
  }
  return { ...reply, question, message, via: 'alias' }
}
