// Which backend answers, and what becomes of backends that throw, refuse or answer nonsense.
import { describe, expect, it } from 'vitest'
import type { CryptoBackend } from '../../src/crypto/backend.js'
import { chooseBackend } from '../../src/crypto/choose.js'
import { createNativeBackend } from '../../src/crypto/native.js'
import { nobleBackend } from '../../src/crypto/noble.js'
import { SELF_TESTS } from '../../src/crypto/self-test.js'
import { ecdsaSigner } from './material.js'

const { publicKey, sign } = ecdsaSigner(13)
const data = new Uint8Array([1, 2, 3])
const signature = sign(data)
const wrong = sign(new Uint8Array([4]))

/** A backend that says what it is told to, and counts how often it is asked. */
function own(parts: Partial<CryptoBackend>): CryptoBackend & { asked: number } {
  const backend = {
    asked: 0,
    name: 'own',
    supports: () => true,
    digest: () => undefined,
    nsec3Hash: () => new Uint8Array(20),
    ...parts,
    verify(algorithm: number, key: Uint8Array, over: Uint8Array, by: Uint8Array) {
      backend.asked++
      return parts.verify ? parts.verify(algorithm, key, over, by) : false
    }
  }
  return backend
}

function thrower(): never {
  throw new Error('no')
}

describe('chooseBackend', () => {
  it("'auto', 'noble', 'native' and none check a signature", () => {
    for (const choice of ['auto', 'noble', 'native', undefined] as const) {
      const backend = chooseBackend(choice)
      expect(backend.name).toBe(choice ?? 'auto')
      expect(backend.supports(13)).toBe(true)
      expect(backend.supports(3)).toBe(false)
      expect(backend.verify(13, publicKey, data, signature)).toBe(true)
      expect(backend.verify(13, publicKey, data, wrong)).toBe(false)
      expect(Buffer.from(backend.digest(2, data) ?? []).toString('hex')).toBe(
        '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81'
      )
    }
  })

  it('an own backend is asked, and believed, for what it supports; noble answers for the rest', () => {
    const mine = own({ supports: (algorithm) => algorithm === 13, verify: () => false })
    const backend = chooseBackend(mine)
    expect(backend.name).toBe('own')
    expect(backend.verify(13, publicKey, data, signature)).toBe(false)
    expect(mine.asked).toBe(1)
    const ed = SELF_TESTS.get(15)
    expect(ed && backend.verify(15, ed.publicKey, ed.data, ed.signature)).toBe(true)
    expect(mine.asked).toBe(1)
    expect(backend.supports(15)).toBe(true)
  })

  it('a backend that throws passes the check to the next', () => {
    const backend = chooseBackend(own({ verify: thrower, digest: thrower, nsec3Hash: thrower }))
    expect(backend.verify(13, publicKey, data, signature)).toBe(true)
    expect(backend.verify(13, publicKey, data, wrong)).toBe(false)
    expect(backend.digest(2, data)).toEqual(nobleBackend.digest(2, data))
    expect(backend.nsec3Hash(data, data, 2)).toEqual(nobleBackend.nsec3Hash(data, data, 2))
    const silent = chooseBackend(own({ supports: thrower }))
    expect(silent.verify(13, publicKey, data, signature)).toBe(true)
  })

  it('only true is true: a promise, a number or a text is no answer', () => {
    for (const answer of [Promise.resolve(true), 1, 'yes', {}, undefined]) {
      const backend = chooseBackend(own({ verify: () => answer as unknown as boolean }))
      expect(backend.verify(13, publicKey, data, wrong)).toBe(false)
    }
    const truthy = chooseBackend(own({ supports: () => 'yes' as unknown as boolean }))
    expect(truthy.supports(3)).toBe(false)
  })

  it('the common gate stands before an own backend, too', () => {
    const mine = own({ verify: () => true })
    const backend = chooseBackend(mine)
    expect(backend.verify(13, publicKey, data, signature.slice(1))).toBe(false)
    expect(backend.verify(8, new Uint8Array([1, 3, 5]), data, new Uint8Array(1))).toBe(false)
    expect(mine.asked).toBe(0)
  })

  it('digests and hashes of a wrong length are no answer', () => {
    const backend = chooseBackend(own({ digest: () => new Uint8Array(5), nsec3Hash: () => new Uint8Array(19) }))
    expect(backend.digest(2, data)).toEqual(nobleBackend.digest(2, data))
    expect(backend.digest(9, data)).toBeUndefined()
    expect(backend.nsec3Hash(data, data, 0)).toEqual(nobleBackend.nsec3Hash(data, data, 0))
  })

  it('misuse throws', () => {
    expect(() => chooseBackend('fast' as 'auto')).toThrow(RangeError)
    for (const junk of [null, 5, {}, { ...nobleBackend, verify: true }, { ...nobleBackend, name: 1 }]) {
      expect(() => chooseBackend(junk as unknown as CryptoBackend)).toThrow(TypeError)
    }
  })
})

describe('the self-test of the native backend', () => {
  it('has a vector for each algorithm, which noble confirms', () => {
    expect([...SELF_TESTS.keys()]).toEqual([5, 7, 8, 10, 13, 14, 15, 16])
    for (const [algorithm, test] of SELF_TESTS) {
      expect(nobleBackend.verify(algorithm, test.publicKey, test.data, test.signature), `algorithm ${algorithm}`).toBe(true)
    }
  })

  it('supports nothing without a vector', () => {
    const native = createNativeBackend()
    for (let n = 0; n < 256; n++) expect(native.supports(n)).toBe(SELF_TESTS.has(n))
  })

  it('a key array written over by its owner does not keep the key it held', () => {
    const native = createNativeBackend()
    const key = publicKey.slice()
    expect(native.verify(13, key, data, signature)).toBe(true)
    key.set(ecdsaSigner(13).publicKey)
    expect(native.verify(13, key, data, signature)).toBe(false)
  })
})
