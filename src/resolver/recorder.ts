// Records the events of one question as a trace: numbered, in order, each below the one it belongs to, bounded in number.

import type { Emit, TraceEvent } from '../verdict/event.js'
import type { NumberedEvent } from '../verdict/trace.js'

export class Recorder {
  readonly #events: NumberedEvent[] = []
  readonly #evidence = new Set<string>()
  #truncated = false

  constructor(readonly limit: number) {}

  readonly emit: Emit = (event, parent) => {
    if (event.event === 'evidence' && this.#known(event)) return parent
    if (this.#events.length >= this.limit) {
      this.#truncated = true
      return parent
    }
    const n = this.#events.length
    this.#events.push({ n, in: parent, ...event })
    return n
  }

  get events(): readonly NumberedEvent[] {
    return this.#events
  }

  get truncated(): boolean {
    return this.#truncated
  }

  /** The evidence of a zone is told by every verdict that rests on it; once is enough. */
  #known(event: TraceEvent & { event: 'evidence' }): boolean {
    const key = `${event.purpose} ${event.name.toLowerCase()} ${event.type} ${event.attempt} ${event.message ?? event.via}`
    if (this.#evidence.has(key)) return true
    this.#evidence.add(key)
    return false
  }
}
