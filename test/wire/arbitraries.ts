// Generators for the wire room: names of any octets, rdata of every layout, records and messages.
import fc from 'fast-check'
import { Writer } from '../../src/wire/cursor.js'
import { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { typeBitmapToWire } from '../../src/wire/rdata/bitmap.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'

export const octets = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })

const letter = fc.constantFrom(...[...'abcABCzZ09-_*.\\" @;()$'].map((char) => char.charCodeAt(0)))
const label = fc.oneof(
  fc.array(letter, { minLength: 1, maxLength: 4 }).map((chars) => Uint8Array.from(chars)),
  octets(1, 12),
  octets(63, 63)
)

/** Up to 4 labels, some of 63 octets; within 255. */
export const name: fc.Arbitrary<Name> = fc
  .array(label, { maxLength: 4 })
  .filter((labels) => labels.reduce((sum, l) => sum + 1 + l.length, 1) <= 255)
  .map((labels) => Name.fromLabels(labels))

/** Short names over few letters: relations between them are frequent. */
export const closeName: fc.Arbitrary<Name> = fc
  .array(fc.constantFrom('a', 'A', 'b', 'B', 'ab', '*', '\0', '\x80', 'a.b'), { maxLength: 5 })
  .map((labels) => Name.fromLabels(labels.map((l) => Uint8Array.from(l, (char) => char.charCodeAt(0)))))

const string = octets(0, 255).map((value) => Uint8Array.of(value.length, ...value))
const nameWire = name.map((n) => n.wire)
const type = fc.integer({ min: 1, max: 0xffff })
export const bitmap = fc.array(fc.oneof(type, fc.integer({ min: 1, max: 70 })), { maxLength: 12 }).map(typeBitmapToWire)
const nothing = fc.constant(new Uint8Array(0))

function joined(...parts: fc.Arbitrary<Uint8Array>[]): fc.Arbitrary<Uint8Array> {
  return fc.tuple(...parts).map((list) => {
    const to = new Writer()
    for (const part of list) to.bytes(part)
    return to.finish()
  })
}

const tag = fc.stringMatching(/^[a-zA-Z0-9]{1,15}$/).map((text) => Uint8Array.of(text.length, ...new TextEncoder().encode(text)))
const hash = octets(1, 40).map((value) => Uint8Array.of(value.length, ...value))
const precision = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })).map(([d, p]) => Uint8Array.of((d << 4) | p))
const angle = (degrees: number) =>
  fc.integer({ min: -degrees * 3_600_000, max: degrees * 3_600_000 }).map((v) => new Writer(4).u32((v + 0x80000000) >>> 0).finish())

const param = fc.oneof(
  fc.record({
    key: fc.constant(1),
    value: fc.array(octets(1, 9), { minLength: 1, maxLength: 3 }).map((l) => Uint8Array.from(l.flatMap((p) => [p.length, ...p])))
  }),
  fc.record({ key: fc.constant(2), value: nothing }),
  fc.record({ key: fc.constant(3), value: octets(2, 2) }),
  fc.record({ key: fc.constant(4), value: fc.oneof(octets(4, 4), octets(8, 8)) }),
  fc.record({ key: fc.constant(5), value: octets(1, 30) }),
  fc.record({ key: fc.constant(6), value: fc.oneof(octets(16, 16), octets(32, 32)) }),
  fc.record({ key: fc.integer({ min: 7, max: 0xffff }), value: octets(0, 20) })
)
const svcParams = fc.uniqueArray(param, { maxLength: 5, selector: (p) => p.key }).map((params) => {
  const to = new Writer()
  for (const { key, value } of params.sort((a, b) => a.key - b.key)) to.u16(key).u16(value.length).bytes(value)
  return to.finish()
})

/** Well-formed rdata by type: what the layouts accept and the presentation format has a row for. */
export const rdataOf: ReadonlyMap<number, fc.Arbitrary<Uint8Array>> = new Map([
  [TYPE.A, octets(4, 4)],
  [
    TYPE.AAAA,
    fc.oneof(
      octets(16, 16),
      fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 16, maxLength: 16 }).map((l) => Uint8Array.from(l))
    )
  ],
  ...[TYPE.NS, TYPE.CNAME, TYPE.DNAME, TYPE.PTR, TYPE.MB, TYPE.MD, TYPE.MF, TYPE.MG, TYPE.MR].map((t) => [t, nameWire] as const),
  ...[TYPE.MX, TYPE.AFSDB, TYPE.RT, TYPE.KX, TYPE.LP].map((t) => [t, joined(octets(2, 2), nameWire)] as const),
  ...[TYPE.RP, TYPE.MINFO, TYPE.TALINK].map((t) => [t, joined(nameWire, nameWire)] as const),
  [TYPE.PX, joined(octets(2, 2), nameWire, nameWire)],
  [TYPE.SOA, joined(nameWire, nameWire, octets(20, 20))],
  [TYPE.SRV, joined(octets(6, 6), nameWire)],
  [TYPE.NAPTR, joined(octets(4, 4), string, string, string, nameWire)],
  ...[TYPE.TXT, TYPE.SPF].map((t) => [t, fc.oneof(string, joined(string, string))] as const),
  [TYPE.HINFO, joined(string, string)],
  [TYPE.CAA, joined(octets(1, 1), tag, octets(0, 300))],
  [TYPE.URI, joined(octets(4, 4), octets(1, 300))],
  [TYPE.LOC, joined(fc.constant(Uint8Array.of(0)), precision, precision, precision, angle(90), angle(180), octets(4, 4))],
  ...[TYPE.DS, TYPE.CDS].map((t) => [t, joined(octets(4, 4), octets(1, 48))] as const),
  ...[TYPE.DNSKEY, TYPE.CDNSKEY].map((t) => [t, joined(octets(4, 4), octets(0, 260))] as const),
  [TYPE.RRSIG, joined(octets(18, 18), nameWire, octets(0, 256))],
  [TYPE.NSEC, joined(nameWire, bitmap)],
  [TYPE.NSEC3, joined(octets(4, 4), string, hash, bitmap)],
  [TYPE.NSEC3PARAM, joined(octets(4, 4), string)],
  ...[TYPE.TLSA, TYPE.SMIMEA].map((t) => [t, joined(octets(3, 3), octets(0, 64))] as const),
  [TYPE.SSHFP, joined(octets(2, 2), octets(1, 32))],
  [TYPE.OPENPGPKEY, octets(1, 300)],
  [TYPE.CSYNC, joined(octets(6, 6), bitmap)],
  [TYPE.ZONEMD, joined(octets(6, 6), octets(1, 64))],
  [TYPE.CERT, joined(octets(5, 5), octets(1, 100))],
  ...[TYPE.SVCB, TYPE.HTTPS].map((t) => [t, joined(octets(2, 2), nameWire, svcParams)] as const)
])

/** A type and rdata that fits it; unknown types as well. */
export const typedRdata: fc.Arbitrary<{ type: number; rdata: Uint8Array }> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(...rdataOf.keys()).chain((t) => fc.record({ type: fc.constant(t), rdata: rdataOf.get(t) ?? nothing }))
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom(65280, 65534, TYPE.APL, TYPE.IPSECKEY), rdata: octets(0, 40) }) }
)

export const record: fc.Arbitrary<ResourceRecord> = fc
  .tuple(fc.oneof(name, closeName), fc.constantFrom(1, 1, 1, 3), fc.integer({ min: 0, max: 0x7fffffff }), typedRdata)
  .map(([owner, rrClass, ttl, typed]) => ({ owner, type: typed.type, class: rrClass, ttl, rdata: typed.rdata }))

/** A Name as readable text in failures. */
export const wireOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
