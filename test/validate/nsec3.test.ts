// What NSEC3 records prove, each from the records of a signed zone picked by the name they stand for (RFC 5155 8).
import { describe, expect, it } from 'vitest'
import { nsec3NameError, nsec3NoData, nsec3Wildcard } from '../../src/validate/nsec3.js'
import { type Denied, type Nsec3Chain, recallProofs } from '../../src/validate/proofs.js'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { type Chain, covering, matching } from '../world/chain.js'
import { makeZone, type Zone } from '../world/zone.js'
import { rrsetsOf, taskAt } from './judging.js'
import { KEY, NOON } from './signing.js'

const name = nameFromText
const TEXT = `
@ SOA ns. hostmaster. 1 7200 3600 1209600 600
@ NS ns.elsewhere.
a A 192.0.2.1
alias CNAME a.test.
b.ent A 192.0.2.1
cut NS ns.elsewhere.
d DNAME elsewhere.
signed NS ns.elsewhere.
signed DS 1 13 2 ${'AB'.repeat(32)}
*.w A 192.0.2.1
x.w A 192.0.2.1
*.wc CNAME a.test.`

const zoneWith = (salt: number, optOut = false): Zone =>
  makeZone({
    ...{ origin: 'test', text: TEXT, keys: [KEY], inception: NOON - 86_400, expiration: NOON + 86_400 },
    denial: { by: 'nsec3', salt: Uint8Array.of(salt), iterations: 1, optOut }
  })

/** A salt under which the record that covers the first name does not cover, and is not at, any of the others. */
function apart(first: string, others: readonly string[], optOut = false): Zone {
  for (let salt = 0; salt < 256; salt++) {
    const zone = zoneWith(salt, optOut)
    const chain = zone.chain as Chain
    const link = covering(chain, name(first))
    if (link && others.every((other) => (matching(chain, name(other)) ?? covering(chain, name(other))) !== link)) return zone
  }
  throw new RangeError('no such salt')
}

/** The records at (`=`) or over (`~`) the names. */
function chainOf(zone: Zone, ...picked: readonly string[]): Nsec3Chain {
  const all = zone.chain as Chain
  const links = new Set(picked.map((text) => (text.startsWith('=') ? matching : covering)(all, name(text.slice(1)))))
  const records = [...links].flatMap((link) => link?.records ?? [])
  const { chains } = recallProofs(rrsetsOf(records), zone.apex, new Map())
  return chains[0] ?? { zone: zone.apex, salt: new Uint8Array(), iterations: 0, records: [], hashes: new Map() }
}

const proves = (denied: Denied): string => ('refused' in denied ? `${denied.refused}: ${denied.detail}` : denied.proves)
const task = () => taskAt(NOON)
const zone = zoneWith(7)

describe('NODATA (RFC 5155 8.5, 8.6, 8.7)', () => {
  it.each([
    { what: 'the name without the type', by: ['=a.test'], at: 'a.test', type: TYPE.MX, says: 'nodata' },
    { what: 'in another letter case', by: ['=a.test'], at: 'A.TEST', type: TYPE.MX, says: 'nodata' },
    { what: 'an empty non-terminal', by: ['=ent.test'], at: 'ent.test', type: TYPE.A, says: 'nodata' },
    { what: 'the apex', by: ['=test'], at: 'test', type: TYPE.TXT, says: 'nodata' },
    { what: 'a cut without a DS', by: ['=cut.test'], at: 'cut.test', type: TYPE.DS, says: 'insecure-delegation' },
    { what: 'no cut, and no DS', by: ['=a.test'], at: 'a.test', type: TYPE.DS, says: 'nodata' },
    { what: 'a wildcard without the type', by: ['=w.test', '~m.w.test', '=*.w.test'], at: 'm.w.test', type: TYPE.MX, says: 'nodata' },
    { what: 'the type in the bitmap', by: ['=a.test'], at: 'a.test', type: TYPE.A, says: /^denialWrong/ },
    { what: 'a CNAME in the bitmap (RFC 6840 4.3)', by: ['=alias.test'], at: 'alias.test', type: TYPE.A, says: /^denialWrong/ },
    { what: 'the parent side of a cut (RFC 6840 4.1)', by: ['=cut.test'], at: 'cut.test', type: TYPE.A, says: /^denialWrong/ },
    { what: 'a DS that is there', by: ['=signed.test'], at: 'signed.test', type: TYPE.DS, says: /^denialWrong/ },
    { what: 'the apex for a DS (RFC 6840 4.4)', by: ['=test'], at: 'test', type: TYPE.DS, says: /^denialWrong/ },
    { what: 'the apex without a record at it (CVE-2026-123600)', by: ['~zz.test'], at: 'test', type: TYPE.TXT, says: /^denialIncomplete/ },
    { what: 'a wildcard with the type', by: ['=w.test', '~m.w.test', '=*.w.test'], at: 'm.w.test', type: TYPE.A, says: /^denialWrong/ },
    { what: 'a wildcard with a CNAME', by: ['=wc.test', '~m.wc.test', '=*.wc.test'], at: 'm.wc.test', type: TYPE.A, says: /^denialWrong/ },
    { what: 'a wildcard without the encloser', by: ['~m.w.test', '=*.w.test'], at: 'm.w.test', type: TYPE.MX, says: /^denialIncomplete/ },
    { what: 'nothing', by: [], at: 'a.test', type: TYPE.MX, says: /^denialIncomplete/ }
  ])('$what', ({ by, at, type, says }) => {
    expect(proves(nsec3NoData(name(at), type, chainOf(zone, ...by), task()))).toMatch(says)
  })

  it('a wildcard without the next closer name covered', () => {
    const zone = apart('m.w.test', ['w.test', '*.w.test'])
    expect(proves(nsec3NoData(name('m.w.test'), TYPE.MX, chainOf(zone, '=w.test', '=*.w.test'), task()))).toMatch(/^denialIncomplete/)
  })

  it('under Opt-Out a span denies a DS, and nothing for good (RFC 5155 8.6, 9.2)', () => {
    const zone = apart('cut.test', ['test', '*.test'], true)
    const chain = chainOf(zone, '=test', '~cut.test')
    expect(nsec3NoData(name('cut.test'), TYPE.DS, chain, task())).toMatchObject({ proves: 'insecure-delegation', optOut: true })
    expect(nsec3NoData(name('cut.test'), TYPE.A, chain, task())).toMatchObject({ proves: 'nodata', optOut: true })
    // also where the record of the wildcard is among them, whatever it has (RFC 5155 8.6)
    const beside = zoneWith(1, true)
    const whole = chainOf(beside, '=w.test', '~m.w.test', '=*.w.test')
    expect(nsec3NoData(name('m.w.test'), TYPE.DS, whole, task())).toMatchObject({ proves: 'insecure-delegation', optOut: true })
    expect(proves(nsec3NoData(name('m.w.test'), TYPE.A, whole, task()))).toMatch(/^denialWrong/)
    const aliased = chainOf(beside, '=wc.test', '~m.wc.test', '=*.wc.test')
    expect(nsec3NoData(name('m.wc.test'), TYPE.DS, aliased, task())).toMatchObject({ proves: 'insecure-delegation', optOut: true })
    // without the flag the same records are no proof
    const without = apart('m.test', ['test', '*.test'])
    expect(proves(nsec3NoData(name('m.test'), TYPE.DS, chainOf(without, '=test', '~m.test'), task()))).toMatch(/^denialIncomplete/)
  })
})

describe('NXDOMAIN (RFC 5155 8.4)', () => {
  it('encloser, next closer name and wildcard', () => {
    const denied = nsec3NameError(name('x.m.ent.test'), chainOf(zone, '=ent.test', '~m.ent.test', '~*.ent.test'), task())
    expect(denied).toMatchObject({ proves: 'nxdomain', closestEncloser: name('ent.test'), nextCloser: name('m.ent.test'), optOut: false })
  })

  it.each([
    { what: 'the name exists', by: ['=a.test', '=test', '~*.test'], at: 'a.test', says: /^denialWrong/ },
    { what: 'the wildcard exists', by: ['=w.test', '~m.w.test', '=*.w.test'], at: 'm.w.test', says: /^denialWrong/ },
    { what: 'below a cut (RFC 5155 8.3)', by: ['=cut.test', '~m.cut.test', '~*.cut.test'], at: 'm.cut.test', says: /^denialWrong/ },
    { what: 'below a DNAME', by: ['=d.test', '~m.d.test', '~*.d.test'], at: 'm.d.test', says: /^denialWrong/ },
    { what: 'no encloser', by: ['~m.ent.test', '~*.ent.test'], at: 'm.ent.test', says: /^denialIncomplete/ },
    { what: 'an encloser that is not the closest', by: ['=test', '~m.ent.test', '~*.test'], at: 'm.ent.test', says: /^denialIncomplete/ },
    { what: 'nothing', by: [], at: 'm.test', says: /^denialIncomplete/ }
  ])('$what', ({ by, at, says }) => {
    expect(proves(nsec3NameError(name(at), chainOf(zone, ...by), task()))).toMatch(says)
  })

  it('the next closer name is not covered', () => {
    const zone = apart('m.ent.test', ['ent.test', '*.ent.test'])
    expect(proves(nsec3NameError(name('m.ent.test'), chainOf(zone, '=ent.test', '~*.ent.test'), task()))).toMatch(/^denialIncomplete/)
  })

  it('the wildcard is not covered', () => {
    const zone = apart('*.ent.test', ['ent.test', 'm.ent.test'])
    expect(proves(nsec3NameError(name('m.ent.test'), chainOf(zone, '=ent.test', '~m.ent.test'), task()))).toMatch(/^denialIncomplete/)
  })
})

describe('the next closer name of a wildcard (RFC 5155 8.8)', () => {
  it('is covered', () => {
    expect(nsec3Wildcard(name('x.m.w.test'), name('w.test'), chainOf(zone, '~m.w.test'), task())).toMatchObject({
      proves: 'wildcard',
      nextCloser: name('m.w.test')
    })
  })

  it('is not: the name itself is, or a record is at it', () => {
    const zone = apart('x.m.w.test', ['m.w.test'])
    expect(proves(nsec3Wildcard(name('x.m.w.test'), name('w.test'), chainOf(zone, '~x.m.w.test'), task()))).toMatch(/^wildcardNotProven/)
    expect(proves(nsec3Wildcard(name('x.w.test'), name('w.test'), chainOf(zone, '=x.w.test'), task()))).toMatch(/^wildcardNotProven/)
  })
})

describe('covers (RFC 5155 1.3, 3.1.7)', () => {
  const hash = (octet: number): Uint8Array => new Uint8Array(20).fill(octet)
  const chain = (from: number, to: number, at: number): Nsec3Chain => {
    const record = { ...chainOf(zone, '=ent.test').records[0], hash: hash(from), next: hash(to) }
    return {
      zone: name('test'),
      salt: new Uint8Array(),
      iterations: 0,
      records: [record],
      hashes: new Map([[name('m.test').key, hash(at)]])
    }
  }
  it.each([
    { from: 3, to: 7, at: 5, covered: true },
    { from: 3, to: 7, at: 3, covered: false },
    { from: 3, to: 7, at: 7, covered: false },
    { from: 3, to: 7, at: 8, covered: false },
    // 94, 125 the last record of the chain wraps around (CVE-2026-123601)
    { from: 7, to: 3, at: 8, covered: true },
    { from: 7, to: 3, at: 1, covered: true },
    { from: 7, to: 3, at: 5, covered: false },
    { from: 7, to: 3, at: 7, covered: false },
    { from: 7, to: 3, at: 3, covered: false },
    // the only record covers all but its owner
    { from: 5, to: 5, at: 4, covered: true },
    { from: 5, to: 5, at: 6, covered: true },
    { from: 5, to: 5, at: 5, covered: false }
  ])('from $from to $to: $at is covered $covered', ({ from, to, at, covered }) => {
    expect(proves(nsec3Wildcard(name('m.test'), name('test'), chain(from, to, at), task())) === 'wildcard').toBe(covered)
  })
})

it('128 a record at the next closer name says that it exists, whatever another one covers (CVE-2026-123579)', () => {
  const { records, ...rest } = chainOf(zone, '=ent.test')
  const octets = (octet: number): Uint8Array => new Uint8Array(20).fill(octet)
  const over = { ...records[0], hash: octets(3), next: octets(7) }
  const hashes = new Map([[name('m.test').key, octets(5)]])
  const wildcard = (...set: (typeof over)[]) =>
    proves(nsec3Wildcard(name('m.test'), name('test'), { ...rest, hashes, records: set }, task()))
  expect(wildcard(over)).toBe('wildcard')
  expect(wildcard(over, { ...over, hash: octets(5) })).toMatch(/^wildcardNotProven/)
})

describe('hashes (CVE-2023-50868)', () => {
  it('are counted, and computed once a name', () => {
    const chain = chainOf(zone, '=ent.test', '~m.ent.test', '~*.ent.test')
    const one = task()
    nsec3NameError(name('m.ent.test'), chain, one)
    const spent = one.budget.spent('nsec3Hashes')
    expect(spent).toBe(3)
    nsec3NameError(name('m.ent.test'), chain, one)
    expect(one.budget.spent('nsec3Hashes')).toBe(spent)
  })

  it('beyond the limit there is no proof', () => {
    for (const nsec3Hashes of [0, 1, 2]) {
      const chain = chainOf(zone, '=ent.test', '~m.ent.test', '~*.ent.test')
      expect(proves(nsec3NameError(name('m.ent.test'), chain, taskAt(NOON, { nsec3Hashes })))).toBe('limitReached: nsec3Hashes')
    }
    expect(proves(nsec3NoData(name('a.test'), TYPE.MX, chainOf(zone, '=a.test'), taskAt(NOON, { nsec3Hashes: 0 })))).toMatch(
      /^limitReached/
    )
    expect(proves(nsec3Wildcard(name('m.w.test'), name('w.test'), chainOf(zone, '~m.w.test'), taskAt(NOON, { nsec3Hashes: 0 })))).toMatch(
      /^limitReached/
    )
  })
})
