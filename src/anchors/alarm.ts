// What a trust point may not be quiet about: states in which a person has to look, since no probe will mend them soon.
import { nameToText } from '../wire/text.js'
import { type TrustPoint, trustedKeys } from './rfc5011.js'

/**
 * `deleted`: every key is revoked (RFC 5011 5); `closed`: the same, but one waited, so all is bogus; `missing`: no trusted key
 * is in the zone; `unconfirmed`: for long no probe gave a set that a trusted key signed.
 */
export type AlarmKind = 'deleted' | 'closed' | 'missing' | 'unconfirmed'

export interface Alarm {
  readonly kind: AlarmKind
  /** one sentence for a person */
  readonly text: string
}

/** Probes in a row that may fail without a word; they are some hours apart. */
const QUIET_FAILURES = 4

/** @param now ms since the epoch */
export function alarmOf(point: TrustPoint, now: number): Alarm | undefined {
  const zone = point.zone.isRoot ? 'the root' : nameToText(point.zone)
  const trusted = trustedKeys(point, now)
  if (point.deletedAt !== undefined) {
    const text = `Every trust anchor of ${zone} was revoked by ${day(point.deletedAt)}: it has none any more, and a new one must be imported.`
    return { kind: 'deleted', text }
  }
  if (trusted.length + point.ds.length === 0) {
    return {
      kind: 'closed',
      text: `Every trusted key of ${zone} is revoked and none that waits may take its place: all answers below it are bogus until a new trust anchor is imported.`
    }
  }
  if (point.failures > QUIET_FAILURES) {
    const since = point.lastSuccess === undefined ? 'ever' : `since ${day(point.lastSuccess)}`
    const text = `No DNSKEY set of ${zone} that a trust anchor signed was seen ${since}, in ${point.failures} probes; if the zone changed its keys, import a new trust anchor.`
    return { kind: 'unconfirmed', text }
  }
  const held = point.keys.filter(({ state }) => state === 'VALID' || state === 'MISSING')
  if (held.length > 0 && held.every(({ state }) => state === 'MISSING')) {
    const since = Math.max(...held.map((tracked) => tracked.since))
    const tags = held.map(({ key }) => key.keyTag).join(', ')
    return {
      kind: 'missing',
      text: `No trusted key of ${zone} (${tags}) has been in its DNSKEY set since ${day(since)}: answers are bogus.`
    }
  }
  return undefined
}

const day = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
