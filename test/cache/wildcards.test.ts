// Names that a wildcard makes, answered from the cache once one of them was (RFC 8198 5.3), and all that such an answer has to
// keep away from: what the wildcard does not make, what is not proven, and what has ended.
import { afterEach, describe, expect, it } from 'vitest'
import { createResolver, type Resolver, type ResolverOptions } from '../../src/index.js'
import { verifyTrace } from '../../src/trace/index.js'
import type { Trace } from '../../src/verdict/trace.js'
import { NOON, type Small, type SmallWorld, smallWorld } from '../validate/small-world.js'
import { type HandClock, handClock } from '../world/clock.js'
import { memoryTransport, type WorldTransport } from '../world/net.js'

const TEXT = `
a A 192.0.2.1
*.w A 192.0.2.3
*.w TXT "w"
x.w A 192.0.2.4
deep.ent.w TXT "e"
*.v.w A 192.0.2.5
*.c CNAME a
*.far CNAME www.other.
*.short 100 A 192.0.2.6
*.long 7200 A 192.0.2.7
cut.w NS ns.open.w
`
const DENIALS = [
  ['NSEC', { by: 'nsec' }],
  ['NSEC3', { by: 'nsec3', salt: Uint8Array.of(1), iterations: 1 }]
] as const

const worldOf = (denial: Small['denial']): SmallWorld =>
  smallWorld({
    test: { text: TEXT, denial },
    'open.w.test': { text: 'www A 192.0.2.9', keys: [] },
    'signed.w.test': { text: 'www A 192.0.2.8', denial },
    other: { text: 'www A 192.0.2.77' }
  })
const worlds = new Map(DENIALS.map(([by, denial]) => [by, worldOf(denial)]))

let transport: WorldTransport
let clock: HandClock
let resolver: Resolver

function open(world: SmallWorld, options: ResolverOptions = {}): void {
  transport = memoryTransport(world.servers)
  clock = handClock(NOON * 1000)
  resolver = createResolver({
    ...{ trustAnchors: world.anchors, rootHints: world.hints, transport },
    clock: clock.now,
    allowPrivateAddresses: true,
    ...options
  })
}
afterEach(() => resolver.close())

const ask = (label: string, type = 'A') => resolver.resolveSecure(`${label}.test`, type)

/** The answer, with the questions that were sent for it. */
async function asking(label: string, type = 'A') {
  transport.forget()
  const answer = await ask(label, type)
  return {
    answer,
    sent: transport.exchanges.map(({ question }) => question.toLowerCase().replace(/ [a-z]+$/, (kind) => kind.toUpperCase()))
  }
}

const addresses = ({ records }: Awaited<ReturnType<typeof ask>>) => records.filter(({ type }) => type === 'A').map(({ data }) => data)

describe.each(DENIALS)('a wildcard in a zone with %s', (by) => {
  const world = worlds.get(by) as SmallWorld

  it('answers other names that it makes, and nobody is asked', async () => {
    open(world)
    const first = await ask('one.w')
    expect(first).toMatchObject({ status: 'secure', rcode: 'NOERROR' })
    // below a name that is denied no other record is needed, whatever the hashes
    for (const label of ['two.one.w', 'three.two.one.w', 'TWO.One.W']) {
      const { answer, sent } = await asking(label)
      expect(sent, label).toEqual([])
      expect(answer).toMatchObject({ status: 'secure', rcode: 'NOERROR', canonicalName: `${label}.test` })
      expect(addresses(answer)).toEqual(addresses(first))
      expect(answer.records[0]).toMatchObject({ name: `${label}.test`, status: 'secure' })
    }
  })

  it('answers for the types that were seen of it, and its other types are asked for', async () => {
    open(world)
    await ask('one.w')
    const { answer, sent } = await asking('two.one.w', 'TXT')
    expect(sent).not.toEqual([])
    expect(answer.records).toHaveLength(1)
    expect((await asking('three.one.w', 'TXT')).sent).toEqual([])
  })

  it('has no other types: NODATA is still proven, and then known', async () => {
    open(world)
    await ask('one.w')
    for (const label of ['one.w', 'two.one.w'])
      expect(await ask(label, 'MX')).toMatchObject({ status: 'secure', rcode: 'NOERROR', denial: { kind: 'nodata' } })
    const { answer, sent } = await asking('three.one.w', 'MX')
    expect(answer).toMatchObject({ status: 'secure', rcode: 'NOERROR', denial: { kind: 'nodata' } })
    expect(sent).toEqual([])
    const positive = await asking('three.one.w')
    expect(positive.sent).toEqual([])
    expect(positive.answer.records).toHaveLength(1)
  })

  it('that is an alias is followed, for every type', async () => {
    open(world)
    expect(addresses(await ask('one.c'))).toEqual(['192.0.2.1'])
    const { answer, sent } = await asking('two.one.c')
    expect(sent).toEqual(['a.test A']) // the first reply held it, but nobody had asked for it
    expect(answer).toMatchObject({ status: 'secure', canonicalName: 'a.test' })
    expect(answer.records.map(({ name, type }) => `${name} ${type}`)).toEqual(['two.one.c.test CNAME', 'a.test A'])
    const other = await asking('three.one.c', 'TXT')
    expect(other.answer).toMatchObject({ status: 'secure', rcode: 'NOERROR', canonicalName: 'a.test', denial: { kind: 'nodata' } })
    expect(other.sent.filter((question) => question.includes('.c.test'))).toEqual([])
  })

  it('that is an alias into another zone is followed there', async () => {
    open(world)
    await ask('one.far')
    const { answer, sent } = await asking('two.one.far')
    expect(addresses(answer)).toEqual(['192.0.2.77'])
    expect(answer.status).toBe('secure')
    expect(sent).toEqual([])
  })

  it.each([
    ['a name that exists', 'x.w', 'NOERROR', ['192.0.2.4']],
    ['a name below one that exists', 'm.x.w', 'NXDOMAIN', []],
    ['an empty non-terminal', 'ent.w', 'NOERROR', []],
    ['a name below an empty non-terminal (RFC 4592 3.3.1)', 'm.ent.w', 'NXDOMAIN', []],
    ['a name whose closest encloser has a wildcard of its own', 'm.v.w', 'NOERROR', ['192.0.2.5']],
    ['a name below the wildcard itself (RFC 4592 3.3.1)', 'm.*.w', 'NXDOMAIN', []],
    ['a name beside', 'm', 'NXDOMAIN', []],
    ['its own name', '*.w', 'NOERROR', ['192.0.2.3']]
  ])('does not make %s', async (_what, label, rcode, data) => {
    open(world)
    // all its names and all its spans are known
    for (const known of ['one.w', 'zz.w', 'b.w', 'wa.w', 'm.ent.w', 'q.x.w', 'n.v.w', 'zz', 'b', 'q.*.w']) await ask(known)
    const answer = await ask(label)
    expect(answer).toMatchObject({ status: 'secure', rcode })
    expect(addresses(answer)).toEqual(data)
  })

  it('does not make what is below a zone cut, signed or not', async () => {
    open(world)
    for (const known of ['one.w', 'opem.w', 'opeo.w', 'signec.w', 'signee.w']) await ask(known)
    expect(await ask('www.signed.w')).toMatchObject({ status: 'secure', records: [{ data: '192.0.2.8' }] })
    expect(await ask('www.open.w')).toMatchObject({ status: 'insecure', records: [{ data: '192.0.2.9' }] })
    expect(await ask('m.open.w')).toMatchObject({ status: 'insecure', rcode: 'NXDOMAIN' })
    expect((await asking('signed.w', 'DS')).answer).toMatchObject({ status: 'secure', records: [{ type: 'DS' }] })
    expect((await ask('q.cut.w')).records).toEqual([])
  })

  it.each(['DS', 'NS', 'SOA', 'DNSKEY', 'ANY'])('does not make %s records', async (type) => {
    open(world)
    await ask('one.w')
    const { answer } = await asking('two.one.w', type)
    expect(answer.records.filter((one) => one.type === type)).toEqual([])
    expect(answer.status).toBe('secure')
  })

  it.each(['DS', 'DNSKEY'])('its alias is not used for %s records', async (type) => {
    open(world)
    await ask('one.c')
    expect((await asking('two.one.c', type)).sent).toContain(`two.one.c.test ${type}`)
  })

  it('lasts no longer than its own TTL', async () => {
    open(world)
    await ask('one.short')
    clock.advance(60)
    const { answer, sent } = await asking('two.one.short')
    expect(sent).toEqual([])
    expect(answer.ttl).toBe(40)
    expect(answer.records[0]?.ttl).toBe(40)
    clock.advance(41)
    expect((await asking('three.one.short')).sent).not.toEqual([])
  })

  it('lasts no longer than the denial of the next closer name', async () => {
    open(world)
    await ask('one.long') // 7,200 s, and denials of the zone 600 s
    clock.advance(590)
    const { answer, sent } = await asking('two.one.long')
    expect(sent).toEqual([])
    expect(answer.ttl).toBe(10)
    clock.advance(11)
    expect((await asking('three.one.long')).sent).not.toEqual([])
  })

  it('lasts no longer than the bound on denials', async () => {
    open(world, { cache: { negativeTtlMax: 30 } })
    await ask('one.long')
    clock.advance(20)
    expect(await asking('two.one.long')).toMatchObject({ answer: { ttl: 10 }, sent: [] })
    clock.advance(11)
    expect((await asking('three.one.long')).sent).not.toEqual([])
  })

  it('lasts no longer than its signature', async () => {
    open(world)
    clock.advance(86_400 - 100)
    await ask('one.long')
    clock.advance(60)
    expect(await asking('two.one.long')).toMatchObject({ answer: { ttl: 40, status: 'secure' }, sent: [] })
    clock.advance(41)
    expect((await ask('three.one.long')).status).toBe('bogus')
  })

  it.each([
    ['all', () => resolver.flush()],
    ['a name that it makes', () => resolver.flush('two.one.w.test')],
    ['a name and type that it makes', () => resolver.flush('two.one.w.test', 'A')],
    ['its own name', () => resolver.flush('*.w.test')],
    ['its zone', () => resolver.flush('test')]
  ])('is forgotten with %s', async (_what, flush) => {
    open(world)
    await ask('one.w')
    flush()
    expect((await asking('two.one.w')).sent).toContain('two.one.w.test A')
  })

  it('stays when another name is forgotten', async () => {
    open(world)
    await ask('one.w')
    resolver.flush('www.elsewhere.example')
    resolver.flush('w.example')
    expect((await asking('three.one.w')).sent).toEqual([])
  })

  it('is forgotten by its type', async () => {
    open(world)
    await ask('one.w')
    await ask('one.w', 'TXT')
    resolver.flush('two.one.w.test', 'TXT')
    expect((await asking('two.one.w')).sent).not.toEqual([]) // the denial of the name went with it
    expect((await asking('three.one.w')).sent).toEqual([])
    expect((await asking('three.one.w', 'TXT')).sent).not.toEqual([])
  })

  it('an alias is forgotten with any type of a name that it makes', async () => {
    open(world)
    await ask('one.c')
    resolver.flush('two.one.c.test', 'TXT')
    expect((await asking('two.one.c')).sent).toContain('two.one.c.test A')
  })

  it('does not answer below a stub zone', async () => {
    open(world, { stubZones: [{ name: 'corp.one.w.test', servers: [{ address: '198.51.100.1' }] }] })
    await ask('one.w')
    expect((await asking('www.corp.one.w')).sent).toContain('www.corp.one.w.test A')
    expect((await asking('corp.one.w')).sent).toContain('corp.one.w.test A')
    expect((await asking('corq.one.w')).sent).toEqual([])
  })

  it('is not kept when aggressive denial is off', async () => {
    open(world, { aggressiveDenial: false })
    await ask('one.w')
    expect((await asking('two.one.w')).sent).not.toEqual([])
  })

  it('is told by its trace, which is judged again to the same', async () => {
    open(world)
    await ask('one.w')
    const { trace } = await resolver.resolveSecure('two.one.w.test', 'A', { trace: true })
    const { events } = trace as Trace
    expect(events.find((event) => event.event === 'evidence' && event.purpose === 'data')).toMatchObject({ via: 'denial' })
    expect(events.find((event) => event.event === 'cache')).toMatchObject({ what: 'wildcard', name: 'two.one.w.test' })
    expect(events.some((event) => event.event === 'exchange')).toBe(false)
    expect(await verifyTrace(trace as Trace)).toMatchObject({ result: 'same', missing: [] })
  })
})

describe('Opt-Out', () => {
  it('spans make no name from a wildcard: each is asked for, and insecure (RFC 5155 6, 9.2)', async () => {
    open(worldOf({ by: 'nsec3', optOut: true }))
    for (const label of ['one.w', 'two.one.w', 'three.one.w']) {
      const { answer, sent } = await asking(label)
      expect(answer.status).toBe('insecure')
      expect(sent).toContain(`${label}.test A`)
    }
  })
})

describe('memory', () => {
  const many = smallWorld({ test: { text: Array.from({ length: 120 }, (_, i) => `*.w${i} A 192.0.2.1`).join('\n') } })

  it('is charged for wildcards, and never more than its bound', async () => {
    open(many, { cache: { maxBytes: 60_000 } })
    for (let i = 0; i < 120; i++) {
      expect(await ask(`one.w${i}`)).toMatchObject({ status: 'secure', records: [{ data: '192.0.2.1' }] })
      expect(resolver.statistics().cache.bytes).toBeLessThanOrEqual(60_000)
    }
    // what was driven out is asked for again
    expect((await asking('two.one.w0')).sent).not.toEqual([])
    expect((await asking('two.one.w119')).sent).toEqual([])
  })

  it('counts one RRset more for a wildcard', async () => {
    open(many)
    await ask('one.w1', 'MX') // the denials of the name, and of its type at the wildcard
    const { denials, bytes } = resolver.statistics().cache
    await ask('one.w1')
    const after = resolver.statistics().cache
    expect(after.denials).toBe(denials + 1)
    expect(after.bytes).toBeGreaterThan(bytes + 300)
  })
})
