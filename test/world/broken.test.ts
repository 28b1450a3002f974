// More misconfigured zones asked by the resolver, each with an empty cache.
import { describe, expect, it } from 'vitest'
import { createResolver } from '../../src/index.js'
import { BROKEN } from './broken.js'
import { buildFamilies, FAULTY } from './misconfigured.js'

describe('a broken internet', () => {
  const world = buildFamilies([FAULTY.reachable, BROKEN], 1_790_000_000_000)
  for (const { name, type, status, rcode, codes } of world.questions.filter((question) => question.name.endsWith(BROKEN.parent))) {
    it(`${name} ${type} is ${status}`, async () => {
      const resolver = createResolver({
        trustAnchors: world.anchors,
        rootHints: world.hints,
        transport: world.memory(),
        clock: () => world.nowMs,
        allowPrivateAddresses: true
      })
      const answer = await resolver.resolveSecure(name, type)
      await resolver.close()
      expect({ status: answer.status, rcode: answer.rcode }, answer.reason?.text).toEqual({ status, rcode })
      if (codes) expect(codes, answer.reason?.text).toContain(answer.reason?.code)
    })
  }
})
