// A trace is evidence: judged again from its messages alone it gives the same verdict, and what was changed in it shows.
import { describe, expect, it } from 'vitest'
import { createResolver } from '../../src/index.js'
import { readTrace, type Trace, TraceFormatError, verifyTrace } from '../../src/trace/index.js'
import { resolverIn, traced, traceOf, worlds } from './traced.js'

const throughJson = (trace: Trace): Trace => readTrace(JSON.stringify(trace))

for (const [about, world] of worlds) {
  describe(`every question of ${about}, cold, through JSON`, () => {
    for (const question of world.questions) {
      it(`${question.name} ${question.type} is ${question.status} again`, async () => {
        const { trace, answer } = await traced(world, question)
        const audit = await verifyTrace(throughJson(trace))
        expect({ why: audit.why, differences: audit.differences, missing: audit.missing }).toEqual({
          why: undefined,
          differences: [],
          missing: []
        })
        expect(audit.result).toBe('same')
        expect(audit.judged.status).toBe(answer.status)
        expect(audit.judged.rcode).toBe(answer.rcode)
      })
    }
  })

  describe(`every question of ${about}, from a warm cache`, () => {
    it('has the same evidence and verdict as from a cold one', async () => {
      const resolver = resolverIn(world)
      const questions = world.questions.filter(({ sha1 }) => !sha1)
      const cold = new Map<string, Trace>()
      for (const { name, type } of questions)
        cold.set(`${name} ${type}`, (await traced(world, { name, type, status: 'secure', rcode: '' })).trace)
      for (const { name, type } of questions) await resolver.resolveSecure(name, type)
      for (const { name, type } of questions) {
        const { trace } = await resolver.resolveSecure(name, type, { trace: true })
        const audit = await verifyTrace(throughJson(trace as Trace))
        expect({ name, type, result: audit.result, differences: audit.differences, missing: audit.missing }).toEqual({
          name,
          type,
          result: 'same',
          differences: [],
          missing: []
        })
        const before = await verifyTrace(cold.get(`${name} ${type}`) as Trace)
        expect({ name, type, status: audit.judged.status }).toEqual({ name, type, status: before.judged.status })
      }
      await resolver.close()
    })
  })
}

describe('judging at another time or by other anchors', () => {
  it('tells when a signature has ended', async () => {
    const trace = await traceOf('mail.ordered', 'MX')
    const later = await verifyTrace(trace, { at: trace.now + 20 * 86_400_000 })
    expect(later.result).toBe('different')
    expect(later.judged.status).toBe('bogus')
    expect(later.judged.reason?.kind).toBe('signatureExpired')
    expect(later.differences.map(({ what }) => what)).toEqual(['status', 'rcode', 'reason', 'records', 'rejected'])
    expect((await verifyTrace(trace, { at: new Date(trace.now + 86_400_000) })).result).toBe('same')
  })

  it('by the anchor of somebody else nothing is secure', async () => {
    const trace = await traceOf('mail.ordered', 'MX')
    const other = '. IN DS 12345 13 2 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F'
    const audit = await verifyTrace(trace, { anchors: [other] })
    expect(audit.judged).toMatchObject({ status: 'bogus', reason: { kind: 'anchorNoMatch' } })
    expect((await verifyTrace(trace, { anchors: [] })).judged).toMatchObject({ status: 'indeterminate', reason: { kind: 'noAnchor' } })
  })

  it('refuses times and anchors that are none', async () => {
    const trace = await traceOf('mail.ordered', 'MX')
    await expect(verifyTrace(trace, { at: Number.NaN })).rejects.toThrow(RangeError)
    await expect(verifyTrace(trace, { anchors: ['nonsense'] })).rejects.toThrow(/trust anchor/)
  })
})

describe('what is missing or changed', () => {
  it('is told when the messages are gone', async () => {
    const trace = throughJson(await traceOf('mail.ordered', 'MX'))
    const events = trace.events.map((event) =>
      event.event === 'evidence' && event.type === 'DNSKEY' && event.name === 'ordered' ? { ...event, name: 'elsewhere' } : event
    )
    const audit = await verifyTrace({ ...trace, events })
    expect(audit.missing).toEqual(['ordered DNSKEY'])
    expect(audit.result).toBe('different')
    expect(audit.judged.status).toBe('indeterminate')
  })

  it('a stored verdict that does not follow is found', async () => {
    const trace = await traceOf('www.expired.ordered')
    const events = trace.events.map((event) => (event.event === 'verdict' ? { ...event, status: 'secure' as const } : event))
    const audit = await verifyTrace({ ...trace, events })
    expect(audit.result).toBe('different')
    expect(audit.differences).toContainEqual({ what: 'status', before: 'secure', after: 'bogus' })
  })

  it('a trace that was cut off is not called verified', async () => {
    const [, world] = worlds[0] as (typeof worlds)[number]
    for (const limits of [{ traceEvents: 20 }, { traceBytes: 1000 }]) {
      const resolver = resolverIn(world, false, { limits })
      const { trace } = await resolver.resolveSecure('mail.ordered', 'MX', { trace: true })
      expect(trace?.truncated).toBe(true)
      expect((await verifyTrace(trace as Trace)).result).toBe('unverifiable')
      await resolver.close()
    }
  })

  it.each([
    ['', 'not JSON'],
    ['[]', 'the trace is not an object'],
    ['{"version":2}', 'version 2'],
    ['{"version":1,"question":{"name":"a","type":"A"},"now":"x"}', 'now is not a number']
  ])('%j is no trace', (text, why) => {
    expect(() => readTrace(text)).toThrow(TraceFormatError)
    expect(() => readTrace(text)).toThrow(why)
  })
})

describe('the events', () => {
  it('refer only to earlier ones, and the verdict rests on all that it needs down to the anchor', async () => {
    const { events } = await traceOf('secure.alias.ordered')
    for (const { n, in: above, uses = [] } of events) for (const other of [above, ...uses]) expect(other).toBeLessThan(n)
    const reached = new Set<number>()
    const reach = (n: number): void => {
      if (reached.has(n)) return
      reached.add(n)
      for (const other of events[n]?.uses ?? []) reach(other)
    }
    reach(events.length - 1)
    const kinds = new Set([...reached].map((n) => events[n]?.event))
    for (const kind of ['verdict', 'rrset', 'signature', 'keys', 'ds', 'anchor']) expect(kinds).toContain(kind)
  })

  it('nest: an exchange lies below the look-up that sent it, a signature below the message that it came in', async () => {
    const { events } = await traceOf('mail.ordered', 'MX')
    const above = (n: number): string[] => (n < 0 ? [] : [...above(events[n]?.in ?? -1), events[n]?.event ?? ''])
    for (const event of events) {
      if (event.event === 'exchange') expect(above(event.n)).toContain('lookup')
      if (event.event === 'signature') expect(above(event.n)).toContain('evidence')
    }
  })

  it('cost nothing when nobody asks for them', async () => {
    const resolver = createResolver({
      trustAnchors: worlds[0]?.[1].anchors,
      rootHints: [],
      transport: { exchange: () => Promise.reject(new Error('none')) }
    })
    expect((await resolver.resolveSecure('a.example', 'A')).trace).toBeUndefined()
    await resolver.close()
  })
})
