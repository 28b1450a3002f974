// A clock that is set by hand: it stands still until a test moves it.

export interface HandClock {
  /** ms since the epoch: the `clock` option of the resolver */
  readonly now: () => number
  /** seconds since the epoch, as in RRSIGs */
  readonly seconds: () => number
  set(ms: number): void
  /** moves on; negative seconds move back */
  advance(seconds: number): void
}

/** @param startMs ms since the epoch */
export function handClock(startMs: number): HandClock {
  let at = startMs
  return {
    now: () => at,
    seconds: () => Math.floor(at / 1000),
    set(ms) {
      at = ms
    },
    advance(seconds) {
      at += seconds * 1000
    }
  }
}
