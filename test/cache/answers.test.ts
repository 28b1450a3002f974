// What the cache gives back is what was judged: every answer of the embedded hierarchy comes out of its packing as it went in;
// and the rules of time: floors and caps, stale answers, answers asked for early, failures in a row.
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createResolver, type Resolver, type ResolverOptions, type SecureAnswer, toPrometheus } from '../../src/index.js'
import { type HandClock, handClock } from '../world/clock.js'
import { buildHierarchy } from '../world/hierarchy.js'
import type { WorldTransport } from '../world/net.js'

const hierarchy = buildHierarchy(1_790_000_000_000)
afterAll(() => hierarchy.close())

let network: WorldTransport
let clock: HandClock
/** when set, every exchange fails, or waits */
let broken: 'no' | 'fails' | 'hangs'

function open(options: Partial<ResolverOptions> = {}): Resolver {
  return createResolver({
    trustAnchors: hierarchy.anchors,
    rootHints: hierarchy.hints,
    transport: {
      exchange: (query, server, how) => {
        if (broken === 'fails') return Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }))
        if (broken === 'hangs') return new Promise((_, reject) => how.signal.addEventListener('abort', () => reject(how.signal.reason)))
        return network.exchange(query, server, how)
      }
    },
    clock: clock.now,
    allowPrivateAddresses: true,
    ...options
  })
}

const plain = ({ trace, ...answer }: SecureAnswer) => JSON.parse(JSON.stringify(answer)) as unknown

beforeEach(() => {
  network = hierarchy.memory()
  clock = handClock(hierarchy.nowMs)
  broken = 'no'
})

describe('packing', () => {
  it('gives every answer back as it was', async () => {
    const resolver = open()
    const questions = hierarchy.questions.filter(({ sha1, slow }) => !sha1 && !slow)
    const first = new Map<string, unknown>()
    for (const { name, type } of questions) first.set(`${name} ${type}`, plain(await resolver.resolveSecure(name, type)))
    broken = 'fails'
    let compared = 0
    for (const { name, type } of questions) {
      const kept = resolver.peek(name, type)
      if (!kept) continue
      expect(plain(kept)).toEqual(first.get(`${name} ${type}`))
      compared++
    }
    expect(compared).toBeGreaterThan(0.9 * first.size)
    await resolver.close()
  })

  it('holds no more than it is allowed to, and goes on answering rightly', async () => {
    const resolver = open({ cache: { maxBytes: 40_000 } })
    for (const { name, type, status } of hierarchy.questions.filter(({ sha1, slow }) => !sha1 && !slow)) {
      expect((await resolver.resolveSecure(name, type)).status).toBe(status)
      const { bytes, maxBytes } = resolver.statistics().cache
      expect(bytes).toBeLessThanOrEqual(maxBytes)
    }
    await resolver.close()
  })
})

describe('TTLs', () => {
  it('are raised to the floor, but never past the end of the signature', async () => {
    const resolver = open({ cache: { ttlMin: 40 * 86_400, ttlMax: 60 * 86_400 } })
    await resolver.resolveSecure('www.alg13.hashed', 'A')
    const ttl = resolver.peek('www.alg13.hashed', 'A')?.ttl as number
    expect(ttl).toBeGreaterThan(86_400)
    expect(ttl).toBeLessThanOrEqual(14 * 86_400)
    expect((await resolver.resolveSecure('www.badsignature.ordered', 'A')).ttl).toBeLessThanOrEqual(60)
    await resolver.close()
  })

  it('are cut at the cap, those of denials at their own', async () => {
    const resolver = open({ cache: { ttlMax: 20, negativeTtlMax: 7 } })
    expect((await resolver.resolveSecure('www.alg13.hashed', 'A')).ttl).toBe(20)
    expect((await resolver.resolveSecure('nothing.alg13.hashed', 'A')).ttl).toBe(7)
    await resolver.close()
  })

  it.each([{ ttlMin: -1 }, { maxBytes: Number.NaN }, { serveStale: { seconds: -5 } }])('that make no sense are refused: %j', (cache) => {
    expect(() => open({ cache })).toThrow(/cache: /)
  })
})

describe('serve-stale (RFC 8767)', () => {
  it('is off by default', async () => {
    const resolver = open()
    const { ttl } = await resolver.resolveSecure('www.alg13.hashed', 'A')
    clock.advance(ttl + 1)
    broken = 'fails'
    expect(await resolver.resolveSecure('www.alg13.hashed', 'A')).toMatchObject({ status: 'indeterminate', rcode: 'SERVFAIL' })
    await resolver.close()
  })

  it.each([
    ['www.alg13.hashed', 'secure', 'NOERROR', 3],
    ['nothing.mail.ordered', 'secure', 'NXDOMAIN', 19],
    ['www.unsigned.ordered', 'insecure', 'NOERROR', 3]
  ])('gives %s with its status, a short TTL and the reason when nothing newer is to be had', async (name, status, rcode, code) => {
    const resolver = open({ cache: { serveStale: true } })
    const { ttl, records } = await resolver.resolveSecure(name, 'A')
    clock.advance(ttl + 1)
    broken = 'fails'
    for (let i = 0; i < 3; i++) {
      const stale = await resolver.resolveSecure(name, 'A')
      expect(stale).toMatchObject({ status, rcode, stale: true, ttl: 30, reason: { code } })
      expect(stale.records.map(({ rdata }) => rdata)).toEqual(records.map(({ rdata }) => rdata))
    }
    expect(resolver.statistics().questions.stale).toBe(3)
    broken = 'no'
    clock.advance(600)
    const fresh = await resolver.resolveSecure(name, 'A')
    expect(fresh).toMatchObject({ status, rcode })
    expect(fresh.stale).toBeUndefined()
    await resolver.close()
  })

  it('gives it too when the new answer takes too long', async () => {
    const resolver = open({ cache: { serveStale: { afterMs: 20 } } })
    const { ttl } = await resolver.resolveSecure('www.alg13.hashed', 'A')
    clock.advance(ttl + 1)
    broken = 'hangs'
    const startedAt = performance.now()
    expect(await resolver.resolveSecure('www.alg13.hashed', 'A')).toMatchObject({ status: 'secure', stale: true })
    expect(performance.now() - startedAt).toBeLessThan(300)
    await resolver.close()
  })

  it('ends with the signature, and with its own time', async () => {
    const long = open({ cache: { serveStale: { seconds: 90 * 86_400 } } })
    await long.resolveSecure('www.alg13.hashed', 'A')
    const short = open({ cache: { serveStale: { seconds: 60 } } })
    const { ttl } = await short.resolveSecure('www.alg13.hashed', 'A')
    broken = 'fails'
    clock.advance(ttl + 61)
    expect((await short.resolveSecure('www.alg13.hashed', 'A')).status).toBe('indeterminate')
    expect((await long.resolveSecure('www.alg13.hashed', 'A')).status).toBe('secure')
    clock.advance(14 * 86_400)
    expect((await long.resolveSecure('www.alg13.hashed', 'A')).status).toBe('indeterminate')
    await Promise.all([long.close(), short.close()])
  })

  it('never stands in for what was found to be bogus', async () => {
    const resolver = open({ cache: { serveStale: true } })
    const { ttl } = await resolver.resolveSecure('www.alg13.hashed', 'A')
    clock.advance(Math.max(ttl, 86_400 * 15)) // every signature has ended
    expect((await resolver.resolveSecure('www.alg13.hashed', 'A')).status).toBe('bogus')
    await resolver.close()
  })
})

describe('prefetch', () => {
  it('asks anew for what is asked for near its end, and nobody waits', async () => {
    const resolver = open({ cache: { prefetch: true } })
    const { ttl } = await resolver.resolveSecure('www.alg13.hashed', 'A')
    await resolver.resolveSecure('www.alg13.hashed', 'A')
    clock.advance(Math.ceil(ttl * 0.95))
    expect(resolver.peek('www.alg13.hashed', 'A')?.ttl).toBeLessThan(ttl * 0.1)
    await expect.poll(() => resolver.statistics().questions.prefetched).toBe(1)
    await expect.poll(() => resolver.statistics().answers.secure).toBe(2)
    clock.advance(Math.ceil(ttl * 0.1))
    expect(resolver.peek('www.alg13.hashed', 'A')?.ttl).toBeGreaterThan(ttl * 0.8)
    await resolver.close()
  })
})

describe('a prefetch in vain', () => {
  it('takes nothing away from the answer that is known', async () => {
    const resolver = open({ cache: { prefetch: true } })
    const { ttl } = await resolver.resolveSecure('www.alg13.hashed', 'A')
    await resolver.resolveSecure('www.alg13.hashed', 'A')
    clock.advance(Math.ceil(ttl * 0.95))
    broken = 'fails'
    resolver.peek('www.alg13.hashed', 'A')
    await expect.poll(() => resolver.statistics().answers.indeterminate).toBe(1)
    expect(resolver.peek('www.alg13.hashed', 'A')?.status).toBe('secure')
    expect(resolver.peek('WWW.alg13.hashed', 'A')?.status).toBe('secure')
    await resolver.close()
  })
})

describe('failures (RFC 9520)', () => {
  it('are not asked for again at once, and the longer the oftener they come', async () => {
    const resolver = open()
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      await resolver.resolveSecure('www.refusing.ordered', 'A')
      network.forget()
      let waited = 0
      while (network.exchanges.length === 0 && waited < 400) {
        clock.advance(1)
        waited++
        await resolver.resolveSecure('www.refusing.ordered', 'A')
      }
      waits.push(waited)
    }
    expect(waits[0]).toBe(5)
    // each look that finds the row of failures unbroken doubles the wait, up to five minutes
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    expect(Math.max(...waits)).toBe(300)
    await resolver.close()
  })
})

describe('statistics and flushing', () => {
  it('tell what was done, also in the words of Prometheus', async () => {
    const resolver = open()
    await resolver.resolveSecure('www.alg13.hashed', 'A')
    await resolver.resolveSecure('www.alg13.hashed', 'A')
    await resolver.resolveSecure('www.badsignature.ordered', 'A')
    const statistics = resolver.statistics()
    expect(statistics.questions).toMatchObject({ hits: 1, misses: 2, running: 0, waiting: 0 })
    expect(statistics.answers).toEqual({ secure: 1, insecure: 0, bogus: 1, indeterminate: 0 })
    expect(statistics.upstream.queries.udp).toBe(network.exchanges.filter(({ protocol }) => protocol === 'udp').length)
    expect(statistics.cache.answers).toBe(2)
    const text = toPrometheus(statistics)
    expect(text).toContain('dnssec_resolver_answers_total{status="bogus"} 1\n')
    expect(text).toContain('dnssec_resolver_cache_hits_total 1\n')
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9]+)$/)
    await resolver.close()
  })

  it('forgets one type of a name, or all of it', async () => {
    const resolver = open()
    for (const type of ['A', 'AAAA']) await resolver.resolveSecure('www.alg13.hashed', type)
    resolver.flush('www.alg13.hashed', 'A')
    expect(resolver.peek('www.alg13.hashed', 'A')).toBeUndefined()
    expect(resolver.peek('www.alg13.hashed', 'AAAA')).toBeDefined()
    resolver.flush('www.alg13.hashed')
    expect(resolver.peek('www.alg13.hashed', 'AAAA')).toBeUndefined()
    expect(() => resolver.flush('a..b')).toThrow(RangeError)
    await resolver.close()
  })
})
