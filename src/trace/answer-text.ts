// An answer as lines for a terminal: status, reason, records in presentation format.

import type { SecureAnswer, SecureRecord } from '../edge/public.js'
import { typeFromText } from '../wire/numbers.js'
import { rdataToText } from '../wire/text.js'
import { harmless, PLAIN, SIGNS, type Style } from './style.js'

/** `owner ttl class type rdata` */
export function recordText({ name, ttl, type, class: rrClass, rdata }: SecureRecord): string {
  return harmless(`${name} ${ttl} ${rrClass} ${type} ${rdataToText(typeFromText(type) ?? 0, rdata)}`)
}

export function printAnswer(answer: SecureAnswer, style: Style = PLAIN): string {
  const { question, status, rcode, records, rejected, denial, reason } = answer
  const lines = [style.status(`${SIGNS[status]} ${harmless(question.name)} ${question.type}: ${status}, ${rcode}`, status)]
  if (reason) lines.push(harmless(`  ${reason.text} [EDE ${reason.code}: ${reason.name}]`))
  if (denial) lines.push(`  proven: ${denial.kind} by ${denial.by.toUpperCase()}${denial.optOut ? ' with Opt-Out' : ''}`)
  const mixed = records.some((record) => record.status !== status)
  for (const record of records) lines.push(`  ${recordText(record)}${mixed ? style.faint(`  ; ${record.status}`) : ''}`)
  for (const record of rejected) lines.push(style.faint(`  ; rejected as ${record.status}: ${recordText(record)}`))
  return `${lines.join('\n')}\n`
}
