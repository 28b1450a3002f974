// Message: what a DNS message says, read in one pass and refused as a whole when its framing is wrong (RFC 1035 4.1).
import { plainBytes, Reader, WireError } from './cursor.js'
import { type Edns, readEdns } from './edns.js'
import { expandRdata } from './layout.js'
import { readName } from './name.js'
import { CLASS, TYPE } from './numbers.js'
import type { Question } from './question.js'
import { groupRrsets, type ResourceRecord, type Rrset } from './rrset.js'

export interface Message {
  /** The octets it was read from. */
  readonly wire: Uint8Array
  readonly id: number
  readonly qr: boolean
  readonly aa: boolean
  readonly tc: boolean
  readonly rd: boolean
  readonly ra: boolean
  readonly ad: boolean
  readonly cd: boolean
  readonly opcode: number
  /** With the upper eight bits of the OPT (RFC 6891 6.1.3). */
  readonly rcode: number
  readonly question: Question | undefined
  readonly answer: readonly Rrset[]
  readonly authority: readonly Rrset[]
  /** Without the OPT. */
  readonly additional: readonly Rrset[]
  /** Records of any section whose rdata does not fit their type; they hide nothing else. */
  readonly malformed: readonly ResourceRecord[]
  readonly edns: Edns | undefined
}

export { buildMessage, buildQuery, type QuerySpec, type ReplySpec } from './build.js'
export { type Question, questionKey } from './question.js'

export type Section = 'answer' | 'authority' | 'additional'

/** Octets a record has besides owner and rdata, and at the least with the root as owner and no rdata. */
const RECORD_FIXED = 10
const RECORD_LEAST = 11

/**
 * WireError when the framing is wrong: counts or lengths beyond the data, a malformed owner, more than one question, an OPT
 * that is second, misplaced or malformed. A record with malformed rdata goes to `malformed`. Octets after the last record are
 * nobody's and passed over, as others do: some servers send them.
 */
export function parseMessage(wire: Uint8Array): Message {
  const bytes = plainBytes(wire)
  const from = new Reader(bytes)
  const id = from.u16()
  const flags = from.u16()
  const questions = from.u16()
  const counts = { answer: from.u16(), authority: from.u16(), additional: from.u16() }
  if (questions > 1) throw new WireError(`a message with ${questions} questions (RFC 9619)`, 4)
  if ((counts.answer + counts.authority + counts.additional) * RECORD_LEAST > from.left) {
    throw new WireError('the record counts are beyond what the message can hold', 6)
  }
  const question = questions === 1 ? { name: readName(from), type: from.u16(), class: from.u16() } : undefined
  const keepSignatures = question?.type === TYPE.ANY || question?.type === TYPE.RRSIG
  const malformed: ResourceRecord[] = []
  let opt: ResourceRecord | undefined
  const readSection = (section: Section): Rrset[] => {
    const records: ResourceRecord[] = []
    for (let i = 0; i < counts[section]; i++) {
      const at = from.at
      const record = readRecord(from)
      if (record.type !== TYPE.OPT) {
        records.push(record)
        continue
      }
      if (opt) throw new WireError('a second OPT record (RFC 6891 6.1.1)', at)
      if (section !== 'additional') throw new WireError(`an OPT record in the ${section} section (RFC 6891 6.1.1)`, at)
      if (!record.owner.isRoot) throw new WireError('an OPT record whose owner is not the root (RFC 6891 6.1.2)', at)
      opt = record
    }
    const grouped = groupRrsets(records, keepSignatures)
    malformed.push(...grouped.malformed)
    return grouped.rrsets
  }
  const answer = readSection('answer')
  const authority = readSection('authority')
  const additional = readSection('additional')
  return {
    wire: bytes,
    id,
    qr: (flags & 0x8000) !== 0,
    aa: (flags & 0x0400) !== 0,
    tc: (flags & 0x0200) !== 0,
    rd: (flags & 0x0100) !== 0,
    ra: (flags & 0x0080) !== 0,
    ad: (flags & 0x0020) !== 0,
    cd: (flags & 0x0010) !== 0,
    opcode: (flags >>> 11) & 0xf,
    rcode: (flags & 0xf) | (opt ? (opt.ttl >>> 24) << 4 : 0),
    question,
    answer,
    authority,
    additional,
    malformed,
    edns: opt ? readEdns(opt.class, opt.ttl, opt.rdata) : undefined
  }
}

function readRecord(from: Reader): ResourceRecord {
  const owner = readName(from)
  if (from.left < RECORD_FIXED) throw new WireError('a record runs beyond the message', from.at)
  const type = from.u16()
  const rrClass = from.u16()
  const rawTtl = from.u32()
  const length = from.u16()
  if (length > from.left) throw new WireError(`an RDLENGTH of ${length} runs beyond the message`, from.at - 2)
  if (type === TYPE.OPT) return { owner, type, class: rrClass, ttl: rawTtl, rdata: from.take(length) }
  const ttl = rawTtl > 0x7fffffff ? 0 : rawTtl // RFC 2181 8
  const start = from.at
  // The layouts of A and AAAA are those of class IN (RFC 1035 3.4); elsewhere they mean something else (Chaosnet's A).
  if (rrClass !== CLASS.IN && (type === TYPE.A || type === TYPE.AAAA)) {
    return { owner, type, class: rrClass, ttl, rdata: from.take(length) }
  }
  try {
    return { owner, type, class: rrClass, ttl, rdata: expandRdata(type, from, length) }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    from.at = start
    return { owner, type, class: rrClass, ttl, rdata: from.take(length), fault: error.message }
  }
}
