import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader, WireError } from '../../src/wire/cursor.js'
import { checkBitmap, TypeBitmap, typeBitmapToWire } from '../../src/wire/rdata/bitmap.js'
import { computeKeyTag, REVOKE, readDnskey, SEP, ZONE_KEY } from '../../src/wire/rdata/dnskey.js'
import { readDs } from '../../src/wire/rdata/ds.js'
import { readNsec } from '../../src/wire/rdata/nsec.js'
import { OPT_OUT, readNsec3 } from '../../src/wire/rdata/nsec3.js'
import { tryRead } from '../../src/wire/rdata/read.js'
import { readRrsig } from '../../src/wire/rdata/rrsig.js'
import { serialLess, serialNotAfter } from '../../src/wire/rdata/serial.js'
import { readSoa } from '../../src/wire/rdata/soa.js'
import { nameToText, recordFromText } from '../../src/wire/text.js'
import { recordsFromZone } from '../../src/wire/zone.js'
import { bitmap, octets } from './arbitraries.js'
import { noData, real } from './data.js'

const rdata = (text: string) => recordFromText(`x. IN ${text}`).rdata

describe('DNSKEY', () => {
  // RFC 4034 5.4: the key of the DS example, key tag 60485
  const example =
    'AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw=='

  it('has the key tag of the example in RFC 4034 5.4', () => {
    const key = readDnskey(rdata(`DNSKEY 256 3 5 ${example}`))
    expect(key).toMatchObject({ flags: ZONE_KEY, protocol: 3, algorithm: 5, keyTag: 60485 })
    expect(key.publicKey[0]).toBe(1)
  })

  it.skipIf(noData)('has the key tags of the root keys', () => {
    const keys = recordsFromZone(real('debian-dns-root-data/root.key').toString()).map((record) => readDnskey(record.rdata))
    expect(keys.map((key) => [key.keyTag, key.flags])).toEqual([
      [20326, ZONE_KEY | SEP],
      [38696, ZONE_KEY | SEP]
    ])
  })

  it('takes the key tag of algorithm 1 from the modulus (RFC 4034 B.1)', () => {
    expect(computeKeyTag(Uint8Array.of(1, 1, 3, 1, 9, 9, 0xab, 0xcd, 0xef))).toBe(0xabcd)
    expect(computeKeyTag(Uint8Array.of(1, 1, 3, 2, 9, 9, 0xab, 0xcd, 0xef))).not.toBe(0xabcd)
  })

  it('changes its key tag by 128 when it is revoked, carry apart (RFC 5011 2.1)', () => {
    const flags = ZONE_KEY | SEP
    const [live, revoked] = [flags, flags | REVOKE].map((f) => readDnskey(rdata(`DNSKEY ${f} 3 8 ${example}`)).keyTag)
    expect(revoked - live).toBe(128)
  })

  it('keeps any protocol, and refuses less than its four octets', () => {
    expect(readDnskey(Uint8Array.of(1, 1, 9, 8)).protocol).toBe(9)
    expect(() => readDnskey(Uint8Array.of(1, 1, 3))).toThrow(WireError)
  })
})

describe('typed views', () => {
  it('read DS, RRSIG, NSEC, NSEC3 and SOA as the RFCs draw them', () => {
    expect(readDs(rdata('DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118'))).toMatchObject({
      keyTag: 60485,
      algorithm: 5,
      digestType: 1
    })
    const sig = readRrsig(rdata('RRSIG A 5 3 86400 20030322173103 20030220173103 2642 Example.com. AAEC'), 77)
    expect(sig).toMatchObject({
      typeCovered: 1,
      algorithm: 5,
      labels: 3,
      originalTtl: 86400,
      expiration: 1048354263,
      inception: 1045762263,
      keyTag: 2642,
      ttl: 77
    })
    expect([nameToText(sig.signer), ...sig.signature]).toEqual(['Example.com', 0, 1, 2])
    const nsec = readNsec(rdata('NSEC host.example.com. A MX RRSIG NSEC TYPE1234'))
    expect([nameToText(nsec.next), ...nsec.types.types()]).toEqual(['host.example.com', 1, 15, 46, 47, 1234])
    const nsec3 = readNsec3(rdata('NSEC3 1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG'))
    expect(nsec3).toMatchObject({ hashAlgorithm: 1, flags: OPT_OUT, iterations: 12, salt: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd) })
    expect([nsec3.nextHash.length, nsec3.types.has(1), nsec3.types.has(2)]).toEqual([20, true, false])
    const soa = readSoa(rdata('SOA m. r. 4294967295 2 3 4 5'))
    expect(soa).toMatchObject({ serial: 4294967295, refresh: 2, retry: 3, expire: 4, minimum: 5 })
  })

  it.each<[string, (rdata: Uint8Array) => unknown, number[]]>([
    ['DS of 3 octets', readDs, [0, 1, 8]],
    ['RRSIG without a signer', readRrsig, new Array(18).fill(1)],
    ['RRSIG whose signer is a pointer', readRrsig, [...new Array(18).fill(0), 0xc0, 12, 1]],
    ['RRSIG whose signer runs over', readRrsig, [...new Array(18).fill(0), 5, 0x61]],
    ['NSEC whose next name is a pointer', readNsec, [...[10, ...new Array(10).fill(0)], 0xc0, 0]],
    ['NSEC3 whose salt runs over', readNsec3, [1, 0, 0, 0, 9, 1]],
    ['NSEC3 whose hash runs over', readNsec3, [1, 0, 0, 0, 0, 9, 1]],
    ['NSEC3 without a hash', readNsec3, [1, 0, 0, 0, 0, 0]],
    ['SOA cut short', readSoa, [0, 0, ...new Array(19).fill(0)]],
    ['SOA with an octet more', readSoa, [0, 0, ...new Array(21).fill(0)]]
  ])('refuse %s', (_, read, octets) => {
    expect(() => read(Uint8Array.from(octets))).toThrow(WireError)
    expect(tryRead(read, Uint8Array.from(octets))).toBeUndefined()
  })

  it('let other faults than a WireError through', () => {
    expect(() =>
      tryRead(() => {
        throw new TypeError('a bug')
      }, new Uint8Array(0))
    ).toThrow(TypeError)
  })

  it('never throw anything but a WireError, whatever the octets', () => {
    for (const read of [readDs, readDnskey, readRrsig, readNsec, readNsec3, readSoa]) {
      fc.assert(
        fc.property(octets(0, 60), (any) => {
          tryRead<unknown>(read, any)
        }),
        { numRuns: 500 }
      )
    }
  })
})

describe('type bitmaps', () => {
  const read = (...octets: number[]) => TypeBitmap.read(new Reader(Uint8Array.from(octets)))

  it('hold just the types they were made of', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }),
        fc.integer({ min: 0, max: 0xffff }),
        (types, other) => {
          const map = read(...typeBitmapToWire(types))
          expect(map.types()).toEqual([...types].sort((a, b) => a - b))
          for (const type of types) expect(map.has(type)).toBe(true)
          expect(map.has(other)).toBe(types.includes(other))
        }
      ),
      { numRuns: 500 }
    )
  })

  it('are read whole or not at all: every octet string that passes is the one written for its types', () => {
    fc.assert(
      fc.property(fc.oneof(bitmap, octets(0, 12)), fc.nat(), fc.integer({ min: 0, max: 255 }), (wire, at, octet) => {
        const changed = Uint8Array.from(wire)
        if (changed.length > 0) changed[at % changed.length] = octet
        const map = tryRead((rdata) => TypeBitmap.read(new Reader(rdata)), changed)
        if (map) expect(typeBitmapToWire(map.types())).toEqual(changed)
      }),
      { numRuns: 2000 }
    )
  })

  it.each([
    ['a window of no octets', [0, 0]],
    ['a window of 33 octets', [0, 33, ...new Array(33).fill(1)]],
    ['a trailing zero octet', [0, 2, 64, 0]],
    ['a window twice', [0, 1, 64, 0, 1, 64]],
    ['windows out of order', [1, 1, 64, 0, 1, 64]],
    ['a window beyond the rdata', [0, 6, 64]],
    ['half a header', [0]]
  ])('are refused with %s (RFC 4034 4.1.2)', (_, octets) => {
    expect(() => checkBitmap(new Reader(Uint8Array.from(octets)))).toThrow(WireError)
  })
})

describe('serial numbers', () => {
  it('go round (RFC 1982 3.2)', () => {
    expect(serialLess(1, 2) && serialLess(0xffffffff, 0) && serialLess(0x80000001, 1) === false).toBe(true)
    expect(serialLess(2, 1) || serialLess(0, 0xffffffff) || serialLess(5, 5)).toBe(false)
    expect(serialLess(0, 0x80000000) || serialLess(0x80000000, 0)).toBe(false)
    expect(serialNotAfter(5, 5) && serialNotAfter(0xfffffff0, 4) && !serialNotAfter(4, 0xfffffff0)).toBe(true)
    expect(serialNotAfter(0, 0x80000000)).toBe(false)
  })

  it('order a number before those up to 2^31 - 1 further on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 1, max: 0x7fffffff }), (a, step) => {
        const b = (a + step) >>> 0
        expect([serialLess(a, b), serialLess(b, a)]).toEqual([true, false])
      })
    )
  })
})
