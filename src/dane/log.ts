// What a mailer's log says: one line at info level for each verdict, and at debug level every question, cache entry and status.
import type { LookupNote, TraceNode } from './lookup.js'
import type { DanePlan } from './plan.js'
import type { Verdict } from './verdict.js'

export interface LogLine {
  readonly level: 'info' | 'debug'
  readonly text: string
}

/** `TLS success protocol P cipher C for DOMAIN`, or what there is instead. */
export function infoLine(verdict: Verdict): LogLine {
  return { level: 'info', text: verdict.summary() }
}

/** The questions behind a plan. With `trace: true` in the plan's options also what was asked of which server, and the cache. */
export function debugLines(plan: DanePlan): LogLine[] {
  return nodeLines(plan.trace).map((text) => ({ level: 'debug', text }))
}

const nodeLines = ({ lookups, below }: TraceNode): string[] => [...lookups.flatMap(lookupLines), ...below.flatMap(nodeLines)]

function lookupLines({ name, type, found, status, rcode, ttl, reason, trace }: LookupNote): string[] {
  const lines = [`DNS question: ${name} ${type}`]
  for (const event of trace?.events ?? []) {
    if (event.event === 'exchange') {
      lines.push(
        `DNS query: ${event.name} ${event.type} to ${event.server} by ${event.protocol}: ${event.outcome} ${event.rcode ?? ''} ${event.ms} ms`
      )
    } else if (event.event === 'cache') lines.push(`DNS cache: ${event.what} ${event.name} ${event.type}`)
    else if (event.event === 'rrset') lines.push(`DNS status: ${event.owner} ${event.type} ${event.status}`)
  }
  const why = reason ? `: ${reason.name}: ${reason.text}` : ''
  return [...lines, `DNS answer: ${name} ${type} ${found} (${status}, ${rcode}, ttl ${ttl})${why}`]
}
