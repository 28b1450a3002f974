// DNS messages over one stream, be it TCP (RFC 7766) or TLS (RFC 7858): pipelined, answered in any order.
// Each query gets an ID that is free on this connection, since callers choose theirs without knowing of each other.
import type { Socket } from 'node:net'
import { Deframer, FrameError, frame } from './framing.js'
import { answersQuery, idOf, setId } from './match.js'
import { type Asked, Connection, type ConnectionPool } from './pool.js'
import { TransportError } from './transport.js'

/** Octets not yet taken by the system, above which a server counts as not reading. */
const MAX_UNSENT = 1 << 20

export class StreamConnection extends Connection {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #pool: ConnectionPool
  readonly #asked = new Map<number, Asked>()
  readonly #ids = new Map<Asked, number>()
  readonly #deframer = new Deframer()
  #ready = false
  #corked = false
  #mismatches = 0

  /** @param readyEvent `connect`, or `secureConnect`: not before it may a query leave, lest an impostor read it (RFC 8310 5) */
  constructor(socket: Socket, readyEvent: 'connect' | 'secureConnect', pool: ConnectionPool) {
    super()
    this.#socket = socket
    this.#pool = pool
    this.closed = new Promise((closed) => socket.once('close', () => closed()))
    // The timer of each awaited reply holds the process; a connection kept for later must not.
    socket.unref()
    socket.setNoDelay(true)
    socket.once(readyEvent, () => {
      this.#ready = true
      for (const [asked, id] of this.#ids) this.#write(asked, id)
    })
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', (error) => this.#die(error))
    socket.on('end', () => this.#die())
    socket.on('close', () => this.#die())
  }

  get takesMore(): boolean {
    return this.#asked.size < this.#pool.limits.queriesPerConnection && this.#socket.writableLength < MAX_UNSENT
  }

  send(asked: Asked): void {
    let id = idOf(asked.query)
    while (this.#asked.has(id)) id = (id + 1) & 0xffff
    this.#asked.set(id, asked)
    this.#ids.set(asked, id)
    if (this.#ready) this.#write(asked, id)
  }

  abandon(asked: Asked): void {
    const id = this.#ids.get(asked)
    if (id === undefined) return
    this.#ids.delete(asked)
    // Once sent, its ID stays taken until the late reply has come, which then cannot be mistaken for another's.
    if (!this.#ready) this.#asked.delete(id)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #write(asked: Asked, id: number): void {
    const framed = frame(asked.query)
    setId(framed.subarray(2), id)
    if (!this.#corked) {
      // What is asked within one turn leaves in one system call.
      this.#corked = true
      this.#socket.cork()
      process.nextTick(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(framed)
  }

  #read(chunk: Uint8Array): void {
    try {
      this.#deframer.push(chunk, (message) => this.#receive(message))
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof TransportError)) throw error
      this.#die(error instanceof FrameError ? new TransportError('EFRAME', error.message) : error)
    }
  }

  #receive(message: Uint8Array): void {
    const id = idOf(message)
    const asked = this.#asked.get(id)
    if (!asked || !answersQuery(asked.query, message, id)) {
      // RFC 7766 7: the ID alone is not enough. Neither is one stray message a reason to lose the others.
      if (++this.#mismatches >= this.#pool.limits.mismatches) {
        throw new TransportError('EMISMATCH', `${this.#mismatches} messages in a row that are no reply`)
      }
      return
    }
    this.#asked.delete(id)
    this.#ids.delete(asked)
    this.replies++
    this.#mismatches = 0
    setId(message, idOf(asked.query))
    asked.waiting.resolve(message)
  }

  #die(error?: Error): void {
    this.retired = true
    const left = [...this.#ids.keys()]
    this.#asked.clear()
    this.#ids.clear()
    this.#socket.destroy()
    if (left.length > 0) this.#pool.lost(this, left, error)
  }
}
