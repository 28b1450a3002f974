// The trust anchors as they stand, for programs and for people: a row a key, and sentences made of the rows.

import { nobleBackend } from '../crypto/noble.js'
import type { Name } from '../wire/name.js'
import { type Dnskey, REVOKE } from '../wire/rdata/dnskey.js'
import { nameToText } from '../wire/text.js'
import { dsLine, keyLine } from './lines.js'
import { REMOVE_HOLD_DOWN, type TrackedKey, type TrustPoint } from './rfc5011.js'
import { readState } from './state.js'

/** One trust anchor as it stands. Times are ms since the epoch. */
export interface AnchorReport {
  /** presentation format, '.' for the root */
  readonly zone: string
  readonly keyTag: number
  readonly algorithm: number
  /** the state of RFC 5011 4; `DS`: configured, and not confirmed by a signed set yet; `STATIC`: never changed by RFC 5011 */
  readonly state: 'START' | 'ADDPEND' | 'VALID' | 'MISSING' | 'REVOKED' | 'REMOVED' | 'DS' | 'STATIC'
  /** DS or DNSKEY in presentation format */
  readonly record: string
  /** of a key: the DS line with its SHA-256 digest, unless it is revoked */
  readonly ds?: string
  /** when it came into its state */
  readonly since?: number
  /** when it was last in a validated set */
  readonly lastSeen?: number
  /** for ADDPEND and REVOKED: when its hold-down is over, unless something happens to it before */
  readonly until?: number
  /** of its trust point: the next probe, the last validated set, and probes without one since */
  readonly nextProbe?: number
  readonly lastSuccess?: number
  readonly failures?: number
  /** RFC 5011 5: its trust point is deleted */
  readonly deletedAt?: number
}

export function reportPoint(point: TrustPoint): AnchorReport[] {
  const { zone, nextProbe, lastSuccess, failures, deletedAt } = point
  const shared = {
    zone: nameToText(zone),
    failures,
    ...(deletedAt === undefined ? { nextProbe } : { deletedAt }),
    ...(lastSuccess !== undefined && { lastSuccess })
  }
  return [
    ...point.ds.map((ds) => ({ ...shared, keyTag: ds.keyTag, algorithm: ds.algorithm, state: 'DS' as const, record: dsLine(zone, ds) })),
    ...point.keys.map((tracked) => {
      const { key, state, since, lastSeen } = tracked
      const until = holdDownEnd(tracked)
      const times = { since, ...(lastSeen !== undefined && { lastSeen }), ...(until !== undefined && { until }) }
      return {
        ...shared,
        keyTag: key.keyTag,
        algorithm: key.algorithm,
        state,
        record: keyLine(zone, key),
        ...digestLine(zone, key),
        ...times
      }
    })
  ]
}

/** RFC 4034 5.1.4, digest type 2. */
export function digestLine(zone: Name, key: Dnskey): { ds?: string } {
  if (key.flags & REVOKE) return {}
  const digest = nobleBackend.digest(2, Uint8Array.from([...zone.canonical(), ...key.rdata]))
  return digest ? { ds: dsLine(zone, { keyTag: key.keyTag, algorithm: key.algorithm, digestType: 2, digest }) } : {}
}

function holdDownEnd({ state, since, holdDown }: TrackedKey): number | undefined {
  if (state === 'ADDPEND') return since + holdDown * 1000
  return state === 'REVOKED' ? since + REMOVE_HOLD_DOWN * 1000 : undefined
}

/**
 * What the text of a trust anchor store holds: a saved state, plain DS and DNSKEY lines, or a file of Unbound.
 * Throws AnchorTextError for anything else. @param now ms since the epoch
 */
export function readAnchorState(text: string, now: number): AnchorReport[] {
  return readState(text, now).flatMap(reportPoint)
}

/** A sentence a key and one on the next probe, zone by zone. @param now ms since the epoch */
export function explainAnchors(reports: readonly AnchorReport[], now: number): string[] {
  const zones = [...new Set(reports.map(({ zone }) => zone))]
  return zones.flatMap((zone) => {
    const rows = reports.filter((row) => row.zone === zone)
    return [`${zone === '.' ? 'The root' : zone}:`, ...rows.map((row) => `  ${explainKey(row, rows)}`), `  ${explainProbes(rows, now)}`]
  })
}

function explainKey(row: AnchorReport, rows: readonly AnchorReport[]): string {
  const { keyTag, state, since, lastSeen, until } = row
  const from = since === undefined ? '' : ` since ${day(since)}`
  switch (state) {
    case 'VALID': {
      const newer = rows.some((one) => one.state === 'VALID' && (one.since ?? 0) > (since ?? 0))
      return newer ? `${keyTag} still trusted, valid${from}` : `${keyTag} valid${from}`
    }
    case 'ADDPEND':
      return `${keyTag} new, seen${from}; trusted with the first signed set that holds it from ${day(until ?? 0)} on`
    case 'MISSING':
      return `${keyTag} still trusted, but not in the zone${from}`
    case 'REVOKED':
      return `${keyTag} revoked, last seen ${day(lastSeen ?? since ?? 0)}, never trusted again; forgotten after ${day(until ?? 0)}`
    case 'REMOVED':
      return `${keyTag} was revoked, and is gone${from}`
    case 'DS':
      return `${keyTag} configured by its digest, not confirmed by a signed set yet`
    case 'STATIC':
      return `${keyTag} configured for good: RFC 5011 does not change it`
    default:
      return `${keyTag} not tracked`
  }
}

function explainProbes(rows: readonly AnchorReport[], now: number): string {
  const probed = rows.find(({ nextProbe, deletedAt }) => nextProbe !== undefined || deletedAt !== undefined)
  if (!probed) return 'never checked'
  const { nextProbe = 0, lastSuccess, failures = 0, deletedAt } = probed
  if (deletedAt !== undefined) return `all keys revoked by ${day(deletedAt)}: nothing is trusted here until a new trust anchor is imported`
  const last = lastSuccess === undefined ? 'never confirmed yet' : `last confirmed ${day(lastSuccess)}`
  const failed = failures === 0 ? '' : `, ${failures} ${failures === 1 ? 'check' : 'checks'} failed since`
  return `${last}${failed}, next check ${nextProbe <= now ? 'is due now' : `in ${span(nextProbe - now)}`}`
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

function span(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`
}
