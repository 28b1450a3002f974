import { describe, expect, it } from 'vitest'
import { parseQuestion } from '../../src/edge/question.js'
import { TYPE } from '../../src/wire/numbers.js'
import { nameToText } from '../../src/wire/text.js'

const asked = (name: string) => nameToText(parseQuestion(name, 'A').name)

describe('a name', () => {
  it.each([
    ['example.org', 'example.org'],
    ['example.org.', 'example.org'],
    ['.', '.'],
    ['Example.ORG', 'Example.ORG'],
    ['_25._tcp.mx.example.org', '_25._tcp.mx.example.org'],
    ['*.example.org', '*.example.org'],
    ['a\\.b.example.org', 'a\\.b.example.org'],
    ['a\\032b.example.org', 'a\\032b.example.org'],
    ['192.0.2.1', '192.0.2.1']
  ])('%s is asked as %s', (given, text) => expect(asked(given)).toBe(text))

  it.each([
    ['bücher.example', 'xn--bcher-kva.example'],
    ['Bücher.Example.', 'xn--bcher-kva.Example'],
    ['_25._tcp.bücher.example', '_25._tcp.xn--bcher-kva.example'],
    ['日本語。ＪＰ', 'xn--wgv71a119e.jp'],
    ['faß.de', 'xn--fa-hia.de'],
    ['a\\.b.bücher.example', 'a\\.b.xn--bcher-kva.example'],
    ['１.example', '1.example']
  ])('%s is converted to %s', (given, text) => expect(asked(given)).toBe(text))

  it.each([
    ['', /empty/],
    ['a..b', /empty label/],
    ['.a', /empty label/],
    ['a b.example', /white space/],
    ['a\n.example', /white space/],
    [`${'a'.repeat(64)}.example`, /64 octets/],
    [`${'a.'.repeat(128)}`, /255/],
    ['a\\999.example', /not a domain name/],
    ['a\\.ü.example', /escapes/],
    ['a%62ü.example', /escapes/],
    ['\u2488x.example', /UTS 46/],
    ['\ud800.example', /UTS 46/]
  ])('%j is refused with a RangeError', (given, why) => {
    expect(() => asked(given)).toThrow(RangeError)
    expect(() => asked(given)).toThrow(why)
  })

  it('that expands beyond 63 octets as A-label is refused', () => {
    expect(() => asked(`${'ü'.repeat(63)}.example`)).toThrow(RangeError)
  })

  it.each([[undefined], [null], [3], [{}]])('%j is a TypeError', (given) => {
    expect(() => parseQuestion(given as string, 'A')).toThrow(TypeError)
  })
})

describe('a type', () => {
  const type = (given: string | number) => parseQuestion('example.org', given).type

  it.each([
    ['MX', 15],
    ['tlsa', 52],
    ['TYPE65280', 65280],
    ['type15', 15],
    [52, 52],
    ['ANY', 255],
    ['HTTPS', 65],
    ['DS', 43],
    ['RRSIG', 46]
  ])('%s is %i', (given, number) => expect(type(given)).toBe(number))

  it.each([
    ['AXFR', /transfer/],
    ['IXFR', /transfer/],
    ['OPT', /message/],
    ['NXNAME', /do not exist/],
    ['MAILB', /meta/],
    ['TKEY', /meta/],
    ['TSIG', /meta/],
    [0, /reserved/],
    [200, /meta/],
    ['BOGUS', /unknown RR type "BOGUS"/],
    ['', /unknown/],
    ['15', /unknown/],
    ['TYPE65536', /unknown/],
    [65536, /0 to 65535/],
    [-1, /0 to 65535/],
    [1.5, /0 to 65535/],
    [Number.NaN, /0 to 65535/]
  ])('%s is refused with a RangeError', (given, why) => {
    expect(() => type(given)).toThrow(RangeError)
    expect(() => type(given)).toThrow(why)
  })

  it.each([[undefined], [null], [{}], [true]])('%j is a TypeError', (given) => {
    expect(() => type(given as unknown as string)).toThrow(TypeError)
  })

  it('that no document forbids may be asked: every number that is not a meta-type', () => {
    const refused = Array.from({ length: 65536 }, (_, n) => n).filter((n) => {
      try {
        return type(n) !== n
      } catch {
        return true
      }
    })
    expect(refused).toEqual([0, TYPE.OPT, ...Array.from({ length: 127 }, (_, i) => 128 + i)])
  })
})
