// The calendar of the root's keys: which sets it showed and shows, by whom they are signed. The real ones where they are kept
// (CONFORMANCE_DATA), and ones of test keys for what no real signature is at hand for.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { buildMessage, parseMessage } from '../../src/wire/message.js'
import { Name } from '../../src/wire/name.js'
import { CLASS, RCODE, TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { recordFromText } from '../../src/wire/text.js'
import type { Respond } from '../world/authority.js'
import type { ZoneKey } from '../world/keys.js'
import { signRrset } from '../world/signer.js'

/** The root's DNSKEY RRset with its RRSIGs, and when it was seen (ms since the epoch). */
export interface Moment {
  readonly at: number
  readonly records: readonly ResourceRecord[]
}

const DAY = 86_400_000
const data = join(process.env.CONFORMANCE_DATA ?? '/nowhere', 'real-data')
export const hasRealData = existsSync(join(data, 'ksr-skr'))

/** 2014, 2017 and 2018, 2023 to 2025: each set as it was published, in order. */
export function realMoments(): Moment[] {
  return [...zones(), ...keyResponses(), ...apexes('apex-2018-01_to_2018-03.txt'), ...apexes('apex-2023-11_to_2025-07.txt')].sort(
    (a, b) => a.at - b.at
  )
}

/** Whole root zones, of which the DNSKEY RRset is at the apex; seen at noon of the day in their serial. */
function zones(): Moment[] {
  return readdirSync(join(data, 'root-zones')).map((file) => {
    const [, year, month, day] = /root-(\d{4})(\d\d)(\d\d)/.exec(file) ?? []
    const lines = gunzipSync(readFileSync(join(data, 'root-zones', file)))
      .toString('latin1')
      .split('\n')
    return { at: Date.UTC(Number(year), Number(month) - 1, Number(day), 12), records: recordsOf(lines) }
  })
}

function apexes(file: string): Moment[] {
  const parts = readFileSync(join(data, 'root-apex-history', file), 'utf8').split(/^(?=; snapshot)/m)
  const moments = parts.map((part) => ({
    at: Date.parse(/\d{4}-\d\d-\d\dT\S+/.exec(part)?.[0] ?? ''),
    records: recordsOf(part.split('\n'))
  }))
  return moments.filter(({ records }) => records.some(({ type }) => type === TYPE.RRSIG))
}

function recordsOf(lines: readonly string[]): ResourceRecord[] {
  return lines.filter((line) => /^\.\s.*\s(DNSKEY|RRSIG\s+DNSKEY)\s/.test(line)).map((line) => recordFromText(line))
}

/** The key responses of the ceremonies: what each slot of some ten days was to show. Seen on the second day of the slot. */
function keyResponses(): Moment[] {
  const files = readdirSync(join(data, 'ksr-skr')).filter((file) => file.startsWith('skr-'))
  const bundles = files.flatMap(
    (file) => readFileSync(join(data, 'ksr-skr', file), 'utf8').match(/<ResponseBundle[\s\S]*?<\/ResponseBundle>/g) ?? []
  )
  return bundles.map((bundle) => {
    const value = (name: string, text: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? ''
    const elements = (name: string): string[] => bundle.match(new RegExp(`<${name} [\\s\\S]*?</${name}>`, 'g')) ?? []
    const keys = elements('Key').map(
      (key) =>
        `. ${value('TTL', key)} IN DNSKEY ${['Flags', 'Protocol', 'Algorithm', 'PublicKey'].map((name) => value(name, key)).join(' ')}`
    )
    const signatures = elements('Signature').map((signature) => {
      const time = (name: string): number => Date.parse(value(name, signature)) / 1000
      const fields = ['TypeCovered', 'Algorithm', 'Labels', 'OriginalTTL'].map((name) => value(name, signature))
      const rest = ['KeyTag', 'SignersName', 'SignatureData'].map((name) => value(name, signature))
      return `. ${value('TTL', signature)} IN RRSIG ${[...fields, time('SignatureExpiration'), time('SignatureInception'), ...rest].join(' ')}`
    })
    return { at: Date.parse(value('Inception', bundle)) + DAY, records: recordsOf([...keys, ...signatures]) }
  })
}

/** A set of test keys as the root would show it, signed for 21 days. @param at ms since the epoch */
export function madeMoment(at: number, keys: readonly ZoneKey[], by: readonly ZoneKey[]): Moment {
  const records = keys.map(({ rdata }): ResourceRecord => ({ owner: Name.root, type: TYPE.DNSKEY, class: CLASS.IN, ttl: 172_800, rdata }))
  const fields = { inception: at / 1000 - 86_400, expiration: at / 1000 + 20 * 86_400, signer: Name.root }
  return { at, records: [...records, ...by.map((key) => signRrset(records, key, fields))] }
}

/** One server of the root that shows a moment and nothing else; too long for UDP it says so (RFC 2181 9). */
export function rootShowing(moment: Moment): Respond {
  return (query, protocol) => {
    const { id, question } = parseMessage(query)
    const edns = { udpSize: 1232, version: 0, dnssecOk: true, options: [] }
    const answer = question?.type === TYPE.DNSKEY ? [...moment.records] : []
    const whole = buildMessage({ id, question, aa: true, rcode: RCODE.NOERROR, answer, edns })
    return protocol === 'udp' && whole.length > 1232 ? buildMessage({ id, question, aa: true, tc: true, edns }) : whole
  }
}
