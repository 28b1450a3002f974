// The tables of algorithms and digests, and what keyForm and signatureForm say of sizes.
import { describe, expect, it } from 'vitest'
import { ALGORITHMS, algorithmMnemonic, algorithmSupported, DEFAULT_POLICY, keyForm, signatureForm } from '../../src/crypto/algorithms.js'
import { digestLength, digestMnemonic, digestSupported } from '../../src/crypto/digests.js'
import { bigEndian, rsaField } from './material.js'

const SHA1 = { ...DEFAULT_POLICY, sha1: true }
const IMPLEMENTED = [5, 7, 8, 10, 13, 14, 15, 16]

/** An odd number of exactly this many bits. */
const modulus = (bits: number) => bigEndian((1n << BigInt(bits - 1)) | 1n)
const E = bigEndian(65537n)

describe('algorithms', () => {
  it('have the code the registry asks for (RFC 9904): all MUST and RECOMMENDED ones', () => {
    const asked = [...ALGORITHMS.values()].filter((row) => row.validation === 'MUST' || row.validation === 'RECOMMENDED')
    expect(asked.map((row) => row.number)).toEqual(IMPLEMENTED)
    expect([...ALGORITHMS.values()].filter((row) => row.implemented).map((row) => row.number)).toEqual(IMPLEMENTED)
  })

  it('are called by their mnemonics, unknown ones by their number', () => {
    expect([1, 7, 8, 12, 13, 16, 253].map(algorithmMnemonic)).toEqual([
      'RSAMD5',
      'RSASHA1-NSEC3-SHA1',
      'RSASHA256',
      'ECC-GOST',
      'ECDSAP256SHA256',
      'ED448',
      'PRIVATEDNS'
    ])
    expect([4, 9, 100, 255].map(algorithmMnemonic)).toEqual(['algorithm 4', 'algorithm 9', 'algorithm 100', 'algorithm 255'])
  })

  it('with SHA-1 count as unsupported unless the policy says otherwise (RFC 9905 2)', () => {
    const supported = (policy: typeof SHA1) => Array.from({ length: 256 }, (_, n) => n).filter((n) => algorithmSupported(n, policy))
    expect(supported(DEFAULT_POLICY)).toEqual([8, 10, 13, 14, 15, 16])
    expect(supported(SHA1)).toEqual(IMPLEMENTED)
    expect(supported({ ...SHA1, disable: [5, 8, 16, 200] })).toEqual([7, 10, 13, 14, 15])
  })
})

describe('digest types', () => {
  it('1 needs the policy, 2 and 4 do not, the others have no code', () => {
    const supported = (policy: typeof SHA1) => Array.from({ length: 256 }, (_, n) => n).filter((n) => digestSupported(n, policy))
    expect(supported(DEFAULT_POLICY)).toEqual([2, 4])
    expect(supported(SHA1)).toEqual([1, 2, 4])
  })

  it('have names and lengths', () => {
    expect([1, 2, 3, 4, 6, 9].map(digestMnemonic)).toEqual(['SHA-1', 'SHA-256', 'GOST R 34.11-94', 'SHA-384', 'SM3', 'digest type 9'])
    expect([0, 1, 2, 4, 7].map(digestLength)).toEqual([undefined, 20, 32, 48, undefined])
  })
})

describe('keyForm of RSA keys', () => {
  const form = (n: Uint8Array, e: Uint8Array = E, policy = DEFAULT_POLICY, algorithm = 8) => keyForm(algorithm, rsaField(e, n), policy)

  it.each([
    [1023, 'unsupported'],
    [1024, 'usable'],
    [4096, 'usable'],
    [4097, 'unsupported']
  ] as const)('a modulus of %i bits is %s by default', (bits, expected) => {
    expect(form(modulus(bits))).toBe(expected)
  })

  it('minRsaBits moves the lower bound, but not below what the algorithm allows', () => {
    expect(form(modulus(2047), E, { ...DEFAULT_POLICY, minRsaBits: 2048 })).toBe('unsupported')
    expect(form(modulus(2048), E, { ...DEFAULT_POLICY, minRsaBits: 2048 })).toBe('usable')
    expect(form(modulus(512), E, { ...DEFAULT_POLICY, minRsaBits: 0 })).toBe('usable')
    expect(form(modulus(511), E, { ...DEFAULT_POLICY, minRsaBits: 0 })).toBe('unsupported')
    expect(form(modulus(1023), E, { ...DEFAULT_POLICY, minRsaBits: 0 }, 10)).toBe('unsupported')
  })

  it('is counted in bits of the number, so that zeros in front make no key longer', () => {
    const padded = new Uint8Array(1024 / 8 + 40)
    padded.set(modulus(1016), padded.length - 127)
    expect(form(padded)).toBe('unsupported')
  })

  it.each([
    ['0', 0n],
    ['1', 1n],
    ['2', 2n],
    ['65536', 65536n],
    ['2^64 + 1', 2n ** 64n + 1n]
  ])('exponent %s is malformed', (_, e) => {
    expect(form(modulus(2048), bigEndian(e))).toBe('malformed')
  })

  it.each([
    ['3', 3n],
    ['65537', 65537n],
    ['2^32 + 1', 2n ** 32n + 1n],
    ['2^64 - 1', 2n ** 64n - 1n]
  ])('exponent %s is usable', (_, e) => {
    expect(form(modulus(2048), bigEndian(e))).toBe('usable')
  })

  it('an even modulus, a field cut anywhere before the modulus and an exponent without a modulus are malformed', () => {
    expect(form(bigEndian(1n << 2047n))).toBe('malformed')
    const field = rsaField(E, modulus(2048), true)
    for (let length = 0; length <= 6; length++) expect(keyForm(8, field.slice(0, length), DEFAULT_POLICY)).toBe('malformed')
    expect(keyForm(8, new Uint8Array([0, 255, 255, 1, 1, 1]), DEFAULT_POLICY)).toBe('malformed')
    expect(keyForm(8, rsaField(E, new Uint8Array(256)), DEFAULT_POLICY)).toBe('malformed')
  })

  it('what the policy does not support is unsupported before it is looked at', () => {
    expect(keyForm(5, new Uint8Array(0), DEFAULT_POLICY)).toBe('unsupported')
    expect(keyForm(5, new Uint8Array(0), SHA1)).toBe('malformed')
    expect(keyForm(8, new Uint8Array(0), { ...SHA1, disable: [8] })).toBe('unsupported')
    expect(keyForm(1, rsaField(E, modulus(2048)), SHA1)).toBe('unsupported')
  })
})

describe('fixed lengths', () => {
  it.each([
    [13, 64, 64],
    [14, 96, 96],
    [15, 32, 64],
    [16, 57, 114]
  ])('algorithm %i: key %i octets, signature %i', (algorithm, keyLength, signatureLength) => {
    for (const by of [-1, 0, 1]) {
      const key = new Uint8Array(keyLength + by)
      expect(keyForm(algorithm, key, DEFAULT_POLICY)).toBe(by === 0 ? 'usable' : 'malformed')
      expect(signatureForm(algorithm, key, new Uint8Array(signatureLength + by))).toBe(by === 0)
    }
  })

  it('an RSA signature is exactly as long as the modulus without its zeros', () => {
    for (const key of [rsaField(E, modulus(1025)), rsaField(E, new Uint8Array([0, 0, ...modulus(1025)]))]) {
      expect([127, 128, 129, 130, 131].filter((n) => signatureForm(8, key, new Uint8Array(n)))).toEqual([129])
    }
  })

  it('an algorithm without code has no right length', () => {
    expect(signatureForm(3, new Uint8Array(64), new Uint8Array(41))).toBe(false)
    expect(signatureForm(100, new Uint8Array(64), new Uint8Array(64))).toBe(false)
  })
})
