// The own SHA-1 for NSEC3 against OpenSSL's.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nsec3Hash } from '../../src/crypto/sha1.js'

function byOpenssl(name: Uint8Array, salt: Uint8Array, iterations: number): string {
  let hash = createHash('sha1').update(name).update(salt).digest()
  for (let i = 0; i < iterations; i++) hash = createHash('sha1').update(hash).update(salt).digest()
  return hash.toString('hex')
}

const octets = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 0xff)
const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex')

describe('nsec3Hash', () => {
  it('is SHA-1 for every length of input up to 510 octets, the edges of blocks among them', () => {
    for (let length = 0; length <= 510; length++) {
      const name = octets(Math.min(length, 255))
      const salt = octets(length - name.length)
      expect(hex(nsec3Hash(name, salt, 0)), `${length} octets`).toBe(byOpenssl(name, salt, 0))
    }
  })

  it('iterates with a salt of every length', () => {
    for (let length = 0; length <= 255; length++) {
      const salt = octets(length)
      expect(hex(nsec3Hash(octets(30), salt, 3)), `salt of ${length}`).toBe(byOpenssl(octets(30), salt, 3))
    }
  })

  it('agrees on anything', () => {
    const upTo255 = fc.uint8Array({ maxLength: 255 })
    fc.assert(
      fc.property(upTo255, upTo255, fc.nat(40), (name, salt, iterations) => {
        expect(hex(nsec3Hash(name, salt, iterations))).toBe(byOpenssl(name, salt, iterations))
      })
    )
  })

  it('gives a new array each time', () => {
    const first = nsec3Hash(octets(3), octets(2), 1)
    const kept = hex(first)
    nsec3Hash(octets(9), octets(2), 1)
    expect(hex(first)).toBe(kept)
  })

  it('refuses misuse', () => {
    const none = new Uint8Array(0)
    for (const iterations of [-1, 1.5, 65536, Number.NaN]) expect(() => nsec3Hash(none, none, iterations)).toThrow(RangeError)
    expect(() => nsec3Hash(none, new Uint8Array(256), 0)).toThrow(RangeError)
    expect(() => nsec3Hash(new Uint8Array(256), none, 0)).toThrow(RangeError)
  })
})
