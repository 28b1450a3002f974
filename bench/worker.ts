// One subject that is a library, in a process of its own, so that its CPU time and memory are its own: this library as it was built,
// bns, or node:dns through a recursive server. It does what its parent says and answers each command.
import { promises as dns } from 'node:dns'
import { createRequire } from 'node:module'
import type { Resolver } from '../src/index.js'
import { askAll, type Batch } from './ask.js'
import { type Latencies, latenciesOf } from './statistics.js'
import type { Asked, Tree } from './tree.js'

export type Library = 'native' | 'noble' | 'bns' | 'node-dns'

export type Command =
  | {
      readonly do: 'open'
      readonly library: Library
      readonly tree: Pick<Tree, 'anchors' | 'hint'>
      readonly server?: string
      readonly live?: boolean
    }
  | { readonly do: 'ask'; readonly questions: readonly Asked[]; readonly atOnce: number }
  | { readonly do: 'warm'; readonly questions: readonly Asked[]; readonly calls: number; readonly how: 'await' | 'peek' }
  | { readonly do: 'usage' }
  | { readonly do: 'close' }

export interface Used {
  readonly cpuMs: number
  readonly memory: number
}

export interface Warm {
  readonly calls: number
  readonly ms: number
  readonly cpuMs: number
  /** in microseconds */
  readonly latencies: Latencies
}

interface Opened {
  ask(asked: Asked): Promise<boolean>
  peek?(asked: Asked): boolean
  close(): Promise<void>
}

const DIST = '../dist/index.js'

async function openOwn(library: 'native' | 'noble', { tree, live }: Extract<Command, { do: 'open' }>): Promise<Opened> {
  const { createResolver } = (await import(DIST)) as typeof import('../src/index.js')
  const closed = {
    trustAnchors: [...tree.anchors],
    rootHints: [{ name: tree.hint.name, addresses: [tree.hint.address] }],
    allowPrivateAddresses: true
  }
  const resolver: Resolver = createResolver({ ...(live ? {} : closed), crypto: library === 'noble' ? 'noble' : 'auto' })
  return {
    ask: async ({ name, type }) => (await resolver.resolveSecure(name, type)).status === 'secure',
    peek: ({ name, type }) => resolver.peek(name, type)?.status === 'secure',
    close: () => resolver.close()
  }
}

/** What is used of bns, which has no types. */
interface Bns {
  readonly Hints: new () => { addServer(name: string, address: string): void; addAnchor(ds: string): void; port: number }
  readonly RecursiveResolver: new (
    options: object
  ) => {
    open(): Promise<void>
    close(): Promise<void>
    lookup(name: string, type: number): Promise<{ ad: boolean }>
  }
  readonly wire: { readonly types: Readonly<Record<string, number>> }
}

async function openBns({ tree }: Extract<Command, { do: 'open' }>): Promise<Opened> {
  const bns = createRequire(import.meta.url)('bns') as Bns
  const hints = new bns.Hints()
  hints.addServer(`${tree.hint.name}.`, tree.hint.address)
  for (const line of tree.anchors) hints.addAnchor(line)
  const resolver = new bns.RecursiveResolver({ inet6: false, tcp: true, edns: true, ednsSize: 4096, dnssec: true, hints, maxReferrals: 30 })
  await resolver.open()
  return {
    ask: async ({ name, type }) => (await resolver.lookup(`${name}.`, bns.wire.types[type] as number)).ad,
    close: () => resolver.close()
  }
}

async function openNodeDns({ server }: Extract<Command, { do: 'open' }>): Promise<Opened> {
  const resolver = new dns.Resolver({ timeout: 5_000, tries: 2 })
  resolver.setServers([server as string])
  // It does not tell whether an answer is secure: that there is one must do.
  return { ask: async ({ name, type }) => (await resolver.resolve(name, type)) !== undefined, close: async () => resolver.cancel() }
}

let opened: Opened | undefined

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function open(command: Extract<Command, { do: 'open' }>): Promise<Opened> {
  if (command.library === 'bns') return openBns(command)
  if (command.library === 'node-dns') return openNodeDns(command)
  return openOwn(command.library, command)
}

async function warm({ questions, calls, how }: Extract<Command, { do: 'warm' }>): Promise<Warm> {
  const { ask, peek } = opened as Opened
  const at = (i: number): Asked => questions[i % questions.length] as Asked
  const once = async (count: number): Promise<void> => {
    if (how === 'await') for (let i = 0; i < count; i++) await ask(at(i))
    else for (let i = 0; i < count; i++) if (!peek?.(at(i))) throw new Error(`${at(i).name} is not cached`)
  }
  await once(Math.min(calls, questions.length * 3))
  const [startedAt, before] = [performance.now(), cpuMs()]
  await once(calls)
  const [ms, spent] = [performance.now() - startedAt, cpuMs() - before]
  const each: number[] = []
  for (let i = 0; i < Math.min(calls, 100_000); i++) {
    const from = process.hrtime.bigint()
    if (how === 'await') await ask(at(i))
    else peek?.(at(i))
    each.push(Number(process.hrtime.bigint() - from) / 1000)
  }
  return { calls, ms, cpuMs: spent, latencies: latenciesOf(each) }
}

const PATIENCE_MS = 12_000

/** An answer that fails, or never comes, is not secure. */
async function inTime(answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS)
  })
  try {
    return await Promise.race([answer, late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}

async function obey(command: Command): Promise<Batch | Warm | Used | undefined> {
  switch (command.do) {
    case 'open':
      await opened?.close()
      opened = await open(command)
      return undefined
    case 'ask':
      return askAll(command.questions, command.atOnce, (asked) => inTime((opened as Opened).ask(asked)))
    case 'warm':
      return warm(command)
    case 'usage':
      return { cpuMs: cpuMs(), memory: process.memoryUsage.rss() }
    case 'close':
      await opened?.close()
      process.disconnect()
      return undefined
  }
}

process.on('disconnect', () => process.exit())
process.on('message', (command: Command) => {
  obey(command).then(
    (result) => process.connected && process.send?.({ result }),
    (error: unknown) => process.connected && process.send?.({ error: error instanceof Error ? error.message : String(error) })
  )
})
