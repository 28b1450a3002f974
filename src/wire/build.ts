// Writing of messages: queries, and whole messages for stub answers and test servers (RFC 1035 4.1, RFC 6891).
import { Writer } from './cursor.js'
import { type Edns, type EdnsOption, ednsLength, writeEdns } from './edns.js'
import type { Name } from './name.js'
import type { Question } from './question.js'
import type { ResourceRecord } from './rrset.js'

/** Header, type and class. */
const BARE_OCTETS = 16

export interface QuerySpec {
  id: number
  question: Question
  recursionDesired?: boolean
  checkingDisabled?: boolean
  edns?: { udpSize: number; dnssecOk: boolean; options?: readonly EdnsOption[] }
}

/** Flags that are left out are false, `rcode` and `opcode` 0; `qr` is true when left out. */
export interface ReplySpec {
  id: number
  question?: Question
  qr?: boolean
  aa?: boolean
  tc?: boolean
  rd?: boolean
  ra?: boolean
  ad?: boolean
  cd?: boolean
  opcode?: number
  /** Above 15 only with `edns`, which carries the upper bits. */
  rcode?: number
  answer?: readonly ResourceRecord[]
  authority?: readonly ResourceRecord[]
  additional?: readonly ResourceRecord[]
  edns?: Partial<Edns> & { udpSize: number }
}

export function buildQuery(spec: QuerySpec): Uint8Array {
  const { id, question, recursionDesired, checkingDisabled, edns } = spec
  return buildMessage({ id, question, qr: false, rd: recursionDesired, cd: checkingDisabled, edns })
}

/** Owners are compressed, rdata is written as it is. RangeError when it does not fit 65,535 octets. */
export function buildMessage(spec: ReplySpec): Uint8Array {
  const { question, answer = [], authority = [], additional = [], edns, rcode = 0 } = spec
  if (rcode > (edns ? 0xfff : 0xf)) throw new RangeError(`RCODE ${rcode} does not fit ${edns ? 'EDNS' : 'without EDNS'}`)
  const records = answer.length + authority.length + additional.length
  const to = records > 0 ? new Writer() : new Writer(BARE_OCTETS + (question?.name.wire.length ?? 0) + (edns ? ednsLength(edns) : 0))
  const written = records > 0 ? new Map<string, number>() : undefined
  to.u16(spec.id).u16(flagsOf(spec))
  to.u16(question ? 1 : 0)
    .u16(answer.length)
    .u16(authority.length)
    .u16(additional.length + (edns ? 1 : 0))
  if (question) {
    if (written) writeName(to, question.name, written)
    else to.bytes(question.name.wire)
    to.u16(question.type).u16(question.class)
  }
  for (const section of written ? [answer, authority, additional] : []) {
    for (const record of section) {
      writeName(to, record.owner, written as Map<string, number>)
      to.u16(record.type).u16(record.class).u32(record.ttl)
      to.u16(record.rdata.length).bytes(record.rdata)
    }
  }
  if (edns) writeEdns(to, edns, rcode)
  if (to.length > 0xffff) throw new RangeError(`a message of ${to.length} octets is longer than 65,535`)
  return to.finish()
}

function flagsOf(spec: ReplySpec): number {
  return (
    (spec.qr === false ? 0 : 0x8000) |
    (((spec.opcode ?? 0) & 0xf) << 11) |
    (spec.aa ? 0x0400 : 0) |
    (spec.tc ? 0x0200 : 0) |
    (spec.rd ? 0x0100 : 0) |
    (spec.ra ? 0x0080 : 0) |
    (spec.ad ? 0x0020 : 0) |
    (spec.cd ? 0x0010 : 0) |
    ((spec.rcode ?? 0) & 0xf)
  )
}

/** RFC 1035 4.1.4. Only names of the very same case share octets, so that a message says what it was built from. */
function writeName(to: Writer, name: Name, written: Map<string, number>): void {
  for (let labels = name.labelCount; labels > 0; labels--) {
    const { wire } = name.ancestor(labels)
    const key = String.fromCharCode(...wire)
    const at = written.get(key)
    if (at !== undefined) {
      to.u16(0xc000 | at)
      return
    }
    if (to.length < 0x4000) written.set(key, to.length)
    to.bytes(wire.subarray(0, 1 + wire[0]))
  }
  to.u8(0)
}
