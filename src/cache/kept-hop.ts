// One judged reply, packed: the reply as octets and the verdict beside it, which is not judged again for a hit. What a verdict
// shares with others of its zone (why it is insecure) stays a reference.

import type { Judgement } from '../validate/answer.js'
import type { Hop } from '../validate/hops.js'
import type { Denial, JudgedRrset } from '../verdict/outcome.js'
import type { Reason } from '../verdict/reason.js'
import type { Answered } from '../verdict/reply.js'
import { secure, type Verdict } from '../verdict/verdict.js'
import { Reader, Writer } from '../wire/cursor.js'
import { Name } from '../wire/name.js'
import type { Question } from '../wire/question.js'
import type { Rrset } from '../wire/rrset.js'
import { packOctets, unpackOctets } from './packed.js'
import { readReply, readTime, type Scrub, writeReply, writeTime } from './replies.js'

export interface KeptHop {
  readonly packed: string
  /** of the RRsets that are not secure, in their order */
  readonly verdicts: readonly Verdict[] | undefined
  readonly reason: Reason | undefined
}

const STATUSES: readonly Judgement['status'][] = ['secure', 'insecure', 'bogus', 'indeterminate']
const KINDS: readonly Denial['kind'][] = ['nxdomain', 'nodata', 'insecure-delegation']
const DENIES = 0x04
const BY_NSEC3 = 0x20
const OPT_OUT = 0x40
/** In place of the number of a signature: the verdict is not that of a signature. */
const NO_SIGNATURE = 0xff
const NO_END = 0

/** Undefined for what cannot be packed: a CNAME that was made of a DNAME, an RRset that is not of the reply. */
export function packHop(hop: Hop, reply: Answered): KeptHop | undefined {
  const { judgement } = hop
  const { status, denial } = judgement
  if (reply.via === 'alias' || status === 'bogus') return undefined
  const to = new Writer()
  const flags = STATUSES.indexOf(status) | (denial ? DENIES | (KINDS.indexOf(denial.kind) << 3) : 0)
  to.u8(flags | (denial?.by === 'nsec3' ? BY_NSEC3 : 0) | (denial?.optOut ? OPT_OUT : 0))
  writeTime(to, hop.judgedAt)
  to.u32(signaturesEnd(reply) ?? NO_END)
    .u16(judgement.rcode)
    .u32(judgement.ttl)
  writeOther(to, judgement.canonicalName, hop.name)
  writeOther(to, judgement.next ?? hop.name, hop.name)
  to.u16(judgement.judged.length)
  const rrsets = rrsetsOf(reply)
  const verdicts: Verdict[] = []
  for (const { rrset, verdict, ttl } of judgement.judged) {
    const at = rrsets.indexOf(rrset)
    if (at < 0) return undefined
    const signature = signatureOf(rrset, verdict)
    if (signature === NO_SIGNATURE) verdicts.push(verdict)
    to.u16(at)
      .u8(signature)
      .u32(ttl)
      .u32(verdict.status === 'secure' ? verdict.ttl : 0)
  }
  writeReply(to, reply, reply.message.wire)
  return { packed: packOctets(to.finish()), verdicts: verdicts.length > 0 ? verdicts : undefined, reason: judgement.reason }
}

export function unpackHop(kept: KeptHop, question: Question, scrub: Scrub): Hop | undefined {
  const from = new Reader(unpackOctets(kept.packed))
  const flags = from.u8()
  const judgedAt = readTime(from)
  from.u32()
  const rcode = from.u16()
  const ttl = from.u32()
  const canonicalName = readOther(from) ?? question.name
  const next = readOther(from)
  const marks = Array.from({ length: from.u16() }, () => ({ at: from.u16(), signature: from.u8(), ttl: from.u32(), secureTtl: from.u32() }))
  const reply = readReply(from, question, scrub)
  if (!reply) return undefined
  const rrsets = rrsetsOf(reply)
  let others = 0
  const judged = marks.map(({ at, signature, ttl, secureTtl }): JudgedRrset => {
    const rrset = rrsets[at] as Rrset
    const verdict = signature === NO_SIGNATURE ? (kept.verdicts?.[others++] as Verdict) : bySignature(rrset, signature, secureTtl)
    return { rrset, verdict, ttl }
  })
  const judgement: Judgement = {
    status: STATUSES[flags & 3] as Judgement['status'],
    rcode,
    canonicalName,
    judged,
    ttl,
    evidence: [],
    ...(next && { next }),
    ...(flags & DENIES && {
      denial: {
        kind: KINDS[(flags >> 3) & 3] as Denial['kind'],
        by: flags & BY_NSEC3 ? ('nsec3' as const) : ('nsec' as const),
        optOut: (flags & OPT_OUT) !== 0
      }
    }),
    ...(kept.reason && { reason: kept.reason })
  }
  return { name: question.name, zone: reply.zone, judgement, malformed: reply.message.malformed, evidence: [], judgedAt }
}

/** The reply alone, to be judged anew. */
export function unpackReplyOf(kept: KeptHop, question: Question, scrub: Scrub): Answered | undefined {
  const from = new Reader(unpackOctets(kept.packed))
  from.take(1 + 8 + 4 + 2 + 4)
  readOther(from)
  readOther(from)
  from.take(from.u16() * (2 + 1 + 4 + 4))
  return readReply(from, question, scrub)
}

/** When the first of the reply's signatures ends, in seconds since the epoch; undefined when it has none. */
export function endOf({ packed }: KeptHop): number | undefined {
  const octet = (i: number): number => packed.charCodeAt(9 + i)
  const end = octet(0) * 2 ** 24 + ((octet(1) << 16) | (octet(2) << 8) | octet(3))
  return end === NO_END ? undefined : end
}

const rrsetsOf = ({ message }: Answered): readonly Rrset[] => [...message.answer, ...message.authority]

function signaturesEnd({ message }: Answered): number | undefined {
  const ends = [...message.answer, ...message.authority].flatMap(({ signatures }) => signatures.map(({ expiration }) => expiration))
  return ends.length > 0 ? ends.reduce((least, end) => Math.min(least, end)) : undefined
}

function signatureOf(rrset: Rrset, verdict: Verdict): number {
  if (verdict.status !== 'secure' || verdict.proof.by !== 'signature') return NO_SIGNATURE
  const { keyTag, algorithm, expiration, signer } = verdict.proof
  const at = rrset.signatures.findIndex(
    (one) => one.keyTag === keyTag && one.algorithm === algorithm && one.expiration === expiration && one.signer.equals(signer)
  )
  return at < 0 || at >= NO_SIGNATURE ? NO_SIGNATURE : at
}

/** The verdict was reached by this signature when it was kept; its words are read from it again. */
function bySignature(rrset: Rrset, at: number, ttl: number): Verdict {
  const { signer, keyTag, algorithm, expiration, labels } = rrset.signatures[at] as Rrset['signatures'][number]
  const expanded = labels < rrset.owner.labelCount - (rrset.owner.isWildcard ? 1 : 0)
  const proof = { by: 'signature' as const, signer, keyTag, algorithm, expiration }
  return secure(expanded ? { ...proof, closestEncloser: rrset.owner.ancestor(labels) } : proof, ttl)
}

/** A name, where it is another than the question's. */
function writeOther(to: Writer, name: Name, own: Name): void {
  if (name === own) to.u8(0)
  else to.u8(name.wire.length).bytes(name.wire)
}

function readOther(from: Reader): Name | undefined {
  const length = from.u8()
  return length === 0 ? undefined : Name.fromWire(from.take(length))
}
