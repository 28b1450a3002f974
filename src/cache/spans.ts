// The spans of a zone between names that exist: keys of NSEC owners in canonical order (RFC 4034 6.1), and of NSEC3 owners in
// the order of their hashes, so that the record that covers a name is found by halving.

import type { Name } from '../wire/name.js'

/**
 * Text whose plain order is the canonical order of names: labels from the root on, lower case, each ended by the least letter.
 * The two least octets are written as two letters.
 */
export function orderKey(name: Name): string {
  let key = ''
  for (let i = name.labelCount - 1; i >= 0; i--) {
    for (const octet of name.label(i)) {
      if (octet <= 1) key += octet === 0 ? '\u0001\u0001' : '\u0001\u0002'
      else key += String.fromCharCode(octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet)
    }
    key += '\u0000'
  }
  return key
}

/** Texts in order, found by halving. */
export class Spans {
  readonly #keys: string[] = []

  get size(): number {
    return this.#keys.length
  }

  add(key: string): void {
    const at = this.#after(key)
    if (this.#keys[at - 1] !== key) this.#keys.splice(at, 0, key)
  }

  remove(key: string): void {
    const at = this.#after(key) - 1
    if (this.#keys[at] === key) this.#keys.splice(at, 1)
  }

  has(key: string): boolean {
    return this.#keys[this.#after(key) - 1] === key
  }

  /** The greatest that is not above `key`. */
  atOrBefore(key: string): string | undefined {
    return this.#keys[this.#after(key) - 1]
  }

  /** The same in a circle: before the least comes the greatest. */
  atOrBeforeInCircle(key: string): string | undefined {
    return this.atOrBefore(key) ?? this.#keys.at(-1)
  }

  /** Where a key above `key` would stand. */
  #after(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#keys[middle] <= key) low = middle + 1
      else high = middle
    }
    return low
  }
}
