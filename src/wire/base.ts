// The text encodings of octets in presentation format: base16, base32hex, base64 (RFC 4648). Reading is strict.
import { quote, TextError } from './name-text.js'

const HEX = '0123456789ABCDEF'
const BASE32HEX = '0123456789ABCDEFGHIJKLMNOPQRSTUV'
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Upper case. */
export function toBase16(octets: Uint8Array): string {
  return encode(octets, HEX, 4)
}

/** Either case; TextError when it is not an even number of digits. */
export function fromBase16(text: string): Uint8Array {
  return decode(text.toUpperCase(), HEX, 4, 'hexadecimal digits')
}

/** Upper case, without padding (RFC 5155 3.3). */
export function toBase32hex(octets: Uint8Array): string {
  return encode(octets, BASE32HEX, 5)
}

export function fromBase32hex(text: string): Uint8Array {
  return decode(text.toUpperCase(), BASE32HEX, 5, 'base32hex')
}

/** Padded. */
export function toBase64(octets: Uint8Array): string {
  const text = encode(octets, BASE64, 6)
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new TextError(`not base64: ${quote(text)}`)
  return decode(text.replace(/={1,2}$/, ''), BASE64, 6, 'base64')
}

function encode(octets: Uint8Array, alphabet: string, bits: number): string {
  let text = ''
  let held = 0
  let count = 0
  for (const octet of octets) {
    held = (held << 8) | octet
    count += 8
    for (; count >= bits; count -= bits) text += alphabet[(held >>> (count - bits)) & ((1 << bits) - 1)]
    held &= (1 << count) - 1
  }
  return count > 0 ? text + alphabet[(held << (bits - count)) & ((1 << bits) - 1)] : text
}

function decode(text: string, alphabet: string, bits: number, what: string): Uint8Array {
  const octets = new Uint8Array(Math.floor((text.length * bits) / 8))
  let held = 0
  let count = 0
  let at = 0
  for (const char of text) {
    const value = alphabet.indexOf(char)
    if (value < 0) throw new TextError(`not ${what}: ${quote(text)}`)
    held = (held << bits) | value
    count += bits
    if (count >= 8) {
      count -= 8
      octets[at++] = held >>> count
      held &= (1 << count) - 1
    }
  }
  // What is left over must be padding bits: fewer than a character's, and all zero (RFC 4648 3.5).
  if (count >= bits || held !== 0) throw new TextError(`not whole octets of ${what}: ${quote(text)}`)
  return octets
}
