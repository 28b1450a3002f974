// What a plan tells, as events: MX, addresses and aliases, TLSA records.
import type { DaneEvent } from './event.js'
import { isUnknown } from './found.js'
import type { HostPlan } from './host.js'
import type { LookupNote } from './lookup.js'
import type { DanePlan } from './plan.js'

export function* mxEvents(plan: DanePlan): Generator<DaneEvent> {
  const { domain, mx, mxStatus: status, hosts, reason } = plan
  yield { event: 'plan', domain, plan }
  if (mx === 'route') return
  if (mx === 'bogus' || mx === 'failed') yield { event: 'mx-failed', domain, bogus: mx === 'bogus', ...(reason && { reason }) }
  else if (mx === 'null') yield { event: 'null-mx', domain, status }
  else if (plan.action === 'bounce') yield { event: 'no-domain', domain, status }
  else if (hosts.some(({ implicitMx }) => implicitMx)) yield { event: 'no-mx', domain, status }
  else for (const { host, preference } of hosts) yield { event: 'mx', domain, host, preference, status }
}

export function* addressEvents(plan: HostPlan): Generator<DaneEvent> {
  const { domain, host, addresses, aliases, trace } = plan
  for (const { target, status } of aliases) yield { event: 'alias', domain, host, target, status }
  for (const { address, family, status } of addresses) {
    yield { event: 'address', domain, host, type: family === 4 ? 'A' : 'AAAA', address, status }
  }
  for (const note of trace.lookups) {
    if (note.type !== 'TLSA' && isUnknown(note.found)) yield { event: 'address-failed', domain, host, type: note.type, ...failureOf(note) }
  }
  if (addresses.length === 0) yield { event: 'no-address', domain, host }
}

export function* tlsaEvents(plan: HostPlan): Generator<DaneEvent> {
  const { domain, host, tlsa, tlsaBase: base, trace } = plan
  const last = trace.lookups.filter(({ type }) => type === 'TLSA').at(-1)
  if (!last) return
  if (isUnknown(last.found)) yield { event: 'tlsa-failed', domain, host, ...failureOf(last) }
  else if (base !== null || last.found === 'insecure') {
    yield { event: 'tlsa', domain, host, status: last.status, ...(base !== null && { base }) }
    for (const record of tlsa) if (record.unusable) yield { event: 'tlsa-unusable', domain, host, record }
  } else yield { event: 'no-tlsa', domain, host, kind: last.rcode === 'NXDOMAIN' ? 'NXDOMAIN' : 'NODATA', status: last.status }
}

const failureOf = ({ found, reason }: LookupNote) => ({ bogus: found === 'bogus', ...(reason && { reason }) })
