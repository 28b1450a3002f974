// Automated updates of trust anchors (RFC 5011) as a pure state machine: what was known, what was seen and the time go in,
// the new state and what happened come out. No network, no clock, no cryptography: signatures are checked by the caller.
import type { PositiveAnchor } from '../verdict/anchor.js'
import type { Name } from '../wire/name.js'
import { type Dnskey, REVOKE, readDnskey, SEP, ZONE_KEY } from '../wire/rdata/dnskey.js'
import type { Ds } from '../wire/rdata/ds.js'
import { afterFailure, afterSuccess, type ProbeTimes } from './probe.js'

/** The states of RFC 5011 4.1. A key in START is not tracked, so no stored key has that state. */
export type KeyState = 'START' | 'ADDPEND' | 'VALID' | 'MISSING' | 'REVOKED' | 'REMOVED'

export interface TrackedKey {
  /** with the REVOKE bit when it is revoked */
  readonly key: Dnskey
  readonly state: KeyState
  /** ms since the epoch: when it came into this state; for REVOKED, when it was last seen (its remove hold-down counts from there) */
  readonly since: number
  /** ms since the epoch of the last validated set that held it; undefined when none did yet */
  readonly lastSeen?: number
  /** validated sets that held it since it is ADDPEND */
  readonly seen: number
  /** seconds that it has to wait in ADDPEND (RFC 5011 2.4.1) */
  readonly holdDown: number
}

/** One trust point with all that RFC 5011 remembers about it. */
export interface TrustPoint extends ProbeTimes {
  readonly zone: Name
  /** configured DS records, until the first validated set turns them into keys */
  readonly ds: readonly Ds[]
  readonly keys: readonly TrackedKey[]
  /** whether a validated set was ever seen */
  readonly started: boolean
  /** RFC 5011 5: every trust anchor is revoked; as if the trust point had never been configured. ms since the epoch */
  readonly deletedAt?: number
}

/**
 * What one probe for the DNSKEY RRset at the zone's apex gave. It must come from the zone's servers, not from a cache: a
 * cached set is no second sighting. Nothing in it needs to be trusted: `observe` decides that.
 */
export interface Observation {
  /** every DNSKEY of the set, as received */
  readonly keys: readonly Dnskey[]
  /**
   * Keys by which an RRSIG over the whole set holds now, by RFC 4035 5.3 with times and key tag. To be tried are: the SEP
   * keys of the set; its keys with the REVOKE bit, with the bit and the key tag it gives, for that is the self-signature
   * of RFC 5011 2.1; and `trustedKeys(point, now)`, which may validate a set that no longer holds them (state MISSING).
   * Whether a key is trusted plays no part here.
   */
  readonly signedBy: readonly Dnskey[]
  /** keys of the set that match a DS of `point.ds` when their REVOKE bit is cleared (`withoutRevoke`) */
  readonly dsMatches: readonly Dnskey[]
  /** seconds: the lowest Original TTL of the RRSIGs that hold */
  readonly originalTtl: number
  /** seconds since the epoch: the Signature Expirations of the RRSIGs that hold */
  readonly expirations: readonly number[]
}

export interface Means {
  /** ms since the epoch */
  readonly now: number
  /** 0 <= r < 1: spreads the probes of many resolvers */
  readonly random: () => number
  /** whether signatures by such a key can be checked here; others are never added */
  readonly supports: (key: Dnskey) => boolean
}

export type AnchorEventKind =
  | 'pending' // START -> ADDPEND
  | 'forgotten' // ADDPEND -> START
  | 'valid' // ADDPEND or a matched DS -> VALID
  | 'missing' // VALID -> MISSING
  | 'returned' // MISSING -> VALID
  | 'revoked' // -> REVOKED
  | 'removed' // REVOKED -> REMOVED
  | 'replaced' // a configured anchor gives way to the keys it led to
  | 'refused' // a new key beyond the bound on tracked keys
  | 'deleted' // RFC 5011 5: the trust point
  | 'failed' // the probe gave no validated set

export interface AnchorEvent {
  readonly kind: AnchorEventKind
  readonly zone: Name
  readonly keyTag?: number
  readonly at: number
}

export interface Step {
  readonly point: TrustPoint
  readonly events: readonly AnchorEvent[]
}

const DAY = 86_400
/** RFC 5011 2.4.1, 2.4.2; seconds. */
export const ADD_HOLD_DOWN = 30 * DAY
export const REMOVE_HOLD_DOWN = 30 * DAY
/** RFC 5011 2.4.3 asks for at least five SEP keys; beyond this many in all, new ones are refused. */
export const MAX_KEYS = 32
/** A removed key is remembered so that it never comes back as a new one; the oldest are forgotten. */
const MAX_REMOVED = 8
/** Validated sets that must have held a pending key before it may prove itself; see `ripe`. */
const SIGHTINGS = 2

/** A trust point as configured: it trusts its DS and its keys, and is probed at once. */
export function startPoint(zone: Name, anchors: { ds?: readonly Ds[]; keys?: readonly Dnskey[] }, now: number): TrustPoint {
  const keys = (anchors.keys ?? []).map((key): TrackedKey => ({ key, state: 'VALID', since: now, seen: 0, holdDown: 0 }))
  return { zone, ds: anchors.ds ?? [], keys, started: false, nextProbe: now, failures: 0, queryInterval: 3600, retryTime: 3600 }
}

/** The keys that may validate now. MISSING ones still do (RFC 5011 4.1). */
export function trustedKeys(point: TrustPoint, now: number): Dnskey[] {
  if (point.deletedAt !== undefined) return []
  return point.keys.filter((tracked) => isTrusted(tracked) || ripe(tracked, point, now)).map(({ key }) => key)
}

/**
 * What validation goes by. Undefined when the trust point is deleted (RFC 5011 5): the closest anchor above decides then.
 * Without any key and DS it is still an anchor, which nothing can match: all below it is bogus.
 */
export function anchorOf(point: TrustPoint, now: number): PositiveAnchor | undefined {
  if (point.deletedAt !== undefined) return undefined
  return { kind: 'positive', zone: point.zone, ds: point.ds, keys: trustedKeys(point, now) }
}

/** The probe gave no reply, or one without a DNSKEY RRset (RFC 5011 2.3): nothing changes but the time of the next one. */
export function probeFailed(point: TrustPoint, means: Means): Step {
  if (point.deletedAt !== undefined) return { point, events: [] }
  return { point: { ...point, ...afterFailure(point, means) }, events: [{ kind: 'failed', zone: point.zone, at: means.now }] }
}

/** One DNSKEY RRset was seen. */
export function observe(point: TrustPoint, seen: Observation, means: Means): Step {
  if (point.deletedAt !== undefined) return { point, events: [] }
  const events: AnchorEvent[] = []
  const note = (kind: AnchorEventKind, key?: Dnskey): void => {
    events.push({ kind, zone: point.zone, at: means.now, ...(key && { keyTag: key.keyTag }) })
  }
  // RFC 5011 2.1: a revocation is acted on at once, whether or not the rest of the set can be trusted.
  const revoked = revoke(withClockSet(point, means.now), seen, means.now, note)
  if (isDeleted(revoked)) {
    note('deleted')
    return { point: { ...revoked, ...afterSuccess(seen, means), deletedAt: means.now }, events }
  }
  if (!isValidated(revoked, seen, means.now)) {
    note('failed')
    return { point: { ...revoked, ...afterFailure(revoked, means) }, events }
  }
  const updated = revoked.started ? revoked : bootstrap(revoked, seen, means, note)
  const keys = replaceZoneKeys(addNew(updated.keys.flatMap(follow(seen, means.now, note)), seen, means, note), note)
  return { point: { ...updated, keys: boundRemoved(keys), started: true, ...afterSuccess(seen, means) }, events }
}

type Note = (kind: AnchorEventKind, key?: Dnskey) => void

const isTrusted = ({ state }: TrackedKey): boolean => state === 'VALID' || state === 'MISSING'
const isRevoked = (key: Dnskey): boolean => (key.flags & REVOKE) !== 0

/** The whole key counts, not its tag: the same but for the REVOKE bit (RFC 5011 2.1), which changes the tag as well. */
export function sameKey(a: Dnskey, b: Dnskey): boolean {
  if (a.algorithm !== b.algorithm || a.protocol !== b.protocol || (a.flags | REVOKE) !== (b.flags | REVOKE)) return false
  return a.publicKey.length === b.publicKey.length && a.publicKey.every((octet, i) => octet === b.publicKey[i])
}

/** The same key without the REVOKE bit, its tag computed anew. */
export function withoutRevoke(key: Dnskey): Dnskey {
  if (!isRevoked(key)) return key
  const rdata = key.rdata.slice()
  rdata[1] &= ~REVOKE
  return readDnskey(rdata)
}

/**
 * The add hold-down of a pending key is over (RFC 5011 4.2, AddTime) and it was in every validated set, two at least. RFC
 * 5011 2.4.1 makes it VALID with the next validated set that holds it, and it may validate that set itself: else a resolver
 * that was off while the old key was retired could never come back. Time alone makes no key VALID. When every trusted key is
 * revoked it proves nothing: a stolen key may have brought it in, which is why it was revoked.
 */
function ripe(tracked: TrackedKey, point: TrustPoint, now: number): boolean {
  return tracked.state === 'ADDPEND' && tracked.seen >= SIGHTINGS && heldDown(tracked, now) && point.keys.some(isTrusted)
}

const heldDown = (tracked: TrackedKey, now: number): boolean => now - tracked.since >= tracked.holdDown * 1000

/** A clock that went back: what was noted in the future counts from now, so no hold-down gets shorter by it. */
function withClockSet(point: TrustPoint, now: number): TrustPoint {
  if (point.keys.every(({ since }) => since <= now)) return point
  return { ...point, keys: point.keys.map((tracked) => (tracked.since > now ? { ...tracked, since: now } : tracked)) }
}

/** RFC 5011 4.2, Revbit: only what the key itself has signed revokes it; then for good, whatever state it was in. */
function revoke(point: TrustPoint, seen: Observation, now: number, note: Note): TrustPoint {
  const revocations = seen.signedBy.filter((key) => isRevoked(key) && includes(seen.keys, key))
  if (revocations.length === 0) return point
  let { ds } = point
  const keys = point.keys.map((tracked): TrackedKey => {
    const revocation = revocations.find((key) => sameKey(key, tracked.key))
    if (!revocation || tracked.state === 'REMOVED') return tracked
    if (tracked.state !== 'REVOKED') note('revoked', revocation)
    return { ...tracked, key: revocation, state: 'REVOKED', since: now, lastSeen: now }
  })
  // A key known only by its DS: the DS goes, the key is remembered as revoked.
  for (const key of revocations) {
    if (!includes(seen.dsMatches, key) || keys.some((tracked) => sameKey(tracked.key, key))) continue
    const before = withoutRevoke(key)
    ds = ds.filter((one) => one.keyTag !== before.keyTag || one.algorithm !== before.algorithm)
    keys.push({ key, state: 'REVOKED', since: now, lastSeen: now, seen: 0, holdDown: 0 })
    note('revoked', key)
  }
  return { ...point, ds, keys }
}

/** RFC 5011 5. With a key pending the trust point stays, and without a trusted key all below it is bogus: fail closed, until a person acts. */
function isDeleted(point: TrustPoint): boolean {
  if (point.ds.length > 0 || point.keys.some((tracked) => isTrusted(tracked) || tracked.state === 'ADDPEND')) return false
  return point.keys.some(({ state }) => state === 'REVOKED')
}

/** Whether a key that is trusted signed the set. A revoked key never does (RFC 5011 2.1). */
function isValidated(point: TrustPoint, seen: Observation, now: number): boolean {
  return seen.signedBy.some((key) => {
    if (isRevoked(key)) return false
    const tracked = point.keys.find((one) => sameKey(one.key, key))
    if (tracked) return isTrusted(tracked) || (ripe(tracked, point, now) && includes(seen.keys, key))
    return !point.started && includes(seen.dsMatches, key) && includes(seen.keys, key)
  })
}

/** The first validated set: DS records become the keys they name, and an anchor that is no SEP key leads to those that are. */
function bootstrap(point: TrustPoint, seen: Observation, means: Means, note: Note): TrustPoint {
  const keys = [...point.keys]
  const trust = (key: Dnskey): void => {
    if (isRevoked(key) || !means.supports(key) || keys.some((tracked) => sameKey(tracked.key, key))) return
    keys.push({ key, state: 'VALID', since: means.now, lastSeen: means.now, seen: 0, holdDown: 0 })
    note('valid', key)
  }
  seen.dsMatches.filter((key) => includes(seen.keys, key)).forEach(trust)
  // RFC 5011 adds SEP keys only, and would hold them down for 30 days. But whoever configured a key without the SEP bit
  // trusts that it signs this set today; the SEP keys that signed it too take over, as they do in other implementations.
  if (!keys.some((tracked) => isTrusted(tracked) && tracked.key.flags & SEP)) newKeys(seen, means).filter(signs(seen)).forEach(trust)
  return { ...point, ds: [], keys }
}

const signs = (seen: Observation) => (key: Dnskey) => includes(seen.signedBy, key)

/** RFC 5011 4.2: one tracked key meets a validated set. */
function follow(seen: Observation, now: number, note: Note): (tracked: TrackedKey) => TrackedKey[] {
  return (tracked) => {
    const { key, state } = tracked
    const met = seen.keys.filter((one) => sameKey(one, key))
    const present = met.some((one) => !isRevoked(one))
    const move = (to: KeyState, kind: AnchorEventKind): TrackedKey[] => {
      note(kind, key)
      return [{ ...tracked, state: to, since: now, ...(present && { lastSeen: now }) }]
    }
    switch (state) {
      case 'ADDPEND': {
        // KeyRem: not in a validated set, or there only as revoked by somebody else: all of the hold-down again.
        if (!present) {
          note('forgotten', key)
          return []
        }
        return heldDown(tracked, now) ? move('VALID', 'valid') : [{ ...tracked, seen: tracked.seen + 1, lastSeen: now }]
      }
      case 'VALID':
        // A REVOKE bit that the key did not sign is no revocation, and no absence either.
        return met.length > 0 ? [{ ...tracked, lastSeen: now }] : move('MISSING', 'missing')
      case 'MISSING':
        return present ? move('VALID', 'returned') : [tracked]
      case 'REVOKED': {
        // Never back to VALID; in whichever form it is seen, the remove hold-down starts again.
        if (met.length > 0) return [{ ...tracked, since: now, lastSeen: now }]
        return now - tracked.since >= REMOVE_HOLD_DOWN * 1000 ? move('REMOVED', 'removed') : [tracked]
      }
      default:
        return [tracked]
    }
  }
}

/** NewKey: RFC 5011 2.2, 2.4.1. */
function addNew(keys: readonly TrackedKey[], seen: Observation, means: Means, note: Note): TrackedKey[] {
  const all = [...keys]
  for (const key of newKeys(seen, means)) {
    if (all.some((tracked) => sameKey(tracked.key, key))) continue
    if (all.length >= MAX_KEYS) note('refused', key)
    else {
      const holdDown = Math.max(ADD_HOLD_DOWN, seen.originalTtl)
      all.push({ key, state: 'ADDPEND', since: means.now, lastSeen: means.now, seen: 1, holdDown })
      note('pending', key)
    }
  }
  return all
}

/** Keys that may become anchors: zone keys with the SEP bit (RFC 5011 2.2), not revoked, of an algorithm that is supported. */
function newKeys(seen: Observation, means: Means): Dnskey[] {
  const wanted = ZONE_KEY | SEP
  return seen.keys.filter((key) => (key.flags & (wanted | REVOKE)) === wanted && key.protocol === 3 && means.supports(key))
}

/** Once a SEP key is VALID, configured anchors without the bit have done their work: zone-signing keys roll without notice. */
function replaceZoneKeys(keys: readonly TrackedKey[], note: Note): TrackedKey[] {
  const led = keys.some(({ state, key }) => state === 'VALID' && key.flags & SEP)
  return keys.filter((tracked) => {
    const gone = led && isTrusted(tracked) && !(tracked.key.flags & SEP)
    if (gone) note('replaced', tracked.key)
    return !gone
  })
}

function boundRemoved(keys: readonly TrackedKey[]): TrackedKey[] {
  const removed = keys.filter(({ state }) => state === 'REMOVED').sort((a, b) => b.since - a.since)
  const forget = new Set(removed.slice(MAX_REMOVED))
  return keys.filter((tracked) => !forget.has(tracked))
}

function includes(keys: readonly Dnskey[], key: Dnskey): boolean {
  return keys.some((one) => one.flags === key.flags && sameKey(one, key))
}
