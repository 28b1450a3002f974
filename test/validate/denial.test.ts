// Which proof a claim needs, and what stands in its way (RFC 4035 5.4, RFC 5155 8.2, RFC 9276 3.2).
import { describe, expect, it } from 'vitest'
import { type Claim, prove, proveNoDs } from '../../src/validate/denial.js'
import { admitProofs } from '../../src/validate/proofs.js'
import type { TraceEvent } from '../../src/verdict/event.js'
import { TYPE } from '../../src/wire/numbers.js'
import type { Rrset } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { flipBit } from '../world/signer.js'
import { makeZone, type Zone, type ZoneOptions } from '../world/zone.js'
import { denialAt, denialOver } from './forging.js'
import { rrsetsOf, taskAt } from './judging.js'
import { KEY, NOON, signed, trusting } from './signing.js'

const name = nameFromText
const TEXT = '@ SOA ns. hostmaster. 1 7200 3600 1209600 600\n@ NS ns.elsewhere.\na A 192.0.2.1\ncut NS ns.elsewhere.\n*.w A 192.0.2.1'
const zoneBy = (denial: ZoneOptions['denial']): Zone =>
  makeZone({ origin: 'test', text: TEXT, keys: [KEY], denial, inception: NOON - 86_400, expiration: NOON + 86_400 })
const nsec = zoneBy({ by: 'nsec' })
const nsec3 = zoneBy({ by: 'nsec3', salt: Uint8Array.of(1) })
const claim = (text: string, what: Claim['what'], type: number = TYPE.A): Claim => ({
  name: name(text),
  type,
  what,
  closestEncloser: name('w.test')
})
const admit = (rrsets: readonly Rrset[]) => admitProofs(rrsets, trusting(), taskAt(NOON))

describe('prove', () => {
  it.each([
    { by: 'nsec', zone: nsec },
    { by: 'nsec3', zone: nsec3 }
  ])('$by: each claim by its own rule', ({ by, zone }) => {
    const noData = admit(rrsetsOf(denialAt(zone, 'a.test')))
    expect(prove(claim('a.test', 'nodata', TYPE.MX), noData, taskAt(NOON))).toMatchObject({ by, proves: 'nodata', zone: zone.apex })
    expect(prove(claim('a.test', 'nxdomain'), noData, taskAt(NOON))).toMatchObject({ status: 'bogus', reason: { kind: 'denialWrong' } })
    const nameError = admit(rrsetsOf([...denialAt(zone, 'test'), ...denialOver(zone, 'm.test'), ...denialOver(zone, '*.test')]))
    expect(prove(claim('m.test', 'nxdomain'), nameError, taskAt(NOON))).toMatchObject({ by, proves: 'nxdomain' })
    // an unsigned RCODE turns neither into the other
    expect(prove(claim('m.test', 'nodata', TYPE.MX), nameError, taskAt(NOON))).toMatchObject({ status: 'bogus' })
    const wildcard = admit(rrsetsOf(denialOver(zone, 'm.w.test')))
    expect(prove(claim('m.w.test', 'wildcard'), wildcard, taskAt(NOON))).toMatchObject({ by, proves: 'wildcard' })
    expect(prove(claim('m.w.test', 'nxdomain'), wildcard, taskAt(NOON))).toMatchObject({ status: 'bogus' })
  })

  it('without any record it tells that one is missing', () => {
    expect(prove(claim('a.test', 'nodata'), admit([]), taskAt(NOON))).toMatchObject({
      status: 'bogus',
      reason: { kind: 'denialMissing', code: 12 }
    })
  })

  it.each(['nxdomain', 'nodata', 'wildcard'] as const)('%s: hashes that ran out within a proof are told as the limit', (what) => {
    // the chain with the other salt proves nothing and costs the hashes that this one would have needed (RFC 5155 8.2)
    const other = zoneBy({ by: 'nsec3', salt: Uint8Array.of(2) })
    const over = (zone: Zone) => [...denialAt(zone, 'test'), ...denialOver(zone, 'm.test'), ...denialOver(zone, '*.test')]
    const proofs = () => admit([...rrsetsOf(denialAt(other, 'a.test')), ...rrsetsOf(over(nsec3))])
    const one = { ...claim('deep.deep.m.w.test', what), name: name(what === 'wildcard' ? 'm.w.test' : 'deep.deep.m.test') }
    for (let nsec3Hashes = 0; nsec3Hashes < (what === 'wildcard' ? 2 : 5); nsec3Hashes++) {
      const result = prove(one, proofs(), taskAt(NOON, { nsec3Hashes }))
      expect(result, `${nsec3Hashes} hashes`).toMatchObject({ status: 'bogus', reason: { kind: 'limitReached', code: 0 } })
    }
    const enough = prove(one, proofs(), taskAt(NOON, { nsec3Hashes: 100 }))
    expect('status' in enough && enough.reason.kind === 'limitReached').toBe(false)
  })

  it('records that were not let through give the reason, unless better ones contradict the claim', () => {
    const broken = signed(['a.test. NSEC b.test. A'], { corrupt: flipBit })
    expect(prove(claim('a.test', 'nodata', TYPE.MX), admit([broken]), taskAt(NOON))).toMatchObject({ reason: { kind: 'signatureWrong' } })
    const contradicting = rrsetsOf(denialAt(nsec, 'a.test'))
    expect(prove(claim('a.test', 'nodata'), admit([broken, ...contradicting]), taskAt(NOON))).toMatchObject({
      reason: { kind: 'denialWrong' }
    })
    expect(prove(claim('a.test', 'nodata', TYPE.MX), admit([broken, ...contradicting]), taskAt(NOON))).toMatchObject({ proves: 'nodata' })
  })

  it('NSEC and NSEC3 are never parts of one proof, but each may be whole (RFC 5155 8.2)', () => {
    const half = rrsetsOf([...denialOver(nsec, 'm.test'), ...denialAt(nsec3, 'test'), ...denialOver(nsec3, '*.test')])
    const whole = rrsetsOf([...denialOver(nsec, 'm.test'), ...denialAt(nsec, 'test')])
    const other = rrsetsOf([...denialAt(nsec3, 'test'), ...denialOver(nsec3, 'm.test'), ...denialOver(nsec3, '*.test')])
    const missing = other.filter((rrset) => !half.some((one) => one.owner.equals(rrset.owner)))
    // only where the record over the name is not the one at the apex or over the wildcard does a part lack
    if (missing.length > 0) expect(prove(claim('m.test', 'nxdomain'), admit(half), taskAt(NOON))).toMatchObject({ status: 'bogus' })
    expect(prove(claim('m.test', 'nxdomain'), admit([...half, ...whole]), taskAt(NOON))).toMatchObject({ by: 'nsec' })
    expect(prove(claim('m.test', 'nxdomain'), admit([...half, ...missing]), taskAt(NOON))).toMatchObject({ by: 'nsec3' })
  })

  it('a zone that hashes too often is insecure, and nothing is hashed (RFC 9276 3.2)', () => {
    const costly = zoneBy({ by: 'nsec3', iterations: 51 })
    const task = taskAt(NOON)
    const proofs = admit(rrsetsOf(denialAt(costly, 'a.test')))
    expect(prove(claim('a.test', 'nodata', TYPE.MX), proofs, task)).toMatchObject({
      status: 'insecure',
      proof: { by: 'iterations', iterations: 51 },
      reason: { kind: 'tooManyIterations', code: 27 }
    })
    expect(task.budget.spent('nsec3Hashes')).toBe(0)
    expect(prove(claim('a.test', 'nodata', TYPE.MX), proofs, taskAt(NOON, { nsec3Iterations: 51 }))).toMatchObject({ proves: 'nodata' })
    // the number is believed only when it is signed
    const unsigned = admit(rrsetsOf(denialAt(costly, 'a.test')).map((rrset) => ({ ...rrset, signatures: [] })))
    expect(prove(claim('a.test', 'nodata', TYPE.MX), unsigned, task)).toMatchObject({ status: 'bogus' })
  })

  it('tells the trace what was proven, or what was not', () => {
    const events: TraceEvent[] = []
    const task = { ...taskAt(NOON), emit: (event: TraceEvent) => events.push(event) }
    prove(claim('a.test', 'nodata', TYPE.MX), admit(rrsetsOf(denialAt(nsec, 'a.test'))), task)
    prove(claim('a.test', 'nodata'), admit(rrsetsOf(denialAt(nsec, 'a.test'))), task)
    expect(events).toMatchObject([
      { event: 'denial', owner: 'a.test', type: 'MX', zone: 'test', proves: 'nodata', by: 'nsec' },
      { event: 'denial', owner: 'a.test', type: 'A', why: expect.stringMatching(/^denialWrong/) }
    ])
  })
})

describe('proveNoDs', () => {
  const ask = (text: string, ...records: ReturnType<typeof denialAt>[]) =>
    proveNoDs(name(text), admit(rrsetsOf(records.flat())), taskAt(NOON))

  it.each([
    { by: 'nsec', zone: nsec },
    { by: 'nsec3', zone: nsec3 }
  ])('$by: at a cut, at another name, and where there is no name', ({ zone }) => {
    expect(ask('cut.test', denialAt(zone, 'cut.test'))).toMatchObject({ proves: 'insecure-delegation' })
    expect(ask('a.test', denialAt(zone, 'a.test'))).toMatchObject({ proves: 'nodata' })
    const nameError = [denialAt(zone, 'test'), denialOver(zone, 'm.test'), denialOver(zone, '*.test')]
    expect(ask('m.test', ...nameError)).toMatchObject({ proves: 'nxdomain' })
  })

  it('what proves neither gives the reason of the first', () => {
    expect(ask('m.test', denialAt(nsec, 'a.test'))).toMatchObject({
      status: 'bogus',
      reason: { kind: 'denialIncomplete', type: 'DS' }
    })
    expect(ask('m.cut.test', denialAt(nsec, 'cut.test'))).toMatchObject({ status: 'bogus' })
    expect(ask('test', denialAt(nsec, 'test'))).toMatchObject({ status: 'bogus', reason: { kind: 'denialWrong' } })
  })
})
