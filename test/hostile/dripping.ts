// A server that asks for TCP, and there announces a long message of which it sends an octet now and then, without end.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { buildMessage, parseMessage } from '../../src/wire/message.js'

export interface Dripping {
  /** queries that came in since the start or the last `take`, by UDP and TCP */
  take(): number
  close(): Promise<void>
}

export async function startDripping(address: string, port: number, everyMs = 100): Promise<Dripping> {
  let queries = 0
  const streams = new Set<Socket>()
  const udp = createSocket('udp4')
  udp.on('message', (query, from) => {
    queries++
    const { id, question, edns } = parseMessage(query)
    udp.send(buildMessage({ id, question, aa: true, tc: true, edns: edns && { udpSize: 1232, dnssecOk: true } }), from.port, from.address)
  })
  const tcp = createServer((stream) => {
    queries++
    streams.add(stream)
    stream.write(Uint8Array.of(0xff, 0xff))
    const timer = setInterval(() => stream.write(Uint8Array.of(0)), everyMs)
    stream.on('error', () => stream.destroy())
    stream.on('close', () => {
      clearInterval(timer)
      streams.delete(stream)
    })
    stream.resume()
  })
  udp.bind(port, address)
  tcp.listen(port, address)
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening')])
  return {
    take() {
      const taken = queries
      queries = 0
      return taken
    },
    async close() {
      for (const stream of streams) stream.destroy()
      await Promise.all([new Promise<void>((closed) => udp.close(() => closed())), new Promise((closed) => tcp.close(closed))])
    }
  }
}
