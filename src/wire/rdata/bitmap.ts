// The type bitmap of NSEC, NSEC3 and CSYNC (RFC 4034 4.1.2), read strictly: what is not well-formed denies nothing.
import { type Reader, WireError, Writer } from '../cursor.js'

/** The set of types that exist at a name. */
export class TypeBitmap {
  readonly #blocks: Uint8Array

  private constructor(blocks: Uint8Array) {
    this.#blocks = blocks
  }

  /** Takes what is left of an rdata, and checks it. */
  static read(from: Reader): TypeBitmap {
    return new TypeBitmap(checkBitmap(from))
  }

  has(type: number): boolean {
    const blocks = this.#blocks
    const window = type >>> 8
    for (let at = 0; at < blocks.length && blocks[at] <= window; at += 2 + blocks[at + 1]) {
      if (blocks[at] !== window) continue
      const octet = (type & 0xff) >>> 3
      return octet < blocks[at + 1] && (blocks[at + 2 + octet] & (0x80 >>> (type & 7))) !== 0
    }
    return false
  }

  /** Ascending. */
  types(): number[] {
    const blocks = this.#blocks
    const types: number[] = []
    for (let at = 0; at < blocks.length; at += 2 + blocks[at + 1]) {
      for (let bit = 0; bit < blocks[at + 1] * 8; bit++) {
        if (blocks[at + 2 + (bit >>> 3)] & (0x80 >>> (bit & 7))) types.push((blocks[at] << 8) | bit)
      }
    }
    return types
  }
}

/** RFC 4034 4.1.2: windows ascending and none twice, 1 to 32 octets each, no trailing zero octet. Gives the checked octets. */
export function checkBitmap(from: Reader): Uint8Array {
  const start = from.at
  let last = -1
  while (from.left > 0) {
    const at = from.at
    const window = from.u8()
    const length = from.u8()
    if (window <= last) throw new WireError('the windows of a type bitmap are out of order', at)
    if (length < 1 || length > 32) throw new WireError(`a window of a type bitmap has ${length} octets`, at)
    const bits = from.take(length)
    if (bits[length - 1] === 0) throw new WireError('a window of a type bitmap ends with a zero octet', at)
    last = window
  }
  return from.bytes.subarray(start, from.at)
}

export function typeBitmapToWire(types: readonly number[]): Uint8Array {
  const to = new Writer(64)
  const sorted = [...new Set(types)].sort((a, b) => a - b)
  for (let i = 0; i < sorted.length; ) {
    const window = sorted[i] >>> 8
    const bits = new Uint8Array(32)
    let length = 0
    for (; i < sorted.length && sorted[i] >>> 8 === window; i++) {
      const bit = sorted[i] & 0xff
      bits[bit >>> 3] |= 0x80 >>> (bit & 7)
      length = (bit >>> 3) + 1
    }
    to.u8(window).u8(length).bytes(bits.subarray(0, length))
  }
  return to.finish()
}
