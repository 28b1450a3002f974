// Edge cases: signatures, keys and DS records that are forged, odd, too many or not supported.
// The number is that of the case in our list; behind it the RFC section or the CVE that it comes from.

import { describe } from 'vitest'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { decoyOf, dsRdata, redress, type ZoneKey, zoneKey } from '../world/keys.js'
import type { SignatureFaults } from '../world/signer.js'
import { makeZone } from '../world/zone.js'
import { BOGUS, because, type Case, only, runCases, SECURE, TEXT, test, unsigned } from './edge-cases.js'
import { renamed, setOf, signedBy } from './forging.js'
import { keyOf, NOON } from './small-world.js'

const signedSo = (fault: SignatureFaults | 'omit'): Pick<Case, 'zones' | 'ask'> => ({
  zones: { test: { text: TEXT, faults: { sign: only('a.test', TYPE.A, fault) } } },
  ask: ['a.test', 'A']
})
const withKeys = (...keys: readonly ZoneKey[]): Pick<Case, 'zones' | 'ask'> => ({
  zones: { test: { text: TEXT, keys } },
  ask: ['a.test', 'A']
})
const withDs = (...ds: readonly Uint8Array[]): Pick<Case, 'zones' | 'ask'> => ({
  zones: { test: { text: TEXT, ds } },
  ask: ['a.test', 'A']
})
const TEST = nameFromText('test')
const KEY = keyOf('test')
const OTHER = zoneKey('test', 13, { serial: 2 })
const RSA = zoneKey('test', 8)
const wrong = { digest: new Uint8Array(32).fill(0xdd) }

const SIGNATURES: Readonly<Record<string, Case>> = {
  '1 the RRset of another owner (RFC 4035 5.3.1)': {
    forge: [['m.test', 'A', (z) => ({ answer: renamed(setOf(z('test'), 'a.test', 'A'), 'm.test') })]],
    ...{ ask: ['m.test', 'A'], expected: because('signatureWrong') }
  },
  "2, 136 the parent's key over the child's data (RFC 4035 5.3.1)": {
    zones: { ...test, 'sub.test': {} },
    forge: [['a.sub.test', 'A', (z) => ({ answer: signedBy(z('test'), unsigned('a.sub.test')) }), 'sub.test']],
    ...{ ask: ['a.sub.test', 'A'], expected: because('signerWrong') }
  },
  '3 a signer that is no ancestor (RFC 4035 5.3.1)': {
    zones: { ...test, other: {} },
    forge: [['a.test', 'A', (z) => ({ answer: signedBy(z('other'), unsigned('a.test')) })]],
    ...{ ask: ['a.test', 'A'], expected: because('signerWrong') }
  },
  '4 another type covered (RFC 4035 5.3.1)': { ...signedSo({ typeCovered: TYPE.TXT }), expected: because('signatureMissing') },
  '5 more labels than the owner has (RFC 4035 5.3.1)': { ...signedSo({ labels: 3 }), expected: because('labelsWrong') },
  '6 fewer labels than the signer has (CVE-2026-44690, CVE-2026-52688)': { ...signedSo({ labels: 0 }), expected: because('labelsWrong') },
  '7 now is the inception and the expiration (RFC 4035 5.3.1)': { ...signedSo({ inception: NOON, expiration: NOON }), expected: SECURE },
  '7 one second too early (RFC 4035 5.3.1)': { ...signedSo({ inception: NOON + 1 }), expected: because('signatureNotYetValid') },
  '7 one second too late (RFC 4035 5.3.1)': { ...signedSo({ expiration: NOON - 1 }), expected: because('signatureExpired') },
  '9 expiration before inception (RFC 4034 3.1.5)': {
    ...signedSo({ inception: NOON + 10, expiration: NOON - 10 }),
    expected: { ...BOGUS, reason: { kind: 'signatureExpiredBeforeValid', code: 25 } }
  },
  '10 two keys of one tag (RFC 4034 B)': {
    zones: { test: { text: TEXT, keys: [KEY], published: [decoyOf(KEY), KEY] } },
    ...{ ask: ['a.test', 'A'], expected: SECURE }
  },
  '10 many keys of one tag cost no more than the limit (CVE-2023-50387)': {
    zones: { test: { text: TEXT, keys: [KEY], published: [0, 1, 2, 3, 4, 5].map((n) => decoyOf(KEY, n)).concat(KEY) } },
    ...{ ask: ['a.test', 'A'], expected: BOGUS }
  },
  '11, 28 RSAMD5 is unsupported (RFC 8624 3.1)': {
    ...withDs(dsRdata(TEST, KEY, 2, { algorithm: 1 })),
    expected: { status: 'insecure', reason: { code: 1 } }
  },
  '12 no Zone Key bit (RFC 4034 2.1.1)': {
    ...withKeys(redress(KEY, { flags: 1 })),
    expected: { ...BOGUS, reason: { kind: 'zoneKeyBitClear', code: 11 } }
  },
  '13 protocol is not 3 (RFC 4034 2.1.2)': { ...withKeys(redress(KEY, { protocol: 4 })), expected: because('keyProtocolWrong') },
  '14 no SEP flag (RFC 4034 2.1.1)': { ...withKeys(redress(KEY, { flags: 256 })), expected: SECURE },
  '15 a revoked key (RFC 5011 2.1)': { ...withKeys(redress(KEY, { flags: 0x0181 })), expected: because('keyRevoked') },
  '16 a DNSKEY below the apex (RFC 4035 5.3.1)': {
    forge: [
      [
        'a.test',
        'A',
        () => {
          const made = makeZone({
            ...{ origin: 'a.test', text: '@ SOA ns hostmaster 1 1 1 1 1\n@ A 203.0.113.66', keys: [keyOf('a.test')] },
            ...{ inception: NOON - 86_400, expiration: NOON + 86_400 }
          })
          return { answer: setOf(made, 'a.test', 'A') }
        }
      ]
    ],
    ...{ ask: ['a.test', 'A'], expected: BOGUS }
  },
  '17, 18 the key that the DS names did not sign the set (RFC 4035 5.2)': {
    zones: { test: { text: TEXT, keys: [KEY, OTHER], faults: { sign: only('test', TYPE.DNSKEY, 'omit', KEY) } } },
    ...{ ask: ['a.test', 'A'], expected: because('dnskeyNotSigned') }
  },
  '19, 33 names in other cases (RFC 4034 6.2)': { ask: ['A.tEsT', 'A'], expected: SECURE },
  '20 SHA-1 beside a SHA-256 that fails (RFC 4509 3)': {
    ...withDs(dsRdata(TEST, KEY, 1), dsRdata(TEST, KEY, 2, wrong)),
    expected: because('dsNoMatch')
  },
  '21 digests unknown (RFC 6840 5.2)': { ...withDs(dsRdata(TEST, KEY, 100)), expected: { status: 'insecure', reason: { code: 2 } } },
  '22 algorithms unknown (RFC 4035 5.2)': {
    ...withDs(dsRdata(TEST, KEY, 2, { algorithm: 100 })),
    expected: { status: 'insecure', reason: { code: 1 } }
  },
  '23 an unknown DS beside one that fails (RFC 4035 5.2)': {
    ...withDs(dsRdata(TEST, KEY, 2, { algorithm: 100 }), dsRdata(TEST, KEY, 2, wrong)),
    expected: because('dsNoMatch')
  },
  '24 the DS has another algorithm than its key (RFC 4034 5.2)': {
    ...withDs(dsRdata(TEST, KEY, 2, { algorithm: 8 })),
    expected: because('dsNoMatch')
  },
  '25 of two algorithms one signs (RFC 6840 5.11)': {
    zones: { test: { text: TEXT, keys: [KEY], published: [KEY, RSA], ds: [dsRdata(TEST, RSA), dsRdata(TEST, KEY)] } },
    ...{ ask: ['a.test', 'A'], expected: SECURE }
  },
  '26 one good signature among bad ones (RFC 4035 5.3.3)': {
    zones: {
      test: { text: TEXT, keys: [KEY, OTHER, RSA], faults: { sign: (_, by) => (by === KEY ? undefined : { keyTag: KEY.keyTag }) } }
    },
    ...{ ask: ['a.test', 'A'], expected: SECURE }
  },
  '29 an ECDSA signature cut short (RFC 6605 4)': { ...signedSo({ corrupt: (octets) => octets.slice(1) }), expected: BOGUS },
  '29 an ECDSA key cut short (RFC 6605 4)': { ...withKeys(redress(KEY, { publicKey: KEY.publicKey.slice(1) })), expected: BOGUS },
  '30 an RSA exponent behind a length of three octets (RFC 3110 2)': {
    ...withKeys(redress(RSA, { publicKey: Uint8Array.of(0, 0, ...RSA.publicKey) })),
    expected: SECURE
  },
  '32 RRSIGs are signed by nothing (RFC 4035 2.2)': {
    ask: ['a.test', 'RRSIG'],
    expected: { status: 'indeterminate', reason: { kind: 'signaturesUnsigned' } }
  },
  "121 the root's keys as those of another zone (CVE-2026-123593)": {
    forge: [['test', 'DNSKEY', (z) => ({ answer: renamed(setOf(z('.'), '.', 'DNSKEY'), 'test') })]],
    ...{ ask: ['a.test', 'A'], expected: BOGUS }
  }
}
for (const [title, corrupt] of [
  ['shorter', (octets: Uint8Array) => octets.slice(1)],
  ['longer', (octets: Uint8Array) => Uint8Array.of(0, ...octets)]
] as const) {
  const zones = { test: { text: TEXT, keys: [RSA], faults: { sign: only('a.test', TYPE.A, { corrupt }) } } }
  Object.assign(SIGNATURES, {
    [`31 an RSA signature ${title} than the modulus (RFC 8017 8.2.2)`]: { zones, ask: ['a.test', 'A'], expected: BOGUS }
  })
}

describe('signatures and keys', () => runCases(SIGNATURES))
