// Domains that fail now and why, and the counts that an SMTP TLS report needs (RFC 8460 4.4): fed with verdicts, printed by
// the mailer. Bounded: the domain that was heard of last the longest ago is forgotten first.
import type { TlsRptResult } from './tlsrpt.js'
import type { Verdict } from './verdict.js'

export interface DomainReport {
  readonly domain: string
  readonly sessions: number
  readonly successes: number
  readonly failures: number
  /** failures by RFC 8460 result type; `other` for those that have none, as an unreachable host */
  readonly byType: Readonly<Partial<Record<TlsRptResult | 'other', number>>>
  /** failures since the last success */
  readonly failingInARow: number
  /** ms since the epoch */
  readonly failingSince?: number
  readonly last?: Verdict
}

interface Count {
  domain: string
  sessions: number
  successes: number
  failures: number
  byType: Partial<Record<TlsRptResult | 'other', number>>
  failingInARow: number
  failingSince?: number
  last?: Verdict
}

export interface DeliveryReport {
  /** @param now ms since the epoch */
  note(verdict: Verdict, now?: number): void
  /** domains whose last delivery failed, those that fail the longest first */
  failing(): DomainReport[]
  all(): DomainReport[]
  /** one line a failing domain, for a person */
  lines(): string[]
}

export function deliveryReport(maxDomains = 10_000): DeliveryReport {
  const counts = new Map<string, Count>()
  const failing = () =>
    [...counts.values()].filter((one) => one.failingInARow > 0).sort((a, b) => (a.failingSince ?? 0) - (b.failingSince ?? 0))
  return {
    note(verdict, now = Date.now()) {
      const { domain } = verdict
      const count = counts.get(domain) ?? { domain, sessions: 0, successes: 0, failures: 0, byType: {}, failingInARow: 0 }
      counts.delete(domain)
      counts.set(domain, count)
      if (counts.size > maxDomains) counts.delete(counts.keys().next().value as string)
      count.sessions++
      count.last = verdict
      if (verdict.outcome === 'fail' || verdict.outcome === 'defer') {
        const type = verdict.tlsrpt['result-type'] ?? 'other'
        count.failures++
        count.failingInARow++
        count.failingSince ??= now
        count.byType[type] = (count.byType[type] ?? 0) + 1
      } else {
        count.successes++
        count.failingInARow = 0
        count.failingSince = undefined
      }
    },
    failing,
    all: () => [...counts.values()],
    lines: () =>
      failing().map(({ domain, failingInARow, failingSince = 0, last }) => {
        const since = new Date(failingSince).toISOString()
        return `${domain}: ${failingInARow} failed since ${since}: ${last?.code ?? last?.outcome}: ${last?.detail ?? 'no detail'}`
      })
  }
}
