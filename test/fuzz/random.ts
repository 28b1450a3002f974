// Seeded randomness: the same seed and index give the same mutant.

export interface Random {
  /** 0 <= n < most */
  below(most: number): number
  pick<T>(list: readonly T[]): T
  /** true once in `n` times */
  oneIn(n: number): boolean
}

/** Mulberry32 over a seed mixed with an index. */
export function randomFor(seed: number, index: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  const below = (most: number): number => next() % most
  return { below, pick: (list) => list[below(list.length)] as never, oneIn: (n) => below(n) === 0 }
}
