import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader, WireError } from '../../src/wire/cursor.js'
import { canonicalRdata, expandRdata, rdataNames } from '../../src/wire/layout.js'
import { TYPE, typeToText } from '../../src/wire/numbers.js'
import { nameToText, rdataToText, recordFromText } from '../../src/wire/text.js'
import { typedRdata, wireOf } from './arbitraries.js'

const rdata = (text: string) => recordFromText(`x. IN ${text}`).rdata

describe('expandRdata', () => {
  it('takes every well-formed rdata whole, as a view', () => {
    fc.assert(
      fc.property(typedRdata, ({ type, rdata }) => {
        const inMessage = Uint8Array.from([9, ...rdata, 9])
        const from = new Reader(inMessage, 1)
        const read = expandRdata(type, from, rdata.length)
        expect(read).toEqual(rdata)
        expect(read.buffer).toBe(inMessage.buffer)
        expect(from.at).toBe(1 + rdata.length)
      }),
      { numRuns: 1000 }
    )
  })

  it('reads nothing beyond the rdata: cut short it is a WireError or another whole rdata', () => {
    fc.assert(
      fc.property(typedRdata, fc.nat(), ({ type, rdata }, cut) => {
        if (rdata.length === 0) return
        const length = cut % rdata.length
        const from = new Reader(Uint8Array.from([...rdata, ...new Uint8Array(300)]))
        let read: Uint8Array
        try {
          read = expandRdata(type, from, length)
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
          return
        }
        expect(read).toEqual(rdata.subarray(0, length))
        expect(from.at).toBe(length)
      }),
      { numRuns: 1000 }
    )
  })
})

describe('canonicalRdata', () => {
  it.each([
    ['NS', 'NS NS.Example.', 'NS ns.example.'],
    ['CNAME', 'CNAME A.B.', 'CNAME a.b.'],
    ['DNAME', 'DNAME A.B.', 'DNAME a.b.'],
    ['PTR', 'PTR A.B.', 'PTR a.b.'],
    ['SOA', 'SOA M.Ex. R.Ex. 1 2 3 4 5', 'SOA m.ex. r.ex. 1 2 3 4 5'],
    ['MX', 'MX 17735 MX.Ex.', 'MX 17735 mx.ex.'], // 17735 is the octets "EG", not to be touched
    ['RP', 'RP A.B. C.D.', 'RP a.b. c.d.'],
    ['AFSDB', 'AFSDB 1 A.B.', 'AFSDB 1 a.b.'],
    ['PX', 'PX 1 A.B. C.D.', 'PX 1 a.b. c.d.'],
    ['NAPTR', 'NAPTR 1 2 "U" "E2U" "!A!B!" A.B.', 'NAPTR 1 2 "U" "E2U" "!A!B!" a.b.'],
    ['KX', 'KX 1 A.B.', 'KX 1 a.b.'],
    ['SRV', 'SRV 16705 16705 16705 A.B.', 'SRV 16705 16705 16705 a.b.'],
    ['RRSIG', 'RRSIG A 8 2 60 20300101000000 20290101000000 16705 EX. QUFB', 'RRSIG A 8 2 60 20300101000000 20290101000000 16705 ex. QUFB']
  ])('lowercases the names of %s and nothing else', (_, given, expected) => {
    const type = recordFromText(`x. IN ${given}`).type
    const original = rdata(given)
    const copy = Uint8Array.from(original)
    expect(canonicalRdata(type, original)).toEqual(rdata(expected))
    expect(original).toEqual(copy)
  })

  it.each([
    'NSEC Next.Ex. A MX',
    'TXT "ABC"',
    'HINFO "INTEL" "UNIX"',
    'SVCB 1 Target.Ex. alpn=H2',
    'HTTPS 1 Target.Ex.',
    'CAA 0 Issue "CA.Ex"'
  ])('leaves %s as it is (RFC 6840 5.1, RFC 9460 2.2)', (text) => {
    const { type, rdata } = recordFromText(`x. IN ${text}`)
    expect(canonicalRdata(type, rdata)).toBe(rdata)
  })

  it('lowercases the name of A6 behind its suffix (RFC 2874)', () => {
    expect([...canonicalRdata(TYPE.A6, Uint8Array.of(120, 0x41, 1, 0x41, 0))]).toEqual([120, 0x41, 1, 0x61, 0])
    const whole = Uint8Array.of(0, ...new Array(16).fill(0x41))
    expect(canonicalRdata(TYPE.A6, whole)).toBe(whole)
    expect(expandRdata(TYPE.A6, new Reader(whole), 17)).toEqual(whole)
    expect(() => expandRdata(TYPE.A6, new Reader(Uint8Array.of(129, 0)), 2)).toThrow(WireError)
  })

  it('is idempotent, keeps the length, changes letters only, and is the same object when nothing changes', () => {
    fc.assert(
      fc.property(typedRdata, ({ type, rdata }) => {
        const once = canonicalRdata(type, rdata)
        expect(canonicalRdata(type, once)).toBe(once)
        expect(once.length).toBe(rdata.length)
        for (let i = 0; i < rdata.length; i++)
          if (once[i] !== rdata[i]) expect(String.fromCharCode(once[i])).toBe(String.fromCharCode(rdata[i]).toLowerCase())
      }),
      { numRuns: 1000 }
    )
  })

  it('leaves rdata that does not fit its type alone', () => {
    const odd = Uint8Array.of(3, 0x41)
    expect(canonicalRdata(TYPE.NS, odd)).toBe(odd)
    expect(rdataNames(TYPE.NS, odd)).toEqual([])
  })
})

describe('rdataNames', () => {
  it.each([
    ['NS A.b.', ['A.b']],
    ['MX 10 mx.ex.', ['mx.ex']],
    ['MX 0 .', ['.']],
    ['SOA m.ex. r.ex. 1 2 3 4 5', ['m.ex', 'r.ex']],
    ['SRV 0 0 25 host.ex.', ['host.ex']],
    ['SVCB 1 svc.ex.', ['svc.ex']],
    ['NSEC b.ex. A', ['b.ex']],
    ['A 192.0.2.1', []],
    ['TXT "a.b"', []]
  ])('of %s are %j', (text, names) => {
    const { type, rdata } = recordFromText(`x. IN ${text}`)
    expect(rdataNames(type, rdata).map(nameToText)).toEqual(names)
  })

  it('keeps dots inside labels', () => {
    const names = rdataNames(TYPE.NS, wireOf('\x03a.b\x01c\0'))
    expect(nameToText(names[0])).toBe('a\\.b.c')
    expect(rdataToText(TYPE.NS, names[0].wire)).toBe('a\\.b.c.')
    expect(typeToText(TYPE.NS)).toBe('NS')
  })
})
