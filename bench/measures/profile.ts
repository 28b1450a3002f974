// Where the time of a cold answer goes: a sampling profile of this library over a network of loopback, its code compiled, summed up
// by the room of the house whose function was at work, or had called what was.
import { Session } from 'node:inspector/promises'
import { createResolver } from '../../src/index.js'
import type { Tree } from '../tree.js'
import type { Bench, Result, Row } from './measure.js'

const AT_ONCE = 50
const SAMPLE_US = 100
/** Passes with empty caches until the code has been compiled, and those that are profiled. */
const WARM_PASSES = 6
const PROFILED_PASSES = 4

interface Frame {
  readonly functionName: string
  readonly url: string
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: Frame
  readonly children?: readonly number[]
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples?: readonly number[]
  readonly timeDeltas?: readonly number[]
}

export async function measureProfile(bench: Bench, tree: Tree): Promise<Result> {
  bench.say('profile of cold answers')
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US })
  for (let pass = 0; pass < (bench.smoke ? 1 : WARM_PASSES); pass++) await ask(tree, bench)
  await session.post('Profiler.start')
  let answers = 0
  for (let pass = 0; pass < (bench.smoke ? 1 : PROFILED_PASSES); pass++) answers += await ask(tree, bench)
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  const spent = timeByPlace(profile as Profile)
  const all = [...spent.values()].reduce((sum, us) => sum + us, 0)
  const rows = [...spent]
    .sort(([, a], [, b]) => b - a)
    .map(([place, us]): Row => ({ subject: place, own: true, values: { 'us an answer': us / answers, 'share, %': (100 * us) / all } }))
  const about = `${answers} answers, ${AT_ONCE} at a time, root and TLD known, every zone and its keys new. By the nearest caller of the house; time without work is left out.`
  return { tables: [{ title: 'Where the time of a cold answer goes', about, rows }], plots: [] }
}

async function ask(tree: Tree, bench: Bench): Promise<number> {
  const resolver = createResolver({
    trustAnchors: [...tree.anchors],
    rootHints: [{ name: tree.hint.name, addresses: [tree.hint.address] }],
    allowPrivateAddresses: true
  })
  const questions = tree.questions.slice(0, bench.questions)
  for (const { name, type } of tree.warming) await resolver.resolveSecure(name, type)
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < questions.length) {
        const { name, type } = questions[next++] as (typeof questions)[number]
        await resolver.resolveSecure(name, type)
      }
    })
  )
  await resolver.close()
  return questions.length
}

/** Microseconds by place. */
function timeByPlace({ nodes, samples = [], timeDeltas = [] }: Profile): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const callers = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)))
  const places = new Map<number, string>()
  const spent = new Map<string, number>()
  samples.forEach((id, i) => {
    let place = places.get(id)
    if (place === undefined) {
      const stack: Frame[] = []
      for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) stack.push((byId.get(at) as ProfileNode).callFrame)
      place = placeOf(stack)
      places.set(id, place)
    }
    if (place !== '') spent.set(place, (spent.get(place) ?? 0) + (timeDeltas[i] ?? 0))
  })
  return spent
}

/** @param stack the function at work first */
function placeOf(stack: readonly Frame[]): string {
  const [{ functionName, url }] = stack as readonly [Frame]
  if (functionName === '(idle)' || stack.some((frame) => frame.url.includes('/bench/') && frame.functionName !== 'ask')) return ''
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (functionName === '(program)') return 'Node.js itself'
  const calls = (name: string): boolean => stack.some((frame) => frame.functionName === name)
  if (calls('verifyOneShot')) return 'node:crypto, signature checks'
  if (calls('createPublicKey')) return 'node:crypto, import of keys'
  for (const frame of stack) {
    const [, room] = /\/src\/(?:(\w+)\/)?\w[\w-]*\.ts/.exec(frame.url) ?? []
    if (room === 'transport' || frame.url === 'node:dgram')
      return url === '' ? 'system calls of UDP sockets' : 'src/transport and node:dgram'
    if (room) return `src/${room}`
  }
  return 'Node.js: promises, timers, events'
}
