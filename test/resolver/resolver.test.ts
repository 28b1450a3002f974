// The resolver as its users see it: misuse, cancellation, closing, caching, joining, and failing closed.
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createResolver, type Resolver, ResolverClosedError, type ResolverOptions } from '../../src/index.js'
import { type Trace, verifyTrace } from '../../src/trace/index.js'
import { buildMessage, parseMessage, type Question } from '../../src/wire/message.js'
import { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { toSpec } from '../world/behaviours.js'
import { type HandClock, handClock } from '../world/clock.js'
import { buildHierarchy, buildWorld } from '../world/hierarchy.js'
import { TOP } from '../world/hierarchy-zones.js'
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

beforeEach(() => {
  transport = hierarchy.memory()
  clock = handClock(hierarchy.nowMs)
  resolver = open()
})

describe('misuse', () => {
  it.each([
    ['an empty label', 'a..example', 'A'],
    ['a label of 64 octets', `${'x'.repeat(64)}.example`, 'A'],
    ['a name beyond 255 octets', `${'abcdefgh.'.repeat(32)}example`, 'A'],
    ['an unknown type', 'example', 'NOSUCH'],
    ['a type that is no question', 'example', 'AXFR'],
    ['type OPT', 'example', 'OPT']
  ])('%s is a RangeError, and nothing is sent', async (_what, name, type) => {
    await expect(resolver.resolveSecure(name, type)).rejects.toThrow(RangeError)
    expect(transport.exchanges).toHaveLength(0)
  })

  it('a name that is no string is a TypeError', async () => {
    await expect(resolver.resolveSecure(7 as unknown as string, 'A')).rejects.toThrow(TypeError)
  })

  it.each<[string, object, RegExp]>([
    ['a limit that does not exist', { limits: { nosuch: 1 } }, /limits: .*nosuch/],
    ['a limit below 0', { limits: { queries: -1 } }, /limits: queries/],
    ['a port beyond 65535', { forwarders: [{ address: '192.0.2.1', port: 65_536 }] }, /forwarders: .*port/],
    ['an unknown protocol', { forwarders: [{ address: '192.0.2.1', protocol: 'smoke' }] }, /forwarders: .*smoke/],
    ['an anchor that is none', { trustAnchors: ['. IN TXT "trust me"'] }, /trustAnchors: /],
    ['a negative anchor that is no name', { negativeTrustAnchors: ['a..b'] }, /negativeTrustAnchors: /]
  ])('%s is told with the name of the option', (_what, options, message) => {
    expect(() => createResolver(options as ResolverOptions)).toThrow(message)
  })
})

describe('cancellation and closing', () => {
  it('rejects with the reason of the signal, and so does every one that was aborted before', async () => {
    const reason = new Error('changed my mind')
    await expect(resolver.resolveSecure('www.alg13.hashed', 'A', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const asked = resolver.resolveSecure('www.alg13.hashed', 'A', { signal: controller.signal })
    controller.abort(reason)
    await expect(asked).rejects.toBe(reason)
  })

  it('does not take the answer from another caller of the same question', async () => {
    const controller = new AbortController()
    const mine = resolver.resolveSecure('www.alg13.hashed', 'A', { signal: controller.signal })
    const theirs = resolver.resolveSecure('www.alg13.hashed', 'A')
    controller.abort(new Error('mine only'))
    await expect(mine).rejects.toThrow('mine only')
    expect((await theirs).status).toBe('secure')
  })

  it('refuses questions after close, and ends those under way', async () => {
    const underWay = resolver.resolveSecure('www.alg13.hashed', 'A')
    await resolver.close()
    await expect(underWay).rejects.toBeInstanceOf(ResolverClosedError)
    await expect(resolver.resolveSecure('www.alg13.hashed', 'A')).rejects.toBeInstanceOf(ResolverClosedError)
    await resolver.close()
  })
})

describe('the cache', () => {
  it('answers again without a message, the TTL counted down, and not past it', async () => {
    const first = await resolver.resolveSecure('www.alg13.hashed', 'A')
    const sent = transport.exchanges.length
    clock.advance(10)
    const second = await resolver.resolveSecure('www.alg13.hashed', 'A')
    expect(transport.exchanges).toHaveLength(sent)
    expect(second.ttl).toBe(first.ttl - 10)
    expect(second.records[0]?.ttl).toBe((first.records[0]?.ttl as number) - 10)
    clock.advance(first.ttl)
    expect(resolver.peek('www.alg13.hashed', 'A')).toBeUndefined()
    await resolver.resolveSecure('www.alg13.hashed', 'A')
    expect(transport.exchanges.length).toBeGreaterThan(sent)
  })

  it('gives a known answer at once by peek, and nothing for others', async () => {
    expect(resolver.peek('www.alg13.hashed', 'A')).toBeUndefined()
    const answer = await resolver.resolveSecure('www.alg13.hashed', 'A')
    expect(resolver.peek('www.alg13.hashed', 'A')).toEqual(answer)
    expect(resolver.peek('www.alg13.hashed', 'AAAA')).toBeUndefined()
  })

  it('finds by peek what was asked in another spelling, and refuses misuse', async () => {
    const answer = await resolver.resolveSecure('WWW.alg13.hashed.', 'a')
    const found = resolver.peek('www.ALG13.hashed', 'A')
    expect(found?.records.map(({ rdata, ttl, status }) => ({ rdata, ttl, status }))).toEqual(
      answer.records.map(({ rdata, ttl, status }) => ({ rdata, ttl, status }))
    )
    expect(resolver.peek('www.alg13.hashed', 1)?.status).toBe('secure')
    expect(() => resolver.peek('a..b', 'A')).toThrow(RangeError)
  })

  it('joins equal questions in flight, in any letter case', async () => {
    const answers = await Promise.all(
      ['www.alg13.hashed', 'WWW.alg13.hashed', 'www.ALG13.hashed.'].map((name) => resolver.resolveSecure(name, 'A'))
    )
    expect(answers.map(({ status }) => status)).toEqual(['secure', 'secure', 'secure'])
    const asked = transport.exchanges.filter(({ question }) => question.toLowerCase() === 'www.alg13.hashed a')
    expect(asked).toHaveLength(1)
  })

  it('keeps a bogus answer shortly and asks again after it', async () => {
    const first = await resolver.resolveSecure('www.tampered.ordered', 'A')
    expect(first.status).toBe('bogus')
    expect(first.ttl).toBeLessThanOrEqual(60)
    const sent = transport.exchanges.length
    await resolver.resolveSecure('www.tampered.ordered', 'A')
    expect(transport.exchanges).toHaveLength(sent)
    clock.advance(61)
    await resolver.resolveSecure('www.tampered.ordered', 'A')
    expect(transport.exchanges.length).toBeGreaterThan(sent)
  })

  it('forgets a name, or everything, when told to', async () => {
    await resolver.resolveSecure('www.alg13.hashed', 'A')
    resolver.flush('www.alg13.hashed')
    expect(resolver.peek('www.alg13.hashed', 'A')).toBeUndefined()
    const sent = transport.exchanges.length
    await resolver.resolveSecure('www.alg13.hashed', 'A')
    expect(transport.exchanges).toHaveLength(sent + 1)
  })
})

describe('failing closed', () => {
  it('an answer under a budget of no checks is not secure, never insecure, and does not spoil the next one', async () => {
    const starved = open({ limits: { signatureChecks: 2 } })
    const answer = await starved.resolveSecure('www.alg13.hashed', 'A')
    expect(answer.status).toBe('bogus')
    expect(answer.reason).toMatchObject({ kind: 'limitReached' })
    expect(answer.records).toHaveLength(0)
    // What the first question could afford is kept, so a few more reach the end.
    const later = []
    for (let i = 0; i < 4; i++) later.push((await starved.resolveSecure('www.alg13.hashed', 'A')).status)
    expect(later.at(-1)).toBe('secure')
  })

  it('a question that takes too long is an answer that says so', async () => {
    const silent = { exchange: () => new Promise<Uint8Array>(() => {}) }
    const slow = open({ transport: silent, limits: { questionMs: 50 } })
    const answer = await slow.resolveSecure('www.alg13.hashed', 'A')
    expect(answer).toMatchObject({ status: 'indeterminate', rcode: 'SERVFAIL', records: [], reason: { kind: 'timeOver', code: 22 } })
    await slow.close()
  })

  it('a bogus reply stays one when the time is over before another server has replied', async () => {
    let replied = false
    const hanging: WorldTransport = {
      ...transport,
      exchange: async (query, server, options) => {
        const { name, type } = parseMessage(query).question as Question
        const wanted = name.equals(nameFromText('www.tampered.ordered')) && type === TYPE.A
        if (wanted && replied) await new Promise(() => {})
        const reply = await transport.exchange(query, server, options)
        if (wanted) replied = parseMessage(reply).answer.length > 0
        return reply
      }
    }
    const slow = open({ transport: hanging, limits: { questionMs: 800 } })
    const answer = await slow.resolveSecure('www.tampered.ordered', 'A', { trace: true })
    expect(answer).toMatchObject({ status: 'bogus', rcode: 'SERVFAIL', records: [], reason: { kind: 'signatureWrong' } })
    expect((await verifyTrace(answer.trace as Trace)).result).toBe('same')
    slow.flush()
    replied = false
    const controller = new AbortController()
    const given = slow.resolveSecure('www.tampered.ordered', 'A', { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('no more')), 200)
    await expect(given).rejects.toThrow('no more')
    await slow.close()
  })

  it('a crypto backend that throws makes nothing secure', async () => {
    const broken = {
      name: 'broken',
      supports: () => true,
      verify: () => {
        throw new Error('out of order')
      },
      digest: () => {
        throw new Error('out of order')
      },
      nsec3Hash: () => {
        throw new Error('out of order')
      }
    }
    const answer = await open({ crypto: broken }).resolveSecure('www.alg13.hashed', 'A')
    expect(['secure', 'bogus', 'indeterminate']).toContain(answer.status) // the portable backend takes over
    const lying = { ...broken, verify: () => false, digest: () => new Uint8Array(32), nsec3Hash: () => new Uint8Array(20) }
    expect((await open({ crypto: lying }).resolveSecure('www.alg13.hashed', 'A')).status).toBe('bogus')
  })

  it('a transport that throws anything gives an indeterminate answer', async () => {
    const throwing = {
      exchange: () => {
        throw new TypeError('not even a promise')
      }
    }
    const answer = await open({ transport: throwing }).resolveSecure('www.alg13.hashed', 'A')
    expect(answer).toMatchObject({ status: 'indeterminate', rcode: 'SERVFAIL', records: [] })
  })

  it('without any anchor everything is indeterminate, with the RCODE as received', async () => {
    const answer = await open({ trustAnchors: [] }).resolveSecure('www.alg13.hashed', 'A')
    expect(answer).toMatchObject({ status: 'indeterminate', rcode: 'NOERROR', reason: { kind: 'noAnchor', code: 5 } })
  })
})

it('the letter case of queries shows nowhere in an answer, though servers compress names against the question', async () => {
  const exchange: WorldTransport['exchange'] = async (...args) => compressed(await transport.exchange(...args))
  const answer = await open({ transport: { exchange } }).resolveSecure('mail.ordered', 'MX')
  expect(answer.status).toBe('secure')
  const texts = JSON.stringify([answer.canonicalName, answer.records.map(({ name, data }) => [name, data])])
  expect(texts).toContain('mail.ordered')
  expect(texts).toBe(texts.toLowerCase())
})

/** MX names that end in QNAME written as pointers to it. */
function compressed(reply: Uint8Array): Uint8Array {
  const message = parseMessage(reply)
  const spec = toSpec(message)
  const { name, type } = message.question as Question
  if (type !== TYPE.MX) return reply
  const answer = (spec.answer ?? []).map((record) => {
    const { rdata } = record
    const head = rdata.length - name.wire.length
    const ends = record.type === TYPE.MX && Name.fromWire(rdata.slice(2)).isAtOrBelow(name)
    return ends ? { ...record, rdata: Uint8Array.from([...rdata.subarray(0, head), 0xc0, 12]) } : record
  })
  return buildMessage({ ...spec, answer })
}

it('an Opt-Out span seen with another type answers no DS question of a user', async () => {
  expect(await resolver.resolveSecure('nothing.optout', 'A')).toMatchObject({ status: 'insecure', rcode: 'NXDOMAIN' })
  expect(await resolver.resolveSecure('nothing.optout', 'DS')).toMatchObject({ status: 'insecure', rcode: 'NXDOMAIN' })
})

describe('long chains of aliases', () => {
  const text = Array.from({ length: 14 }, (_, i) => `c${i} CNAME c${i + 1}`).join('\n')
  const world = buildWorld([...TOP, { name: 'chain.ordered', text: `${text}\nc14 A 203.0.113.7` }], [], hierarchy.nowMs)

  it.each([
    ['c3', 'secure', 'NOERROR', undefined],
    ['c2', 'indeterminate', 'SERVFAIL', 'limitReached']
  ])('%s.chain.ordered is %s', async (name, status, rcode, kind) => {
    const across = createResolver({
      trustAnchors: world.anchors,
      rootHints: world.hints,
      transport: world.memory(),
      clock: clock.now,
      allowPrivateAddresses: true
    })
    const answer = await across.resolveSecure(`${name}.chain.ordered`, 'A')
    expect({ status: answer.status, rcode: answer.rcode, kind: answer.reason?.kind }).toEqual({ status, rcode, kind })
  })
})

describe('negative trust anchors', () => {
  it('make a broken zone insecure until they end', async () => {
    const lenient = open({ negativeTrustAnchors: [{ name: 'tampered.ordered', until: hierarchy.nowMs + 100_000 }] })
    const during = await lenient.resolveSecure('www.tampered.ordered', 'A')
    expect(during).toMatchObject({ status: 'insecure', rcode: 'NOERROR', reason: { kind: 'negativeAnchor', code: 33 } })
    expect(during.ttl).toBeLessThanOrEqual(100)
    clock.advance(101)
    expect((await lenient.resolveSecure('www.tampered.ordered', 'A')).status).toBe('bogus')
  })
})
