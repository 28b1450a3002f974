// Faults that mutants found, each made small.
import { describe, expect, it } from 'vitest'
import { createResolver } from '../../src/index.js'
import { RCODE, TYPE } from '../../src/wire/numbers.js'
import { asksFor, editReplies, when } from '../world/behaviours.js'
import { buildWorld } from '../world/hierarchy.js'
import { TOP } from '../world/hierarchy-zones.js'

const NOW = 1_790_000_000_000

describe('the header is not signed', () => {
  it('a proven NODATA is NOERROR, whatever RCODE the reply has', async () => {
    const strange = when(
      asksFor(TYPE.MX),
      editReplies((reply) => ({ ...reply, rcode: RCODE.YXDOMAIN }))
    )
    const world = buildWorld(
      [...TOP, { name: 'plain.ordered', text: 'www A 203.0.113.9', address: '203.0.113.40', behaviours: [strange] }],
      [],
      NOW
    )
    const resolver = createResolver({
      trustAnchors: world.anchors,
      rootHints: world.hints,
      transport: world.memory(),
      clock: () => NOW,
      allowPrivateAddresses: true
    })
    const answer = await resolver.resolveSecure('www.plain.ordered', 'MX')
    expect(answer).toMatchObject({ status: 'secure', rcode: 'NOERROR', denial: { kind: 'nodata', by: 'nsec' } })
    await resolver.close()
    await world.close()
  })
})
