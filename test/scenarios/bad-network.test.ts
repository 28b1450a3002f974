// Through loss and delay, and with servers that are gone, every question is answered rightly. BAD_NETWORK_QUESTIONS sets how many
// are asked (1000 for a whole run).
import { afterAll, describe, expect, it } from 'vitest'
import { createResolver } from '../../src/index.js'
import { type BadNet, badNet, lossy, manyNames, run } from '../world/bad-net.js'
import type { Weather } from '../world/proxy.js'

const QUESTIONS = Number(process.env.BAD_NETWORK_QUESTIONS ?? 60)
const AT_ONCE = 20
const world = manyNames()
afterAll(() => world.close())

/** one of the two servers of the root, and one of the two names of the hosting company */
const DEAD = ['192.0.2.2', '198.51.100.2']

async function asked(weather: Weather, dead: readonly string[], count = QUESTIONS) {
  const net: BadNet = await badNet(world.servers, weather, dead)
  const resolver = createResolver({
    trustAnchors: world.anchors,
    rootHints: world.hints,
    transport: net.transport,
    allowPrivateAddresses: true,
    aggressiveDenial: false // every name is to be asked for
  })
  try {
    return { ...(await run(world, (name, type) => resolver.resolveSecure(name, type), count, AT_ONCE)), statistics: resolver.statistics() }
  } finally {
    await resolver.close()
    await net.close()
  }
}

describe('a network that loses 10 % of the packets each way and delays replies by 50 ms', () => {
  it('and one of two servers dead: every question is answered rightly', { timeout: 600_000 }, async () => {
    const { wrong, statistics } = await asked(lossy(0.1, 50), DEAD)
    expect(wrong).toEqual([])
    expect(statistics.upstream.failures.ETIMEOUT).toBeGreaterThan(0) // it was bad indeed
  })
})

describe('servers that misbehave now and then', () => {
  it.each<[string, Weather]>([
    ['truncate', { chances: { truncate: 0.5 } }],
    ['answer late', { chances: { late: 0.2 }, lateMs: 1_200 }],
    ['answer twice', { chances: { duplicate: 0.5 } }],
    ['bear the wrong ID', { chances: { wrongId: 0.2 } }],
    ['are overtaken by a forgery with another ID', { chances: { forge: 0.5 } }],
    ['close at once', { chances: { close: 0.1 } }],
    ['do all of it', { chances: { truncate: 0.2, late: 0.05, duplicate: 0.1, wrongId: 0.05, forge: 0.2, close: 0.05 }, lateMs: 700 }]
  ])('%s: every question is answered rightly', { timeout: 120_000 }, async (_, weather) => {
    expect((await asked(weather, [], 40)).wrong).toEqual([])
  })
})
