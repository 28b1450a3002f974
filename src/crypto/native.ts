// The fast backend: node:crypto, with the keys it has imported kept and each algorithm tried out before it is trusted.
// A system policy may refuse SHA-1, a FIPS build Ed25519 and Ed448: such an algorithm is then not supported here.
import type { KeyObject } from 'node:crypto'
import { createPublicKey, hash as digestAtOnce, verify as verifySignature } from 'node:crypto'
import { ALGORITHMS } from './algorithms.js'
import type { CryptoBackend } from './backend.js'
import { admitsKey, admitsSignature } from './gate.js'
import { KeyCache } from './key-cache.js'
import { readRsaKey } from './rsa-key.js'
import { SELF_TESTS } from './self-test.js'
import { nsec3Hash } from './sha1.js'

const KEYS_KEPT = 1024

/** A backend of its own key cache and its own findings about this machine. */
export function createNativeBackend(): CryptoBackend {
  // A key that is not admitted or does not import (a point off the curve) is kept as null: trying again would cost as much and fail again.
  const keys = new KeyCache<KeyObject | null>(KEYS_KEPT)
  const works = new Map<number, boolean>()

  function keyOf(algorithm: number, publicKey: Uint8Array): KeyObject | null {
    const kept = keys.get(algorithm, publicKey)
    if (kept !== undefined) return kept
    const key = admitsKey(algorithm, publicKey) ? importKey(algorithm, publicKey) : null
    keys.set(algorithm, publicKey, key)
    return key
  }

  function verify(algorithm: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
    const key = keyOf(algorithm, publicKey)
    if (key === null || !admitsSignature(algorithm, publicKey, signature)) return false
    try {
      return check(algorithm, key, data, signature)
    } catch {
      // OpenSSL reports some malformed signatures as errors: they do not hold
      return false
    }
  }

  return {
    name: 'native',
    supports(algorithm) {
      let answer = works.get(algorithm)
      if (answer === undefined) {
        answer = passesSelfTest(algorithm, verify)
        works.set(algorithm, answer)
      }
      return answer
    },
    verify,
    digest(type, data) {
      const hash = DS_HASHES[type]
      return hash === undefined ? undefined : new Uint8Array(digestAtOnce(hash, data, 'buffer'))
    },
    nsec3Hash // own code in both backends: a call into OpenSSL costs more than the hash
  }
}

const DS_HASHES: Readonly<Record<number, string>> = { 1: 'sha1', 2: 'sha256', 4: 'sha384' }

function passesSelfTest(algorithm: number, verify: CryptoBackend['verify']): boolean {
  const test = SELF_TESTS.get(algorithm)
  if (!test) return false
  const changed = test.data.slice()
  changed[0] ^= 1
  return verify(algorithm, test.publicKey, test.data, test.signature) && !verify(algorithm, test.publicKey, changed, test.signature)
}

function check(algorithm: number, key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  const row = ALGORITHMS.get(algorithm)
  switch (row?.family) {
    case 'rsa':
      return verifySignature(row.hash, data, key, signature)
    case 'ecdsa': // RFC 6605 4: r | s
      return verifySignature(row.hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
    case 'eddsa':
      return verifySignature(null, data, key, signature)
    default:
      return false
  }
}

/** SubjectPublicKeyInfo of a P-384 key up to x | y (RFC 5480 2). */
const P384_SPKI = Buffer.from('3076301006072a8648ce3d020106052b8104002203620004', 'hex')

/** null when OpenSSL does not take the key. */
function importKey(algorithm: number, publicKey: Uint8Array): KeyObject | null {
  try {
    // JWK is the fast way in (SPKI costs some 145 us), but for P-384 the check that JWK brings costs more than SPKI.
    if (algorithm === 14) {
      return createPublicKey({ key: Buffer.concat([P384_SPKI, publicKey]), format: 'der', type: 'spki' })
    }
    const key = webKey(algorithm, publicKey)
    return key === undefined ? null : createPublicKey({ key, format: 'jwk' })
  } catch {
    return null
  }
}

function webKey(algorithm: number, publicKey: Uint8Array): Record<string, string> | undefined {
  if (algorithm === 13) {
    return { kty: 'EC', crv: 'P-256', x: base64url(publicKey.subarray(0, 32)), y: base64url(publicKey.subarray(32)) }
  }
  if (algorithm === 15) return { kty: 'OKP', crv: 'Ed25519', x: base64url(publicKey) }
  if (algorithm === 16) return { kty: 'OKP', crv: 'Ed448', x: base64url(publicKey) }
  const key = readRsaKey(publicKey)
  return key && { kty: 'RSA', n: base64url(key.modulus), e: base64url(key.exponent) }
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64url')
}
