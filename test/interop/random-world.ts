// Random zones below a small signed root, served by NSD from files or by the servers of this process: each made from a seed and its
// number, with none, one or two faults.

import type { Name } from '../../src/wire/name.js'
import { CLASS, TYPE, typeToText } from '../../src/wire/numbers.js'
import { nameFromText, nameToText, recordToText } from '../../src/wire/text.js'
import type { Random } from '../fuzz/random.js'
import { randomFor } from '../fuzz/random.js'
import { authority, type Respond } from '../world/authority.js'
import type { DenialOptions } from '../world/chain.js'
import { dsLine, dsRdata, zoneKey } from '../world/keys.js'
import { allRecords, makeZone, type Zone } from '../world/zone.js'
import { randomContent } from './random-content.js'
import { plantFault } from './random-faults.js'
import { randomKeys } from './random-keys.js'
import { byZone, type Meddling, randomMeddling } from './random-servers.js'
import type { TreeQuestion } from './tree-questions.js'

export interface RandomZone {
  /** gives the same zone again, but for its keys */
  readonly index: number
  readonly name: string
  readonly zone: Zone
  /** what is below its cuts */
  readonly children: readonly Zone[]
  readonly ds: readonly Uint8Array[]
  readonly served: 'nsd' | 'process'
  /** what its server does to the replies; only that of this process can */
  readonly meddling?: Meddling
  /** NSD would take the file and fail over it */
  readonly unwritable: boolean
  /** how it is signed and what is wrong with it */
  readonly about: string
  readonly faults: readonly string[]
  readonly algorithms: readonly number[]
  /** of NSEC3; 0 otherwise */
  readonly iterations: number
  readonly questions: readonly TreeQuestion[]
}

export interface RandomWorld {
  readonly zones: readonly RandomZone[]
  /** DS lines of the root */
  readonly anchors: readonly string[]
  readonly hints: readonly { readonly name: string; readonly addresses: readonly string[] }[]
  /** the servers of this process, by address */
  readonly servers: ReadonlyMap<string, Respond>
}

export const PLACES = {
  root: '127.77.1.1',
  tlds: '127.77.1.2',
  fixed: '127.77.1.3',
  nsd: '127.77.2.1',
  process: '127.77.2.2',
  below: '127.77.3.1'
} as const

const DAY = 86_400
const TLDS: Readonly<Record<string, DenialOptions>> = {
  plain: { by: 'nsec' },
  hashed: { by: 'nsec3', iterations: 0 },
  optout: { by: 'nsec3', iterations: 0, optOut: true }
}
const ITERATIONS = [0, 0, 0, 1, 20, 49, 50, 51, 150, 151] as const
const TYPES = [
  TYPE.A,
  TYPE.AAAA,
  TYPE.MX,
  TYPE.TXT,
  TYPE.SRV,
  TYPE.DS,
  TYPE.CNAME,
  TYPE.NS,
  TYPE.SOA,
  TYPE.DNSKEY,
  TYPE.DNAME,
  TYPE.TLSA,
  65280,
  TYPE.HINFO,
  TYPE.HTTPS
]
const SOA = (minimum: number): string => `@ 3600 SOA ns hostmaster 1 3600 600 864000 ${minimum}`

export interface WorldOptions {
  readonly seed: number
  readonly count: number
  /** ms since the epoch */
  readonly nowMs: number
  readonly questionsEach: number
  /** of the zones, these alone */
  readonly only?: ReadonlySet<number>
  /** whether NSD takes the zone */
  readonly writable: (zone: RandomZone) => boolean
}

export function randomWorld({ seed, count, nowMs, questionsEach, only, writable }: WorldOptions): RandomWorld {
  const now = Math.floor(nowMs / 1000)
  const validity = { inception: now - DAY, expiration: now + 14 * DAY }
  const sealed = (origin: string, text: string, denial: DenialOptions): Zone =>
    makeZone({ origin, text, keys: [keyOf(origin)], denial, ...validity })
  const indices = Array.from({ length: count }, (_, i) => i).filter((i) => !only || only.has(i))
  const zones = indices.map((index) => {
    const zone = randomZone(seed, index, now, questionsEach)
    return zone.served === 'process' || (!zone.unwritable && writable(zone)) ? zone : randomZone(seed, index, now, questionsEach, 'process')
  })
  const fixed = [
    sealed('good.plain', fixedText('good.plain'), { by: 'nsec' }),
    makeZone({ origin: 'bare.plain', text: fixedText('bare.plain') }),
    sealed('bad.plain', fixedText('bad.plain'), { by: 'nsec' })
  ]
  const fixedDs: Readonly<Record<string, Uint8Array>> = {
    'good.plain': dsRdata(nameFromText('good.plain'), keyOf('good.plain')),
    'bad.plain': dsRdata(nameFromText('bad.plain'), keyOf('bad.plain'), 2, { digest: new Uint8Array(32) })
  }
  const tlds = Object.entries(TLDS).map(([tld, denial]) => {
    const lines = ['@ NS ns', `ns A ${PLACES.tlds}`]
    if (tld === 'plain') {
      for (const zone of fixed)
        lines.push(...delegation(nameToText(zone.apex), PLACES.fixed, [fixedDs[nameToText(zone.apex)] ?? []].flat() as Uint8Array[]))
    }
    for (const { name, served, ds } of zones) if (name.endsWith(`.${tld}`)) lines.push(...delegation(name, PLACES[served], ds))
    return sealed(tld, [SOA(300), ...lines].join('\n'), denial)
  })
  const rootLines = Object.keys(TLDS).flatMap((tld) => delegation(tld, PLACES.tlds, [dsRdata(nameFromText(tld), keyOf(tld))]))
  const root = sealed('.', [SOA(300), '@ NS ns', `ns A ${PLACES.root}`, ...rootLines].join('\n'), { by: 'nsec' })
  const servers = new Map<string, Respond>([
    [PLACES.root, authority([root])],
    [PLACES.tlds, authority(tlds)],
    [PLACES.fixed, authority(fixed)],
    [PLACES.process, byZone(zones.filter(({ served }) => served === 'process'))],
    [PLACES.below, authority(zones.flatMap(({ children }) => children))]
  ])
  const hints = [{ name: 'ns', addresses: [PLACES.root] }]
  return { zones, servers, hints, anchors: [dsLine('.', nameFromText('.'), keyOf('.'))] }
}

const keyOf = (zone: string) => zoneKey(`random ${zone}`, 13)

function randomZone(seed: number, index: number, now: number, questionsEach: number, place?: RandomZone['served']): RandomZone {
  const random = randomFor(seed, index)
  const tld = random.pick(Object.keys(TLDS))
  const name = `${random.oneIn(10) ? 'Zone' : 'z'}${index}.${tld}`
  const apex = nameFromText(name)
  const harm = random.below(10)
  const plan = randomKeys(apex, harm < 3, random)
  const iterations = random.pick(ITERATIONS)
  const salt = random.pick([new Uint8Array(), new Uint8Array(), Uint8Array.of(0xca, 0xfe), new Uint8Array(255).fill(7)])
  const denial: DenialOptions = random.oneIn(2) ? { by: 'nsec' } : { by: 'nsec3', iterations, salt, optOut: random.oneIn(3) }
  const drawn = random.oneIn(2) ? 'nsd' : 'process'
  const served = place ?? drawn
  const content = randomContent(random)
  const children = content.children.map(({ label, kind }) => ({ kind, apex: nameFromText(`${label}.${name}`) }))
  const cuts = children.flatMap(({ apex: child, kind }) => {
    const key = keyOf('child')
    const ds: Readonly<Record<typeof kind, Uint8Array[]>> = {
      secure: [dsRdata(child, key)],
      insecure: [],
      algorithm: [dsRdata(child, key, 2, { algorithm: 100 })],
      digest: [dsRdata(child, key, 100)],
      wrongDigest: [dsRdata(child, key, 2, { digest: new Uint8Array(32) })]
    }
    return delegation(nameToText(child), PLACES.below, ds[kind])
  })
  const text = [SOA(random.pick([300, 300, 0, 86400])), '@ NS ns', `ns A ${PLACES[served]}`, ...content.lines, ...cuts].join('\n')
  const validity = { inception: now - DAY, expiration: now + 14 * DAY }
  const zone = makeZone({ origin: name, text, keys: plan.keys, published: plan.published, denial, ...validity })
  const parent = { apex: nameFromText(tld), key: keyOf(tld) }
  const planted = Array.from({ length: harm < 3 ? Number(random.oneIn(4)) : harm < 8 ? 1 : harm < 9 ? 2 : 0 }, () =>
    plantFault({ zone, random, now, parent })
  )
  const meddling = random.oneIn(4) ? randomMeddling(random) : undefined
  const hot = planted.flatMap((one) => one.hot)
  const questions = randomQuestions(
    zone,
    content.names.map((one) => nameFromText(`${one}.${name}`)),
    hot,
    random,
    questionsEach
  )
  const denialText = denial.by === 'nsec' ? 'NSEC' : `NSEC3 ${iterations}${denial.optOut ? ' Opt-Out' : ''}, salt of ${salt.length}`
  const marks = [...plan.marks, ...planted.map(({ what }) => what), ...(meddling ? [meddling.what] : [])]
  return {
    index,
    name,
    zone,
    children: children.map(({ apex: child, kind }) => childZone(child, kind === 'insecure', now)),
    ds: plan.ds,
    served,
    meddling,
    unwritable: meddling !== undefined || planted.some(({ unwritable }) => unwritable),
    about: `${name} (${served}; algorithm ${plan.algorithms.join(', ')}; ${denialText}): ${marks.join('; ') || 'no fault'}`,
    faults: marks,
    algorithms: plan.algorithms,
    iterations: denial.by === 'nsec' ? 0 : iterations,
    questions
  }
}

function childZone(apex: Name, unsigned: boolean, now: number): Zone {
  const text = fixedText(nameToText(apex))
  return makeZone({
    origin: nameToText(apex),
    text,
    keys: unsigned ? [] : [keyOf('child')],
    inception: now - DAY,
    expiration: now + 14 * DAY
  })
}

const fixedText = (name: string): string =>
  [
    SOA(300),
    '@ NS ns',
    `ns A ${name.split('.').length === 2 ? PLACES.fixed : PLACES.below}`,
    'www A 192.0.2.80',
    '*.wild A 192.0.2.81'
  ].join('\n')

/** Never named by a name of the zone above: its glue is here. */
function delegation(name: string, address: string, ds: readonly Uint8Array[]): string[] {
  const owner = nameFromText(name)
  const records = ds.map((rdata) => recordToText({ owner, type: TYPE.DS, class: CLASS.IN, ttl: 3600, rdata }))
  return [`${name}. NS ns.${name}.`, `ns.${name}. A ${address}`, ...records]
}

/** Names that are there and not, types that they have and have not, each once. */
function randomQuestions(zone: Zone, named: readonly Name[], hot: readonly Name[], random: Random, count: number): TreeQuestion[] {
  const { apex } = zone
  const nodes = [...zone.nodes.values()]
  const child = (above: Name, label: string): Name => above.child(Buffer.from(label, 'latin1'))
  const questions = new Map<string, TreeQuestion>()
  const add = (name: Name, type: number): void => {
    if (name.wire.length > 250) return
    const question = [nameToText(name), typeToText(type)] as const
    questions.set(question.join(' '), question)
  }
  const typeAt = (name: Name): number => {
    const own = [...(zone.nodes.get(name.key)?.sets.keys() ?? [])].filter((type) => type !== TYPE.NSEC)
    return own.length > 0 && !random.oneIn(3) ? random.pick(own) : random.pick(TYPES)
  }
  for (const name of hot) {
    add(name, typeAt(name))
    if (name.isWildcard) add(child(name.parent(), 'made'), typeAt(name))
    add(name, random.pick(TYPES))
  }
  add(apex, random.pick([TYPE.SOA, TYPE.DNSKEY, TYPE.NS]))
  add(apex, typeAt(apex))
  for (let tries = 0; questions.size < Math.max(count, hot.length) && tries < 200; tries++) {
    const { owner } = random.pick(nodes)
    const kind = random.below(8)
    if (kind < 2) add(owner, typeAt(owner))
    else if (kind === 2) add(owner, random.pick(TYPES))
    else if (kind === 3) add(child(owner, random.pick(['!', 'x', 'nowhere', '*', '\0', '\xff'])), random.pick(TYPES))
    else if (kind === 4) add(child(child(owner, 'y'), 'x'), random.pick(TYPES))
    else if (kind === 5 && owner.labelCount > apex.labelCount) add(child(owner.parent(), random.pick(['nothing', 'mm', '0', '~'])), TYPE.A)
    else if (named.length > 0) {
      const name = random.pick(named)
      add(name, random.oneIn(3) ? typeAt(name) : TYPE.A)
    }
  }
  return [...questions.values()].slice(0, count)
}

/** The zone as a file for NSD. */
export const zoneFile = ({ zone }: RandomZone): string => `${allRecords(zone).map(recordToText).join('\n')}\n`
