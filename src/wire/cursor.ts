// Reader and Writer: bounds-checked cursors over the octets of a message or of one rdata (RFC 1035 2.3.2, 4.1).
// Everything that reads the wire goes through Reader, so an overrun anywhere is a WireError and nothing else.

/** The octets are not what the DNS says they should be. `offset` counts from the start of the buffer that was read. */
export class WireError extends Error {
  override readonly name = 'WireError'

  constructor(
    message: string,
    readonly offset: number
  ) {
    super(message)
  }
}

/** A Buffer's slice() shares memory and its subclass shows in views; inside this room every array is a plain Uint8Array. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Reads big-endian numbers and runs of octets from `bytes` between `at` and `end`. */
export class Reader {
  readonly bytes: Uint8Array
  readonly end: number
  #namesAt: Map<number, { readonly wire: Uint8Array }> | undefined
  /** Compression pointers followed so far in these octets. */
  hops = 0

  constructor(
    bytes: Uint8Array,
    public at = 0,
    end = bytes.length
  ) {
    this.bytes = plainBytes(bytes)
    this.end = Math.min(end, bytes.length)
  }

  /** Octets between the cursor and the end. */
  get left(): number {
    return this.end - this.at
  }

  /** Names already read, by the offset where they start; makes a chain of compression pointers cost its length once. */
  get namesAt(): Map<number, { readonly wire: Uint8Array }> {
    this.#namesAt ??= new Map()
    return this.#namesAt
  }

  u8(): number {
    this.#need(1)
    return this.bytes[this.at++]
  }

  u16(): number {
    this.#need(2)
    const { bytes, at } = this
    this.at = at + 2
    return (bytes[at] << 8) | bytes[at + 1]
  }

  u32(): number {
    this.#need(4)
    const { bytes, at } = this
    this.at = at + 4
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
  }

  /** The next `length` octets, as a view. */
  take(length: number): Uint8Array {
    this.#need(length)
    const from = this.at
    this.at = from + length
    return this.bytes.subarray(from, this.at)
  }

  /** Passes over the next `length` octets. */
  skip(length: number): void {
    this.#need(length)
    this.at += length
  }

  /** What is left, as a view; may be empty. */
  rest(): Uint8Array {
    return this.take(this.left)
  }

  #need(length: number): void {
    if (!(length >= 0 && length <= this.end - this.at)) {
      throw new WireError(`${length} octets are needed where ${this.end - this.at} are left`, this.at)
    }
  }
}

/** Appends big-endian numbers and octets; grows as needed. */
export class Writer {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = 512) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  u8(n: number): this {
    const at = this.#grow(1)
    this.#bytes[at] = n
    return this
  }

  u16(n: number): this {
    const at = this.#grow(2)
    this.#bytes[at] = n >>> 8
    this.#bytes[at + 1] = n
    return this
  }

  u32(n: number): this {
    return this.u16(n >>> 16).u16(n & 0xffff)
  }

  bytes(b: Uint8Array): this {
    const at = this.#grow(b.length)
    this.#bytes.set(b, at)
    return this
  }

  /** Overwrites two octets already written, e.g. an RDLENGTH once it is known. */
  patchU16(at: number, n: number): void {
    if (at < 0 || at + 2 > this.#length) throw new RangeError(`no two octets are written at ${at}`)
    this.#bytes[at] = n >>> 8
    this.#bytes[at + 1] = n
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #grow(by: number): number {
    const at = this.#length
    this.#length = at + by
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    return at
  }
}
