// The hashed owner names of NSEC3 (RFC 5155 5) and their base32hex form (RFC 4648 7), by node:crypto.
import { createHash } from 'node:crypto'
import type { Name } from '../../src/wire/name.js'

const DIGITS = '0123456789abcdefghijklmnopqrstuv'

export interface Nsec3Params {
  readonly salt: Uint8Array
  readonly iterations: number
}

/** RFC 5155 5: IH(salt, x, 0) = H(x || salt), and again `iterations` times. */
export function hashName(name: Name, { salt, iterations }: Nsec3Params): Uint8Array {
  let digest = createHash('sha1').update(name.canonical()).update(salt).digest()
  for (let i = 0; i < iterations; i++) digest = createHash('sha1').update(digest).update(salt).digest()
  return Uint8Array.from(digest)
}

/** Without padding: a hash of 20 octets is 32 digits. */
export function toBase32Hex(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const octet of bytes) {
    held = (held << 8) | octet
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += DIGITS[(held >>> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits > 0 ? text + DIGITS[(held << (5 - bits)) & 31] : text
}
