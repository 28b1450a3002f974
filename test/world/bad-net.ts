// A world of servers behind a bad network: each reached over real sockets through a proxy that loses and delays.
import { createNetworkTransport } from '../../src/transport/network.js'
import { type Transport, TransportError } from '../../src/transport/transport.js'
import { buildWorld, type Hierarchy } from './hierarchy.js'
import { TOP, type ZoneSpec } from './hierarchy-zones.js'
import { type Listener, listen, type Servers } from './net.js'
import { startProxy, type Weather, type Proxy as WorldProxy } from './proxy.js'

export interface BadNet {
  readonly transport: Transport
  /** by the address of the server */
  readonly proxies: ReadonlyMap<string, WorldProxy>
  close(): Promise<void>
}

/** @param loss probability that a datagram does not arrive, each way by itself */
export const lossy = (loss: number, delayMs = 0): Weather => ({
  chances: { lose: loss, close: loss * (1 - loss) },
  delayMs: [delayMs, delayMs]
})

/** @param dead addresses where nobody is: what is sent there vanishes */
export async function badNet(servers: Servers, weather: Weather, dead: readonly string[] = []): Promise<BadNet> {
  const listeners: Listener[] = []
  const proxies = new Map<string, WorldProxy>()
  for (const [address, respond] of servers) {
    const listener = await listen(respond)
    listeners.push(listener)
    const gone: Weather = { chances: { lose: 1 } }
    proxies.set(
      address,
      await startProxy({ address: '127.0.0.1', port: listener.port }, dead.includes(address) ? gone : weather, proxies.size + 1)
    )
  }
  const network = createNetworkTransport()
  const transport: Transport = {
    async exchange(query, server, options) {
      const proxy = proxies.get(server.address)
      if (!proxy) throw new TransportError('EHOSTUNREACH', `${server.address} is not there`)
      return network.exchange(query, { ...server, address: proxy.address, port: proxy.port }, options)
    }
  }
  return {
    transport,
    proxies,
    async close() {
      await network.close()
      await Promise.all([...proxies.values()].map((proxy) => proxy.close()))
      await Promise.all(listeners.map((listener) => listener.close()))
    }
  }
}

export interface ManyNames extends Hierarchy {
  /** the n-th question of a run: every one another name */
  readonly question: (n: number) => { readonly name: string; readonly type: string; readonly address: number[] }
}

const ZONES = 40

/** Forty signed zones below two of the TLDs, with a wildcard each, so that no question is like another. */
export function manyNames(nowMs = Date.now()): ManyNames {
  const zones = Array.from({ length: ZONES }, (_, i): ZoneSpec => {
    const hashed = i % 2 === 1
    return {
      name: `z${i}.${hashed ? 'hashed' : 'ordered'}`,
      text: `*.any A 203.0.113.${i}`,
      ...(hashed && { denial: { by: 'nsec3' as const, iterations: 0 } })
    }
  })
  const world = buildWorld([...TOP, ...zones], [], nowMs)
  const question = (n: number) => ({ name: `n${n}.any.${zones[n % ZONES]?.name}`, type: 'A', address: [203, 0, 113, n % ZONES] })
  return { ...world, question }
}

export interface Run {
  readonly asked: number
  /** that were not secure, or not the right address: with what they were instead */
  readonly wrong: readonly string[]
  readonly ms: number
}

/** Asks `count` different questions, some at the same time. */
export async function run(
  world: ManyNames,
  resolve: (
    name: string,
    type: string
  ) => Promise<{ status: string; records: readonly { rdata: Uint8Array }[]; reason?: { text: string } }>,
  count: number,
  atOnce: number
): Promise<Run> {
  const wrong: string[] = []
  const startedAt = performance.now()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const { name, type, address } = world.question(next++)
      const { status, records, reason } = await resolve(name, type)
      const right = status === 'secure' && records.length === 1 && records[0]?.rdata.join('.') === address.join('.')
      if (!right) wrong.push(`${name}: ${status} ${reason?.text ?? ''}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { asked: count, wrong, ms: performance.now() - startedAt }
}
