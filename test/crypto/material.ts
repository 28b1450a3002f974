// Keys and signatures made afresh by node:crypto for the tests of this room, in the form DNSKEY and RRSIG carry them.
import type { KeyObject } from 'node:crypto'
import { createPrivateKey, generateKeyPairSync, generatePrimeSync, sign } from 'node:crypto'

export interface Signer {
  readonly name: string
  readonly algorithm: number
  readonly publicKey: Uint8Array
  sign(data: Uint8Array): Uint8Array
}

const RSA_HASH: Readonly<Record<number, string>> = { 5: 'sha1', 7: 'sha1', 8: 'sha256', 10: 'sha512' }

/** RFC 3110 2; the length of the exponent in its short form unless `long`. */
export function rsaField(exponent: Uint8Array, modulus: Uint8Array, long = exponent.length > 255): Uint8Array {
  const head = long ? [0, exponent.length >> 8, exponent.length & 0xff] : [exponent.length]
  return new Uint8Array([...head, ...exponent, ...modulus])
}

export function bigEndian(number: bigint): Uint8Array {
  const hex = number.toString(16)
  return new Uint8Array(Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'))
}

export function rsaSigner(algorithm: number, bits: number, exponent = 65537n): Signer & { modulus: Uint8Array } {
  const { key, modulus } = rsaKey(bits, exponent)
  return {
    name: `algorithm ${algorithm}, RSA-${bits}, e = ${exponent}`,
    algorithm,
    modulus,
    publicKey: rsaField(bigEndian(exponent), modulus),
    sign: (data) => new Uint8Array(sign(RSA_HASH[algorithm], data, key))
  }
}

/** Made from primes, since generateKeyPairSync takes no exponent above 32 bits. */
function rsaKey(bits: number, e: bigint): { key: KeyObject; modulus: Uint8Array } {
  if (e < 2n ** 32n) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: Number(e) })
    return { key: privateKey, modulus: new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url')) }
  }
  for (;;) {
    const p = generatePrimeSync(Math.ceil(bits / 2), { bigint: true })
    const q = generatePrimeSync(Math.floor(bits / 2), { bigint: true })
    const n = p * q
    const d = inverse(e, (p - 1n) * (q - 1n))
    if (n.toString(2).length !== bits || d === undefined || p === q) continue
    const parts = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) ?? 0n }
    const jwk = Object.fromEntries(Object.entries(parts).map(([k, v]) => [k, Buffer.from(bigEndian(v)).toString('base64url')]))
    return { key: createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' }), modulus: bigEndian(n) }
  }
}

function inverse(a: bigint, modulus: bigint): bigint | undefined {
  let [r, next] = [modulus, a % modulus]
  let [t, nextT] = [0n, 1n]
  while (next !== 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[t, nextT] = [nextT, t - quotient * nextT]
  }
  return r === 1n ? ((t % modulus) + modulus) % modulus : undefined
}

export function ecdsaSigner(algorithm: 13 | 14): Signer {
  const namedCurve = algorithm === 13 ? 'P-256' : 'P-384'
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const jwk = publicKey.export({ format: 'jwk' })
  const hash = algorithm === 13 ? 'sha256' : 'sha384'
  return {
    name: `algorithm ${algorithm}, ${namedCurve}`,
    algorithm,
    publicKey: new Uint8Array(Buffer.concat([Buffer.from(jwk.x ?? '', 'base64url'), Buffer.from(jwk.y ?? '', 'base64url')])),
    sign: (data) => new Uint8Array(sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
  }
}

export function eddsaSigner(algorithm: 15 | 16): Signer {
  const { privateKey, publicKey } = algorithm === 15 ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448')
  return {
    name: `algorithm ${algorithm}, EdDSA`,
    algorithm,
    publicKey: new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')),
    sign: (data) => new Uint8Array(sign(null, data, privateKey))
  }
}
