// Scrubbing of hand-made messages: what answers the question and lies in bailiwick stays, all else goes.
import { describe, expect, it } from 'vitest'
import { scrub } from '../../src/lookup/scrub.js'
import type { Message } from '../../src/wire/message.js'
import { typeToText } from '../../src/wire/numbers.js'
import type { Rrset } from '../../src/wire/rrset.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { message, question, type Says } from './scripted.js'

const SIGNED = (type: string, owner = 'www.example.com') =>
  `${owner}. RRSIG ${type} 13 3 3600 20300101000000 20200101000000 12345 example.com. c2lnbmF0dXJl`

function scrubbed(name: string, type: string, says: Says, zone: string | undefined = 'example.com'): Message {
  return scrub(message({ name, type, ...says }), question(name, type), zone === undefined ? undefined : nameFromText(zone))
}
const told = (rrsets: readonly Rrset[]): string[] => rrsets.map(({ owner, type }) => `${nameToText(owner)} ${typeToText(type)}`)

describe('the answer section', () => {
  it('keeps the RRset at QNAME with all its signatures, and nothing beside it', () => {
    const { answer } = scrubbed('www.example.com', 'A', {
      answer: [
        'www.example.com. A 1.2.3.4',
        SIGNED('A'),
        'mail.example.com. A 1.2.3.5',
        'www.example.com. TXT x',
        'www.bank.org. A 6.6.6.6'
      ]
    })
    expect(told(answer)).toEqual(['www.example.com A'])
    expect(answer[0].signatures).toHaveLength(1)
  })

  it('keeps the alias chain in its order, whatever the order of the records', () => {
    const { answer } = scrubbed('a.example.com', 'A', {
      answer: [
        'c.example.com. A 1.2.3.4',
        'b.example.com. CNAME c.example.com.',
        'x.example.com. CNAME c.example.com.',
        'a.example.com. CNAME b.example.com.'
      ]
    })
    expect(told(answer)).toEqual(['a.example.com CNAME', 'b.example.com CNAME', 'c.example.com A'])
  })

  it('cuts the chain where it leaves the zone asked', () => {
    const { answer } = scrubbed('a.example.com', 'A', { answer: ['a.example.com. CNAME www.bank.org.', 'www.bank.org. A 6.6.6.6'] })
    expect(told(answer)).toEqual(['a.example.com CNAME'])
  })

  it('keeps the whole chain of a recursive server', () => {
    const answer = ['a.example.com. CNAME www.bank.org.', 'www.bank.org. A 6.6.6.6', 'mail.bank.org. A 6.6.6.6']
    expect(told(scrub(message({ name: 'a.example.com', type: 'A', answer }), question('a.example.com', 'A'), undefined).answer)).toEqual([
      'a.example.com CNAME',
      'www.bank.org A'
    ])
  })

  it('does not come back to names of the zone over a link that lies outside', () => {
    const answer = ['a.example.com. CNAME www.bank.org.', 'www.bank.org. CNAME b.example.com.', 'b.example.com. A 1.2.3.4']
    expect(told(scrubbed('a.example.com', 'A', { answer }).answer)).toEqual(['a.example.com CNAME'])
  })

  it('follows a CNAME also for a question of type DNAME, and not for one of type CNAME (RFC 1034 3.6.2)', () => {
    const answer = ['a.example.com. CNAME b.example.com.', 'b.example.com. CNAME c.example.com.', 'c.example.com. DNAME d.org.']
    const whole = ['a.example.com CNAME', 'b.example.com CNAME', 'c.example.com DNAME']
    expect(told(scrubbed('a.example.com', 'DNAME', { answer }).answer)).toEqual(whole)
    expect(told(scrubbed('a.example.com', 'CNAME', { answer }).answer)).toEqual(whole.slice(0, 1))
  })

  it('ends in a circle of aliases', () => {
    const { answer } = scrubbed('a.example.com', 'A', {
      answer: ['a.example.com. CNAME b.example.com.', 'b.example.com. CNAME a.example.com.']
    })
    expect(told(answer)).toEqual(['a.example.com CNAME', 'b.example.com CNAME'])
  })

  it('keeps a DNAME with its CNAME, and follows it also where the CNAME was left out', () => {
    const answer = [
      'old.example.com. DNAME new.example.com.',
      'www.old.example.com. CNAME www.new.example.com.',
      'www.new.example.com. A 1.2.3.4'
    ]
    const whole = ['old.example.com DNAME', 'www.old.example.com CNAME', 'www.new.example.com A']
    expect(told(scrubbed('www.old.example.com', 'A', { answer }).answer)).toEqual(whole)
    expect(told(scrubbed('www.old.example.com', 'A', { answer: [answer[0], answer[2]] }).answer)).toEqual([whole[0], whole[2]])
  })

  it('does not redirect the owner of a DNAME itself', () => {
    const answer = ['old.example.com. DNAME new.example.com.', 'old.example.com. A 1.2.3.4', 'new.example.com. A 6.6.6.6']
    expect(told(scrubbed('old.example.com', 'A', { answer }).answer)).toEqual(['old.example.com A'])
  })

  it('keeps both a CNAME and what stands beside it, for validation to see', () => {
    const { answer } = scrubbed('a.example.com', 'A', { answer: ['a.example.com. CNAME b.example.com.', 'a.example.com. A 1.2.3.4'] })
    expect(told(answer)).toEqual(['a.example.com CNAME', 'a.example.com A'])
  })

  it('follows no alias of two targets', () => {
    const answer = ['a.example.com. CNAME b.example.com.', 'a.example.com. CNAME c.example.com.', 'b.example.com. A 1.2.3.4']
    const kept = scrubbed('a.example.com', 'A', { answer }).answer
    expect(told(kept)).toEqual(['a.example.com CNAME'])
    expect(kept[0].rdatas).toHaveLength(2)
  })

  it.each(['CNAME', 'ANY', 'RRSIG', 'NSEC'])('does not follow the alias when %s was asked for', (type) => {
    const answer = ['a.example.com. CNAME b.example.com.', 'b.example.com. A 1.2.3.4']
    expect(told(scrubbed('a.example.com', type, { answer }).answer)).toEqual(['a.example.com CNAME'])
  })

  it('keeps every RRset at QNAME for ANY, signatures as well', () => {
    const { answer } = scrubbed('www.example.com', 'ANY', {
      answer: ['www.example.com. A 1.2.3.4', SIGNED('A'), 'www.example.com. TXT x', 'mail.example.com. A 1.2.3.5']
    })
    expect(told(answer).sort()).toEqual(['www.example.com A', 'www.example.com RRSIG', 'www.example.com TXT'])
  })

  it('drops every class but IN', () => {
    expect(
      scrubbed('www.example.com', 'A', { answer: ['www.example.com. CH TXT x', 'www.example.com. CH A \\# 4 01020304'] }).answer
    ).toEqual([])
  })

  it('gives owners equal to QNAME the letters of the question', () => {
    const raw = message({ name: 'wWw.ExAmPlE.cOm', type: 'A', answer: ['wWw.ExAmPlE.cOm. A 1.2.3.4'] })
    const { answer, question: asked } = scrub(raw, question('www.example.com', 'A'), nameFromText('example.com'))
    expect(nameToText(answer[0].owner)).toBe('www.example.com')
    expect(asked && nameToText(asked.name)).toBe('www.example.com')
  })
})

describe('the other sections', () => {
  it('of the authority section keep NS, SOA, DS, NSEC and NSEC3 in bailiwick', () => {
    const { authority } = scrubbed('www.example.com', 'A', {
      authority: [
        'example.com. NS ns.example.com.',
        'example.com. SOA ns.example.com. host.example.com. 1 2 3 4 5',
        'a.example.com. NSEC b.example.com. A',
        'example.com. MX 5 mx.example.com.',
        'mx.example.com. A 6.6.6.6',
        'com. NS a.gtld-servers.net.',
        'bank.org. NS ns.example.com.'
      ]
    })
    expect(told(authority)).toEqual(['example.com NS', 'example.com SOA', 'a.example.com NSEC'])
  })

  it('of the additional section keep glue for the name servers named, and in bailiwick', () => {
    const { additional } = scrubbed(
      'www.example.com',
      'A',
      {
        authority: ['example.com. NS ns.example.com.', 'example.com. NS ns.bank.org.'],
        additional: ['ns.example.com. A 1.2.3.4', 'ns.example.com. TXT x', 'www.example.com. A 6.6.6.6', 'ns.bank.org. A 6.6.6.6']
      },
      'com'
    )
    expect(told(additional)).toEqual(['ns.example.com A'])
  })

  it('keep glue of twenty names at the most', () => {
    const names = Array.from({ length: 50 }, (_, i) => `ns${i}.example.com`)
    const { additional } = scrubbed('www.example.com', 'A', {
      authority: names.map((name) => `example.com. NS ${name}.`),
      additional: names.map((name) => `${name}. A 1.2.3.4`)
    })
    expect(additional).toHaveLength(20)
  })
})
