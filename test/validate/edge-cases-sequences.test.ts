// Edge cases of several questions to one resolver: what one answer leaves behind must not change another.
// The number is that of the case in our list; behind it the RFC section or the CVE that it comes from.

import { describe, expect, it } from 'vitest'
import { TYPE } from '../../src/wire/numbers.js'
import { asksFor, editRecords, when } from '../world/behaviours.js'
import { BOGUS } from './edge-cases.js'
import { smallWorld } from './small-world.js'

describe('one resolver for several questions', () => {
  it('122 names of the same octets in other labels are other names (CVE-2026-123592)', async () => {
    const world = smallWorld({ c: { text: 'ab A 192.0.2.1\nd TXT "c"' }, bc: { text: 'a A 192.0.2.2', keys: [] } })
    const answers = await world.askAll([
      ['a.bc', 'A'],
      ['ab.c', 'A'],
      ['a\\.b.c', 'A'],
      ['a.bc', 'A']
    ])
    expect(answers.map(({ status, rcode }) => `${status} ${rcode}`)).toEqual([
      'insecure NOERROR',
      'secure NOERROR',
      'secure NXDOMAIN',
      'insecure NOERROR'
    ])
  })

  it('49, 133 what is bogus is kept for a minute, whatever its TTL (RFC 4035 4.7, CVE-2026-123598)', async () => {
    const tampered = editRecords((records) =>
      records.map((record) => ({
        ...record,
        ...(record.type === TYPE.A && record.owner.labelCount === 2 && { rdata: Uint8Array.of(203, 0, 113, 1) })
      }))
    )
    const world = smallWorld({ test: { text: 'a 86400 A 192.0.2.1', behave: [when(asksFor(TYPE.A, 'a.test'), tampered)] } })
    for (const answer of await world.askAll([
      ['a.test', 'A'],
      ['a.test', 'A']
    ])) {
      expect(answer).toMatchObject({ ...BOGUS, rejected: [{ data: '203.0.113.1', status: 'bogus' }] })
      expect(answer.ttl).toBeLessThanOrEqual(60)
    }
  })

  it('131 a denial that was secure denies nothing in the zone below (RFC 8198 5.1, RFC 6840 4.1)', async () => {
    const world = smallWorld({ test: { text: 'a A 192.0.2.1' }, 'sub.test': { text: 'x A 192.0.2.1', keys: [] } })
    const answers = await world.askAll([
      ['sub.test', 'DS'],
      ['x.sub.test', 'A'],
      ['m.test', 'A'],
      ['y.sub.test', 'A']
    ])
    expect(answers.map(({ status, rcode }) => `${status} ${rcode}`)).toEqual([
      'secure NOERROR',
      'insecure NOERROR',
      'secure NXDOMAIN',
      'insecure NXDOMAIN'
    ])
  })
})
