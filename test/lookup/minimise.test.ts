// QNAME minimisation: the sequence of names of RFC 9156 2.3, and its bound.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextName, startWalk, stepped, walkedTo } from '../../src/lookup/minimise.js'
import { Name } from '../../src/wire/name.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'

/** The names asked when no server gives a referral and none is a cut. */
function sequence(name: Name, zone: Name = Name.root): Name[] {
  const asked: Name[] = []
  let walk = startWalk(zone)
  for (;;) {
    const next = nextName(name, walk)
    asked.push(next)
    if (next === name) return asked
    walk = walkedTo(stepped(walk), next)
  }
}
const texts = (name: string, zone = '.') => sequence(nameFromText(name), nameFromText(zone)).map(nameToText)

describe('minimisation', () => {
  it('adds one label at a time', () => {
    expect(texts('a.b.example.com')).toEqual(['com', 'example.com', 'b.example.com', 'a.b.example.com'])
  })

  it('starts below the zone that is known', () => {
    expect(texts('a.b.example.com', 'example.com')).toEqual(['b.example.com', 'a.b.example.com'])
    expect(texts('www.example.com', 'example.com')).toEqual(['www.example.com'])
    expect(texts('example.com', 'example.com')).toEqual(['example.com'])
  })

  it('of 18 labels takes the steps of the example in RFC 9156 2.3', () => {
    const name = Array.from({ length: 18 }, (_, i) => `l${i}`).join('.')
    expect(sequence(nameFromText(name)).map(({ labelCount }) => labelCount)).toEqual([1, 2, 3, 4, 6, 8, 10, 12, 15, 18])
  })

  it('asks for the whole name where labels with an underscore come', () => {
    expect(texts('_25._tcp.mx.example.com', 'com')).toEqual(['example.com', 'mx.example.com', '_25._tcp.mx.example.com'])
  })

  it('takes ten steps at the most, each nearer to the name, the last the name itself', () => {
    const labels = fc.array(fc.constantFrom('a', 'bc', '_x'), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(labels, fc.nat(60), (parts, known) => {
        const name = nameFromText(parts.join('.'))
        const asked = sequence(name, name.ancestor(Math.min(known, name.labelCount)))
        expect(asked.length).toBeLessThanOrEqual(10)
        for (let i = 1; i < asked.length; i++) expect(asked[i].isBelow(asked[i - 1])).toBe(true)
        expect(asked.at(-1)).toBe(name)
      })
    )
  })
})
