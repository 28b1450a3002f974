// DNS over UDP (RFC 1035 4.2.1) with what RFC 5452 asks of a client: an unpredictable port for every query,
// and no belief in a datagram that does not come from the asked address and port with the same ID and question.
import { randomInt } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIP } from 'node:net'
import { answersQuery } from './match.js'
import {
  type ExchangeOptions,
  serverToText,
  type Transport,
  TransportError,
  type TransportLimits,
  type TransportServer,
  toTransportError
} from './transport.js'
import { Exchanges, type Waiting } from './waiting.js'

/** RFC 5452 9.2: the whole range above the system's and the registered well-known services, not what a system calls ephemeral. */
const LOWEST_PORT = 16_384
const PORT_TRIES = 4

export function createUdpTransport(limits: TransportLimits): Required<Transport> {
  const exchanges = new Exchanges()
  const queued: (() => void)[] = []
  const closing = new Set<Promise<void>>()
  let open = 0

  const start = (query: Uint8Array, server: TransportServer, waiting: Waiting): void => {
    open++
    const ended = askOnce(query, server, waiting, limits).then(() => {
      open--
      closing.delete(ended)
      while (open < limits.socketsAtOnce && queued.length > 0) queued.shift()?.()
    })
    closing.add(ended)
  }

  return {
    exchange(query: Uint8Array, server: TransportServer, options: ExchangeOptions): Promise<Uint8Array> {
      const waiting = exchanges.begin(query, server, options)
      if (waiting.settled) return waiting.reply
      if (open < limits.socketsAtOnce) start(query, server, waiting)
      else queued.push(() => !waiting.settled && start(query, server, waiting))
      return waiting.reply
    },
    async close() {
      exchanges.close()
      await Promise.all(closing)
    }
  }
}

/** One query on a socket of its own. The promise is fulfilled when the socket is closed. */
function askOnce(query: Uint8Array, server: TransportServer, waiting: Waiting, limits: TransportLimits): Promise<void> {
  return new Promise((closed) => {
    const family = isIP(server.address)
    // An address needs no look-up: dns.lookup would take a turn of the event loop, and a thread for a name.
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: (address, _, found) => found(null, address, family) })
    let tries = PORT_TRIES
    let bound = false
    let mismatches = 0

    socket.on('close', closed)
    waiting.onSettle = () => socket.close()
    socket.on('listening', () => {
      bound = true
      // Connected, the system itself drops what others send, and a closed port is an error instead of a timeout.
      socket.connect(server.port, server.address, (error?: Error) => {
        if (error) waiting.reject(toTransportError(error, server))
        else if (!waiting.settled) socket.send(query, (failure) => failure && waiting.reject(toTransportError(failure, server)))
      })
    })
    socket.on('error', (error) => {
      if (waiting.settled) return
      if (!bound && tries > 0) bindRandom(socket, --tries)
      else waiting.reject(toTransportError(error, server))
    })
    socket.on('message', (datagram, from) => {
      if (waiting.settled) return
      if (isFrom(socket, from, server) && answersQuery(query, datagram)) {
        waiting.resolve(new Uint8Array(datagram.buffer, datagram.byteOffset, datagram.length))
      } else if (++mismatches >= limits.mismatches) {
        // RFC 5452 9.2: a run of near misses is an attempt to guess; TCP cannot be guessed at.
        waiting.reject(new TransportError('EMISMATCH', `${serverToText(server)}: ${mismatches} datagrams that are not the reply`))
      }
    })
    bindRandom(socket, tries)
  })
}

/** A port in use or forbidden is tried again as another; the last try leaves the choice to the system. */
function bindRandom(socket: Socket, tries: number): void {
  const port = tries > 0 ? randomInt(LOWEST_PORT, 65_536) : 0
  // exclusive: a worker of a cluster would otherwise share the socket of its siblings.
  socket.bind({ port, exclusive: true })
}

/** What was queued before the socket was connected may come from anywhere. Addresses have several spellings. */
function isFrom(socket: Socket, from: RemoteInfo, server: TransportServer): boolean {
  if (from.port !== server.port) return false
  return from.address === server.address || from.address === socket.remoteAddress().address
}
