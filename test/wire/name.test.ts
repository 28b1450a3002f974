import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader, WireError } from '../../src/wire/cursor.js'
import { compareNames, Name, readName, readPlainName, WILDCARD } from '../../src/wire/name.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { closeName, name, wireOf } from './arbitraries.js'

const eitherName = fc.oneof(name, closeName)
const swapCase = (n: Name) =>
  nameFromText(
    nameToText(n).replace(/\\\d{3}|[a-z]|[A-Z]/g, (c) =>
      c.startsWith('\\') ? c : c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()
    )
  )

describe('canonical order', () => {
  it('is that of the list in RFC 4034 6.1', () => {
    const list = [
      'example',
      'a.example',
      'yljkjljk.a.example',
      'Z.a.example',
      'zABC.a.EXAMPLE',
      'z.example',
      '\\001.z.example',
      '*.z.example',
      '\\200.z.example'
    ]
    const names = list.map(nameFromText)
    expect([...names].reverse().sort(compareNames).map(nameToText)).toEqual(list)
  })

  it('is the octet order of reversed, lowercased label lists', () => {
    const labelsOf = (n: Name) =>
      Array.from({ length: n.labelCount }, (_, i) =>
        Buffer.from(n.label(n.labelCount - 1 - i))
          .toString('latin1')
          .replace(/[A-Z]/g, (c) => c.toLowerCase())
      )
    const byList = (a: string[], b: string[]): number => {
      for (let i = 0; i < Math.min(a.length, b.length); i++) {
        const order = Buffer.compare(Buffer.from(a[i], 'latin1'), Buffer.from(b[i], 'latin1'))
        if (order !== 0) return order
      }
      return Math.sign(a.length - b.length)
    }
    fc.assert(
      fc.property(eitherName, eitherName, (a, b) => {
        expect(Math.sign(compareNames(a, b))).toBe(byList(labelsOf(a), labelsOf(b)))
      }),
      { numRuns: 2000 }
    )
  })

  it('is total: antisymmetric, transitive, and equal just where names are equal', () => {
    fc.assert(
      fc.property(closeName, closeName, closeName, (a, b, c) => {
        expect(Math.sign(compareNames(a, b))).toBe(-Math.sign(compareNames(b, a)) + 0)
        expect(compareNames(a, b) === 0).toBe(a.equals(b))
        const [x, y, z] = [a, b, c].sort(compareNames)
        expect(compareNames(x, z) <= 0 && compareNames(x, y) <= 0 && compareNames(y, z) <= 0).toBe(true)
      }),
      { numRuns: 1000 }
    )
  })

  it('keeps the names below a name directly behind it', () => {
    fc.assert(
      fc.property(fc.array(closeName, { minLength: 2, maxLength: 12 }), (names) => {
        const sorted = [...names].sort(compareNames)
        const top = sorted[0]
        const below = sorted.map((n) => n.isAtOrBelow(top))
        expect(below.lastIndexOf(true)).toBe(below.filter(Boolean).length - 1)
      })
    )
  })
})

describe('Name', () => {
  it('round-trips through its labels, its wire and its key', () => {
    fc.assert(
      fc.property(eitherName, (n) => {
        const labels = Array.from({ length: n.labelCount }, (_, i) => n.label(i))
        expect(Name.fromLabels(labels).wire).toEqual(n.wire)
        expect(Name.fromWire(n.wire).wire).toEqual(n.wire)
        expect(Buffer.from(n.key, 'latin1')).toEqual(Buffer.from(n.canonical()))
      })
    )
  })

  it('has the same key and is equal in any ASCII case, and canonicalisation is idempotent', () => {
    fc.assert(
      fc.property(eitherName, (n) => {
        const other = swapCase(n)
        expect(other.key).toBe(n.key)
        expect(other.equals(n) && n.equals(other)).toBe(true)
        const once = Name.fromWire(n.canonical())
        expect(once.canonical()).toEqual(once.wire)
      })
    )
  })

  it('is equal to another just when the keys are', () => {
    fc.assert(
      fc.property(closeName, closeName, (a, b) => {
        expect(a.equals(b)).toBe(a.key === b.key)
      }),
      { numRuns: 1000 }
    )
  })

  it('keeps names with dots, NULs and high octets inside labels apart', () => {
    const names = [
      ['a.b', 'c'],
      ['a', 'b.c'],
      ['a', 'b', 'c'],
      ['a.b.c'],
      ['a\0', 'c'],
      ['a', 'c'],
      ['\x80', 'c'],
      ['\xff', 'c'],
      ['\xc3\x80', 'c']
    ].map((labels) => Name.fromLabels(labels.map(wireOf)))
    expect(new Set(names.map((n) => n.key)).size).toBe(names.length)
    expect(new Set(names.map(nameToText)).size).toBe(names.length)
    for (const a of names) for (const b of names) expect(a.equals(b)).toBe(a === b)
  })

  it('folds ASCII letters only: octets beside the letters and above 0x7f keep apart', () => {
    for (const [a, b] of [
      ['@', '`'],
      ['[', '{'],
      ['\xc0', '\xe0'],
      ['\xc4', '\xe4']
    ]) {
      expect(Name.fromLabels([wireOf(a)]).equals(Name.fromLabels([wireOf(b)])), `${a} ${b}`).toBe(false)
    }
  })

  it('knows ancestors, descendants and common labels', () => {
    const n = nameFromText('a.b.Example')
    expect(nameToText(n.parent())).toBe('b.Example')
    expect(n.ancestor(0)).toBe(Name.root)
    expect(n.ancestor(3)).toBe(n)
    expect(n.isBelow(nameFromText('B.example')) && n.isAtOrBelow(n) && !n.isBelow(n)).toBe(true)
    expect(n.isAtOrBelow(Name.root)).toBe(true)
    expect(n.isAtOrBelow(nameFromText('xample'))).toBe(false)
    expect(nameFromText('ab.example').isAtOrBelow(nameFromText('b.example'))).toBe(false)
    expect(n.commonLabels(nameFromText('x.B.EXAMPLE'))).toBe(2)
    expect(() => Name.root.parent()).toThrow(RangeError)
    expect(nameToText(nameFromText('example').child(WILDCARD))).toBe('*.example')
    expect(nameFromText('*.example').isWildcard && !nameFromText('**.example').isWildcard && !nameFromText('a.*').isWildcard).toBe(true)
  })

  it('does not see a wire suffix inside a label as an ancestor', () => {
    // the octets of "1 c 0" also end the single label "1 c" preceded by other octets
    const tricky = Name.fromLabels([Uint8Array.of(0x61, 1, 0x63)])
    expect(tricky.isAtOrBelow(nameFromText('c'))).toBe(false)
  })

  it('agrees with its own relations', () => {
    fc.assert(
      fc.property(closeName, closeName, (a, b) => {
        const common = a.commonLabels(b)
        expect(a.ancestor(common).equals(b.ancestor(common))).toBe(true)
        expect(a.isAtOrBelow(b)).toBe(common === b.labelCount)
        if (common < Math.min(a.labelCount, b.labelCount)) expect(a.ancestor(common + 1).equals(b.ancestor(common + 1))).toBe(false)
      }),
      { numRuns: 1000 }
    )
  })

  it('refuses what is no name', () => {
    const l63 = new Uint8Array(63).fill(0x61)
    expect(Name.fromLabels([l63, l63, l63, l63.subarray(0, 61)]).wire.length).toBe(255)
    expect(() => Name.fromLabels([l63, l63, l63, l63.subarray(0, 62)])).toThrow(WireError)
    expect(() => Name.fromLabels([new Uint8Array(64)])).toThrow(WireError)
    expect(() => Name.fromLabels([new Uint8Array(0)])).toThrow(WireError)
    expect(() => Name.fromLabels([l63, l63, l63, l63.subarray(0, 61)]).child(WILDCARD)).toThrow(WireError)
    for (const wire of [[], [1], [1, 97], [0, 0], [64, ...new Uint8Array(64), 0], [0xc0, 0], [1, 97, 0, 0]]) {
      expect(() => Name.fromWire(Uint8Array.from(wire)), String(wire)).toThrow(WireError)
    }
  })

  it('is a copy: writing to the buffer it was read from does not change it', () => {
    const wire = Uint8Array.of(1, 0x61, 0)
    const [a, b] = [Name.fromWire(wire), readName(new Reader(wire))]
    wire[1] = 0x62
    expect([nameToText(a), nameToText(b)]).toEqual(['a', 'a'])
    const buffer = Buffer.from([1, 0x61, 0])
    const c = Name.fromWire(buffer)
    buffer[1] = 0x62
    expect(nameToText(c)).toBe('a')
    expect(c.wire.constructor).toBe(Uint8Array)
  })
})

describe('readName', () => {
  const header = new Array(12).fill(0)
  const at = (offset: number, ...bytes: number[]) => {
    const from = new Reader(Uint8Array.from([...header, ...bytes]), 12 + offset)
    return { from, read: () => nameToText(readName(from)) }
  }

  it('expands pointers and goes on behind the first', () => {
    const { from, read } = at(5, 3, 0x63, 0x6f, 0x6d, 0, 1, 0x61, 0xc0, 12, 0xff)
    expect(read()).toBe('a.com')
    expect(from.at).toBe(12 + 9)
  })

  it('follows a pointer to a pointer, before and after it was remembered', () => {
    const bytes = [1, 0x63, 0, 0xc0, 12, 1, 0x61, 0xc0, 15]
    const { from, read } = at(5, ...bytes)
    expect(read()).toBe('a.c')
    from.at = 12 + 5
    expect(read()).toBe('a.c')
    from.at = 12 + 3
    expect(read()).toBe('c')
  })

  it.each([
    ['a pointer to itself', 0, [0xc0, 12]],
    ['a pointer forwards', 0, [0xc0, 14, 0, 0]],
    ['a pointer into its own labels', 0, [1, 0x61, 0xc0, 12]],
    ['two pointers in a circle', 2, [0xc0, 14, 0xc0, 12]],
    ['a pointer into the header', 1, [0, 0xc0, 5]],
    ['the label type 01', 0, [0x41, 0, 0]],
    ['the label type 10', 0, [0x80, 0, 0]],
    ['a label beyond the data', 0, [5, 0x61, 0]],
    ['no root label', 0, [1, 0x61]],
    ['half a pointer', 1, [0, 0xc0]],
    ['nothing', 0, []]
  ])('refuses %s', (_, offset, bytes) => {
    expect(at(offset, ...bytes).read).toThrow(WireError)
  })

  it('refuses a name that only becomes longer than 255 octets by its pointer', () => {
    const long = [63, ...new Array(63).fill(0x61)]
    const base = [...long, ...long, ...long, 0] // 193 octets
    expect(at(base.length, ...base, 60, ...new Array(60).fill(0x62), 0xc0, 12).read().length).toBe(60 + 3 * 64)
    const { from, read } = at(0, ...base, 62, ...new Array(62).fill(0x62), 0xc0, 12)
    read()
    from.at = 12 + base.length
    expect(read).toThrow(WireError) // the target is remembered
    expect(at(base.length, ...base, 62, ...new Array(62).fill(0x62), 0xc0, 12).read).toThrow(WireError) // and when it is not
  })

  it('takes no pointer where compression is forbidden', () => {
    expect(() => readPlainName(new Reader(Uint8Array.from([...header, 0, 0xc0, 12]), 13))).toThrow(WireError)
  })
})
