import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase16, fromBase32hex, fromBase64, toBase16, toBase32hex, toBase64 } from '../../src/wire/base.js'
import { Name } from '../../src/wire/name.js'
import { classFromText, classToText, rcodeToText, TYPE, typeFromText, typeToText } from '../../src/wire/numbers.js'
import { nameFromText, nameToText, rdataToText, recordFromText, recordToText, TextError } from '../../src/wire/text.js'
import { closeName, name, octets, rdataOf, record, typedRdata, wireOf } from './arbitraries.js'

describe('names', () => {
  it('read back as they were, any octet in them, with and without a trailing dot', () => {
    fc.assert(
      fc.property(fc.oneof(name, closeName), (n) => {
        const text = nameToText(n)
        expect(text).toMatch(/^[!-~]+$/)
        expect(nameFromText(text).wire).toEqual(n.wire)
        expect(nameFromText(text === '.' ? '.' : `${text}.`).wire).toEqual(n.wire)
      }),
      { numRuns: 1000 }
    )
  })

  it('are escaped as RFC 1035 5.1 and RFC 4343 2.1 say', () => {
    const text = nameToText(Name.fromLabels([wireOf('a.b\\"'), wireOf('\0 \x7f\xff'), wireOf('@$();')]))
    expect(text).toBe('a\\.b\\\\\\".\\000\\032\\127\\255.\\@\\$\\(\\)\\;')
    expect(nameToText(Name.root)).toBe('.')
    expect(nameFromText('\\097\\B').wire).toEqual(nameFromText('aB').wire)
  })

  it.each([
    '',
    '..',
    '.a',
    'a..b',
    'a..',
    '\\',
    'a\\',
    'a\\2',
    'a\\25x',
    'a\\256',
    'a\\999',
    'ä',
    'a\\ä',
    'x'.repeat(64),
    Array(64).fill('aaa').join('.')
  ])('are refused when they are %j', (text) => expect(() => nameFromText(text)).toThrow(TextError))

  it('may be as long as the wire allows', () => {
    const long = Array(4).fill('\\200'.repeat(63)).join('.').slice(0, -8)
    expect(nameFromText(long).wire.length).toBe(255)
    expect(() => nameFromText(`${long}a`)).toThrow(TextError)
  })
})

describe('mnemonics', () => {
  it('name every number, and read back in any case', () => {
    const all = Array.from({ length: 0x10000 }, (_, n) => n)
    expect(all.map((n) => typeFromText(typeToText(n).toLowerCase()))).toEqual(all)
    expect(all.map((n) => classFromText(classToText(n)))).toEqual(all)
    expect([typeToText(65280), typeToText(65), classToText(5), rcodeToText(3), rcodeToText(99)]).toEqual([
      'TYPE65280',
      'HTTPS',
      'CLASS5',
      'NXDOMAIN',
      'RCODE99'
    ])
    expect(typeFromText('type1')).toBe(1)
    for (const text of ['TYPE65536', 'TYPE', 'TYPE1x', 'TYPE-1', '', 'NOPE', 'CONSTRUCTOR', 'toString', '__proto__'])
      expect(typeFromText(text), text).toBeUndefined()
  })
})

describe('base encodings', () => {
  it('agree with Buffer and read back', () => {
    fc.assert(
      fc.property(octets(0, 40), (any) => {
        expect(toBase16(any)).toBe(Buffer.from(any).toString('hex').toUpperCase())
        expect(toBase64(any)).toBe(Buffer.from(any).toString('base64'))
        expect(fromBase16(toBase16(any).toLowerCase())).toEqual(any)
        expect(fromBase64(toBase64(any))).toEqual(any)
        expect(fromBase32hex(toBase32hex(any).toLowerCase())).toEqual(any)
      })
    )
  })

  it('have the vectors of RFC 4648 10', () => {
    expect(['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((s) => toBase32hex(wireOf(s)))).toEqual([
      'CO',
      'CPNG',
      'CPNMU',
      'CPNMUOG',
      'CPNMUOJ1',
      'CPNMUOJ1E8'
    ])
  })

  it('refuse what is not whole', () => {
    for (const text of ['A', 'AAA', 'AB==A', 'AB=', '====', 'A===', 'AB==', 'A!==', 'AA==AA=='])
      expect(() => fromBase64(text), text).toThrow(TextError)
    for (const text of ['0', '0G', 'é0']) expect(() => fromBase16(text), text).toThrow(TextError)
    for (const text of ['0', '01', 'W0', '000']) expect(() => fromBase32hex(text), text).toThrow(TextError)
  })
})

describe('rdata', () => {
  it('reads back as it was, every type', () => {
    fc.assert(
      fc.property(typedRdata, ({ type, rdata }) => {
        const text = rdataToText(type, rdata)
        expect(text).toMatch(/^[ -~]*$/)
        expect(recordFromText(`x. 1 IN ${typeToText(type)} ${text}`).rdata).toEqual(rdata)
      }),
      { numRuns: 1500 }
    )
  })

  it('reads back as it was, even when it is not what its type says', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rdataOf.keys()), octets(0, 60), (type, rdata) => {
        expect(recordFromText(`x. 1 IN ${typeToText(type)} ${rdataToText(type, rdata)}`).rdata).toEqual(rdata)
      }),
      { numRuns: 1500 }
    )
  })

  it.each([
    ['A', '192.0.2.1'],
    ['AAAA', '2001:db8::1:0:0:1'],
    ['AAAA', '::'],
    ['AAAA', '::ffff:c000:201'],
    ['AAAA', '2001:db8:0:1:1:1:1:1'],
    ['NS', 'ns1.example.'],
    ['MX', '10 mail.example.'],
    ['SOA', 'ns.example. host\\.master.example. 2024010101 7200 3600 1209600 3600'],
    ['TXT', '"v=spf1 -all" "a\\"b\\\\c\\000"'],
    ['SRV', '0 5 443 svc.example.'],
    ['NAPTR', '100 10 "S" "SIP+D2U" "!^.*$!sip:info@example!" _sip._udp.example.'],
    ['CAA', '0 issue "ca.example; account=1"'],
    ['DS', '20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'],
    ['CDS', '0 0 0 00'],
    ['DNSKEY', '257 3 13 AAECAw=='],
    ['RRSIG', 'TYPE65280 13 2 3600 20300101000000 20290101000000 12345 example. AAEC'],
    ['NSEC', '\\000.example. A NS SOA RRSIG NSEC DNSKEY TYPE65280'],
    ['NSEC3', '1 1 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG'],
    ['NSEC3', '1 0 5 AB12 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR'],
    ['NSEC3PARAM', '1 0 0 -'],
    ['TLSA', '3 1 1 ABCDEF'],
    ['SSHFP', '4 2 00FF'],
    ['HINFO', '"INTEL-386" "Windows NT"'],
    ['URI', '10 1 "https://example/"'],
    ['LOC', '52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m'],
    ['HTTPS', '1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AAEC ipv6hint=2001:db8::1'],
    ['SVCB', '0 alias.example.'],
    ['SVCB', '16 foo.example. mandatory=alpn,ipv4hint alpn="f\\\\\\\\oo\\\\,bar,h2" ipv4hint=192.0.2.1 key667="hello\\210qoo"'],
    ['OPENPGPKEY', 'AAEC'],
    ['CSYNC', '66 3 A NS AAAA'],
    ['ZONEMD', '2018031500 1 1 FEBE3D4C'],
    ['CERT', '1 0 0 AAEC'],
    ['TYPE65280', '\\# 3 ABCDEF'],
    ['TYPE65280', '\\# 0']
  ])('of %s is written as %s', (type, text) => {
    const read = recordFromText(`x. 1 IN ${type} ${text}`)
    expect(read.fault).toBeUndefined()
    expect(rdataToText(read.type, read.rdata)).toBe(text)
  })

  it('has the wire of the vectors in RFC 9460 D', () => {
    const hex = (text: string) => Buffer.from(recordFromText(`x. ${text}`).rdata).toString('hex')
    const foo = '03666f6f076578616d706c6503636f6d00'
    expect(hex('HTTPS 0 foo.example.com.')).toBe(`0000${foo}`)
    expect(hex('SVCB 1 .')).toBe('000100')
    expect(hex('SVCB 16 foo.example.com. port=53')).toBe(`0010${foo}000300020035`)
    expect(hex('SVCB 1 foo.example.com. key667=hello')).toBe(`0001${foo}029b000568656c6c6f`)
    expect(hex('SVCB 1 foo.example.com. key667="hello\\210qoo"')).toBe(`0001${foo}029b000968656c6c6fd2716f6f`)
    expect(hex('SVCB 16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1')).toBe(
      '001003666f6f076578616d706c65036f7267000000000400010004000100090268320568332d3139000400 04c0000201'.replace(' ', '')
    )
    for (const text of ['"f\\\\\\\\oo\\\\,bar,h2"', 'f\\\\\\092oo\\092,bar,h2']) {
      expect(hex(`SVCB 16 foo.example.org. alpn=${text}`)).toBe(
        '001003666f6f076578616d706c65036f72670000 01000c08665c6f6f2c626172026832'.replace(' ', '')
      )
    }
    for (const text of [
      'key123=a key123=b',
      'mandatory',
      'alpn',
      'port',
      'ipv4hint',
      'no-default-alpn=abc',
      'nokey=1',
      'key65536=x',
      'alpn=h2,,h3'
    ]) {
      expect(() => hex(`SVCB 1 foo.example.com. ${text}`), text).toThrow(TextError)
    }
  })

  it.each([
    'A 192.0.2',
    'A 192.0.2.256',
    'A 192.0.2.01',
    'A 1.2.3.4 5',
    'A',
    'AAAA ::1::',
    'AAAA 1:2:3:4:5:6:7',
    'AAAA 1:2:3:4:5:6:7:8:9',
    'AAAA 1:2:3:4:5:6:7::8:9',
    'AAAA 12345::',
    'AAAA ::1.2.3',
    'MX 65536 a.',
    'MX -1 a.',
    'MX 1',
    'SOA a. b. 1 2 3 4',
    'DS 1 8 2 ABC',
    'DS 1 NOPE 2 AB',
    'DNSKEY 256 3 8 A',
    'RRSIG A 8 2 1 20301301000000 20290101000000 1 a. AAAA',
    'NSEC a. NOPE',
    'NSEC3 1 0 0 - - A',
    'CAA 0 is-sue "x"',
    'TXT',
    `TXT "${'x'.repeat(256)}"`,
    'LOC 91 N 0 E 0m',
    'NOPE 1',
    'APL 1:192.0.2.0/24',
    'TYPE65280 \\# 2 AB',
    'TYPE65280 \\# 1',
    'TYPE65280 \\# x AB',
    'A \\# 70000 00'
  ])('%s is refused', (text) => {
    expect(() => recordFromText(`x. 1 IN ${text}`)).toThrow(TextError)
  })

  it('given as octets for a known type is taken, and marked when it does not fit (RFC 3597 5)', () => {
    expect(recordFromText('x. A \\# 4 C0000201')).toMatchObject({ rdata: Uint8Array.of(192, 0, 2, 1) })
    expect(recordFromText('x. A \\# 4 C0000201').fault).toBeUndefined()
    expect(recordFromText('x. A \\# 3 C00002').fault).toMatch(/\w/)
  })

  it('takes DNSSEC algorithm mnemonics and times as seconds', () => {
    const { rdata } = recordFromText('x. RRSIG A ecdsap256sha256 1 60 1893456000 4294967295 1 . AA==')
    expect(rdataToText(TYPE.RRSIG, rdata)).toBe('A 13 1 60 20300101000000 21060207062815 1 . AA==')
  })

  it('takes a LOC with less said (RFC 1876 3)', () => {
    expect(rdataToText(TYPE.LOC, recordFromText('x. LOC 42 21 N 71 6 18.5 W -24m 30m').rdata)).toBe(
      '42 21 0.000 N 71 6 18.500 W -24.00m 30.00m 10000.00m 10.00m'
    )
  })
})

describe('records', () => {
  it('read back as they were', () => {
    fc.assert(
      fc.property(record, (r) => {
        expect(recordFromText(recordToText(r))).toEqual(r)
      }),
      { numRuns: 1000 }
    )
  })

  it('take TTL and class in either order, or not at all', () => {
    for (const line of ['a.b. 60 IN A 192.0.2.1', 'a.b. IN 60 A 192.0.2.1', 'a.b. 1m A 192.0.2.1 ; comment'])
      expect(recordFromText(line), line).toMatchObject({ ttl: 60, class: 1, type: 1 })
    expect(recordFromText('a.b. A 192.0.2.1')).toMatchObject({ ttl: 3600, class: 1 })
    expect(recordFromText('a.b. CLASS3 TYPE16 x', { ttl: 9 })).toMatchObject({ ttl: 9, class: 3, type: 16 })
  })

  it('take owner and origin from the defaults', () => {
    const origin = nameFromText('example')
    const at = recordFromText('@ MX 1 mail', { origin })
    expect([nameToText(at.owner), rdataToText(at.type, at.rdata)]).toEqual(['example', '1 mail.example.'])
    expect(nameToText(recordFromText('  A 192.0.2.1', { owner: origin }).owner)).toBe('example')
    expect(() => recordFromText('  A 192.0.2.1')).toThrow(TextError)
  })

  it('are one a line', () => {
    for (const line of [
      '',
      '; nothing',
      'a. A 1.2.3.4\nb. A 1.2.3.4',
      'a. ( A 1.2.3.4',
      'a. A 1.2.3.4 )',
      'a. TXT "x',
      'a.',
      'a. 60',
      'a. 60 IN'
    ])
      expect(() => recordFromText(line), line).toThrow(TextError)
  })

  it('never fail with anything but a TextError', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'a.',
        'IN',
        '60',
        'A',
        'TXT',
        'SVCB',
        'LOC',
        'NSEC3',
        '\\#',
        '"',
        '(',
        ')',
        ';',
        '\n',
        '=',
        'alpn="',
        '\\',
        '1',
        '-',
        '@'
      ),
      fc.string({ maxLength: 6 })
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          recordFromText(words.join(' '))
        } catch (error) {
          expect(error).toBeInstanceOf(TextError)
        }
      }),
      { numRuns: 1500 }
    )
  })
})
