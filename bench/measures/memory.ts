// Octets of memory for each cached RRset with its signatures, in a process of its own for each count.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Bench, Result, Row } from './measure.js'

const SCRIPT = fileURLToPath(new URL('../cache-memory.ts', import.meta.url))

export async function measureMemory(bench: Bench): Promise<Result> {
  const rows: Row[] = []
  const points: [number, number][] = []
  for (const count of bench.smoke ? [1_000] : bench.counts) {
    bench.say(`memory: ${count} RRsets`)
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', '--import', 'tsx', SCRIPT, String(count)], {
      encoding: 'utf8'
    })
    const [, octets] = /RRsets: (\d+) octets each/.exec(stdout) ?? []
    if (status !== 0 || !octets) throw new Error(`the measure of memory failed: ${stderr}`)
    rows.push({ subject: `${count.toLocaleString('en')} RRsets`, own: true, values: { 'octets each': Number(octets) } })
    points.push([count, Number(octets)])
  }
  return {
    tables: [
      {
        title: 'Memory of a cached RRset',
        about:
          'Three MX records and their P-256 signature, each with a name of its own: heap and buffers after garbage collection, keys and tables included.',
        rows
      }
    ],
    plots: [
      {
        file: 'memory',
        title: 'Memory of a cached RRset by the number of them',
        x: 'RRsets',
        y: 'octets each',
        logX: true,
        lines: [{ name: 'this library', points }]
      }
    ]
  }
}
