import { createPublicKey, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalRdatas, compareBytes, signedData } from '../../src/wire/canonical.js'
import { Reader } from '../../src/wire/cursor.js'
import { readName } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import { readRrsig } from '../../src/wire/rdata/rrsig.js'
import { groupRrsets, type ResourceRecord, type Rrset } from '../../src/wire/rrset.js'
import { nameFromText, recordFromText } from '../../src/wire/text.js'
import { octets } from './arbitraries.js'
import { noData, real } from './data.js'

const rrset = (...lines: string[]): Rrset =>
  groupRrsets(
    lines.map((line) => recordFromText(line)),
    false
  ).rrsets[0]
const signature = (owner: string, labels: number, signer = 'EXAMPLE.') =>
  readRrsig(recordFromText(`${owner} RRSIG MX 13 ${labels} 3600 20300101000000 20290101000000 7 ${signer} AAAA`).rdata)

describe('compareBytes', () => {
  it('agrees with Buffer.compare', () => {
    fc.assert(
      fc.property(octets(0, 5), octets(0, 5), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
      })
    )
    expect(compareBytes(Uint8Array.of(0x80), Uint8Array.of(0x7f, 0))).toBeGreaterThan(0)
  })
})

describe('canonicalRdatas', () => {
  it('lowercases before it sorts and drops what became equal (RFC 4034 6.3)', () => {
    const set: Rrset = { ...rrset('x. MX 10 B.a.', 'x. MX 9 z.', 'x. MX 10 aa.'), signatures: [] }
    const twice: Rrset = { ...set, rdatas: [...set.rdatas, recordFromText('x. MX 10 b.A.').rdata] }
    expect(canonicalRdatas(twice)).toEqual(['x. MX 9 z.', 'x. MX 10 b.a.', 'x. MX 10 aa.'].map((line) => recordFromText(line).rdata))
  })
})

describe('signedData', () => {
  it('is the RRSIG without its signature, then the records with the Original TTL', () => {
    const set = rrset('Host.Example. 5 MX 20 B.Example.', 'Host.Example. 5 MX 10 A.Example.')
    const prefix = Buffer.from(signature('host.example.', 2).rdata.subarray(0, 18)).toString('hex')
    const header = '04686f7374076578616d706c6500000f000100000e10'
    expect(Buffer.from(signedData(set, signature('host.example.', 2))).toString('hex')).toBe(
      `${prefix}076578616d706c6500${header}000d000a0161076578616d706c6500${header}000d00140162076578616d706c6500`
    )
  })

  it('rebuilds the wildcard when the signature has fewer labels than the owner (RFC 4035 5.3.2)', () => {
    const from = (owner: string, labels: number) =>
      Buffer.from(signedData(rrset(`${owner} MX 1 a.`), signature(owner, labels))).toString('hex')
    const ownerAt = 2 * (18 + 9)
    expect(from('a.b.example.', 1).slice(ownerAt)).toMatch(/^012a076578616d706c6500000f/)
    expect(from('a.b.example.', 0).slice(ownerAt)).toMatch(/^012a00000f/)
    expect(from('*.example.', 1).slice(ownerAt)).toMatch(/^012a076578616d706c6500000f/)
    expect(from('a.b.example.', 3).slice(ownerAt)).toMatch(/^01610162076578616d706c6500000f/)
  })

  it('is not made for more labels than the owner has', () => {
    expect(() => signedData(rrset('a.example. MX 1 a.'), signature('a.example.', 3))).toThrow(RangeError)
    expect(() => signedData(rrset('*.example. MX 1 a.'), signature('*.example.', 2))).toThrow(RangeError)
  })

  it.skipIf(noData)('is what real RSA, P-256 and Ed25519 signatures were made over', () => {
    interface Case {
      sig: string
      key: string
      rrset: string[]
      result: boolean
    }
    const cases: Case[] = JSON.parse(real('bns-vectors/dnssec-verify-1.json.gz').toString())
    let checked = 0
    for (const { sig, key, rrset: records } of cases) {
      const { rrsets } = groupRrsets(records.map(recordFromHex), false)
      const rrsig = readRrsig(recordFromHex(sig).rdata)
      const holds = check(readDnskey(recordFromHex(key).rdata), signedData(rrsets[0], rrsig), rrsig.signature)
      if (holds === undefined) continue
      expect(rrsets).toHaveLength(1)
      expect(readDnskey(recordFromHex(key).rdata).keyTag).toBe(rrsig.keyTag)
      expect(holds).toBe(true)
      checked++
    }
    expect(checked).toBeGreaterThan(300)
  })
})

function recordFromHex(hex: string): ResourceRecord {
  const from = new Reader(Buffer.from(hex, 'hex'))
  const owner = readName(from)
  const [type, rrClass, ttl] = [from.u16(), from.u16(), from.u32()]
  return { owner, type, class: rrClass, ttl, rdata: from.take(from.u16()) }
}

/** By OpenSSL; undefined for the algorithms this test does not know. */
function check(key: ReturnType<typeof readDnskey>, data: Uint8Array, sig: Uint8Array): boolean | undefined {
  const b64 = (octets: Uint8Array) => Buffer.from(octets).toString('base64url')
  const { publicKey } = key
  if (key.algorithm === 5 || key.algorithm === 7 || key.algorithm === 8) {
    const exponentAt = publicKey[0] === 0 ? 3 : 1
    const length = publicKey[0] === 0 ? (publicKey[1] << 8) | publicKey[2] : publicKey[0]
    const jwk = { kty: 'RSA', e: b64(publicKey.subarray(exponentAt, exponentAt + length)), n: b64(publicKey.subarray(exponentAt + length)) }
    return verify(key.algorithm === 8 ? 'sha256' : 'sha1', data, createPublicKey({ key: jwk, format: 'jwk' }), sig)
  }
  if (key.algorithm === 13) {
    const jwk = { kty: 'EC', crv: 'P-256', x: b64(publicKey.subarray(0, 32)), y: b64(publicKey.subarray(32)) }
    return verify('sha256', data, { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, sig)
  }
  if (key.algorithm === 15)
    return verify(null, data, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: b64(publicKey) }, format: 'jwk' }), sig)
  return undefined
}

describe('the owner of an RRset', () => {
  it('does not change what was signed by its case', () => {
    const [a, b] = ['Host.EXAMPLE.', 'host.example.'].map((owner) => ({ ...rrset(`${owner} MX 1 a.`), owner: nameFromText(owner) }))
    expect(signedData(a, signature('host.example.', 2))).toEqual(signedData(b, signature('host.example.', 2, 'example.')))
    expect(a.type).toBe(TYPE.MX)
  })
})
