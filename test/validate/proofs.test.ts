// Which NSEC and NSEC3 records are let through to prove anything (RFC 4035 5.4, RFC 5155 8.1, 8.2).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admitProofs, fromBase32Hex, isDenial, recallProofs } from '../../src/validate/proofs.js'
import type { Rrset } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { toBase32Hex } from '../world/hash3.js'
import { flipBit, type SignatureFaults } from '../world/signer.js'
import { taskAt } from './judging.js'
import { NOON, signed, trusting, ZONE } from './signing.js'

const HASH = '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'
const NEXT = '2t7b4g4vsa5smi47k61mv5bv1a22bojr'
const admit = (...rrsets: Rrset[]) => admitProofs(rrsets, trusting(), taskAt(NOON))
const nsec = (line = 'a.test. 600 NSEC c.test. A RRSIG NSEC', faults?: SignatureFaults) => signed([line], faults)
const nsec3 = (rest = `1 0 0 - ${NEXT} A RRSIG`, owner = `${HASH}.test.`) => signed([`${owner} 600 NSEC3 ${rest}`])

describe('NSEC', () => {
  it('signed by the zone it may prove something, for as long as its signature allows', () => {
    const proofs = admit(nsec(undefined, { ttl: 300, originalTtl: 600 }))
    expect(proofs.nsec).toHaveLength(1)
    expect(proofs.nsec[0]).toMatchObject({ owner: nameFromText('a.test'), next: nameFromText('c.test') })
    expect(proofs).toMatchObject({ zone: ZONE, ttl: 300, chains: [] })
    expect(proofs.rrsets).toHaveLength(1)
    expect(proofs.refused).toBeUndefined()
  })

  it.each([
    { what: 'not signed', rrset: { ...nsec(), signatures: [] }, kind: 'signatureMissing' },
    { what: 'signed wrongly', rrset: nsec(undefined, { corrupt: flipBit }), kind: 'signatureWrong' },
    {
      what: 'with another bitmap than was signed',
      rrset: { ...nsec(), rdatas: nsec('a.test. NSEC c.test. NSEC').rdatas },
      kind: 'signatureWrong'
    },
    { what: 'at another owner than was signed', rrset: { ...nsec(), owner: nameFromText('b.test') }, kind: 'signatureWrong' },
    { what: 'signed by another zone', rrset: nsec(undefined, { signer: nameFromText('evil') }), kind: 'signerWrong' },
    // CVE-2017-15105, RFC 4592 4.6
    { what: 'made from a wildcard', rrset: { ...nsec('*.test. NSEC c.test. A'), owner: nameFromText('b.test') }, kind: 'proofExpanded' }
  ])('$what it proves nothing, and the reason is kept', ({ rrset, kind }) => {
    const proofs = admit(rrset)
    expect(proofs).toMatchObject({ nsec: [], chains: [], rrsets: [], refused: { status: 'bogus', reason: { kind } } })
    // and it hides none that is good
    expect(admit(rrset, nsec('m.test. NSEC test. A')).nsec).toHaveLength(1)
  })

  it('with a next name outside the zone it is passed over (RFC 4034 4.1.1)', () => {
    expect(admit(nsec('a.test. NSEC zzz. A')).nsec).toEqual([])
    expect(admit(nsec('a.test. NSEC test. A')).nsec).toHaveLength(1)
  })

  it('that cannot be read it is passed over (RFC 4034 4.1.2)', () => {
    const rrset = signed(['a.test. NSEC \\# 10 01 63 04 74 65 73 74 00 00 00'])
    expect(admit(rrset).nsec).toEqual([])
  })
})

describe('NSEC3', () => {
  it('is read with its parameters and flags', () => {
    const { chains } = admit(nsec3(`1 1 12 aabbccdd ${NEXT} A RRSIG`))
    expect(chains).toHaveLength(1)
    expect(chains[0]).toMatchObject({ zone: ZONE, iterations: 12, salt: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd) })
    expect(chains[0].records).toHaveLength(1)
    expect(chains[0].records[0]).toMatchObject({ optOut: true })
    expect(toBase32Hex(chains[0].records[0].hash)).toBe(HASH)
    expect(toBase32Hex(chains[0].records[0].next)).toBe(NEXT)
  })

  it.each([
    { what: 'of an unknown hash (RFC 5155 8.1)', rrset: nsec3(`2 0 0 - ${NEXT} A`) },
    { what: 'with an unknown flag (RFC 5155 8.2)', rrset: nsec3(`1 2 0 - ${NEXT} A`) },
    { what: 'with an unknown flag beside Opt-Out', rrset: nsec3(`1 3 0 - ${NEXT} A`) },
    { what: 'two labels below the zone (RFC 5155 3)', rrset: nsec3(undefined, `${HASH}.sub.test.`) },
    { what: 'whose owner is too short for a hash', rrset: nsec3(undefined, 'abc.test.') },
    { what: 'whose owner is no base 32', rrset: nsec3(undefined, `${'z'.repeat(32)}.test.`) },
    { what: 'whose next hash is too short', rrset: nsec3('1 0 0 - 2t7b4g4v A') }
  ])('$what is passed over', ({ rrset }) => {
    expect(admit(rrset)).toMatchObject({ chains: [], nsec: [] })
  })

  it('records of other parameters are a chain of their own (RFC 5155 8.2)', () => {
    const { chains } = admit(
      nsec3(),
      nsec3(`1 0 0 - ${HASH} A`, `${NEXT}.test.`),
      nsec3(`1 0 0 aa ${NEXT} A`, `${'1'.repeat(32)}.test.`),
      nsec3(`1 0 1 - ${NEXT} A`, `${'2'.repeat(32)}.test.`)
    )
    expect(chains.map(({ records }) => records.length)).toEqual([2, 1, 1])
  })

  it('of a zone above or below are not of this one (CVE-2026-123580)', () => {
    expect(admit(nsec3(undefined, `${HASH}.other.`)).chains).toEqual([])
  })
})

describe('what was let through before', () => {
  it('is recalled with what was hashed already, and with no signature to show', () => {
    const hashes = new Map([['x', new Uint8Array(20)]])
    const proofs = recallProofs([nsec(), nsec3()], ZONE, hashes)
    expect(proofs.nsec).toHaveLength(1)
    expect(proofs.chains[0].hashes).toBe(hashes)
    expect(proofs.ttl).toBe(0)
  })

  it('other types are no denials', () => {
    expect([nsec(), nsec3(), signed(['a.test. A 192.0.2.1'])].map(isDenial)).toEqual([true, true, false])
    expect(admit(signed(['a.test. A 192.0.2.1']))).toMatchObject({ nsec: [], chains: [], rrsets: [] })
  })
})

describe('base 32 with the extended hex alphabet (RFC 4648 7)', () => {
  it('any hash is read again, in any letter case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (hash) => {
        const text = toBase32Hex(hash)
        expect(fromBase32Hex(Buffer.from(text))).toEqual(hash)
        expect(fromBase32Hex(Buffer.from(text.toUpperCase()))).toEqual(hash)
      })
    )
  })

  it('other octets are refused', () => {
    for (const text of ['w', 'z', 'W', '-', '\0', '=', '@', '`', '/', ':', '\u00ff'])
      expect(fromBase32Hex(Buffer.from(`${text}${'0'.repeat(31)}`, 'latin1')), text).toBeUndefined()
  })
})
