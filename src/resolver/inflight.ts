// Work that several callers want at the same time is done once, for as long as one of them still wants it.

import { onAbort } from '../transport/aborting.js'

interface Flight<T> {
  readonly promise: Promise<T>
  readonly controller: AbortController
  waiting: number
}

export class Inflight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  get size(): number {
    return this.#flights.size
  }

  /**
   * Joins the work under `key` or starts it. A caller whose `signal` is aborted leaves with the signal's reason; the work is
   * aborted when the last one has left.
   */
  join(key: string, signal: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const flight = this.#flights.get(key) ?? this.#start(key, start)
    flight.waiting++
    if (!signal) return flight.promise
    return new Promise<T>((resolve, reject) => {
      const leave = onAbort(signal, () => {
        if (--flight.waiting === 0) flight.controller.abort(signal.reason)
        reject(signal.reason)
      })
      flight.promise.then(resolve, reject).finally(leave)
    })
  }

  abort(reason: unknown): void {
    for (const flight of this.#flights.values()) flight.controller.abort(reason)
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const done = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    const promise = start(controller.signal).finally(done)
    const flight: Flight<T> = { promise, controller, waiting: 0 }
    promise.catch(() => {}) // every caller may have left
    controller.signal.addEventListener('abort', done, { once: true })
    this.#flights.set(key, flight)
    return flight
  }
}
