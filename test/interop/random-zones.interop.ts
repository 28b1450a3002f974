// Random zones, most of them wrong in a way or two, asked of this library, of Unbound and of BIND. A verdict that no peer shares is a
// failure unless it is listed with the section that says why; one that trusts more than one of the two is told, to be looked at.
// RANDOM_ZONES and RANDOM_SEED make it longer and other: RANDOM_ZONES=400 RANDOM_SEED=7.
import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SecureAnswer } from '../../src/index.js'
import type { Judged } from './ask.js'
import { canServe } from './loopback.js'
import { type Asked, ourRecords, runCampaign } from './random-campaign.js'
import { type Concluded, RANDOM_DIFFERENCES, type RandomDifference } from './random-differences.js'
import { isPresent, nameAndVersion, type ValidatorKind } from './validators.js'

const ZONES = Number(process.env.RANDOM_ZONES ?? 36)
const SEED = Number(process.env.RANDOM_SEED ?? 5)
const QUESTIONS_EACH = 10

const absent = ['nsd', 'nsd-checkzone'].filter((program) => spawnSync(program, ['-h'], { stdio: 'ignore' }).error !== undefined)
const PEERS: readonly ValidatorKind[] = (['unbound', 'bind'] as const).filter(isPresent)
const served = await canServe()
const title = absent.length > 0 ? `: without ${absent.join(', ')}` : served ? '' : ': port 53 of loopback cannot be had'

describe.skipIf(absent.length > 0 || !served || PEERS.length < 2)(`random zones and real validators${title}`, () => {
  const surprises: string[] = []
  const changing: string[] = []
  const otherRecords: string[] = []
  const trusting: string[] = []
  const listed = new Map<RandomDifference, number>()
  const tally = { zones: 0, questions: 0, agreed: 0, oneAgrees: 0 }

  beforeAll(async () => {
    const campaign = { seed: SEED, zones: ZONES, questionsEach: QUESTIONS_EACH, peers: PEERS }
    tally.zones = (await runCampaign(campaign, note)).zones
    const rows = [...listed].map(([{ section, why }, count]) => `  ${count}: ${why} (${section})`)
    console.log(
      [
        `${tally.questions} questions in ${tally.zones} zones of seed ${SEED}, by ${PEERS.map(nameAndVersion).join(' and ')}`,
        `${tally.agreed} judged alike by all, ${tally.oneAgrees} as by one peer, and otherwise for a reason:`,
        ...rows,
        ...(trusting.length > 0 ? ['with more trust than one peer:', ...trusting] : [])
      ].join('\n')
    )
  }, 600_000)

  it('no verdict is without a peer or a section', () => {
    expect(surprises.join('\n')).toBe('')
  })

  it('what is known from earlier questions changes no verdict', () => {
    expect(changing.join('\n')).toBe('')
  })

  it('where the verdicts agree, so do the records', () => {
    expect(otherRecords.join('\n')).toBe('')
  })

  it('has asked enough', () => {
    expect(tally.questions).toBeGreaterThanOrEqual(ZONES * 6)
    expect(tally.agreed / tally.questions).toBeGreaterThan(0.7)
  })

  function note(asked: Asked): void {
    const { zone, question, warm, cold, theirs } = asked
    tally.questions++
    const ours = ourText(cold)
    const where = `${question}: ours ${ours} (${cold.reason?.text ?? 'no reason'})`
    // a server that denies what it gave before, or another server of the same zone gave, is believed as far as it is signed
    const liar = zone.faults.some((one) => one.startsWith('server: all said'))
    if (ourText(warm) !== ours && !liar) changing.push(`${where}, warm ${ourText(warm)} (${warm.reason?.text})\n  ${zone.about}`)
    // silence tells nothing of what a validator thinks
    const heard = [...theirs].filter(([, judged]) => judged.rcode !== 'TIMEOUT')
    const others = heard.filter(([, judged]) => theirText(judged) !== ours)
    for (const [kind, judged] of heard) {
      if (ours === 'failed' || others.some(([other]) => other === kind) || OTHER_RECORDS.some((one) => one(asked, kind))) continue
      if (JSON.stringify(ourRecords(cold)) !== JSON.stringify([...judged.answer].sort()))
        otherRecords.push(`${where}: ${kind}\n  ${zone.about}`)
    }
    if (others.length === 0) {
      tally.agreed++
      return
    }
    const unlisted = others.filter(([kind, judged]) => {
      const found = RANDOM_DIFFERENCES.find((one) => fits(one, kind, concluded(cold), judged.verdict, asked))
      if (found) listed.set(found, (listed.get(found) ?? 0) + 1)
      return !found
    })
    if (unlisted.length === 0) return
    const told = `${where}, ${[...theirs].map(([kind, judged]) => `${kind} ${theirText(judged)}`).join(', ')}\n  ${zone.about}`
    if (others.length === heard.length) surprises.push(told)
    else {
      tally.oneAgrees++
      if (unlisted.some(([, judged]) => TRUST[concluded(cold)] > TRUST[judged.verdict])) trusting.push(told)
    }
  }
})

/** Where the records are others than ours for a reason of the peer's. */
const OTHER_RECORDS: readonly ((asked: Asked, kind: ValidatorKind) => boolean)[] = [
  // below a CNAME whose target does not exist it gives the answer for that CNAME again
  ({ cold }, kind) => kind === 'unbound' && cold.rcode === 'NXDOMAIN' && cold.records.length === 0,
  ({ question }, kind) => kind === 'bind' && question.endsWith(' DNAME'),
  // the servers give for one type what they deny for another
  ({ zone }) => zone.faults.some((one) => one.startsWith('server: all said'))
]

const TRUST: Readonly<Record<Concluded, number>> = { failed: 0, insecure: 1, secure: 2 }

const concluded = ({ status }: SecureAnswer): Concluded => (status === 'secure' || status === 'insecure' ? status : 'failed')

function fits(one: RandomDifference, kind: ValidatorKind, ours: Concluded, theirs: Concluded, asked: Asked): boolean {
  return one.peers.includes(kind) && one.ours.includes(ours) && one.theirs.includes(theirs) && one.about(asked)
}

const ourText = (answer: SecureAnswer): string => (concluded(answer) === 'failed' ? 'failed' : `${answer.status} ${answer.rcode}`)
const theirText = ({ verdict, rcode }: Judged): string => (verdict === 'failed' ? 'failed' : `${verdict} ${rcode}`)
