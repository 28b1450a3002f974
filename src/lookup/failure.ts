// How a look-up that found nothing says so: which servers were asked, and what each did.

import type { Limits } from '../limits.js'
import { type Reason, reason } from '../verdict/reason.js'
import type { Failed } from '../verdict/reply.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { RCODE } from '../wire/numbers.js'
import type { Met } from './run.js'
import { serverText } from './servers.js'

const MOST_NAMED = 8

export function failed(question: Question, why: Reason): Failed {
  return { kind: 'failure', question, reason: why, rcode: RCODE.SERVFAIL }
}

export function failedLimit(question: Question, what: 'queries' | 'queriesPerLookup' | 'depth' | 'referrals', limits: Limits): Failed {
  const limit = what === 'referrals' ? undefined : limits[what]
  return failed(question, reason('limitReached', { owner: question.name, type: question.type, detail: what, limit }))
}

/** Nobody of `zone` gave an answer. */
export function failedZone(question: Question, zone: Name, met: readonly Met[]): Failed {
  const facts = { zone, owner: question.name, type: question.type }
  if (met.length === 0) return failed(question, reason('unreachable', { ...facts, detail: 'none of its name servers has a known address' }))
  const detail = tell(met)
  if (met.every(({ kind }) => kind === 'refused')) return failed(question, reason('refusedByServer', { ...facts, detail }))
  if (met.every(({ kind }) => kind === 'network')) return failed(question, reason('networkError', { ...facts, detail }))
  return failed(question, reason('unreachable', { ...facts, detail }))
}

export function noOtherServer(question: Question, zone: Name | undefined): Failed {
  return failed(question, reason('unreachable', { zone, owner: question.name, type: question.type, detail: 'no other server is left' }))
}

/** `REFUSED (192.0.2.1, 192.0.2.2), gave no reply (192.0.2.3)` */
export function tell(met: readonly Met[]): string {
  const byDeed = new Map<string, string[]>()
  for (const { did, server } of met.slice(0, MOST_NAMED)) {
    const servers = byDeed.get(did)
    if (servers) servers.push(serverText(server))
    else byDeed.set(did, [serverText(server)])
  }
  const parts = [...byDeed].map(([did, servers]) => `${did} (${servers.join(', ')})`)
  if (met.length > MOST_NAMED) parts.push(`and ${met.length - MOST_NAMED} more`)
  return parts.join(', ')
}
