// What operators lean on: channels, back-pressure, cancellation everywhere, and a process that ends when the resolver is closed.
import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { type AnswerEvent, createResolver, type QueryEvent, type Resolver, type ResolverOptions } from '../../src/index.js'
import { Gate } from '../../src/resolver/gate.js'
import { buildHierarchy } from '../world/hierarchy.js'

const hierarchy = buildHierarchy()
afterAll(() => hierarchy.close())

const open = (options: Partial<ResolverOptions> = {}): Resolver =>
  createResolver({
    trustAnchors: hierarchy.anchors,
    rootHints: hierarchy.hints,
    transport: hierarchy.memory(),
    allowPrivateAddresses: true,
    ...options
  })

describe('the channels', () => {
  it('tell of every query and of every answer with its status', async () => {
    const queries: QueryEvent[] = []
    const answers: AnswerEvent[] = []
    const onQuery = (event: unknown): void => void queries.push(event as QueryEvent)
    const onAnswer = (event: unknown): void => void answers.push(event as AnswerEvent)
    subscribe('dnssec-resolver:query', onQuery)
    subscribe('dnssec-resolver:answer', onAnswer)
    try {
      const resolver = open()
      await resolver.resolveSecure('www.alg13.hashed', 'A')
      await resolver.resolveSecure('www.alg13.hashed', 'A')
      await resolver.resolveSecure('www.badsignature.ordered', 'A')
      await resolver.resolveSecure('www.silent.ordered', 'A')
      const { udp = 0, tcp = 0 } = resolver.statistics().upstream.queries
      expect(queries).toHaveLength(udp + tcp)
      expect(queries[0]).toMatchObject({ name: '.', server: { port: 53, protocol: 'udp' }, rcode: 'NOERROR' })
      expect(queries.some(({ error }) => (error as { code?: string } | undefined)?.code === 'ETIMEOUT')).toBe(true)
      expect(answers.map(({ answer }) => answer.status)).toEqual(['secure', 'bogus', 'indeterminate'])
      expect(answers[1]?.answer.reason?.code).toBe(6)
      await resolver.close()
    } finally {
      unsubscribe('dnssec-resolver:query', onQuery)
      unsubscribe('dnssec-resolver:answer', onAnswer)
    }
  })
})

describe('back-pressure', () => {
  it('works on so many questions at once and no more, in their order', async () => {
    const gate = new Gate(3)
    const begun: number[] = []
    let most = 0
    let now = 0
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        gate.pass(async () => {
          begun.push(i)
          most = Math.max(most, ++now)
          await new Promise((turn) => setTimeout(turn, i % 3))
          now--
        })
      )
    )
    expect(most).toBe(3)
    expect(begun).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect([gate.running, gate.waiting]).toEqual([0, 0])
  })

  it('lets one go that gives up while it waits, and hands no place to it', async () => {
    const gate = new Gate(1)
    let end = (): void => {}
    const first = gate.pass(() => new Promise<void>((resolve) => (end = resolve)))
    const controller = new AbortController()
    const second = gate.pass(async () => 'never', controller.signal)
    const third = gate.pass(async () => 'third')
    controller.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    end()
    await first
    expect(await third).toBe('third')
  })

  it('answers ten thousand questions through ten places', async () => {
    const resolver = open({ limits: { questionsAtOnce: 10 } })
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, i) => resolver.resolveSecure(`n${i % 200}.any.wild.ordered`, 'A')))
    expect(answers.every(({ status }) => status === 'secure')).toBe(true)
    await resolver.close()
  })
})

describe('a signal', () => {
  it.each([0, 1, 5, 20, 60])('ends a question after %i ms wherever it is, with nothing left under way', async (ms) => {
    const transport = hierarchy.memory({ wait: true })
    const resolver = open({
      transport: { exchange: (...args) => new Promise((go) => setTimeout(go, 3)).then(() => transport.exchange(...args)) }
    })
    const reason = new Error('stop')
    const controller = new AbortController()
    const asked = ['www.alg13.hashed', 'www.silent.ordered', 'mail.ordered'].map((name) =>
      resolver.resolveSecure(name, 'A', { signal: controller.signal, trace: name === 'mail.ordered' })
    )
    setTimeout(() => controller.abort(reason), ms)
    for (const one of await Promise.allSettled(asked)) if (one.status === 'rejected') expect(one.reason).toBe(reason)
    await expect.poll(() => resolver.statistics().questions.running).toBe(0)
    await resolver.close()
  })
})

describe('close', () => {
  it('leaves nothing that keeps a process running, over real sockets and in the middle of work', { timeout: 60_000 }, async () => {
    const script = fileURLToPath(new URL('./closing-process.ts', import.meta.url))
    const startedAt = performance.now()
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], { timeout: 30_000 })
    expect(stdout).toContain('closed')
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  })
})
