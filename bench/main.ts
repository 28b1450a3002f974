// npm run bench: this library and its peers side by side. `--help` tells what can be chosen.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
import { HELP, type Measure, type Options, readOptions } from './options.js'
import { choose } from './questions.js'
import { aboutThisRun, publish, writeReport } from './report.js'
import { subjects } from './subjects.js'
import { type Asked, generateTree, MIXED, realTree, type Tree, type TreeOptions } from './tree.js'

const KEPT_MS = 7 * 86_400_000

const HERE = fileURLToPath(new URL('.', import.meta.url))

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

async function chosenTree({ live, zone, algorithm, delegations, mix, questions }: Options): Promise<Tree> {
  const made = async (): Promise<Tree> => {
    if (live) return liveTree()
    if (zone !== undefined) return realTree(zone, algorithm ?? 8)
    return treeOf({ delegations, algorithms: algorithm ? [algorithm] : MIXED })
  }
  return choose(await made(), mix, questions)
}

async function main(options: Options): Promise<void> {
  if (!existsSync(join(HERE, '../dist/index.js'))) throw new Error('the library is not built: npm run build')
  const { live, rounds, smoke } = options
  const { present, absent } = subjects(live)
  for (const one of absent) say(`absent: ${one}`)
  const tree = await chosenTree(options)
  const bench: Bench = {
    subjects: present.filter(({ key }) => options.subjects.includes(key)),
    rounds,
    questions: options.count,
    smoke,
    counts: options.memory,
    treeOf,
    tree,
    live,
    say
  }
  const about = aboutThisRun({
    zones: `${tree.title}${live ? '' : `, served by ${serverName()}`}`,
    rounds: String(rounds),
    ...(absent.length > 0 && { absent: absent.join('; ') })
  })
  const folder = join(HERE, 'results')
  const results: Result[] = []
  const run = async (name: Measure, measure: () => Promise<Result>): Promise<void> => {
    if (!options.only.includes(name)) return
    results.push(await measure())
    writeReport(folder, { about, results: inOrder(results) }) // so that a run that is broken off has shown something
  }
  await run('signatures', () => measureSignatures(bench))
  const served = live ? undefined : await serveTree(tree)
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
  if (options.publish) publish(join(HERE, '../docs'), folder)
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

function optionsOrEnd(): Options {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exit(2)
  }
}

const options = optionsOrEnd()
if (options.help) process.stdout.write(`${HELP}\n`)
else {
  await main(options)
  process.exit(0)
}
