// What an answer costs as the zone, the cache and the chain of trust grow: plots rather than tables.
import { serveTree } from '../authorities.js'
import { fill, nameOf, resolverOfSignedNames } from '../signed-names.js'
import { medianOf } from '../statistics.js'
import type { Subject } from '../subjects.js'
import type { Tree } from '../tree.js'
import type { Bench, Line, Plot, Result, Row } from './measure.js'

const QUESTIONS = 400
const OWN_PASSES = 25

export async function measureGrowth(bench: Bench): Promise<Result> {
  const compared = bench.subjects.filter(({ key }) => key === 'native' || key === 'unbound')
  const zone = await lines(bench, compared, bench.smoke ? [100] : [1_000, 10_000, 50_000], (names) =>
    bench.treeOf({ delegations: names, algorithms: [13], depth: 1, net: 9 })
  )
  const chain = await lines(bench, compared, bench.smoke ? [3] : [2, 3, 4, 6, 8], (depth) =>
    bench.treeOf({ delegations: bench.smoke ? 20 : 150, algorithms: [13], depth, net: 20 + depth })
  )
  const cache = await byCache(bench)
  const plot = (file: string, title: string, x: string, y: string, logX: boolean, of: Line[]): Plot => ({
    file,
    title,
    x,
    y,
    logX,
    lines: of
  })
  const table = (title: string, about: string, x: string, of: readonly Line[], unit: string) => ({
    title,
    about,
    rows: of.map(
      ({ name, points }): Row => ({
        subject: name,
        own: name.startsWith('this'),
        values: Object.fromEntries(points.map(([at, value]) => [`${at.toLocaleString('en')} ${x}`, `${value.toPrecision(3)} ${unit}`]))
      })
    )
  })
  return {
    tables: [
      table('Growing zone', 'CPU time of a cold answer from one signed zone with NSEC3, by the number of its names.', 'names', zone, 'ms'),
      table('Growing chain', 'CPU time of a cold answer by the zone cuts below the root, all but the TLD new.', 'cuts', chain, 'ms'),
      table(
        'Growing cache',
        'Time of an answer, of a known name by peek and of a new name, by the RRsets in the cache; in memory, without a network.',
        'RRsets',
        cache,
        'us'
      )
    ],
    plots: [
      plot('zone', 'Cold answer by the size of the zone', 'names in the zone', 'CPU ms', true, zone),
      plot('chain', 'Cold answer by the length of the chain', 'zone cuts below the root', 'CPU ms', false, chain),
      plot('cache', 'Answer by the size of the cache', 'RRsets cached', 'us', true, cache)
    ]
  }
}

async function lines(
  bench: Bench,
  compared: readonly Subject[],
  sizes: readonly number[],
  treeFor: (size: number) => Promise<Tree>
): Promise<Line[]> {
  const points = new Map<string, [number, number][]>(compared.map(({ key }) => [key, []]))
  for (const size of sizes) {
    const tree = await treeFor(size)
    const served = await serveTree(tree)
    try {
      for (const subject of compared) {
        bench.say(`growth: ${tree.title}, ${subject.name}`)
        points.get(subject.key)?.push([size, await cpuPerAnswer(subject, tree, bench)])
      }
    } finally {
      await served.close()
    }
  }
  return compared.map(({ key, name }) => ({ name, points: points.get(key) ?? [] }))
}

/** The least of the passes: of this library many, until its code has been compiled. */
async function cpuPerAnswer(subject: Subject, tree: Tree, bench: Bench): Promise<number> {
  const running = await subject.start(tree)
  const questions = tree.questions.slice(0, bench.smoke ? 20 : QUESTIONS)
  const passes: number[] = []
  try {
    for (let pass = 0; pass < (bench.smoke ? 2 : subject.own ? OWN_PASSES : 3); pass++) {
      if (pass > 0) await running.renew()
      await running.ask(tree.warming, 10)
      const before = await running.usage()
      await running.ask(questions, 50)
      const after = await running.usage()
      passes.push((after.cpuMs - before.cpuMs) / questions.length)
    }
  } finally {
    await running.stop()
  }
  return Math.min(...passes.slice(1))
}

const CALLS = 20_000

async function byCache(bench: Bench): Promise<Line[]> {
  const [known, fresh]: [[number, number][], [number, number][]] = [[], []]
  const resolver = resolverOfSignedNames({ cache: { maxBytes: 2 ** 31 } })
  let filled = 0
  for (const size of bench.smoke ? [200] : [1_000, 10_000, 100_000]) {
    bench.say(`growth: a cache of ${size} RRsets`)
    await fill(resolver, filled, size - filled)
    filled = size
    const few = Math.min(size, 500)
    await fill(resolver, size - few, few) // asked for again: the fast road
    const times: number[] = []
    for (let round = 0; round < 5; round++) {
      const from = performance.now()
      for (let i = 0; i < CALLS; i++) resolver.peek(nameOf(size - 1 - (i % few)), 'MX')
      times.push(((performance.now() - from) * 1000) / CALLS)
    }
    known.push([size, medianOf(times)])
    const from = performance.now()
    await fill(resolver, filled, 500)
    fresh.push([size, ((performance.now() - from) * 1000) / 500])
    filled += 500
  }
  await resolver.close()
  return [
    { name: 'this library, peek', points: known },
    { name: 'this library, a new name (signing it included)', points: fresh }
  ]
}
