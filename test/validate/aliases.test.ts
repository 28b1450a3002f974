// What an answer section says at a name: data, one step of an alias chain, nothing, or a fault (RFC 1034 3.6.2, RFC 6672).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asAliasReply, stepAt, substitute } from '../../src/validate/aliases.js'
import type { Answered } from '../../src/verdict/reply.js'
import { buildMessage, parseMessage } from '../../src/wire/message.js'
import { Name } from '../../src/wire/name.js'
import { RCODE, TYPE, typeFromText } from '../../src/wire/numbers.js'
import { nameFromText, nameToText, recordFromText } from '../../src/wire/text.js'
import { asking } from './court.js'
import { rrsetsOf } from './judging.js'

const name = nameFromText
const answer = (...lines: string[]) => rrsetsOf(lines.map((line) => recordFromText(line)))
const LONG = `${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}.${'v'.repeat(40)}`

function told(text: string, type: string, ...lines: string[]): string {
  const step = stepAt(name(text), typeFromText(type) as number, answer(...lines))
  switch (step.kind) {
    case 'link':
      return `${step.link.cname ? 'DNAME' : 'CNAME'} to ${nameToText(step.link.target)}`
    case 'data':
      return step.rrsets.map((rrset) => `${nameToText(rrset.owner)} ${rrset.type}`).join(', ')
    case 'fault':
      return step.fault
    default:
      return 'none'
  }
}

describe('stepAt', () => {
  it.each([
    { what: 'data', at: 'a.test', type: 'A', lines: ['a.test. A 192.0.2.1'], says: 'a.test 1' },
    { what: 'data in another letter case', at: 'a.test', type: 'A', lines: ['A.Test. A 192.0.2.1'], says: 'A.Test 1' },
    { what: 'nothing', at: 'a.test', type: 'A', lines: [], says: 'none' },
    {
      what: 'signed data of another name is none (CVE-2026-123581)',
      at: 'a.test',
      type: 'A',
      lines: ['b.test. A 192.0.2.1'],
      says: 'none'
    },
    { what: 'data of another type is none', at: 'a.test', type: 'MX', lines: ['a.test. A 192.0.2.1'], says: 'none' },
    { what: 'a CNAME', at: 'a.test', type: 'A', lines: ['a.test. CNAME b.test.'], says: 'CNAME to b.test' },
    { what: 'a CNAME asked for', at: 'a.test', type: 'CNAME', lines: ['a.test. CNAME b.test.'], says: 'a.test 5' },
    {
      what: 'NSEC at a CNAME (RFC 4035 2.5)',
      at: 'a.test',
      type: 'NSEC',
      lines: ['a.test. CNAME b.test.', 'a.test. NSEC b.test. CNAME'],
      says: 'a.test 47'
    },
    { what: 'NSEC missing at a CNAME', at: 'a.test', type: 'NSEC', lines: ['a.test. CNAME b.test.'], says: 'none' },
    {
      what: 'ANY',
      at: 'a.test',
      type: 'ANY',
      lines: ['a.test. A 192.0.2.1', 'a.test. TXT "t"', 'b.test. A 192.0.2.1'],
      says: 'a.test 1, a.test 16'
    },
    { what: 'ANY at a CNAME', at: 'a.test', type: 'ANY', lines: ['a.test. CNAME b.test.'], says: 'a.test 5' },
    {
      what: 'two CNAMEs (RFC 2181 10.1)',
      at: 'a.test',
      type: 'A',
      lines: ['a.test. CNAME b.test.', 'a.test. CNAME c.test.'],
      says: 'aliasAmbiguous'
    },
    {
      what: 'a CNAME with data beside it',
      at: 'a.test',
      type: 'A',
      lines: ['a.test. CNAME b.test.', 'a.test. A 192.0.2.1'],
      says: 'aliasAmbiguous'
    },
    { what: 'a DNAME', at: 'x.a.test', type: 'A', lines: ['a.test. DNAME b.test.'], says: 'DNAME to x.b.test' },
    {
      what: 'a DNAME with its CNAME',
      at: 'x.a.test',
      type: 'A',
      lines: ['a.test. DNAME b.test.', 'x.a.test. CNAME X.B.test.'],
      says: 'DNAME to x.b.test'
    },
    {
      what: 'a DNAME and a CNAME it does not give (RFC 6672 5.3.1)',
      at: 'x.a.test',
      type: 'A',
      lines: ['a.test. DNAME b.test.', 'x.a.test. CNAME y.test.'],
      says: 'aliasWrong'
    },
    {
      what: 'a DNAME and two CNAMEs',
      at: 'x.a.test',
      type: 'A',
      lines: ['a.test. DNAME b.test.', 'x.a.test. CNAME x.b.test.', 'x.a.test. CNAME y.test.'],
      says: 'aliasWrong'
    },
    { what: 'a DNAME into the root', at: 'x.a.test', type: 'A', lines: ['a.test. DNAME .'], says: 'DNAME to x' },
    {
      what: 'a DNAME at the name itself redirects nothing there (RFC 6672 2.3)',
      at: 'a.test',
      type: 'A',
      lines: ['a.test. DNAME b.test.'],
      says: 'none'
    },
    { what: 'a DNAME asked for', at: 'a.test', type: 'DNAME', lines: ['a.test. DNAME b.test.'], says: 'a.test 39' },
    {
      what: 'two DNAMEs (RFC 6672 2.4)',
      at: 'x.a.test',
      type: 'A',
      lines: ['a.test. DNAME b.test.', 'a.test. DNAME c.test.'],
      says: 'aliasAmbiguous'
    },
    {
      what: 'a DNAME that makes too long a name (RFC 6672 2.2)',
      at: `${LONG}.a.test`,
      type: 'A',
      lines: [`a.test. DNAME ${'t'.repeat(60)}.test.`],
      says: 'aliasTooLong'
    },
    {
      what: 'a CNAME below a DNAME asked for (RFC 6672 3.1)',
      at: 'x.a.test',
      type: 'CNAME',
      lines: ['a.test. DNAME b.test.'],
      says: 'DNAME to x.b.test'
    }
  ])('$what', ({ at, type, lines, says }) => {
    expect(told(at, type, ...lines)).toBe(says)
  })

  it('a target that cannot be read is none', () => {
    const [rrset] = answer('a.test. CNAME b.test.')
    const cut = { ...rrset, rdatas: [rrset.rdatas[0].slice(0, 3)] }
    expect(stepAt(name('a.test'), TYPE.A, [cut])).toEqual({ kind: 'none' })
    const [dname] = answer('a.test. DNAME b.test.')
    expect(stepAt(name('x.a.test'), TYPE.A, [{ ...dname, rdatas: [Uint8Array.of(9)] }])).toEqual({ kind: 'none' })
  })

  it('the CNAME of a DNAME has the TTL that the message gives it, at most', () => {
    const ttlOf = (...lines: string[]) => {
      const step = stepAt(name('x.a.test'), TYPE.A, answer(...lines))
      return step.kind === 'link' ? step.link.cname?.ttl : undefined
    }
    expect(ttlOf('a.test. 300 DNAME b.test.')).toBe(300)
    expect(ttlOf('a.test. 300 DNAME b.test.', 'x.a.test. 0 CNAME x.b.test.')).toBe(0)
  })
})

describe('substitute (RFC 6672 2.2)', () => {
  const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 6 })

  it('puts the target in place of the owner, and there and back is the same name', () => {
    fc.assert(
      fc.property(labels, labels, labels, (front, from, to) => {
        fc.pre([front, from, to].flat().reduce((sum, { length }) => sum + length + 1, 1) <= 255)
        const [owner, into] = [Name.fromLabels(from), Name.fromLabels(to)]
        const whole = Name.fromLabels([...front, ...from])
        const moved = substitute(whole, owner, into)
        expect(moved?.equals(Name.fromLabels([...front, ...to]))).toBe(true)
        expect(substitute(moved as Name, into, owner)?.equals(whole)).toBe(true)
      })
    )
  })

  it('is undefined beyond 255 octets, and not before', () => {
    const x = (n: number) => 'x'.repeat(n)
    const into = name(`${x(63)}.${x(63)}.${x(63)}`)
    expect(substitute(name(`${x(61)}.a`), name('a'), into)?.wire).toHaveLength(255)
    expect(substitute(name(`${x(62)}.a`), name('a'), into)).toBeUndefined()
  })
})

describe('asAliasReply', () => {
  const replyOf = (answers: string[], authority: string[] = []): Answered => {
    const records = (lines: string[]) => lines.map((line) => recordFromText(line))
    const message = parseMessage(
      buildMessage({
        id: 1,
        question: asking('x.a.test', 'A'),
        rcode: RCODE.NXDOMAIN,
        answer: records(answers),
        authority: records(authority)
      })
    )
    const server = { address: '192.0.2.1', port: 53, protocol: 'udp' } as const
    return { kind: 'reply', question: asking('x.a.test', 'A'), message, server, zone: name('test'), via: 'answer', receivedAt: 0 }
  }

  it('keeps of a reply the alias and the denials, and neither its data nor its RCODE', () => {
    const reply = replyOf(
      ['a.test. DNAME b.test.', 'x.a.test. CNAME x.b.test.', 'x.b.test. A 192.0.2.1'],
      ['test. NSEC z.test. A', 'test. SOA ns. m. 1 2 3 4 5', 'test. NS ns.']
    )
    const alias = asAliasReply(reply, asking('y.a.test', 'MX'))
    expect(alias).toMatchObject({
      via: 'alias',
      question: { type: TYPE.MX },
      message: { rcode: RCODE.NOERROR, additional: [], malformed: [] }
    })
    expect(alias?.message.answer.map(({ type }) => type)).toEqual([TYPE.DNAME])
    expect(alias?.message.authority.map(({ type }) => type)).toEqual([TYPE.NSEC])
  })

  it('is nothing for a name that no alias is at or above, nor for an alias at fault', () => {
    expect(asAliasReply(replyOf(['a.test. DNAME b.test.']), asking('z.test', 'A'))).toBeUndefined()
    expect(asAliasReply(replyOf(['x.a.test. A 192.0.2.1']), asking('x.a.test', 'A'))).toBeUndefined()
    expect(asAliasReply(replyOf(['a.test. DNAME b.test.', 'a.test. DNAME c.test.']), asking('x.a.test', 'A'))).toBeUndefined()
  })
})
