// Imported keys by their octets, bounded: two generations, the older one is dropped when the younger is full.
// By octets and not by object, so that an array written over by its owner cannot borrow the key it held before.

export class KeyCache<Value> {
  private young = new Map<string, Value>()
  private old = new Map<string, Value>()
  private readonly generation: number

  /** At most `capacity` keys are kept. One that was used since the last change of generations survives the next. */
  constructor(capacity: number) {
    this.generation = Math.max(1, Math.floor(capacity / 2))
  }

  get size(): number {
    return this.young.size + this.old.size
  }

  get(algorithm: number, publicKey: Uint8Array): Value | undefined {
    const text = textOf(algorithm, publicKey)
    const value = this.young.get(text)
    if (value !== undefined) return value
    const older = this.old.get(text)
    if (older !== undefined) {
      this.old.delete(text)
      this.put(text, older)
    }
    return older
  }

  set(algorithm: number, publicKey: Uint8Array, value: Value): void {
    this.put(textOf(algorithm, publicKey), value)
  }

  private put(text: string, value: Value): void {
    if (this.young.size >= this.generation) {
      this.old = this.young
      this.young = new Map()
    }
    this.young.set(text, value)
  }
}

function textOf(algorithm: number, publicKey: Uint8Array): string {
  const octets = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length)
  return String.fromCharCode(algorithm) + octets.toString('latin1')
}
