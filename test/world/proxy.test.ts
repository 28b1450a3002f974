import { describe, expect, it, onTestFinished } from 'vitest'
import { createNetworkTransport } from '../../src/transport/network.js'
import { options, query, replyTo } from '../transport/loopback.js'
import { listen } from './net.js'
import { type Deed, startProxy, type Weather } from './proxy.js'

async function badNetwork(weather: Weather, seed = 1) {
  const asked: string[] = []
  const server = await listen((message, protocol) => {
    asked.push(protocol)
    return replyTo(message, [1, 2, 3])
  })
  const proxy = await startProxy({ address: '127.0.0.1', port: server.port }, weather, seed)
  const network = createNetworkTransport()
  onTestFinished(async () => {
    await network.close()
    await proxy.close()
    await server.close()
  })
  const ask = async (protocol: 'udp' | 'tcp', id = 7, timeoutMs = 5_000) => {
    const exchange = network.exchange(query(id), { address: proxy.address, port: proxy.port, protocol }, options(timeoutMs))
    return exchange.catch((error: { code: string }) => error.code)
  }
  return { proxy, ask, asked }
}

const whole = replyTo(query(7), [1, 2, 3])

describe('the bad network', () => {
  it.each(['udp', 'tcp'] as const)('is a good one over %s unless told otherwise', async (protocol) => {
    const { ask, asked, proxy } = await badNetwork({})
    expect(await ask(protocol)).toEqual(whole)
    expect([asked, proxy.deeds]).toEqual([[protocol], ['pass']])
  })

  it.each<[Deed, unknown, unknown]>([
    ['lose', 'ETIMEOUT', 'ETIMEOUT'],
    ['wrongId', 'ETIMEOUT', 'ETIMEOUT'],
    ['late', 'ETIMEOUT', 'ETIMEOUT'],
    ['close', 'ETIMEOUT', 'ECONNRESET'],
    ['forge', whole, whole],
    ['duplicate', whole, whole],
    ['truncate', Uint8Array.from(query(7), (octet, at) => (at === 2 ? octet | 0x82 : octet)), whole]
  ])('does what the script says: %s', async (deed, overUdp, overTcp) => {
    const { ask, asked, proxy } = await badNetwork({ script: [deed, deed], lateMs: 200 })
    const within = (expected: unknown): number => (expected === 'ETIMEOUT' ? 80 : 5_000)
    expect(await ask('udp', 7, within(overUdp))).toEqual(overUdp)
    expect(await ask('tcp', 7, within(overTcp))).toEqual(overTcp)
    expect(proxy.deeds).toEqual([deed, deed])
    expect(asked).toEqual(deed === 'lose' ? [] : ['udp', 'tcp'])
    expect(await ask('udp')).toEqual(whole)
  })

  it('lets time pass before every reply', async () => {
    const { ask, proxy } = await badNetwork({ delayMs: [60, 70] })
    const began = performance.now()
    expect(await ask('udp')).toEqual(whole)
    expect(performance.now() - began).toBeGreaterThan(55)
    proxy.change({ script: ['late'], lateMs: 40 })
    expect(await ask('tcp')).toEqual(whole)
    expect(performance.now() - began).toBeGreaterThan(95)
  })

  it('has the same weather for the same seed, in the proportions asked for', async () => {
    const run = async (seed: number) => {
      const { ask, proxy } = await badNetwork({ chances: { duplicate: 0.3, truncate: 0.2 } }, seed)
      for (let id = 0; id < 150; id++) await ask('udp', id)
      return proxy.deeds
    }
    const deeds = await run(5)
    expect(await run(5)).toEqual(deeds)
    expect(await run(6)).not.toEqual(deeds)
    const share = (deed: Deed) => deeds.filter((one) => one === deed).length / deeds.length
    expect(Math.abs(share('duplicate') - 0.3)).toBeLessThan(0.12)
    expect(Math.abs(share('truncate') - 0.2)).toBeLessThan(0.12)
    expect(Math.abs(share('pass') - 0.5)).toBeLessThan(0.12)
  })

  it('carries many queries on one connection through forged and doubled replies', async () => {
    const { ask } = await badNetwork({ chances: { duplicate: 0.05, forge: 0.05 }, delayMs: [0, 10] }, 3)
    const ids = Array.from({ length: 100 }, (_, n) => n)
    const replies = await Promise.all(ids.map((id) => ask('tcp', id)))
    expect(replies).toEqual(ids.map((id) => replyTo(query(id), [1, 2, 3])))
  })
})
