// The SvcParams of SVCB and HTTPS as text and back (RFC 9460 2.1, 2.2, 7, A).
import { ipv4FromText, ipv4ToText, ipv6FromText, ipv6ToText } from './address-text.js'
import { fromBase64, toBase64 } from './base.js'
import { Reader, WireError, Writer } from './cursor.js'
import { type Field, number, quoted, stringFromText } from './fields.js'
import { quote, TextError } from './name-text.js'

/** By number (RFC 9460 14.3.2, RFC 9461 8.1, RFC 9540 7.1); what is not here is keyN. */
const KEYS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath', 'ohttp']

/** How the value of a known key is written; other values are strings of any octets. */
interface Value {
  toText(value: Uint8Array): string
  fromText(text: string): Uint8Array
}

const VALUES: Readonly<Record<string, Value>> = {
  mandatory: {
    toText: (value) => {
      let last = -1
      return listOf(value, 2, (from) => {
        const key = from.u16()
        if (key <= last) throw new WireError('mandatory SvcParamKeys out of order (RFC 9460 8)', 0)
        last = key
        return keyToText(key)
      })
    },
    fromText: (text) => {
      const keys = [...new Set(text.split(',').map(keyFromText))]
      const to = new Writer(16)
      for (const key of keys.sort((a, b) => a - b)) to.u16(key)
      return to.finish()
    }
  },
  alpn: { toText: alpnToText, fromText: alpnFromText },
  port: {
    toText: (value) => {
      if (value.length !== 2) throw new WireError(`a port of ${value.length} octets`, 0)
      return String((value[0] << 8) | value[1])
    },
    fromText: (text) => new Writer(2).u16(number(text, 16, 'a port')).finish()
  },
  ipv4hint: addresses(4, ipv4ToText, ipv4FromText),
  ipv6hint: addresses(16, ipv6ToText, ipv6FromText),
  ech: { toText: toBase64, fromText: fromBase64 }
}

export const svcParams: Field = {
  toText: (from) => {
    const texts: string[] = []
    let last = -1
    while (from.left > 0) {
      const key = from.u16()
      if (key <= last) throw new WireError('SvcParamKeys out of order (RFC 9460 2.2)', from.at - 2)
      last = key
      texts.push(paramToText(keyToText(key), from.take(from.u16())))
    }
    return texts.join(' ')
  },
  fromText: (tokens, to) => {
    const params = new Map<number, Uint8Array>()
    while (tokens.left > 0) {
      const [key, value] = paramFromText(tokens.next('').text)
      if (params.has(key)) throw new TextError(`the SvcParamKey ${keyToText(key)} stands twice`)
      params.set(key, value)
    }
    for (const [key, value] of [...params].sort(([a], [b]) => a - b)) to.u16(key).u16(value.length).bytes(value)
  }
}

function paramToText(key: string, value: Uint8Array): string {
  const known = VALUES[key]
  if (known) return `${key}=${known.toText(value)}`
  if (key === 'no-default-alpn' && value.length > 0) throw new WireError('no-default-alpn has a value (RFC 9460 7.1.1)', 0)
  return value.length === 0 ? key : `${key}=${quoted(value)}`
}

function paramFromText(text: string): [key: number, value: Uint8Array] {
  const equals = text.indexOf('=')
  const word = equals < 0 ? text : text.slice(0, equals)
  const key = keyFromText(word)
  const given = equals < 0 ? '' : text.slice(equals + 1)
  const raw = given.length > 1 && given.startsWith('"') && given.endsWith('"') ? given.slice(1, -1) : given
  const known = VALUES[word.toLowerCase()]
  if (!known) {
    if (key === 2 && raw !== '') throw new TextError('no-default-alpn takes no value')
    return [key, stringFromText(raw)]
  }
  if (raw === '') throw new TextError(`the SvcParamKey ${word} needs a value`)
  return [key, known.fromText(raw)]
}

function keyToText(key: number): string {
  return KEYS[key] ?? `key${key}`
}

function keyFromText(text: string): number {
  const lower = text.toLowerCase()
  const known = KEYS.indexOf(lower)
  if (known >= 0) return known
  if (!/^key(0|[1-9]\d{0,4})$/.test(lower)) throw new TextError(`not a SvcParamKey: ${quote(text)}`)
  return number(lower.slice(3), 16, 'a SvcParamKey')
}

/** RFC 9460 7.1.1: counted protocol names; a comma or backslash in one is escaped before the string itself is (A.1). */
function alpnToText(value: Uint8Array): string {
  const from = new Reader(value)
  const octets: number[] = []
  do {
    const protocol = from.take(from.u8())
    if (protocol.length === 0) throw new WireError('an ALPN protocol without octets', from.at)
    if (octets.length > 0) octets.push(COMMA)
    for (const octet of protocol) {
      if (octet === COMMA || octet === BACKSLASH) octets.push(BACKSLASH)
      octets.push(octet)
    }
  } while (from.left > 0)
  return quoted(Uint8Array.from(octets))
}

function alpnFromText(text: string): Uint8Array {
  const to = new Writer(32)
  let protocol: number[] = []
  const octets = stringFromText(text)
  for (let at = 0; at <= octets.length; at++) {
    if (at < octets.length && octets[at] !== COMMA) {
      if (octets[at] === BACKSLASH) at++
      if (at >= octets.length) throw new TextError(`a backslash escapes nothing in ${quote(text)}`)
      protocol.push(octets[at])
      continue
    }
    if (protocol.length === 0 || protocol.length > 255) throw new TextError(`an ALPN protocol of ${protocol.length} octets`)
    to.u8(protocol.length).bytes(Uint8Array.from(protocol))
    protocol = []
  }
  return to.finish()
}

const COMMA = 0x2c
const BACKSLASH = 0x5c

function addresses(length: number, toText: (octets: Uint8Array) => string, fromText: (text: string) => Uint8Array): Value {
  return {
    toText: (value) => listOf(value, length, (from) => toText(from.take(length))),
    fromText: (text) => {
      const to = new Writer(64)
      for (const address of text.split(',')) to.bytes(fromText(address))
      return to.finish()
    }
  }
}

function listOf(value: Uint8Array, length: number, item: (from: Reader) => string): string {
  if (value.length === 0 || value.length % length !== 0) throw new WireError(`${value.length} octets are no list of ${length} each`, 0)
  const from = new Reader(value)
  const items: string[] = []
  while (from.left > 0) items.push(item(from))
  return items.join(',')
}
