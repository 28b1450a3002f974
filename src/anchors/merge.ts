// Two states of the same trust points, as two processes with one file come to have them: nothing that either learned is lost.
import { sameKey, type TrackedKey, type TrustPoint } from './rfc5011.js'

/** `mine` is what is to be written, `theirs` what another process has written meanwhile. */
export function mergeStates(mine: readonly TrustPoint[], theirs: readonly TrustPoint[]): TrustPoint[] {
  const merged = mine.map((point) => {
    const other = theirs.find(({ zone }) => zone.equals(point.zone))
    return other ? mergePoints(point, other) : point
  })
  return [...merged, ...theirs.filter(({ zone }) => !mine.some((point) => point.zone.equals(zone)))]
}

/**
 * The state with the later validated set is the better one, pending keys included: that they were not in it starts their
 * hold-down again. But a revocation is for good (RFC 5011 2.1), and a key that became VALID does not go back.
 */
function mergePoints(a: TrustPoint, b: TrustPoint): TrustPoint {
  const [newer, older] = order(a) >= order(b) ? [a, b] : [b, a]
  const keys = newer.keys.map((tracked) => {
    const other = older.keys.find(({ key }) => sameKey(key, tracked.key))
    return other && rank(other) > rank(tracked) ? other : tracked
  })
  for (const tracked of older.keys) {
    if (rank(tracked) > 0 && !keys.some(({ key }) => sameKey(key, tracked.key)) && (older.started || !newer.started)) keys.push(tracked)
  }
  // Keys that one state knows to be revoked may have been the last ones of the other.
  const deletedAt = newer.deletedAt ?? older.deletedAt
  const ds = newer.started || older.started ? [] : newer.ds
  const trusted = ds.length > 0 || keys.length === 0 || keys.some(({ state }) => state !== 'REVOKED' && state !== 'REMOVED')
  const { deletedAt: _, ...rest } = newer
  return { ...rest, ds, keys, started: newer.started || older.started, ...(!trusted && { deletedAt: deletedAt ?? newer.lastProbe ?? 0 }) }
}

const order = (point: TrustPoint): number => point.lastSuccess ?? -1

/** What outweighs: a revocation any trust, trust a wait. MISSING and VALID differ by the set last seen, so the newer decides. */
function rank({ state }: TrackedKey): number {
  if (state === 'REVOKED' || state === 'REMOVED') return 2
  return state === 'VALID' || state === 'MISSING' ? 1 : 0
}
