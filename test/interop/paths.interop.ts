// Ways to an answer: trees of zones drawn by chance, served by authorities that are wrong as those of the field are, asked of this
// library, of Unbound and of BIND. Where a peer has the right answer we must have it too. The seed is fixed; PATHS_SEED and
// PATHS_CASES make a larger run, which tells what differs and fails for it all the same.
import { describe, expect, it } from 'vitest'
import { canServe } from './loopback.js'
import { type Kind, kindOf, PEERS, type Row, runPlan, told } from './paths-run.js'
import { isPresent, nameAndVersion } from './validators.js'

const absent = PEERS.filter((kind) => !isPresent(kind))
const served = await canServe()
const title = absent.length > 0 ? `: without ${absent.join(', ')}` : served ? '' : ': port 53 of loopback cannot be had'

const isLarge = process.env.PATHS_CASES !== undefined
const seed = Number(process.env.PATHS_SEED ?? 12)
const cases = Number(process.env.PATHS_CASES ?? 24)
const FAULTS: readonly Kind[] = ['failing', 'wrong', 'status']

describe.skipIf(absent.length > 0 || !served)(`crooked trees${title}`, () => {
  it(
    `of seed ${seed}, ${cases} cases: what a peer can answer we can, and what we answer is right`,
    async () => {
      const rows = await runPlan({ seed, cases, ...(!isLarge && { patienceMs: 2_000, perCase: 6, atOnce: cases }) })
      report(rows)
      expect(rows.filter((row) => FAULTS.includes(kindOf(row))).map(told)).toEqual([])
      expect(rows.filter((row) => kindOf(row) === 'agree').length).toBeGreaterThan(rows.length / 2)
    },
    isLarge ? 3_600_000 : 90_000
  )
})

function report(rows: readonly Row[]): void {
  const kinds = new Map<Kind, number>()
  for (const row of rows) kinds.set(kindOf(row), (kinds.get(kindOf(row)) ?? 0) + 1)
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0)
  console.log(
    [
      `${rows.length} questions: ${[...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
      `this library: ${sum(({ ours }) => ours.queries)} queries, ${sum(({ ours }) => ours.ms)} ms`,
      ...PEERS.map((peer) => {
        const of = (field: 'queries' | 'ms'): number => sum(({ theirs }) => theirs.get(peer)?.[field] ?? 0)
        return `${nameAndVersion(peer)}: ${of('queries')} queries, ${of('ms')} ms`
      }),
      ...(isLarge ? rows.filter((row) => ['slow', 'many'].includes(kindOf(row))).map(told) : [])
    ].join('\n')
  )
}
