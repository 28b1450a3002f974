// One cold question at a time over a network that takes its time: the answer's time, the questions asked and those in a row.
import { serveTree } from '../authorities.js'
import { delayBefore } from '../delay.js'
import { medianOf } from '../statistics.js'
import type { Running } from '../subjects.js'
import type { Tree } from '../tree.js'
import type { Bench, Result, Row } from './measure.js'

const DELAYS = [0, 5, 20, 100]
const PORT = 5300
/** What goes on behind an answer still belongs to it. */
const PAUSE_MS = 20
const WARM_PASSES = 4

/** The name servers of the tree must not be running. */
export async function measureNetwork(bench: Bench, tree: Tree): Promise<Result> {
  const served = await serveTree(tree, PORT)
  const delay = await delayBefore(
    tree.places.map(({ address }) => address),
    PORT
  )
  const each = bench.smoke ? 3 : 15
  const values = new Map<string, Record<string, number>>()
  try {
    for (const subject of bench.subjects) {
      if (subject.key === 'node-dns' || subject.key === 'noble') continue
      bench.say(`delay: ${subject.name}`)
      const of: Record<string, number> = {}
      delay.ms = 0
      const running = await subject.start(tree)
      try {
        if (subject.own) await compile(running, tree, bench)
        await running.ask(tree.warming, 1)
        let next = 0
        for (const ms of bench.smoke ? DELAYS.slice(0, 2) : DELAYS) {
          delay.ms = ms
          const [times, queries, rows]: [number[], number[], number[]] = [[], [], []]
          for (let i = 0; i < each; i++) {
            delay.taken()
            const {
              each: [time = 0]
            } = await running.ask([tree.questions[next++ % tree.questions.length]] as never, 1)
            await new Promise((resolve) => setTimeout(resolve, PAUSE_MS + 2 * ms))
            const taken = delay.taken()
            times.push(time)
            queries.push(taken.queries)
            rows.push(taken.inRow)
          }
          of[`ms at ${ms} ms`] = medianOf(times)
          if (ms > 0) {
            of.queries = medianOf(queries)
            of['in a row'] = Math.round(medianOf(times) / ms)
          }
        }
      } finally {
        await running.stop()
      }
      values.set(subject.key, of)
    }
  } finally {
    await delay.close()
    await served.close()
  }
  const rows = bench.subjects.flatMap((subject): Row[] => {
    const of = values.get(subject.key)
    return of ? [{ subject: subject.name, own: subject.own, values: of }] : []
  })
  return {
    tables: [
      {
        title: 'One cold answer over a network with a delay',
        about:
          'Median of single questions with one new zone cut: the TLD is asked for the referral, the zone for its answer and its keys. "In a row" is the time in round trips: those that had to wait for one another. Delays are those of a whole round trip. This library has answered some thousand questions before, with caches that were emptied since.',
        rows,
        ratio: { name: `cold, time at ${bench.smoke ? 5 : 20} ms of delay`, column: `ms at ${bench.smoke ? 5 : 20} ms`, better: 'less' }
      }
    ],
    plots: [
      {
        file: 'delay',
        title: 'Time of a cold answer by the delay of the network',
        x: 'round trip, ms',
        y: 'ms',
        logX: false,
        lines: rows.map(({ subject, values: of }) => ({
          name: subject,
          points: DELAYS.filter((ms) => `ms at ${ms} ms` in of).map((ms) => [ms, Number(of[`ms at ${ms} ms`])] as const)
        }))
      }
    ]
  }
}

/** Questions until the code has been compiled, as that of a server that runs for long; then empty caches. */
async function compile(running: Running, tree: Tree, bench: Bench): Promise<void> {
  for (let pass = 0; pass < (bench.smoke ? 1 : WARM_PASSES); pass++) {
    await running.ask(tree.questions.slice(0, bench.questions), 50)
    await running.renew()
  }
}
