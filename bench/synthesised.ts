// Answers per second that are put together from what other answers proved (RFC 8198), each judged with its signatures.
// node --import tsx bench/synthesised.ts
import { createResolver } from '../src/index.js'
import { NOON, smallWorld } from '../test/validate/small-world.js'
import { memoryTransport } from '../test/world/net.js'

const NAMES = 4_000
const ROUNDS = 5
const TEXT = 'a A 192.0.2.1\n*.w A 192.0.2.2\nz A 192.0.2.3'

const world = smallWorld({
  ordered: { text: TEXT },
  hashed: { text: TEXT, denial: { by: 'nsec3' } }
})
const median = (all: number[]): number => all.sort((a, b) => a - b)[all.length >> 1] as number

for (const crypto of ['auto', 'noble'] as const) {
  for (const [what, zone] of [
    ['NXDOMAIN by NSEC', 'm.ordered'],
    ['NXDOMAIN by NSEC3', 'm.hashed'],
    ['wildcard by NSEC', 'w.ordered'],
    ['wildcard by NSEC3', 'w.hashed']
  ]) {
    const rates: number[] = []
    let asked = 0
    for (let round = 0; round < ROUNDS; round++) {
      const transport = memoryTransport(world.servers)
      const resolver = createResolver({
        ...{ trustAnchors: world.anchors, rootHints: world.hints, transport, crypto },
        clock: () => NOON * 1000,
        allowPrivateAddresses: true
      })
      // what is below a name that is denied needs no other record
      for (const first of [`${zone}`, `first.${zone}`]) await resolver.resolveSecure(first, 'A')
      transport.forget()
      const names = crypto === 'noble' ? NAMES / 10 : NAMES
      const start = process.cpuUsage()
      for (let i = 0; i < names; i++) {
        const { status } = await resolver.resolveSecure(`n${i}.${zone}`, 'A')
        if (status !== 'secure') throw new Error(`${what}: ${status}`)
      }
      const { user, system } = process.cpuUsage(start)
      rates.push((names / (user + system)) * 1e6)
      asked += transport.exchanges.length
      await resolver.close()
    }
    console.log(`${crypto} ${what}: ${Math.round(median(rates))}/s of CPU time, ${asked} queries (median of ${ROUNDS})`)
  }
}
