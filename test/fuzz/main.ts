// `npm run fuzz -- --count N --seed S`: mutants of good and bad replies, judged in two processes. Exits with 1 on a failure.

import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Report, runMutants } from './run.js'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string' },
    to: { type: 'string' }
  }
})
const seed = Number(values.seed)

/** How long 500 mutants, or the start, may take; ample, for a busy machine may leave a process little. */
const PATIENCE_MS = 600_000

if (values.from !== undefined) {
  const report = await runMutants(seed, Number(values.from), Number(values.to), (index) => process.send?.(index))
  if (process.send) process.send(report)
  else console.log(JSON.stringify(report, null, 1))
} else {
  const count = Number(values.count)
  const processes = Math.min(availableParallelism(), 8)
  const started = performance.now()
  const reports = await Promise.all(
    Array.from({ length: processes }, (_, i) => inProcess(Math.floor((count * i) / processes), Math.floor((count * (i + 1)) / processes)))
  )
  const seconds = (performance.now() - started) / 1000
  const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0)
  const failures = reports.flatMap((report) => report.failures)
  for (const { index, text, what } of failures) console.log(`FAILED seed ${seed} index ${index} (${text}): ${what}`)
  const statuses = ['secure', 'insecure', 'bogus', 'indeterminate'].map(
    (status) => `${sum((report) => report.statuses[status] ?? 0)} ${status}`
  )
  console.log(
    `${sum((report) => report.mutants)} mutants in ${seconds.toFixed(0)} s by ${processes} processes, seed ${seed}: ${statuses.join(', ')}`
  )
  console.log(`${sum((report) => report.compared)} of them judged by both backends; ${failures.length} failures`)
  process.exitCode = failures.length > 0 ? 1 : 0
}

/** A process that goes no further hangs in one of the mutants after the last index that it told. */
function inProcess(from: number, to: number): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--seed', String(seed), '--from', String(from), '--to', String(to)])
    const hangs = (index: number) => () => {
      child.kill('SIGKILL')
      reject(new Error(`a mutant of the 500 from index ${index} on hangs (seed ${seed})`))
    }
    let watch = setTimeout(hangs(from), PATIENCE_MS)
    child.on('message', (told: number | Report) => {
      clearTimeout(watch)
      if (typeof told === 'number') watch = setTimeout(hangs(told), PATIENCE_MS)
      else resolve(told)
    })
    child.once('error', reject)
    child.once('exit', (code) => {
      clearTimeout(watch)
      if (code !== 0) reject(new Error(`a process ended with ${code}`))
    })
  })
}
