// What a UDP socket for each query costs, beside sockets that serve several queries to one server, and beside one TCP connection.
import { createNetworkTransport } from '../../src/transport/network.js'
import type { TransportServer } from '../../src/transport/transport.js'
import { queryFor } from '../ask.js'
import { type Spread, spreadOf } from '../statistics.js'
import type { Tree } from '../tree.js'
import type { Bench, Result, Row } from './measure.js'

const AT_ONCE = 50
/** Rounds that are for the compiler and not counted. */
const WARM_ROUNDS = 2

const WAYS = [
  { name: 'UDP, a socket each (the default)', protocol: 'udp', queriesPerSocket: 1 },
  { name: 'UDP, 8 queries a socket', protocol: 'udp', queriesPerSocket: 8 },
  { name: 'UDP, 64 queries a socket', protocol: 'udp', queriesPerSocket: 64 },
  { name: 'TCP, one connection', protocol: 'tcp', queriesPerSocket: 1 }
] as const

type Way = (typeof WAYS)[number]

export async function measureSockets(bench: Bench, tree: Tree): Promise<Result> {
  const count = bench.smoke ? 100 : 5_000
  const runs = new Map<Way, { cpuUs: number; perSecond: number }[]>(WAYS.map((way) => [way, []]))
  for (let round = 0; round < bench.rounds + WARM_ROUNDS; round++) {
    for (const way of WAYS) {
      bench.say(`sockets, round ${round}: ${way.name}`)
      const run = await exchanges(tree, way, count)
      if (round >= WARM_ROUNDS) runs.get(way)?.push(run)
    }
  }
  const rows = WAYS.map((way): Row => {
    const spread = (of: 'cpuUs' | 'perSecond'): Spread => spreadOf((runs.get(way) ?? []).map((run) => run[of]))
    return { subject: way.name, own: true, values: { 'CPU us a query': spread('cpuUs'), 'queries/s': spread('perSecond') } }
  })
  const about = `${count} queries to the server of the TLD, ${AT_ONCE} at a time, replies not read: the transport alone.`
  return { tables: [{ title: 'Sockets', about, rows }], plots: [] }
}

async function exchanges(tree: Tree, { protocol, queriesPerSocket }: Way, count: number): Promise<{ cpuUs: number; perSecond: number }> {
  const transport = createNetworkTransport({ limits: { queriesPerSocket } })
  const address = tree.places[Math.min(1, tree.places.length - 1)]?.address as string
  const server: TransportServer = { address, port: 53, protocol }
  const { signal } = new AbortController()
  let next = 0
  const from = performance.now()
  const before = process.cpuUsage()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) {
        const { name, type } = tree.questions[next % tree.questions.length] as Tree['questions'][number]
        await transport.exchange(queryFor(name, type, next++ & 0xffff), server, { signal, timeoutMs: 5_000 })
      }
    })
  )
  const { user, system } = process.cpuUsage(before)
  const ms = performance.now() - from
  await transport.close()
  return { cpuUs: (user + system) / count, perSecond: (count / ms) * 1000 }
}
