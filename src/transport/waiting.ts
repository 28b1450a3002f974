// Waiting: one reply that is waited for, with its deadline, its signal and its end.
// It settles once, and takes the timer and the listener away with it, so that nothing is left behind.
import { isIP } from 'node:net'
import { onAbort } from './aborting.js'
import { questionEnd } from './match.js'
import { type ExchangeOptions, serverToText, TransportError, type TransportServer } from './transport.js'

const MAX_TIMER_MS = 2 ** 31 - 1

/** How an exchange ended: by a reply, by an error, or because nobody waits any more. */
export type Ending = 'reply' | 'error' | 'timeout' | 'abort'

export class Waiting {
  readonly reply: Promise<Uint8Array>
  /** Called once when it settles, before the promise's own reactions. */
  onSettle: ((ending: Ending) => void) | undefined
  #settled = false
  #accept!: (reply: Uint8Array) => void
  #refuse!: (error: unknown) => void
  readonly #signal: AbortSignal
  readonly #among: Set<Waiting>
  readonly #timer: NodeJS.Timeout
  #lastLook: NodeJS.Immediate | undefined
  #leave: (() => void) | undefined

  constructor(server: TransportServer, options: ExchangeOptions, among: Set<Waiting>) {
    this.reply = new Promise((accept, refuse) => {
      this.#accept = accept
      this.#refuse = refuse
    })
    this.#signal = options.signal
    this.#among = among
    among.add(this)
    const over = (): void => {
      if (!this.#settle('timeout')) return
      this.#refuse(new TransportError('ETIMEOUT', `${serverToText(server)}: no reply within ${options.timeoutMs} ms`))
    }
    // Timers come before sockets in a turn of the event loop: where other work has held it for long, the reply may be there
    // already, unread, and is read before an immediate.
    const lookOnce = (): void => {
      this.#lastLook = setImmediate(over)
    }
    // The timer holds the process while a reply is awaited; sockets that are kept for later do not.
    this.#timer = setTimeout(lookOnce, Math.min(options.timeoutMs, MAX_TIMER_MS))
    if (this.#signal.aborted) this.abort()
    else this.#leave = onAbort(this.#signal, () => this.abort())
  }

  get settled(): boolean {
    return this.#settled
  }

  resolve(reply: Uint8Array): void {
    if (this.#settle('reply')) this.#accept(reply)
  }

  reject(error: TransportError): void {
    if (this.#settle('error')) this.#refuse(error)
  }

  abort(): void {
    if (this.#settle('abort')) this.#refuse(this.#signal.reason)
  }

  #settle(ending: Ending): boolean {
    if (this.#settled) return false
    this.#settled = true
    clearTimeout(this.#timer)
    clearImmediate(this.#lastLook)
    this.#leave?.()
    this.#among.delete(this)
    this.onSettle?.(ending)
    return true
  }
}

/** All exchanges of one transport, so that closing it ends them. */
export class Exchanges {
  readonly #waiting = new Set<Waiting>()
  #closed = false

  get closed(): boolean {
    return this.#closed
  }

  /** The result has settled already when no packet may be sent: the signal had aborted, the transport is closed, or misuse. */
  begin(query: Uint8Array, server: TransportServer, options: ExchangeOptions): Waiting {
    const waiting = new Waiting(server, options, this.#waiting)
    if (this.#closed) waiting.reject(closedError())
    const unusable = unusableServer(server, query)
    if (unusable) waiting.reject(unusable)
    return waiting
  }

  close(): void {
    this.#closed = true
    for (const waiting of this.#waiting) waiting.reject(closedError())
  }
}

function closedError(): TransportError {
  return new TransportError('ECLOSED', 'the transport is closed')
}

/** An address that is a name, or a query that could not be told from others. */
function unusableServer(server: TransportServer, query: Uint8Array): TransportError | undefined {
  if (isIP(server.address) === 0) return new TransportError('EINVAL', `${server.address} is not an IP address`)
  if (!(server.port > 0 && server.port < 65_536)) return new TransportError('EINVAL', `${server.port} is not a port`)
  if (questionEnd(query) < 0) return new TransportError('EINVAL', 'the query is not a DNS message with one question')
  return undefined
}
