// The embedded worlds at port 53 of loopback addresses, where other programs can ask them too.
import type { Hierarchy, Place } from '../world/hierarchy.js'
import { type Listener, listen } from '../world/net.js'

const NETS: Readonly<Record<string, string>> = { '192.0.2': '127.53.2', '198.51.100': '127.53.100', '203.0.113': '127.53.113' }

/** The networks for documentation (RFC 5737) become networks of loopback. */
export const onLoopback: Place = (text) =>
  text.replace(/\b(192\.0\.2|198\.51\.100|203\.0\.113)\.(?=\d)/g, (_, net: string) => `${NETS[net]}.`)

/** Whether this process may listen at port 53 of such addresses. */
export async function canServe(): Promise<boolean> {
  try {
    const listener = await listen(() => undefined, { address: '127.53.0.1', port: 53 })
    await listener.close()
    return true
  } catch {
    return false
  }
}

export interface Serving {
  /** queries that came in since the start or the last `take` */
  take(): number
  close(): Promise<void>
}

/** Serves the servers of the world that have an IPv4 address, but for those that somebody else serves. */
export async function serve({ servers }: Pick<Hierarchy, 'servers'>, others: readonly string[] = []): Promise<Serving> {
  const listeners: Listener[] = []
  let queries = 0
  for (const [address, respond] of servers) {
    if (address.includes(':') || others.includes(address)) continue
    const counted: typeof respond = (query, protocol) => {
      queries++
      return respond(query, protocol)
    }
    listeners.push(await listen(counted, { address, port: 53 }))
  }
  return {
    take() {
      const taken = queries
      queries = 0
      return taken
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()))
    }
  }
}
