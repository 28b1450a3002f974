// The portable backend: EC and EdDSA by noble, RSA on BigInt. Always present; the only file that imports @noble/*.
// RFC 6605 4, RFC 8080 4, RFC 8032 5.1.7 and 5.2.7.
import { createRequire } from 'node:module'
import { ALGORITHMS } from './algorithms.js'
import type { CryptoBackend } from './backend.js'
import { admits } from './gate.js'
import { verifyRsa } from './rsa.js'
import { readRsaKey } from './rsa-key.js'
import { nsec3Hash } from './sha1.js'

const require = createRequire(import.meta.url)

/** Setting up the curves takes a third of the time of a start, and where the native backend works they are never needed. */
function load() {
  const { ed448 }: typeof import('@noble/curves/ed448.js') = require('@noble/curves/ed448.js')
  const { ed25519 }: typeof import('@noble/curves/ed25519.js') = require('@noble/curves/ed25519.js')
  const { p256, p384 }: typeof import('@noble/curves/nist.js') = require('@noble/curves/nist.js')
  const { sha1 }: typeof import('@noble/hashes/legacy.js') = require('@noble/hashes/legacy.js')
  const { sha256, sha384, sha512 }: typeof import('@noble/hashes/sha2.js') = require('@noble/hashes/sha2.js')
  return { ed448, ed25519, p256, p384, sha1, sha256, sha384, sha512 }
}

let loaded: ReturnType<typeof load> | undefined

function noble(): ReturnType<typeof load> {
  loaded ??= load()
  return loaded
}

export const nobleBackend: CryptoBackend = {
  name: 'noble',
  supports: (algorithm) => ALGORITHMS.get(algorithm)?.implemented === true,
  verify(algorithm, publicKey, data, signature) {
    if (!admits(algorithm, publicKey, signature)) return false
    noble() // outside of the try: that it cannot be loaded is no bad signature
    try {
      return check(algorithm, publicKey, data, signature)
    } catch {
      // noble throws for points off the curve and numbers out of range: this signature does not hold
      return false
    }
  },
  digest(type, data) {
    if (type === 1) return noble().sha1(data)
    if (type === 2) return noble().sha256(data)
    if (type === 4) return noble().sha384(data)
    return undefined
  },
  nsec3Hash
}

function check(algorithm: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  switch (algorithm) {
    case 5:
    case 7:
    case 8:
    case 10:
      return checkRsa(algorithm, publicKey, data, signature)
    // noble refuses the upper half of s unless told otherwise; RFC 6605 knows no such rule, and half of all signatures
    // have an s up there.
    case 13:
      return noble().p256.verify(signature, noble().sha256(data), uncompressed(publicKey), { lowS: false, prehash: false })
    case 14:
      return noble().p384.verify(signature, noble().sha384(data), uncompressed(publicKey), { lowS: false, prehash: false })
    case 15:
      return checkEd25519(publicKey, data, signature)
    case 16:
      return noble().ed448.verify(signature, data, publicKey, { zip215: false })
    default:
      return false
  }
}

function checkRsa(algorithm: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const key = readRsaKey(publicKey)
  const hash = ALGORITHMS.get(algorithm)?.hash
  if (!key || !hash) return false
  return verifyRsa(key, hash, noble()[hash](data), signature)
}

/** RFC 6605 4: the field is x | y; noble wants the octet of SEC 1 2.3.4 in front. */
function uncompressed(publicKey: Uint8Array): Uint8Array {
  const point = new Uint8Array(publicKey.length + 1)
  point[0] = 4
  point.set(publicKey, 1)
  return point
}

/**
 * RFC 8032 5.1.7 leaves open whether the equation is multiplied by the cofactor. noble's own check does so, OpenSSL's
 * does not, and they differ on keys and signatures with a part of small order. Here it is OpenSSL's equation,
 * R = [S]B - [k]A compared as octets, so that both backends give the same verdict.
 */
function checkEd25519(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const { ed25519, sha512 } = noble()
  const { Point } = ed25519
  const { Fn } = Point
  const r = signature.subarray(0, 32)
  const s = Fn.fromBytes(signature.subarray(32)) // throws for S >= L
  const key = Point.fromBytes(publicKey)
  const k = Fn.create(littleEndian(sha512.create().update(r).update(publicKey).update(data).digest()))
  const point = Point.BASE.multiplyUnsafe(s).add(key.negate().multiplyUnsafe(k)).toBytes()
  return point.every((octet, i) => octet === r[i])
}

function littleEndian(octets: Uint8Array): bigint {
  let number = 0n
  for (let i = octets.length - 1; i >= 0; i--) number = (number << 8n) | BigInt(octets[i])
  return number
}
