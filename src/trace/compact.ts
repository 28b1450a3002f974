// Smaller and safer forms of a trace that can still be judged again: only the evidence, in an order that depends on nothing but
// its content; and one without the addresses of servers.

import type { TraceEvent } from '../verdict/event.js'
import type { NumberedEvent, Trace, TraceMessage } from '../verdict/trace.js'

type Evidence = NumberedEvent & { readonly event: 'evidence' }

/** The question, the replies that were judged and the verdict: for logs. Equal evidence gives equal order. */
export function compactTrace(trace: Trace): Trace {
  const evidence = trace.events
    .filter((event): event is Evidence => event.event === 'evidence')
    .sort((a, b) => (orderKey(a) < orderKey(b) ? -1 : orderKey(a) > orderKey(b) ? 1 : a.n - b.n))
  const verdict = trace.events.filter(({ event }) => event === 'verdict').at(-1)
  const messages: TraceMessage[] = []
  const numbers = new Map<number, number>()
  const renumber = (old: number): number => {
    const known = numbers.get(old)
    if (known !== undefined) return known
    const n = messages.length
    numbers.set(old, n)
    messages.push({ ...(trace.messages[old] as TraceMessage), n })
    return n
  }
  const kept: TraceEvent[] = [{ event: 'question', ...trace.question, now: trace.now }]
  for (const one of evidence)
    kept.push({ ...bare(one), ...(one.message !== undefined && { message: renumber(one.message) }) } as TraceEvent)
  if (verdict) kept.push(bare(verdict))
  return { ...trace, messages, events: kept.map((event, n) => ({ n, in: n === 0 ? -1 : 0, ...event })) }
}

const orderKey = ({ purpose, name, type, attempt }: Evidence): string =>
  `${purpose === 'data' ? 1 : 0} ${name.toLowerCase().split('.').reverse().join('.')} ${type} ${String(attempt).padStart(2, '0')}`

function bare({ n: _, in: __, uses: ___, ...event }: NumberedEvent): TraceEvent {
  return event as TraceEvent
}

/**
 * The same trace with `server-1`, `server-2` ... in place of the addresses of servers, wherever it names one. Addresses inside
 * the messages stay: they are the evidence.
 */
export function redactTrace(trace: Trace): Trace {
  const names = new Map<string, string>()
  const nameOf = (server: string): string => {
    const known = names.get(addressOf(server))
    if (known) return known
    const name = `server-${names.size + 1}`
    names.set(addressOf(server), name)
    return name
  }
  for (const event of trace.events) if ('server' in event && event.server) nameOf(event.server)
  for (const { server } of trace.messages) if (server) nameOf(server)
  // The longest first: one address may begin like another.
  const addresses = [...names.keys()].sort((a, b) => b.length - a.length)
  const clean = <T>(value: T): T => {
    if (typeof value === 'string')
      return addresses.reduce((text, one) => replaceAll(text, one, names.get(one) as string), value as string) as T
    if (Array.isArray(value)) return value.map(clean) as T
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, key === 'server' ? nameOf(one as string) : told(key, one, clean)])
    ) as T
  }
  return {
    ...trace,
    messages: trace.messages.map((one) => ({ ...one, ...(one.server && { server: nameOf(one.server) }) })),
    events: trace.events.map(clean)
  }
}

/** Octets and names are data of the DNS and stay; sentences may name a server. */
const SENTENCES: ReadonlySet<string> = new Set(['reason', 'text', 'detail', 'why'])
const told = <T>(key: string, value: T, clean: (value: T) => T): T => (SENTENCES.has(key) ? clean(value) : value)

/** Only whole addresses: 192.0.2.1 is no part of 192.0.2.10. */
function replaceAll(text: string, address: string, name: string): string {
  const escaped = address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return text.replace(new RegExp(`(?<![\\w:.])\\[?${escaped}\\]?(?::\\d{1,5})?(?![\\w:]|\\.\\w)`, 'g'), name)
}

/** `192.0.2.1:53` and `[2001:db8::1]:53` without the port. */
function addressOf(server: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(server) ?? []
  if (bracketed !== undefined) return bracketed
  const [, plain] = /^([^:]+)(?::\d+)?$/.exec(server) ?? []
  return plain ?? server
}
