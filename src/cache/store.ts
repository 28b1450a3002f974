// A cache shared by a fleet: text keys and octets as values. A value is a reply as a server sent it, with where and when; who
// loads it judges it again. So a store can withhold answers, give old ones while their signatures last, and change what is not
// signed, as anybody on the way to a server can; it can make nothing secure.

export interface CacheStore {
  /** The value kept under the key, or undefined. May be asynchronous; a rejection counts as undefined. */
  get(key: string): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** @param ttl whole seconds, 1 or more, after which the value is of no use */
  set(key: string, value: Uint8Array, ttl: number): void | Promise<void>
  delete(key: string): void | Promise<void>
  /** called when the resolver closes */
  close?(): void | Promise<void>
}

/** The store of one process, and the model for others: bounded in octets, the oldest first to go. */
export function memoryCacheStore(options: { readonly maxBytes?: number; readonly clock?: () => number } = {}): CacheStore {
  const { maxBytes = 16 * 1024 * 1024, clock = Date.now } = options
  const values = new Map<string, { value: Uint8Array; until: number }>()
  let bytes = 0
  const sizeOf = (key: string, value: Uint8Array): number => key.length + value.length + 200
  const remove = (key: string): void => {
    const held = values.get(key)
    if (!held) return
    bytes -= sizeOf(key, held.value)
    values.delete(key)
  }
  return {
    get(key) {
      const held = values.get(key)
      if (held && held.until <= clock()) remove(key)
      return held && held.until > clock() ? held.value : undefined
    },
    set(key, value, ttl) {
      remove(key)
      values.set(key, { value, until: clock() + ttl * 1000 })
      bytes += sizeOf(key, value)
      for (const oldest of values.keys()) {
        if (bytes <= maxBytes) break
        remove(oldest)
      }
    },
    delete: remove
  }
}
