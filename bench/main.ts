// npm run bench: this library and its peers side by side. `--help` tells what can be chosen.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { rootAnchorLines } from '../src/anchors/root.js'
import { serverName, serveTree } from './authorities.js'
import { measureCold, measureP256 } from './measures/cold.js'
import { measureGrowth } from './measures/growth.js'
import { measureHostile } from './measures/hostile.js'
import type { Bench, Result } from './measures/measure.js'
import { measureMemory } from './measures/memory.js'
import { measureNetwork } from './measures/network.js'
import { measureProfile } from './measures/profile.js'
import { measureSignatures } from './measures/signatures.js'
import { measureSockets } from './measures/sockets.js'
import { measureStart } from './measures/start.js'
import { measureWarm } from './measures/warm.js'
import { choose, type Mix } from './questions.js'
import { aboutThisRun, publish, writeReport } from './report.js'
import { subjects } from './subjects.js'
import { type Asked, generateTree, MIXED, realTree, type Tree, type TreeOptions } from './tree.js'

const HELP = `npm run bench -- [options]
  --generate N        a TLD with N signed delegations, mixed algorithms and kinds of denial (the default, 1000)
  --zone FILE         a zone as it is published, .gz too, signed anew (see --algorithm)
  --algorithm N       signs all of it with one algorithm: 8, 10, 13, 14, 15 or 16
  --live              asks the Internet instead
  --questions FILE    lines of name and type, instead of one to each zone
  --mix cold|mail|zipf
  --only A,B          of: cold, p256, network, warm, memory, signatures, sockets, profile, start,
                      growth, hostile
  --subjects A,B      of: native, noble, bns, node-dns, unbound, bind, knot, powerdns
  --rounds N          3 when left out
  --count N           questions of a cold round, 1000 when left out
  --memory A,B        numbers of RRsets: 10000,100000,1000000
  --smoke             every measure, small: only to see that all of it runs
  --publish           also writes docs/benchmarks.md
Needs root for port 53 of loopback addresses, and NSD or Knot. Peers are those installed; bns after npm install in bench/.`

const MEASURES = ['signatures', 'start', 'cold', 'warm', 'sockets', 'p256', 'profile', 'network', 'hostile', 'memory', 'growth'] as const
const KEPT_MS = 7 * 86_400_000

const HERE = fileURLToPath(new URL('.', import.meta.url))

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    generate: { type: 'string' },
    zone: { type: 'string' },
    algorithm: { type: 'string' },
    live: { type: 'boolean', default: false },
    questions: { type: 'string' },
    mix: { type: 'string', default: 'cold' },
    only: { type: 'string' },
    subjects: { type: 'string' },
    rounds: { type: 'string' },
    count: { type: 'string' },
    memory: { type: 'string', default: '10000,100000,1000000' },
    smoke: { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false }
  }
})

/** Trees take minutes to sign, so they are kept while their signatures hold long enough. */
async function treeOf(options: TreeOptions): Promise<Tree> {
  const folder = join(HERE, '.cache')
  const id = createHash('sha256')
    .update(JSON.stringify(options))
    .update(readFileSync(join(HERE, 'tree.ts')))
    .digest('hex')
    .slice(0, 16)
  const file = join(folder, `${id}.json`)
  if (existsSync(file) && Date.now() - statSync(file).mtimeMs < KEPT_MS) return JSON.parse(readFileSync(file, 'utf8')) as Tree
  say(`signing ${options.delegations} names, ${options.depth ?? 2} levels`)
  const tree = generateTree(options)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, JSON.stringify(tree))
  return tree
}

const LIVE: readonly string[] = [
  'www.ietf.org',
  'www.icann.org',
  'www.nlnetlabs.nl',
  'www.sidn.nl',
  'www.nic.cz',
  'www.iis.se',
  'www.switch.ch',
  'www.cloudflare.com',
  'www.isc.org',
  'www.ripe.net',
  'www.afnic.fr',
  'www.denic.de'
]

function liveTree(): Tree {
  return {
    title: 'the Internet',
    places: [],
    anchors: rootAnchorLines(Date.now()),
    hint: { name: 'a.root-servers.net', address: '198.41.0.4' },
    questions: LIVE.map((name): Asked => ({ name, type: 'A' })),
    warming: ['org', 'nl', 'cz', 'se', 'ch', 'com', 'net', 'fr', 'de'].map((name): Asked => ({ name, type: 'NS' }))
  }
}

const say = (text: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)

async function chosenTree(): Promise<Tree> {
  const algorithm = values.algorithm === undefined ? undefined : (Number(values.algorithm) as TreeOptions['algorithms'][number])
  const delegations = Number(values.generate ?? (values.smoke ? 30 : 1000))
  const base = values.live
    ? liveTree()
    : values.zone
      ? realTree(values.zone, algorithm ?? 8)
      : await treeOf({ delegations, algorithms: algorithm ? [algorithm] : MIXED })
  return choose(base, values.mix as Mix, values.questions)
}

async function main(): Promise<void> {
  if (!existsSync(join(HERE, '../dist/index.js'))) throw new Error('the library is not built: npm run build')
  const { present, absent } = subjects(values.live)
  const only = values.only?.split(',')
  const wanted = values.subjects?.split(',')
  const rounds = Number(values.rounds ?? (values.smoke ? 1 : 3))
  const tree = await chosenTree()
  const bench: Bench = {
    subjects: present.filter(({ key }) => !wanted || wanted.includes(key)),
    rounds,
    questions: Number(values.count ?? (values.smoke ? 20 : 1000)),
    smoke: values.smoke,
    counts: values.memory.split(',').map(Number),
    treeOf,
    tree,
    live: values.live,
    say
  }
  for (const one of absent) say(`absent: ${one}`)
  const does = (name: (typeof MEASURES)[number]): boolean => (only ? only.includes(name) : !values.live || name === 'cold')
  const about = aboutThisRun({
    zones: `${tree.title}${values.live ? '' : `, served by ${serverName()}`}`,
    rounds: String(rounds),
    ...(absent.length > 0 && { absent: absent.join('; ') })
  })
  const folder = join(HERE, 'results')
  const results: Result[] = []
  const run = async (name: (typeof MEASURES)[number], measure: () => Promise<Result>): Promise<void> => {
    if (!does(name)) return
    results.push(await measure())
    writeReport(folder, { about, results: inOrder(results) }) // so that a run that is broken off has shown something
  }
  await run('signatures', () => measureSignatures(bench))
  const served = values.live ? undefined : await serveTree(tree)
  try {
    await run('start', () => measureStart(bench, tree))
    await run('cold', () => measureCold(bench))
    await run('warm', () => measureWarm(bench, tree))
    await run('sockets', () => measureSockets(bench, tree))
  } finally {
    await served?.close()
  }
  await run('p256', () => overP256(bench, (p256) => measureP256(bench, p256)))
  await run('profile', () => overP256(bench, (p256) => measureProfile(bench, p256)))
  await run('network', () => measureNetwork(bench, tree))
  await run('hostile', () => measureHostile(bench))
  await run('memory', () => measureMemory(bench))
  await run('growth', () => measureGrowth(bench))
  if (values.publish) publish(join(HERE, '../docs'), folder)
  process.stdout.write(readFileSync(join(folder, 'report.md'), 'utf8'))
}

/** Where every signature is of P-256, the dearest of the common algorithms. */
async function overP256(bench: Bench, measure: (tree: Tree) => Promise<Result>): Promise<Result> {
  const p256 = await bench.treeOf({ delegations: bench.smoke ? 30 : bench.questions, algorithms: [13], net: 5 })
  const served = await serveTree(p256)
  try {
    return await measure(p256)
  } finally {
    await served.close()
  }
}

/** What compares with others first. */
const inOrder = (results: readonly Result[]): Result[] => {
  const compares = ({ tables }: Result): boolean => tables.some(({ ratio }) => ratio)
  return [...results.filter(compares), ...results.filter((one) => !compares(one))]
}

if (values.help) process.stdout.write(`${HELP}\n`)
else {
  await main()
  process.exit(0)
}
