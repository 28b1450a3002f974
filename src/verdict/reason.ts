// Why an answer is not secure: a reason is built from its row (reason-rows.ts), and reads as one sentence.

import type { Name } from '../wire/name.js'
import { typeToText } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'
import { ROWS, type Row, type Sayable } from './reason-rows.js'

/** Names of the Extended DNS Errors this library gives, by INFO-CODE (IANA registry of RFC 8914). */
export const EDE_NAMES: Readonly<Record<number, string>> = {
  0: 'Other Error',
  1: 'Unsupported DNSKEY Algorithm',
  2: 'Unsupported DS Digest Type',
  3: 'Stale Answer',
  4: 'Forged Answer',
  5: 'DNSSEC Indeterminate',
  6: 'DNSSEC Bogus',
  7: 'Signature Expired',
  8: 'Signature Not Yet Valid',
  9: 'DNSKEY Missing',
  10: 'RRSIGs Missing',
  11: 'No Zone Key Bit Set',
  12: 'NSEC Missing',
  13: 'Cached Error',
  14: 'Not Ready',
  15: 'Blocked',
  16: 'Censored',
  17: 'Filtered',
  18: 'Prohibited',
  19: 'Stale NXDOMAIN Answer',
  20: 'Not Authoritative',
  21: 'Not Supported',
  22: 'No Reachable Authority',
  23: 'Network Error',
  24: 'Invalid Data',
  25: 'Signature Expired before Valid',
  26: 'Too Early',
  27: 'Unsupported NSEC3 Iterations Value',
  28: 'Unable to conform to policy',
  29: 'Synthesized',
  30: 'Invalid Query Type',
  33: 'Negative Trust Anchor'
}

/** The public shape (api.md): `code` and `name` are the Extended DNS Error, `kind` the row here, `rule` its RFC section. */
export interface Reason {
  readonly code: number
  readonly name: string
  readonly text: string
  readonly kind: ReasonKind
  readonly rule: string
  readonly zone?: string
  readonly owner?: string
  readonly type?: string
}

/** What a sentence may need. Times are seconds since the epoch. */
export interface Facts {
  readonly zone?: Name
  readonly owner?: Name
  readonly type?: number
  readonly keyTag?: number
  /** in the place of `keyTag`, when there may be several */
  readonly keyTags?: readonly number[]
  readonly algorithm?: string
  readonly digest?: string
  readonly expiration?: number
  readonly inception?: number
  readonly now?: number
  readonly server?: string
  readonly detail?: string
  readonly count?: number
  readonly limit?: number
}

export type ReasonKind = keyof typeof ROWS

/** Every row, for tests that walk them and for the documentation. */
export const REASONS: Readonly<Record<ReasonKind, Row>> = ROWS

/** Reasons that lie in one question's own bounds and say nothing about the zone: not to be kept, nor shared with another question. */
export const isPassing = (why: Reason | undefined): boolean => why !== undefined && PASSING.has(why.kind)

const PASSING: ReadonlySet<ReasonKind> = new Set(['limitReached', 'timeOver', 'internalFault', 'anchorsUnavailable'])

/** Builds a reason from its row. */
export function reason(kind: ReasonKind, facts: Facts): Reason {
  const row: Row = ROWS[kind]
  return {
    code: row.ede,
    name: EDE_NAMES[row.ede] as string,
    text: row.text(sayable(facts)),
    kind,
    rule: row.rule,
    ...(facts.zone && { zone: nameToText(facts.zone) }),
    ...(facts.owner && { owner: nameToText(facts.owner) }),
    ...(facts.type !== undefined && { type: typeToText(facts.type) })
  }
}

function sayable(facts: Facts): Sayable {
  const owner = facts.owner ? nameToText(facts.owner) : 'the name'
  const type = facts.type === undefined ? 'data' : typeToText(facts.type)
  const zone = facts.zone ? (facts.zone.isRoot ? 'the root' : nameToText(facts.zone)) : 'the zone'
  const { now = 0, expiration = 0, inception = 0 } = facts
  return {
    zone,
    owner,
    type,
    set: `${owner} ${type}`,
    keyTag: (facts.keyTags && (facts.keyTags.join(', ') || 'none')) ?? (facts.keyTag === undefined ? 'unknown' : String(facts.keyTag)),
    algorithm: facts.algorithm ?? 'unknown algorithm',
    digest: facts.digest ?? 'unknown digest type',
    server: facts.server ?? 'a server',
    detail: facts.detail ?? 'no detail',
    count: facts.count ?? 0,
    limit: facts.limit ?? 0,
    expiration: day(expiration),
    inception: day(inception),
    sinceExpiration: span(now - expiration),
    untilInception: span(inception - now)
  }
}

const day = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`

function span(seconds: number): string {
  const units: readonly [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second']
  ]
  const [size, unit] = units.find(([length]) => seconds >= length) ?? [1, 'second']
  const n = Math.max(0, Math.floor(seconds / size))
  return `${n} ${unit}${n === 1 ? '' : 's'}`
}
