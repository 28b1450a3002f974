// What every shared store must do, and what a resolver does with one: loads are judged again, so a store can withhold and forge
// nothing. Run against the store in memory, and in the interop suite against real ones.
import { afterAll, describe, expect, it } from 'vitest'
import { type CacheStore, createResolver, type Resolver } from '../../src/index.js'
import { buildHierarchy } from '../world/hierarchy.js'
import type { WorldTransport } from '../world/net.js'

export function storeSuite(make: () => Promise<CacheStore>): void {
  const hierarchy = buildHierarchy()
  const stores: CacheStore[] = []
  afterAll(async () => {
    for (const store of stores) await store.close?.()
    await hierarchy.close()
  })
  const open = (store: CacheStore, transport: WorldTransport): Resolver =>
    createResolver({
      trustAnchors: hierarchy.anchors,
      rootHints: hierarchy.hints,
      transport,
      allowPrivateAddresses: true,
      cache: {
        store: { get: (key) => store.get(key), set: (key, value, ttl) => store.set(key, value, ttl), delete: (key) => store.delete(key) }
      }
    })
  const made = async (): Promise<CacheStore> => {
    const store = await make()
    stores.push(store)
    return store
  }

  describe('the store', () => {
    it('gives back what was set, octet by octet, and forgets what was deleted', async () => {
      const store = await made()
      const value = Uint8Array.from({ length: 256 }, (_, i) => i)
      expect(await store.get('a')).toBeUndefined()
      await store.set('a', value, 60)
      await store.set('b', Uint8Array.of(7), 60)
      expect([...((await store.get('a')) ?? [])]).toEqual([...value])
      await store.set('a', Uint8Array.of(1), 60)
      expect([...((await store.get('a')) ?? [])]).toEqual([1])
      await store.delete('a')
      expect(await store.get('a')).toBeUndefined()
      expect([...((await store.get('b')) ?? [])]).toEqual([7])
    })

    it('forgets by itself when the time is over', async () => {
      const store = await made()
      await store.set('brief', Uint8Array.of(1), 1)
      await expect.poll(() => Promise.resolve(store.get('brief')), { timeout: 3_000 }).toBeUndefined()
    })
  })

  describe('two resolvers with one store', () => {
    const NAMES = ['www.alg13.hashed', 'mail.ordered', 'nothing.mail.ordered', 'www.unsigned.ordered', 'secure.alias.ordered']

    it('share replies, and the second judges them with fewer questions', async () => {
      const store = await made()
      const [first, second] = [hierarchy.memory(), hierarchy.memory()]
      const [one, two] = [open(store, first), open(store, second)]
      for (const name of NAMES) await one.resolveSecure(name, 'A')
      await expect.poll(async () => (await store.get('dnssec-resolver:1:secure.alias.ordered:A')) !== undefined).toBe(true)
      for (const name of NAMES) {
        const [a, b] = [await one.resolveSecure(name, 'A'), await two.resolveSecure(name, 'A')]
        expect({ name, status: b.status, rcode: b.rcode }).toEqual({ name, status: a.status, rcode: a.rcode })
        expect(b.records.map(({ rdata }) => rdata)).toEqual(a.records.map(({ rdata }) => rdata))
      }
      expect(second.exchanges.length).toBeLessThan(first.exchanges.length / 3)
      await Promise.all([one.close(), two.close()])
    })

    it.each<[string, (value: Uint8Array) => Uint8Array]>([
      ['an address that was changed', (value) => replaced(value, [203, 0, 113, 80], [203, 0, 113, 66])],
      ['half of the octets', (value) => value.slice(0, value.length >> 1)],
      ['nothing', () => new Uint8Array(0)],
      ['rubbish', (value) => value.map((octet) => octet ^ 0x5a)]
    ])('a value that is %s makes no answer', async (_, forge) => {
      const store = await made()
      const one = open(store, hierarchy.memory())
      const answer = await one.resolveSecure('www.alg13.hashed', 'A')
      const key = 'dnssec-resolver:1:www.alg13.hashed:A'
      await expect.poll(async () => (await store.get(key)) !== undefined).toBe(true)
      await store.set(key, forge(Uint8Array.from((await store.get(key)) as Uint8Array)), 60)
      const two = open(store, hierarchy.memory())
      const again = await two.resolveSecure('www.alg13.hashed', 'A')
      expect(again).toMatchObject({ status: 'secure' })
      expect(again.records.map(({ rdata }) => rdata)).toEqual(answer.records.map(({ rdata }) => rdata))
      await Promise.all([one.close(), two.close()])
    })

    it('the reply to another question makes no answer', async () => {
      const store = await made()
      const one = open(store, hierarchy.memory())
      for (const name of ['www.alg13.hashed', 'www.alg14.hashed']) await one.resolveSecure(name, 'A')
      const [from, to] = ['dnssec-resolver:1:www.alg14.hashed:A', 'dnssec-resolver:1:www.alg13.hashed:A']
      await expect.poll(async () => (await store.get(from)) !== undefined).toBe(true)
      await store.set(to, (await store.get(from)) as Uint8Array, 60)
      const transport = hierarchy.memory()
      const two = open(store, transport)
      expect(await two.resolveSecure('www.alg13.hashed', 'A')).toMatchObject({ status: 'secure' })
      expect(transport.exchanges.some(({ question }) => question.toLowerCase() === 'www.alg13.hashed a')).toBe(true)
      await Promise.all([one.close(), two.close()])
    })
  })
}

function replaced(value: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(value)
  for (let at = 0; at + from.length <= copy.length; at++) if (from.every((octet, i) => copy[at + i] === octet)) copy.set(to, at)
  return copy
}
