// Cold secure answers: the way to the TLD is warm, the zone of every question is new.
import { spreadOf } from '../statistics.js'
import type { Running, Subject } from '../subjects.js'
import type { Tree } from '../tree.js'
import { type Bench, inTurn, type Result, type Row, type Table } from './measure.js'

const AT_ONCE = 50
/** After so many times the same number of questions, with empty caches each time, a process of Node.js has compiled what it needs. */
const WARM_PASSES = 6

interface Round {
  readonly perSecond: number
  readonly cpuMs: number
  readonly secure: number
  readonly bytes: number
}

export const measureCold = async (bench: Bench): Promise<Result> => ({
  tables: [await tableFor(bench, bench.tree, `Cold secure answers: ${bench.tree.title}`, 'cold, CPU')],
  plots: []
})

export const measureP256 = async (bench: Bench, tree: Tree): Promise<Result> => ({
  tables: [await tableFor(bench, tree, 'Cold secure answers, P-256 throughout', 'cold, P-256, CPU')],
  plots: []
})

async function tableFor(bench: Bench, tree: Tree, title: string, name: string): Promise<Table> {
  const rounds = new Map<string, Round[]>()
  const compiled: Round[] = []
  for (let round = 0; round < bench.rounds; round++) {
    for (const subject of inTurn(bench.subjects, round)) {
      if (subject.key === 'node-dns') continue // that is Unbound's work
      bench.say(`cold, round ${round + 1}: ${subject.name}`)
      const running = await subject.start(tree)
      try {
        rounds.set(subject.key, [...(rounds.get(subject.key) ?? []), await once(running, subject, tree, bench)])
        if (subject.key !== 'native') continue
        for (let pass = 1; pass <= WARM_PASSES; pass++) {
          await running.renew()
          if (pass === WARM_PASSES) compiled.push(await once(running, subject, tree, bench))
          else await once(running, subject, tree, bench)
        }
      } finally {
        await running.stop()
      }
    }
  }
  const rows = bench.subjects.flatMap((subject): Row[] => {
    const of = rounds.get(subject.key)
    if (!of) return []
    const all = [...(subject.key === 'native' ? [rowOf('this library', true, compiled)] : [])]
    return [...all, rowOf(subject.key === 'native' ? 'the same in a process that just began' : subject.name, subject.own, of)]
  })
  const atOnce = `${AT_ONCE} at a time (bns 2, with more it loses datagrams)`
  return {
    title,
    about: `${questionsOf(tree, bench).length} questions, ${atOnce}, root and TLD known. CPU is that of the resolver's process with all its threads. "This library" has answered as many ${WARM_PASSES} times before, each time with empty caches, as the code of a server that runs for long has been compiled.`,
    rows,
    ratio: { name, column: 'CPU ms per answer', better: 'less' }
  }
}

const questionsOf = (tree: Tree, bench: Bench) => tree.questions.slice(0, bench.questions)

async function once(running: Running, subject: Subject, tree: Tree, bench: Bench): Promise<Round> {
  const questions = questionsOf(tree, bench)
  const atOnce = Math.min(AT_ONCE, subject.mostAtOnce ?? AT_ONCE)
  await running.ask(tree.warming, Math.min(10, atOnce))
  const before = await running.usage()
  const { ms, secure } = await running.ask(questions, atOnce)
  const after = await running.usage()
  return {
    perSecond: (questions.length / ms) * 1000,
    cpuMs: (after.cpuMs - before.cpuMs) / questions.length,
    secure,
    bytes: after.memory - before.memory
  }
}

function rowOf(subject: string, own: boolean, rounds: readonly Round[]): Row {
  const cpu = spreadOf(rounds.map(({ cpuMs }) => cpuMs))
  return {
    subject,
    own,
    values: {
      'CPU ms per answer': cpu,
      'answers/s and core': 1000 / cpu.median,
      'answers/s as it ran': spreadOf(rounds.map(({ perSecond }) => perSecond)),
      secure: Math.min(...rounds.map(({ secure }) => secure))
    }
  }
}
