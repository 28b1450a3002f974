import { describe, expect, it } from 'vitest'
import { toAnswer } from '../../src/edge/answer.js'
import type { JudgedRrset, Outcome } from '../../src/verdict/outcome.js'
import { reason } from '../../src/verdict/reason.js'
import { bogus, indeterminate, insecure, secure, type Verdict } from '../../src/verdict/verdict.js'
import { groupRrsets } from '../../src/wire/rrset.js'
import { nameFromText, recordFromText } from '../../src/wire/text.js'

const NOW = Date.UTC(2026, 8, 1)
const owner = nameFromText('example.org')
const signed: Verdict = secure({ by: 'signature', signer: owner, keyTag: 1, algorithm: 13, expiration: 2_000_000_000 }, 300)
const noDs: Verdict = insecure(
  { by: 'no-ds', zone: owner, denial: { by: 'nsec', proves: 'insecure-delegation', zone: owner, optOut: false, rule: '' } },
  reason('noDs', { zone: owner })
)
const expired: Verdict = bogus(reason('signatureExpired', { owner, type: 15, zone: owner, keyTag: 1, expiration: 1, now: 2 }))

function judged(lines: readonly string[], verdict: Verdict, ttl = 300): JudgedRrset {
  const { rrsets } = groupRrsets(
    lines.map((line) => recordFromText(line)),
    false
  )
  return { rrset: rrsets[0], verdict, ttl }
}

const mx = ['example.org. 300 IN MX 10 mx1.example.org.', 'example.org. 300 IN MX 20 mx2.example.org.']
const alias = ['www.example.org. 300 IN CNAME example.org.']

function outcome(fields: Partial<Outcome>): Outcome {
  return {
    question: { name: owner, type: 15, class: 1 },
    status: 'secure',
    rcode: 0,
    canonicalName: owner,
    records: [],
    rejected: [],
    malformed: [],
    ttl: 300,
    judgedAt: NOW,
    ...fields
  }
}

describe('an answer', () => {
  it('has the records in order, as text and typed data', () => {
    const answer = toAnswer(outcome({ records: [judged(alias, signed, 60), judged(mx, signed)] }), NOW)
    expect(answer).toMatchObject({
      question: { name: 'example.org', type: 'MX', class: 'IN' },
      status: 'secure',
      rcode: 'NOERROR',
      canonicalName: 'example.org',
      rejected: [],
      ttl: 300
    })
    expect(answer.records.map(({ name, type, ttl, data }) => [name, type, ttl, data])).toEqual([
      ['www.example.org', 'CNAME', 60, 'example.org'],
      ['example.org', 'MX', 300, { preference: 10, exchange: 'mx1.example.org' }],
      ['example.org', 'MX', 300, { preference: 20, exchange: 'mx2.example.org' }]
    ])
    expect(answer).not.toHaveProperty('reason')
    expect(answer.records[0]).not.toHaveProperty('reason')
  })

  it('counts TTLs down from the instant of the verdict, not below zero, and not up when the clock goes back', () => {
    const at = (now: number) => {
      const { ttl, records } = toAnswer(outcome({ records: [judged(mx, signed, 200)] }), now)
      return [ttl, records[0].ttl]
    }
    expect(at(NOW + 100_999)).toEqual([200, 100])
    expect(at(NOW + 250_000)).toEqual([50, 0])
    expect(at(NOW + 400_000)).toEqual([0, 0])
    expect(at(NOW - 1_000_000)).toEqual([300, 200])
  })

  it('makes data once, when asked for, as a field like any other', () => {
    const [record] = toAnswer(outcome({ records: [judged(mx, signed)] }), NOW).records
    expect(record.data).toBe(record.data)
    expect(Object.keys(record)).toEqual(['name', 'type', 'class', 'ttl', 'data', 'rdata', 'status'])
    expect(JSON.parse(JSON.stringify(record)).data).toEqual({ preference: 10, exchange: 'mx1.example.org' })
    expect({ ...record }.data).toBe(record.data)
  })

  it('tells the denial', () => {
    const denial = { kind: 'nxdomain', by: 'nsec3', optOut: true } as const
    expect(toAnswer(outcome({ rcode: 3, denial }), NOW)).toMatchObject({ rcode: 'NXDOMAIN', denial })
  })
})

describe('fail closed', () => {
  it('a bogus RRset among the records comes out rejected, and the answer is bogus and SERVFAIL', () => {
    const answer = toAnswer(outcome({ records: [judged(alias, signed), judged(mx, expired)] }), NOW)
    expect(answer.status).toBe('bogus')
    expect(answer.rcode).toBe('SERVFAIL')
    expect(answer.records.map(({ type }) => type)).toEqual(['CNAME'])
    expect(answer.rejected.map(({ type, status, reason: why }) => [type, status, why?.code])).toEqual([
      ['MX', 'bogus', 7],
      ['MX', 'bogus', 7]
    ])
    expect(answer.reason).toMatchObject({ code: 7, name: 'Signature Expired', kind: 'signatureExpired', rule: 'RFC 4035 5.3.1' })
  })

  it('an answer is never stronger than its weakest record', () => {
    const answer = toAnswer(outcome({ records: [judged(alias, signed), judged(mx, noDs)] }), NOW)
    expect(answer.status).toBe('insecure')
    expect(answer.reason?.kind).toBe('noDs')
    expect(answer.records.map(({ status }) => status)).toEqual(['secure', 'insecure', 'insecure'])
  })

  it('an answer that is not secure always has a reason', () => {
    for (const status of ['insecure', 'bogus', 'indeterminate'] as const) {
      expect(toAnswer(outcome({ status }), NOW).reason?.text, status).toBeTruthy()
    }
    const unreachable = reason('unreachable', { owner, type: 15, zone: owner, detail: 'timeout' })
    expect(toAnswer(outcome({ status: 'indeterminate', rcode: 2, reason: unreachable }), NOW)).toMatchObject({
      rcode: 'SERVFAIL',
      reason: unreachable
    })
    expect(toAnswer(outcome({ records: [judged(mx, indeterminate(unreachable))] }), NOW).status).toBe('indeterminate')
  })

  it('a denial is not told of a bogus answer', () => {
    const denial = { kind: 'nodata', by: 'nsec', optOut: false } as const
    expect(toAnswer(outcome({ status: 'bogus', denial }), NOW)).not.toHaveProperty('denial')
  })

  it('records with malformed rdata are rejected with EDE 24, and hide nothing', () => {
    const malformed = [{ owner, type: 1, class: 1, ttl: 60, rdata: Uint8Array.of(1, 2), fault: '2 octets where A has 4' }]
    const answer = toAnswer(outcome({ records: [judged(mx, signed)], malformed }), NOW)
    expect(answer.records).toHaveLength(2)
    expect(answer.rejected).toHaveLength(1)
    expect(answer.rejected[0]).toMatchObject({ type: 'A', status: 'bogus', data: undefined, rdata: Uint8Array.of(1, 2) })
    expect(answer.rejected[0].reason).toMatchObject({ code: 24, name: 'Invalid Data', kind: 'malformedRdata' })
    expect(answer.rejected[0].reason?.text).toContain('2 octets where A has 4')
  })
})
