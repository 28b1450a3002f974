// A soak: questions of every kind for SOAK_MINUTES (10 when unset) through a cache that is too small for them, over sockets of
// loopback. Memory must stay flat: node --expose-gc --import tsx bench/soak.ts
import { createResolver } from '../src/index.js'
import { buildHierarchy } from '../test/world/hierarchy.js'

const MINUTES = Number(process.env.SOAK_MINUTES ?? 10)
const AT_ONCE = Number(process.env.SOAK_AT_ONCE ?? 8)
const PAUSE_MS = 2
const SAMPLES = 40
/** The last third may hold so much more than the second. */
const MOST_GROWTH = 1.05

const world = buildHierarchy()
const transport = await world.sockets()
const resolver = createResolver({
  trustAnchors: world.anchors,
  rootHints: world.hints,
  transport,
  allowPrivateAddresses: true,
  cache: { maxBytes: 4 * 1024 * 1024, prefetch: true, serveStale: true, ttlMax: 20, negativeTtlMax: 10 },
  limits: { questionMs: 2_000 }
})

const fixed = world.questions.filter(({ sha1, slow }) => !sha1 && !slow)
let count = 0
const wrong = new Map<string, number>()

async function one(): Promise<void> {
  const n = count++
  const kind = n % 10
  if (kind < 5) {
    const { name, type, status } = fixed[n % fixed.length] as (typeof fixed)[number]
    const answer = await resolver.resolveSecure(name, type, { trace: kind === 0 && n % 100 === 0 })
    if (answer.status === status || answer.stale) return
    // On a machine that has other work to do the time for a question may be over.
    const what = answer.reason?.kind === 'timeOver' ? 'out of time' : `${name} ${type}: ${answer.status}, ${answer.reason?.text}`
    wrong.set(what, (wrong.get(what) ?? 0) + 1)
  } else if (kind < 8) await resolver.resolveSecure(`n${n}.any.wild.${n % 2 ? 'ordered' : 'hashed'}`, 'A')
  else if (kind === 8) await resolver.resolveSecure(`n${n}.mail.ordered`, 'MX')
  else await resolver.resolveSecure(`n${n}.any.wild.ordered`, 'TXT', { signal: AbortSignal.timeout(n % 7) }).catch(() => {})
}

const heapAfterGc = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const until = Date.now() + MINUTES * 60_000
const samples: number[] = []
const startedAt = Date.now()
const sampler = setInterval(
  () => {
    transport.forget() // the world's own list of what was asked
    const heap = heapAfterGc()
    samples.push(heap)
    const { rss } = process.memoryUsage()
    const { cache, questions } = resolver.statistics()
    const seconds = Math.round((Date.now() - startedAt) / 1000)
    const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
    console.log(
      `${seconds} s: ${count} questions, heap ${mib(heap)} MiB, rss ${mib(rss)} MiB, cache ${mib(cache.bytes)} MiB, running ${questions.running}`
    )
  },
  (MINUTES * 60_000) / SAMPLES
)
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (Date.now() < until) {
      await one()
      await new Promise((turn) => setTimeout(turn, PAUSE_MS))
    }
  })
)
clearInterval(sampler)
await resolver.close()
await world.close()
const third = Math.floor(samples.length / 3)
const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length
const growth = mean(samples.slice(2 * third)) / mean(samples.slice(third, 2 * third))
console.log(`${count} questions; the last third holds ${((growth - 1) * 100).toFixed(1)} % more than the second`)
if (wrong.size > 0) console.log('not as expected:', Object.fromEntries(wrong))
if (growth > MOST_GROWTH || [...wrong.keys()].some((what) => what !== 'out of time')) process.exitCode = 1
