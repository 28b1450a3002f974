// The RSA public key field of a DNSKEY: exponent length, exponent, modulus.
// RFC 3110 2.

export interface RsaKey {
  /** big-endian, without leading zero octets; empty for 0 */
  readonly exponent: Uint8Array
  /** big-endian, without leading zero octets; never empty */
  readonly modulus: Uint8Array
}

/** Reads the field; undefined when it does not hold both numbers. Sizes are judged by `keyForm`. */
export function readRsaKey(publicKey: Uint8Array): RsaKey | undefined {
  if (publicKey.length < 3) return undefined
  // RFC 3110 2: one octet of length, or a zero octet and two. The long form is read for short exponents, too.
  const long = publicKey[0] === 0
  const start = long ? 3 : 1
  const length = long ? publicKey[1] * 256 + publicKey[2] : publicKey[0]
  if (start + length > publicKey.length) return undefined
  const modulus = withoutZeros(publicKey.subarray(start + length))
  if (modulus.length === 0) return undefined
  return { exponent: withoutZeros(publicKey.subarray(start, start + length)), modulus }
}

/** Bits of a big-endian number without leading zero octets. */
export function bitLength(number: Uint8Array): number {
  return number.length === 0 ? 0 : number.length * 8 - (Math.clz32(number[0]) - 24)
}

function withoutZeros(number: Uint8Array): Uint8Array {
  let zeros = 0
  while (zeros < number.length && number[zeros] === 0) zeros++
  return number.subarray(zeros)
}
