// What NSEC records prove, each from records written by hand: the good case and each guard (RFC 4035 5.4, RFC 6840 4).
import { describe, expect, it } from 'vitest'
import { bitmapFault, covers, hidesBelow, nsecNameError, nsecNoData, nsecWildcard } from '../../src/validate/nsec.js'
import { type Denied, type Proofs, recallProofs } from '../../src/validate/proofs.js'
import { TYPE } from '../../src/wire/numbers.js'
import { typeBitmapToWire } from '../../src/wire/rdata/bitmap.js'
import { nameFromText, recordFromText } from '../../src/wire/text.js'
import { rrsetsOf } from './judging.js'
import { ZONE } from './signing.js'

const name = nameFromText
const proofs = (...lines: string[]): Proofs =>
  recallProofs(rrsetsOf(lines.map((line) => recordFromText(line.replace(' > ', ' 600 IN NSEC ')))), ZONE, new Map())
const only = (line: string) => proofs(line).nsec[0]
const proves = (denied: Denied): string => ('refused' in denied ? `${denied.refused}: ${denied.detail}` : denied.proves)

describe('covers (RFC 4034 4.1.1)', () => {
  it.each([
    ['a.test. > c.test. A', 'b.test', true],
    ['a.test. > c.test. A', 'x.a.test', true],
    ['a.test. > c.test. A', 'a.test', false],
    ['a.test. > c.test. A', 'c.test', false],
    ['a.test. > c.test. A', 'd.test', false],
    ['a.test. > c.test. A', 'test', false],
    // RFC 4034 6.1: octets, not text
    ['a.test. > c.test. A', '\\000.a.test', true],
    ['z.test. > \\200.test. A', '\\199.test', true],
    ['x.test. > test. A', 'y.test', true],
    ['x.test. > test. A', 'b.test', false],
    ['x.test. > test. A', 'test', false],
    ['test. > test. SOA', 'anything.test', true],
    ['test. > test. SOA', 'test', false],
    ['x.test. > test. A', 'y.other', false],
    // neither the last nor in order: it covers nothing between (CVE-2026-123587)
    ['x.test. > b.test. A', 'y.test', false],
    ['x.test. > b.test. A', 'a.test', false]
  ])('%s covers %s: %s', (line, text, expected) => {
    expect(covers(only(line), name(text), ZONE)).toBe(expected)
  })
})

it.each([
  ['a.test. > c.test. NS', 'x.a.test', true],
  ['a.test. > c.test. NS SOA', 'x.a.test', false],
  ['a.test. > c.test. DNAME', 'x.a.test', true],
  ['a.test. > c.test. DNAME', 'b.test', false],
  ['a.test. > c.test. NS', 'a.test', false],
  ['a.test. > c.test. A', 'x.a.test', false]
])('%s hides what is at %s: %s (RFC 6840 4.1)', (line, text, expected) => {
  expect(hidesBelow(only(line), name(text))).toBe(expected)
})

it.each([
  ['A', TYPE.A, 'a.test', /exists/],
  ['A', TYPE.MX, 'a.test', undefined],
  ['CNAME', TYPE.MX, 'a.test', /CNAME/],
  ['CNAME', TYPE.CNAME, 'a.test', /exists/],
  ['NS', TYPE.A, 'a.test', /parent side/],
  ['NS', TYPE.DS, 'a.test', undefined],
  ['NS DS', TYPE.DS, 'a.test', /exists/],
  ['NS SOA', TYPE.A, 'a.test', undefined],
  ['NS SOA', TYPE.DS, 'a.test', /child/],
  ['NS SOA', TYPE.DS, '.', undefined]
])('a bitmap of %s and type %i at %s: %s', (bits, type, at, expected) => {
  const { types } = only(`a.test. > c.test. ${bits}`)
  const fault = bitmapFault(types, type, name(at))
  if (expected === undefined) expect(fault).toBeUndefined()
  else expect(fault).toMatch(expected)
})

describe('NODATA', () => {
  it.each([
    { what: 'the name without the type', by: ['a.test. > c.test. A'], at: 'a.test', type: TYPE.MX, says: 'nodata' },
    { what: 'in another letter case', by: ['A.Test. > c.test. A'], at: 'a.tEST', type: TYPE.MX, says: 'nodata' },
    { what: 'a cut without a DS', by: ['a.test. > c.test. NS'], at: 'a.test', type: TYPE.DS, says: 'insecure-delegation' },
    { what: 'no cut, and no DS', by: ['a.test. > c.test. A'], at: 'a.test', type: TYPE.DS, says: 'nodata' },
    { what: 'an empty non-terminal', by: ['a.test. > x.b.test. A'], at: 'b.test', type: TYPE.A, says: 'nodata' },
    {
      what: 'a wildcard without the type',
      by: ['*.test. > a.test. A', 'a.test. > c.test. A'],
      at: 'b.test',
      type: TYPE.MX,
      says: 'nodata'
    },
    {
      what: 'a wildcard that is an empty non-terminal',
      by: ['test. > a.*.test. SOA', 'a.*.test. > test. A'],
      at: 'b.test',
      type: TYPE.A,
      says: 'nodata'
    },
    { what: 'NXNAME', by: ['a.test. > \\000.a.test. NXNAME'], at: 'a.test', type: TYPE.A, says: 'nxdomain' },
    { what: 'NXNAME beside other types', by: ['a.test. > \\000.a.test. MX NXNAME'], at: 'a.test', type: TYPE.A, says: 'nodata' },
    { what: 'NXNAME at a cut', by: ['a.test. > b.test. NS NXNAME'], at: 'a.test', type: TYPE.DS, says: 'insecure-delegation' },
    { what: 'the type in the bitmap', by: ['a.test. > c.test. A'], at: 'a.test', type: TYPE.A, says: /^denialWrong/ },
    { what: 'a CNAME in the bitmap', by: ['a.test. > c.test. CNAME'], at: 'a.test', type: TYPE.A, says: /^denialWrong/ },
    { what: 'the parent side of a cut', by: ['a.test. > c.test. NS'], at: 'a.test', type: TYPE.A, says: /^denialWrong/ },
    { what: 'the apex for a DS', by: ['test. > c.test. SOA NS'], at: 'test', type: TYPE.DS, says: /^denialWrong/ },
    { what: 'nothing about the name', by: ['a.test. > c.test. A'], at: 'd.test', type: TYPE.A, says: /^denialIncomplete/ },
    { what: 'a name denied without its wildcard', by: ['a.test. > c.test. A'], at: 'b.test', type: TYPE.A, says: /^denialIncomplete/ },
    {
      what: 'a wildcard of another name',
      by: ['a.test. > c.test. A', '*.a.test. > b.a.test. A'],
      at: 'b.test',
      type: TYPE.MX,
      says: /^denialIncomplete/
    },
    {
      what: 'a wildcard with the type',
      by: ['*.test. > a.test. A', 'a.test. > c.test. A'],
      at: 'b.test',
      type: TYPE.A,
      says: /^denialWrong/
    },
    {
      what: 'a wildcard with a CNAME',
      by: ['*.test. > a.test. CNAME', 'a.test. > c.test. A'],
      at: 'b.test',
      type: TYPE.A,
      says: /^denialWrong/
    },
    {
      what: 'a name below a cut',
      by: ['a.test. > c.test. NS'],
      at: 'b.a.test',
      type: TYPE.MX,
      says: /^denialIncomplete/
    }
  ])('$what', ({ by, at, type, says }) => {
    expect(proves(nsecNoData(name(at), type, proofs(...by)))).toMatch(says)
  })

  it('the wildcard of the root zone is found too', () => {
    const root = recallProofs(
      rrsetsOf([recordFromText('. 600 IN NSEC com. SOA NS'), recordFromText('*. 600 IN NSEC com. A')]),
      name('.'),
      new Map()
    )
    expect(proves(nsecNoData(name('bb'), TYPE.MX, root))).toBe('nodata')
  })
})

describe('NXDOMAIN', () => {
  it.each([
    { what: 'name and wildcard covered', by: ['a.test. > c.test. A', 'test. > a.test. SOA NS'], at: 'b.test', says: 'nxdomain' },
    { what: 'both by one', by: ['test. > c.test. SOA NS'], at: 'b.test', says: 'nxdomain' },
    { what: 'by the last of the zone', by: ['x.test. > test. A', 'test. > a.test. SOA NS'], at: 'y.test', says: 'nxdomain' },
    { what: 'below a name that exists', by: ['a.test. > c.test. A'], at: 'x.a.test', says: 'nxdomain' },
    { what: 'NXNAME', by: ['a.test. > \\000.a.test. NXNAME'], at: 'a.test', says: 'nxdomain' },
    { what: 'the name exists', by: ['a.test. > c.test. A', 'test. > a.test. SOA'], at: 'a.test', says: /^denialWrong/ },
    { what: 'the name is an empty non-terminal', by: ['a.test. > x.b.test. A', 'test. > a.test. SOA'], at: 'b.test', says: /^denialWrong/ },
    { what: 'the wildcard exists', by: ['a.test. > c.test. A', '*.test. > a.test. A'], at: 'b.test', says: /^denialWrong/ },
    {
      what: 'the wildcard is an empty non-terminal',
      by: ['a.test. > c.test. A', 'test. > a.*.test. SOA'],
      at: 'b.test',
      says: /^denialWrong/
    },
    { what: 'the name is not covered', by: ['test. > a.test. SOA NS'], at: 'b.test', says: /^denialIncomplete/ },
    { what: 'the wildcard is not covered', by: ['a.test. > c.test. A'], at: 'b.test', says: /^denialIncomplete/ },
    { what: 'below a cut', by: ['a.test. > c.test. NS', 'test. > a.test. SOA NS'], at: 'x.a.test', says: /^denialIncomplete/ },
    { what: 'below a DNAME', by: ['a.test. > c.test. DNAME', 'test. > a.test. SOA NS'], at: 'x.a.test', says: /^denialIncomplete/ },
    { what: 'NXNAME at a cut', by: ['a.test. > \\000.a.test. NS NXNAME'], at: 'a.test', says: /^denialWrong/ },
    { what: 'NXNAME beside other types', by: ['a.test. > \\000.a.test. MX NXNAME'], at: 'a.test', says: /^denialWrong/ },
    { what: 'outside the zone', by: ['x.test. > test. A'], at: 'y.other', says: /^denialIncomplete/ }
  ])('$what', ({ by, at, says }) => {
    expect(proves(nsecNameError(name(at), proofs(...by)))).toMatch(says)
  })

  it('the closest encloser is the longest name that the record shows to exist', () => {
    const denied = nsecNameError(name('x.b.w.test'), proofs('a.w.test. > c.w.test. A', 'w.test. > a.w.test. A'))
    expect(denied).toMatchObject({ proves: 'nxdomain', closestEncloser: name('w.test') })
  })
})

describe('the next closer name of a wildcard (RFC 4035 5.3.4)', () => {
  it.each([
    { what: 'covered', by: ['a.w.test. > c.w.test. A'], says: 'wildcard' },
    // PowerDNS #17136: the name is covered, the next closer name is not
    { what: 'the name alone covered', by: ['a.b.w.test. > c.w.test. A'], says: /^wildcardNotProven/ },
    { what: 'an empty non-terminal', by: ['a.w.test. > y.b.w.test. A'], says: /^wildcardNotProven/ },
    { what: 'it exists', by: ['a.w.test. > b.w.test. A'], says: /^wildcardNotProven/ },
    { what: 'covered from above a cut', by: ['w.test. > x.test. NS'], says: /^wildcardNotProven/ },
    { what: 'not covered', by: ['m.w.test. > n.w.test. A'], says: /^wildcardNotProven/ }
  ])('$what', ({ by, says }) => {
    expect(proves(nsecWildcard(name('x.b.w.test'), name('w.test'), proofs(...by)))).toMatch(says)
  })
})

it('a bitmap knows every type of 65,536', () => {
  const rrset = { ...rrsetsOf([recordFromText('a.test. NSEC c.test. A')])[0] }
  const all = [1, 255, 256, 65_535]
  rrset.rdatas = [Uint8Array.of(...name('c.test').wire, ...typeBitmapToWire(all))]
  const { nsec } = recallProofs([rrset], ZONE, new Map())
  for (const type of all) expect(bitmapFault(nsec[0].types, type, name('a.test'))).toMatch(/exists/)
  for (const type of [2, 254, 257, 65_534]) expect(bitmapFault(nsec[0].types, type, name('a.test'))).toBeUndefined()
})
