// From the import to the first cached answer in a new process, and what an installation takes on disk.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { spreadOf } from '../statistics.js'
import type { Asked, Tree } from '../tree.js'
import type { Bench, Result } from './measure.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SCRIPT = fileURLToPath(new URL('../first-answer.mjs', import.meta.url))

interface Started {
  readonly importMs: number
  readonly cachedMs: number
  readonly cpuMs: number
}

export async function measureStart(bench: Bench, tree: Tree): Promise<Result> {
  const runs: Started[] = []
  for (let i = 0; i < bench.rounds * 3; i++) {
    bench.say(`start ${i + 1}`)
    const { name, type } = tree.questions[i % tree.questions.length] as Asked
    const world = JSON.stringify({ anchors: tree.anchors, hint: tree.hint, name, type })
    const dist = pathToFileURL(join(ROOT, 'dist/index.js')).href
    const { stdout, stderr, status } = spawnSync(process.execPath, [SCRIPT, dist, world], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`the start failed: ${stderr}`)
    runs.push(JSON.parse(stdout) as Started)
  }
  const parts = installed()
  return {
    tables: [
      {
        title: 'Start and size',
        about:
          'A new process of Node.js: from the import of the package to a secure answer of three zones that is cached. Size on disk: the files of the package and of all it depends on.',
        rows: [
          {
            subject: 'this library',
            own: true,
            values: {
              'import, ms': spreadOf(runs.map(({ importMs }) => importMs)),
              'import to first cached answer, ms': spreadOf(runs.map(({ cachedMs }) => cachedMs)),
              'CPU of it, Node.js included, ms': spreadOf(runs.map(({ cpuMs }) => cpuMs)),
              'installed, KB': Math.round(parts.reduce((sum, [, octets]) => sum + octets, 0) / 1000),
              'of which': parts.map(([part, octets]) => `${part} ${Math.round(octets / 1000)}`).join(', ')
            }
          }
        ]
      }
    ],
    plots: []
  }
}

/** The package's own files and its dependencies with theirs, as the lock file has them. */
function installed(): [name: string, octets: number][] {
  const { files, name } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[]; name: string }
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { dev?: boolean }> }
  const dependencies = Object.entries(packages).filter(([path, { dev }]) => path.startsWith('node_modules/') && !dev)
  const own = [...files, 'package.json', 'README.md', 'LICENSE'].reduce((sum, file) => sum + sizeOf(join(ROOT, file)), 0)
  return [[name, own], ...dependencies.map(([path]): [string, number] => [path.replace('node_modules/', ''), sizeOf(join(ROOT, path))])]
}

function sizeOf(path: string): number {
  const about = statSync(path, { throwIfNoEntry: false })
  if (!about) return 0
  if (!about.isDirectory()) return about.size
  return readdirSync(path).reduce((sum, one) => sum + sizeOf(join(path, one)), 0)
}
