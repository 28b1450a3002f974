// A private root with zones signed by BIND, ldns and Knot and served by named, NSD and knotd; the same questions asked of this
// library, of Unbound and of BIND, all with the same hints and anchor. What differs without being listed is a failure.
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolver, type Resolver, type SecureAnswer } from '../../src/index.js'
import { CLASS, typeFromText } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { ask, type Judged, recordTexts } from './ask.js'
import { DIFFERENCES, type Difference, SHA1 } from './differences.js'
import { growTree, type Tree } from './growing.js'
import { canServe } from './loopback.js'
import { BROKEN, LEAVES, SIGNERS } from './tree.js'
import { TREE_QUESTIONS, type TreeQuestion } from './tree-questions.js'
import { isPresent, nameAndVersion, startValidator, type Validator, type ValidatorKind } from './validators.js'

const PROGRAMS = ['dnssec-keygen', 'dnssec-signzone', 'named', 'ldns-keygen', 'ldns-signzone', 'nsd', 'knotd', 'keymgr']
const absent = PROGRAMS.filter((program) => spawnSync(program, ['-h'], { stdio: 'ignore' }).error !== undefined)
const PEERS: readonly ValidatorKind[] = (['unbound', 'bind'] as const).filter(isPresent)
const served = await canServe()
const title = absent.length > 0 ? `: without ${absent.join(', ')}` : served ? '' : ': port 53 of loopback cannot be had'

describe.skipIf(absent.length > 0 || !served || PEERS.length === 0)(`real zones and real validators${title}`, () => {
  let tree: Tree
  let resolver: Resolver
  /** with RSA/SHA-1 taken for what it was */
  let lenient: Resolver
  const peers: Validator[] = []
  const used = new Set<Difference>()
  const tally = { questions: 0, agreed: new Map<ValidatorKind, number>(), listed: new Map<ValidatorKind, number>() }

  beforeAll(async () => {
    tree = await growTree()
    for (const kind of PEERS) peers.push(await startValidator(kind, tree))
    const world = { trustAnchors: tree.anchors, rootHints: tree.hints, allowPrivateAddresses: true }
    resolver = createResolver(world)
    lenient = createResolver({ ...world, algorithms: { sha1: true } })
  }, 90_000)
  afterAll(async () => {
    await resolver?.close()
    await lenient?.close()
    await Promise.all(peers.map((peer) => peer.close()))
    await tree?.close()
    const rows = peers.map(
      ({ kind }) => `${nameAndVersion(kind)}: ${tally.agreed.get(kind)} as ours, ${tally.listed.get(kind) ?? 0} otherwise for a reason`
    )
    console.log([`${tally.questions} questions in ${tree?.zones} zones`, ...rows].join('\n'))
  })

  const zones = ['the top', ...LEAVES.map(({ name }) => name), ...BROKEN.map(({ name }) => name)]
  const zoneOf = (name: string): string => zones.find((zone) => name === zone || name.endsWith(`.${zone}`)) ?? 'the top'
  for (const zone of zones) {
    it(`${zone}: every question is judged as by the peers`, async () => {
      const questions = TREE_QUESTIONS.filter(([name]) => zoneOf(name) === zone)
      expect(questions.length).toBeGreaterThan(0)
      const surprises: string[] = []
      const askAll = async ([name, type]: TreeQuestion): Promise<void> => {
        const [ours, ...theirs] = await Promise.all([
          resolver.resolveSecure(name, type),
          ...peers.map(({ where }) => ask(where, name, type, 15_000))
        ])
        tally.questions++
        if (SHA1.questions.test(`${name} ${type}`)) {
          const now = await lenient.resolveSecure(name, type)
          for (const judged of theirs) expect(ourText(now), `${name} ${type} with SHA-1`).toBe(`${judged.verdict} ${judged.rcode}`)
        }
        for (const [i, judged] of theirs.entries()) surprises.push(...compare(`${name} ${type}`, ours, judged, peers[i].kind))
      }
      await Promise.all(questions.map(askAll))
      expect(surprises.join('\n')).toBe('')
    }, 60_000)
  }

  it('every listed difference is one', () => {
    const here = DIFFERENCES.filter((difference) => difference.peers.some((kind) => PEERS.includes(kind)))
    expect(here.filter((difference) => !used.has(difference))).toEqual([])
  })

  it('has asked enough, of zones by every signer', () => {
    expect(tally.questions).toBe(TREE_QUESTIONS.length)
    expect(tally.questions).toBeGreaterThanOrEqual(200)
    for (const signer of SIGNERS) expect(LEAVES.filter((leaf) => leaf.signer === signer).length).toBeGreaterThanOrEqual(8)
  })

  function compare(question: string, ours: SecureAnswer, theirs: Judged, kind: ValidatorKind): string[] {
    const [left, right] = [ourText(ours), `${theirs.verdict} ${theirs.rcode}`]
    if (left === right) {
      tally.agreed.set(kind, (tally.agreed.get(kind) ?? 0) + 1)
      const [mine, other] = [ourRecords(ours), [...theirs.answer].sort()]
      if (left.startsWith('failed') || JSON.stringify(mine) === JSON.stringify(other)) return []
      return [`${question}: ${kind} has other records: ${other.join(', ')}; ours ${mine.join(', ')}`]
    }
    const listed = DIFFERENCES.find(
      (one) => one.questions.test(question) && one.peers.includes(kind) && one.ours === left && one.theirs === right
    )
    if (!listed) return [`${question}: ours ${left} (${ours.reason?.text ?? 'no reason'}), ${kind} ${right}`]
    used.add(listed)
    tally.listed.set(kind, (tally.listed.get(kind) ?? 0) + 1)
    return []
  }
})

function ourText({ status, rcode }: SecureAnswer): string {
  return `${status === 'secure' || status === 'insecure' ? status : 'failed'} ${rcode}`
}

function ourRecords({ records }: SecureAnswer): string[] {
  return records
    .flatMap(({ name, type, rdata, ttl }) => {
      const owner = nameFromText(name)
      return recordTexts({ owner, type: typeFromText(type) as number, class: CLASS.IN, ttl, rdatas: [rdata], signatures: [] })
    })
    .sort()
}
