// TLSA matching against certificates made here: the rules of RFC 6698, 7671 5 and 9 and RFC 7672 3, and what node:crypto
// alone would get wrong. The same kinds of chains are compared with the verdicts of Postfix and OpenSSL in test/interop.
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type MatchResult, matchTlsa, type TlsaRecord, tlsaFromCertificate, tlsaText } from '../../src/dane/index.js'
import { readTlsa } from '../../src/dane/tlsa.js'
import { makeCertificate } from '../world/certificates.js'

const NOW = Date.now()
const DAY = 86_400_000
const HOST = 'mx.example'

const root = makeCertificate({ subject: 'Root', ca: true })
const inter = makeCertificate({ subject: 'Inter', issuer: root, ca: true })
const leaf = makeCertificate({ subject: 'Leaf', issuer: inter, names: [HOST] })
const selfSigned = makeCertificate({ subject: 'Self', names: ['other.example'] })

const match = (chain: { der: Uint8Array }[], records: TlsaRecord[], names: string[] = [HOST], now = NOW): MatchResult =>
  matchTlsa(
    chain.map(({ der }) => der),
    records,
    names,
    now
  )

const tlsa = (of: { der: Uint8Array }, usage: 0 | 1 | 2 | 3, selector: 0 | 1, type: 0 | 1 | 2): TlsaRecord =>
  tlsaFromCertificate(of.der, usage, selector, type, `_25._tcp.${HOST}`)

/** As it comes from the DNS. */
const fromWire = (...rdata: number[]): TlsaRecord =>
  readTlsa({ name: `_25._tcp.${HOST}`, ttl: 60, status: 'secure', rdata: Uint8Array.from(rdata) })

const zeros = (count: number): number[] => Array(count).fill(0)

describe('usage 3, DANE-EE (RFC 7671 5.1)', () => {
  for (const selector of [0, 1] as const) {
    for (const type of [0, 1, 2] as const) {
      it(`3 ${selector} ${type} matches its certificate, and no other`, () => {
        const record = tlsa(selfSigned, 3, selector, type)
        expect(match([selfSigned], [record]).matched).toEqual({ record, depth: 0, how: selector === 0 ? 'certificate' : 'key' })
        expect(match([leaf], [record])).toMatchObject({ code: 'NO_MATCH', considered: [{ result: 'no-match' }] })
        const turned = { ...record, data: record.data.slice() }
        turned.data[turned.data.length - 1] ^= 1
        expect(match([selfSigned], [turned]).matched).toBeUndefined()
      })
    }
  }

  it('names are not checked, and dates are not', () => {
    const expired = makeCertificate({ subject: 'Old', names: ['x.example'], notAfter: new Date(NOW - DAY) })
    expect(match([expired], [tlsa(expired, 3, 1, 1)], []).matched?.depth).toBe(0)
  })

  it('matches the leaf alone: a record of the issuer under usage 3 is none', () => {
    expect(match([leaf, inter, root], [tlsa(inter, 3, 1, 1)]).code).toBe('NO_MATCH')
  })

  it('a key that OpenSSL cannot load still matches, since the SPKI is cut out of the certificate', () => {
    const der = leaf.der.slice()
    // turn the last octet of the OID of the curve: an algorithm nobody knows
    const at = Buffer.from(der).indexOf(Buffer.from('06082a8648ce3d030107', 'hex'))
    der[at + 9] = 0x7f
    expect(() => new X509Certificate(der).publicKey).toThrow()
    expect(match([{ der }], [tlsa({ der }, 3, 1, 1)]).matched?.how).toBe('key')
  })

  it('the key of an RSA, Ed25519 or EC certificate is the whole SPKI', () => {
    for (const keys of [generateKeyPairSync('rsa', { modulusLength: 1024 }), generateKeyPairSync('ed25519')]) {
      const issuer = makeCertificate({ subject: 'CA', ca: true })
      const certificate = makeCertificate({ subject: 'Other key', issuer, keys })
      const spki = keys.publicKey.export({ type: 'spki', format: 'der' })
      expect(Buffer.from(tlsa(certificate, 3, 1, 0).data)).toEqual(spki)
      expect(match([certificate], [tlsa(certificate, 3, 1, 1)]).matched).toBeDefined()
    }
  })
})

describe('usage 2, DANE-TA (RFC 7671 5.2, RFC 7672 3.1.2)', () => {
  for (const [selector, type] of [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2]
  ] as const) {
    it(`2 ${selector} ${type} matches the anchor in the chain`, () => {
      expect(match([leaf, inter, root], [tlsa(root, 2, selector, type)]).matched?.depth).toBe(2)
      expect(match([leaf, inter], [tlsa(inter, 2, selector, type)]).matched?.depth).toBe(1)
    })
  }

  it('2 0 0 brings the anchor that the server does not send', () => {
    expect(match([leaf, inter], [tlsa(root, 2, 0, 0)]).matched).toMatchObject({ depth: 2, how: 'certificate' })
  })

  it('2 1 0 is a key that signed the top of the path, without a certificate', () => {
    expect(match([leaf, inter], [tlsa(root, 2, 1, 0)]).matched).toMatchObject({ depth: 2, how: 'signed-by-key' })
    expect(match([leaf], [tlsa(inter, 2, 1, 0)]).matched).toMatchObject({ depth: 1, how: 'signed-by-key' })
    expect(match([leaf], [tlsa(root, 2, 1, 0)]).code).toBe('NO_MATCH')
  })

  it('a digest of an anchor that is not sent matches nothing', () => {
    expect(match([leaf, inter], [tlsa(root, 2, 0, 1)]).code).toBe('NO_MATCH')
  })

  it('the name is checked: a foreign name under a pinned CA is refused', () => {
    const foreign = makeCertificate({ subject: 'Foreign', issuer: inter, names: ['mx.evil.example'] })
    expect(match([foreign, inter], [tlsa(inter, 2, 1, 1)])).toMatchObject({ code: 'NAME_MISMATCH', considered: [{ result: 'no-match' }] })
  })

  it('any reference name will do; a wildcard is the whole first label', () => {
    const issued = (...names: string[]) => [makeCertificate({ subject: 'L', issuer: inter, names }), inter]
    const ta = [tlsa(inter, 2, 1, 1)]
    expect(match(issued('example.org'), ta, [HOST, 'example.org']).matched).toBeDefined()
    expect(match(issued('*.a.example'), ta, ['mx.a.example']).matched).toBeDefined()
    expect(match(issued('*.a.example'), ta, ['a.mx.a.example']).code).toBe('NAME_MISMATCH')
    expect(match(issued('m*.a.example'), ta, ['mx.a.example']).code).toBe('NAME_MISMATCH')
    expect(match(issued('*.mx.example'), ta).code).toBe('NAME_MISMATCH')
    expect(match(issued('MX.Example'), ta).matched).toBeDefined()
    expect(match(issued('mx.example'), ta, []).code).toBe('NAME_MISMATCH')
  })

  it('the common name counts only without a dNSName (RFC 7672 3.2.3)', () => {
    const ta = [tlsa(inter, 2, 1, 1)]
    expect(match([makeCertificate({ subject: HOST, issuer: inter }), inter], ta).matched).toBeDefined()
    expect(match([makeCertificate({ subject: HOST, issuer: inter, names: ['other.example'] }), inter], ta).code).toBe('NAME_MISMATCH')
  })

  it('the dates of the whole path are checked, by the clock that is given', () => {
    const ta = [tlsa(root, 2, 1, 1)]
    const old = makeCertificate({ subject: 'Old', issuer: inter, names: [HOST], notAfter: new Date(NOW - DAY) })
    const early = makeCertificate({ subject: 'Early', issuer: inter, names: [HOST], notBefore: new Date(NOW + DAY) })
    const oldInter = makeCertificate({ subject: 'Inter', issuer: root, ca: true, keys: inter.keys, notAfter: new Date(NOW - DAY) })
    expect(match([old, inter, root], ta).code).toBe('EXPIRED')
    expect(match([early, inter, root], ta).code).toBe('EXPIRED')
    expect(match([leaf, oldInter, root], ta).code).toBe('EXPIRED')
    expect(match([old, inter, root], ta, [HOST], NOW - 2 * DAY).matched).toBeDefined()
    expect(match([leaf, inter, root], ta, [HOST], NOW + 11 * 365 * DAY).code).toBe('EXPIRED')
  })

  it('the leaf is never its own trust anchor', () => {
    const own = makeCertificate({ subject: HOST, ca: true, names: [HOST] })
    for (const [selector, type] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1]
    ] as const) {
      expect(match([own], [tlsa(own, 2, selector, type)]).code, `2 ${selector} ${type}`).toBe('NO_MATCH')
      expect(match([own, own], [tlsa(own, 2, selector, type)]).code, `2 ${selector} ${type}, sent twice`).toBe('NO_MATCH')
    }
  })

  it('an anchor that merely is in the chain signs nothing', () => {
    const evilRoot = makeCertificate({ subject: 'Evil', ca: true })
    const evil = makeCertificate({ subject: 'E', issuer: evilRoot, names: [HOST] })
    expect(match([evil, evilRoot, root], [tlsa(root, 2, 1, 1)]).code).toBe('NO_MATCH')
    // the name of the anchor is copied, its key is not
    const imitation = makeCertificate({ subject: 'Root', ca: true })
    const imitated = makeCertificate({ subject: 'E', issuer: imitation, names: [HOST] })
    expect(match([imitated, root], [tlsa(root, 2, 0, 1)]).code).toBe('NO_MATCH')
  })

  it('the order on the wire does not matter, and strangers between do not either', () => {
    const ta = [tlsa(root, 2, 1, 1)]
    expect(match([leaf, root, inter], ta).matched?.depth).toBe(2)
    expect(match([leaf, selfSigned, root, selfSigned, inter], ta).matched?.depth).toBe(2)
  })

  it('an issuer that is no CA is refused', () => {
    const noCa = makeCertificate({ subject: 'NoCa', issuer: root })
    const below = makeCertificate({ subject: 'L', issuer: noCa, names: [HOST] })
    expect(new X509Certificate(below.der).checkIssued(new X509Certificate(noCa.der))).toBe(true)
    expect(match([below, noCa, root], [tlsa(root, 2, 1, 1)]).code).toBe('INVALID_CA')
    expect(match([below, noCa], [tlsa(noCa, 2, 1, 1)]).code).toBe('INVALID_CA')
  })

  it('an issuer without keyCertSign is refused', () => {
    const noSign = makeCertificate({ subject: 'NoSign', issuer: root, ca: true, keyUsage: 0x02 })
    const below = makeCertificate({ subject: 'L', issuer: noSign, names: [HOST] })
    expect(match([below, noSign], [tlsa(noSign, 2, 1, 1)]).matched).toBeUndefined()
  })

  it('the path length of a CA is kept', () => {
    const short = makeCertificate({ subject: 'Short', ca: 0 })
    const under = makeCertificate({ subject: 'Under', issuer: short, ca: true })
    const below = makeCertificate({ subject: 'L', issuer: under, names: [HOST] })
    expect(match([below, under, short], [tlsa(short, 2, 1, 1)]).code).toBe('INVALID_CA')
    expect(match([below, under, short], [tlsa(under, 2, 1, 1)]).matched?.depth).toBe(1)
    expect(match([makeCertificate({ subject: 'L', issuer: short, names: [HOST] }), short], [tlsa(short, 2, 1, 1)]).matched).toBeDefined()
  })

  it('constraints that are not enforced make a path fail: name constraints, and critical extensions nobody knows', () => {
    const permitted = Buffer.from('3010a00e300c820a6576696c2e6578616d70', 'hex')
    for (const [oid, critical, refused] of [
      ['551d1e', true, true],
      ['551d1e', false, true],
      ['2a0304', true, true],
      ['2a0304', false, false]
    ] as const) {
      const ca = makeCertificate({ subject: 'Bound', ca: true, extensions: [{ oid, critical, value: permitted }] })
      const below = makeCertificate({ subject: 'L', issuer: ca, names: [HOST] })
      expect(match([below, ca], [tlsa(ca, 2, 1, 1)]).code, `${oid} ${critical}`).toBe(refused ? 'INVALID_CA' : undefined)
    }
  })

  it('a certificate for clients is none for a server', () => {
    const client = makeCertificate({ subject: 'C', issuer: inter, names: [HOST], extendedKeyUsage: ['2b06010505070302'] })
    const server = makeCertificate({ subject: 'S', issuer: inter, names: [HOST], extendedKeyUsage: ['2b06010505070301'] })
    expect(match([client, inter], [tlsa(inter, 2, 1, 1)]).code).toBe('INVALID_CA')
    expect(match([server, inter], [tlsa(inter, 2, 1, 1)]).matched).toBeDefined()
  })

  it('of two paths a good one is found beside a bad one', () => {
    const badInter = makeCertificate({ subject: 'Inter', issuer: root, keys: inter.keys })
    expect(match([leaf, badInter, inter, root], [tlsa(root, 2, 1, 1)]).matched?.depth).toBe(2)
  })

  it('a hostile chain of cross-signing certificates costs a bounded number of checks', () => {
    const keys = root.keys
    const crowd = Array.from({ length: 20 }, () => makeCertificate({ subject: 'Ring', ca: true, keys }))
    const end = makeCertificate({ subject: 'L', issuer: crowd[0], names: [HOST] })
    const started = performance.now()
    expect(match([end, ...crowd], [tlsa(selfSigned, 2, 1, 1)]).code).toBe('NO_MATCH')
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('usages 0 and 1', () => {
  it('are unusable for SMTP (RFC 7672 3.1.3), whatever they match', () => {
    expect(match([leaf, inter], [tlsa(leaf, 1, 1, 1), tlsa(inter, 0, 1, 1)])).toMatchObject({
      code: 'TLSA_UNUSABLE',
      considered: [{ result: 'unusable' }, { result: 'unusable' }]
    })
  })

  it('match for other protocols when PKIX holds, too', () => {
    const chain = [leaf, inter].map(({ der }) => der)
    const pkix = { pkixValid: true }
    expect(matchTlsa(chain, [tlsa(leaf, 1, 1, 1)], [HOST], NOW, pkix).matched?.depth).toBe(0)
    expect(matchTlsa(chain, [tlsa(inter, 0, 1, 1)], [HOST], NOW, pkix).matched?.depth).toBe(1)
    expect(matchTlsa(chain, [tlsa(root, 1, 1, 1)], [HOST], NOW, pkix).code).toBe('NO_MATCH')
  })
})

describe('records that cannot be used (RFC 7671 4, RFC 7672 2.2)', () => {
  const cases: [string, TlsaRecord, string][] = [
    ['an unknown usage', fromWire(4, 1, 1, ...zeros(32)), 'usage'],
    ['usage 255', fromWire(255, 1, 1, ...zeros(32)), 'usage'],
    ['an unknown selector', fromWire(3, 2, 1, ...zeros(32)), 'selector'],
    ['an unknown matching type', fromWire(3, 1, 9, ...zeros(32)), 'matching-type'],
    ['a SHA-256 that is too short', fromWire(3, 1, 1, ...zeros(31)), 'length'],
    ['a SHA-512 of the length of a SHA-256', fromWire(3, 1, 2, ...zeros(32)), 'length'],
    ['whole data that is no certificate', fromWire(3, 0, 0, 1, 2), 'malformed'],
    ['whole data that is no key', fromWire(2, 1, 0, 0x30, 0x00), 'malformed'],
    ['a certificate cut short', fromWire(2, 0, 0, ...root.der.subarray(0, 100)), 'malformed'],
    ['no data', fromWire(3, 1, 1), 'length'],
    ['rdata of two octets', fromWire(3, 1), 'malformed']
  ]
  for (const [name, record, why] of cases) {
    it(`${name} is ${why}`, () => {
      expect(record.unusable).toBe(why)
      expect(match([leaf], [record])).toMatchObject({ code: 'TLSA_UNUSABLE', considered: [{ result: 'unusable' }] })
    })
  }

  it('do not stand in the way of one that can', () => {
    const good = tlsa(leaf, 3, 1, 1)
    const result = match([leaf], [cases[3][1], good])
    expect(result.matched?.record).toBe(good)
    expect(result.considered.map((one) => one.result)).toEqual(['unusable', 'match'])
    expect(match([selfSigned], [cases[3][1], good]).code).toBe('NO_MATCH')
  })
})

describe('digest agility (RFC 7671 9)', () => {
  it('a weaker digest is not looked at beside a stronger one for the same usage and selector', () => {
    const weak = tlsa(leaf, 3, 1, 1)
    const strong = tlsa(selfSigned, 3, 1, 2)
    const result = match([leaf], [weak, strong])
    expect(result).toMatchObject({ code: 'NO_MATCH', considered: [{ result: 'skipped-agility' }, { result: 'no-match' }] })
  })

  it('whole data counts whatever digests there are, and so does another selector or usage', () => {
    const strong = tlsa(selfSigned, 3, 1, 2)
    expect(match([leaf], [tlsa(leaf, 3, 1, 0), strong]).matched).toBeDefined()
    expect(match([leaf], [tlsa(leaf, 3, 0, 1), strong]).matched).toBeDefined()
    expect(match([leaf, inter], [tlsa(inter, 2, 1, 1), strong]).matched).toBeDefined()
  })

  it('an unusable stronger digest hides nothing', () => {
    expect(match([leaf], [tlsa(leaf, 3, 1, 1), fromWire(3, 1, 2, ...zeros(32))]).matched).toBeDefined()
  })
})

describe('chains', () => {
  it('that are empty or cannot be read are no certificate', () => {
    expect(match([], [tlsa(leaf, 3, 1, 1)]).code).toBe('NO_CERTIFICATE')
    expect(match([{ der: Uint8Array.of(1, 2, 3) }], [tlsa(leaf, 3, 1, 1)]).code).toBe('NO_CERTIFICATE')
  })

  it('a stranger that cannot be read behind the leaf spoils nothing', () => {
    expect(match([leaf, { der: Uint8Array.of(0x30, 0x80) }, inter], [tlsa(inter, 2, 1, 1)]).matched).toBeDefined()
  })

  it('without records nothing can be used', () => {
    expect(match([leaf], []).code).toBe('TLSA_UNUSABLE')
  })

  it('every prefix and every turned octet of a certificate is read or refused, and never throws', () => {
    const record = [tlsa(inter, 2, 1, 1)]
    for (let end = 0; end < leaf.der.length; end += 7) match([{ der: leaf.der.subarray(0, end) }, inter], record)
    for (let at = 0; at < leaf.der.length; at++) {
      const der = leaf.der.slice()
      der[at] ^= 0x41
      const { matched } = match([{ der }, inter], record)
      // nothing but the signed octets can be changed without the signature failing; what is changed and still matches is a bug
      expect(matched, `octet ${at}`).toBeUndefined()
    }
  })
})

describe('roll-over', () => {
  it('either of two records will do, before and after (RFC 7671 8.1)', () => {
    const records = [tlsa(leaf, 3, 1, 1), tlsa(selfSigned, 3, 1, 1)]
    expect(match([leaf, inter], records).matched?.record).toBe(records[0])
    expect(match([selfSigned], records).matched?.record).toBe(records[1])
  })
})

describe('tlsaFromCertificate', () => {
  it('makes what openssl and node:crypto say', () => {
    const record = tlsa(leaf, 3, 0, 1)
    expect(tlsaText(record)).toBe(`3 0 1 ${new X509Certificate(leaf.der).fingerprint256.replaceAll(':', '')}`)
  })

  it('refuses what is no certificate', () => {
    expect(() => tlsaFromCertificate(Uint8Array.of(1), 3, 1, 1)).toThrow(TypeError)
    expect(() => tlsaFromCertificate(leaf.der, 3, 1, 7 as 1)).toThrow(RangeError)
  })
})
