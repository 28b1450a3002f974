// A world of servers by address, reached in two ways: in memory, and over real UDP and TCP sockets on loopback.
// Addresses are those for documentation (RFC 5737, RFC 3849); the transport knows where each one really listens.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket as Stream } from 'node:net'
import { createNetworkTransport } from '../../src/transport/network.js'
import { type Transport, TransportError, type TransportServer } from '../../src/transport/transport.js'
import { parseMessage } from '../../src/wire/message.js'
import { typeToText } from '../../src/wire/numbers.js'
import { nameToText } from '../../src/wire/text.js'
import type { Protocol, Respond } from './authority.js'

/** Servers by their address. */
export type Servers = ReadonlyMap<string, Respond>

export interface Exchange {
  readonly address: string
  readonly protocol: string
  /** `name TYPE` */
  readonly question: string
}

/** A transport that tells what went over it. */
export interface WorldTransport extends Transport {
  /** every exchange since the start or `forget`, failed ones too */
  readonly exchanges: readonly Exchange[]
  forget(): void
  close(): Promise<void>
}

/** In memory: no socket, no waiting. Silence is a time-out at once, unless `wait` makes it last. */
export function memoryTransport(servers: Servers, options: { readonly wait?: boolean } = {}): WorldTransport {
  return counting({
    async exchange(query, server, { signal, timeoutMs }) {
      signal.throwIfAborted()
      const respond = serverAt(servers, server)
      if (server.protocol !== 'udp' && server.protocol !== 'tcp') throw new TransportError('EPROTOCOL', `no ${server.protocol} here`)
      const reply = respond(query, server.protocol)
      if (reply) return reply
      if (options.wait) await aborted(signal, timeoutMs)
      throw new TransportError('ETIMEOUT', `${server.address} is silent`)
    }
  })
}

/** Over sockets of 127.0.0.1 with ports that the system gives; the same port for UDP and TCP. */
export async function socketTransport(servers: Servers): Promise<WorldTransport> {
  const listeners = new Map<string, Listener>()
  for (const [address, respond] of servers) listeners.set(address, await listen(respond))
  const network = createNetworkTransport()
  return counting({
    async exchange(query, server, options) {
      const listener = listeners.get(server.address)
      if (!listener || server.port !== 53) throw unreachable(server)
      return network.exchange(query, { ...server, address: '127.0.0.1', port: listener.port }, options)
    },
    async close() {
      await network.close?.()
      await Promise.all([...listeners.values()].map((listener) => listener.close()))
    }
  })
}

export interface Listener {
  readonly port: number
  close(): Promise<void>
}

/** Called for each query with the address it came from: `answer` is for now, for later or for never. */
export type Meet = (client: string, protocol: Protocol, answer: () => void) => void

const atOnce: Meet = (_client, _protocol, answer) => answer()

/** One server on an address of loopback, over UDP and TCP at the same port: one that the system gives, unless it is said. */
export async function listen(
  respond: Respond,
  at: { readonly address?: string; readonly port?: number; readonly meet?: Meet } = {}
): Promise<Listener> {
  const { address = '127.0.0.1', port: wanted = 0, meet = atOnce } = at
  for (let attempt = 0; ; attempt++) {
    const udp = createSocket('udp4')
    udp.bind(wanted, address)
    await once(udp, 'listening')
    const { port } = udp.address()
    const streams = new Set<Stream>()
    const tcp = tcpServer(respond, streams, meet)
    try {
      tcp.listen(port, address)
      await once(tcp, 'listening')
    } catch (error) {
      // somebody else has this port for TCP
      await new Promise<void>((resolve) => udp.close(resolve))
      if (wanted !== 0 || attempt === 20) throw error
      continue
    }
    serveUdp(udp, respond, meet)
    return { port, close: () => closeBoth(udp, tcp, streams) }
  }
}

function serveUdp(udp: Socket, respond: Respond, meet: Meet): void {
  let open = true
  udp.on('close', () => {
    open = false
  })
  udp.on('message', (query, from) => {
    meet(from.address, 'udp', () => {
      const reply = respond(query, 'udp')
      if (reply && open) udp.send(reply, from.port, from.address)
    })
  })
}

/** RFC 1035 4.2.2: each message behind its length. */
function tcpServer(respond: Respond, streams: Set<Stream>, meet: Meet): Server {
  return createServer((stream) => {
    let held = Buffer.alloc(0)
    streams.add(stream)
    stream.on('close', () => streams.delete(stream))
    stream.on('error', () => stream.destroy())
    stream.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const end = 2 + held.readUInt16BE(0)
        const query = held.subarray(2, end)
        held = held.subarray(end)
        meet(stream.remoteAddress ?? '', 'tcp', () => {
          const reply = respond(query, 'tcp')
          if (!reply || !stream.writable) return
          const framed = Buffer.alloc(2 + reply.length)
          framed.writeUInt16BE(reply.length)
          framed.set(reply, 2)
          stream.write(framed)
        })
      }
    })
  })
}

/** Whoever still holds a connection: the server goes when it is told to. */
async function closeBoth(udp: Socket, tcp: Server, streams: ReadonlySet<Stream>): Promise<void> {
  const closed = new Promise<void>((resolve) => tcp.close(() => resolve()))
  for (const stream of streams) stream.destroy()
  await Promise.all([closed, new Promise<void>((resolve) => udp.close(resolve))])
}

function counting(transport: Transport): WorldTransport {
  const exchanges: Exchange[] = []
  let closing: Promise<void> | undefined
  return {
    exchanges,
    forget() {
      exchanges.length = 0
    },
    exchange(query, server, options) {
      const { question } = parseMessage(query)
      const text = question ? `${nameToText(question.name)} ${typeToText(question.type)}` : 'nothing'
      exchanges.push({ address: server.address, protocol: server.protocol, question: text })
      return transport.exchange(query, server, options)
    },
    close() {
      closing ??= Promise.resolve(transport.close?.())
      return closing
    }
  }
}

function serverAt(servers: Servers, server: TransportServer): Respond {
  const respond = servers.get(server.address)
  if (!respond || server.port !== 53) throw unreachable(server)
  return respond
}

function unreachable(server: TransportServer): TransportError {
  return new TransportError('ECONNREFUSED', `nothing listens at ${server.address} port ${server.port}`)
}

async function aborted(signal: AbortSignal, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, timeoutMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
