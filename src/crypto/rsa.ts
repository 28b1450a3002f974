// RSASSA-PKCS1-v1_5 verification on BigInt, over public data only (no duty of constant time).
// RFC 8017 8.2.2 and 9.2; keys as RFC 3110 2.
import type { RsaKey } from './rsa-key.js'

export type RsaHash = 'sha1' | 'sha256' | 'sha384' | 'sha512'

/** DER of DigestInfo up to the digest (RFC 8017 9.2, note 1). */
const DIGEST_INFO: Readonly<Record<RsaHash, string>> = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440'
}

/**
 * Whether `signature` is one over `digest` (already computed with `hash`) by `key`. Sizes are the caller's to bound: the
 * time grows with the square of the modulus and with the length of the exponent.
 */
export function verifyRsa(key: RsaKey, hash: RsaHash, digest: Uint8Array, signature: Uint8Array): boolean {
  const size = key.modulus.length
  if (signature.length !== size) return false // 8.2.2 step 1
  const expected = encodedMessage(size, hash, digest)
  if (expected === undefined) return false
  const modulus = os2ip(key.modulus)
  const representative = os2ip(signature)
  if (representative >= modulus) return false // 5.2.2 step 1
  // The whole encoded message is built and compared; nothing of the signature is parsed (8.2.2 note).
  return power(representative, key.exponent, modulus) === expected
}

/** EM = 00 01 FF .. FF 00 DigestInfo (RFC 8017 9.2), as a number; undefined when the modulus is too short for it. */
function encodedMessage(size: number, hash: RsaHash, digest: Uint8Array): bigint | undefined {
  const info = DIGEST_INFO[hash]
  const padding = size - 3 - info.length / 2 - digest.length
  if (padding < 8) return undefined
  return BigInt(`0x01${'ff'.repeat(padding)}00${info}${hex(digest)}`)
}

/** base^exponent mod modulus, left to right; 16 squarings and one product for 65537. `%` beats Montgomery in V8. */
function power(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  let result = 1n
  let started = false
  for (const octet of exponent) {
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      const set = (octet & bit) !== 0
      if (!started) {
        if (!set) continue
        started = true
        result = base
        continue
      }
      result = (result * result) % modulus
      if (set) result = (result * base) % modulus
    }
  }
  return result
}

const OCTETS: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

function hex(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += OCTETS[octet]
  return text
}

/** RFC 8017 4.2. */
function os2ip(octets: Uint8Array): bigint {
  return BigInt(`0x0${hex(octets)}`)
}
