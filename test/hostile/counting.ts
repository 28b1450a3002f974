// A crypto backend that counts what it is asked to do: the work of validation, in units that no machine makes faster.
import { chooseBackend } from '../../src/crypto/choose.js'
import type { CryptoBackend } from '../../src/index.js'

export interface Work {
  verifications: number
  failed: number
  hashes: number
  /** of NSEC3, additional ones: hashes times iterations */
  iterations: number
  digests: number
}

export function countingBackend(): { readonly crypto: CryptoBackend; readonly work: Work } {
  const inner = chooseBackend('auto')
  const work: Work = { verifications: 0, failed: 0, hashes: 0, iterations: 0, digests: 0 }
  const crypto: CryptoBackend = {
    name: inner.name,
    supports: (algorithm) => inner.supports(algorithm),
    verify(algorithm, publicKey, data, signature) {
      work.verifications++
      const holds = inner.verify(algorithm, publicKey, data, signature)
      if (!holds) work.failed++
      return holds
    },
    digest(type, data) {
      work.digests++
      return inner.digest(type, data)
    },
    nsec3Hash(name, salt, iterations) {
      work.hashes++
      work.iterations += iterations + 1
      return inner.nsec3Hash(name, salt, iterations)
    }
  }
  return { crypto, work }
}
