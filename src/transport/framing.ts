// The two-octet length before each message on a stream (RFC 1035 4.2.2, RFC 7766 8).
// Chunks come cut anywhere; what is kept between them never exceeds one message.

/** A frame shorter than a DNS header cannot be a message, and a stream that has one cannot be trusted to go on. */
const SHORTEST = 12

export class FrameError extends Error {}

/** Prefix and message in one piece, so that they leave in one segment (RFC 7766 8). */
export function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(2 + message.length)
  framed[0] = message.length >> 8
  framed[1] = message.length & 0xff
  framed.set(message, 2)
  return framed
}

export class Deframer {
  /** octets of the length prefix seen so far, then of the message */
  #prefix = 0
  #prefixOctets = 0
  #message: Uint8Array | undefined
  #filled = 0

  /** @param take is given each whole message, in an array of its own; it may throw */
  push(chunk: Uint8Array, take: (message: Uint8Array) => void): void {
    let at = 0
    while (at < chunk.length) {
      if (!this.#message) {
        this.#prefix = (this.#prefix << 8) | chunk[at++]
        if (++this.#prefixOctets === 2) this.#begin()
        continue
      }
      const part = chunk.subarray(at, at + this.#message.length - this.#filled)
      this.#message.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === this.#message.length) {
        const whole = this.#message
        this.#message = undefined
        take(whole)
      }
    }
  }

  #begin(): void {
    if (this.#prefix < SHORTEST) throw new FrameError(`a frame of ${this.#prefix} octets is no DNS message`)
    this.#message = new Uint8Array(this.#prefix)
    this.#filled = 0
    this.#prefix = 0
    this.#prefixOctets = 0
  }
}
