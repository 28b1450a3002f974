// RSA-2048 keys without end and without the time that making each takes: moduli of pairs of few primes. They sign benchmarks.
import { createPrivateKey, generatePrimeSync, sign } from 'node:crypto'
import { keyTagOf, type ZoneKey } from '../test/world/keys.js'

const PRIME_BITS = 1024
const EXPONENT = 65_537n
const HASHES: Readonly<Record<number, string>> = { 8: 'sha256', 10: 'sha512' }

const primes: bigint[] = []
let next: [number, number] = [0, 1]

/** Another key each time, until the pairs are used up and begin again with new primes. */
export function rsaKey(algorithm: 8 | 10): ZoneKey {
  const [i, j] = next
  next = i + 1 < j ? [i + 1, j] : [0, j + 1]
  while (primes.length <= j) primes.push(primeFor())
  return keyOf(algorithm, primes[i] as bigint, primes[j] as bigint)
}

function primeFor(): bigint {
  for (;;) {
    // The two highest bits are set, so that every product has all its bits.
    const prime = generatePrimeSync(PRIME_BITS, { bigint: true })
    if ((prime - 1n) % EXPONENT !== 0n && prime >> BigInt(PRIME_BITS - 2) === 3n) return prime
  }
}

function keyOf(algorithm: 8 | 10, p: bigint, q: bigint): ZoneKey {
  const modulus = p * q
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n))
  const text = (n: bigint): string => octetsOf(n).toString('base64url')
  const parts = { n: modulus, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const jwk = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, text(value)]))
  const privateKey = createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' })
  const exponent = octetsOf(EXPONENT)
  const publicKey = Uint8Array.of(exponent.length, ...exponent, ...octetsOf(modulus)) // RFC 3110 2
  const rdata = Uint8Array.of(1, 1, 3, algorithm, ...publicKey)
  return {
    role: 'csk',
    algorithm,
    flags: 0x0101,
    protocol: 3,
    publicKey,
    rdata,
    keyTag: keyTagOf(rdata),
    sign: (data) => Uint8Array.from(sign(HASHES[algorithm], data, privateKey))
  }
}

function octetsOf(n: bigint): Buffer {
  const digits = n.toString(16)
  return Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex')
}

/** The extended Euclidean algorithm. */
function inverse(of: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [of % modulus, modulus, 1n, 0n]
  while (b !== 0n) {
    const quotient = a / b
    ;[a, b, x, y] = [b, a % b, y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}
