// A signed zone denies a name on the way of a minimised walk: what lies below needs no question of its own (RFC 8020, RFC 9156 2.3),
// and a denial that does not hold for the whole name costs nobody the answer.
import { describe, expect, it } from 'vitest'
import { createResolver } from '../../src/index.js'
import { type Trace, verifyTrace } from '../../src/trace/index.js'
import { type Behaviour, editReplies, when } from '../world/behaviours.js'
import { buildWorld } from '../world/hierarchy.js'
import { TOP, type ZoneSpec } from '../world/hierarchy-zones.js'

const NOW = 1_790_000_000_000
const address = '203.0.113.90'
const TEXT = 'a.ent A 192.0.2.1\nb TXT "there"'

function open(zone: Partial<ZoneSpec>) {
  const world = buildWorld([...TOP, { name: 'zone.ordered', address, text: TEXT, ...zone }], [], NOW)
  const transport = world.memory()
  const options = { trustAnchors: world.anchors, rootHints: world.hints, transport, clock: () => NOW, allowPrivateAddresses: true }
  const resolver = createResolver({ ...options, aggressiveDenial: false })
  const asked = (): string[] =>
    transport.exchanges.filter((one) => one.address === address).map(({ question }) => question.toLowerCase().replace('.zone.ordered', ''))
  return { resolver, transport, asked }
}

/** NXDOMAIN to an empty non-terminal, as old servers say. */
const denying = (name: string): Behaviour =>
  when(
    (question) => question.type === 1 && question.name.labelCount === 3 && question.name.key.includes(name),
    editReplies((reply) => ({ ...reply, rcode: 3 }))
  )

describe('a name below one that is denied', () => {
  it.each([
    ['NSEC', { by: 'nsec' }],
    ['NSEC3', { by: 'nsec3' }]
  ] as const)('%s: needs no further question, is kept, and its trace is judged alike', async (_, denial) => {
    const { resolver, transport, asked } = open({ denial })
    const answer = await resolver.resolveSecure('x.y.z.nothing.zone.ordered', 'A', { trace: true })
    expect(answer).toMatchObject({ status: 'secure', rcode: 'NXDOMAIN', denial: { kind: 'nxdomain' } })
    expect(asked().filter((question) => question.endsWith(' A'.toLowerCase()))).toEqual(['nothing a'])
    expect(await verifyTrace(answer.trace as Trace)).toMatchObject({ result: 'same', missing: [] })
    transport.forget()
    expect(await resolver.resolveSecure('x.y.z.nothing.zone.ordered', 'A')).toMatchObject({ status: 'secure', rcode: 'NXDOMAIN' })
    expect(transport.exchanges).toEqual([])
    await resolver.close()
  })

  it('a DS is asked for by its own name', async () => {
    const { resolver, asked } = open({})
    expect(await resolver.resolveSecure('x.nothing.zone.ordered', 'DS')).toMatchObject({ status: 'secure', rcode: 'NXDOMAIN' })
    expect(asked()).toContain('x.nothing ds')
    await resolver.close()
  })

  it.each([
    ['NSEC', { by: 'nsec' }],
    ['NSEC3', { by: 'nsec3' }]
  ] as const)('%s: is found all the same when the denial of the shorter name is wrong', async (_, denial) => {
    const { resolver, asked } = open({ denial, behaviours: [denying('ent')] })
    const answer = await resolver.resolveSecure('a.ent.zone.ordered', 'A')
    expect(answer).toMatchObject({ status: 'secure', rcode: 'NOERROR', records: [{ data: '192.0.2.1' }] })
    expect(asked()).toEqual(expect.arrayContaining(['ent a', 'a.ent a']))
    await resolver.close()
  })

  it('where Opt-Out is used is asked for: such a denial proves nothing of names (RFC 5155 9.2)', async () => {
    const { resolver, asked } = open({ denial: { by: 'nsec3', optOut: true } })
    expect(await resolver.resolveSecure('x.nothing.zone.ordered', 'A')).toMatchObject({ status: 'insecure', rcode: 'NXDOMAIN' })
    expect(asked()).toEqual(expect.arrayContaining(['nothing a', 'x.nothing a']))
    await resolver.close()
  })

  it('of an unsigned zone is asked for: servers that deny empty non-terminals are still about', async () => {
    const { resolver } = open({ algorithm: 'unsigned', behaviours: [denying('ent')] })
    expect(await resolver.resolveSecure('a.ent.zone.ordered', 'A')).toMatchObject({ status: 'insecure', records: [{ data: '192.0.2.1' }] })
    await resolver.close()
  })
})
