// Every proof that could be put together from a zone's own NSEC or NSEC3 records, for names that exist and names that do not:
// what holds is true of the zone (RFC 4035 5.4, RFC 5155 8), and the records of the honest answer are enough.
import { describe, expect, it } from 'vitest'
import { prove } from '../../src/validate/denial.js'
import { recallProofs } from '../../src/validate/proofs.js'
import { Name, WILDCARD } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { nameErrorProof, noDataProof, wildcardNoDataProof, wildcardProof } from '../world/proofs.js'
import { makeZone, type Zone, type ZoneOptions } from '../world/zone.js'
import { rrsetsOf, taskAt } from './judging.js'
import { keyOf, NOON } from './small-world.js'

const TEXT = `
@ SOA ns. hostmaster. 1 7200 3600 1209600 600
@ NS ns.elsewhere.
a A 192.0.2.1
cut NS ns.elsewhere.
b.ent A 192.0.2.1
d DNAME elsewhere.
*.w TXT "w"
x.w A 192.0.2.1`

const zoneWith = (denial: ZoneOptions['denial'], text = TEXT): Zone =>
  makeZone({ origin: 'test', text, keys: [keyOf('test')], denial, inception: NOON - 86_400, expiration: NOON + 86_400 })

const NAMES = [
  '0',
  'a',
  'm.a',
  'alone',
  'cut',
  'm.cut',
  'd',
  'm.d',
  'ent',
  'b.ent',
  'm.ent',
  'm',
  'm.m',
  'w',
  '*.w',
  'm.w',
  'm.m.w',
  'x.w',
  'm.x.w',
  'z'
]
const TYPES = [TYPE.A, TYPE.TXT, TYPE.DS, TYPE.NS]

/** The closest encloser, when the name itself is not there (RFC 4592 3.3.1). */
function enclosing(zone: Zone, name: Name): Name {
  let labels = name.labelCount - 1
  while (!zone.nodes.has(name.ancestor(labels).key)) labels--
  return name.ancestor(labels)
}

/** What the zone says of a name. `elsewhere`: below a cut or a DNAME, so nothing. */
function truth(zone: Zone, name: Name): { kind: 'exists' | 'wildcard' | 'absent' | 'elsewhere'; types: readonly number[]; cut: boolean } {
  for (let labels = zone.apex.labelCount + 1; labels < name.labelCount; labels++) {
    const above = zone.nodes.get(name.ancestor(labels).key)
    if (above?.standing === 'delegation' || above?.sets.has(TYPE.DNAME)) return { kind: 'elsewhere', types: [], cut: false }
  }
  const node = zone.nodes.get(name.key)
  if (node) return { kind: 'exists', types: [...node.sets.keys()], cut: node.standing === 'delegation' }
  const wildcard = zone.nodes.get(enclosing(zone, name).child(WILDCARD).key)
  return wildcard ? { kind: 'wildcard', types: [...wildcard.sets.keys()], cut: false } : { kind: 'absent', types: [], cut: false }
}

function subsets<T>(items: readonly T[], most: number): T[][] {
  const all: T[][] = [[]]
  for (const item of items) for (const set of all.slice()) if (set.length < most) all.push([...set, item])
  return all
}

describe.each([
  { by: 'NSEC', denial: { by: 'nsec' } },
  { by: 'NSEC3', denial: { by: 'nsec3', salt: Uint8Array.of(7), iterations: 1 } },
  { by: 'NSEC3, other order', denial: { by: 'nsec3', salt: Uint8Array.of(8, 9), iterations: 3 } }
] as const)('$by', ({ denial }) => {
  const zone = zoneWith(denial)
  const links = zone.chain?.links ?? []
  const hashes = new Map<string, Uint8Array>()
  const proofsOf = (records: (typeof links)[number]['records']) => recallProofs(rrsetsOf(records), zone.apex, hashes)
  const task = () => taskAt(NOON, { nsec3Hashes: 100_000 })

  it('no set of up to three records proves what is not so (cases 74-94, 125, 126)', { timeout: 60_000 }, () => {
    const sets = subsets(links, 3)
    expect(sets.length).toBeGreaterThan(60)
    let held = 0
    for (const set of sets) {
      const proofs = proofsOf(set.flatMap(({ records }) => records))
      for (const text of ['', ...NAMES.map((label) => `${label}.`)]) {
        const name = nameFromText(`${text}test`)
        const is = truth(zone, name)
        const what = `${nameToText(name)} by ${set.map((link) => nameToText(link.name)).join(', ')}`
        const nameError = prove({ name, type: TYPE.A, what: 'nxdomain' }, proofs, task())
        if (!('status' in nameError)) {
          held++
          expect(is.kind, `NXDOMAIN ${what}`).toBe('absent')
        }
        for (const type of TYPES) {
          const noData = prove({ name, type, what: 'nodata' }, proofs, task())
          if ('status' in noData) continue
          held++
          expect(['exists', 'wildcard'], `NODATA ${type} ${what}`).toContain(is.kind)
          expect(is.types, `NODATA ${type} ${what}`).not.toContain(type)
          // RFC 6840 4.1: the parent says of a cut that there is no DS, and nothing else
          if (is.cut) expect(type, what).toBe(TYPE.DS)
          // RFC 6840 4.4: the apex says nothing of its DS
          expect(name.equals(zone.apex) && type === TYPE.DS, what).toBe(false)
          expect(noData.proves, what).toBe(is.cut ? 'insecure-delegation' : 'nodata')
        }
        for (let labels = zone.apex.labelCount; labels < name.labelCount; labels++) {
          const closestEncloser = name.ancestor(labels)
          const wildcard = prove({ name, type: TYPE.A, what: 'wildcard', closestEncloser }, proofs, task())
          if ('status' in wildcard) continue
          held++
          // RFC 4035 5.3.4: nothing is between the wildcard and the name
          expect(zone.nodes.has(name.ancestor(labels + 1).key), `wildcard ${labels} ${what}`).toBe(false)
        }
      }
    }
    expect(held).toBeGreaterThan(100)
  })

  it('the records of the honest answer prove what is so', () => {
    for (const label of NAMES) {
      const name = nameFromText(`${label}.test`)
      const is = truth(zone, name)
      if (is.kind === 'elsewhere') continue
      if (is.kind === 'absent') {
        const proofs = proofsOf(nameErrorProof(zone, name, enclosing(zone, name)))
        expect(prove({ name, type: TYPE.A, what: 'nxdomain' }, proofs, task()), label).toMatchObject({ proves: 'nxdomain' })
      }
      const types = TYPES.filter((type) => !is.types.includes(type) && (!is.cut || type === TYPE.DS))
      for (const type of is.kind === 'absent' ? [] : types) {
        const records = is.kind === 'exists' ? noDataProof(zone, name) : wildcardNoDataProof(zone, name, enclosing(zone, name))
        const proof = prove({ name, type, what: 'nodata' }, proofsOf(records), task())
        expect(proof, `${label} ${type}`).toMatchObject({ proves: is.cut ? 'insecure-delegation' : 'nodata' })
      }
      if (is.kind !== 'wildcard') continue
      const closestEncloser = enclosing(zone, name)
      const proofs = proofsOf(wildcardProof(zone, name, closestEncloser))
      expect(prove({ name, type: TYPE.TXT, what: 'wildcard', closestEncloser }, proofs, task()), label).toMatchObject({
        proves: 'wildcard'
      })
    }
  })
})

describe('a zone of one name', () => {
  const text = '@ SOA ns. hostmaster. 1 7200 3600 1209600 600\n@ NS ns.elsewhere.'
  it.each([
    { by: 'nsec', what: '78 owner and next name are the same (RFC 4034 4.1.1)' },
    { by: 'nsec3', what: '94 owner and next hash are the same (RFC 5155 3.1.7)' }
  ] as const)('$what', ({ by }) => {
    const zone = zoneWith({ by }, text)
    const [link] = zone.chain?.links ?? []
    const proofs = recallProofs(rrsetsOf(link.records), zone.apex, new Map())
    expect(zone.chain?.links).toHaveLength(1)
    for (const label of ['a', '*', 'm.m', 'zz']) {
      const claim = { name: nameFromText(`${label}.test`), type: TYPE.A, what: 'nxdomain' } as const
      expect(prove(claim, proofs, taskAt(NOON)), label).toMatchObject({ proves: 'nxdomain' })
    }
    expect(prove({ name: zone.apex, type: TYPE.A, what: 'nxdomain' }, proofs, taskAt(NOON))).toMatchObject({ status: 'bogus' })
    expect(prove({ name: zone.apex, type: TYPE.A, what: 'nodata' }, proofs, taskAt(NOON))).toMatchObject({ proves: 'nodata' })
    expect(prove({ name: nameFromText('other'), type: TYPE.A, what: 'nxdomain' }, proofs, taskAt(NOON))).toMatchObject({ status: 'bogus' })
  })
})

describe('limits', () => {
  it('NSEC3 hashes are counted over all proofs of a question (CVE-2023-50868, CVE-2026-42923)', () => {
    const zone = zoneWith({ by: 'nsec3' })
    const task = taskAt(NOON, { nsec3Hashes: 3 })
    const records = rrsetsOf(zone.chain?.links.flatMap((link) => link.records) ?? [])
    const name = nameFromText('m.m.m.m.m.m.m.m.test')
    const result = prove({ name, type: TYPE.A, what: 'nxdomain' }, recallProofs(records, Name.fromWire(zone.apex.wire), new Map()), task)
    expect(result).toMatchObject({ status: 'bogus', reason: { kind: 'limitReached' } })
    expect(task.budget.spent('nsec3Hashes')).toBe(3)
  })
})
