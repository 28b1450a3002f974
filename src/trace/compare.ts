// Two verdicts side by side, as traces hold them: what differs, exactly. Sentences are not compared, for they tell ages; the
// reasons behind them are.

import type { ToldRecord, TraceEvent } from '../verdict/event.js'
import type { Reason } from '../verdict/reason.js'
import { rdataText } from './rdata.js'

type Told = TraceEvent & { readonly event: 'verdict' }

export interface Difference {
  readonly what: 'status' | 'rcode' | 'reason' | 'canonicalName' | 'denial' | 'records' | 'rejected' | 'ttl'
  /** in words, one line */
  readonly before: string
  readonly after: string
}

export function compareVerdicts(before: Told, after: Told, options: { readonly ttl: boolean }): Difference[] {
  const found: Difference[] = []
  const compare = (what: Difference['what'], a: string, b: string): void => {
    if (a !== b) found.push({ what, before: a, after: b })
  }
  compare('status', before.status, after.status)
  compare('rcode', before.rcode, after.rcode)
  compare('reason', reasonText(before.reason), reasonText(after.reason))
  compare('canonicalName', before.canonicalName.toLowerCase(), after.canonicalName.toLowerCase())
  compare('denial', denialText(before.denial), denialText(after.denial))
  for (const what of ['records', 'rejected'] as const) {
    if (recordsId(before[what]) !== recordsId(after[what])) {
      found.push({ what, before: recordsText(before[what]), after: recordsText(after[what]) })
    }
  }
  if (options.ttl) compare('ttl', ttlText(before), ttlText(after))
  return found
}

function reasonText(why: Reason | undefined): string {
  if (!why) return 'none'
  const at = [why.zone && `zone ${why.zone}`, why.owner && `owner ${why.owner}`, why.type].filter(Boolean).join(', ')
  return `${why.kind} (EDE ${why.code})${at && `: ${at.toLowerCase()}`}`
}

function denialText(denial: Told['denial']): string {
  return denial ? `${denial.kind} by ${denial.by.toUpperCase()}${denial.optOut ? ' with Opt-Out' : ''}` : 'none'
}

const recordsId = (records: readonly ToldRecord[]): string =>
  records.map(({ name, type, status, rdata }) => `${name.toLowerCase()} ${type} ${rdata} ${status}`).join('; ')

const recordsText = (records: readonly ToldRecord[]): string =>
  records.map(({ name, type, status, rdata }) => `${name} ${type} ${rdataText(type, rdata)} (${status})`).join('; ') || 'none'

const ttlText = ({ ttl, records }: Told): string => `${ttl} (${records.map((record) => record.ttl).join(' ')})`
