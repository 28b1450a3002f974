// Look-ups through the embedded hierarchy of signed zones: every question that has an answer gets one, with its signatures.
import { afterAll, describe, expect, it } from 'vitest'
import { Meter } from '../../src/cache/sieve.js'
import { DEFAULT_POLICY } from '../../src/crypto/algorithms.js'
import type { CryptoBackend } from '../../src/crypto/backend.js'
import { Budget, DEFAULT_LIMITS } from '../../src/limits.js'
import { createLookup, type Lookup } from '../../src/lookup/lookup.js'
import type { Answered } from '../../src/verdict/reply.js'
import { RCODE, TYPE } from '../../src/wire/numbers.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { buildHierarchy } from '../world/hierarchy.js'
import { question } from './scripted.js'

const world = buildHierarchy()
afterAll(() => world.close())

function resolver(qnameMinimisation: boolean): { lookup: Lookup; referrals: Answered[] } {
  const referrals: Answered[] = []
  const lookup = createLookup({
    transport: world.memory(),
    clock: () => world.nowMs,
    limits: DEFAULT_LIMITS,
    rootHints: world.hints.map(({ name, addresses }) => ({ name: nameFromText(name), addresses })),
    stubZones: [],
    forwarders: [],
    allowPrivateAddresses: true,
    qnameMinimisation,
    preferIPv6: false,
    use0x20: true,
    cookies: true,
    authorityPort: 53,
    meter: new Meter(1_000_000),
    hooks: { referral: (reply) => void referrals.push(reply) }
  })
  return { lookup, referrals }
}

const ask = (lookup: Lookup, name: string, type: string) =>
  lookup.ask(
    question(name, type),
    {
      now: world.nowMs,
      limits: DEFAULT_LIMITS,
      budget: new Budget(DEFAULT_LIMITS),
      policy: DEFAULT_POLICY,
      crypto: {} as CryptoBackend,
      signal: new AbortController().signal,
      depth: 0,
      parent: 0
    },
    0
  )

describe.each([true, false])('the embedded hierarchy, QNAME minimisation %s', (qnameMinimisation) => {
  const { lookup, referrals } = resolver(qnameMinimisation)
  // A bogus answer is one all the same; only what is unreachable has none, and the root has no DS.
  const answered = world.questions.filter(({ status, name, type }) => status !== 'indeterminate' && !(name === '.' && type === 'DS'))

  it.each(answered.map(({ name, type, status, rcode }) => [name, type, status, rcode] as const))(
    '%s %s (%s %s)',
    async (name, type, status, rcode) => {
      const reply = await ask(lookup, name, type)
      if (reply.kind === 'failure') throw new Error(reply.reason.text)
      if (status === 'bogus') return
      // An alias may lead to what does not exist: the RCODE of the whole chain is not known here.
      if (rcode === 'NOERROR' && reply.message.answer.length > 0) expect(reply.message.rcode).toBe(RCODE.NOERROR)
      if (status === 'secure' && reply.message.answer.length > 0) {
        const unsigned = reply.message.answer.filter(
          (rrset) => rrset.signatures.length === 0 && rrset.type !== TYPE.CNAME && rrset.type !== TYPE.RRSIG
        )
        expect(unsigned).toEqual([])
      }
    }
  )

  it('told validation of DS and of their absence, each by the parent', () => {
    expect(referrals.length).toBeGreaterThan(10)
    for (const { question, zone, via } of referrals) {
      expect(via).toBe('referral')
      expect(zone && question.name.isBelow(zone), nameToText(question.name)).toBe(true)
    }
  })
})
