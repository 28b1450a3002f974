// DNS over UDP (RFC 1035 4.2.1) with what RFC 5452 asks of a client: an unpredictable port for every query, or for a few of them to
// one server, and no belief in a datagram that does not come from the asked address and port with the same ID and question.
import { FreeSockets } from './free-sockets.js'
import type { ExchangeOptions, Transport, TransportLimits, TransportServer } from './transport.js'
import { UdpSocket } from './udp-socket.js'
import { type Ending, Exchanges, type Waiting } from './waiting.js'

export function createUdpTransport(limits: TransportLimits): Required<Transport> {
  const exchanges = new Exchanges()
  const queued: (() => void)[] = []
  const free = new FreeSockets()
  const closing = new Set<Promise<void>>()
  let busy = 0

  const left = (): void => {
    busy--
    while (busy < limits.socketsAtOnce && queued.length > 0) queued.shift()?.()
  }

  const close = (socket: UdpSocket): void => {
    socket.close()
    const closed = socket.closed.then(() => {
      closing.delete(closed)
      left()
    })
    closing.add(closed)
  }

  // Whose query had no reply is not used again: the reply may still come.
  const servesAgain = (socket: UdpSocket, ending: Ending): boolean =>
    ending === 'reply' && socket.uses < limits.queriesPerSocket && !exchanges.closed

  const start = (query: Uint8Array, server: TransportServer, waiting: Waiting): void => {
    busy++
    const socket = free.take(server) ?? new UdpSocket(server, limits.mismatches)
    socket.ask(query, waiting, (ending) => {
      if (!servesAgain(socket, ending) || !free.put(socket)) close(socket)
      else left()
    })
  }

  return {
    exchange(query: Uint8Array, server: TransportServer, options: ExchangeOptions): Promise<Uint8Array> {
      const waiting = exchanges.begin(query, server, options)
      if (waiting.settled) return waiting.reply
      if (busy < limits.socketsAtOnce) start(query, server, waiting)
      else queued.push(() => !waiting.settled && start(query, server, waiting))
      return waiting.reply
    },
    async close() {
      exchanges.close()
      await Promise.all([...closing, free.close()])
    }
  }
}
