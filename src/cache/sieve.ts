// SieveMap: a map bounded in octets together with its siblings, evicting by SIEVE: one bit written on a hit, a hand
// that walks from the oldest entry to the newest, clears that bit and takes the first it finds clear. No timers.

/** Roughly what an entry costs beside its value and the letters of its key: to be added by those who count octets. */
export const ENTRY_BYTES = 160

/** What maps with `keepLonger` may hold of the meter together, so that they cannot starve the others. */
const LONGER_SHARE = 0.75

class Entry<V> {
  newer: Entry<unknown> | undefined
  older: Entry<unknown> | undefined
  visited = false

  constructor(
    readonly owner: SieveMap<V>,
    readonly key: string,
    public value: V,
    public expiresAt: number,
    public bytes: number
  ) {}
}

/** The entries of several maps in the order of their coming, with the hand. */
class Queue {
  bytes = 0
  #newest: Entry<unknown> | undefined
  #oldest: Entry<unknown> | undefined
  #hand: Entry<unknown> | undefined

  add(entry: Entry<unknown>): void {
    entry.older = this.#newest
    if (this.#newest) this.#newest.newer = entry
    else this.#oldest = entry
    this.#newest = entry
    this.bytes += entry.bytes
  }

  remove(entry: Entry<unknown>): void {
    if (this.#hand === entry) this.#hand = entry.newer
    if (entry.newer) entry.newer.older = entry.older
    else this.#newest = entry.older
    if (entry.older) entry.older.newer = entry.newer
    else this.#oldest = entry.newer
    entry.newer = entry.older = undefined
    this.bytes -= entry.bytes
  }

  /** The next to go, with the hand moved to it; undefined when there is none but `spared`. */
  victim(spared: Entry<unknown> | undefined): Entry<unknown> | undefined {
    if (this.#oldest === this.#newest && this.#oldest === spared) return undefined
    let at = this.#hand ?? this.#oldest
    while (at && (at.visited || at === spared)) {
      at.visited = false
      at = at.newer ?? this.#oldest
    }
    this.#hand = at
    return at
  }
}

/** The one bound in octets that several maps share. */
export class Meter {
  readonly #shorter = new Queue()
  readonly #longer = new Queue()

  constructor(readonly maxBytes: number) {
    if (!(maxBytes >= 0)) throw new RangeError(`a cache cannot hold ${maxBytes} octets`)
  }

  /** Octets held by all maps, as told to `set`. */
  get bytes(): number {
    return this.#shorter.bytes + this.#longer.bytes
  }

  /** @internal for SieveMap */
  queue(keepLonger: boolean): Queue {
    return keepLonger ? this.#longer : this.#shorter
  }

  /** @internal false when an entry of that size cannot be kept at all */
  fits(bytes: number, queue: Queue): boolean {
    return bytes <= (queue === this.#longer ? this.maxBytes * LONGER_SHARE : this.maxBytes)
  }

  /** @internal Evicts until `bytes` more fit into `queue`. `spared` is the entry that grows by them. */
  makeRoom(bytes: number, queue: Queue, spared?: Entry<unknown>): void {
    if (queue === this.#longer) {
      while (queue.bytes + bytes > this.maxBytes * LONGER_SHARE && evict(queue.victim(spared)));
    }
    while (this.bytes + bytes > this.maxBytes && evict(this.#shorter.victim(spared) ?? this.#longer.victim(spared)));
  }
}

function evict(entry: Entry<unknown> | undefined): boolean {
  return entry?.owner.delete(entry.key) ?? false
}

/** What is told of entries that go by themselves. */
interface DropListener<V> {
  dropped?(value: V, key: string): void
}

export class SieveMap<V> {
  readonly #meter: Meter
  readonly #queue: Queue
  readonly #entries = new Map<string, Entry<V>>()
  readonly #listener: DropListener<V>
  #bytes = 0

  /**
   * @param options.keepLonger entries go only when no map without it has any left, and share three quarters of the meter
   * @param options.dropped told of an entry that was evicted, has expired or was deleted; not of one that was replaced
   */
  constructor(meter: Meter, options: { readonly keepLonger?: boolean } & DropListener<V> = {}) {
    this.#meter = meter
    this.#queue = meter.queue(options.keepLonger ?? false)
    this.#listener = options
  }

  /** Allocates nothing. An expired entry is not given, and goes. */
  get(key: string, nowMs: number): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (!(entry.expiresAt > nowMs)) {
      this.#remove(entry)
      return undefined
    }
    entry.visited = true
    return entry.value
  }

  /**
   * Replaces what the key held. An entry larger than the meter is not kept.
   * @param expiresAt ms, by the same clock as `nowMs` of get
   * @param bytes octets the entry is to be counted with, key and overhead included
   */
  set(key: string, value: V, expiresAt: number, bytes: number): void {
    if (!(bytes > 0)) throw new RangeError(`an entry cannot have ${bytes} octets`)
    const held = this.#entries.get(key)
    if (!this.#meter.fits(bytes, this.#queue)) {
      if (held) this.#remove(held)
      return
    }
    if (!held) {
      this.#meter.makeRoom(bytes, this.#queue)
      const entry = new Entry(this, key, value, expiresAt, bytes)
      this.#entries.set(key, entry)
      this.#queue.add(entry)
      this.#bytes += bytes
      return
    }
    // In place: a key that is deleted and set again wears the hash table out.
    this.#meter.makeRoom(bytes - held.bytes, this.#queue, held)
    this.#queue.bytes += bytes - held.bytes
    this.#bytes += bytes - held.bytes
    held.value = value
    held.expiresAt = expiresAt
    held.bytes = bytes
    held.visited = true
  }

  delete(key: string): boolean {
    const entry = this.#entries.get(key)
    if (entry) this.#remove(entry)
    return entry !== undefined
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#queue.remove(entry)
    this.#entries.clear()
    this.#bytes = 0
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Key, value, expiry in ms; also those that have expired and were not asked for since. */
  *entries(): Generator<[key: string, value: V, expiresAt: number]> {
    for (const entry of this.#entries.values()) yield [entry.key, entry.value, entry.expiresAt]
  }

  #remove(entry: Entry<V>): void {
    this.#entries.delete(entry.key)
    this.#queue.remove(entry)
    this.#bytes -= entry.bytes
    this.#listener.dropped?.(entry.value, entry.key)
  }
}
