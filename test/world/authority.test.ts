// The authoritative server of the test world against the responses of RFC 4035 appendix B and RFC 5155 appendix B, and
// section by section against what RFC 1034, 2308, 4592 and 6672 say.
import { describe, expect, it } from 'vitest'
import { buildQuery, type Message, parseMessage } from '../../src/wire/message.js'
import { RCODE, rcodeToText, typeFromText, typeToText } from '../../src/wire/numbers.js'
import type { Rrset } from '../../src/wire/rrset.js'
import { nameFromText, nameToText, rdataToText } from '../../src/wire/text.js'
import { authority, type Protocol, type Respond } from './authority.js'
import * as behaviours from './behaviours.js'
import { zoneKey } from './keys.js'
import { zoneOfRfc4035, zoneOfRfc5155 } from './rfc-zones.js'
import { makeZone } from './zone.js'

interface Ask {
  readonly dnssec?: boolean
  readonly udpSize?: number
  readonly edns?: boolean
  readonly protocol?: Protocol
}

function ask(server: Respond, name: string, type: string, options: Ask = {}): Message {
  const { dnssec = true, udpSize = 4096, edns = true, protocol = 'tcp' } = options
  const question = { name: nameFromText(name), type: typeFromText(type) as number, class: 1 }
  const query = buildQuery({ id: 4711, question, edns: edns ? { udpSize, dnssecOk: dnssec } : undefined })
  const reply = server(query, protocol)
  if (!reply) throw new Error('silence')
  return parseMessage(reply)
}

/** `owner TYPE`, with a `+` when it is signed. */
const said = (rrsets: readonly Rrset[]): string[] =>
  rrsets.map((set) => `${nameToText(set.owner)} ${typeToText(set.type)}${set.signatures.length > 0 ? '+' : ''}`)

function sections(message: Message): unknown {
  const { aa, rcode, answer, authority: second, additional } = message
  return { aa, rcode: rcodeToText(rcode), answer: said(answer), authority: said(second), additional: said(additional) }
}

const negative = (rcode: string, ...authorities: string[]): unknown => ({
  aa: true,
  rcode,
  answer: [],
  authority: authorities,
  additional: []
})

describe('RFC 4035 appendix B', () => {
  const server = authority([zoneOfRfc4035()])

  it('B.1 answer', () => {
    expect(sections(ask(server, 'x.w.example', 'MX'))).toEqual({
      aa: true,
      rcode: 'NOERROR',
      answer: ['x.w.example MX+'],
      authority: [],
      additional: ['xx.example A+', 'xx.example AAAA+']
    })
  })

  it('B.2 name error', () => {
    const reply = sections(ask(server, 'ml.example', 'A'))
    expect(reply).toEqual(negative('NXDOMAIN', 'example SOA+', 'b.example NSEC+', 'example NSEC+'))
  })

  it('B.3 no data', () => {
    expect(sections(ask(server, 'ns1.example', 'MX'))).toEqual(negative('NOERROR', 'example SOA+', 'ns1.example NSEC+'))
  })

  it('B.4 referral to a signed zone', () => {
    expect(sections(ask(server, 'mc.a.example', 'MX'))).toEqual({
      aa: false,
      rcode: 'NOERROR',
      answer: [],
      authority: ['a.example NS', 'a.example DS+'],
      additional: ['ns1.a.example A', 'ns2.a.example A']
    })
  })

  it('B.5 referral to an unsigned zone', () => {
    expect(sections(ask(server, 'mc.b.example', 'MX'))).toMatchObject({ aa: false, authority: ['b.example NS', 'b.example NSEC+'] })
  })

  it('B.6 wildcard expansion', () => {
    const reply = ask(server, 'a.z.w.example', 'MX')
    expect(sections(reply)).toMatchObject({ answer: ['a.z.w.example MX+'], authority: ['x.y.w.example NSEC+'] })
    expect(reply.answer[0].signatures[0].labels).toBe(2)
  })

  it('B.7 wildcard no data', () => {
    const reply = sections(ask(server, 'a.z.w.example', 'AAAA'))
    expect(reply).toEqual(negative('NOERROR', 'example SOA+', 'x.y.w.example NSEC+', '*.w.example NSEC+'))
  })

  it('B.8 DS of the apex, asked of the child', () => {
    expect(sections(ask(server, 'example', 'DS'))).toEqual(negative('NOERROR', 'example SOA+', 'example NSEC+'))
  })

  it('an empty non-terminal has no data, shown by the NSEC before it', () => {
    expect(sections(ask(server, 'y.w.example', 'A'))).toEqual(negative('NOERROR', 'example SOA+', 'x.w.example NSEC+'))
  })

  it('the DS and its absence come from the parent', () => {
    expect(sections(ask(server, 'a.example', 'DS'))).toMatchObject({ aa: true, answer: ['a.example DS+'], authority: [] })
    expect(sections(ask(server, 'b.example', 'DS'))).toEqual(negative('NOERROR', 'example SOA+', 'b.example NSEC+'))
  })

  it('without DO there is nothing of DNSSEC, unless it was asked for', () => {
    expect(sections(ask(server, 'ml.example', 'A', { dnssec: false }))).toEqual(negative('NXDOMAIN', 'example SOA'))
    expect(sections(ask(server, 'mc.a.example', 'A', { edns: false }))).toMatchObject({ authority: ['a.example NS'] })
    expect(sections(ask(server, 'ai.example', 'NSEC', { dnssec: false }))).toMatchObject({ answer: ['ai.example NSEC'] })
  })

  it('ANY gives every RRset with its RRSIG, RRSIG gives the RRSIGs', () => {
    const any = ask(server, 'ai.example', 'ANY')
    expect(new Set(said(any.answer).filter((set) => set.endsWith('+')))).toEqual(
      new Set(['ai.example A+', 'ai.example HINFO+', 'ai.example AAAA+', 'ai.example NSEC+'])
    )
    expect(ask(server, 'ai.example', 'RRSIG').answer.map((set) => [set.type, set.rdatas.length])).toEqual([[46, 4]])
  })

  it('a question keeps its spelling, in the question and in the owner', () => {
    const reply = ask(server, 'X.w.eXample', 'MX')
    expect(nameToText(reply.question?.name ?? nameFromText('.'))).toBe('X.w.eXample')
    expect(nameToText(reply.answer[0].owner)).toBe('X.w.eXample')
  })
})

describe('RFC 5155 appendix B', () => {
  const server = authority([zoneOfRfc5155()])
  const nsec3 = (...hashes: string[]): string[] => hashes.map((hash) => `${hash}.example NSEC3+`)

  it('B.1 name error', () => {
    const proof = nsec3('b4um86eghhds6nea196smvmlo4ors995', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom', '35mthgpgcu1qg68fab165klnsnk3dpvl')
    expect(sections(ask(server, 'a.c.x.w.example', 'A'))).toEqual(negative('NXDOMAIN', 'example SOA+', ...proof))
  })

  it('B.2 no data, B.2.1 at an empty non-terminal', () => {
    const at = nsec3('2t7b4g4vsa5smi47k61mv5bv1a22bojr', 'ji6neoaepv8b5o6k4ev33abha8ht9fgc')
    expect(sections(ask(server, 'ns1.example', 'MX'))).toEqual(negative('NOERROR', 'example SOA+', at[0]))
    expect(sections(ask(server, 'y.w.example', 'A'))).toEqual(negative('NOERROR', 'example SOA+', at[1]))
  })

  it('B.3 referral to an unsigned zone that Opt-Out leaves out', () => {
    expect(sections(ask(server, 'mc.c.example', 'MX'))).toEqual({
      aa: false,
      rcode: 'NOERROR',
      answer: [],
      authority: ['c.example NS', ...nsec3('0p9mhaveqvm6t7vbl5lop2u3t2rp3tom', '35mthgpgcu1qg68fab165klnsnk3dpvl')],
      additional: ['ns1.c.example A', 'ns2.c.example A']
    })
  })

  it('B.4 wildcard expansion', () => {
    const proof = nsec3('q04jkcevqvmu85r014c7dkba38o0ji5r')
    expect(sections(ask(server, 'a.z.w.example', 'MX'))).toMatchObject({ answer: ['a.z.w.example MX+'], authority: proof })
  })

  it('B.5 wildcard no data', () => {
    const proof = nsec3('k8udemvp1j2f7eg6jebps17vp3n8i58h', 'q04jkcevqvmu85r014c7dkba38o0ji5r', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en')
    expect(sections(ask(server, 'a.z.w.example', 'AAAA'))).toEqual(negative('NOERROR', 'example SOA+', ...proof))
  })

  it('B.6 DS of the apex, asked of the child', () => {
    const reply = sections(ask(server, 'example', 'DS'))
    expect(reply).toEqual(negative('NOERROR', 'example SOA+', ...nsec3('0p9mhaveqvm6t7vbl5lop2u3t2rp3tom')))
  })

  it('the hash of a name is no name', () => {
    expect(ask(server, '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example', 'NSEC3').rcode).toBe(RCODE.NXDOMAIN)
  })
})

describe('aliases', () => {
  const signing = { inception: 0, expiration: 2 ** 31 }
  const parent = makeZone({
    origin: 'example',
    keys: [zoneKey('example', 13)],
    ...signing,
    text: `
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.1
host A 192.0.2.9
www CNAME host
gone CNAME nowhere
out CNAME www.example.net.
into CNAME www.child
ring CNAME ring2
ring2 CNAME ring
*.wild CNAME host
old DNAME child
child NS ns.child
child DS 1 13 2 0D6FCE3A1A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6F708192A3B4C5
ns.child A 192.0.2.2
big TXT "${'x'.repeat(250)}" "${'y'.repeat(250)}" "${'z'.repeat(250)}"
`
  })
  const child = makeZone({
    origin: 'child.example',
    keys: [zoneKey('child.example', 13)],
    ...signing,
    text: '@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.2\nwww A 192.0.2.3\n'
  })
  const server = authority([parent, child])
  const alone = authority([parent])

  it('are followed within the zone, to data and to a name error', () => {
    expect(sections(ask(server, 'www.example', 'A'))).toMatchObject({ rcode: 'NOERROR', answer: ['www.example CNAME+', 'host.example A+'] })
    expect(sections(ask(server, 'gone.example', 'A'))).toMatchObject({
      rcode: 'NXDOMAIN',
      answer: ['gone.example CNAME+'],
      authority: ['example SOA+', 'into.example NSEC+', 'example NSEC+']
    })
  })

  it('are not followed when the alias itself is asked for', () => {
    expect(sections(ask(server, 'www.example', 'CNAME'))).toMatchObject({ answer: ['www.example CNAME+'] })
  })

  it('are followed into another zone of the server, and else to its referral', () => {
    expect(sections(ask(server, 'into.example', 'A'))).toMatchObject({ answer: ['into.example CNAME+', 'www.child.example A+'] })
    expect(sections(ask(alone, 'into.example', 'A'))).toMatchObject({
      aa: true,
      answer: ['into.example CNAME+'],
      authority: ['child.example NS', 'child.example DS+']
    })
  })

  it('end where they leave the server, and where they turn', () => {
    expect(sections(ask(server, 'out.example', 'A'))).toMatchObject({ rcode: 'NOERROR', answer: ['out.example CNAME+'], authority: [] })
    expect(sections(ask(server, 'ring.example', 'A'))).toMatchObject({ answer: ['ring.example CNAME+', 'ring2.example CNAME+'] })
  })

  it('from a wildcard bring its proof', () => {
    expect(sections(ask(server, 'a.wild.example', 'A'))).toMatchObject({
      answer: ['a.wild.example CNAME+', 'host.example A+'],
      authority: ['*.wild.example NSEC+']
    })
  })

  it('from a DNAME come with an unsigned CNAME, but the DNAME itself is plain data', () => {
    const reply = ask(server, 'www.old.example', 'A')
    expect(said(reply.answer)).toEqual(['old.example DNAME+', 'www.old.example CNAME', 'www.child.example A+'])
    expect(rdataToText(5, reply.answer[1].rdatas[0])).toMatch(/^www\.child\.example\.?$/)
    expect(sections(ask(server, 'old.example', 'DNAME'))).toMatchObject({ answer: ['old.example DNAME+'] })
    const long = `${'b'.repeat(60)}.${`${'a'.repeat(59)}.`.repeat(3)}old.example`
    expect(ask(server, long, 'A').rcode).toBe(RCODE.YXDOMAIN)
  })

  it('a server of parent and child answers for each with its own records', () => {
    expect(said(ask(server, 'child.example', 'DS').answer)).toEqual(['child.example DS+'])
    expect(said(ask(server, 'child.example', 'SOA').answer)).toEqual(['child.example SOA+'])
  })

  it('replies that are too long for UDP are cut: first the additional section, then all', () => {
    const udp = ask(server, 'big.example', 'TXT', { protocol: 'udp', udpSize: 512 })
    expect(udp).toMatchObject({ tc: true, answer: [] })
    expect(ask(server, 'big.example', 'TXT', { protocol: 'udp' }).answer).toHaveLength(1)
    expect(ask(server, 'big.example', 'TXT', { protocol: 'udp', edns: false }).tc).toBe(true)
  })

  it('what is outside is refused, what is not understood is said so', () => {
    expect(ask(server, 'example.org', 'A')).toMatchObject({ rcode: RCODE.REFUSED, aa: false })
    expect(parseMessage(server(Uint8Array.of(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0), 'udp') ?? new Uint8Array())).toMatchObject({
      id: 1,
      rcode: RCODE.FORMERR
    })
    expect(server(new Uint8Array(5), 'udp')).toBeUndefined()
  })

  it('behaviours do what their names say', () => {
    const { behaving } = behaviours
    const reply = (...list: behaviours.Behaviour[]): Message => ask(behaving(server, ...list), 'host.example', 'A', { protocol: 'udp' })
    expect(reply(behaviours.refusing)).toMatchObject({ rcode: RCODE.REFUSED, answer: [] })
    expect(() => reply(behaviours.silent)).toThrow('silence')
    expect(sections(reply(behaviours.lame))).toMatchObject({ aa: false, answer: [], authority: ['. NS'] })
    expect(said(reply(behaviours.strippingRrsig).answer)).toEqual(['host.example A'])
    expect(reply(behaviours.ignoringEdns)).toMatchObject({ edns: undefined, answer: [{ signatures: [] }] })
    expect(reply(behaviours.refusingEdns)).toMatchObject({ rcode: RCODE.FORMERR, edns: undefined })
    expect(() => reply(behaviours.droppingEdns)).toThrow('silence')
    expect(reply(behaviours.truncating)).toMatchObject({ tc: true, answer: [] })
    expect(() => reply(behaviours.tcpOnly)).toThrow('silence')
    expect(reply(behaviours.wrongId).id).not.toBe(4711)
    expect(() => reply(behaviours.garbled)).toThrow()
    expect(reply(behaviours.claimingAd).ad).toBe(true)
    expect(reply(behaviours.when(behaviours.asksFor(28), behaviours.refusing)).rcode).toBe(RCODE.NOERROR)
    expect(said(ask(behaving(server, behaviours.strippingDenial), 'x.example', 'A').authority)).toEqual(['example SOA+'])
    const twice = behaving(server, behaviours.firstTimes(1, behaviours.refusing))
    expect([ask(twice, 'host.example', 'A').rcode, ask(twice, 'host.example', 'A').rcode]).toEqual([RCODE.REFUSED, RCODE.NOERROR])
  })
})
