// What a trace tells, put in order for people: zone by zone from the anchor down, then the answer. Printing, explaining, drawing
// and comparing start from this one model. The decisions are those of a new judgement, so a story never shows what does not hold.

import type { SecurityStatus } from '../verdict/status.js'
import type { NumberedEvent, Trace } from '../verdict/trace.js'
import { type Dnskey, REVOKE, SEP } from '../wire/rdata/dnskey.js'
import { type Decoded, decodeMessage } from './decode.js'
import { keysIn, sizeOfKey } from './keys.js'
import { type Audit, type ToldVerdict, type VerifyOptions, verifyTrace } from './replay.js'

type Event<K extends NumberedEvent['event']> = NumberedEvent & { readonly event: K }
export type SignatureEvent = Event<'signature'>
export type DsEvent = Event<'ds'>
export type DenialEvent = Event<'denial'>
export type ExchangeEvent = Event<'exchange'>

export interface KeyStory {
  readonly keyTag: number
  readonly algorithm: number
  readonly role: 'KSK' | 'ZSK'
  readonly revoked: boolean
  /** bits of the public key, as people count them */
  readonly bits: number | undefined
  /** what names it from outside the zone */
  readonly named: 'ds' | 'anchor' | undefined
  /** a DS or an anchor reaches it through the signed DNSKEY RRset */
  readonly trusted: boolean
}

export interface ServerStory {
  readonly server: string
  readonly protocol: string
  readonly exchanges: number
  /** of all exchanges together; 0 when no exchange was recorded */
  readonly ms: number
  readonly trouble: readonly string[]
}

export interface ZoneStory {
  readonly zone: string
  /** the zone above it in this story */
  readonly parent: string | undefined
  readonly status: SecurityStatus | 'no-cut'
  readonly reason: string | undefined
  readonly anchor: 'trust-anchor' | 'negative-anchor' | undefined
  readonly anchorTags: readonly number[]
  readonly ds: readonly DsEvent[]
  readonly dsSignatures: readonly SignatureEvent[]
  readonly noDs: readonly DenialEvent[]
  /** over the records of that denial */
  readonly noDsSignatures: readonly SignatureEvent[]
  readonly keys: readonly KeyStory[]
  readonly keySignatures: readonly SignatureEvent[]
  readonly servers: readonly ServerStory[]
}

export interface RrsetStory {
  readonly owner: string
  readonly type: string
  readonly status: SecurityStatus
  readonly reason: string | undefined
  /** the zone that signs it or covers it, as far as it is known */
  readonly zone: string
  readonly signatures: readonly SignatureEvent[]
  readonly records: readonly { readonly ttl: number; readonly rdata: string }[]
}

export interface Story {
  readonly trace: Trace
  readonly audit: Audit
  readonly verdict: ToldVerdict
  /** parents before children */
  readonly zones: readonly ZoneStory[]
  readonly aliases: readonly Event<'alias'>[]
  readonly rrsets: readonly RrsetStory[]
  /** denials of the answer itself */
  readonly denials: readonly (DenialEvent & { readonly signatures: readonly SignatureEvent[] })[]
  /** in the order in which they began */
  readonly exchanges: readonly ExchangeEvent[]
  readonly messages: readonly Decoded[]
}

export async function tellStory(trace: Trace, options: VerifyOptions = {}): Promise<Story> {
  const audit = await verifyTrace(trace, options)
  const { events } = audit
  const of = <K extends NumberedEvent['event']>(kind: K): Event<K>[] => events.filter((event): event is Event<K> => event.event === kind)
  const exchanges = trace.events.filter((event): event is ExchangeEvent => event.event === 'exchange')
  const messages = trace.messages.map(decodeMessage)
  const zones = zonesOf(of, exchanges, events, messages)
  const signatures = of('signature')
  const found = of('rrset').map((event): RrsetStory => {
    const own = unique(signatures.filter((one) => same(one.owner, event.owner) && one.type === event.type))
    const records = [...audit.judged.records, ...audit.judged.rejected].filter(
      (one) => same(one.name, event.owner) && one.type === event.type
    )
    return {
      owner: event.owner,
      type: event.type,
      status: event.status,
      reason: event.reason?.text,
      zone: own.find(({ holds }) => holds)?.signer ?? closestZone(event.type === 'DS' ? above(event.owner) : event.owner, zones),
      signatures: own,
      records: distinct(records, ({ rdata }) => rdata)
    }
  })
  const denials = of('denial')
    .filter(
      (event) => events.some((one) => one.n === event.in && one.event === 'judge' && one.what === 'denial') || !isDsSide(event, zones)
    )
    .map((event) => ({
      ...event,
      signatures: signatures.filter((one) => (one.type === 'NSEC' || one.type === 'NSEC3') && one.in === event.in)
    }))
  return {
    trace,
    audit,
    verdict: audit.judged,
    zones,
    aliases: of('alias'),
    // Judged again after a bogus reply, an RRset tells its last state.
    rrsets: lastOf(found, ({ owner, type }) => `${owner.toLowerCase()} ${type}`),
    denials: lastOf(denials, ({ owner, type }) => `${owner.toLowerCase()} ${type}`),
    exchanges,
    messages
  }
}

type Of = <K extends NumberedEvent['event']>(kind: K) => Event<K>[]

function zonesOf(of: Of, exchanges: readonly ExchangeEvent[], events: readonly NumberedEvent[], messages: readonly Decoded[]): ZoneStory[] {
  const judged = lastOf(of('zone'), ({ zone }) => zone.toLowerCase()).filter(({ status }) => status !== 'no-cut')
  const negative = of('anchor').filter(({ by }) => by === 'negative-anchor')
  const names = distinct(
    [...judged.map(({ zone }) => zone), ...negative.map(({ zone }) => zone)].sort((a, b) => labels(a) - labels(b) || (a < b ? -1 : 1)),
    (zone) => zone.toLowerCase()
  )
  const signatures = of('signature')
  const isDenial = ({ type }: SignatureEvent): boolean => type === 'NSEC' || type === 'NSEC3'
  return names.map((zone): ZoneStory => {
    const finding = judged.find((one) => same(one.zone, zone))
    const anchor = of('anchor').find((one) => same(one.zone, zone))
    const ds = lastOf(
      of('ds').filter((one) => same(one.zone, zone)),
      (one) => `${one.keyTag} ${one.algorithm} ${one.digestType} ${one.digest}`
    )
    const noDs = lastOf(
      of('denial').filter((one) => one.type === 'DS' && same(one.owner, zone)),
      () => ''
    )
    const keySignatures = unique(signatures.filter((one) => one.type === 'DNSKEY' && same(one.owner, zone) && same(one.signer, zone)))
    const trusted = new Set(of('keys').flatMap((one) => (same(one.zone, zone) ? one.keyTags : [])))
    const named = new Map<number, 'ds' | 'anchor'>([
      ...ds.filter(({ matches }) => matches).map(({ keyTag }) => [keyTag, 'ds'] as const),
      ...(anchor?.keyTags ?? []).map((keyTag) => [keyTag, 'anchor'] as const)
    ])
    return {
      zone,
      parent: parentOf(zone, names),
      status: finding?.status ?? 'insecure',
      reason: finding?.reason?.text,
      anchor: anchor?.by,
      anchorTags: anchor?.keyTags ?? [],
      ds,
      dsSignatures: unique(signatures.filter((one) => one.type === 'DS' && same(one.owner, zone))),
      noDs,
      noDsSignatures: unique(signatures.filter((one) => isDenial(one) && noDs.some((denial) => denial.in === one.in))),
      keys: keyStories(zone, events, messages, trusted, named),
      keySignatures,
      servers: serversOf(exchanges.filter((one) => one.zone !== undefined && same(one.zone, zone)))
    }
  })
}

function keyStories(
  zone: string,
  events: readonly NumberedEvent[],
  messages: readonly Decoded[],
  trusted: ReadonlySet<number>,
  named: ReadonlyMap<number, 'ds' | 'anchor'>
): KeyStory[] {
  const evidence = events.filter(
    (one): one is Event<'evidence'> => one.event === 'evidence' && one.type === 'DNSKEY' && same(one.name, zone)
  )
  const seen = evidence.flatMap(({ message }) => (message === undefined ? [] : keysIn(messages[message] as Decoded, zone)))
  return distinct(seen, keyId).map((key) => ({
    keyTag: key.keyTag,
    algorithm: key.algorithm,
    role: key.flags & SEP ? 'KSK' : 'ZSK',
    revoked: (key.flags & REVOKE) !== 0,
    bits: sizeOfKey(key),
    named: named.get(key.keyTag),
    trusted: trusted.has(key.keyTag)
  }))
}

const keyId = (key: Dnskey): string => String.fromCharCode(...key.rdata)

export function serversOf(exchanges: readonly ExchangeEvent[]): ServerStory[] {
  const groups = new Map<string, ExchangeEvent[]>()
  for (const one of exchanges) {
    const key = `${one.server} ${one.protocol}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()].map((group) => ({
    server: (group[0] as ExchangeEvent).server,
    protocol: (group[0] as ExchangeEvent).protocol,
    exchanges: group.length,
    ms: Math.round(group.reduce((sum, { ms }) => sum + ms, 0) * 10) / 10,
    trouble: [
      ...new Set(group.filter(({ outcome }) => outcome !== 'answer' && outcome !== 'referral').map((one) => one.detail ?? one.outcome))
    ]
  }))
}

/** A denial that only shows what a zone is, and belongs to the zone's own lines. */
const isDsSide = (event: DenialEvent, zones: readonly ZoneStory[]): boolean =>
  event.type === 'DS' || zones.some(({ zone }) => same(zone, event.owner) && event.type === 'DS')

export const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Labels of a name in presentation format. */
export const labels = (name: string): number => (name === '.' ? 0 : name.replace(/\\(\d{3}|.)/g, '_').split('.').length)

export function isAtOrBelow(name: string, zone: string): boolean {
  if (zone === '.' || same(name, zone)) return true
  const [lower, above] = [name.toLowerCase(), zone.toLowerCase()]
  return lower.endsWith(`.${above}`) && !lower.slice(0, -above.length - 1).endsWith('\\')
}

function parentOf(zone: string, names: readonly string[]): string | undefined {
  return names.filter((one) => !same(one, zone) && isAtOrBelow(zone, one)).at(-1)
}

/** The name without its first label: a DS lies in the zone above. */
const above = (name: string): string => name.replace(/^(?:\\\d{3}|\\.|[^.\\])+\.?/, '') || '.'

const closestZone = (name: string, zones: readonly ZoneStory[]): string =>
  zones.filter(({ zone }) => isAtOrBelow(name, zone)).at(-1)?.zone ?? '.'

/** By content, the first of each. */
function distinct<T>(list: readonly T[], key: (one: T) => string): T[] {
  const seen = new Map<string, T>()
  for (const one of list) if (!seen.has(key(one))) seen.set(key(one), one)
  return [...seen.values()]
}

/** By content, the last of each, in the order of first mention. */
function lastOf<T>(list: readonly T[], key: (one: T) => string): T[] {
  return [...new Map(list.map((one) => [key(one), one])).values()]
}

const unique = (list: readonly SignatureEvent[]): SignatureEvent[] =>
  lastOf(list, (one) => `${one.signer} ${one.keyTag} ${one.algorithm} ${one.inception} ${one.expiration}`)
