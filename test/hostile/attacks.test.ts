// Ten questions at once to each of the zones made to exhaust a resolver: all stay within the table of limits, and others are
// answered meanwhile.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createResolver, DEFAULT_LIMITS, type Resolver } from '../../src/index.js'
import type { WorldTransport } from '../world/net.js'
import { ATTACKS, buildHostile, GOOD } from './attacks.js'
import { countingBackend, type Work } from './counting.js'

const world = buildHostile(Date.now())
afterAll(() => world.close())

function open(): { resolver: Resolver; work: Work; transport: WorldTransport } {
  const transport = world.memory()
  const { crypto, work } = countingBackend()
  const { anchors: trustAnchors, hints: rootHints } = world
  return { resolver: createResolver({ trustAnchors, rootHints, transport, crypto, allowPrivateAddresses: true }), work, transport }
}

/** A DS is compared by digest for each key of its tag, for as many DS and keys as are looked at; the zones above need theirs. */
const MOST_DIGESTS = DEFAULT_LIMITS.dsPerZone * DEFAULT_LIMITS.keysPerTag + 16

function expectBounded(work: Work, transport: WorldTransport, questions: number): void {
  const { signatureChecks, nsec3Hashes, nsec3Iterations, queries } = DEFAULT_LIMITS
  expect(work.verifications).toBeLessThanOrEqual(signatureChecks * questions)
  expect(work.hashes).toBeLessThanOrEqual(nsec3Hashes * questions)
  expect(work.iterations).toBeLessThanOrEqual(nsec3Hashes * (nsec3Iterations + 1) * questions)
  expect(work.digests).toBeLessThanOrEqual(MOST_DIGESTS * questions)
  expect(transport.exchanges.length).toBeLessThanOrEqual(queries * questions)
}

/** What Unbound sent for the same question, by the table that is written from measurements. */
const byUnbound = new Map(
  readFileSync(join(import.meta.dirname, '../../docs/hostile.md'), 'utf8')
    .split('\n')
    .map((line) => line.split(' | '))
    .filter((cells) => cells.length === 12 && Number(cells[10]) > 0)
    .map((cells) => [cells[0].slice(2).split(':')[0], Number(cells[10])])
)

/** Asked first, so that what is learned of the root and the TLDs does not count. */
const WARMING = [`w0.${GOOD}`, 'nowhere.hashed', 'ns1.hosting.ordered']

describe('one question', () => {
  it.each(ATTACKS)('$name: no more queries than Unbound', async ({ name, question }) => {
    const { resolver, transport } = open()
    for (const one of WARMING) await resolver.resolveSecure(one, 'A')
    transport.forget()
    await resolver.resolveSecure(...question)
    expect(byUnbound.get(name)).toBeGreaterThan(0)
    expect(transport.exchanges.length).toBeLessThanOrEqual(byUnbound.get(name) as number)
    await resolver.close()
  })
})

describe('ten questions at once, and others beside them', () => {
  for (const [i, { name, question }] of ATTACKS.entries()) {
    it(`${name}: the others are answered`, async () => {
      const { resolver, work, transport } = open()
      const [target, type] = question
      const below = target.length > 200 ? [target] : Array.from({ length: 10 }, (_, n) => (n === 0 ? target : `x${n}.${target}`))
      const attacks = below.map((one) => resolver.resolveSecure(one, type))
      const others = [0, 1, 2].map((n) => resolver.resolveSecure(`w${3 * i + n}.${GOOD}`, 'A'))
      for (const answer of await Promise.all(others)) expect(answer).toMatchObject({ status: 'secure', rcode: 'NOERROR' })
      await Promise.all(attacks)
      await resolver.close()
      expectBounded(work, transport, below.length + others.length)
    })
  }
})
