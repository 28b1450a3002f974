import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from '../../src/wire/cursor.js'
import { EDNS_OPTION, extendedErrors } from '../../src/wire/edns.js'
import { buildMessage, buildQuery, parseMessage, questionKey, type ReplySpec } from '../../src/wire/message.js'
import { Name } from '../../src/wire/name.js'
import { RCODE, TYPE } from '../../src/wire/numbers.js'
import { readNsec } from '../../src/wire/rdata/nsec.js'
import { groupRrsets } from '../../src/wire/rrset.js'
import { nameFromText, nameToText, recordFromText } from '../../src/wire/text.js'
import { name, octets, record } from './arbitraries.js'

const question = { name: nameFromText('www.example'), type: TYPE.A, class: 1 }
const a = recordFromText('www.example. 60 IN A 192.0.2.1')
const opt = (...rdata: number[]) => [0, 0, 41, 4, 208, 0, 0, 128, 0, 0, rdata.length, ...rdata]

/** A message out of parts: counts, then the octets behind the header. */
const raw = (counts: [number, number, number, number], ...body: number[]) =>
  Uint8Array.from([0, 1, 0x80, 0, ...counts.flatMap((n) => [n >>> 8, n & 0xff]), ...body])
const asked = [1, 0x61, 0, 0, 1, 0, 1] // "a", A, IN
const rr = (type: number, ttl: number[], rdlength: number, ...rdata: number[]) => [0xc0, 12, 0, type, 0, 1, ...ttl, 0, rdlength, ...rdata]
const ttl0 = [0, 0, 0, 60]

describe('parseMessage', () => {
  it('reads back what buildMessage wrote', () => {
    const flag = fc.boolean()
    const spec: fc.Arbitrary<ReplySpec> = fc.record({
      id: fc.integer({ min: 0, max: 0xffff }),
      question: fc.option(fc.record({ name, type: fc.integer({ min: 0, max: 0xffff }), class: fc.integer({ min: 0, max: 0xffff }) }), {
        nil: undefined
      }),
      qr: flag,
      aa: flag,
      tc: flag,
      rd: flag,
      ra: flag,
      ad: flag,
      cd: flag,
      opcode: fc.integer({ min: 0, max: 15 }),
      rcode: fc.integer({ min: 0, max: 15 }),
      answer: fc.array(record, { maxLength: 6 }),
      authority: fc.array(record, { maxLength: 4 }),
      additional: fc.array(record, { maxLength: 4 }),
      edns: fc.option(
        fc.record({
          udpSize: fc.integer({ min: 0, max: 0xffff }),
          version: fc.integer({ min: 0, max: 255 }),
          dnssecOk: flag,
          options: fc.array(fc.record({ code: fc.integer({ min: 0, max: 0xffff }), data: octets(0, 30) }), { maxLength: 3 })
        }),
        { nil: undefined }
      )
    })
    fc.assert(
      fc.property(spec, (given) => {
        const wire = buildMessage(given)
        const { answer = [], authority = [], additional = [], ...header } = given
        const all = header.question?.type === TYPE.ANY || header.question?.type === TYPE.RRSIG
        const message = parseMessage(wire)
        expect(message).toEqual({
          ...header,
          wire,
          answer: groupRrsets(answer, all).rrsets,
          authority: groupRrsets(authority, all).rrsets,
          additional: groupRrsets(additional, all).rrsets,
          malformed: []
        })
        expect(message.edns).toEqual(given.edns)
      }),
      { numRuns: 300 }
    )
  })

  it('takes a Buffer and gives plain arrays', () => {
    const pool = Buffer.concat([Buffer.from('xyz'), buildMessage({ id: 1, question, answer: [a] })])
    const message = parseMessage(pool.subarray(3))
    expect(message.answer[0].rdatas[0].constructor).toBe(Uint8Array)
    expect([...message.answer[0].rdatas[0]]).toEqual([192, 0, 2, 1])
  })

  it('merges the extended RCODE (BADVERS, BADCOOKIE)', () => {
    for (const rcode of [RCODE.BADVERS, RCODE.BADCOOKIE, 0xabc]) {
      expect(parseMessage(buildMessage({ id: 1, question, rcode, edns: { udpSize: 1232 } })).rcode).toBe(rcode)
    }
    expect(() => buildMessage({ id: 1, question, rcode: 16 })).toThrow(RangeError)
  })

  it('keeps the class as a number: no flush bit', () => {
    const message = parseMessage(raw([1, 1, 0, 0], ...asked, 0xc0, 12, 0, 1, 0x80, 1, ...ttl0, 0, 4, 1, 2, 3, 4))
    expect(message.answer[0].class).toBe(0x8001)
  })

  it.each([
    [[0x80, 0, 0, 0], 0],
    [[0xff, 0xff, 0xff, 0xff], 0],
    [[0x7f, 0xff, 0xff, 0xff], 0x7fffffff]
  ])('takes the TTL %j as %d (RFC 2181 8)', (ttl, expected) => {
    expect(parseMessage(raw([1, 1, 0, 0], ...asked, ...rr(1, ttl as number[], 4, 1, 2, 3, 4))).answer[0].ttl).toBe(expected)
  })

  it('keeps the question in the case it came in', () => {
    const q = { name: nameFromText('wWw.ExAmPlE'), type: TYPE.A, class: 1 }
    expect(nameToText(parseMessage(buildQuery({ id: 1, question: q })).question?.name ?? Name.root)).toBe('wWw.ExAmPlE')
    expect(questionKey(q)).toBe(questionKey(question))
    expect(questionKey({ ...q, type: 2 })).not.toBe(questionKey(question))
    expect(questionKey({ ...q, class: 3 })).not.toBe(questionKey(question))
  })

  it.each<[string, Uint8Array]>([
    ['the last record', raw([1, 1, 0, 0], ...asked, ...rr(1, ttl0, 4, 1, 2, 3, 4), 0)],
    ['a header without records', raw([0, 0, 0, 0], 0, 0, 0, 0)]
  ])('passes over octets after %s', (_, wire) => {
    const plain = parseMessage(wire.subarray(0, wire.length - 1))
    const { answer, question, malformed } = parseMessage(wire)
    expect({ answer, question, malformed }).toEqual({ answer: plain.answer, question: plain.question, malformed: [] })
  })

  it.each<[string, Uint8Array]>([
    ['less than a header', new Uint8Array(11)],
    ['a count beyond the data', raw([1, 1, 0, 0], ...asked)],
    ['65,535 records in a few octets', raw([1, 0xffff, 0xffff, 0xffff], ...asked)],
    ['two questions', raw([2, 0, 0, 0], ...asked, ...asked)],
    ['a question without its class', raw([1, 0, 0, 0], 1, 0x61, 0, 0, 1)],
    ['an RDLENGTH beyond the message (unknown type)', raw([1, 1, 0, 0], ...asked, 0xc0, 12, 0xff, 0, 0, 1, ...ttl0, 0, 9, 1, 2, 3, 4)],
    ['an RDLENGTH beyond the message (TXT)', raw([1, 1, 0, 0], ...asked, ...rr(16, ttl0, 9, 3, 0x61, 0x62, 0x63))],
    ['an RDLENGTH beyond the message (A)', raw([1, 1, 0, 0], ...asked, ...rr(1, ttl0, 5, 1, 2, 3, 4))],
    ['half a record header', raw([1, 1, 0, 0], ...asked, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0)],
    ['an owner of an unknown label type', raw([1, 1, 0, 0], ...asked, 0x80, 12, 0, 1, 0, 1, ...ttl0, 0, 4, 1, 2, 3, 4)],
    ['an owner that points into the header', raw([1, 1, 0, 0], ...asked, 0xc0, 4, 0, 1, 0, 1, ...ttl0, 0, 4, 1, 2, 3, 4)],
    ['two OPTs', raw([1, 0, 0, 2], ...asked, ...opt(), ...opt())],
    ['an OPT in the answer', raw([1, 1, 0, 0], ...asked, ...opt())],
    ['an OPT in the authority', raw([1, 0, 1, 0], ...asked, ...opt())],
    ['an OPT with an owner', raw([1, 0, 0, 1], ...asked, 0xc0, 12, ...opt().slice(1))],
    ['an option beyond the OPT, into the next record', raw([1, 0, 0, 2], ...asked, ...opt(0, 10, 0, 16, 1), ...rr(1, ttl0, 4, 1, 2, 3, 4))],
    ['half an option', raw([1, 0, 0, 1], ...asked, ...opt(0, 10, 0))]
  ])('refuses a message with %s', (_, wire) => {
    expect(() => parseMessage(wire)).toThrow(WireError)
  })

  it.each<[string, number, number[]]>([
    ['A of 5 octets', TYPE.A, [1, 2, 3, 4, 5]],
    ['A of none', TYPE.A, []],
    ['AAAA of 3', TYPE.AAAA, [1, 2, 3]],
    ['TLSA of 1', TYPE.TLSA, [3]],
    ['MX with octets after its exchange', TYPE.MX, [0, 10, 0xc0, 12, 9]],
    ['NS whose name runs over', TYPE.NS, [1]],
    ['CNAME with a pointer forwards', TYPE.CNAME, [0xc0, 0xff]],
    ['SOA cut short', TYPE.SOA, [0, 0, 1, 2, 3]],
    ['TXT whose string runs over', TYPE.TXT, [5, 0x61]],
    ['TXT without a string', TYPE.TXT, []],
    ['RRSIG cut within its fixed part', TYPE.RRSIG, [0, 1, 8, 2]],
    ['RRSIG without a signer', TYPE.RRSIG, new Array(18).fill(0)],
    ['DNSKEY of 3', TYPE.DNSKEY, [1, 1, 3]],
    ['DS of 3', TYPE.DS, [1, 1, 3]],
    ['NSEC3 whose salt runs into the next record', TYPE.NSEC3, [1, 0, 0, 0, 200, 1]],
    ['NSEC3 without a hash', TYPE.NSEC3, [1, 0, 0, 0, 0, 0]],
    ['NSEC with a window of 33 octets', TYPE.NSEC, [0, 0, 33, ...new Array(33).fill(1)]],
    ['NSEC with an empty window', TYPE.NSEC, [0, 0, 0]],
    ['NSEC with a trailing zero octet', TYPE.NSEC, [0, 0, 2, 64, 0]],
    ['NSEC with windows out of order', TYPE.NSEC, [0, 1, 1, 64, 0, 1, 64]],
    ['NSEC an octet short', TYPE.NSEC, [0, 0, 6, 64, 0, 0, 0, 0]],
    ['SVCB with a compressed target', 64, [0, 1, 0xc0, 12]],
    ['SRV cut short', TYPE.SRV, [0, 0, 0]]
  ])('sets a malformed %s aside and keeps the records around it', (_, type, rdata) => {
    const wire = raw(
      [1, 3, 0, 0],
      ...asked,
      ...rr(13, ttl0, 4, 1, 0x61, 1, 0x62),
      ...rr(type, ttl0, rdata.length, ...rdata),
      ...rr(15, ttl0, 3, 0, 1, 0)
    )
    const message = parseMessage(wire)
    expect(message.answer.map((set) => set.type)).toEqual([TYPE.HINFO, TYPE.MX])
    expect(message.malformed).toHaveLength(1)
    expect(message.malformed[0]).toMatchObject({ type, rdata: Uint8Array.from(rdata) })
    expect(message.malformed[0].fault).toMatch(/\w/)
  })

  it('keeps a DNSKEY of any protocol', () => {
    const message = parseMessage(raw([1, 1, 0, 0], ...asked, ...rr(48, ttl0, 6, 1, 1, 7, 8, 1, 2)))
    expect(message.malformed).toEqual([])
    expect(message.answer[0].type).toBe(TYPE.DNSKEY)
  })

  it('keeps unknown types covered by an RRSIG and told by a bitmap', () => {
    const lines = ['x. NSEC a. A TYPE65280', 'x. RRSIG TYPE65280 13 1 60 20300101000000 20290101000000 1 . AAAA', 'x. TYPE65280 \\# 1 07']
    const message = parseMessage(buildMessage({ id: 1, question, answer: lines.map((line) => recordFromText(line)) }))
    expect(readNsec(message.answer[0].rdatas[0]).types.has(65280)).toBe(true)
    expect(message.answer[1].signatures.map((signature) => signature.typeCovered)).toEqual([65280])
  })

  it('takes an A of another class as opaque octets (RFC 1035 3.4)', () => {
    const message = parseMessage(raw([1, 1, 0, 0], ...asked, 0xc0, 12, 0, 1, 0, 3, ...ttl0, 0, 3, 0, 1, 2))
    expect(message.answer[0].rdatas).toEqual([Uint8Array.of(0, 1, 2)])
  })

  it('expands compressed names in the rdata of the types that may have them', () => {
    for (const [type, rdata, expanded] of [
      [TYPE.NS, [0xc0, 12], [1, 0x61, 0]],
      [TYPE.MX, [0, 9, 1, 0x62, 0xc0, 12], [0, 9, 1, 0x62, 1, 0x61, 0]],
      [TYPE.SRV, [0, 0, 0, 0, 0, 25, 0xc0, 12], [0, 0, 0, 0, 0, 25, 1, 0x61, 0]],
      [TYPE.KX, [0, 9, 0xc0, 12], [0, 9, 1, 0x61, 0]],
      [TYPE.AFSDB, [0, 9, 0xc0, 12], [0, 9, 1, 0x61, 0]],
      [TYPE.RP, [0xc0, 12, 0xc0, 12], [1, 0x61, 0, 1, 0x61, 0]],
      [TYPE.PX, [0, 9, 0xc0, 12, 0xc0, 12], [0, 9, 1, 0x61, 0, 1, 0x61, 0]],
      [TYPE.NSEC, [0xc0, 12, 0, 1, 64], [1, 0x61, 0, 0, 1, 64]]
    ] as const) {
      const message = parseMessage(raw([1, 1, 0, 0], ...asked, ...rr(type, ttl0, rdata.length, ...rdata)))
      expect([...message.answer[0].rdatas[0]], String(type)).toEqual(expanded)
    }
    const signature = [...new Array(18).fill(1), 0xc0, 12, 7, 7]
    const message = parseMessage(raw([1, 1, 0, 0], ...asked, ...rr(46, ttl0, signature.length, ...signature)))
    expect([...message.answer[0].rdatas[0]]).toEqual([...new Array(18).fill(1), 1, 0x61, 0, 7, 7])
  })
})

describe('buildMessage', () => {
  it('compresses owners, and only with names of the same case', () => {
    const records = ['www.example. 1 A 192.0.2.1', 'WWW.example. 1 A 192.0.2.2', 'mail.www.example. 1 A 192.0.2.3'].map((line) =>
      recordFromText(line)
    )
    const wire = buildMessage({ id: 1, question, answer: records })
    expect(wire.length).toBe(12 + 13 + 4 + (2 + 14) + (4 + 2 + 14) + (5 + 2 + 14))
    expect(parseMessage(wire).answer.map((set) => nameToText(set.owner))).toEqual(['www.example', 'mail.www.example'])
  })

  it('points at nothing beyond 16,383', () => {
    const records = Array.from({ length: 1500 }, (_, i) => recordFromText(`host-${i}.example. 1 TXT "0123456789"`))
    expect(
      parseMessage(buildMessage({ id: 1, answer: [...records, ...records.slice(-3).map((r) => ({ ...r, type: 65280 }))] })).answer
    ).toHaveLength(1503)
  })

  it('refuses to be longer than 65,535 octets', () => {
    const big = { ...a, type: 65280, rdata: new Uint8Array(40_000) }
    expect(() => buildMessage({ id: 1, answer: [big, { ...big, type: 65281 }] })).toThrow(RangeError)
  })

  it('makes a query with the bits that were asked for and no others', () => {
    const plain = parseMessage(buildQuery({ id: 0xbeef, question }))
    expect(plain).toMatchObject({ id: 0xbeef, qr: false, rd: false, cd: false, ad: false, aa: false, opcode: 0, question, edns: undefined })
    const full = parseMessage(
      buildQuery({
        id: 1,
        question,
        recursionDesired: true,
        checkingDisabled: true,
        edns: { udpSize: 1232, dnssecOk: true, options: [{ code: EDNS_OPTION.COOKIE, data: new Uint8Array(8) }] }
      })
    )
    expect(full).toMatchObject({ qr: false, rd: true, cd: true, edns: { udpSize: 1232, version: 0, dnssecOk: true } })
  })
})

describe('extendedErrors', () => {
  const ede = (...data: number[]) => ({ code: EDNS_OPTION.EDE, data: Uint8Array.from(data) })
  const edns = (...options: { code: number; data: Uint8Array }[]) => ({ udpSize: 0, version: 0, dnssecOk: true, options })

  it('reads every EDE, with and without text, null-terminated or not', () => {
    expect(extendedErrors(edns(ede(0, 6, 0x68, 0x69), { code: 10, data: new Uint8Array(8) }, ede(1, 0), ede(0, 22, 0x68, 0)))).toEqual([
      { code: 6, text: 'hi' },
      { code: 256, text: '' },
      { code: 22, text: 'h' }
    ])
    expect(extendedErrors(undefined)).toEqual([])
  })

  it('leaves out one without a code and does not stumble over text that is not UTF-8', () => {
    expect(extendedErrors(edns(ede(0), ede(0, 1, 0xff)))).toEqual([{ code: 1, text: '\ufffd' }])
  })
})
