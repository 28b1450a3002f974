// What is measured: this library with each backend, the other libraries, and the servers, all to be asked in the same way.
import { type ChildProcess, fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Asker, askAll, type Batch } from './ask.js'
import { installedPeers, PEERS, type Peer, type PeerKind, peerName, startPeer } from './peers.js'
import { cpuMsOf, memoryOf } from './processes.js'
import { latenciesOf } from './statistics.js'
import type { Asked, Tree } from './tree.js'
import type { Command, Library, Used, Warm } from './worker.js'

export type SubjectKey = Library | PeerKind

export interface Subject {
  readonly key: SubjectKey
  readonly name: string
  readonly own: boolean
  /** questions it can bear at a time; undefined without a bound */
  readonly mostAtOnce?: number
  start(tree: Tree): Promise<Running>
}

export interface Running {
  ask(questions: readonly Asked[], atOnce: number): Promise<Batch>
  /** answers from the cache, one after the other where it is a library */
  warm(questions: readonly Asked[], calls: number, how: 'await' | 'peek'): Promise<Warm>
  usage(): Promise<Used>
  /** forgets everything, in the same process */
  renew(): Promise<void>
  stop(): Promise<void>
}

class Worker {
  readonly #child: ChildProcess
  constructor() {
    const file = fileURLToPath(new URL('worker.ts', import.meta.url))
    this.#child = fork(file, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  }

  send<T>(command: Command): Promise<T> {
    return new Promise((resolve, reject) => {
      const child = this.#child
      const gone = (): void => reject(new Error('the process of a library ended'))
      child.once('exit', gone)
      child.once('message', (message: { result?: T; error?: string }) => {
        child.off('exit', gone)
        if (message.error) reject(new Error(message.error))
        else resolve(message.result as T)
      })
      child.send(command)
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exit = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.send({ do: 'close' } satisfies Command)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2_000)
    await exit
    clearTimeout(timer)
  }
}

const NAMES: Readonly<Record<Library, string>> = {
  native: 'this library',
  noble: 'this library, noble only',
  bns: 'bns',
  'node-dns': 'node:dns through Unbound'
}

const libraries = (live: boolean, library: Library): Subject => ({
  key: library,
  name: NAMES[library],
  own: library === 'native' || library === 'noble',
  ...(library === 'bns' && { mostAtOnce: 2 }), // with more it loses datagrams, and then waits for seconds or for ever
  async start(tree) {
    const through = library === 'node-dns' ? await startPeer('unbound', tree) : undefined
    const worker = new Worker()
    const renew = (): Promise<void> =>
      worker.send({
        do: 'open',
        library,
        tree: { anchors: tree.anchors, hint: tree.hint },
        server: through && `${through.address}:${through.port}`,
        live
      })
    const stop = async (): Promise<void> => {
      await worker.stop()
      await through?.program.stop()
    }
    try {
      await renew()
    } catch (error) {
      await stop()
      throw error
    }
    return {
      ask: (questions, atOnce) => worker.send({ do: 'ask', questions, atOnce }),
      async warm(questions, calls, how) {
        const before = through ? cpuMsOf(through.program.pid) : 0
        const warm = await worker.send<Warm>({ do: 'warm', questions, calls, how })
        return { ...warm, cpuMs: warm.cpuMs + (through ? cpuMsOf(through.program.pid) - before : 0) }
      },
      async usage() {
        const used = await worker.send<Used>({ do: 'usage' })
        return through ? { cpuMs: used.cpuMs + cpuMsOf(through.program.pid), memory: used.memory + memoryOf(through.program.pid) } : used
      },
      renew,
      stop
    }
  }
})

const WARM_AT_ONCE = 64

const server = (kind: PeerKind): Subject => ({
  key: kind,
  name: PEERS[kind].name,
  own: false,
  async start(tree) {
    let peer: Peer = await startPeer(kind, tree)
    let asker = new Asker(peer.address, peer.port)
    const stop = async (): Promise<void> => {
      asker.close()
      await peer.program.stop()
    }
    return {
      ask: (questions, atOnce) => askAll(questions, atOnce, asker.ask),
      async warm(questions, calls) {
        const many = Array.from({ length: calls }, (_, i) => questions[i % questions.length] as Asked)
        await askAll(questions, WARM_AT_ONCE, asker.ask)
        const before = cpuMsOf(peer.program.pid)
        const { ms } = await askAll(many, WARM_AT_ONCE, asker.ask)
        const cpuMs = cpuMsOf(peer.program.pid) - before
        const { each } = await askAll(many.slice(0, Math.min(calls, 3_000)), 1, asker.ask)
        return { calls, ms, cpuMs, latencies: latenciesOf(each.map((one) => one * 1000)) }
      },
      usage: async () => ({ cpuMs: cpuMsOf(peer.program.pid), memory: memoryOf(peer.program.pid) }),
      async renew() {
        await stop()
        peer = await startPeer(kind, tree)
        asker = new Asker(peer.address, peer.port)
      },
      stop
    }
  }
})

/** Those that can run here, and the names of those that cannot with the reason. */
export function subjects(live = false): { present: Subject[]; absent: string[] } {
  const present = [libraries(live, 'native'), libraries(live, 'noble')]
  const absent: string[] = []
  const require = createRequire(import.meta.url)
  try {
    require.resolve('bns')
    present.push(libraries(live, 'bns'))
  } catch {
    absent.push('bns: not installed (npm install in bench/)')
  }
  const installed = installedPeers()
  if (installed.includes('unbound')) present.push(libraries(live, 'node-dns'))
  for (const kind of Object.keys(PEERS) as PeerKind[]) {
    if (installed.includes(kind)) present.push(server(kind))
    else absent.push(`${PEERS[kind].name}: not installed`)
  }
  return { present, absent }
}

/** Name and version of everything that is measured. */
export const versions = (): string[] => installedPeers().map(peerName)

/** Whether bns has its native code; its JavaScript is far slower. */
export function bnsBackend(): string {
  const require = createRequire(import.meta.url)
  const { version } = require('bns/package.json') as { version: string }
  const { native } = require('bcrypto/lib/sha256') as { native: number }
  return `bns ${version} (bcrypto ${native === 2 ? 'native' : 'in JavaScript'})`
}
