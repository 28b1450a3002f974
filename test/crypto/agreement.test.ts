// The two backends give the same verdict: on good signatures, on damaged ones, and on what an attacker would send.
import { createHash } from 'node:crypto'
import { ed448 } from '@noble/curves/ed448.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { shake256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNativeBackend } from '../../src/crypto/native.js'
import { nobleBackend } from '../../src/crypto/noble.js'
import type { Signer } from './material.js'
import { bigEndian, ecdsaSigner, eddsaSigner, rsaField, rsaSigner } from './material.js'

const native = createNativeBackend()
const DATA = new TextEncoder().encode('the data that is signed')

/** The verdict of both, which must be one. */
function verdict(algorithm: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const byNoble = nobleBackend.verify(algorithm, publicKey, data, signature)
  const byNative = native.verify(algorithm, publicKey, data, signature)
  const shown = `algorithm ${algorithm}, key ${hex(publicKey)}, data ${hex(data)}, signature ${hex(signature)}`
  expect({ noble: byNoble, shown }).toEqual({ noble: byNative, shown })
  return byNative
}

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex')

const SIGNERS: readonly Signer[] = [
  rsaSigner(5, 512),
  rsaSigner(7, 1024),
  rsaSigner(8, 512),
  rsaSigner(8, 1024, 3n),
  rsaSigner(8, 1025),
  rsaSigner(8, 1031, 17n),
  rsaSigner(8, 2048),
  rsaSigner(8, 1024, 2n ** 32n + 1n),
  rsaSigner(8, 1024, 2n ** 64n - 59n),
  rsaSigner(10, 1024),
  rsaSigner(10, 4096),
  ecdsaSigner(13),
  ecdsaSigner(14),
  eddsaSigner(15),
  eddsaSigner(16)
]

describe.each(SIGNERS)('$name', ({ algorithm, publicKey, sign }) => {
  const signature = sign(DATA)

  it('a good signature holds, also over nothing and over much', () => {
    expect(native.supports(algorithm)).toBe(true)
    for (const data of [DATA, new Uint8Array(0), new Uint8Array(20_000).fill(7)]) {
      expect(verdict(algorithm, publicKey, data, sign(data))).toBe(true)
    }
  })

  it('does not hold under any other algorithm number', () => {
    for (let other = 0; other < 256; other++) {
      const sameRsa = (algorithm === 5 && other === 7) || (algorithm === 7 && other === 5)
      if (other !== algorithm && !sameRsa) expect(verdict(other, publicKey, DATA, signature)).toBe(false)
    }
  })

  it('short, long and empty keys and signatures do not hold', () => {
    const parts = [signature, publicKey]
    for (const part of parts) {
      const lengths = [0, 1, 2, 3, part.length >> 1, part.length - 1]
      const wrong = [...lengths.map((n) => part.slice(0, n)), new Uint8Array([...part, 0]), new Uint8Array([0, ...part])]
      for (const changed of wrong) {
        expect(verdict(algorithm, part === publicKey ? changed : publicKey, DATA, part === publicKey ? signature : changed)).toBe(false)
      }
    }
  })

  it('all zeros and all ones do not hold', () => {
    for (const octet of [0, 0xff]) {
      expect(verdict(algorithm, publicKey, DATA, new Uint8Array(signature.length).fill(octet))).toBe(false)
      expect(verdict(algorithm, new Uint8Array(publicKey.length).fill(octet), DATA, signature)).toBe(false)
    }
  })

  it('nothing that was damaged holds', () => {
    fc.assert(
      fc.property(fc.constantFrom('key', 'data', 'signature'), damage, (part, damaged) => {
        const original = { key: publicKey, data: DATA, signature }[part]
        const changed = damaged(original)
        const same = hex(changed) === hex(original)
        const holds = verdict(
          algorithm,
          part === 'key' ? changed : publicKey,
          part === 'data' ? changed : DATA,
          part === 'signature' ? changed : signature
        )
        if (same) expect(holds).toBe(true)
        // A damaged key may be the same number written otherwise (zeros in front), for RSA only.
        else if (part !== 'key' || algorithm > 10) expect(holds).toBe(false)
      }),
      { numRuns: algorithm === 14 || algorithm === 16 ? 60 : 120 }
    )
  })
})

/** A way to damage octets. */
const damage: fc.Arbitrary<(octets: Uint8Array) => Uint8Array> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]) => (octets: Uint8Array) => {
    const copy = octets.slice()
    copy[at % copy.length] ^= 1 << bit
    return copy
  }),
  fc.tuple(fc.nat(), fc.nat(255)).map(([at, octet]) => (octets: Uint8Array) => {
    const copy = octets.slice()
    copy[at % copy.length] = octet
    return copy
  }),
  fc.tuple(fc.nat(), fc.nat(255)).map(([at, octet]) => (octets: Uint8Array) => {
    const from = at % (octets.length + 1)
    return new Uint8Array([...octets.slice(0, from), octet, ...octets.slice(from)])
  }),
  fc.nat().map((at) => (octets: Uint8Array) => octets.filter((_, i) => i !== at % octets.length)),
  fc.tuple(fc.nat(), fc.nat(64), fc.constantFrom(0, 0xff)).map(([at, length, octet]) => (octets: Uint8Array) => {
    const from = at % octets.length
    return octets.slice().fill(octet, from, from + length)
  }),
  fc.uint8Array({ maxLength: 600 }).map((octets) => () => octets)
)

describe('RSA keys and numbers on the edge', () => {
  const { publicKey, modulus, sign } = rsaSigner(8, 1024)
  const signature = sign(DATA)
  const e = bigEndian(65537n)

  it('zeros in front of the numbers change nothing, nor does the long form of the length', () => {
    expect(verdict(8, rsaField(new Uint8Array([0, 0, ...e]), modulus), DATA, signature)).toBe(true)
    expect(verdict(8, rsaField(e, new Uint8Array([0, ...modulus])), DATA, signature)).toBe(true)
    expect(verdict(8, rsaField(e, modulus, true), DATA, signature)).toBe(true)
    const wide = new Uint8Array(300)
    wide.set(e, 297)
    expect(verdict(8, rsaField(wide, modulus), DATA, signature)).toBe(true)
  })

  it('exponents 0, 1, 2 and none are refused, also where they would fit the signature', () => {
    for (const exponent of [0n, 1n, 2n, 65536n]) {
      expect(verdict(8, rsaField(bigEndian(exponent), modulus), DATA, signature)).toBe(false)
    }
    expect(verdict(8, rsaField(new Uint8Array(0), modulus), DATA, signature)).toBe(false)
    // with e = 1 the encoded message is its own signature
    const info = Buffer.from('3031300d060960864801650304020105000420', 'hex')
    const digest = createHash('sha256').update(DATA).digest()
    const encoded = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(128 - 3 - info.length - 32, 0xff), Buffer.from([0]), info, digest])
    expect(verdict(8, rsaField(bigEndian(1n), modulus), DATA, encoded)).toBe(false)
  })

  it('a signature at or above the modulus is refused, though it is the same number modulo the modulus', () => {
    const n = BigInt(`0x${hex(modulus)}`)
    const s = BigInt(`0x${hex(signature)}`)
    for (const above of [s + n, n, n + 1n]) {
      const octets = bigEndian(above)
      expect(verdict(8, publicKey, DATA, octets)).toBe(false)
    }
  })

  it('an even modulus is refused', () => {
    const even = modulus.slice()
    even[127] &= 0xfe
    expect(verdict(8, rsaField(e, even), DATA, signature)).toBe(false)
  })

  it('an exponent of 65 bits is refused although the signature is right, one of 64 is not', () => {
    const long = rsaSigner(8, 1024, 2n ** 64n + 13n)
    expect(verdict(8, long.publicKey, DATA, long.sign(DATA))).toBe(false)
  })

  it('511 bits, and 4097 bits, are refused although the signature is right', () => {
    for (const bits of [511, 4097]) {
      const odd = rsaSigner(8, bits, 2n ** 32n + 1n) // by this road OpenSSL makes short keys, too
      expect(verdict(8, odd.publicKey, DATA, odd.sign(DATA)), `${bits}`).toBe(false)
    }
  })

  it('RSA/SHA-512 below 1024 bits is refused (RFC 5702 2.2)', () => {
    const short = rsaSigner(10, 1016)
    expect(verdict(10, short.publicKey, DATA, short.sign(DATA))).toBe(false)
  })

  it('a signature over another digest does not hold', () => {
    const other = rsaSigner(10, 1024)
    expect(verdict(8, other.publicKey, DATA, other.sign(DATA))).toBe(false)
    expect(verdict(10, other.publicKey, DATA, other.sign(DATA))).toBe(true)
  })

  it('garbage behind the digest with e = 3 does not hold', () => {
    // 00 01 FF .. 00 DigestInfo digest garbage: a cube root of it satisfies verifiers that parse instead of compare
    const cube = rsaSigner(8, 2048, 3n)
    const digest = createHash('sha256').update(DATA).digest('hex')
    const head = `0001${'ff'.repeat(8)}003031300d060960864801650304020105000420${digest}`
    const forged = cubeRoot(BigInt(`0x${head}${'ff'.repeat(256 - head.length / 2)}`))
    expect((forged ** 3n).toString(16).padStart(512, '0').startsWith(head)).toBe(true)
    expect(verdict(8, cube.publicKey, DATA, new Uint8Array(Buffer.from(forged.toString(16).padStart(512, '0'), 'hex')))).toBe(false)
  })
})

/** The greatest integer whose cube is not above `n`. */
function cubeRoot(n: bigint): bigint {
  let root = 0n
  for (let bit = 1n << BigInt(Math.ceil(n.toString(2).length / 3)); bit > 0n; bit >>= 1n) {
    if ((root + bit) ** 3n <= n) root += bit
  }
  return root
}

describe.each([
  { algorithm: 13 as const, curve: p256, half: 32 },
  { algorithm: 14 as const, curve: p384, half: 48 }
])('ECDSA numbers on the edge, algorithm $algorithm', ({ algorithm, curve, half }) => {
  const { publicKey, sign } = ecdsaSigner(algorithm)
  const signature = sign(DATA)
  const n = curve.Point.Fn.ORDER
  const p = curve.Point.Fp.ORDER
  const wide = (number: bigint) => Buffer.from(number.toString(16).padStart(half * 2, '0'), 'hex')
  const pair = (a: bigint, b: bigint) => new Uint8Array(Buffer.concat([wide(a), wide(b)]))
  const r = BigInt(`0x${hex(signature.subarray(0, half))}`)
  const s = BigInt(`0x${hex(signature.subarray(half))}`)

  it('r and s of 0, n and above are refused', () => {
    const most = 2n ** BigInt(half * 8) - 1n
    for (const bad of [0n, n, n + 1n, most]) {
      expect(verdict(algorithm, publicKey, DATA, pair(bad, s))).toBe(false)
      expect(verdict(algorithm, publicKey, DATA, pair(r, bad))).toBe(false)
      expect(verdict(algorithm, publicKey, DATA, pair(bad, bad))).toBe(false)
    }
    expect(verdict(algorithm, publicKey, DATA, pair(1n, 1n))).toBe(false)
    expect(verdict(algorithm, publicKey, DATA, pair(n - 1n, n - 1n))).toBe(false)
  })

  it('both s and n - s hold: RFC 6605 does not ask for the lower one', () => {
    expect(verdict(algorithm, publicKey, DATA, pair(r, s))).toBe(true)
    expect(verdict(algorithm, publicKey, DATA, pair(r, n - s))).toBe(true)
  })

  it('a point off the curve and the point at infinity are refused', () => {
    for (const key of [pair(0n, 0n), pair(1n, 1n), pair(p, p), pair(p - 1n, p - 1n)]) {
      expect(verdict(algorithm, key, DATA, signature)).toBe(false)
    }
  })
})

describe('EdDSA points and numbers on the edge', () => {
  const cases = [
    { algorithm: 15 as const, curve: ed25519, torsion: torsionOf(ed25519, 8n), challenge: challenge25519 },
    { algorithm: 16 as const, curve: ed448, torsion: torsionOf(ed448, 4n), challenge: challenge448 }
  ]

  it.each(cases)('algorithm $algorithm: S + L and S of all ones are refused', ({ algorithm, curve }) => {
    const { publicKey, sign } = eddsaSigner(algorithm)
    const signature = sign(DATA)
    const half = signature.length / 2
    const s = fromLittleEndian(signature.subarray(half))
    const L = curve.Point.Fn.ORDER
    for (const above of [s + L, L, L - 1n, 0n, 2n ** BigInt(half * 8) - 1n]) {
      const changed = signature.slice()
      changed.set(littleEndian(above, half), half)
      expect(verdict(algorithm, publicKey, DATA, changed), `${above}`).toBe(false)
    }
  })

  it.each(cases)('algorithm $algorithm: a key of small order signs nothing, in whatever encoding', ({ algorithm, curve, torsion }) => {
    const half = torsion[0].toBytes().length
    const p = curve.Point.Fp.ORDER
    const encodings = new Set<string>()
    for (const point of torsion) {
      const octets = point.toBytes()
      const y = point.toAffine().y
      for (const number of y + p < 2n ** BigInt(algorithm === 15 ? 255 : 448) ? [y, y + p] : [y]) {
        const encoded = littleEndian(number, half)
        encodings.add(hex(encoded))
        encoded[half - 1] |= 0x80
        encodings.add(hex(encoded))
      }
      expect(encodings.has(hex(octets))).toBe(true)
    }
    expect(torsion).toHaveLength(algorithm === 15 ? 8 : 4)
    const { publicKey } = eddsaSigner(algorithm)
    const all = [...encodings].map((text) => new Uint8Array(Buffer.from(text, 'hex')))
    for (const key of all) {
      for (const r of all) {
        // S = 0: the equation holds for every R and A of small order under the cofactor, and for some without it
        const signature = new Uint8Array([...r, ...new Uint8Array(half)])
        expect(verdict(algorithm, key, DATA, signature)).toBe(false)
        expect(verdict(algorithm, publicKey, DATA, signature)).toBe(false)
      }
    }
  })

  it.each(cases)(
    'algorithm $algorithm: keys and R with a part of small order get one verdict',
    ({ algorithm, curve, torsion, challenge }) => {
      const { Point } = curve
      const L = Point.Fn.ORDER
      const secret = 0x1234567890abcdefn
      const nonce = 0xfedcba0987654321n
      let refused = 0
      for (const ofKey of torsion) {
        const key = Point.BASE.multiply(secret).add(ofKey).toBytes()
        for (const ofR of torsion) {
          const r = Point.BASE.multiply(nonce).add(ofR).toBytes()
          const s = (nonce + challenge(r, key, DATA) * secret) % L
          const signature = new Uint8Array([...r, ...littleEndian(s, r.length)])
          const holds = verdict(algorithm, key, DATA, signature)
          if (ofKey.is0() && ofR.is0()) expect(holds).toBe(true)
          if (!holds) refused++
        }
      }
      // OpenSSL checks Ed25519 without the cofactor and Ed448 with it; so do we
      if (algorithm === 15) expect(refused).toBeGreaterThan(0)
      else expect(refused).toBe(0)
    }
  )

  it('algorithm 16: set bits between y and the sign are refused', () => {
    const { publicKey, sign } = eddsaSigner(16)
    const signature = sign(DATA)
    for (let bit = 0; bit < 7; bit++) {
      const key = publicKey.slice()
      key[56] |= 1 << bit
      expect(verdict(16, key, DATA, signature)).toBe(false)
      const changed = signature.slice()
      changed[56] |= 1 << bit
      expect(verdict(16, publicKey, DATA, changed)).toBe(false)
    }
  })
})

type EdwardsCurve = typeof ed25519
type EdwardsPoint = InstanceType<EdwardsCurve['Point']>

/** All points whose order divides the cofactor. */
function torsionOf(curve: EdwardsCurve, cofactor: bigint): EdwardsPoint[] {
  const { Point } = curve
  for (let y = 2n; ; y++) {
    const octets = littleEndian(y, Point.BASE.toBytes().length)
    let generator: EdwardsPoint
    try {
      // L times any point is one of small order; L itself is no scalar for noble
      const point = Point.fromBytes(octets)
      generator = point.multiplyUnsafe(Point.Fn.ORDER - 1n).add(point)
    } catch {
      continue
    }
    const points: EdwardsPoint[] = [Point.ZERO]
    for (let next = generator; !next.is0(); next = next.add(generator)) points.push(next)
    if (BigInt(points.length) === cofactor) return points
  }
}

function challenge25519(r: Uint8Array, key: Uint8Array, data: Uint8Array): bigint {
  return fromLittleEndian(createHash('sha512').update(r).update(key).update(data).digest()) % ed25519.Point.Fn.ORDER
}

/** RFC 8032 5.2.6, 2: dom4 with flag 0 and no context in front. */
function challenge448(r: Uint8Array, key: Uint8Array, data: Uint8Array): bigint {
  const dom4 = new Uint8Array([...new TextEncoder().encode('SigEd448'), 0, 0])
  const input = new Uint8Array([...dom4, ...r, ...key, ...data])
  return fromLittleEndian(shake256(input, { dkLen: 114 })) % ed448.Point.Fn.ORDER
}

function littleEndian(number: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((number >> BigInt(8 * i)) & 0xffn))
}

function fromLittleEndian(octets: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(octets).reverse().toString('hex')}`)
}

describe('noble and the upper half of s', () => {
  it.each([13, 14] as const)('accepts all of 40 fresh signatures of algorithm %i, about half of which have a high s', (algorithm) => {
    const half = algorithm === 13 ? 32 : 48
    const order = (algorithm === 13 ? p256 : p384).Point.Fn.ORDER
    let high = 0
    for (let i = 0; i < 40; i++) {
      const { publicKey, sign } = ecdsaSigner(algorithm)
      const data = new Uint8Array([i])
      const signature = sign(data)
      if (BigInt(`0x${hex(signature.subarray(half))}`) > order / 2n) high++
      expect(nobleBackend.verify(algorithm, publicKey, data, signature), `signature ${i}`).toBe(true)
    }
    expect(high).toBeGreaterThan(0) // one in 2^40 runs has none
  })
})
