// Aggressive use of validated denials (RFC 8198): what one answer proved, later questions are not asked for, and nothing that is
// answered so differs from what the zone's own servers say.
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createResolver, type Resolver, type ResolverOptions } from '../../src/index.js'
import { verifyTrace } from '../../src/trace/index.js'
import type { Trace } from '../../src/verdict/trace.js'
import { type HandClock, handClock } from '../world/clock.js'
import { buildHierarchy } from '../world/hierarchy.js'
import type { WorldTransport } from '../world/net.js'

const hierarchy = buildHierarchy(1_790_000_000_000)
afterAll(() => hierarchy.close())

let transport: WorldTransport
let clock: HandClock
let resolver: Resolver

function open(options: Partial<ResolverOptions> = {}): Resolver {
  return createResolver({
    trustAnchors: hierarchy.anchors,
    rootHints: hierarchy.hints,
    transport,
    clock: clock.now,
    allowPrivateAddresses: true,
    ...options
  })
}

const ask = (name: string, type = 'A') => resolver.resolveSecure(name, type)

/** The questions sent to anybody while `work` ran. */
async function sentBy(work: () => Promise<unknown>): Promise<string[]> {
  const before = transport.exchanges.length
  await work()
  return transport.exchanges.slice(before).map(({ question }) => question.replace(/^.* /, (name) => name.toLowerCase()))
}

beforeEach(() => {
  transport = hierarchy.memory()
  clock = handClock(hierarchy.nowMs)
  resolver = open()
})

describe('what is proven is not asked', () => {
  it.each(['mail.ordered', 'alg13.hashed'])('a name error of %s denies its neighbours and all below them', async (zone) => {
    const first = await ask(`nothing.${zone}`)
    expect(first).toMatchObject({ status: 'secure', rcode: 'NXDOMAIN' })
    const sent = await sentBy(async () => {
      // a name below the one denied needs no other span, whatever the hashes
      const below = await ask(`deeper.nothing.${zone}`, 'MX')
      expect(below).toMatchObject({ status: 'secure', rcode: 'NXDOMAIN', denial: { kind: 'nxdomain' } })
      expect(below.ttl).toBeLessThanOrEqual(300)
    })
    expect(sent).toEqual([])
  })

  it('the types that a name has deny the others', async () => {
    await ask('www.mail.ordered', 'MX')
    const sent = await sentBy(async () => {
      expect(await ask('www.mail.ordered', 'TLSA')).toMatchObject({ status: 'secure', rcode: 'NOERROR', denial: { kind: 'nodata' } })
    })
    expect(sent).toEqual([])
    // the very record says that these exist
    expect((await ask('www.mail.ordered', 'AAAA')).records).toHaveLength(1)
  })

  it('a wildcard answer leaves the proof that another name is not there, and the wildcard still answers it', async () => {
    expect((await ask('one.any.wild.ordered')).records).toHaveLength(1)
    expect((await ask('two.any.wild.ordered')).records).toHaveLength(1)
    expect(await ask('two.any.wild.ordered', 'MX')).toMatchObject({ status: 'secure', rcode: 'NOERROR', denial: { kind: 'nodata' } })
  })

  it('the missing DS of an unsigned delegation is found in the denial of a neighbour', async () => {
    await ask('u.ordered', 'DS') // its span ends or begins at unsigned.ordered
    await ask('unsigneda.ordered', 'A')
    const sent = await sentBy(async () => expect(await ask('www.unsigned.ordered')).toMatchObject({ status: 'insecure' }))
    expect(sent.filter((question) => question.endsWith(' DS'))).toEqual([])
  })

  it('nothing is denied when it is switched off', async () => {
    resolver = open({ aggressiveDenial: false })
    await ask('nothing.mail.ordered')
    expect(await sentBy(() => ask('deeper.nothing.mail.ordered'))).not.toEqual([])
  })
})

describe('what is not proven is asked', () => {
  it('an Opt-Out span denies no name, and every answer beside it stays insecure', async () => {
    await ask('nothing.optout')
    const sent = await sentBy(async () => expect((await ask('www.signed.optout')).status).toBe('secure'))
    expect(sent).not.toEqual([])
    expect((await ask('www.plain.optout')).status).toBe('insecure')
    expect(await sentBy(() => ask('nothing2.optout'))).not.toEqual([])
  })

  it('a name below a DNAME is redirected, not denied', async () => {
    await ask('www.dname.hashed', 'MX')
    await ask('nothing.dname.hashed')
    await ask('old.dname.hashed', 'A')
    expect(await ask('www.old.dname.hashed')).toMatchObject({ status: 'secure', rcode: 'NOERROR', canonicalName: 'www.alg13.hashed' })
  })

  it('a name below a zone cut is not denied from above', async () => {
    await ask('child.mail.ordered', 'DS')
    await ask('childa.mail.ordered', 'A')
    expect(await ask('www.child.mail.ordered')).toMatchObject({ status: 'secure', rcode: 'NOERROR' })
  })

  it('a stub zone is not denied by the public zone above it', async () => {
    resolver = open({ stubZones: [{ name: 'corp.ordered', servers: [{ address: '198.51.100.1' }] }] })
    await ask('corq.ordered')
    await ask('corpa.ordered')
    expect(await sentBy(() => ask('www.corp.ordered'))).toContain('www.corp.ordered A')
  })

  it('after the time of the record the zone is asked again', async () => {
    await ask('nothing.mail.ordered')
    clock.advance(301)
    expect(await sentBy(() => ask('deeper.nothing.mail.ordered'))).toContain('nothing.mail.ordered A')
  })

  it('after a flush too', async () => {
    await ask('nothing.mail.ordered')
    resolver.flush()
    expect(await sentBy(() => ask('deeper.nothing.mail.ordered'))).toContain('nothing.mail.ordered A')
  })
})

describe('a name that is flushed', () => {
  it.each([
    ['NSEC', 'mail.ordered'],
    ['NSEC3', 'alg13.hashed']
  ])('is not denied by %s of its zone any more, others are', async (_by, zone) => {
    const [name, deep] = [`nothing.${zone}`, `deep.down.${zone}`]
    await ask(name)
    expect(await sentBy(() => ask(name, 'TXT'))).toEqual([])
    resolver.flush(name, 'TXT')
    expect(await sentBy(() => ask(name, 'TXT'))).not.toEqual([])
    expect(await sentBy(() => ask(name, 'AAAA'))).toEqual([])
    resolver.flush(name)
    expect(await sentBy(() => ask(name, 'AAAA'))).not.toEqual([])
    await ask(deep)
    expect(await sentBy(() => ask(deep, 'MX'))).toEqual([])
    resolver.flush(deep)
    expect(await sentBy(() => ask(deep, 'MX'))).not.toEqual([])
  })

  it.each([
    ['NSEC', 'mail.ordered'],
    ['NSEC3', 'alg13.hashed']
  ])('has its types asked for by %s again', async (_by, zone) => {
    const name = `www.${zone}`
    await ask(name, 'TXT')
    expect(await sentBy(() => ask(name, 'HINFO'))).toEqual([])
    resolver.flush(name, 'HINFO')
    expect(await sentBy(() => ask(name, 'HINFO'))).not.toEqual([])
  })
})

describe('an answer by denials kept', () => {
  it('is judged again from its trace, and the trace says where the reply is from', async () => {
    await ask('nothing.mail.ordered')
    const { trace } = await resolver.resolveSecure('deeper.nothing.mail.ordered', 'A', { trace: true })
    const { events } = trace as Trace
    expect(events.find((event) => event.event === 'evidence' && event.purpose === 'data')).toMatchObject({ via: 'denial' })
    expect(events.some((event) => event.event === 'exchange')).toBe(false)
    expect(await verifyTrace(trace as Trace)).toMatchObject({ result: 'same', missing: [] })
  })

  it.each([
    ['in their order', (all: readonly string[]) => all],
    ['backwards', (all: readonly string[]) => [...all].reverse()]
  ])('gives every question of the hierarchy the verdict it has by itself, %s', async (_order, arrange) => {
    const questions = hierarchy.questions.filter(({ sha1, slow }) => !sha1 && !slow)
    const byKey = new Map(questions.map((question) => [`${question.name} ${question.type}`, question]))
    for (const zone of hierarchy.zones.keys()) await ask(`zzz.${zone === '.' ? 'zzz' : zone}`)
    const wrong: string[] = []
    for (const key of arrange([...byKey.keys()])) {
      const { name, type, status, rcode } = byKey.get(key) as (typeof questions)[number]
      const answer = await ask(name, type)
      if (answer.status !== status || answer.rcode !== rcode) wrong.push(`${key}: ${answer.status} ${answer.rcode} ${answer.reason?.text}`)
    }
    expect(wrong).toEqual([])
  })
})
