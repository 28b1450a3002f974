// A judged outcome becomes the public answer: names as text, TTLs counted down, data made when it is asked for.
// Fail closed by construction: what is not judged good cannot get into `records`, whatever the outcome says.
import type { JudgedRrset, Outcome } from '../verdict/outcome.js'
import { type Reason, reason } from '../verdict/reason.js'
import { type SecurityStatus, weakest } from '../verdict/status.js'
import type { Verdict } from '../verdict/verdict.js'
import { classToText, RCODE, rcodeToText, typeToText } from '../wire/numbers.js'
import type { ResourceRecord } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'
import { toData } from './data.js'
import type { SecureAnswer, SecureRecord } from './public.js'

/** @param now ms since the epoch: TTLs count down from `outcome.judgedAt` */
export function toAnswer(outcome: Outcome, now: number): SecureAnswer {
  const age = Math.max(0, Math.floor((now - outcome.judgedAt) / 1000))
  const isBogus = ({ verdict }: JudgedRrset): boolean => verdict.status === 'bogus'
  const good = outcome.records.filter((judged) => !isBogus(judged))
  const bad = [...outcome.records.filter(isBogus), ...outcome.rejected]
  const status = weakest(outcome.status, ...outcome.records.map(({ verdict }) => verdict.status))
  const { question, denial } = outcome
  const why =
    status === 'secure' ? outcome.stale && outcome.reason : (outcome.reason ?? firstReason(outcome.records) ?? unexplained(outcome))
  return {
    question: { name: nameToText(question.name), type: typeToText(question.type), class: classToText(question.class) },
    status,
    // api: bogus data gives SERVFAIL, as it would from any validating resolver (RFC 4035 5.5).
    rcode: rcodeToText(status === 'bogus' ? RCODE.SERVFAIL : outcome.rcode),
    canonicalName: nameToText(outcome.canonicalName),
    records: good.flatMap((judged) => toRecords(judged, age)),
    rejected: [...bad.flatMap((judged) => toRecords(judged, age)), ...outcome.malformed.map((record) => toMalformed(record, age))],
    ...(denial && status !== 'bogus' && { denial: { kind: denial.kind, by: denial.by, optOut: denial.optOut } }),
    ...(why && { reason: why }),
    ...(outcome.stale && { stale: true as const }),
    ttl: Math.max(0, outcome.ttl - age)
  }
}

function toRecords({ rrset, verdict, ttl }: JudgedRrset, age: number): SecureRecord[] {
  const head = {
    name: nameToText(rrset.owner),
    type: typeToText(rrset.type),
    class: classToText(rrset.class),
    ttl: Math.max(0, ttl - age)
  }
  return rrset.rdatas.map((rdata) => toRecord(head, rrset.type, rdata, verdict.status, reasonOf(verdict)))
}

/** Shown, since a signer's mistake must not hide, but as bogus: nothing can be said of octets that are not what they claim. */
function toMalformed(record: ResourceRecord, age: number): SecureRecord {
  const { owner, type, rdata, fault } = record
  const head = { name: nameToText(owner), type: typeToText(type), class: classToText(record.class), ttl: Math.max(0, record.ttl - age) }
  return toRecord(head, type, rdata, 'bogus', reason('malformedRdata', { owner, type, detail: fault }), true)
}

function toRecord(
  head: Pick<SecureRecord, 'name' | 'type' | 'class' | 'ttl'>,
  type: number,
  rdata: Uint8Array,
  status: SecurityStatus,
  why: Reason | undefined,
  malformed = false
): SecureRecord {
  let data: unknown
  let made = malformed
  const record: SecureRecord = {
    name: head.name,
    type: head.type,
    class: head.class,
    ttl: head.ttl,
    // Enumerable, so that JSON, spread and inspection see it as any other field. No spread beside it: that would move it.
    get data() {
      if (!made) data = toData(type, rdata)
      made = true
      return data
    },
    rdata,
    status
  }
  return why ? Object.assign(record, { reason: why }) : record
}

const reasonOf = (verdict: Verdict): Reason | undefined => (verdict.status === 'secure' ? undefined : verdict.reason)

function firstReason(records: readonly JudgedRrset[]): Reason | undefined {
  return records.map(({ verdict }) => reasonOf(verdict)).find((found) => found !== undefined)
}

function unexplained({ question }: Outcome): Reason {
  return reason('internalFault', { owner: question.name, type: question.type, detail: 'the verdict came without a reason' })
}
