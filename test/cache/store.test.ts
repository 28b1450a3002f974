// The store in memory, and stores that fail: none of them can make a resolver fail.
import { describe, expect, it } from 'vitest'
import { type CacheStore, createResolver, memoryCacheStore } from '../../src/index.js'
import { buildHierarchy } from '../world/hierarchy.js'
import { storeSuite } from './store-suite.js'

storeSuite(async () => memoryCacheStore())

describe('the store in memory', () => {
  it('holds no more than it may, and the oldest goes first', () => {
    const store = memoryCacheStore({ maxBytes: 2_000 })
    for (let i = 0; i < 20; i++) store.set(`key${i}`, new Uint8Array(100), 60)
    expect(store.get('key0')).toBeUndefined()
    expect(store.get('key19')).toBeDefined()
  })
})

describe('a store that fails', () => {
  it.each<[string, CacheStore]>([
    [
      'throws',
      {
        get: () => {
          throw new Error('down')
        },
        set: () => {
          throw new Error('down')
        },
        delete: () => {}
      }
    ],
    ['rejects', { get: () => Promise.reject(new Error('down')), set: () => Promise.reject(new Error('down')), delete: () => {} }],
    ['never answers', { get: () => new Promise(() => {}), set: () => new Promise(() => {}), delete: () => {} }],
    ['gives what is no octets', { get: () => 'text' as unknown as Uint8Array, set: () => {}, delete: () => {} }]
  ])('and %s is as good as none', async (_, store) => {
    const hierarchy = buildHierarchy()
    const resolver = createResolver({
      trustAnchors: hierarchy.anchors,
      rootHints: hierarchy.hints,
      transport: hierarchy.memory(),
      allowPrivateAddresses: true,
      cache: { store }
    })
    expect((await resolver.resolveSecure('www.alg13.hashed', 'A')).status).toBe('secure')
    await resolver.close()
    await hierarchy.close()
  })
})
