// Traces of every question of the embedded hierarchy and of the misconfigured zones, for the tests of this room.
import { createResolver, type SecureAnswer } from '../../src/index.js'
import type { Trace } from '../../src/trace/index.js'
import { buildHierarchy, type Hierarchy } from '../world/hierarchy.js'
import type { Expected } from '../world/hierarchy-questions.js'
import { buildMisconfigured } from '../world/misconfigured.js'

export const NOW = 1_790_000_000_000

export const worlds: readonly [string, Hierarchy][] = [
  ['the embedded hierarchy', buildHierarchy(NOW)],
  ['the misconfigured zones', buildMisconfigured(NOW)]
]

export interface Traced {
  readonly question: Expected
  readonly answer: SecureAnswer
  readonly trace: Trace
}

export function resolverIn(world: Hierarchy, sha1 = false, more: Parameters<typeof createResolver>[0] = {}) {
  return createResolver({
    trustAnchors: world.anchors,
    rootHints: world.hints,
    transport: world.memory(),
    clock: () => world.nowMs,
    algorithms: { sha1 },
    allowPrivateAddresses: true,
    ...more
  })
}

/** One question with an empty cache, traced. */
export async function traced(world: Hierarchy, question: Expected): Promise<Traced> {
  const resolver = resolverIn(world, question.sha1 ?? false)
  const answer = await resolver.resolveSecure(question.name, question.type, { trace: true })
  await resolver.close()
  return { question, answer, trace: answer.trace as Trace }
}

export async function traceOf(name: string, type = 'A'): Promise<Trace> {
  const [, world] = worlds[0] as [string, Hierarchy]
  const question = world.questions.find((one) => one.name === name && one.type === type) ?? {
    name,
    type,
    status: 'secure',
    rcode: 'NOERROR'
  }
  return (await traced(world, question as Expected)).trace
}
