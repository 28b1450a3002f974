// What an authority's reply is: every kind once, and each way in which a server gives itself away as lame.
import { describe, expect, it } from 'vitest'
import { classify } from '../../src/lookup/classify.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { message, question, type Says } from './scripted.js'

const of = (name: string, type: string, says: Says, zone = 'example.com') =>
  classify(message({ name, type, ...says }), question(name, type), nameFromText(zone))
const soa = (owner: string) => `${owner} SOA ns.example.com. host.example.com. 1 2 3 4 5`

describe('classify', () => {
  it.each<[string, string, string, Says]>([
    ['answer', 'www.example.com', 'A', { answer: ['www.example.com. A 1.2.3.4'] }],
    ['answer', 'www.example.com', 'ANY', { answer: ['www.example.com. TXT x'] }],
    ['alias', 'www.example.com', 'A', { answer: ['www.example.com. CNAME a.org.'] }],
    [
      'alias',
      'www.example.com',
      'A',
      { rcode: 'NXDOMAIN', answer: ['www.example.com. CNAME a.example.com.'], authority: [soa('example.com.')] }
    ],
    ['alias', 'a.b.example.com', 'A', { answer: ['b.example.com. DNAME c.org.'] }],
    ['alias', 'a.b.example.com', 'A', { rcode: 'YXDOMAIN', answer: ['b.example.com. DNAME c.org.'] }],
    ['nodata', 'www.example.com', 'A', { authority: [soa('example.com.')] }],
    ['nodata', 'www.sub.example.com', 'A', { authority: [soa('sub.example.com.')] }],
    ['nodata', 'www.example.com', 'A', {}],
    ['nodata', 'www.example.com', 'A', { authority: ['example.com. NS ns.example.com.'] }],
    ['nxdomain', 'www.example.com', 'A', { rcode: 'NXDOMAIN', authority: [soa('example.com.')] }],
    ['nodata', 'www.example.com', 'A', { authority: [soa('example.com.'), '. NS a.root-servers.net.'] }],
    ['nodata', 'www.example.com', 'A', { aa: false, authority: [soa('example.com.'), '. NS a.root-servers.net.'] }],
    ['nxdomain', 'www.example.com', 'A', { rcode: 'NXDOMAIN', authority: [soa('example.com.'), 'example.org. NS ns.example.org.'] }],
    ['nxdomain', 'www.example.com', 'A', { rcode: 'NXDOMAIN' }],
    ['childSide', 'sub.example.com', 'DS', { authority: [soa('sub.example.com.')] }],
    ['nodata', 'sub.example.com', 'DS', { authority: [soa('example.com.')] }],
    ['error', 'www.example.com', 'A', { rcode: 'REFUSED' }],
    ['error', 'www.example.com', 'A', { rcode: 'SERVFAIL', answer: ['www.example.com. A 1.2.3.4'] }]
  ])('%s: %s %s', (kind, name, type, says) => {
    expect(of(name, type, says).kind).toBe(kind)
  })

  it.each<[string, Says]>([
    ['NS of the zone above', { authority: ['com. NS a.gtld-servers.net.'] }],
    ['NS of the zone above with AA', { aa: true, authority: ['com. NS a.gtld-servers.net.'] }],
    ['NS of the root', { authority: ['. NS a.root-servers.net.'] }],
    ['NS of the zone itself without AA', { aa: false, authority: ['example.com. NS ns.example.com.'] }],
    ['NS of a zone beside', { aa: false, authority: ['other.org. NS ns.example.com.'] }],
    ['NS of a zone below, but not towards the name', { aa: false, authority: ['mail.example.com. NS ns.example.com.'] }],
    ['SOA of the zone above', { authority: [soa('com.')] }],
    ['SOA of a zone below, but not of the name', { authority: [soa('mail.example.com.')] }],
    ['NXDOMAIN by the zone above', { rcode: 'NXDOMAIN', authority: [soa('com.')] }],
    ['an answer out of bailiwick alone', { answer: ['www.bank.org. A 6.6.6.6'], authority: ['com. NS a.gtld-servers.net.'] }]
  ])('lame: %s', (_, says) => {
    expect(of('www.example.com', 'A', { aa: false, ...says }).kind).toBe('lame')
  })

  it('referral: the deepest cut between the zone and the name', () => {
    const found = of('a.b.c.example.com', 'A', {
      aa: false,
      authority: ['c.example.com. NS ns.c.example.com.', 'b.c.example.com. NS ns.c.example.com.']
    })
    expect(found.kind === 'referral' && nameToText(found.zone)).toBe('b.c.example.com')
  })

  it('referral: also beside the NS of others', () => {
    const authority = ['example.org. NS ns.example.org.', '. NS a.root-servers.net.', 'sub.example.com. NS ns.sub.example.com.']
    const found = of('a.sub.example.com', 'A', { aa: false, authority })
    expect(found.kind === 'referral' && nameToText(found.zone)).toBe('sub.example.com')
  })

  it('a referral with another class is none', () => {
    expect(of('a.b.example.com', 'A', { aa: true, authority: ['b.example.com. CH NS ns.example.com.'] }).kind).toBe('nodata')
  })

  it('tells what seems to come from a cache', () => {
    const answer = ['www.example.com. A 1.2.3.4']
    expect(of('www.example.com', 'A', { answer, aa: false, ra: true })).toEqual({ kind: 'answer', recursive: true })
    expect(of('www.example.com', 'A', { answer, aa: false })).toEqual({ kind: 'answer', recursive: false })
    expect(of('www.example.com', 'A', { answer, aa: true, ra: true })).toEqual({ kind: 'answer', recursive: false })
  })

  it('takes a record with malformed rdata as an answer, not as its denial', () => {
    const change: Says['change'] = (spec) => ({
      ...spec,
      answer: [{ owner: nameFromText('www.example.com'), type: 1, class: 1, ttl: 60, rdata: Uint8Array.of(1, 2, 3) }]
    })
    expect(of('www.example.com', 'A', { change }).kind).toBe('answer')
  })
})
