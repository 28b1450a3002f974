// 1,767 signatures and 78 NSEC3 hashes of real zones, checked by every backend.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createNativeBackend } from '../../src/crypto/native.js'
import { nobleBackend } from '../../src/crypto/noble.js'
import { signedCase, wireName } from './signed-data.js'

const folder = process.env.CONFORMANCE_DATA
const BACKENDS = [nobleBackend, createNativeBackend()]

interface StoredSignature {
  readonly sig: string
  readonly key: string
  readonly rrset: readonly string[]
  readonly result: boolean
}

interface StoredHash {
  readonly name: string
  readonly iter: number
  readonly salt: string
  readonly result: string
}

function read<T>(file: string): T {
  return JSON.parse(gunzipSync(readFileSync(join(folder ?? '', 'real-data', 'bns-vectors', file))).toString('utf8'))
}

describe.skipIf(!folder)('captured signatures (folder from CONFORMANCE_DATA)', () => {
  describe.each(BACKENDS)('$name', (backend) => {
    it.each([
      { file: 'dnssec-verify-1.json.gz', count: 368 },
      { file: 'dnssec-verify-3.json.gz', count: 1397 }
    ])('all $count of $file hold, none with a bit of the data or the signature changed', ({ file, count }) => {
      const stored = read<StoredSignature[]>(file)
      expect(stored).toHaveLength(count)
      for (const [i, { sig, key, rrset, result }] of stored.entries()) {
        const { algorithm, publicKey, data, signature } = signedCase(sig, key, rrset)
        expect(backend.verify(algorithm, publicKey, data, signature), `case ${i}, algorithm ${algorithm}`).toBe(result)
        data[i % data.length] ^= 1 << (i & 7)
        expect(backend.verify(algorithm, publicKey, data, signature), `case ${i}, data changed`).toBe(false)
        data[i % data.length] ^= 1 << (i & 7)
        signature[i % signature.length] ^= 1 << (i & 7)
        expect(backend.verify(algorithm, publicKey, data, signature), `case ${i}, signature changed`).toBe(false)
      }
    })

    it('the two DSA signatures are of an algorithm that is not implemented', () => {
      const stored = read<StoredSignature[]>('dnssec-verify-2.json.gz')
      expect(stored).toHaveLength(2)
      for (const { sig, key, rrset } of stored) {
        const { algorithm, publicKey, data, signature } = signedCase(sig, key, rrset)
        expect(algorithm).toBe(3)
        expect(backend.supports(algorithm)).toBe(false)
        expect(backend.verify(algorithm, publicKey, data, signature)).toBe(false)
      }
    })

    it('all 78 NSEC3 hashes', () => {
      const stored = read<{ hash_name: StoredHash[] }>('nsec3-vectors.json.gz').hash_name
      expect(stored).toHaveLength(78)
      for (const { name, salt, iter, result } of stored) {
        const hash = backend.nsec3Hash(wireName(name), Buffer.from(salt, 'hex'), iter)
        expect(Buffer.from(hash).toString('hex'), name).toBe(result)
      }
    })
  })
})
