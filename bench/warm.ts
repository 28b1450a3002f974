// Warm answers per second: peek, and resolveSecure awaited. node --import tsx bench/warm.ts
import { fill, nameOf, resolverOfSignedNames } from './signed-names.js'

const NAMES = 1_000
const CALLS = 400_000
const ROUNDS = 7

const resolver = resolverOfSignedNames()
await fill(resolver, 0, NAMES)
await fill(resolver, 0, NAMES)
const names = Array.from({ length: NAMES }, (_, i) => nameOf(i))

const median = (all: number[]): number => all.sort((a, b) => a - b)[all.length >> 1] as number

function perSecond(calls: number, start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (calls / (user + system)) * 1e6
}

const peeks: number[] = []
const awaits: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  let start = process.cpuUsage()
  let found = 0
  for (let i = 0; i < CALLS; i++) if (resolver.peek(names[i % NAMES] as string, 'MX')) found++
  peeks.push(perSecond(CALLS, start))
  if (found !== CALLS) throw new Error('not all of them were known')
  start = process.cpuUsage()
  for (let i = 0; i < CALLS; i++) await resolver.resolveSecure(names[i % NAMES] as string, 'MX')
  awaits.push(perSecond(CALLS, start))
}
console.log(`peek ${Math.round(median(peeks))}/s, await resolveSecure ${Math.round(median(awaits))}/s (of CPU time, median of ${ROUNDS})`)
await resolver.close()
