// The fields that rdata is written with in master files, each both ways: numbers, names, strings, hex, base64, times, types.
import { ipv4FromText, ipv4ToText, ipv6FromText, ipv6ToText } from './address-text.js'
import { fromBase16, fromBase32hex, fromBase64, toBase16, toBase32hex, toBase64 } from './base.js'
import { type Reader, WireError, type Writer } from './cursor.js'
import { type Name, readPlainName } from './name.js'
import { decimal, nameToText, quote, readOctet, relativeNameFromText, TextError } from './name-text.js'
import { typeFromText, typeToText } from './numbers.js'
import { TypeBitmap, typeBitmapToWire } from './rdata/bitmap.js'
import type { Tokens } from './tokens.js'

/** One field of an rdata. `toText` takes it off the rdata, `fromText` off the tokens; a relative name is below `origin`. */
export interface Field {
  toText(from: Reader): string
  fromText(tokens: Tokens, to: Writer, origin: Name | undefined): void
}

/** A field of a single token, given as two functions. */
function single(what: string, toText: (from: Reader) => string, fromText: (text: string, to: Writer) => void): Field {
  return { toText, fromText: (tokens, to) => fromText(tokens.next(what).text, to) }
}

/** A field that takes every token left. */
function tail(toText: (octets: Uint8Array) => string, fromText: (text: string) => Uint8Array): Field {
  return { toText: (from) => toText(from.rest()), fromText: (tokens, to) => to.bytes(fromText(tokens.joined())) }
}

/** A decimal number, or a word of `mnemonics` on reading. */
function integer(bits: 8 | 16 | 32, what: string, mnemonics: Readonly<Record<string, number>> = {}): Field {
  return single(
    what,
    (from) => String(take(from, bits)),
    (text, to) => put(to, bits, mnemonics[text.toUpperCase()] ?? number(text, bits, what))
  )
}

export const u8 = integer(8, 'a number of 8 bits')
export const u16 = integer(16, 'a number of 16 bits')
export const u32 = integer(32, 'a number of 32 bits')

/** DNSSEC algorithm numbers: mnemonics are read (RFC 4034 A.1, IANA), numbers are written. */
export const algorithm = integer(8, 'a DNSSEC algorithm', {
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  RSASHA1: 5,
  'DSA-NSEC3-SHA1': 6,
  'RSASHA1-NSEC3-SHA1': 7,
  NSEC3RSASHA1: 7,
  RSASHA256: 8,
  RSASHA512: 10,
  'ECC-GOST': 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
  INDIRECT: 252,
  PRIVATEDNS: 253,
  PRIVATEOID: 254
})

/** RFC 4398 2.1 */
export const certificateType = integer(16, 'a certificate type', {
  PKIX: 1,
  SPKI: 2,
  PGP: 3,
  IPKIX: 4,
  ISPKI: 5,
  IPGP: 6,
  ACPKIX: 7,
  IACPKIX: 8,
  URI: 253,
  OID: 254
})

/** Seconds; units are read ('1h30m'), numbers are written. */
export const period = single(
  'a time in seconds',
  (from) => String(from.u32()),
  (text, to) => to.u32(periodFromText(text))
)

export const name: Field = {
  toText: (from) => absolute(nameToText(readPlainName(from))),
  fromText: (tokens, to, origin) => to.bytes(relativeNameFromText(tokens.next('a name').text, origin).wire)
}

export const ipv4 = single(
  'an IPv4 address',
  (from) => ipv4ToText(from.take(4)),
  (text, to) => to.bytes(ipv4FromText(text))
)
export const ipv6 = single(
  'an IPv6 address',
  (from) => ipv6ToText(from.take(16)),
  (text, to) => to.bytes(ipv6FromText(text))
)

/** A <character-string> (RFC 1035 3.3), written in quotes. */
export const string = single(
  'a string',
  (from) => quoted(from.take(from.u8())),
  (text, to) => counted(to, stringFromText(text))
)

/** One <character-string> or more. */
export const strings: Field = {
  toText: (from) => {
    const texts: string[] = []
    do texts.push(string.toText(from))
    while (from.left > 0)
    return texts.join(' ')
  },
  fromText: (tokens, to, origin) => {
    do string.fromText(tokens, to, origin)
    while (tokens.left > 0)
  }
}

/** What is left as one quoted string of any length (URI, the value of CAA). */
export const longString = single(
  'a string',
  (from) => quoted(from.rest()),
  (text, to) => to.bytes(stringFromText(text))
)

/** The tag of CAA: letters and digits, counted (RFC 8659 4.1.1). */
export const tag = single('a tag', tagToText, (text, to) => {
  if (!/^[0-9A-Za-z]{1,255}$/.test(text)) throw new TextError(`not a CAA tag: ${quote(text)}`)
  counted(to, stringFromText(text))
})

export const hex = tail(toBase16, fromBase16)
export const base64 = tail(toBase64, fromBase64)

/** A counted salt, '-' when empty (RFC 5155 3.3). */
export const salt = single(
  'a salt',
  (from) => toBase16(from.take(from.u8())) || '-',
  (text, to) => counted(to, text === '-' ? new Uint8Array(0) : fromBase16(text))
)

/** A counted hash in base32hex (RFC 5155 3.3). */
export const hash = single('a hash', hashToText, (text, to) => {
  if (text === '') throw new TextError('a hash without octets')
  counted(to, fromBase32hex(text))
})

export const type = single(
  'a type',
  (from) => typeToText(from.u16()),
  (text, to) => to.u16(typeNumber(text))
)

export const bitmap: Field = {
  toText: (from) => TypeBitmap.read(from).types().map(typeToText).join(' '),
  fromText: (tokens, to) => {
    const types: number[] = []
    while (tokens.left > 0) types.push(typeNumber(tokens.next('').text))
    to.bytes(typeBitmapToWire(types))
  }
}

/** The times of an RRSIG: YYYYMMDDHHmmSS in UTC is written, seconds are read as well (RFC 4034 3.2). */
export const time = single(
  'a time',
  (from) => timeToText(from.u32()),
  (text, to) => to.u32(timeFromText(text))
)

/** Octets of a string in quotes; what is not printable ASCII as \DDD. */
export function quoted(octets: Uint8Array): string {
  let text = '"'
  for (const octet of octets) {
    if (octet < 0x20 || octet >= 0x7f) text += decimal(octet)
    else text += octet === 0x22 || octet === 0x5c ? `\\${String.fromCharCode(octet)}` : String.fromCharCode(octet)
  }
  return `${text}"`
}

/** Octets of a string or word with its escapes undone. */
export function stringFromText(text: string): Uint8Array {
  const octets: number[] = []
  for (let at = 0; at < text.length; ) {
    const [octet, next] = readOctet(text, at)
    octets.push(octet)
    at = next
  }
  return Uint8Array.from(octets)
}

/** A decimal number of so many bits. */
export function number(text: string, bits: number, what: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** bits) throw new TextError(`not ${what}: ${quote(text)}`)
  return Number(text)
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** '3600' or '1h', '1w2d'; seconds. */
export function periodFromText(text: string): number {
  if (!/^(\d{1,10}|(\d{1,10}[smhdw])+)$/i.test(text)) throw new TextError(`not a time in seconds: ${quote(text)}`)
  let seconds = 0
  for (const [, digits, unit] of text.matchAll(/(\d+)([a-z]?)/gi)) seconds += Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
  if (seconds > 0xffffffff) throw new TextError(`a time beyond 32 bits: ${quote(text)}`)
  return seconds
}

export function timeToText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-:T]/g, '')
}

export function timeFromText(text: string): number {
  if (!/^\d{14}$/.test(text)) return number(text, 32, 'a time')
  const [year, month, day, hour, minute, second] = [0, 4, 6, 8, 10, 12].map((at, i) => Number(text.slice(at, at + (i === 0 ? 4 : 2))))
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000
  if (timeToText(seconds) !== text) throw new TextError(`not a time: ${quote(text)}`)
  return seconds >>> 0
}

/** In rdata a name that has no trailing dot would be below the origin. */
function absolute(text: string): string {
  return text === '.' ? text : `${text}.`
}

function counted(to: Writer, octets: Uint8Array): void {
  if (octets.length > 255) throw new TextError(`${octets.length} octets do not fit a string of 255`)
  to.u8(octets.length).bytes(octets)
}

function tagToText(from: Reader): string {
  const text = String.fromCharCode(...from.take(from.u8()))
  if (!/^[0-9A-Za-z]+$/.test(text)) throw new WireError('a CAA tag of other than letters and digits', from.at)
  return text
}

function hashToText(from: Reader): string {
  const octets = from.take(from.u8())
  if (octets.length === 0) throw new WireError('a hash without octets', from.at)
  return toBase32hex(octets)
}

function typeNumber(text: string): number {
  const found = typeFromText(text)
  if (found === undefined) throw new TextError(`not a type: ${quote(text)}`)
  return found
}

function take(from: Reader, bits: 8 | 16 | 32): number {
  return bits === 8 ? from.u8() : bits === 16 ? from.u16() : from.u32()
}

function put(to: Writer, bits: 8 | 16 | 32, value: number): void {
  if (bits === 8) to.u8(value)
  else if (bits === 16) to.u16(value)
  else to.u32(value)
}
