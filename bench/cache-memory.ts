// Octets of memory for each cached RRset with its signature: node --expose-gc --import tsx bench/cache-memory.ts [count ...]
import { fill, resolverOfSignedNames } from './signed-names.js'

const counts = process.argv.slice(2).map(Number)
const { gc } = globalThis
if (!gc) throw new Error('node --expose-gc is needed')

async function used(): Promise<number> {
  // Finalizers run between turns, and what they let go is collected in the next one.
  for (let i = 0; i < 6; i++) {
    gc?.()
    await new Promise((turn) => setTimeout(turn, 50))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

for (const count of counts.length > 0 ? counts : [10_000, 100_000]) {
  const resolver = resolverOfSignedNames({ cache: { maxBytes: 2 ** 31 } })
  await fill(resolver, 0, 500) // code, tables and keys are no part of what a further RRset costs
  const before = await used()
  const started = performance.now()
  await fill(resolver, 500, count)
  const ms = performance.now() - started
  const bytes = (await used()) - before
  const told = 'statistics' in resolver ? (resolver as { statistics(): { cache: { bytes: number } } }).statistics().cache.bytes : 0
  console.log(
    `${count} RRsets: ${Math.round(bytes / count)} octets each; ${Math.round((count / ms) * 1000)} answers/s; counted ${Math.round(told / (count + 500))}`
  )
  await resolver.close()
}
