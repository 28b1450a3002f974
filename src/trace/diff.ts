// What changed between two traces: statuses and reasons, keys rolled, DS changed, signatures renewed, records, servers. What
// differs in every two runs (message IDs, letter case, times) is no change.

import { algorithmMnemonic } from '../crypto/algorithms.js'
import type { Trace } from '../verdict/trace.js'
import { compareVerdicts } from './compare.js'
import { rdataText } from './rdata.js'
import { type RrsetStory, type SignatureEvent, type Story, same, tellStory, type ZoneStory } from './story.js'
import { dayText, dsWords, keyWords } from './words.js'

export interface Change {
  /** the question, `zone NAME`, or `NAME TYPE` */
  readonly where: string
  readonly what: 'status' | 'key' | 'ds' | 'signature' | 'records' | 'servers' | 'denial' | 'anchor'
  readonly text: string
}

/** Each trace is judged again at its own time, and the results are compared. */
export async function diffTraces(before: Trace, after: Trace): Promise<Change[]> {
  return diffStories(await tellStory(before), await tellStory(after))
}

export function diffStories(a: Story, b: Story): Change[] {
  const where = questionText(a.trace)
  const changes: Change[] = []
  if (questionText(a.trace).toLowerCase() !== questionText(b.trace).toLowerCase()) {
    changes.push({ where, what: 'status', text: `another question: ${questionText(b.trace)}` })
  }
  for (const one of compareVerdicts(a.verdict, b.verdict, { ttl: false })) {
    if (one.what === 'records' || one.what === 'rejected') continue
    changes.push({ where, what: one.what === 'denial' ? 'denial' : 'status', text: `${one.what}: ${one.before} -> ${one.after}` })
  }
  changes.push(...lists(where, 'anchor', a.trace.anchors, b.trace.anchors, (line) => `trust anchor ${line}`))
  for (const [zoneA, zoneB] of pairs(a.zones, b.zones, ({ zone }) => zone)) changes.push(...zoneChanges(zoneA, zoneB))
  for (const [setA, setB] of pairs(a.rrsets, b.rrsets, ({ owner, type }) => `${owner} ${type}`)) changes.push(...rrsetChanges(setA, setB))
  return changes
}

const questionText = ({ question }: Trace): string => `${question.name} ${question.type}`

function zoneChanges(a: ZoneStory | undefined, b: ZoneStory | undefined): Change[] {
  const where = `zone ${(a ?? b)?.zone}`
  if (!a || !b) return [{ where, what: 'status', text: a ? 'is no longer part of the chain' : `is new in the chain: ${b?.status}` }]
  const signatures = signatureChanges(where, 'DNSKEY', a.keySignatures, b.keySignatures)
  return [
    ...(a.status === b.status
      ? []
      : [{ where, what: 'status' as const, text: `${a.status} -> ${b.status}${b.reason ? `: ${b.reason}` : ''}` }]),
    ...lists(where, 'ds', a.ds.map(dsId), b.ds.map(dsId), (id) => dsWordsById([...a.ds, ...b.ds], id)),
    ...lists(where, 'key', a.keys.map(keyId), b.keys.map(keyId), (id) =>
      keyWords([...a.keys, ...b.keys].find((one) => keyId(one) === id) as ZoneStory['keys'][0])
    ),
    ...signatures,
    ...signatureChanges(where, 'DS', a.dsSignatures, b.dsSignatures),
    ...lists(where, 'denial', a.noDs.map(denialId), b.noDs.map(denialId), (id) => `denial of its DS: ${id}`),
    ...lists(where, 'servers', serverNames(a), serverNames(b), (server) => `server ${server}`)
  ]
}

const dsId = (one: ZoneStory['ds'][0]): string => `${one.keyTag} ${one.algorithm} ${one.digestType} ${one.digest}`
const keyId = (one: ZoneStory['keys'][0]): string => `${one.keyTag} ${algorithmMnemonic(one.algorithm)} ${one.role} ${one.revoked}`
const denialId = (one: ZoneStory['noDs'][0]): string =>
  `${one.proves ?? one.why} by ${one.by ?? 'nothing'}${one.optOut ? ' with Opt-Out' : ''}`
const serverNames = ({ servers }: ZoneStory): string[] => [...new Set(servers.map(({ server }) => server))]
const dsWordsById = (all: ZoneStory['ds'], id: string): string => dsWords(all.find((one) => dsId(one) === id) as ZoneStory['ds'][0])

function rrsetChanges(a: RrsetStory | undefined, b: RrsetStory | undefined): Change[] {
  const { owner, type } = (a ?? b) as RrsetStory
  const where = `${owner} ${type}`
  if (!a || !b) return [{ where, what: 'records', text: a ? 'is gone' : `is new: ${b?.status}` }]
  const rdatas = (one: RrsetStory): string[] => one.records.map(({ rdata }) => rdataText(type, rdata))
  return [
    ...(a.status === b.status
      ? []
      : [{ where, what: 'status' as const, text: `${a.status} -> ${b.status}${b.reason ? `: ${b.reason}` : ''}` }]),
    ...lists(where, 'records', rdatas(a), rdatas(b), (rdata) => rdata),
    ...signatureChanges(where, type, a.signatures, b.signatures)
  ]
}

/** A signature by the same key with other dates was renewed. */
function signatureChanges(where: string, over: string, a: readonly SignatureEvent[], b: readonly SignatureEvent[]): Change[] {
  return pairs(a, b, ({ signer, keyTag, algorithm }) => `${signer} ${keyTag} ${algorithm}`).flatMap(([one, two]): Change[] => {
    const { signer, keyTag } = (one ?? two) as SignatureEvent
    const by = `RRSIG over ${over} by ${signer}/${keyTag}`
    if (!one || !two) return [{ where, what: 'signature', text: one ? `- ${by}` : `+ ${by}` }]
    const found: Change[] = []
    if (one.expiration !== two.expiration || one.inception !== two.inception) {
      found.push({ where, what: 'signature', text: `${by} renewed: ends ${dayText(one.expiration)} -> ${dayText(two.expiration)}` })
    }
    if (one.holds !== two.holds)
      found.push({ where, what: 'signature', text: `${by} ${two.holds ? 'holds now' : `no longer holds (${two.why})`}` })
    return found
  })
}

function lists(where: string, what: Change['what'], a: readonly string[], b: readonly string[], words: (one: string) => string): Change[] {
  const gone = a.filter((one) => !b.includes(one)).map((one) => ({ where, what, text: `- ${words(one)}` }))
  const come = b.filter((one) => !a.includes(one)).map((one) => ({ where, what, text: `+ ${words(one)}` }))
  return [...gone, ...come]
}

/** Members of two lists side by side, by a key in any letter case. */
function pairs<T>(a: readonly T[], b: readonly T[], key: (one: T) => string): [T | undefined, T | undefined][] {
  const both = a.map((one): [T, T | undefined] => [one, b.find((other) => same(key(one), key(other)))])
  const only = b.filter((other) => !a.some((one) => same(key(one), key(other)))).map((other): [undefined, T] => [undefined, other])
  return [...both, ...only]
}

/** One line a change, grouped by where; 'no change' when there is none. */
export function printChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return 'no change\n'
  const places = [...new Set(changes.map(({ where }) => where))]
  return places
    .map(
      (place) =>
        `${place}\n${changes
          .filter(({ where }) => where === place)
          .map(({ text }) => `  ${text}\n`)
          .join('')}`
    )
    .join('')
}
