// Answers from the cache: this library and other libraries in their own process, servers over loopback.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PEERS, type PeerKind, startPeer } from '../peers.js'
import { cpuMsOf, findProgram } from '../processes.js'
import { type Latencies, medianOf, spreadOf } from '../statistics.js'
import type { Tree } from '../tree.js'
import type { Warm } from '../worker.js'
import { type Bench, inTurn, type Result, type Row } from './measure.js'

const NAMES = 500

export async function measureWarm(bench: Bench, tree: Tree): Promise<Result> {
  const questions = tree.questions.slice(0, NAMES)
  const kept = new Map<string, { subject: string; own: boolean; perCore: number[]; asRan: number[]; latencies: Latencies[] }>()
  const keep = (key: string, subject: string, own: boolean, { calls, ms, cpuMs, latencies }: Warm): void => {
    const row = kept.get(key) ?? { subject, own, perCore: [], asRan: [], latencies: [] }
    kept.set(key, row)
    row.perCore.push((calls / Math.max(cpuMs, 1)) * 1000)
    row.asRan.push((calls / ms) * 1000)
    row.latencies.push(latencies)
  }
  for (let round = 0; round < bench.rounds; round++) {
    for (const subject of inTurn(bench.subjects, round)) {
      if (subject.key === 'noble') continue
      bench.say(`warm, round ${round + 1}: ${subject.name}`)
      const running = await subject.start(tree)
      try {
        await running.ask(questions, Math.min(10, subject.mostAtOnce ?? 10))
        const few = bench.smoke ? 20 : 1
        if (subject.key === 'native') {
          await running.ask(questions, 10) // the second time an answer takes the fast road
          keep('peek', 'this library, peek', true, await running.warm(questions, 1_000_000 / few, 'peek'))
        }
        const calls = (subject.own ? 500_000 : subject.key === 'bns' ? 100_000 : 20_000) / few
        keep(
          subject.key,
          subject.own ? 'this library, await resolveSecure' : subject.name,
          subject.own,
          await running.warm(questions, calls, 'await')
        )
      } finally {
        await running.stop()
      }
      const perf = !bench.smoke && subject.key in PEERS ? await withDnsperf(subject.key as PeerKind, tree, questions) : undefined
      if (perf)
        keep(`${subject.key} perf`, `${subject.name}, driven by dnsperf`, false, {
          ...perf,
          latencies: { p50: Number.NaN, p99: Number.NaN, p999: Number.NaN }
        })
    }
  }
  const order = ['native', 'peek', ...bench.subjects.map(({ key }) => key).flatMap((key) => [key, `${key} perf`])]
  const rows = [...new Set(order)].flatMap((key): Row[] => {
    const row = kept.get(key)
    if (!row) return []
    const middle = (of: (latencies: Latencies) => number): number => medianOf(row.latencies.map(of))
    return [
      {
        subject: row.subject,
        own: row.own,
        values: {
          'answers/s and core': spreadOf(row.perCore),
          'answers/s as it ran': spreadOf(row.asRan),
          'p50 us': middle(({ p50 }) => p50),
          'p99 us': middle(({ p99 }) => p99),
          'p99.9 us': middle(({ p999 }) => p999)
        }
      }
    ]
  })
  return {
    tables: [
      {
        title: 'Warm answers',
        about: `${questions.length} cached names, the public API of libraries, UDP over loopback to servers. "And core": by the CPU time of the resolver's process (for node:dns, of Unbound's as well). Latency is that of one question at a time; hrtime itself takes about 0.1 us of it.`,
        rows,
        ratio: { name: 'warm, answers/s and core', column: 'answers/s and core', better: 'more' }
      }
    ],
    plots: []
  }
}

const SECONDS = 3

/** By the tool that is made for it, where it is installed. */
async function withDnsperf(kind: PeerKind, tree: Tree, questions: Tree['questions']): Promise<Omit<Warm, 'latencies'> | undefined> {
  const program = findProgram('dnsperf')
  if (!program) return undefined
  const peer = await startPeer(kind, tree)
  try {
    const file = join(peer.program.folder, 'questions')
    writeFileSync(file, `${questions.map(({ name, type }) => `${name} ${type}`).join('\n')}\n`)
    const run = (seconds: number): string =>
      spawnSync(
        program,
        ['-s', peer.address, '-p', String(peer.port), '-d', file, '-l', String(seconds), '-e', '-D', '-q', '64', '-c', '4'],
        { encoding: 'utf8' }
      ).stdout
    run(1)
    const before = cpuMsOf(peer.program.pid)
    const said = run(SECONDS)
    const calls = Number(/Queries completed:\s+(\d+)/.exec(said)?.[1] ?? 0)
    return { calls, ms: SECONDS * 1000, cpuMs: cpuMsOf(peer.program.pid) - before }
  } finally {
    await peer.program.stop()
  }
}
