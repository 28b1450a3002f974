// Octets of memory for each zone with one answer: its delegation, DS, keys, proofs and the answer.
// node --expose-gc --import tsx bench/zone-memory.ts [zones]
import { createResolver } from '../src/index.js'
import { buildWorld } from '../test/world/hierarchy.js'
import { TOP } from '../test/world/hierarchy-zones.js'

const count = Number(process.argv[2] ?? 1_000)
const { gc } = globalThis
if (!gc) throw new Error('node --expose-gc is needed')

async function used(): Promise<number> {
  for (let i = 0; i < 6; i++) {
    gc?.()
    await new Promise((turn) => setTimeout(turn, 50))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const EARLY = 100
const zones = Array.from({ length: count + EARLY }, (_, i) => ({ name: `z${i}.ordered` }))
const world = buildWorld([...TOP, ...zones], [], Date.now())
const transport = world.memory()
const resolver = createResolver({
  trustAnchors: world.anchors,
  rootHints: world.hints,
  transport,
  allowPrivateAddresses: true,
  cache: { maxBytes: 2 ** 31 }
})

async function ask(from: number, to: number): Promise<void> {
  for (const { name } of zones.slice(from, to)) {
    const { status, reason } = await resolver.resolveSecure(`www.${name}`, 'A')
    if (status !== 'secure') throw new Error(`${name}: ${reason?.text}`)
  }
  transport.forget()
}

await ask(0, EARLY)
const [before, counted] = [await used(), resolver.statistics().cache.bytes]
const start = process.cpuUsage()
await ask(EARLY, count + EARLY)
const { user, system } = process.cpuUsage(start)
const bytes = (await used()) - before
console.log(
  `${count} zones: ${Math.round(bytes / count)} octets each, counted ${Math.round((resolver.statistics().cache.bytes - counted) / count)}; ${((user + system) / 1000 / count).toFixed(2)} ms of CPU an answer, its servers' included`
)
await resolver.close()
await world.close()
