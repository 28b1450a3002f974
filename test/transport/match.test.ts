import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answersQuery, questionEnd } from '../../src/transport/match.js'
import { query, replyTo, withId } from './loopback.js'

const asked = query(0x1234, 'www.example.org', 28)
const good = replyTo(asked, [1, 2, 3])

function changed(at: number, octet: number): Uint8Array {
  const copy = Uint8Array.from(good)
  copy[at] = octet
  return copy
}

describe('the reply to a query', () => {
  it('has its ID, QR and its question, whatever follows', () => {
    expect(answersQuery(asked, good)).toBe(true)
  })

  it('may spell the name in another case', () => {
    expect(answersQuery(asked, replyTo(query(0x1234, 'wWw.EXAMPLE.org', 28)))).toBe(true)
    // '@' and '`' differ in the same bit as letters do, and are not letters
    expect(answersQuery(query(1, '@.org'), replyTo(query(1, '`.org')))).toBe(false)
  })

  it.each([
    ['another ID', withId(good, 0x1235)],
    ['no QR', asked],
    ['another opcode', changed(2, 0x81 | 0x10)],
    ['another name', replyTo(query(0x1234, 'xww.example.org', 28))],
    ['a longer name', replyTo(query(0x1234, 'a.www.example.org', 28))],
    ['the labels cut elsewhere', replyTo(query(0x1234, 'www.exampleZorg', 28))],
    ['another type', replyTo(query(0x1234, 'www.example.org', 1))],
    ['another class', changed(asked.length - 1, 3)],
    ['a question less', changed(5, 0)],
    ['a question more', changed(5, 2)],
    ['a name that points', changed(12, 0xc0)],
    ['a question cut short', good.subarray(0, asked.length - 1)],
    ['no header', good.subarray(0, 11)],
    ['nothing', new Uint8Array(0)]
  ])('has not %s', (_, reply) => {
    expect(answersQuery(asked, reply)).toBe(false)
  })

  it('may be a bare failure, which carries nothing; a bare success is none', () => {
    const bare = (rcode: number, counts = 0) => Uint8Array.of(0x12, 0x34, 0x81, rcode, 0, 0, 0, counts, 0, 0, 0, 0)
    expect([1, 2, 4, 5].map((rcode) => answersQuery(asked, bare(rcode)))).toEqual([true, true, true, true])
    expect([0, 3].map((rcode) => answersQuery(asked, bare(rcode)))).toEqual([false, false])
    expect(answersQuery(asked, bare(2, 1))).toBe(false)
  })

  it('is never met by chance: no octets whatever throw, and none without the question match', () => {
    const random = fc.uint8Array({ maxLength: 80 })
    fc.assert(
      fc.property(random, random, (left, right) => {
        const end = questionEnd(left)
        expect(end === -1 || (end >= 12 && end <= left.length)).toBe(true)
        answersQuery(left, right)
      })
    )
    fc.assert(
      fc.property(fc.nat(asked.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const reply = replyTo(asked)
        reply[at] ^= flip
        // AA, TC, RD and the second octet of flags are free, as are the counts of records; a name may change its case
        const isFree = at === 2 ? (flip & 0xf8) === 0 : at === 3 || (at > 5 && at < 12)
        const isCase = at >= 12 && at < asked.length - 4 && flip === 0x20 && /[a-z]/i.test(String.fromCharCode(asked[at]))
        expect(answersQuery(asked, reply)).toBe(isFree || isCase)
      })
    )
  })
})
