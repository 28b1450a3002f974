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
          'A new process of Node.js: from the import of the package to a secure answer of three zones that is cached. Size: the files of the package and of all it depends on, as the sum of their octets, and in blocks of the disk with their folders, as du counts them.',
        rows: [
          {
            subject: 'this library',
            own: true,
            values: {
              'import, ms': spreadOf(runs.map(({ importMs }) => importMs)),
              'import to first cached answer, ms': spreadOf(runs.map(({ cachedMs }) => cachedMs)),
              'CPU of it, Node.js included, ms': spreadOf(runs.map(({ cpuMs }) => cpuMs)),
              'installed, KB': kilo(parts.reduce((sum, { octets }) => sum + octets, 0)),
              'in blocks, KB': kilo(parts.reduce((sum, { inBlocks }) => sum + inBlocks, 0)),
              'of which, KB': parts.map(({ part, octets }) => `${part} ${kilo(octets)}`).join(', ')
            }
          }
        ]
      }
    ],
    plots: []
  }
}

const kilo = (octets: number): number => Math.round(octets / 1000)

interface Size {
  readonly octets: number
  /** what the file system takes for it */
  readonly inBlocks: number
}

/** The package's own files and its dependencies with theirs, as the lock file has them. */
function installed(): (Size & { readonly part: string })[] {
  const { files, name } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[]; name: string }
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { dev?: boolean }> }
  const dependencies = Object.entries(packages).filter(([path, { dev }]) => path.startsWith('node_modules/') && !dev)
  const own = [...files, 'package.json', 'README.md', 'LICENSE'].map((file) => sizeOf(join(ROOT, file)))
  return [
    { part: name, ...sum(own) },
    ...dependencies.map(([path]) => ({ part: path.replace('node_modules/', ''), ...sizeOf(join(ROOT, path)) }))
  ]
}

/** POSIX sys/stat.h: a block of `stat` has 512 octets. */
const BLOCK = 512

function sizeOf(path: string): Size {
  const about = statSync(path, { throwIfNoEntry: false })
  if (!about) return { octets: 0, inBlocks: 0 }
  const inBlocks = about.blocks * BLOCK
  if (!about.isDirectory()) return { octets: about.size, inBlocks }
  return sum([{ octets: 0, inBlocks }, ...readdirSync(path).map((one) => sizeOf(join(path, one)))])
}

function sum(sizes: readonly Size[]): Size {
  return sizes.reduce((all, one) => ({ octets: all.octets + one.octets, inBlocks: all.inBlocks + one.inBlocks }), {
    octets: 0,
    inBlocks: 0
  })
}
