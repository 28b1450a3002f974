import packet from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toData } from '../../src/edge/data.js'
import { TYPE } from '../../src/wire/numbers.js'
import { recordFromText } from '../../src/wire/text.js'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'))

function dataOf(rdata: string): unknown {
  const record = recordFromText(`example.org. 300 IN ${rdata}`)
  return toData(record.type, record.rdata)
}

/** Every object within a value. */
function parts(value: unknown): object[] {
  return typeof value === 'object' && value !== null
    ? [value, ...(ArrayBuffer.isView(value) ? [] : Object.values(value).flatMap(parts))]
    : []
}

describe('typed data', () => {
  it.each<[string, unknown]>([
    ['A 192.0.2.1', '192.0.2.1'],
    ['AAAA 2001:db8::1', '2001:db8::1'],
    ['NS ns1.example.net.', 'ns1.example.net'],
    ['CNAME a\\.b.example.net.', 'a\\.b.example.net'],
    ['MX 10 mx.example.net.', { preference: 10, exchange: 'mx.example.net' }],
    ['MX 0 .', { preference: 0, exchange: '.' }],
    ['TXT "v=spf1" "\\255"', [bytes('763d73706631'), bytes('ff')]],
    [
      'SOA ns. host\\.master.example. 1 2 3 4 5',
      { mname: 'ns', rname: 'host\\.master.example', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 }
    ],
    ['SRV 1 2 25 mx.example.', { priority: 1, weight: 2, port: 25, target: 'mx.example' }],
    ['CAA 128 issue "ca.example"', { flags: 128, issuerCritical: true, tag: 'issue', value: 'ca.example' }],
    [
      'DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D',
      expect.objectContaining({ keyTag: 20326, digestType: 2 })
    ],
    ['CDS 0 0 0 00', { keyTag: 0, algorithm: 0, digestType: 0, digest: bytes('00') }],
    ['DNSKEY 257 3 13 AQID', { flags: 257, algorithm: 13, key: bytes('010203') }],
    ['CDNSKEY 0 3 0 AA==', { flags: 0, algorithm: 0, key: bytes('00') }],
    ['TLSA 3 1 1 00ff', { usage: 3, selector: 1, matchingType: 1, certificate: bytes('00ff') }],
    ['SMIMEA 3 1 1 00ff', { usage: 3, selector: 1, matchingType: 1, certificate: bytes('00ff') }],
    ['NSEC b.example.org. A MX TYPE65280', { nextDomain: 'b.example.org', rrtypes: ['A', 'MX', 'TYPE65280'] }],
    ['NSEC3PARAM 1 0 5 AABB', { algorithm: 1, flags: 0, iterations: 5, salt: bytes('aabb') }],
    ['SSHFP 4 2 00AB', { algorithm: 4, hash: 2, fingerprint: '00AB' }],
    ['HINFO "RFC8482" ""', { cpu: 'RFC8482', os: '' }],
    ['RP mail.example. txt.example.', { mbox: 'mail.example', txt: 'txt.example' }],
    [
      'NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a@example!" .',
      { order: 100, preference: 10, flags: 'u', services: 'E2U+sip', regexp: '!^.*$!sip:a@example!', replacement: '.' }
    ],
    ['URI 10 1 "ftp://ftp.example/"', { priority: 10, weight: 1, target: 'ftp://ftp.example/' }],
    ['OPENPGPKEY AQID', { key: bytes('010203') }],
    ['CERT 1 2 8 AQID', { type: 1, keyTag: 2, algorithm: 8, certificate: bytes('010203') }],
    ['CSYNC 66 3 A NS AAAA', { serial: 66, flags: 3, rrtypes: ['A', 'NS', 'AAAA'] }],
    ['AFSDB 1 afs.example.', { subtype: 1, hostname: 'afs.example' }],
    ['TYPE65280 \\# 3 0a0B0c', '\\# 3 0a0b0c'],
    ['TYPE65280 \\# 0', '\\# 0']
  ])('of %s', (rdata, data) => {
    expect(dataOf(rdata)).toEqual(data)
  })

  it('of the ZONEMD of RFC 8976 A.1', () => {
    const digest = 'c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c'
    expect(dataOf(`ZONEMD 2018031900 1 1 ${digest}`)).toEqual({
      serial: 2018031900,
      scheme: 1,
      hashAlgorithm: 1,
      digest: bytes(digest)
    })
  })

  it('of the SVCB vectors of RFC 9460 D.2', () => {
    const target = '03666f6f 076578616d706c65 03636f6d 00'
    expect(toData(TYPE.SVCB, bytes(`0000 ${target}`))).toEqual({ priority: 0, target: 'foo.example.com', params: {} })
    expect(toData(TYPE.HTTPS, bytes(`0010 ${target} 0003 0002 0035`))).toEqual({
      priority: 16,
      target: 'foo.example.com',
      params: { port: 53 }
    })
    expect(toData(TYPE.SVCB, bytes(`0001 ${target} 029b 0005 68656c6c6f`))).toEqual({
      priority: 1,
      target: 'foo.example.com',
      params: { key667: bytes('68656c6c6f') }
    })
    const hints = '0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001'
    expect(toData(TYPE.SVCB, bytes(`0001 ${target} ${hints}`))).toMatchObject({ params: { ipv6hint: ['2001:db8::1', '2001:db8::53:1'] } })
    const alpn = '0000 0004 0001 0004 0001 0009 02 6832 05 68332d3139 0004 0004 c0000201'
    expect(toData(TYPE.SVCB, bytes(`0010 ${target} ${alpn}`))).toMatchObject({
      params: { mandatory: ['alpn', 'ipv4hint'], alpn: ['h2', 'h3-19'], ipv4hint: ['192.0.2.1'] }
    })
  })

  it('of the LOC of RFC 1876 4, in degrees and metres', () => {
    const { latitude, longitude, altitude, size } = dataOf('LOC 42 21 54 N 71 06 18 W -24m 30m') as Record<string, number>
    expect([latitude, longitude]).toEqual([expect.closeTo(42.365, 9), expect.closeTo(-71.105, 9)])
    expect([altitude, size]).toEqual([-24, 30])
  })

  it('keeps strings that are not UTF-8 readable without replacing an octet', () => {
    expect(toData(TYPE.CAA, bytes('00 05 6973737565 ff415c'))).toMatchObject({ value: '\\255A\\092' })
    expect(toData(TYPE.HINFO, bytes('02 c3bc 00'))).toEqual({ cpu: 'ü', os: '' })
  })
})

describe('malformed rdata', () => {
  it.each([
    ['A of 5 octets', TYPE.A, 'c000020101'],
    ['A of 0 octets', TYPE.A, ''],
    ['AAAA of 3 octets', TYPE.AAAA, '010203'],
    ['TLSA of 1 octet', TYPE.TLSA, '03'],
    ['DS of 4 octets', TYPE.DS, '4f660802'],
    ['TXT whose string overruns', TYPE.TXT, '0561'],
    ['TXT without a string', TYPE.TXT, ''],
    ['MX with trailing octets', TYPE.MX, '000a 00 ff'],
    ['MX without a name', TYPE.MX, '000a'],
    ['NS with a pointer', TYPE.NS, 'c000'],
    ['NSEC with an unordered bitmap', TYPE.NSEC, '00 0101 40 0001 40'],
    ['SVCB with keys out of order', TYPE.SVCB, '0001 00 0003 0002 0035 0001 0003 026832'],
    ['SVCB with a port of 3 octets', TYPE.SVCB, '0001 00 0003 0003 003500'],
    ['CAA without a tag', TYPE.CAA, '0000'],
    ['EUI48 of 5 octets', TYPE.EUI48, '0102030405'],
    ['LOC beyond the pole', TYPE.LOC, '00 12 16 13 ffffffff 80000000 00989680']
  ])('%s has no data', (_, type, hex) => expect(toData(type, bytes(hex))).toBeUndefined())

  it('never throws, whatever the type and the octets', () => {
    const types = fc.oneof(fc.constantFrom(...Object.values(TYPE)), fc.nat(65535))
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 80 }), (type, rdata) => void toData(type, rdata)),
      { numRuns: 5_000 }
    )
  })
})

describe('octets', () => {
  it('are Uint8Arrays and never Buffers, and share no memory with the rdata', () => {
    for (const text of [
      'TXT "a" "b"',
      'DS 1 8 2 00',
      'TLSA 3 1 1 00ff',
      'DNSKEY 257 3 13 AQID',
      'NSEC3 1 0 0 AA 00 A',
      'OPENPGPKEY AQID'
    ]) {
      const record = recordFromText(`example.org. 300 IN ${text}`)
      const views = parts(toData(record.type, record.rdata)).filter((part) => ArrayBuffer.isView(part)) as Uint8Array[]
      expect(views.length, text).toBeGreaterThan(0)
      for (const view of views) {
        expect(view.constructor, text).toBe(Uint8Array)
        expect(view.buffer, text).not.toBe(record.rdata.buffer)
        expect(view.buffer.byteLength, `${text} shares a pool`).toBe(view.length)
      }
    }
  })
})

describe('the shapes', () => {
  // dns-packet itself as the judge, for well-formed records whose names and strings it does not damage
  const shapes: readonly [string, string, object | string | readonly Buffer[]][] = [
    ['MX', 'MX', { preference: 10, exchange: 'mx.example.net' }],
    ['SRV', 'SRV', { priority: 1, weight: 2, port: 3, target: 'a.example' }],
    ['SOA', 'SOA', { mname: 'a.example', rname: 'b.example', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 }],
    ['CAA', 'CAA', { flags: 0, tag: 'issue', value: 'ca.example', issuerCritical: false }],
    ['NAPTR', 'NAPTR', { order: 1, preference: 2, flags: 'u', services: 's', regexp: 'r', replacement: 'a.example' }],
    ['HINFO', 'HINFO', { cpu: 'a', os: 'b' }],
    ['RP', 'RP', { mbox: 'a.example', txt: 'b.example' }],
    ['TXT', 'TXT', [Buffer.from('a'), Buffer.from('b')]],
    ['DS', 'DS', { keyTag: 1, algorithm: 8, digestType: 2, digest: Buffer.alloc(32, 7) }],
    ['DNSKEY', 'DNSKEY', { flags: 257, algorithm: 8, key: Buffer.from([1, 2]) }],
    ['TLSA', 'TLSA', { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.alloc(32, 7) }],
    ['SSHFP', 'SSHFP', { algorithm: 1, hash: 1, fingerprint: 'AB'.repeat(20) }],
    ['NSEC', 'NSEC', { nextDomain: 'b.example', rrtypes: ['A', 'MX'] }],
    [
      'NSEC3',
      'NSEC3',
      { algorithm: 1, flags: 0, iterations: 1, salt: Buffer.from([1]), nextDomain: Buffer.alloc(20, 9), rrtypes: ['A', 'RRSIG'] }
    ],
    [
      'RRSIG',
      'RRSIG',
      {
        typeCovered: 'A',
        algorithm: 8,
        labels: 2,
        originalTTL: 300,
        expiration: 20,
        inception: 10,
        keyTag: 3,
        signersName: 'a.example',
        signature: Buffer.from([1])
      }
    ]
  ]
  it.each(shapes)('%s is the one of dns-packet', (_, type, data) => {
    const answers = [{ type, name: 'a.example', data }] as never
    const wire = packet.encode({ type: 'response', answers })
    const decodedByPacket = packet.decode(wire).answers?.[0] as unknown as { data: unknown }
    // owner of 11 octets and 10 octets of fixed fields after the header of 12
    const rdata = Uint8Array.from(wire.subarray(12 + 11 + 10))
    const plain = (value: unknown): unknown => {
      if (Buffer.isBuffer(value)) return new Uint8Array(value)
      if (Array.isArray(value)) return value.map(plain)
      return typeof value === 'object' && value ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)])) : value
    }
    expect(toData(TYPE[type as 'MX'], rdata)).toEqual(plain(decodedByPacket.data))
  })
})
