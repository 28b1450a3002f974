// Zones of the test world against the zone of RFC 5155 appendix A, and the RRSIGs in them against node:crypto.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText, nameToText, recordToText } from '../../src/wire/text.js'
import { matching } from './chain.js'
import { hashName, toBase32Hex } from './hash3.js'
import { decoyOf, dsRdata, holds, redress, SIGNING_ALGORITHMS, zoneKey } from './keys.js'
import { SALT, zoneOfRfc5155 } from './rfc-zones.js'
import { signRrset } from './signer.js'
import { allRecords, type Zone } from './zone.js'

// RFC 5155 appendix A: the list of hashes at its head, in the order of the chain, with the types of each NSEC3
const HASHES: readonly [string, string, string][] = [
  ['example', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom', 'NS SOA MX RRSIG DNSKEY NSEC3PARAM'],
  ['ns1.example', '2t7b4g4vsa5smi47k61mv5bv1a22bojr', 'A RRSIG'],
  ['x.y.w.example', '2vptu5timamqttgl4luu9kg21e0aor3s', 'MX RRSIG'],
  ['a.example', '35mthgpgcu1qg68fab165klnsnk3dpvl', 'NS DS RRSIG'],
  ['x.w.example', 'b4um86eghhds6nea196smvmlo4ors995', 'MX RRSIG'],
  ['ai.example', 'gjeqe526plbf1g8mklp59enfd789njgi', 'A HINFO AAAA RRSIG'],
  ['y.w.example', 'ji6neoaepv8b5o6k4ev33abha8ht9fgc', ''],
  ['w.example', 'k8udemvp1j2f7eg6jebps17vp3n8i58h', ''],
  ['2t7b4g4vsa5smi47k61mv5bv1a22bojr.example', 'kohar7mbb8dc2ce8a9qvl8hon4k53uhi', 'A RRSIG'],
  ['ns2.example', 'q04jkcevqvmu85r014c7dkba38o0ji5r', 'A RRSIG'],
  ['*.w.example', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en', 'MX RRSIG'],
  ['xx.example', 't644ebqk9bibcna874givr6joj62mlhv', 'A HINFO AAAA RRSIG']
]

describe('the zone of RFC 5155 appendix A', () => {
  const zone = zoneOfRfc5155()

  it('hashes its names as the RFC does', () => {
    for (const [name, hash] of HASHES) {
      expect(toBase32Hex(hashName(nameFromText(name), { salt: SALT, iterations: 12 }))).toBe(hash)
    }
  })

  it('has the NSEC3 chain of the RFC, without the unsigned delegation c.example', () => {
    const chain = zone.chain?.links.map((link) => recordToText(link.records[0]))
    const expected = HASHES.map(([, hash, types], i) => {
      const next = HASHES[(i + 1) % HASHES.length][1].toUpperCase()
      return `${hash}.example. 3600 IN NSEC3 1 1 12 AABBCCDD ${next} ${types}`.trimEnd()
    })
    expect(chain?.map((line) => line.toUpperCase())).toEqual(expected.map((line) => line.toUpperCase()))
  })

  it('signs what is its own: no glue, no delegation, nothing occluded', () => {
    const signed = allRecords(zone)
      .filter((record) => record.type === TYPE.RRSIG)
      .map((record) => nameToText(record.owner))
    expect(new Set(signed.filter((owner) => owner.length < 32))).toEqual(
      new Set([
        'example',
        'a.example',
        'ai.example',
        'ns1.example',
        'ns2.example',
        '*.w.example',
        'x.w.example',
        'x.y.w.example',
        'xx.example'
      ])
    )
    expect([...(zone.nodes.get(nameFromText('a.example').key)?.signatures.keys() ?? [])]).toEqual([TYPE.DS])
  })

  it('finds the link of an empty non-terminal', () => {
    expect(matching(zone.chain as NonNullable<Zone['chain']>, nameFromText('y.w.example'))?.name.key).toBe(nameFromText('y.w.example').key)
  })
})

describe('keys and signatures', () => {
  const owner = nameFromText('example')
  const soa = zoneOfRfc5155().nodes.get(owner.key)?.sets.get(TYPE.MX) ?? []

  // RFC 4034 3.1.8.1 written out by hand for `example. 3600 IN MX 1 xx.example.`
  function byHand(algorithm: number, keyTag: number): Buffer {
    const head = Buffer.from([0, 15, algorithm, 1, 0, 0, 0x0e, 0x10, 0, 0, 0, 9, 0, 0, 0, 8, keyTag >>> 8, keyTag & 0xff])
    const example = Buffer.from('\x07example\0', 'latin1')
    const rdata = Buffer.from('\0\x01\x02xx\x07example\0', 'latin1')
    return Buffer.concat([head, example, example, Buffer.from([0, 15, 0, 1, 0, 0, 0x0e, 0x10, 0, rdata.length]), rdata])
  }

  for (const algorithm of SIGNING_ALGORITHMS) {
    it(`signs by algorithm ${algorithm} what RFC 4034 3.1.8.1 says, and a decoy of the same key tag does not hold`, () => {
      const key = zoneKey('example', algorithm)
      const { rdata } = signRrset(soa, key, { inception: 8, expiration: 9, signer: owner })
      const signature = rdata.subarray(18 + owner.wire.length)
      const data = byHand(algorithm, key.keyTag)
      expect(holds(key, data, signature)).toBe(true)
      data[data.length - 2] ^= 1
      expect(holds(key, data, signature)).toBe(false)
      const decoy = decoyOf(key, 1)
      expect(decoy.keyTag).toBe(key.keyTag)
      expect(decoy.publicKey).not.toEqual(key.publicKey)
    })
  }

  it('reads the keys and makes the DS of RFC 6605 6 and RFC 8080 6', () => {
    const b64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
    const p256 = redress(zoneKey('example.net', 13), {
      publicKey: b64('GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==')
    })
    expect(p256.keyTag).toBe(55648)
    const digest = (zone: string, key: typeof p256): string => Buffer.from(dsRdata(nameFromText(zone), key).subarray(4)).toString('hex')
    expect(digest('example.net', p256)).toBe('b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17')
    const ed25519 = redress(zoneKey('example.com', 15), { publicKey: b64('l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=') })
    expect(ed25519.keyTag).toBe(3613)
    expect(digest('example.com', ed25519)).toBe('3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b')
  })

  it('gives the same key for the same arguments and its DS over the lowercased owner', () => {
    const key = zoneKey('same', 13)
    expect(zoneKey('same', 13).rdata).toEqual(key.rdata)
    expect(zoneKey('same', 13, { serial: 2 }).rdata).not.toEqual(key.rdata)
    expect(dsRdata(nameFromText('SaMe'), key)).toEqual(dsRdata(nameFromText('same'), key))
    const digest = createHash('sha384').update('\x04same\0').update(key.rdata).digest()
    expect(Buffer.from(dsRdata(nameFromText('same'), key, 4).subarray(4))).toEqual(digest)
  })
})
