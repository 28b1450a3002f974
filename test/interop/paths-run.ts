// Asks this library, Unbound and BIND the questions of a drawn tree, and says where they part.
import { createResolver, type SecureAnswer } from '../../src/index.js'
import { CLASS, typeFromText } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { ask, recordTexts } from './ask.js'
import { type Serving, servePlan, type Truth } from './paths-serving.js'
import { type Case, drawPlan, SOURCES } from './paths-tree.js'
import { startValidator, type Validator, type ValidatorKind } from './validators.js'

export const PEERS = ['unbound', 'bind'] as const
export type Peer = (typeof PEERS)[number]

export interface Outcome {
  readonly verdict: 'secure' | 'insecure' | 'failed'
  readonly rcode: string
  readonly answer: readonly string[]
  readonly ms: number
  /** that reached the servers of the case */
  readonly queries: number
  readonly why?: string
}

export interface Row {
  readonly name: string
  readonly type: string
  readonly in: Case
  readonly truth: Truth
  readonly ours: Outcome
  readonly theirs: ReadonlyMap<Peer, Outcome>
}

/** `failing`: a peer has the right answer, we have none. `wrong`: ours is not the right one. `status`: both have it, judged differently. */
export type Kind = 'agree' | 'failing' | 'wrong' | 'status' | 'slow' | 'many' | 'alone' | 'nobody' | 'open'

const RARE_TYPES: ReadonlySet<string> = new Set(['CAA', 'TLSA', 'DS', 'DNSKEY'])
const LEAST_SLOW_MS = 1_500
const LEAST_MANY = 8

const same = (one: Outcome, { rcode, answer }: Truth): boolean =>
  one.verdict !== 'failed' && one.rcode === rcode && JSON.stringify(one.answer) === JSON.stringify(answer)

export function kindOf(row: Row): Kind {
  const { ours, theirs, truth } = row
  const peers = [...theirs.values()]
  const { spoils } = row.in
  if (spoils.has('AAAA') && row.type === 'AAAA') return 'open'
  if (spoils.has('empty') && row.name.startsWith('b.ent.')) return 'open'
  if (spoils.has('types') && RARE_TYPES.has(row.type)) return 'open'
  const right = peers.filter((peer) => same(peer, truth))
  if (ours.verdict === 'failed') return right.length > 0 ? 'failing' : 'nobody'
  if (!same(ours, truth)) return peers.some((peer) => same(peer, { rcode: ours.rcode, answer: ours.answer })) ? 'open' : 'wrong'
  if (right.length === 0) return 'alone'
  if (right.every((peer) => peer.verdict !== ours.verdict)) return 'status'
  if (ours.ms > Math.max(LEAST_SLOW_MS, 3 * Math.min(...right.map(({ ms }) => ms)))) return 'slow'
  if (ours.queries > Math.max(LEAST_MANY, 3 * Math.min(...right.map(({ queries }) => queries)))) return 'many'
  return 'agree'
}

export interface RunOptions {
  readonly seed: number
  readonly cases: number
  /** cases asked about at once */
  readonly atOnce?: number
  /** how long a peer may take for one question; this library has its own bound of 10 s */
  readonly patienceMs?: number
  /** questions of each case that are asked, the first ones; all of them when left out */
  readonly perCase?: number
  /** numbers of the cases to ask about; all of them when left out */
  readonly only?: readonly number[]
}

export async function runPlan({ seed, cases, atOnce = 16, patienceMs = 10_500, perCase, only }: RunOptions): Promise<Row[]> {
  const plan = drawPlan(seed, cases)
  const serving = await servePlan(plan)
  const peers: Validator[] = []
  const resolver = createResolver({ trustAnchors: serving.anchors, rootHints: serving.hints, allowPrivateAddresses: true })
  const rows: Row[] = []
  try {
    for (const kind of PEERS) peers.push(await startValidator(kind, serving))
    const asked = plan.cases.filter(({ number }) => !only || only.includes(number))
    const left = asked.map((one) => ({ ...one, questions: one.questions.slice(0, perCase) }))
    const work = async (): Promise<void> => {
      for (let one = left.shift(); one; one = left.shift()) rows.push(...(await askCase(one, serving, resolver, peers, patienceMs)))
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  } finally {
    await resolver.close()
    await Promise.all(peers.map((peer) => peer.close()))
    await serving.close()
  }
  return rows
}

async function askCase(
  one: Case,
  serving: Serving,
  resolver: ReturnType<typeof createResolver>,
  peers: readonly Validator[],
  patienceMs: number
): Promise<Row[]> {
  const each = async (client: string, put: (name: string, type: string) => Promise<Omit<Outcome, 'queries'>>): Promise<Outcome[]> => {
    const outcomes: Outcome[] = []
    for (const [name, type] of one.questions) {
      serving.taken(one.number, client)
      outcomes.push({ ...(await put(name, type)), queries: serving.taken(one.number, client) })
    }
    return outcomes
  }
  const [ours, ...theirs] = await Promise.all([
    each('127.0.0.1', async (name, type) => {
      const startedAt = performance.now()
      const answer = await resolver.resolveSecure(name, type)
      return { ...ourOutcome(answer), ms: Math.round(performance.now() - startedAt) }
    }),
    ...peers.map(({ where, kind }) =>
      each(SOURCES[kind as Peer], async (name, type) => {
        const judged = await ask(where, name, type, patienceMs)
        return { ...judged, answer: [...judged.answer].sort(), why: judged.errors.map(({ code, text }) => `${code} ${text}`).join() }
      })
    )
  ])
  return one.questions.map(([name, type], i) => ({
    ...{ name, type, in: one, truth: serving.truth(name, type), ours: ours[i] },
    theirs: new Map(peers.map(({ kind }: { kind: ValidatorKind }, j) => [kind as Peer, theirs[j][i]]))
  }))
}

function ourOutcome({ status, rcode, records, reason }: SecureAnswer): Omit<Outcome, 'queries' | 'ms'> {
  const answer = records.flatMap(({ name, type, rdata, ttl }) => {
    const owner = nameFromText(name)
    return recordTexts({ owner, type: typeFromText(type) as number, class: CLASS.IN, ttl, rdatas: [rdata], signatures: [] })
  })
  const verdict = status === 'secure' || status === 'insecure' ? status : 'failed'
  return { verdict, rcode, answer: answer.sort(), why: reason?.text }
}

export function told(row: Row): string {
  const say = ({ verdict, rcode, answer, ms, queries }: Outcome): string => `${verdict} ${rcode} (${answer.length}) ${ms} ms ${queries} q`
  const peers = [...row.theirs].map(([kind, outcome]) => `${kind} ${say(outcome)}`)
  return [
    `${kindOf(row)}: ${row.name.length > 60 ? `${row.name.slice(0, 20)}...${row.name.slice(-20)}` : row.name} ${row.type}, right ${row.truth.rcode} (${row.truth.answer.length})`,
    `  ours ${say(row.ours)}${row.ours.verdict === 'failed' || kindOf(row) === 'wrong' ? `: ${row.ours.why}` : ''}`,
    `  ${peers.join('; ')}`,
    `  ${row.in.about}`
  ].join('\n')
}
