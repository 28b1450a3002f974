// Signatures that were found to hold, so that an RRset that is judged again costs no public-key operation. The same octets of key,
// data and signature give the same answer for ever; whether the key is trusted and the time is right is asked elsewhere.

import type { CryptoBackend } from './backend.js'

/** What one entry takes beside its octets, about. */
const ENTRY_BYTES = 64
/** The algorithm and two lengths. */
const HEAD = 12
/** Data longer than this is not remembered: it would drive out many of the usual size. */
const LONGEST = 4_096

/**
 * The backend with a memory of checks that held. Octets are compared and no digest of them, so that nothing holds that the
 * backend did not say of the very same octets; what did not hold is checked every time.
 * @param maxBytes octets for the memory; what was asked for since half of them were used up stays
 */
export function rememberVerified(backend: CryptoBackend, maxBytes: number): CryptoBackend {
  const half = Math.floor(maxBytes / 2)
  let young = new Set<string>()
  let old = new Set<string>()
  let bytes = 0

  function remember(text: string): void {
    const more = text.length + ENTRY_BYTES
    if (more > half) return
    if (bytes + more > half) {
      old = young
      young = new Set()
      bytes = 0
    }
    young.add(text)
    bytes += more
  }

  function holds(text: string): boolean {
    if (young.has(text)) return true
    if (!old.delete(text)) return false
    remember(text)
    return true
  }

  return {
    name: backend.name,
    supports: (algorithm) => backend.supports(algorithm),
    digest: (type, data) => backend.digest(type, data),
    nsec3Hash: (name, salt, iterations) => backend.nsec3Hash(name, salt, iterations),
    verify(algorithm, publicKey, data, signature) {
      if (data.length > LONGEST) return backend.verify(algorithm, publicKey, data, signature)
      const text = textOf(algorithm, publicKey, data, signature)
      if (holds(text)) return true
      const good = backend.verify(algorithm, publicKey, data, signature) === true
      if (good) remember(text)
      return good
    }
  }
}

/** A letter an octet, in one string without parts; the lengths in front keep key, signature and data apart. */
function textOf(algorithm: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): string {
  const octets = Buffer.allocUnsafe(HEAD + publicKey.length + signature.length + data.length)
  octets.writeUInt32BE(algorithm, 0)
  octets.writeUInt32BE(publicKey.length, 4)
  octets.writeUInt32BE(signature.length, 8)
  octets.set(publicKey, HEAD)
  octets.set(signature, HEAD + publicKey.length)
  octets.set(data, HEAD + publicKey.length + signature.length)
  return octets.toString('latin1')
}
