// What people bring: IANA's document with its real signature, signatures by others, and how an import joins a kept state.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AnchorSignatureError } from '../../src/anchors/cms.js'
import { importAnchors, mergeImport } from '../../src/anchors/import.js'
import { AnchorTextError } from '../../src/anchors/parse.js'
import { observe, startPoint } from '../../src/anchors/rfc5011.js'
import { SHIPPED_ROOT_ANCHORS, toDsLine } from '../../src/anchors/root.js'
import { readState, writeState } from '../../src/anchors/state.js'
import { nobleBackend } from '../../src/crypto/noble.js'
import { Name } from '../../src/wire/name.js'
import type { Dnskey } from '../../src/wire/rdata/dnskey.js'
import { DAY, key, revokedForm, START, Watched } from './fixtures.js'

// root-anchors.xml and root-anchors.p7s as IANA published them in 2024 (from Debian's dns-root-data); signed under ICANN's root
// CA by a certificate that was valid until 2026-07-07.
const xml = readFileSync(new URL('iana/root-anchors.xml', import.meta.url))
const p7s = readFileSync(new URL('iana/root-anchors.p7s', import.meta.url))
const now = Date.UTC(2025, 0, 8)
const lines = `${SHIPPED_ROOT_ANCHORS.map(toDsLine).join('\n')}\n`

describe("IANA's document", () => {
  it('with its real signature gives the two root keys and who signed', () => {
    const { text, signedBy } = importAnchors(xml, { now, signature: p7s })
    expect(text).toBe(lines)
    expect(signedBy).toContain('dnssec@iana.org')
  })

  it('without a signature gives them too, and says of nobody that he signed', () => {
    expect(importAnchors(xml, { now })).toEqual({ text: lines })
  })

  it.each([
    ['after the certificate of the signer expired', Date.UTC(2026, 6, 8), /expired on/],
    ['before it was valid', Date.UTC(2021, 6, 1), /valid from/]
  ])('is refused %s', (_, at, why) => {
    expect(() => importAnchors(xml, { now: at, signature: p7s })).toThrow(why)
  })

  it('is refused when a single octet of it is another', () => {
    for (let at = 0; at < xml.length; at += 31) {
      const other = Uint8Array.from(xml)
      other[at] ^= 1
      expect(() => importAnchors(other, { now, signature: p7s })).toThrow(/refused|no such document/)
    }
  })

  it('is refused or unchanged when any octet of the signature is another, and nothing else is ever thrown', () => {
    let refused = 0
    for (let at = 0; at < p7s.length; at++) {
      const other = Uint8Array.from(p7s)
      other[at] ^= 1 << (at % 8)
      try {
        expect(importAnchors(xml, { now, signature: other }).text).toBe(lines)
      } catch (error) {
        expect(error).toBeInstanceOf(AnchorSignatureError)
        refused++
      }
    }
    // What may change is a copy of ICANN's own certificate in it, which is not used, and version numbers.
    expect(refused).toBeGreaterThan(p7s.length / 2)
  })

  it('is refused with a signature that is cut off, empty or something else', () => {
    for (const other of [p7s.subarray(0, 100), new Uint8Array(), xml, Uint8Array.of(0x30, 0x80, 0, 0)]) {
      expect(() => importAnchors(xml, { now, signature: other })).toThrow(AnchorSignatureError)
    }
  })

  it('is refused when no trusted authority issued the certificate', () => {
    expect(() => importAnchors(xml, { now, signature: p7s, authorities: [] })).toThrow(/no trusted authority/)
  })
})

it('a file that holds no trust anchor, or lines with a signature that cannot be over them, is refused', () => {
  const octets = (text: string) => new TextEncoder().encode(text)
  expect(() => importAnchors(octets('hello'), { now })).toThrow(AnchorTextError)
  expect(() => importAnchors(octets(lines), { now, signature: p7s })).toThrow(AnchorTextError)
  expect(importAnchors(octets(lines), { now })).toEqual({ text: lines })
})

describe.skipIf(spawnSync('openssl', ['version']).status !== 0)('signatures that OpenSSL makes (openssl)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'anchors-cms-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  writeFileSync(join(folder, 'doc.xml'), xml)

  function authority(name: string, algorithm: string): void {
    openssl(
      'req',
      '-x509',
      '-newkey',
      ...algorithm.split(' '),
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-days',
      '30',
      '-subj',
      `/CN=${name}`
    )
  }
  function issue(name: string, by: string, algorithm: string, subject: string, extension = 'basicConstraints=CA:FALSE'): void {
    openssl('req', '-newkey', ...algorithm.split(' '), '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject)
    writeFileSync(join(folder, 'ext'), extension)
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${by}.pem`,
      '-CAkey',
      `${by}.key`,
      '-CAcreateserial',
      '-days',
      '20',
      '-out',
      `${name}.pem`,
      '-extfile',
      'ext'
    )
  }
  const sign = (by: string, ...more: string[]) =>
    openssl('cms', '-sign', '-binary', '-in', 'doc.xml', '-signer', `${by}.pem`, '-inkey', `${by}.key`, '-outform', 'DER', ...more)
  const pem = (name: string) => readFileSync(join(folder, `${name}.pem`), 'utf8')
  const bring = (signature: Uint8Array, ...authorities: string[]) =>
    importAnchors(xml, { now: Date.now() + 3_600_000, signature, authorities: authorities.map(pem) })
  const IANA = '/CN=IANA/emailAddress=dnssec@iana.org'

  it.each([
    ['rsa:2048', 'sha256'],
    ['rsa:2048', 'sha512'],
    ['ec -pkeyopt ec_paramgen_curve:P-256', 'sha256'],
    ['ec -pkeyopt ec_paramgen_curve:P-384', 'sha384']
  ])('hold with %s and %s, with and without signed attributes, directly and through a certificate between', (algorithm, hash) => {
    authority('ca', algorithm)
    issue('signer', 'ca', algorithm, IANA)
    issue('between', 'ca', algorithm, '/CN=between', 'basicConstraints=critical,CA:TRUE')
    issue('below', 'between', algorithm, IANA)
    expect(bring(sign('signer', '-md', hash), 'ca').text).toBe(lines)
    expect(bring(sign('signer', '-md', hash, '-noattr'), 'ca').text).toBe(lines)
    expect(bring(sign('below', '-md', hash, '-certfile', 'between.pem'), 'ca').text).toBe(lines)
    expect(() => bring(sign('below', '-md', hash), 'ca')).toThrow(/no trusted authority/)
  })

  it('are refused by another authority, another signer, by a certificate that may not issue, with SHA-1, with a content inside', () => {
    for (const name of ['mine', 'other']) authority(name, 'rsa:2048')
    issue('good', 'mine', 'rsa:2048', IANA)
    issue('named', 'mine', 'rsa:2048', '/CN=Mallory/emailAddress=mallory@example.org')
    issue('leaf', 'good', 'rsa:2048', IANA) // issued by one that is no authority
    expect(bring(sign('good'), 'mine').text).toBe(lines)
    expect(() => bring(sign('good'), 'other')).toThrow(/no trusted authority/)
    expect(() => bring(sign('named'), 'mine')).toThrow(/signer is not dnssec@iana.org/)
    expect(() => bring(sign('leaf', '-certfile', 'good.pem'), 'mine')).toThrow(/no trusted authority/)
    expect(() => bring(sign('good', '-md', 'sha1'), 'mine')).toThrow(/digest algorithm/)
    expect(() => bring(sign('good', '-nodetach'), 'mine')).toThrow(/not detached/)
    expect(() => bring(sign('good', '-keyid'), 'mine')).toThrow(AnchorSignatureError)
    expect(() => bring(sign('good', '-nocerts'), 'mine')).toThrow(/certificate is not in it/)
  })
})

describe('an import that joins a kept state', () => {
  const [k1, k2, k3] = [key(1), key(2), key(3)]
  const dsText = (one: Dnskey) => {
    const digest = Buffer.from(nobleBackend.digest(2, Uint8Array.from([0, ...one.rdata])) as Uint8Array).toString('hex')
    return `. IN DS ${one.keyTag} ${one.algorithm} 2 ${digest}\n`
  }
  const watched = () => new Watched([k1]).sees(0, { keys: [k1, k2], by: [k1] })
  const later = START + DAY
  const merge = (kept: Watched, text: string) => readState(mergeImport(writeState([kept.point]), text, later), later)[0]
  const summary = (point: ReturnType<typeof merge>) =>
    [...point.ds.map(({ keyTag }) => `${keyTag} DS`), ...point.keys.map(({ key: one, state }) => `${one.keyTag} ${state}`)].sort()

  it('is the whole state when there was none', () => {
    expect(readState(mergeImport(undefined, dsText(k1), later), later)).toEqual([
      startPoint(Name.root, { ds: readState(dsText(k1), 0)[0].ds }, later)
    ])
  })

  it('puts a brought DS in the place of the key that waits for it; the next signed set makes it VALID', () => {
    const joined = merge(watched(), dsText(k2))
    expect(summary(joined)).toEqual([`${k1.keyTag} VALID`, `${k2.keyTag} DS`].sort())
    const seen = { keys: [k1, k2], signedBy: [k2], dsMatches: [k2], originalTtl: 3600, expirations: [later / 1000 + 86_400] }
    const { point } = observe(joined, seen, { now: later, random: () => 0, supports: () => true })
    expect(summary(point)).toEqual([`${k1.keyTag} VALID`, `${k2.keyTag} VALID`].sort())
  })

  it('changes nothing for a key that is known and trusted, and never brings a revoked one back', () => {
    expect(summary(merge(watched(), dsText(k1)))).toEqual([`${k1.keyTag} VALID`, `${k2.keyTag} ADDPEND`].sort())
    const gone = revokedForm(k1)
    const revoked = new Watched([k1, k3]).sees(0, { keys: [gone, k3], by: [gone, k3] })
    expect(summary(merge(revoked, dsText(k1)))).toEqual([`${gone.keyTag} REVOKED`, `${k3.keyTag} VALID`].sort())
  })

  it('wakes a trust point that was deleted, with a key that is new to it and with no other', () => {
    const gone = revokedForm(k1)
    const deleted = new Watched([k1]).sees(0, { keys: [gone], by: [gone] })
    expect(deleted.point.deletedAt).toBe(START)
    expect(merge(deleted, dsText(k1)).deletedAt).toBe(START)
    const awake = merge(deleted, dsText(k3))
    expect([awake.deletedAt, summary(awake)]).toEqual([undefined, [`${gone.keyTag} REVOKED`, `${k3.keyTag} DS`].sort()])
  })

  it('leaves other trust points as they are', () => {
    const island = writeState([{ ...watched().point, zone: Name.root.child(Uint8Array.of(0x78)) }])
    expect(readState(mergeImport(island, dsText(k1), later), later)).toHaveLength(2)
  })
})
