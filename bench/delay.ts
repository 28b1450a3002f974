// A network between the name servers and those who ask them: every reply takes its time, every question is counted, and how many of
// them had to wait for the reply to another is told from when they came.
import { createSocket, type Socket } from 'node:dgram'
import { createConnection, createServer, type Server } from 'node:net'

interface Seen {
  readonly cameAt: number
  readonly repliedAt: number
}

export interface Delay {
  ms: number
  /** what was asked since the last call: how many questions, and the longest row of them one after the other */
  taken(): { queries: number; inRow: number }
  close(): Promise<void>
}

/** Listens at port 53 of the addresses, where the name servers have `port`. */
export async function delayBefore(addresses: readonly string[], port: number): Promise<Delay> {
  let seen: Seen[] = []
  const closers: (() => void)[] = []
  const delay: Delay = {
    ms: 0,
    taken() {
      const all = seen
      seen = []
      return { queries: all.length, inRow: longestRow(all) }
    },
    async close() {
      for (const close of closers) close()
    }
  }
  for (const address of addresses) {
    closers.push(await overUdp(address, port, delay, (one) => void seen.push(one)))
    closers.push(await overTcp(address, port, delay))
  }
  return delay
}

async function overUdp(address: string, port: number, delay: Delay, note: (seen: Seen) => void): Promise<() => void> {
  const front = createSocket('udp4')
  const open = new Set<Socket>()
  front.on('message', (query, from) => {
    const cameAt = performance.now()
    const back = createSocket('udp4')
    open.add(back)
    back.on('error', () => {})
    back.once('message', (reply) => {
      back.close(() => open.delete(back))
      setTimeout(
        () => {
          note({ cameAt, repliedAt: performance.now() })
          front.send(reply, from.port, from.address)
        },
        Math.max(0, delay.ms - (performance.now() - cameAt))
      )
    })
    back.send(query, port, address)
  })
  await new Promise<void>((bound) => front.bind(53, address, bound))
  return () => {
    front.close()
    for (const back of open) back.close()
  }
}

async function overTcp(address: string, port: number, delay: Delay): Promise<() => void> {
  const server: Server = createServer((stream) => {
    const back = createConnection(port, address)
    for (const end of [stream, back]) end.on('error', () => {})
    stream.on('data', (octets) => back.write(octets))
    back.on('data', (octets) => void setTimeout(() => stream.writable && stream.write(octets), delay.ms))
    stream.on('close', () => back.destroy())
    back.on('close', () => stream.end())
  })
  await new Promise<void>((listening) => server.listen(53, address, listening))
  return () => void server.close()
}

/** Each question comes after the replies it may have waited for: the deepest is how many there were in a row. */
function longestRow(all: readonly Seen[]): number {
  const inOrder = [...all].sort((a, b) => a.cameAt - b.cameAt)
  const depths = inOrder.map(() => 1)
  inOrder.forEach((one, i) => {
    for (let j = 0; j < i; j++) if ((inOrder[j] as Seen).repliedAt <= one.cameAt) depths[i] = Math.max(depths[i], (depths[j] as number) + 1)
  })
  return Math.max(0, ...depths)
}
