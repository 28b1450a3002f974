// The DNSSEC algorithms: one row a number, and what a key and a signature of each must look like.
// IANA "DNS Security Algorithm Numbers"; RFC 9904 (was RFC 8624), RFC 9905 (SHA-1), RFC 9906 (GOST).
import { bitLength, readRsaKey } from './rsa-key.js'

export interface AlgorithmRow {
  readonly number: number
  readonly mnemonic: string
  /** whether this library has code for it */
  readonly implemented: boolean
  /** the column "Implement for DNSSEC Validation" of the IANA registry */
  readonly validation: 'MUST' | 'RECOMMENDED' | 'MAY' | 'MUST NOT'
  /** signs a SHA-1 digest: validating operators treat it as unsupported (RFC 9905 2) */
  readonly sha1: boolean
  readonly family: 'rsa' | 'ecdsa' | 'eddsa' | 'none'
  /** digest that is signed; undefined for EdDSA, which hashes inside */
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  /** octets of the DNSKEY public key field; undefined for RSA, where it varies */
  readonly keyLength?: number
  /** octets of the RRSIG signature field; undefined for RSA, where it is the modulus length */
  readonly signatureLength?: number
}

const RSA = { implemented: true, validation: 'MUST', sha1: false, family: 'rsa' } as const
const ECDSA = { implemented: true, sha1: false, family: 'ecdsa' } as const
const EDDSA = { implemented: true, validation: 'RECOMMENDED', sha1: false, family: 'eddsa' } as const

function named(number: number, mnemonic: string, validation: AlgorithmRow['validation'], sha1 = false): AlgorithmRow {
  return { number, mnemonic, implemented: false, validation, sha1, family: 'none' }
}

const ROWS: readonly AlgorithmRow[] = [
  named(0, 'DELETE', 'MUST NOT'), // RFC 8078 4: not an algorithm
  named(1, 'RSAMD5', 'MUST NOT'),
  named(2, 'DH', 'MUST NOT'), // not for zone signing
  named(3, 'DSA', 'MUST NOT', true),
  { ...RSA, number: 5, mnemonic: 'RSASHA1', hash: 'sha1', sha1: true },
  named(6, 'DSA-NSEC3-SHA1', 'MUST NOT', true),
  { ...RSA, number: 7, mnemonic: 'RSASHA1-NSEC3-SHA1', hash: 'sha1', sha1: true },
  { ...RSA, number: 8, mnemonic: 'RSASHA256', hash: 'sha256' },
  { ...RSA, number: 10, mnemonic: 'RSASHA512', hash: 'sha512' },
  named(12, 'ECC-GOST', 'MUST NOT'), // RFC 9906
  {
    ...ECDSA,
    number: 13,
    mnemonic: 'ECDSAP256SHA256',
    validation: 'MUST',
    hash: 'sha256',
    keyLength: 64,
    signatureLength: 64
  },
  {
    ...ECDSA,
    number: 14,
    mnemonic: 'ECDSAP384SHA384',
    validation: 'RECOMMENDED',
    hash: 'sha384',
    keyLength: 96,
    signatureLength: 96
  },
  { ...EDDSA, number: 15, mnemonic: 'ED25519', keyLength: 32, signatureLength: 64 },
  { ...EDDSA, number: 16, mnemonic: 'ED448', keyLength: 57, signatureLength: 114 },
  named(17, 'SM2SM3', 'MAY'), // RFC 9563
  named(23, 'ECC-GOST12', 'MAY'), // RFC 9558
  named(252, 'INDIRECT', 'MUST NOT'),
  named(253, 'PRIVATEDNS', 'MAY'),
  named(254, 'PRIVATEOID', 'MAY')
]

export const ALGORITHMS: ReadonlyMap<number, AlgorithmRow> = new Map(ROWS.map((row) => [row.number, row]))

/** 'ECDSAP256SHA256', or 'algorithm 100' where IANA knows no mnemonic. */
export function algorithmMnemonic(n: number): string {
  return ALGORITHMS.get(n)?.mnemonic ?? `algorithm ${n}`
}

export interface AlgorithmPolicy {
  /** whether RSA/SHA-1 (5, 7) and DS digest type 1 count as supported (RFC 9905 says no) */
  readonly sha1: boolean
  /** RSA keys with a shorter modulus count as unsupported */
  readonly minRsaBits: number
  /** algorithm numbers that count as unsupported */
  readonly disable: readonly number[]
}

export const DEFAULT_POLICY: AlgorithmPolicy = { sha1: false, minRsaBits: 1024, disable: [] }

/** RFC 4035 5.2: a zone all of whose DS name unsupported algorithms is treated as unsigned. */
export function algorithmSupported(n: number, policy: AlgorithmPolicy): boolean {
  const row = ALGORITHMS.get(n)
  if (!row?.implemented) return false
  if (row.sha1 && !policy.sha1) return false // RFC 9905 2
  return !policy.disable.includes(n)
}

/** RFC 3110 2, RFC 5702 2: no modulus above 4096 bits, whatever the policy. */
export const MAX_RSA_BITS = 4096

/** Longest RSA exponent accepted, in bits; see `keyForm`. */
export const MAX_RSA_EXPONENT_BITS = 64

/** RFC 5702 2.1, 2.2; RFC 3110 2: no modulus below this, whatever the policy. */
function leastRsaBits(algorithm: number): number {
  return algorithm === 10 ? 1024 : 512
}

export type KeyForm = 'usable' | 'unsupported' | 'malformed'

/**
 * Whether a DNSKEY public key field can be used at all: the same rules before every backend, so that the verdict never
 * depends on the backend. RFC 3110 2, RFC 5702 2, RFC 6605 4, RFC 8080 3.
 *
 * RSA: `unsupported` when the modulus is longer than 4096 bits, shorter than `minRsaBits` or shorter than the algorithm's
 * own RFC allows. `malformed` when the field cannot be read, the modulus is even, or the exponent is even, 0, 1 or
 * longer than 64 bits. RFC 3110 would allow exponents up to 4096 bits, but nobody publishes them (65537, 3 and the
 * 33-bit 2^32+1 are what signers make), the work grows with their length, and 64 bits is where OpenSSL itself stops
 * for moduli above 3072 bits. Such a key is refused, which is bogus, and not `unsupported`, which might be insecure.
 * Leading zero octets are forbidden by RFC 3110 2; they change no number and validators in the field ignore them, so
 * they are dropped here and all sizes are those of the numbers.
 *
 * ECDSA, EdDSA: `malformed` when the length is wrong. Whether the point is on the curve is for `verify` to find out.
 */
export function keyForm(algorithm: number, publicKey: Uint8Array, policy: AlgorithmPolicy): KeyForm {
  const row = ALGORITHMS.get(algorithm)
  if (!row || !algorithmSupported(algorithm, policy)) return 'unsupported'
  if (row.family !== 'rsa') return publicKey.length === row.keyLength ? 'usable' : 'malformed'

  const key = readRsaKey(publicKey)
  if (!key) return 'malformed'
  const { modulus, exponent } = key
  const bits = bitLength(modulus)
  const exponentBits = bitLength(exponent)
  if (exponentBits < 2 || exponentBits > MAX_RSA_EXPONENT_BITS) return 'malformed' // 0, 1, or too long
  if (!isOdd(exponent) || !isOdd(modulus)) return 'malformed'
  if (bits > MAX_RSA_BITS) return 'unsupported'
  if (bits < policy.minRsaBits || bits < leastRsaBits(algorithm)) return 'unsupported'
  return 'usable'
}

/**
 * Whether a signature has the length that this key and algorithm give it: for RSA exactly the octets of the modulus
 * (RFC 8017 8.2.2 step 1), else a fixed number (RFC 6605 4, RFC 8080 4).
 */
export function signatureForm(algorithm: number, publicKey: Uint8Array, signature: Uint8Array): boolean {
  const row = ALGORITHMS.get(algorithm)
  if (!row?.implemented) return false
  if (row.family !== 'rsa') return signature.length === row.signatureLength
  return signature.length === readRsaKey(publicKey)?.modulus.length
}

function isOdd(number: Uint8Array): boolean {
  return ((number[number.length - 1] ?? 0) & 1) === 1
}
