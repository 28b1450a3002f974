import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader, WireError, Writer } from '../../src/wire/cursor.js'
import { extendedErrors } from '../../src/wire/edns.js'
import { buildMessage, type Message, parseMessage } from '../../src/wire/message.js'
import { MAX_POINTERS_PER_MESSAGE, readName } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText, nameToText, rdataToText, recordFromText } from '../../src/wire/text.js'
import { captures, noData } from './data.js'

/** How many mutated messages: MUTATIONS=1000000 for a long run. */
const MUTATIONS = Number(process.env.MUTATIONS ?? 30_000)

const records = (...lines: string[]) => lines.map((line) => recordFromText(line))
const signed = buildMessage({
  id: 0x1234,
  question: { name: nameFromText('_25._tcp.mail.example'), type: TYPE.TLSA, class: 1 },
  aa: true,
  answer: records(
    '_25._tcp.mail.example. 300 TLSA 3 1 1 E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855',
    '_25._tcp.mail.example. 300 RRSIG TLSA 13 4 300 20300101000000 20290101000000 12345 example. AAECAwQFBgcICQoLDA0ODw==',
    'alias.example. 300 CNAME Target.example.',
    'example. 300 MX 10 mail.example.',
    'example. 300 TXT "v=spf1 -all" "more"',
    'example. 300 HTTPS 1 . alpn=h2 port=443'
  ),
  authority: records(
    'example. 300 SOA ns.example. host.example. 1 2 3 4 5',
    'example. 300 NSEC a.example. NS SOA RRSIG NSEC DNSKEY TYPE65280',
    '2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. 300 NSEC3 1 1 5 AABB 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG',
    'example. 300 DNSKEY 257 3 13 AAECAwQFBgcICQoLDA0ODw==',
    'sub.example. 300 DS 12345 13 2 E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855'
  ),
  additional: records('ns.example. 300 A 192.0.2.1', 'ns.example. 300 AAAA 2001:db8::1'),
  edns: {
    udpSize: 1232,
    dnssecOk: true,
    options: [
      { code: 10, data: new Uint8Array(16) },
      { code: 15, data: Uint8Array.of(0, 6, 0x68, 0x69) }
    ]
  }
})

/** The same by hand, with compression in the rdata, which buildMessage does not write. */
const compressed = (() => {
  const to = new Writer()
  to.bytes(signed.subarray(0, 4)).u16(1).u16(3).u16(0).u16(0)
  to.bytes(nameFromText('www.example.com').wire).u16(1).u16(1)
  to.u16(0xc00c)
    .u16(TYPE.CNAME)
    .u16(1)
    .u32(60)
    .u16(6)
    .bytes(Uint8Array.of(3, 0x66, 0x74, 0x70, 0xc0, 0x10))
  to.u16(0xc010).u16(TYPE.SOA).u16(1).u32(60).u16(24).u16(0xc00c).u16(0xc010).bytes(new Uint8Array(20))
  to.u16(0xc02d).u16(TYPE.MX).u16(1).u32(60).u16(4).u16(10).u16(0xc010)
  return to.finish()
})()

/** Parses; undefined when refused. Anything but a WireError is a failure, and so is a reading that changes the second time. */
function survive(wire: Uint8Array): Message | undefined {
  const once = attempt(wire)
  const twice = attempt(Uint8Array.from(wire))
  if (!isDeepStrictEqual(twice, once)) expect(twice).toEqual(once)
  if (once) {
    extendedErrors(once.edns)
    for (const set of [...once.answer, ...once.authority, ...once.additional]) {
      nameToText(set.owner)
      for (const rdata of set.rdatas) rdataToText(set.type, rdata)
    }
  }
  return once
}

function attempt(wire: Uint8Array): Message | undefined {
  try {
    return parseMessage(wire)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    if (!(error.offset >= 0 && error.offset <= wire.length)) expect.fail(`offset ${error.offset} in ${wire.length} octets`)
    return undefined
  }
}

/** A small fast generator with a seed, so that a failure can be run again. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutate(wire: Uint8Array, pick: (below: number) => number): Uint8Array {
  const octets = [...wire]
  for (let times = 1 + pick(3); times > 0; times--) {
    const at = pick(octets.length)
    const kind = pick(6)
    if (kind === 0) octets.length = at + 1
    else if (kind === 1) octets.splice(at, 1 + pick(8))
    else if (kind === 2) octets.splice(at, 0, ...Array.from({ length: 1 + pick(8) }, () => pick(256)))
    else if (kind === 3) octets.splice(at, 2, 0xc0 | pick(4), pick(256))
    else if (kind === 4) octets[at] ^= 1 << pick(8)
    else octets[at] = pick(256)
    if (octets.length === 0) octets.push(0)
  }
  return Uint8Array.from(octets)
}

describe('mutated messages', () => {
  it(`are read or refused, the same way twice, and never anything else (${MUTATIONS})`, { timeout: 30_000 + MUTATIONS * 2 }, () => {
    let read = 0
    for (let seed = 0; seed < MUTATIONS; seed++) {
      const pick = random(seed)
      if (survive(mutate(seed & 1 ? signed : compressed, pick))) read++
    }
    // Both kinds must occur, or the test tests nothing.
    expect(read).toBeGreaterThan(MUTATIONS / 50)
    expect(read).toBeLessThan(MUTATIONS * 0.95)
  })

  it('are refused at every length but the whole', () => {
    for (const wire of [signed, compressed]) {
      expect(survive(wire)).toBeDefined()
      for (let length = 0; length < wire.length; length++) expect(survive(wire.subarray(0, length))).toBeUndefined()
    }
  })

  it('of any octets at all are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (wire) => {
        survive(wire)
      }),
      { numRuns: 2000 }
    )
  })
})

describe('chains of pointers', () => {
  /** A question, then a chain of `pointers` pointers, each to the one before, hidden in the rdata of an unknown type. */
  function chain(pointers: number, count: number): { to: Writer; offsets: number[] } {
    const to = new Writer(65_535)
    to.u32(0x00018000)
      .u16(1)
      .u16(count + 1)
      .u16(0)
      .u16(0)
    to.bytes(nameFromText('example').wire).u16(1).u16(1)
    to.u16(0xc00c)
      .u16(65280)
      .u16(1)
      .u32(0)
      .u16(pointers * 2)
    const offsets: number[] = []
    for (let i = 0, last = 12; i < pointers; i++) {
      offsets.push(to.length)
      to.u16(0xc000 | last)
      last = offsets[i]
    }
    return { to, offsets }
  }

  it('of 8,000 under 4,000 records are refused after a few', () => {
    const { to, offsets } = chain(8000, 4000)
    for (let i = 0; i < 4000; i++)
      to.u16(0xc000 | offsets[7999])
        .u16(65280)
        .u16(1)
        .u32(0)
        .u16(0)
    const wire = to.finish()
    expect(wire.length).toBeGreaterThan(60_000)
    expect(() => parseMessage(wire)).toThrow(WireError)
    const from = new Reader(wire, offsets[7999])
    expect(() => readName(from)).toThrow(WireError)
    expect(from.hops).toBeLessThan(200)
  })

  it('that grow by steps cost every pointer once: a walked pointer is remembered', () => {
    const { to, offsets } = chain(8000, 0)
    const from = new Reader(to.finish())
    for (let round = 0; round < 2; round++) {
      for (let i = 99; i < 8000; i += 100) {
        from.at = offsets[i]
        expect(nameToText(readName(from))).toBe('example')
      }
    }
    expect(from.hops).toBeLessThan(8000 + 3 * 80)
  })

  it('that fail inside rdata again and again come to an end', () => {
    const { to, offsets } = chain(8000, 3000)
    for (let i = 0; i < 3000; i++)
      to.u16(0xc00c)
        .u16(TYPE.NS)
        .u16(1)
        .u32(0)
        .u16(2)
        .u16(0xc000 | offsets[7999])
    const from = new Reader(to.finish())
    for (let i = 0; i < 3000; i++) {
      from.at = offsets[7999]
      expect(() => readName(from)).toThrow(WireError)
    }
    expect(from.hops).toBeLessThan(MAX_POINTERS_PER_MESSAGE + 3001)
    survive(to.finish())
  })

  it('do not keep 9,000 honest pointers from being read', () => {
    const to = new Writer(65_535)
    const count = 4600
    to.u32(0x00018000).u16(1).u16(count).u16(0).u16(0)
    to.bytes(nameFromText('example').wire).u16(2).u16(1)
    for (let i = 0; i < count; i++) to.u16(0xc00c).u16(TYPE.NS).u16(1).u32(0).u16(2).u16(0xc00c)
    expect(parseMessage(to.finish()).answer[0].rdatas).toHaveLength(1)
  })
})

describe.skipIf(noData)('captured messages', () => {
  it('are read or refused, and nearly all are read', () => {
    const all = captures()
    expect(all.length).toBeGreaterThan(4000)
    const refused = all.filter(({ wire }) => survive(wire) === undefined)
    expect(refused.length).toBeLessThanOrEqual(20)
  })

  it('when mutated never do anything but that', () => {
    const all = captures()
    for (let i = 0; i < all.length; i++) survive(mutate(all[i].wire, random(i)))
  })
})
