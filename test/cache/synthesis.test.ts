// Random small zones, asked by a resolver that answers from what other answers proved (RFC 8198) and by one that does not: they
// never say different things, and the first one asks less.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chooseBackend } from '../../src/crypto/choose.js'
import { createResolver, type Resolver, type ResolverOptions, type SecureAnswer } from '../../src/index.js'
import { rememberingGood } from '../fuzz/judge.js'
import { plan as anyPlan, denial, OWNERS, textOf } from '../validate/random-plan.js'
import { NOON, type SmallWorld, smallWorld } from '../validate/small-world.js'
import { memoryTransport, type WorldTransport } from '../world/net.js'

const crypto = rememberingGood(chooseBackend('native'))
const runs = { numRuns: Number(process.env.RANDOM_ZONES ?? 25) }

const TYPES = ['A', 'TXT', 'DS', 'CNAME', 'NS']
const NAMES = [...OWNERS, ...['x', 'y'].flatMap((first) => OWNERS.map((owner) => `${first}.${owner}`))]

/** What an answer says, without the time it lasts. */
function said({ status, rcode, canonicalName, denial, records }: SecureAnswer): string {
  const data = records.map((one) => `${one.name} ${one.type} ${one.status} ${JSON.stringify(one.data)}`)
  return JSON.stringify([status, rcode, canonicalName, denial?.kind, data.sort()])
}

function open({ anchors, hints, servers }: SmallWorld, options: ResolverOptions = {}): { resolver: Resolver; transport: WorldTransport } {
  const transport = memoryTransport(servers)
  const resolver = createResolver({
    ...{ trustAnchors: anchors, rootHints: hints, transport, crypto },
    clock: () => NOON * 1000,
    allowPrivateAddresses: true,
    ...options
  })
  return { resolver, transport }
}

const question = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...TYPES))

it('an answer made of other answers is the one that the zone would have given', { timeout: 120_000 }, async () => {
  let [wildcards, denials] = [0, 0]
  await fc.assert(
    fc.asyncProperty(anyPlan, denial, fc.array(question, { minLength: 40, maxLength: 60 }), async (plan, denial, questions) => {
      const optOut = 'optOut' in denial && denial.optOut === true
      const text = ['*.any A 192.0.2.7', '*.to CNAME any', textOf(plan)].join('\n')
      const world = smallWorld({ test: { text, denial } })
      const [warm, plain] = [open(world), open(world, { aggressiveDenial: false })]
      const wild = ['x.any', 'y.any', 'z.x.any', 'x.to', 'y.to', '*.any', 'any', 'x.*.any'].map((owner) => [owner, 'A'] as const)
      const asked = new Set<string>()
      for (const [owner, type] of [...questions, ...wild]) {
        const name = `${owner}.test`
        const before = warm.transport.exchanges.length
        const known = warm.resolver.peek(name, type) !== undefined
        const answer = await warm.resolver.resolveSecure(name, type)
        const made = !known && warm.transport.exchanges.length === before
        expect(said(answer), `${name} ${type}`).toBe(said(await plain.resolver.resolveSecure(name, type)))
        if (!made) {
          asked.add(name)
          continue
        }
        if (answer.denial) denials++
        // an alias that was asked for answers for its other types, a DNAME for all below
        if (answer.records.length === 0 || asked.has(name) || answer.records[0]?.type === 'DNAME') continue
        wildcards++
        // RFC 8198 5.2, RFC 5155 6: what an Opt-Out span says of a name is not known for sure
        if (optOut) expect(answer.status, `${name} ${type}`).not.toBe('insecure')
      }
      await Promise.all([warm.resolver.close(), plain.resolver.close()])
    }),
    runs
  )
  // A run in which nothing was made would have tested nothing.
  expect(wildcards).toBeGreaterThan(runs.numRuns)
  expect(denials).toBeGreaterThan(runs.numRuns)
})
