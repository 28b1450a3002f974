// The bounded cache of imported keys.
import { describe, expect, it } from 'vitest'
import { KeyCache } from '../../src/crypto/key-cache.js'

const key = (n: number) => new Uint8Array([n >> 8, n & 0xff])

describe('KeyCache', () => {
  it('finds by octets and algorithm, null included', () => {
    const cache = new KeyCache<number | null>(10)
    cache.set(8, key(1), 1)
    cache.set(13, key(1), null)
    expect(cache.get(8, key(1))).toBe(1)
    expect(cache.get(13, key(1))).toBeNull()
    expect(cache.get(15, key(1))).toBeUndefined()
    expect(cache.get(8, key(2))).toBeUndefined()
  })

  it('never holds more than its capacity, and keeps what is used', () => {
    const cache = new KeyCache<number>(100)
    cache.set(8, key(0), 0)
    for (let n = 1; n < 5000; n++) {
      cache.set(8, key(n), n)
      if (n % 20 === 0) expect(cache.get(8, key(0))).toBe(0)
      expect(cache.size).toBeLessThanOrEqual(100)
    }
    expect(cache.get(8, key(4999))).toBe(4999)
    expect(cache.get(8, key(3000))).toBeUndefined()
  })
})
