import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalRdata } from '../../src/wire/layout.js'
import { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { groupRrsets, type ResourceRecord } from '../../src/wire/rrset.js'
import { nameToText, rdataToText, recordFromText } from '../../src/wire/text.js'
import { record, wireOf } from './arbitraries.js'

const records = (...lines: string[]) => lines.map((line) => recordFromText(line))
const group = (keep: boolean, ...lines: string[]) => groupRrsets(records(...lines), keep).rrsets
const rrsig = (owner: string, covers: string, tag = 1) =>
  `${owner} 50 IN RRSIG ${covers} 13 1 60 20300101000000 20290101000000 ${tag} example. AAAA`

describe('groupRrsets', () => {
  it('groups by owner in any case, class and type; the lowest TTL counts (RFC 2181 5.2)', () => {
    const sets = group(
      false,
      'a.example. 60 A 192.0.2.1',
      'b.example. 60 A 192.0.2.1',
      'A.Example. 30 A 192.0.2.2',
      'a.example. 9 CH TXT x',
      'a.example. 9 TXT x'
    )
    expect(sets.map((set) => [nameToText(set.owner), set.type, set.class, set.ttl, set.rdatas.length])).toEqual([
      ['a.example', 1, 1, 30, 2],
      ['b.example', 1, 1, 60, 1],
      ['a.example', 16, 3, 9, 1],
      ['a.example', 16, 1, 9, 1]
    ])
  })

  it('drops duplicates, also those that differ in the case of a name inside (RFC 4034 6.3)', () => {
    const [set] = group(false, 'x. 1 NS a.b.', 'x. 1 NS A.b.', 'x. 1 NS c.b.', 'x. 1 NS a.b.')
    expect(set.rdatas.map((rdata) => rdataToText(set.type, rdata))).toEqual(['a.b.', 'c.b.'])
    expect(group(false, 'x. 1 TXT a', 'x. 1 TXT A')[0].rdatas).toHaveLength(2)
  })

  it('attaches an RRSIG to what it covers, before or after it, once', () => {
    const sets = group(false, rrsig('a.example.', 'A'), 'a.example. 60 A 192.0.2.1', rrsig('A.EXAMPLE.', 'A', 2), rrsig('a.example.', 'A'))
    expect(sets).toHaveLength(1)
    expect(sets[0].signatures.map((s) => [s.keyTag, s.ttl, s.typeCovered])).toEqual([
      [1, 50, 1],
      [2, 50, 1]
    ])
    expect(sets[0].ttl).toBe(60)
  })

  it('makes an RRset of type RRSIG from those that cover nothing here: other owner, class or type, or RRSIG itself', () => {
    const sets = group(
      false,
      'a.example. 60 A 192.0.2.1',
      rrsig('b.example.', 'A'),
      rrsig('a.example.', 'MX'),
      rrsig('a.example.', 'RRSIG'),
      rrsig('a.example.', 'A').replace(' IN ', ' CH ')
    )
    expect(sets.map((set) => [nameToText(set.owner), set.type, set.class, set.rdatas.length, set.signatures.length])).toEqual([
      ['a.example', TYPE.A, 1, 1, 0],
      ['b.example', TYPE.RRSIG, 1, 1, 0],
      ['a.example', TYPE.RRSIG, 1, 2, 0],
      ['a.example', TYPE.RRSIG, 3, 1, 0]
    ])
  })

  it('keeps every RRSIG as a record as well when the question was for them', () => {
    const sets = group(true, 'a.example. 60 A 192.0.2.1', rrsig('a.example.', 'A'), rrsig('a.example.', 'MX'))
    expect(sets.map((set) => [set.type, set.rdatas.length, set.signatures.length])).toEqual([
      [TYPE.A, 1, 1],
      [TYPE.RRSIG, 2, 0]
    ])
  })

  it('sets malformed records aside', () => {
    const bad: ResourceRecord = { owner: Name.root, type: TYPE.RRSIG, class: 1, ttl: 0, rdata: new Uint8Array(3) }
    const faulty: ResourceRecord = { ...bad, type: TYPE.A, fault: 'short' }
    const { rrsets, malformed } = groupRrsets([bad, faulty], false)
    expect(rrsets).toEqual([])
    expect(malformed.map((r) => [r.type, typeof r.fault])).toEqual([
      [TYPE.RRSIG, 'string'],
      [TYPE.A, 'string']
    ])
  })

  it('does not merge owners that read the same when dots are not minded', () => {
    const [x, y] = [
      ['a.b', 'c'],
      ['a', 'b.c']
    ].map((labels) => Name.fromLabels(labels.map(wireOf)))
    const one: ResourceRecord = { owner: x, type: 1, class: 1, ttl: 1, rdata: new Uint8Array(4) }
    expect(groupRrsets([one, { ...one, owner: y }], false).rrsets).toHaveLength(2)
  })

  it('loses nothing and invents nothing', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (given) => {
        const octets = (r: { owner: Name; class: number; type: number }, rdata: Uint8Array) =>
          `${r.owner.key}|${r.class}|${r.type}|${canonicalRdata(r.type, rdata)}`
        const { rrsets, malformed } = groupRrsets([...given, ...given], true)
        expect(malformed).toEqual([])
        expect(rrsets.flatMap((set) => set.rdatas.map((rdata) => octets(set, rdata))).sort()).toEqual(
          [...new Set(given.map((r) => octets(r, r.rdata)))].sort()
        )
      })
    )
  })

  it('groups 5,000 records of one RRset, and 5,000 types at one owner', () => {
    const a = recordFromText('x. 1 A 192.0.2.1')
    const many = Array.from({ length: 5000 }, (_, i) => ({ ...a, rdata: Uint8Array.of(1, 2, i >>> 8, i) }))
    expect(groupRrsets([...many, ...many], false).rrsets[0].rdatas).toHaveLength(5000)
    expect(
      groupRrsets(
        many.map((r, i) => ({ ...r, type: 1000 + i })),
        false
      ).rrsets
    ).toHaveLength(5000)
  })
})
