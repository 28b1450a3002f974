// The state of RFC 5011 as text and back. Written: one DNSKEY line a key with its state after ';', for a person to read.
// Read: that, plain DS and DNSKEY lines for a first start, or the file in which Unbound keeps its trust anchor.
import type { Name } from '../wire/name.js'
import { CLASS, TYPE } from '../wire/numbers.js'
import { REVOKE, readDnskey } from '../wire/rdata/dnskey.js'
import { type Ds, readDs } from '../wire/rdata/ds.js'
import type { ResourceRecord } from '../wire/rrset.js'
import { nameFromText, nameToText, recordToText, TextError } from '../wire/text.js'
import type { Entry } from '../wire/tokens.js'
import { AnchorTextError, anchorRecords, parseAnchors } from './parse.js'
import { ADD_HOLD_DOWN, type KeyState, MAX_KEYS, startPoint, type TrackedKey, type TrustPoint } from './rfc5011.js'

const HEADER = '; Trust anchors by RFC 5011, format 1. Times are UTC, intervals in seconds.'
const ADVICE = '; To start anew, put DS or DNSKEY lines that you trust in the place of this text, and remove its backup.'
const END = '; end of'
const STATES: readonly KeyState[] = ['START', 'ADDPEND', 'VALID', 'MISSING', 'REVOKED', 'REMOVED']

export function writeState(points: readonly TrustPoint[]): string {
  const lines = points.flatMap((point) => [
    `; trust point ${absolute(point.zone)} ${writePoint(point)}`,
    ...(point.deletedAt === undefined ? [] : [';;REVOKED']),
    ...point.ds.map((ds) => dsLine(point.zone, ds)),
    ...point.keys.map((tracked) => keyLine(point.zone, tracked))
  ])
  const count = points.reduce((sum, point) => sum + point.ds.length + point.keys.length, 0)
  return [HEADER, ADVICE, ...lines, `${END} ${count} records`, ''].join('\n')
}

/**
 * Gives the trust points of a text; those without RFC 5011 state start at `now` (ms). A text without any anchor, cut off,
 * of another version or not understood is an AnchorTextError: a state is never guessed.
 */
export function readState(text: string, now: number): TrustPoint[] {
  const lines = text.split(/\r?\n/)
  const ours = lines.some((line) => line.startsWith('; Trust anchors by RFC 5011, format'))
  if (ours && !lines.includes(HEADER)) throw new AnchorTextError('the trust anchor state is of a format that this version does not know')
  const records = anchorRecords(text)
  if (ours && !lines.includes(`${END} ${records.length} records`)) {
    throw new AnchorTextError('the trust anchor state is cut off: its last line does not count the records before it')
  }
  const stated = ours || records.some(({ entry }) => [WORD, NUMBER].some((state) => state.test(commentOf(lines, entry))))
  const points = stated ? readPoints(lines, records, now) : plainPoints(text, now)
  if (points.length === 0) throw new AnchorTextError('the text holds no trust anchor')
  return points
}

/** Keys and DS as configured, without state. */
function plainPoints(text: string, now: number): TrustPoint[] {
  return parseAnchors([text]).map(({ zone, ds, keys }) => startPoint(zone, { ds, keys }, now))
}

const WORD = /;\s*(START|ADDPEND|VALID|MISSING|REVOKED|REMOVED)\b/
const NUMBER = /;;\s*state=(\d)/

type Fields = ReadonlyMap<string, string>

function readPoints(lines: readonly string[], records: readonly { record: ResourceRecord; entry: Entry }[], now: number): TrustPoint[] {
  const points = new Map<string, TrustPoint>()
  for (const { zone, fields } of pointLines(lines)) points.set(zone.key, readPoint(zone, fields, now))
  const foreign = points.size === 0
  for (const { record, entry } of records) {
    const zone = record.owner
    const point = points.get(zone.key) ?? (foreign ? unboundPoint(zone, lines, now) : undefined)
    if (!point) throw new AnchorTextError(`line ${entry.line}: no trust point ${nameToText(zone)} is named before its records`)
    if (record.type === TYPE.DS) {
      points.set(zone.key, { ...point, started: false, ds: [...point.ds, readDs(record.rdata)] })
    } else {
      const tracked = readKey(record, entry, commentOf(lines, entry), now)
      if (tracked) points.set(zone.key, { ...point, keys: [...point.keys, tracked] })
    }
  }
  for (const point of points.values()) check(point)
  return [...points.values()]
}

/** What the machine never writes is damage, or somebody's hand: refused in words rather than repaired in silence. */
function check(point: TrustPoint): void {
  const name = nameToText(point.zone)
  const trusted = point.keys.some(({ state }) => state !== 'REVOKED' && state !== 'REMOVED')
  if (point.deletedAt !== undefined && (trusted || point.ds.length > 0)) {
    throw new AnchorTextError(`the trust point ${name} is deleted, and yet it has a trust anchor that is not revoked`)
  }
  if (point.deletedAt === undefined && point.ds.length === 0 && !trusted) {
    throw new AnchorTextError(`the trust point ${name} has no trust anchor`)
  }
  if (point.keys.length > 2 * MAX_KEYS) throw new AnchorTextError(`the trust point ${name} has ${point.keys.length} keys`)
}

function readKey(record: ResourceRecord, entry: Entry, comment: string, now: number): TrackedKey | undefined {
  const key = readDnskey(record.rdata)
  const [, word] = WORD.exec(comment) ?? []
  const [, digit] = NUMBER.exec(comment) ?? []
  const fields = fieldsOf(comment)
  // Beside keys with a state, one without is none to trust: its state may be misspelt. Ours has it twice.
  const state = word || fields.has('keytag') ? (word as KeyState | undefined) : STATES[Number(digit)]
  if (!state || (word && digit && STATES[Number(digit)] !== word)) {
    throw new AnchorTextError(`line ${entry.line}: key ${key.keyTag} has none of the states of RFC 5011, or two`)
  }
  if (state === 'START') return undefined
  if (Boolean(key.flags & REVOKE) !== (state === 'REVOKED') && state !== 'REMOVED') {
    throw new AnchorTextError(`line ${entry.line}: key ${key.keyTag} is ${state}, which does not agree with its REVOKE bit`)
  }
  const seconds = fields.get('lastchange')
  const since = time(fields, 'since', entry) ?? (seconds === undefined ? now : wholeNumber(seconds, 'lastchange', entry) * 1000)
  const lastSeen = time(fields, 'lastSeen', entry)
  const seen = wholeNumber(fields.get('seen') ?? fields.get('count') ?? '0', 'seen', entry)
  const holdDown = wholeNumber(fields.get('holdDown') ?? String(state === 'ADDPEND' ? ADD_HOLD_DOWN : 0), 'holdDown', entry)
  return { key, state, since, ...(lastSeen !== undefined && { lastSeen }), seen, holdDown }
}

function keyLine(zone: Name, { key, state, since, lastSeen, seen, holdDown }: TrackedKey): string {
  const record = { owner: zone, type: TYPE.DNSKEY, class: CLASS.IN, ttl: 0, rdata: key.rdata }
  const seenText = lastSeen === undefined ? '' : ` lastSeen=${iso(lastSeen)}`
  const words = `${state} keytag=${key.keyTag} since=${iso(since)}${seenText} seen=${seen} holdDown=${holdDown}`
  // Once more as Unbound writes and reads it, so that it can take over the file of one trust point.
  const forUnbound = `;;state=${STATES.indexOf(state)} ;;count=${seen} ;;lastchange=${Math.floor(since / 1000)}`
  return `${recordToText(record)} ; ${words} ${forUnbound}`
}

function dsLine(zone: Name, ds: Ds): string {
  const rdata = Uint8Array.from([ds.keyTag >>> 8, ds.keyTag & 0xff, ds.algorithm, ds.digestType, ...ds.digest])
  return recordToText({ owner: zone, type: TYPE.DS, class: CLASS.IN, ttl: 0, rdata })
}

function writePoint(point: TrustPoint): string {
  const { started, deletedAt, lastProbe, lastSuccess, nextProbe, failures, queryInterval, retryTime } = point
  const times = Object.entries({ deletedAt, lastProbe, lastSuccess, nextProbe }).filter(([, ms]) => ms !== undefined)
  const numbers = { failures, queryInterval, retryTime }
  return [
    `started=${started ? 'yes' : 'no'}`,
    ...times.map(([name, ms]) => `${name}=${iso(ms as number)}`),
    ...Object.entries(numbers).map(([name, n]) => `${name}=${n}`)
  ].join(' ')
}

function* pointLines(lines: readonly string[]): Generator<{ zone: Name; fields: Fields }> {
  for (const line of lines) {
    const [, owner, rest] = /^; trust point (\S+) (.*)$/.exec(line) ?? []
    if (owner) yield { zone: readName(owner), fields: fieldsOf(rest) }
  }
}

function readPoint(zone: Name, fields: Fields, now: number): TrustPoint {
  const start = startPoint(zone, {}, now)
  const optional = { deletedAt: time(fields, 'deletedAt'), lastProbe: time(fields, 'lastProbe'), lastSuccess: time(fields, 'lastSuccess') }
  return {
    ...start,
    ...Object.fromEntries(Object.entries(optional).filter(([, ms]) => ms !== undefined)),
    started: fields.get('started') === 'yes',
    nextProbe: time(fields, 'nextProbe') ?? now,
    failures: wholeNumber(fields.get('failures') ?? '0', 'failures'),
    queryInterval: wholeNumber(fields.get('queryInterval') ?? '3600', 'queryInterval'),
    retryTime: wholeNumber(fields.get('retryTime') ?? '3600', 'retryTime')
  }
}

/** Unbound keeps one trust point a file: `;;name: value` lines, times in seconds, `;;REVOKED` when the point is deleted. */
function unboundPoint(zone: Name, lines: readonly string[], now: number): TrustPoint {
  const value = (name: string): number | undefined => {
    const line = lines.find((one) => one.startsWith(`;;${name}:`))
    const digits = line && /^\s*(\d+)/.exec(line.slice(name.length + 3))?.[1]
    return digits ? Number(digits) : undefined
  }
  const lastProbe = value('last_queried')
  const lastSuccess = value('last_success')
  const deleted = lines.some((line) => line.trim() === ';;REVOKED')
  return {
    ...startPoint(zone, {}, now),
    started: (lastSuccess ?? 0) > 0,
    ...(lastProbe ? { lastProbe: lastProbe * 1000 } : {}),
    ...(lastSuccess ? { lastSuccess: lastSuccess * 1000 } : {}),
    ...(deleted && { deletedAt: (lastProbe ?? 0) * 1000 }),
    nextProbe: (value('next_probe_time') ?? now / 1000) * 1000,
    failures: value('query_failed') ?? 0,
    queryInterval: value('query_interval') ?? 3600,
    retryTime: value('retry_time') ?? 3600
  }
}

/** From the first ';' of the line where the entry begins; neither type has one in its rdata, and a name escapes it. */
function commentOf(lines: readonly string[], entry: Entry): string {
  return /^(?:[^;\\]|\\.)*(;.*)$/.exec(lines[entry.line - 1] ?? '')?.[1] ?? ''
}

function fieldsOf(comment: string): Fields {
  return new Map(Array.from(comment.matchAll(/(\w+)=([^\s;]+)/g), ([, name, value]) => [name, value]))
}

function time(fields: Fields, name: string, entry?: Entry): number | undefined {
  const text = fields.get(name)
  if (text === undefined) return undefined
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new AnchorTextError(`${where(entry)}${name} is not a time`)
  return ms
}

function wholeNumber(text: string, name: string, entry?: Entry): number {
  if (!/^\d{1,12}$/.test(text)) throw new AnchorTextError(`${where(entry)}${name} is not a number`)
  return Number(text)
}

const where = (entry: Entry | undefined): string => (entry ? `line ${entry.line}: ` : '')
const iso = (ms: number): string => new Date(ms).toISOString()
const absolute = (zone: Name): string => (zone.isRoot ? '.' : `${nameToText(zone)}.`)

function readName(text: string): Name {
  try {
    return nameFromText(text)
  } catch (error) {
    if (error instanceof TextError) throw new AnchorTextError(`not the name of a trust point: ${error.message}`)
    throw error
  }
}
