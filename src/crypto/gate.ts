// What every backend refuses before it computes: one rule for all, so that no verdict depends on the backend.
// RFC 3110 2, RFC 5702 2, RFC 6605 4, RFC 8080 3 and 4, RFC 8032 5.1.3 and 5.2.3.
import type { AlgorithmPolicy } from './algorithms.js'
import { keyForm, signatureForm } from './algorithms.js'

/** The widest policy: what a backend must be able to check. The resolver's own policy is applied by its callers. */
const WIDEST: AlgorithmPolicy = { sha1: true, minRsaBits: 512, disable: [] }

/** Whether the lengths and encodings let a backend try. `false` means that the signature does not hold. */
export function admits(algorithm: number, publicKey: Uint8Array, signature: Uint8Array): boolean {
  return admitsKey(algorithm, publicKey) && admitsSignature(algorithm, publicKey, signature)
}

/** The part that is about the key alone: a backend that keeps keys asks once for each. */
export function admitsKey(algorithm: number, publicKey: Uint8Array): boolean {
  if (keyForm(algorithm, publicKey, WIDEST) !== 'usable') return false
  const edwards = EDWARDS.get(algorithm)
  return !edwards || edwardsPointFit(publicKey, edwards)
}

/** @param publicKey one that `admitsKey` lets through */
export function admitsSignature(algorithm: number, publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (!signatureForm(algorithm, publicKey, signature)) return false
  const edwards = EDWARDS.get(algorithm)
  return !edwards || edwardsPointFit(signature, edwards)
}

interface EdwardsForm {
  /** octets of an encoded point */
  readonly length: number
  /** the field's prime, little-endian, `length` octets */
  readonly prime: Uint8Array
  /** y of all points whose order divides the cofactor, little-endian */
  readonly smallOrder: readonly Uint8Array[]
}

const ED25519 = edwardsForm(32, 2n ** 255n - 19n, [
  // the two y of the four points of order 8
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
])
const ED448 = edwardsForm(57, 2n ** 448n - 2n ** 224n - 1n, [])
const EDWARDS: ReadonlyMap<number, EdwardsForm> = new Map([
  [15, ED25519],
  [16, ED448]
])

/**
 * Looks at the point that `octets` begin with. A y at or above the prime is not canonical and is not decoded
 * (RFC 8032 5.1.3 and 5.2.3 step 1); OpenSSL would take it modulo the prime. A point of small order as key makes anyone
 * a signer, and as R it comes from no honest one; libraries differ on both, so both are refused here.
 */
function edwardsPointFit(octets: Uint8Array, form: EdwardsForm): boolean {
  const y = new Uint8Array(form.length) // a copy: Buffer's slice is none
  for (let i = 0; i < form.length; i++) y[i] = octets[i]
  y[form.length - 1] &= 0x7f // the sign of x
  return isBelow(y, form.prime) && !form.smallOrder.some((small) => sameOctets(small, y))
}

function edwardsForm(length: number, prime: bigint, ofOrderEight: readonly bigint[]): EdwardsForm {
  // Orders 4, 1 and 2 have y = 0, 1 and -1 on both curves.
  const small = [0n, 1n, prime - 1n, ...ofOrderEight].map((y) => littleEndian(y, length))
  return { length, prime: littleEndian(prime, length), smallOrder: small }
}

function littleEndian(number: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((number >> BigInt(8 * i)) & 0xffn))
}

function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = a.length - 1; i >= 0; i--) {
    if (a[i] !== b[i]) return a[i] < b[i]
  }
  return false
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
