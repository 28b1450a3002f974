// The memory of signatures that held: it says nothing that the backend has not said of the very same octets.
import { describe, expect, it } from 'vitest'
import type { CryptoBackend } from '../../src/crypto/backend.js'
import { chooseBackend } from '../../src/crypto/choose.js'
import { rememberVerified } from '../../src/crypto/verified.js'
import { zoneKey } from '../world/keys.js'

const key = zoneKey('verified', 13)
const DATA = Uint8Array.from({ length: 200 }, (_, i) => i)
const signature = key.sign(DATA)

/** @param verdict what to say in place of the native backend */
function counting(verdict?: (data: Uint8Array) => unknown): { backend: CryptoBackend; checked: () => number } {
  const native = chooseBackend('native')
  let checked = 0
  const backend: CryptoBackend = {
    ...native,
    verify(algorithm, publicKey, data, signature) {
      checked++
      return (verdict ? verdict(data) : native.verify(algorithm, publicKey, data, signature)) as boolean
    }
  }
  return { backend, checked: () => checked }
}

describe('signatures that held', () => {
  it('are not computed again', () => {
    const { backend, checked } = counting()
    const remembering = rememberVerified(backend, 10_000)
    for (let i = 0; i < 5; i++) expect(remembering.verify(13, key.publicKey, DATA.slice(), signature.slice())).toBe(true)
    expect(checked()).toBe(1)
  })

  it('say nothing of any other octets', () => {
    const { backend, checked } = counting()
    const remembering = rememberVerified(backend, 10_000)
    expect(remembering.verify(13, key.publicKey, DATA, signature)).toBe(true)
    const parts = [key.publicKey, DATA, signature] as const
    let changes = 0
    for (const which of parts.keys()) {
      for (let at = 0; at < parts[which].length; at++) {
        const [publicKey, data, other] = parts.map((part, i) => {
          const copy = part.slice()
          if (i === which) copy[at] ^= 1 << (at & 7)
          return copy
        })
        changes++
        expect(remembering.verify(13, publicKey, data, other), `${which} ${at}`).toBe(false)
      }
    }
    expect(remembering.verify(15, key.publicKey, DATA, signature)).toBe(false)
    expect(remembering.verify(14, key.publicKey, DATA, signature)).toBe(false)
    // the same octets in a row, divided elsewhere
    const moved = Uint8Array.from([...key.publicKey, signature[0]])
    expect(remembering.verify(13, moved, DATA, signature.subarray(1))).toBe(false)
    const longer = Uint8Array.from([...signature, DATA[0]])
    expect(remembering.verify(13, key.publicKey, DATA.subarray(1), longer)).toBe(false)
    expect(checked()).toBe(1 + changes + 4)
  })

  it('are told by their octets at the time, whatever becomes of the array', () => {
    const { backend } = counting()
    const remembering = rememberVerified(backend, 10_000)
    const mine = DATA.slice()
    expect(remembering.verify(13, key.publicKey, mine, signature)).toBe(true)
    mine[0] ^= 1
    expect(remembering.verify(13, key.publicKey, mine, signature)).toBe(false)
  })

  it.each([false, undefined, 1, 'yes', Promise.resolve(true)])('a backend that says %s has not said that it holds', (value) => {
    const { backend, checked } = counting(() => value)
    const remembering = rememberVerified(backend, 10_000)
    for (let i = 0; i < 3; i++) expect(remembering.verify(13, key.publicKey, DATA, signature)).toBe(false)
    expect(checked()).toBe(3)
  })

  it('take no more than they may, and those that are used stay', () => {
    const { backend, checked } = counting(() => true)
    const remembering = rememberVerified(backend, 20 * 500)
    const data = (i: number): Uint8Array => Uint8Array.of(...DATA, i >> 8, i & 0xff)
    const verify = (i: number) => remembering.verify(13, key.publicKey, data(i), signature)
    verify(0)
    for (let i = 1; i < 2_000; i++) {
      verify(i)
      if (i % 5 === 0) verify(0)
    }
    // never computed again after the first time
    expect(checked()).toBe(2_000)
    // of all the others a few are left: what fits into 10,000 octets
    let kept = 0
    for (let i = 1_999; i > 0; i--) {
      const before = checked()
      verify(i)
      if (checked() === before) kept++
      else break
    }
    expect(kept).toBeGreaterThan(5)
    expect(kept).toBeLessThan(25)
  })

  it('are not remembered where there is no room, nor when they are very long', () => {
    for (const [bytes, length] of [
      [0, 200],
      [300, 200],
      [1e6, 5_000]
    ]) {
      const { backend, checked } = counting(() => true)
      const remembering = rememberVerified(backend, bytes)
      for (let i = 0; i < 3; i++) remembering.verify(13, key.publicKey, new Uint8Array(length), signature)
      expect(checked()).toBe(3)
    }
  })
})
