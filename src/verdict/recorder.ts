// Records the events of one question as a trace: numbered, in order, each below the one it belongs to and with the ones it
// rests on, the messages in a table beside them; bounded in number and octets.

import type { Emit, TraceEvent } from './event.js'
import { References } from './references.js'
import type { NumberedEvent, TraceMessage } from './trace.js'

interface Kept {
  readonly n: number
  readonly wire: Uint8Array
  readonly server?: string
  readonly protocol?: string
  readonly at?: number
}

export class Recorder {
  readonly #events: NumberedEvent[] = []
  readonly #messages: Kept[] = []
  readonly #byWire = new Map<Uint8Array, number>()
  readonly #evidence = new Map<string, number>()
  readonly #references = new References()
  #octets = 0
  #truncated = false

  constructor(
    readonly mostEvents: number,
    readonly mostOctets: number
  ) {}

  readonly emit: Emit = (event, parent, wire) => {
    const message = wire && this.#message(wire, event)
    const key = event.event === 'evidence' ? evidenceKey(event, message) : undefined
    // The evidence of a zone is told by every verdict that rests on it; once is enough.
    const known = key === undefined ? undefined : this.#evidence.get(key)
    if (known !== undefined) return known
    if (this.#events.length >= this.mostEvents) {
      this.#truncated = true
      return parent
    }
    const n = this.#events.length
    const uses = this.#references.add(event, n, parent)
    const numbered: Record<string, unknown> = { n, in: parent, ...event }
    if (message !== undefined) numbered.message = message
    if (uses.length > 0) numbered.uses = uses
    this.#events.push(numbered as unknown as NumberedEvent)
    if (key !== undefined) this.#evidence.set(key, n)
    return n
  }

  get events(): readonly NumberedEvent[] {
    return this.#events
  }

  /** The table of messages; made when it is asked for. */
  get messages(): readonly TraceMessage[] {
    return this.#messages.map(({ wire, ...rest }) => ({ ...rest, size: wire.length, wire: base64(wire) }))
  }

  get truncated(): boolean {
    return this.#truncated
  }

  #message(wire: Uint8Array, event: TraceEvent): number | undefined {
    const known = this.#byWire.get(wire) ?? this.#messages.find((one) => sameOctets(one.wire, wire))?.n
    if (known !== undefined) return known
    if (this.#octets + wire.length > this.mostOctets) {
      this.#truncated = true
      return undefined
    }
    this.#octets += wire.length
    const n = this.#messages.length
    this.#messages.push({ n, wire, ...sourceOf(event) })
    this.#byWire.set(wire, n)
    return n
  }
}

function sourceOf(event: TraceEvent): Partial<Kept> {
  if (event.event === 'exchange') {
    return { server: event.server, protocol: event.protocol, at: Math.round(event.startedAt + event.ms) }
  }
  if (event.event === 'evidence') return { server: event.server, protocol: event.protocol, at: event.receivedAt }
  return {}
}

function evidenceKey(event: TraceEvent & { event: 'evidence' }, message: number | undefined): string {
  return `${event.purpose} ${event.name.toLowerCase()} ${event.type} ${event.attempt} ${event.via} ${event.zone} ${message}`
}

const sameOctets = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i])

export function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192) as unknown as number[])
  return btoa(binary)
}
