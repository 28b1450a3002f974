// When a trust point is asked for its DNSKEY RRset again (RFC 5011 2.3, Active Refresh).

export interface ProbeTimes {
  /** ms since the epoch; undefined before the first */
  readonly lastProbe?: number
  /** ms since the epoch of the last validated set */
  readonly lastSuccess?: number
  /** ms since the epoch */
  readonly nextProbe: number
  /** probes in a row without a validated set */
  readonly failures: number
  /** seconds, by the last validated set */
  readonly queryInterval: number
  readonly retryTime: number
}

interface Seen {
  readonly originalTtl: number
  readonly expirations: readonly number[]
}

interface Now {
  readonly now: number
  readonly random: () => number
}

const HOUR = 3_600
const DAY = 24 * HOUR
const LONGEST = 15 * DAY

/** Whether to probe now. A next probe further away than any interval comes from a clock that went back. */
export function probeDue(point: ProbeTimes & { readonly deletedAt?: number }, now: number): boolean {
  if (point.deletedAt !== undefined) return false
  return now >= point.nextProbe || point.nextProbe - now > LONGEST * 1000
}

/** RFC 5011 2.3: half of the TTL or of the time the signatures last, at least an hour, at most 15 days. Seconds. */
export function queryInterval(originalTtl: number, untilExpiration: number): number {
  return Math.max(HOUR, Math.min(LONGEST, originalTtl / 2, untilExpiration / 2))
}

/** RFC 5011 2.3: a tenth of them, at least an hour, at most a day. Seconds. */
export function retryTime(originalTtl: number, untilExpiration: number): number {
  return Math.max(HOUR, Math.min(DAY, originalTtl / 10, untilExpiration / 10))
}

export function afterSuccess(seen: Seen, { now, random }: Now): ProbeTimes {
  const untilExpiration = Math.max(0, Math.min(...seen.expirations) - now / 1000)
  const interval = Math.floor(queryInterval(seen.originalTtl, untilExpiration))
  return {
    lastProbe: now,
    lastSuccess: now,
    nextProbe: now + spread(interval, random),
    failures: 0,
    queryInterval: interval,
    retryTime: Math.floor(retryTime(seen.originalTtl, untilExpiration))
  }
}

/** The intervals stay those of the last validated set: an unvalidated one has no say in them. */
export function afterFailure(point: ProbeTimes, { now, random }: Now): ProbeTimes {
  return {
    lastProbe: now,
    lastSuccess: point.lastSuccess,
    nextProbe: now + spread(point.retryTime, random),
    failures: point.failures + 1,
    queryInterval: point.queryInterval,
    retryTime: point.retryTime
  }
}

/** 90 to 100 % of the interval, so that many resolvers do not ask at once, but never less than an hour. ms */
function spread(seconds: number, random: () => number): number {
  return Math.round(Math.max(HOUR, seconds * (0.9 + 0.1 * random())) * 1000)
}
