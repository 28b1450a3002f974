// The order of the keys is the canonical order of the names, and RRsets come out of their packing as they went in.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packRrset, recordsOf, unpackRrset } from '../../src/cache/packed.js'
import { orderKey, Spans } from '../../src/cache/spans.js'
import { compareNames, Name } from '../../src/wire/name.js'
import { CLASS } from '../../src/wire/numbers.js'
import { groupRrsets, type ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText, recordFromText } from '../../src/wire/text.js'

/** Few octets, and those that are written as two letters among them, so that names often share a beginning. */
const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3, max: 3 }), { maxLength: 4 })
const anyLabels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 5 })
const names = fc.oneof(labels, anyLabels).map((all) => Name.fromLabels(all))

describe('orderKey', () => {
  it('orders as RFC 4034 6.1 does, and is the same for the same name alone', () => {
    fc.assert(
      fc.property(names, names, (a, b) => {
        const [left, right] = [orderKey(a), orderKey(b)]
        expect(left < right ? -1 : left > right ? 1 : 0).toBe(Math.sign(compareNames(a, b)))
      }),
      { numRuns: 5000 }
    )
  })

  it("orders the RFC's own list", () => {
    const list = ['example', 'a.example', 'yljkjljk.a.example', 'Z.a.example', 'zABC.a.EXAMPLE', 'z.example', '\\001.z.example']
    const more = ['*.z.example', '\\200.z.example']
    const keys = [...list, ...more].map((text) => orderKey(nameFromText(text)))
    expect([...keys].sort()).toEqual(keys)
  })
})

describe('Spans', () => {
  it('finds what a sorted list finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 3 })),
        fc.array(fc.string({ maxLength: 3 })),
        fc.string({ maxLength: 3 }),
        (all, gone, at) => {
          const spans = new Spans()
          for (const key of all) spans.add(key)
          for (const key of gone) spans.remove(key)
          const left = [...new Set(all)].filter((key) => !gone.includes(key)).sort()
          const before = left.filter((key) => key <= at).at(-1)
          expect(spans.size).toBe(left.length)
          expect(spans.atOrBefore(at)).toBe(before)
          expect(spans.atOrBeforeInCircle(at)).toBe(before ?? left.at(-1))
          expect(spans.has(at)).toBe(left.includes(at))
        }
      )
    )
  })
})

describe('packRrset', () => {
  const records = [
    recordFromText('Www.Example. 300 IN MX 10 Mail.Example.'),
    recordFromText('Www.Example. 300 IN MX 20 mail2.example.'),
    recordFromText('Www.Example. 250 IN RRSIG MX 13 2 300 20300101000000 20200101000000 4711 example. AAECAwQ=')
  ] as ResourceRecord[]
  const [rrset] = groupRrsets(records, false).rrsets

  it('gives the same RRset back, its TTLs counted down', () => {
    expect(unpackRrset(packRrset(rrset), 0)).toEqual(rrset)
    const aged = unpackRrset(packRrset(rrset), 260)
    expect([aged.ttl, aged.signatures[0].ttl]).toEqual([40, 0])
    expect(aged.class).toBe(CLASS.IN)
  })

  it('and its records make it again', () => {
    expect(groupRrsets(recordsOf(rrset), false).rrsets).toEqual([rrset])
  })
})
