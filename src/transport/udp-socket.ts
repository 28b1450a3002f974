// One socket of UDP with a random port, connected to one server. It carries one query at a time.
import { randomInt } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIP } from 'node:net'
import { answersQuery } from './match.js'
import { serverToText, TransportError, type TransportServer, toTransportError } from './transport.js'
import type { Ending, Waiting } from './waiting.js'

/** RFC 5452 9.2: the whole range above the system's and the registered well-known services, not what a system calls ephemeral. */
const LOWEST_PORT = 16_384
const PORT_TRIES = 4

interface Asked {
  readonly query: Uint8Array
  readonly waiting: Waiting
}

export class UdpSocket {
  readonly closed: Promise<void>
  readonly openedAt = performance.now()
  /** queries it was given */
  uses = 0
  /** it failed, or was closed: it takes no further query */
  ended = false
  readonly #socket: Socket
  #asked: Asked | undefined
  #before: Uint8Array | undefined
  #mismatches = 0
  #tries = PORT_TRIES
  #state: 'unbound' | 'bound' | 'connected' = 'unbound'

  /** @param mostMismatches datagrams for one query that are no reply, before it is given up */
  constructor(
    readonly server: TransportServer,
    readonly mostMismatches: number
  ) {
    const family = isIP(server.address)
    // An address needs no look-up: dns.lookup would take a turn of the event loop, and a thread for a name.
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: (address, _, found) => found(null, address, family) })
    this.#socket = socket
    this.closed = new Promise((closed) => socket.on('close', closed))
    socket.unref() // what is waited for holds the process by its timer
    socket.on('listening', () => {
      this.#state = 'bound'
      // Connected, the system itself drops what others send, and a closed port is an error instead of a timeout.
      socket.connect(server.port, server.address, (error?: Error) => {
        if (error) return this.#failed(error)
        this.#state = 'connected'
        this.#send()
      })
    })
    socket.on('error', (error) => {
      if (this.#state === 'unbound' && this.#tries > 0 && !this.ended) this.#bind(--this.#tries)
      else this.#failed(error)
    })
    socket.on('message', (datagram, from) => this.#received(datagram, from))
    this.#bind(this.#tries)
  }

  /** @param settled told how the query ended, after which the socket is free, or of no use when it has `ended` */
  ask(query: Uint8Array, waiting: Waiting, settled: (ending: Ending) => void): void {
    this.uses++
    this.#mismatches = 0
    this.#asked = { query, waiting }
    waiting.onSettle = (ending) => {
      this.#asked = undefined
      this.#before = query
      settled(ending)
    }
    if (this.#state === 'connected') this.#send()
  }

  close(): void {
    if (this.ended) return
    this.ended = true
    this.#socket.close()
  }

  /** A port in use or forbidden is tried again as another; the last try leaves the choice to the system. */
  #bind(tries: number): void {
    const port = tries > 0 ? randomInt(LOWEST_PORT, 65_536) : 0
    // exclusive: a worker of a cluster would otherwise share the socket of its siblings.
    this.#socket.bind({ port, exclusive: true })
  }

  #send(): void {
    const asked = this.#asked
    if (!asked) return
    this.#socket.send(asked.query, (error) => {
      if (error && asked === this.#asked) this.#failed(error)
    })
  }

  #received(datagram: Uint8Array, from: RemoteInfo): void {
    const { server } = this
    if (!this.#asked) return
    const { query, waiting } = this.#asked
    const origin = this.#isFrom(from)
    if (origin && answersQuery(query, datagram)) {
      waiting.resolve(new Uint8Array(datagram.buffer, datagram.byteOffset, datagram.length))
      return
    }
    // A reply that came twice is nobody's guess.
    if (origin && this.#before && answersQuery(this.#before, datagram)) return
    if (++this.#mismatches < this.mostMismatches) return
    // RFC 5452 9.2: a run of near misses is an attempt to guess; TCP cannot be guessed at.
    waiting.reject(new TransportError('EMISMATCH', `${serverToText(server)}: ${this.#mismatches} datagrams that are not the reply`))
  }

  /** What was queued before the socket was connected may come from anywhere. Addresses have several spellings. */
  #isFrom(from: RemoteInfo): boolean {
    if (from.port !== this.server.port) return false
    return from.address === this.server.address || from.address === this.#socket.remoteAddress().address
  }

  #failed(error: Error): void {
    const asked = this.#asked
    this.close()
    asked?.waiting.reject(toTransportError(error, this.server))
  }
}
