// Random zones below a small signed root, served by NSD from files or by the servers of this process: each made from a seed and its
// number, with none, one or two faults.

import type { Name } from '../../src/wire/name.js'
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import { nameFromText, nameToText, recordToText } from '../../src/wire/text.js'
import { randomFor } from '../fuzz/random.js'
import { authority, type Respond } from '../world/authority.js'
import type { DenialOptions } from '../world/chain.js'
import { dsLine, dsRdata, zoneKey } from '../world/keys.js'
import { allRecords, makeZone, type Zone } from '../world/zone.js'
import { randomContent } from './random-content.js'
import { plantFault } from './random-faults.js'
import { randomKeys } from './random-keys.js'
import { randomQuestions } from './random-questions.js'
import { byZone, type Meddling, randomMeddling } from './random-servers.js'
import type { TreeQuestion } from './tree-questions.js'

export interface RandomZone {
  /** gives the same zone again, but for its keys */
  readonly index: number
  readonly name: string
  readonly zone: Zone
  /** what is below its cuts */
  readonly children: readonly Zone[]
  /** the same server has them too, so that nobody refers to them */
  readonly together: boolean
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
    sealed('good.plain', fixedText(PLACES.fixed), { by: 'nsec' }),
    makeZone({ origin: 'bare.plain', text: fixedText(PLACES.fixed) }),
    sealed('bad.plain', fixedText(PLACES.fixed), { by: 'nsec' })
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
    [PLACES.below, authority(zones.filter(({ together }) => !together).flatMap(({ children }) => children))]
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
  const together = random.oneIn(3) && served === 'process'
  const below = together ? PLACES.process : PLACES.below
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
    return delegation(nameToText(child), below, ds[kind])
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
    children: children.map(({ apex: child, kind }) => childZone(child, below, kind === 'insecure', now)),
    together,
    ds: plan.ds,
    served,
    meddling,
    unwritable: meddling !== undefined || planted.some(({ unwritable }) => unwritable),
    about: `${name} (${served}${together ? ' with its children' : ''}; algorithm ${plan.algorithms.join(', ')}; ${denialText}): ${marks.join('; ') || 'no fault'}`,
    faults: marks,
    algorithms: plan.algorithms,
    iterations: denial.by === 'nsec' ? 0 : iterations,
    questions
  }
}

function childZone(apex: Name, address: string, unsigned: boolean, now: number): Zone {
  const text = fixedText(address)
  return makeZone({
    origin: nameToText(apex),
    text,
    keys: unsigned ? [] : [keyOf('child')],
    inception: now - DAY,
    expiration: now + 14 * DAY
  })
}

const fixedText = (address: string): string =>
  [SOA(300), '@ NS ns', `ns A ${address}`, 'www A 192.0.2.80', '*.wild A 192.0.2.81'].join('\n')

/** What the zone above has of it, glue included. */
function delegation(name: string, address: string, ds: readonly Uint8Array[]): string[] {
  const owner = nameFromText(name)
  const records = ds.map((rdata) => recordToText({ owner, type: TYPE.DS, class: CLASS.IN, ttl: 3600, rdata }))
  return [`${name}. NS ns.${name}.`, `ns.${name}. A ${address}`, ...records]
}

/** The zone as a file for NSD. */
export const zoneFile = ({ zone }: RandomZone): string => `${allRecords(zone).map(recordToText).join('\n')}\n`
