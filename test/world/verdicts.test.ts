// The embedded hierarchy asked by the resolver: every question has the status, RCODE and reason that it must have.
import { afterAll, describe, expect, it } from 'vitest'
import { createResolver, type Resolver } from '../../src/index.js'
import { buildHierarchy } from './hierarchy.js'
import type { Expected } from './hierarchy-questions.js'
import { buildMisconfigured } from './misconfigured.js'
import type { WorldTransport } from './net.js'

const hierarchy = buildHierarchy(1_790_000_000_000)
afterAll(() => hierarchy.close())

function resolverOver(transport: WorldTransport, sha1: boolean, { anchors } = hierarchy): Resolver {
  return createResolver({
    trustAnchors: anchors,
    rootHints: hierarchy.hints,
    transport,
    clock: () => hierarchy.nowMs,
    algorithms: { sha1 },
    allowPrivateAddresses: true // the addresses for documentation count as such
  })
}

function check(answer: Awaited<ReturnType<Resolver['resolveSecure']>>, { status, rcode, code, codes, reasonKind }: Expected): void {
  const reason = answer.reason as { code: number; kind?: string } | undefined
  expect({ status: answer.status, rcode: answer.rcode }, answer.reason?.text).toEqual({ status, rcode })
  if (code !== undefined) expect(reason?.code, answer.reason?.text).toBe(code)
  if (codes !== undefined) expect(codes, answer.reason?.text).toContain(reason?.code)
  if (reasonKind !== undefined) expect(reason?.kind, answer.reason?.text).toBe(reasonKind)
}

describe('in memory, each question with an empty cache', () => {
  for (const question of hierarchy.questions) {
    const { name, type, status, sha1 } = question
    it(`${name} ${type} is ${status}${sha1 ? ' when SHA-1 is allowed' : ''}`, async () => {
      const resolver = resolverOver(hierarchy.memory(), sha1 ?? false)
      check(await resolver.resolveSecure(name, type), question)
      await resolver.close()
    })
  }
})

describe('over sockets, with one resolver for all', async () => {
  const transport = await hierarchy.sockets()
  const resolver = resolverOver(transport, false)
  afterAll(() => resolver.close())
  for (const question of hierarchy.questions.filter(({ sha1, slow }) => !sha1 && !slow)) {
    it(`${question.name} ${question.type} is ${question.status}`, async () => {
      check(await resolver.resolveSecure(question.name, question.type), question)
    })
  }
})

describe('the misconfigured zones', () => {
  const world = buildMisconfigured(hierarchy.nowMs)
  for (const question of world.questions) {
    it(`${question.name} is ${question.status}`, async () => {
      const resolver = resolverOver(world.memory(), false, world)
      check(await resolver.resolveSecure(question.name, question.type), question)
      await resolver.close()
    })
  }
})
