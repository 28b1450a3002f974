// Every RRset that RFC 4035 appendix A and RFC 5155 appendix A print with its signature, checked by the keys that they print.
// The records lie in the scenarios that play the responses of the appendices B.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { prove } from '../../src/validate/denial.js'
import { admitProofs } from '../../src/validate/proofs.js'
import { checkSignatures } from '../../src/validate/signature.js'
import { TYPE, typeToText } from '../../src/wire/numbers.js'
import type { Rrset } from '../../src/wire/rrset.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { readScenario } from '../scenarios/format.js'
import { recordsOfPart } from '../scenarios/stage.js'
import { isDnskey, rrsetsOf, taskAt, trustOwnKeys, withBitFlipped, withSignatureFlipped } from './judging.js'

const EXAMPLE = nameFromText('example')
const unlimited = { signatureChecks: 100_000, signatureFailures: 100_000 }
const allowed = { sha1: true, minRsaBits: 512 }

describe.each([
  { rfc: 'rfc4035', count: 19, noon: Date.UTC(2004, 3, 20, 12) / 1000, tags: [9465, 38519], apex: 'C.8' },
  { rfc: 'rfc5155', count: 18, noon: Date.UTC(2012, 5, 1, 12) / 1000, tags: [12708, 40430], apex: 'B.6' }
])('$rfc', ({ rfc, count, noon, tags, apex }) => {
  const { blocks } = readScenario(readFileSync(new URL(`../scenarios/data/${rfc}-appendix-b.scenario`, import.meta.url), 'utf8'))
  const rrsets = rrsetsOf(blocks.filter(({ head }) => head.words[0] === 'part').flatMap(({ body }) => recordsOfPart(body)))
  const dnskeys = rrsets.find(isDnskey) as Rrset
  const task = () => taskAt(noon, unlimited, allowed)
  const keys = trustOwnKeys(EXAMPLE, dnskeys, task())

  it('the key tags are those of the RFC', () => {
    expect(keys.keys.map(({ keyTag }) => keyTag).sort((a, b) => a - b)).toEqual(tags)
  })

  it(`all ${count} RRsets are secure, and none is with a bit changed or outside its time`, () => {
    expect(rrsets).toHaveLength(count)
    for (const rrset of rrsets) {
      const what = `${nameToText(rrset.owner)} ${typeToText(rrset.type)}`
      expect(rrset.signatures.length, what).toBeGreaterThan(0)
      expect(checkSignatures(rrset, keys, task()), what).toMatchObject({ status: 'secure', proof: { signer: EXAMPLE } })
      for (let at = 0; at < 64; at += 9) {
        // bit 5 of a letter in a name is its case, which does not count (RFC 4034 6.2)
        if ((at & 7) !== 5) expect(checkSignatures(withBitFlipped(rrset, at), keys, task()).status, `${what} ${at}`).toBe('bogus')
        expect(checkSignatures(withSignatureFlipped(rrset, at), keys, task()).status, `${what} ${at}`).toBe('bogus')
      }
      const years = (n: number) => taskAt(noon + n * 365 * 86_400, unlimited, allowed)
      expect(checkSignatures(rrset, keys, years(10)), what).toMatchObject({ reason: { kind: 'signatureExpired' } })
      expect(checkSignatures(rrset, keys, years(-10)), what).toMatchObject({ reason: { kind: 'signatureNotYetValid' } })
    }
  })

  it('without SHA-1 nothing of it can be checked, and it is not secure (RFC 9905 2)', () => {
    const soa = rrsets.find(({ type }) => type === TYPE.SOA) as Rrset
    expect(checkSignatures(soa, keys, taskAt(noon, unlimited))).toMatchObject({ status: 'bogus', reason: { kind: 'signatureUnsupported' } })
  })

  it(`${apex}: the apex of the zone says nothing of its own DS`, () => {
    const proofs = admitProofs(rrsets, keys, task())
    expect(prove({ name: EXAMPLE, type: TYPE.DS, what: 'nodata' }, proofs, task())).toMatchObject({
      status: 'bogus',
      reason: { kind: 'denialWrong' }
    })
    expect(prove({ name: EXAMPLE, type: TYPE.TXT, what: 'nodata' }, proofs, task())).toMatchObject({ proves: 'nodata' })
  })
})
