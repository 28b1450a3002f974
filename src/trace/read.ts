// A trace as text and back: JSON of version 1 (docs/trace.schema.json). Reading checks what a replay needs; a text that is no
// trace is a TraceFormatError, which says where.

import type { NumberedEvent, Trace } from '../verdict/trace.js'

export class TraceFormatError extends Error {
  override readonly name = 'TraceFormatError'
}

/** One trace from its JSON text. */
export function readTrace(text: string): Trace {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new TraceFormatError(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  return asTrace(value)
}

/** Checks that a value has the shape of a trace of this version. */
export function asTrace(value: unknown): Trace {
  const trace = object(value, 'the trace')
  // An answer with its trace, as `resolve --json --trace` writes it, is taken too.
  if (trace.version === undefined && typeof trace.trace === 'object' && trace.trace !== null) return asTrace(trace.trace)
  if (trace.version !== 1) fail(`version ${JSON.stringify(trace.version)} is not 1, the only one known here`)
  const question = object(trace.question, 'question')
  text(question.name, 'question.name')
  text(question.type, 'question.type')
  number(trace.now, 'now')
  for (const name of ['anchors', 'negativeAnchors'] as const) for (const line of list(trace[name], name)) text(line, name)
  object(trace.algorithms, 'algorithms')
  for (const [name, value] of Object.entries(object(trace.limits, 'limits'))) number(value, `limits.${name}`)
  const messages = list(trace.messages, 'messages')
  for (const [i, one] of messages.entries()) checkMessage(one, i)
  for (const [i, one] of list(trace.events, 'events').entries()) checkEvent(one, i, messages.length)
  if (typeof trace.truncated !== 'boolean') fail('truncated is not true or false')
  return trace as unknown as Trace
}

function checkMessage(value: unknown, i: number): void {
  const message = object(value, `messages[${i}]`)
  if (message.n !== i) fail(`messages[${i}] has the number ${JSON.stringify(message.n)}`)
  octets(text(message.wire, `messages[${i}].wire`), `messages[${i}].wire`)
}

function checkEvent(value: unknown, i: number, messages: number): void {
  const at = `events[${i}]`
  const event = object(value, at)
  if (event.n !== i) fail(`${at} has the number ${JSON.stringify(event.n)}`)
  const kind = text(event.event, `${at}.event`)
  const above = number(event.in, `${at}.in`)
  if (!Number.isInteger(above) || above < -1 || above >= i) fail(`${at} belongs to ${above}, which does not come before it`)
  if (event.message !== undefined) {
    const n = number(event.message, `${at}.message`)
    if (!Number.isInteger(n) || n < 0 || n >= messages) fail(`${at} is about message ${n}, which is not in the table`)
  }
  for (const name of FIELDS[kind as NumberedEvent['event']] ?? []) {
    const field = event[name]
    if (typeof field !== 'string') fail(`${at}.${name} is not a text`)
  }
  if (kind === 'evidence') number(event.attempt, `${at}.attempt`)
  if (kind !== 'verdict') return
  for (const name of ['records', 'rejected'] as const) {
    for (const one of list(event[name], `${at}.${name}`)) {
      const record = object(one, `a record of ${at}`)
      for (const field of ['name', 'type', 'status', 'rdata'] as const) text(record[field], `${field} of a record of ${at}`)
      octets(record.rdata as string, `rdata of a record of ${at}`)
      number(record.ttl, `ttl of a record of ${at}`)
    }
  }
}

function octets(value: string, what: string): void {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value) || value.length % 4 !== 0) fail(`${what} is not base64`)
}

/** Texts that every event of a kind has. */
const FIELDS: Partial<Record<NumberedEvent['event'], readonly string[]>> = {
  exchange: ['name', 'type', 'server', 'protocol', 'outcome'],
  evidence: ['name', 'type', 'purpose', 'via'],
  verdict: ['name', 'type', 'status', 'rcode', 'canonicalName'],
  signature: ['owner', 'type', 'signer', 'algorithm'],
  zone: ['zone', 'status'],
  rrset: ['owner', 'type', 'status'],
  ds: ['zone', 'algorithm', 'digestType', 'digest'],
  denial: ['owner', 'type', 'zone'],
  alias: ['owner', 'target', 'by']
}

function fail(why: string): never {
  throw new TraceFormatError(`not a trace: ${why}`)
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`${what} is not an object`)
  return value as Record<string, unknown>
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) fail(`${what} is not a list`)
  return value
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') fail(`${what} is not a text`)
  return value
}

function number(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) fail(`${what} is not a number`)
  return value
}
