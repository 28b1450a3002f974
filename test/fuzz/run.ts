// Runs mutants from one index to another and tells what went wrong.

import { chooseBackend } from '../../src/crypto/choose.js'
import { buildCorpora, type Case, type Corpus, type RecordedReply } from './corpus.js'
import { Judge, rememberingGood, saying } from './judge.js'
import { mutate } from './mutate.js'
import { randomFor } from './random.js'

export interface Failure {
  readonly index: number
  readonly text: string
  readonly what: string
}

export interface Report {
  readonly mutants: number
  /** mutants by the status that they came to */
  readonly statuses: Readonly<Record<string, number>>
  /** mutants judged by both backends */
  readonly compared: number
  readonly failures: readonly Failure[]
}

const DAY_MS = 86_400_000
/** How many mutants are judged by the portable backend as well, one in so many. */
const COMPARED = 400

/** RFC 5155 9.2, RFC 9276 3.2: what an Opt-Out span or the iterations of a zone say, and what a replay of them says again. */
const LEAVES_ROOM: ReadonlySet<string | undefined> = new Set(['optOut', 'tooManyIterations'])

interface Court {
  readonly corpus: Corpus
  readonly native: Judge
  readonly noble: Judge
  readonly others: readonly RecordedReply[]
  readonly truths: ReadonlyMap<Case, { status: string; saying: string; ttl: number }>
  readonly cases: readonly Case[]
}

/** Judges every question of the corpus once, unchanged: what it comes to is the truth. */
async function openCourt(corpus: Corpus): Promise<Court> {
  const native = new Judge(corpus, rememberingGood(chooseBackend('auto')))
  const noble = new Judge(corpus, rememberingGood(chooseBackend('noble')))
  const truths = new Map<Case, { status: string; saying: string; ttl: number }>()
  for (const one of corpus.cases) {
    const outcome = await native.judge(one, [])
    await noble.judge(one, [])
    // Data changed after it was signed is a mutant itself: another one may well change it back, and be secure by right.
    if (outcome.reason?.kind !== 'signatureWrong') truths.set(one, { status: outcome.status, saying: saying(outcome), ttl: outcome.ttl })
  }
  return { corpus, native, noble, others: corpus.cases.flatMap(({ replies }) => replies), truths, cases: [...truths.keys()] }
}

/** The keys of the corpus are new in every process, so a failure is reproduced by seed and index up to them. */
export async function runMutants(seed: number, from: number, to: number, reached: (index: number) => void = () => {}): Promise<Report> {
  const courts = await Promise.all((await buildCorpora()).map(openCourt))
  const statuses: Record<string, number> = {}
  const failures: Failure[] = []
  let compared = 0
  for (let index = from; index < to && failures.length < 20; index++) {
    if (index % 500 === 0) reached(index)
    const random = randomFor(seed, index)
    const { corpus, native, noble, others, truths, cases } = courts[index % courts.length] as Court
    const one = random.pick(cases)
    const of = random.pick(one.replies)
    const late = random.oneIn(50)
    const nowMs = late ? corpus.nowMs + random.pick([-3 * DAY_MS, 40 * DAY_MS, 4000 * DAY_MS]) : corpus.nowMs
    const fail = (what: string): void => void failures.push({ index, text: one.text, what })
    const changes = [{ of, wire: late && random.oneIn(2) ? of.wire : mutate(of, others, random) }]
    // Forgers have more than one reply to change: data without signatures, and the DS that would ask for them.
    const also = random.pick(one.replies)
    if (random.oneIn(3) && also !== of) changes.push({ of: also, wire: mutate(also, others, random) })
    try {
      const outcome = await native.judge(one, changes, nowMs, late)
      statuses[outcome.status] = (statuses[outcome.status] ?? 0) + 1
      const truth = truths.get(one)
      if (outcome.status === 'secure') {
        if (late) fail('secure at a time when no signature is valid')
        else if (truth?.status !== 'secure') fail(`secure, and the zone is ${truth?.status}`)
        else if (saying(outcome) !== truth.saying) fail(`secure, and not what the zone says: ${saying(outcome)} for ${truth.saying}`)
        // RFC 4035 5.3.3: no change makes an answer live longer than the zone lets it
        else if (outcome.ttl > truth.ttl) fail(`secure for ${outcome.ttl} s, and the zone says ${truth.ttl}`)
      }
      // A reply may hide what is secure, and never make it pass for unsigned: only a signed record that leaves room for it can.
      if (outcome.status === 'insecure' && truth && truth.status !== 'insecure' && !LEAVES_ROOM.has(outcome.reason?.kind)) {
        fail(`insecure by ${outcome.reason?.kind}, and the zone is ${truth.status}`)
      }
      if (outcome.records.some(({ verdict }) => verdict.status === 'bogus')) fail('a bogus record in records')
      if (index % COMPARED === 0) {
        compared++
        const second = await noble.judge(one, changes, nowMs, late)
        if (second.status !== outcome.status || saying(second) !== saying(outcome))
          fail(`${outcome.status} by native, ${second.status} by noble`)
      }
    } catch (error) {
      fail(`threw: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }
  return { mutants: Object.values(statuses).reduce((sum, n) => sum + n, 0), statuses, compared, failures }
}
