// What the tests of the transports share: queries and replies as octets written by hand, and servers on loopback
// whose every misdeed is in the hands of the test. Nothing of src/wire is used, so that its faults cannot hide ours.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { ExchangeOptions, TransportServer } from '../../src/transport/transport.js'

export function query(id: number, name = 'example.org', type = 1): Uint8Array {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')])
  return Uint8Array.of(id >> 8, id & 0xff, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, type >> 8, type & 0xff, 0, 1)
}

/** The query with QR set; `tail` stands for the records, which no transport looks at. */
export function replyTo(asked: Uint8Array, tail: readonly number[] = []): Uint8Array {
  const reply = Uint8Array.from([...asked, ...tail])
  reply[2] |= 0x80
  return reply
}

export function withId(message: Uint8Array, id: number): Uint8Array {
  const copy = Uint8Array.from(message)
  copy[0] = id >> 8
  copy[1] = id & 0xff
  return copy
}

export function options(timeoutMs = 5_000, signal: AbortSignal = new AbortController().signal): ExchangeOptions {
  return { timeoutMs, signal }
}

export interface UdpServer extends TransportServer {
  readonly socket: UdpSocket
}

/** A UDP server that lives as long as the test. */
export async function udpServer(
  answer: (asked: Uint8Array, send: (message: Uint8Array) => void, from: RemoteInfo) => void,
  address = '127.0.0.1'
): Promise<UdpServer> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (asked, from) => answer(asked, (message) => socket.send(message, from.port, from.address), from))
  await new Promise<void>((bound) => socket.bind(0, address, bound))
  onTestFinished(() => new Promise<void>((closed) => void socket.close(closed)))
  return { address, port: socket.address().port, protocol: 'udp', socket }
}

export interface StreamClient {
  /** the number of the connection, from 0 */
  readonly n: number
  readonly socket: Socket
  send(message: Uint8Array): void
}

export interface StreamServer extends TransportServer {
  readonly clients: StreamClient[]
}

/** A server over TCP, or over what `listen` makes of the same callback. It lives as long as the test. */
export async function streamServer(
  answer: (asked: Uint8Array, client: StreamClient) => void,
  protocol = 'tcp',
  listen: (accept: (socket: Socket) => void) => ReturnType<typeof createServer> = createServer
): Promise<StreamServer> {
  const clients: StreamClient[] = []
  const sockets = new Set<Socket>()
  const server = listen((socket) => {
    const client = { n: clients.length, socket, send: (message: Uint8Array) => void socket.write(framed(message)) }
    clients.push(client)
    let held = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE()) {
        const length = held.readUInt16BE()
        const asked = Uint8Array.from(held.subarray(2, 2 + length))
        held = held.subarray(2 + length)
        answer(asked, client)
      }
    })
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((closed) => server.close(closed))
  })
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port, protocol, clients }
}

export function framed(message: Uint8Array): Uint8Array {
  return Uint8Array.from([message.length >> 8, message.length & 0xff, ...message])
}

export function pause(ms: number): Promise<void> {
  return new Promise((over) => setTimeout(over, ms))
}
