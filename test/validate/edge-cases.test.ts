// The edge cases of validation, one by one, through a resolver: each is a small world in which one thing is forged or odd.
// The number is that of the case in our list; behind it the RFC section or the CVE that it comes from.
import { describe, expect, it } from 'vitest'
import type { ResolverOptions } from '../../src/index.js'
import type { ReplySpec } from '../../src/wire/message.js'
import { CLASS, RCODE, TYPE, typeFromText } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { asksFor, type Behaviour, editRecords, editReplies, strippingDenial, strippingRrsig, when } from '../world/behaviours.js'
import { decoyOf, dsLine, dsRdata, redress, type ZoneKey, zoneKey } from '../world/keys.js'
import { flipBit, type SignatureFaults } from '../world/signer.js'
import { makeZone, type Zone } from '../world/zone.js'
import { denialAt, denialOver, flipAll, renamed, setOf, signedBy, signedNsec, soaOf } from './forging.js'
import { keyOf, NOON, type Small, smallWorld } from './small-world.js'

type Zones = (name: string) => Zone
type Forge = readonly [name: string, type: string, make: (zone: Zones) => Partial<ReplySpec>, by?: string]

interface Case {
  readonly zones?: Readonly<Record<string, Small>>
  /** replies put in place of the honest ones of the server of `test`, or of the zone `by` */
  readonly forge?: readonly Forge[]
  readonly ask: readonly [name: string, type: string]
  readonly expected: object
  readonly options?: Partial<ResolverOptions>
}

const TEXT = `
a A 192.0.2.1
alias CNAME a.test.
b.ent A 192.0.2.1
d DNAME elsewhere.test.
*.n A 192.0.2.1
*.b.n A 192.0.2.2
*.w A 192.0.2.2
*.wc CNAME a.test.
b.c.w TXT "b"
x.w TXT "x"`

const NX = { rcode: RCODE.NXDOMAIN }
const BOGUS = { status: 'bogus', rcode: 'SERVFAIL', records: [] }
const because = (kind: string): object => ({ ...BOGUS, reason: { kind } })
const SECURE = { status: 'secure', rcode: 'NOERROR' }
const SECURE_NX = { status: 'secure', rcode: 'NXDOMAIN' }
const NSEC3 = { by: 'nsec3', salt: Uint8Array.of(1), iterations: 0 } as const
const OPT_OUT = { ...NSEC3, optOut: true } as const

const octetSet = (rdata: Uint8Array, at: number, octet: number): Uint8Array => rdata.map((old, i) => (i === at ? octet : old))

const negative = (zone: Zone, ...names: readonly ResourceRecord[][]): Partial<ReplySpec> => ({
  authority: [...soaOf(zone), ...names.flat()]
})
const test = { test: { text: TEXT } }
const hashed = { test: { text: TEXT, denial: NSEC3 } }

/** A zone like `test`, with the same key but another chain, to take records from. */
const twin = (denial: Small['denial'], faults?: Small['faults']): Zone =>
  makeZone({
    ...{ origin: 'test', text: `@ SOA ns. hostmaster. 1 7200 3600 1209600 600\n@ NS ns.test.\nns.test. A 192.0.2.11\n${TEXT}` },
    ...{ keys: [keyOf('test')], denial, faults, inception: NOON - 86_400, expiration: NOON + 86_400 }
  })

const DENIAL: Readonly<Record<string, Case>> = {
  '74 NXDOMAIN without the wildcard part (RFC 4035 5.4)': {
    forge: [['m.test', 'A', (z) => ({ ...NX, ...negative(z('test'), denialOver(z('test'), 'm.test')) })]],
    ...{ ask: ['m.test', 'A'], expected: because('denialIncomplete') }
  },
  '74 the same by NSEC3 (RFC 5155 8.4)': {
    zones: hashed,
    forge: [['m.test', 'A', (z) => ({ ...NX, ...negative(z('test'), denialAt(z('test'), 'test'), denialOver(z('test'), 'm.test')) })]],
    ...{ ask: ['m.test', 'A'], expected: because('denialIncomplete') }
  },
  '75 NXDOMAIN without the name part (RFC 4035 5.4)': {
    forge: [['m.test', 'A', (z) => ({ ...NX, ...negative(z('test'), denialOver(z('test'), '*.test')) })]],
    ...{ ask: ['m.test', 'A'], expected: because('denialIncomplete') }
  },
  '75 the same by NSEC3 (RFC 5155 8.4)': {
    zones: hashed,
    forge: [['m.test', 'A', (z) => ({ ...NX, ...negative(z('test'), denialAt(z('test'), 'test'), denialOver(z('test'), '*.test')) })]],
    ...{ ask: ['m.test', 'A'], expected: because('denialIncomplete') }
  },
  '76 one NSEC proves both (RFC 4035 5.4)': {
    forge: [['0.test', 'A', (z) => ({ ...NX, ...negative(z('test'), denialAt(z('test'), 'test')) })]],
    ...{ ask: ['0.test', 'A'], expected: SECURE_NX }
  },
  '77 the last NSEC covers all behind it (RFC 4034 4.1.1)': { ask: ['zz.test', 'A'], expected: SECURE_NX },
  '77 but not the apex (RFC 4034 4.1.1)': {
    forge: [['test', 'TXT', (z) => ({ ...NX, ...negative(z('test'), denialOver(z('test'), 'zz.test')) })]],
    ...{ ask: ['test', 'TXT'], expected: because('denialIncomplete') }
  },
  '79 an NSEC whose next name is outside the zone (Knot Resolver 6.4.1)': {
    forge: [['m.test', 'A', (z) => ({ ...NX, ...negative(z('test'), signedNsec(z('test'), 'test', 'zzz', [TYPE.NS, TYPE.SOA])) })]],
    ...{ ask: ['m.test', 'A'], expected: because('denialMissing') }
  },
  '80 an NSEC made from a wildcard (CVE-2017-15105, RFC 4592 4.6)': {
    // the bitmap of the wildcard lacks TXT, which x.w.test has
    forge: [['x.w.test', 'TXT', (z) => negative(z('test'), renamed(denialAt(z('test'), '*.w.test'), 'x.w.test'))]],
    ...{ ask: ['x.w.test', 'TXT'], expected: because('proofExpanded') }
  },
  '81 unsigned NSEC (RFC 4035 5.4)': {
    forge: [
      [
        'm.test',
        'A',
        (z) => ({
          ...NX,
          ...negative(
            z('test'),
            [...denialOver(z('test'), 'm.test'), ...denialAt(z('test'), 'test')].filter(({ type }) => type === TYPE.NSEC)
          )
        })
      ]
    ],
    ...{ ask: ['m.test', 'A'], expected: because('signatureMissing') }
  },
  '81 NSEC signed by another zone (RFC 4035 5.3.1)': {
    zones: { ...test, other: {} },
    forge: [['m.test', 'A', (z) => ({ ...NX, ...negative(z('test'), signedNsec(z('other'), 'test', 'test', [TYPE.SOA])) })]],
    ...{ ask: ['m.test', 'A'], expected: because('signerWrong') }
  },
  '82 NODATA with the type in the bitmap (RFC 4035 5.4)': {
    forge: [['a.test', 'A', (z) => negative(z('test'), denialAt(z('test'), 'a.test'))]],
    ...{ ask: ['a.test', 'A'], expected: because('denialWrong') }
  },
  '82 the same by NSEC3 (RFC 5155 8.5)': {
    zones: hashed,
    forge: [['a.test', 'A', (z) => negative(z('test'), denialAt(z('test'), 'a.test'))]],
    ...{ ask: ['a.test', 'A'], expected: because('denialWrong') }
  },
  '83 NODATA where there is a CNAME (RFC 6840 4.3)': {
    forge: [['alias.test', 'A', (z) => negative(z('test'), denialAt(z('test'), 'alias.test'))]],
    ...{ ask: ['alias.test', 'A'], expected: because('denialWrong') }
  },
  '83 the same by NSEC3 (RFC 5155 8.5)': {
    zones: hashed,
    forge: [['alias.test', 'A', (z) => negative(z('test'), denialAt(z('test'), 'alias.test'))]],
    ...{ ask: ['alias.test', 'A'], expected: because('denialWrong') }
  },
  '84 NODATA at an empty non-terminal (RFC 4592 2.2.2)': { ask: ['ent.test', 'A'], expected: { ...SECURE, denial: { kind: 'nodata' } } },
  '84 the same by NSEC3 (RFC 5155 8.5)': { zones: hashed, ask: ['ent.test', 'A'], expected: { ...SECURE, denial: { kind: 'nodata' } } },
  '85, 130 NXDOMAIN for an empty non-terminal (RFC 8020, CVE-2026-123594)': {
    forge: [['ent.test', 'A', (z) => ({ ...NX, ...negative(z('test'), denialOver(z('test'), 'ent.test'), denialAt(z('test'), 'test')) })]],
    ...{ ask: ['ent.test', 'A'], expected: because('denialWrong') }
  },
  '85 the same by NSEC3 (RFC 5155 8.3)': {
    zones: hashed,
    forge: [['ent.test', 'A', (z) => ({ ...NX, ...negative(z('test'), denialAt(z('test'), 'ent.test'), denialAt(z('test'), 'test')) })]],
    ...{ ask: ['ent.test', 'A'], expected: because('denialWrong') }
  },
  '86 wildcard NODATA (RFC 4035 3.1.3.4)': { ask: ['m.w.test', 'MX'], expected: { ...SECURE, denial: { kind: 'nodata' } } },
  '86 wildcard NODATA by NSEC3 (RFC 5155 8.7)': {
    zones: hashed,
    ask: ['m.w.test', 'MX'],
    expected: { ...SECURE, denial: { kind: 'nodata' } }
  },
  '86 wildcard NODATA without the wildcard (RFC 4035 5.4)': {
    forge: [['m.w.test', 'MX', (z) => negative(z('test'), denialOver(z('test'), 'm.w.test'))]],
    ...{ ask: ['m.w.test', 'MX'], expected: because('denialIncomplete') }
  },
  '86 wildcard NODATA without the name (RFC 4035 5.4)': {
    forge: [['x.w.test', 'MX', (z) => negative(z('test'), denialAt(z('test'), '*.w.test'))]],
    ...{ ask: ['x.w.test', 'MX'], expected: because('denialIncomplete') }
  },
  '86 wildcard NODATA where the wildcard is a CNAME (RFC 6840 4.3)': {
    forge: [['m.wc.test', 'A', (z) => negative(z('test'), denialOver(z('test'), 'm.wc.test'), denialAt(z('test'), '*.wc.test'))]],
    ...{ ask: ['m.wc.test', 'A'], expected: because('denialWrong') }
  },
  '87 wildcard answer (RFC 4035 5.3.4)': { ask: ['m.w.test', 'A'], expected: SECURE },
  '87 wildcard answer by NSEC3 (RFC 5155 8.8)': { zones: hashed, ask: ['m.m.w.test', 'A'], expected: SECURE },
  '87 wildcard answer without the denial (RFC 4035 5.3.4)': {
    zones: { test: { text: TEXT, behave: [strippingDenial] } },
    ...{ ask: ['m.w.test', 'A'], expected: because('wildcardNotProven') }
  },
  '87 the denial of the name is not one of the next closer name (PowerDNS #17136)': {
    forge: [
      [
        'q.c.w.test',
        'A',
        (z) => ({ answer: renamed(setOf(z('test'), '*.w.test', 'A'), 'q.c.w.test'), authority: denialOver(z('test'), 'q.c.w.test') })
      ]
    ],
    ...{ ask: ['q.c.w.test', 'A'], expected: because('wildcardNotProven') }
  },
  '88 nested wildcards: that of the closest encloser (RFC 4592 3.3.1)': {
    ask: ['q.b.n.test', 'A'],
    expected: { ...SECURE, records: [{ data: '192.0.2.2' }] }
  },
  '88 and no other (RFC 4592 3.3.1)': {
    forge: [
      [
        'q.b.n.test',
        'A',
        (z) => ({ answer: renamed(setOf(z('test'), '*.n.test', 'A'), 'q.b.n.test'), authority: denialOver(z('test'), 'q.b.n.test') })
      ]
    ],
    ...{ ask: ['q.b.n.test', 'A'], expected: because('wildcardNotProven') }
  },
  '88 nor by NSEC3 (RFC 5155 8.8)': {
    zones: hashed,
    forge: [
      [
        'q.b.n.test',
        'A',
        (z) => ({ answer: renamed(setOf(z('test'), '*.n.test', 'A'), 'q.b.n.test'), authority: denialOver(z('test'), 'q.b.n.test') })
      ]
    ],
    ...{ ask: ['q.b.n.test', 'A'], expected: because('wildcardNotProven') }
  },
  '89 the wildcard itself asked for needs no denial (RFC 4592 2.3)': {
    zones: { test: { text: TEXT, behave: [strippingDenial] } },
    ...{ ask: ['*.w.test', 'A'], expected: SECURE }
  },
  '90 NSEC3 of two parameter sets are not one proof (RFC 5155 8.2)': {
    zones: hashed,
    forge: [
      [
        'm.test',
        'A',
        (z) => {
          // under the parameters of the first record, the second would cover everything
          const owner = nameFromText(`${'0'.repeat(32)}.test`)
          const rdata = Uint8Array.of(1, 0, 0, 0, 1, 2, 20, ...Array.from({ length: 20 }, () => 255))
          const all = signedBy(z('test'), [{ owner, type: TYPE.NSEC3, class: CLASS.IN, ttl: 600, rdata }])
          return { ...NX, ...negative(z('test'), denialAt(z('test'), 'test'), all) }
        }
      ]
    ],
    ...{ ask: ['m.test', 'A'], expected: because('denialIncomplete') }
  },
  '91 NSEC3 of an unknown hash (RFC 5155 8.1)': {
    zones: { test: { text: TEXT, denial: NSEC3, faults: { denial: (record) => ({ ...record, rdata: octetSet(record.rdata, 0, 2) }) } } },
    ...{ ask: ['m.test', 'A'], expected: because('denialMissing') }
  },
  '91 NSEC3 with an unknown flag (RFC 5155 8.2)': {
    zones: { test: { text: TEXT, denial: NSEC3, faults: { denial: (record) => ({ ...record, rdata: octetSet(record.rdata, 1, 2) }) } } },
    ...{ ask: ['m.test', 'A'], expected: because('denialMissing') }
  },
  '92 NSEC3 two labels below the apex (RFC 5155 3)': {
    zones: {
      test: {
        ...{ text: TEXT, denial: NSEC3 },
        faults: { denial: (record) => ({ ...record, owner: nameFromText('sub.test').child(record.owner.label(0)) }) }
      }
    },
    ...{ ask: ['m.test', 'A'], expected: because('denialMissing') }
  },
  '93 NSEC3 closest encloser with a DNAME (RFC 5155 8.3)': {
    zones: hashed,
    forge: [
      [
        'm.d.test',
        'A',
        (z) => ({
          ...NX,
          ...negative(z('test'), denialAt(z('test'), 'd.test'), denialOver(z('test'), 'm.d.test'), denialOver(z('test'), '*.d.test'))
        })
      ]
    ],
    ...{ ask: ['m.d.test', 'A'], expected: because('denialWrong') }
  },
  '95 too many iterations (RFC 9276 3.2)': {
    zones: { test: { text: TEXT, denial: { ...NSEC3, iterations: 51 } } },
    ...{ ask: ['m.test', 'A'], expected: { status: 'insecure', rcode: 'NXDOMAIN', reason: { kind: 'tooManyIterations', code: 27 } } }
  },
  '95 too many iterations, but the signature is wrong (RFC 9276 3.2)': {
    zones: { test: { text: TEXT, denial: { ...NSEC3, iterations: 51 }, behave: [flipAll(TYPE.NSEC3)] } },
    ...{ ask: ['m.test', 'A'], expected: because('signatureWrong') }
  },
  '95 too many iterations matter to no positive answer (RFC 9276 3.2)': {
    zones: { test: { text: TEXT, denial: { ...NSEC3, iterations: 51 } } },
    ...{ ask: ['a.test', 'A'], expected: SECURE }
  },
  '96 NSEC and NSEC3 are not one proof (RFC 5155 8.2)': {
    forge: [
      [
        'm.test',
        'A',
        (z) => ({
          ...NX,
          ...negative(z('test'), denialOver(z('test'), 'm.test'), denialAt(twin(NSEC3), 'test'), denialOver(twin(NSEC3), '*.test'))
        })
      ]
    ],
    ...{ ask: ['m.test', 'A'], expected: because('denialIncomplete') }
  },
  '97 an NSEC that covers next to nothing (RFC 4470, RFC 9824)': {
    forge: [['m.test', 'A', (z) => negative(z('test'), signedNsec(z('test'), 'm.test', '\\000.m.test', []))]],
    ...{ ask: ['m.test', 'A'], expected: { ...SECURE, denial: { kind: 'nodata' } } }
  },
  '98 NXNAME says that the name does not exist (RFC 9824 3)': {
    forge: [['m.test', 'A', (z) => negative(z('test'), signedNsec(z('test'), 'm.test', '\\000.m.test', [128]))]],
    ...{ ask: ['m.test', 'A'], expected: { ...SECURE_NX, denial: { kind: 'nxdomain' } } }
  },
  '99 a bitmap window of no octets (RFC 4034 4.1.2)': {
    forge: [['m.test', 'A', (z) => negative(z('test'), signedNsec(z('test'), 'm.test', '\\000.m.test', Uint8Array.of(0, 0)))]],
    ...{ ask: ['m.test', 'A'], expected: BOGUS }
  },
  '99 bitmap windows out of order (RFC 4034 4.1.2)': {
    forge: [['m.test', 'A', (z) => negative(z('test'), signedNsec(z('test'), 'm.test', '\\000.m.test', Uint8Array.of(1, 1, 1, 0, 1, 1)))]],
    ...{ ask: ['m.test', 'A'], expected: BOGUS }
  },
  '123 the RRSIG of one type under the NSEC of the same owner (CVE-2026-123590)': {
    forge: [
      [
        'm.test',
        'A',
        (z) => {
          const [, rrsig] = setOf(z('test'), 'a.test', 'A')
          const [nsec] = signedNsec(z('test'), 'a.test', 'test', [])
          const covering = rrsig.rdata.slice()
          covering[1] = TYPE.NSEC
          return { ...NX, ...negative(z('test'), denialAt(z('test'), 'test'), [nsec, { ...rrsig, rdata: covering }]) }
        }
      ]
    ],
    ...{ ask: ['m.test', 'A'], expected: because('signatureWrong') }
  },
  '124 the last NSEC is known by the signer, not by an SOA in the reply (CVE-2026-123587)': {
    forge: [
      [
        'm.test',
        'A',
        (z) => ({
          ...NX,
          authority: [...soaOf(z('test')), ...renamed(soaOf(z('test')).slice(0, 1), 'a.test'), ...denialAt(z('test'), 'test')]
        })
      ]
    ],
    ...{ ask: ['m.test', 'A'], expected: BOGUS }
  },
  '126 NODATA at the apex needs the NSEC3 that matches it (CVE-2026-123600)': {
    zones: hashed,
    forge: [['test', 'TXT', (z) => negative(z('test'), denialAt(z('test'), 'a.test'), denialOver(z('test'), '*.test'))]],
    ...{ ask: ['test', 'TXT'], expected: because('denialIncomplete') }
  },
  '127 a signed RRset that answers another question (CVE-2026-123581)': {
    forge: [['m.test', 'A', (z) => ({ answer: setOf(z('test'), 'a.test', 'A') })]],
    ...{ ask: ['m.test', 'A'], expected: { ...BOGUS, reason: { kind: 'denialMissing' } } }
  },
  '128 a wildcard answer where the name exists (CVE-2026-123579)': {
    zones: hashed,
    forge: [
      [
        'x.w.test',
        'A',
        (z) => ({ answer: renamed(setOf(z('test'), '*.w.test', 'A'), 'x.w.test'), authority: denialAt(z('test'), 'x.w.test') })
      ]
    ],
    ...{ ask: ['x.w.test', 'A'], expected: because('wildcardNotProven') }
  },
  '129 NSEC3 of another zone (CVE-2026-123580)': {
    zones: { ...hashed, other: { text: TEXT.replaceAll('test.', 'other.'), denial: NSEC3 } },
    forge: [
      [
        'm.test',
        'A',
        (z) => ({
          ...NX,
          ...negative(z('test'), denialAt(z('other'), 'other'), denialOver(z('other'), 'm.other'), denialOver(z('other'), '*.other'))
        })
      ]
    ],
    ...{ ask: ['m.test', 'A'], expected: because('signerWrong') }
  },
  '131 the NSEC of the parent denies nothing below the cut (CVE-2026-123596, RFC 6840 4.1)': {
    zones: { ...test, 'sub.test': { text: 'x A 192.0.2.1' } },
    forge: [
      [
        'x.sub.test',
        'A',
        (z) => ({ ...NX, authority: [...soaOf(z('sub.test')), ...denialAt(z('test'), 'sub.test'), ...denialAt(z('test'), 'test')] }),
        'sub.test'
      ]
    ],
    ...{ ask: ['x.sub.test', 'A'], expected: BOGUS }
  },
  '135 Opt-Out proves a missing DS, and is never secure (RFC 5155 8.6, 9.2)': {
    zones: { test: { text: TEXT, denial: OPT_OUT } },
    forge: [['m.test', 'TXT', (z) => negative(z('test'), denialAt(z('test'), 'test'), denialOver(z('test'), 'm.test'))]],
    ...{ ask: ['m.test', 'TXT'], expected: { status: 'insecure', reason: { kind: 'optOut' } } }
  }
}

const only =
  (name: string, type: number, fault: SignatureFaults | 'omit', key?: ZoneKey): NonNullable<Small['faults']>['sign'] =>
  (records, by) =>
    records[0].type === type && records[0].owner.equals(nameFromText(name)) && (!key || by === key) ? fault : undefined

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
const unsigned = (name: string): ResourceRecord[] => [
  { owner: nameFromText(name), type: TYPE.A, class: CLASS.IN, ttl: 600, rdata: Uint8Array.of(203, 0, 113, 66) }
]

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

const CHILD = { text: 'x A 192.0.2.1' }
const UNSIGNED = { ...CHILD, keys: [] }
const CUTS: Readonly<Record<string, Case>> = {
  '53 the DS is asked of the parent (RFC 4035 3.1.4.1)': {
    zones: { ...test, 'sub.test': CHILD },
    ask: ['sub.test', 'DS'],
    expected: { ...SECURE, records: [{ type: 'DS' }] }
  },
  '54 one server for parent and child (RFC 4035 3.1.4.1)': {
    zones: { ...test, 'sub.test': { ...CHILD, withParent: true } },
    ...{ ask: ['x.sub.test', 'A'], expected: SECURE }
  },
  '54 the same, unsigned (RFC 4035 5.2)': {
    zones: { ...test, 'sub.test': { ...UNSIGNED, withParent: true } },
    ...{ ask: ['x.sub.test', 'A'], expected: { status: 'insecure', reason: { kind: 'noDs' } } }
  },
  '56 no DS and no proof of it (RFC 4035 5.2)': {
    zones: { test: { text: TEXT, behave: [strippingDenial] }, 'sub.test': UNSIGNED },
    ...{ ask: ['x.sub.test', 'A'], expected: BOGUS }
  },
  '57 the NSEC of an insecure delegation (RFC 6840 4.4)': {
    zones: { ...test, 'sub.test': UNSIGNED },
    ...{ ask: ['x.sub.test', 'A'], expected: { status: 'insecure', reason: { kind: 'noDs' } } }
  },
  '57 the same by NSEC3 (RFC 5155 8.9)': {
    zones: { ...hashed, 'sub.test': UNSIGNED },
    ...{ ask: ['x.sub.test', 'A'], expected: { status: 'insecure', reason: { kind: 'noDs' } } }
  },
  "58, 132 the child's apex denies no DS (RFC 6840 4.4, CVE-2026-123591)": {
    zones: { ...test, 'sub.test': CHILD },
    forge: [
      [
        'sub.test',
        'DS',
        (z) => ({ authority: [...soaOf(z('test')), ...signedNsec(z('test'), 'sub.test', 'x.sub.test', [TYPE.NS, TYPE.SOA])] })
      ]
    ],
    ...{ ask: ['sub.test', 'DS'], expected: because('denialWrong') }
  },
  '59 no NS bit: no cut, so the data must be signed (RFC 6840 4.4)': {
    forge: [['a.test', 'A', () => ({ answer: unsigned('a.test') })]],
    ...{ ask: ['a.test', 'A'], expected: because('signatureMissing') }
  },
  '59 the same by NSEC3 (RFC 6840 4.4)': {
    zones: hashed,
    forge: [['a.test', 'A', () => ({ answer: unsigned('a.test') })]],
    ...{ ask: ['a.test', 'A'], expected: because('signatureMissing') }
  },
  '60 data below a name that is denied (RFC 4035 5.2)': {
    forge: [['m.test', 'A', () => ({ answer: unsigned('m.test') })]],
    ...{ ask: ['m.test', 'A'], expected: because('signatureMissing') }
  },
  '61 a wildcard without DS is no cut (RFC 6840 4.4)': {
    forge: [['m.w.test', 'A', () => ({ answer: unsigned('m.w.test') })]],
    ...{ ask: ['m.w.test', 'A'], expected: because('signatureMissing') }
  },
  '62 the parent side denies no other type (RFC 6840 4.1)': {
    zones: { ...test, 'sub.test': CHILD },
    forge: [['sub.test', 'TXT', (z) => ({ authority: [...soaOf(z('sub.test')), ...denialAt(z('test'), 'sub.test')] }), 'sub.test']],
    ...{ ask: ['sub.test', 'TXT'], expected: BOGUS }
  },
  '63 an NSEC with the DNAME bit denies nothing below (RFC 6840 4.1)': {
    forge: [['m.d.test', 'A', (z) => ({ ...NX, ...negative(z('test'), denialAt(z('test'), 'd.test'), denialAt(z('test'), 'test')) })]],
    ...{ ask: ['m.d.test', 'A'], expected: because('denialIncomplete') }
  },
  '64 Opt-Out (RFC 5155 9.2)': {
    zones: { test: { text: TEXT, denial: OPT_OUT }, 'sub.test': UNSIGNED },
    ...{ ask: ['x.sub.test', 'A'], expected: { status: 'insecure', reason: { kind: 'optOut' } } }
  },
  '65 Opt-Out, but there is a DS (RFC 5155 8.6)': {
    zones: { test: { text: TEXT, denial: OPT_OUT }, 'sub.test': CHILD },
    forge: [['sub.test', 'DS', (z) => negative(z('test'), denialAt(z('test'), 'sub.test'))]],
    ...{ ask: ['sub.test', 'DS'], expected: because('denialWrong') }
  },
  '66 several labels within one zone (RFC 4035 5)': { ask: ['b.ent.test', 'A'], expected: SECURE },
  '67 a CNAME in place of a DS is no cut (RFC 4035 5.2)': {
    forge: [['alias.test', 'A', () => ({ answer: unsigned('alias.test') })]],
    ...{ ask: ['alias.test', 'A'], expected: because('signatureMissing') }
  },
  '68 an empty non-terminal between the cuts (RFC 4592 2.2.2)': {
    zones: { ...test, 'sub.deep.test': CHILD },
    ask: ['x.sub.deep.test', 'A'],
    expected: SECURE
  },
  '68 the same, unsigned (RFC 4592 2.2.2)': {
    zones: { ...test, 'sub.deep.test': UNSIGNED },
    ...{ ask: ['x.sub.deep.test', 'A'], expected: { status: 'insecure', reason: { kind: 'noDs' } } }
  },
  '69 a signed zone below an unsigned one (RFC 4035 4.3)': {
    zones: { ...test, 'sub.test': UNSIGNED, 'deep.sub.test': CHILD },
    ...{ ask: ['x.deep.sub.test', 'A'], expected: { status: 'insecure', reason: { kind: 'noDs' } } }
  },
  '70 unless it has an anchor of its own (RFC 6840 C)': {
    zones: { ...test, 'sub.test': UNSIGNED, 'deep.sub.test': CHILD },
    ...{ ask: ['x.deep.sub.test', 'A'], expected: SECURE },
    options: { trustAnchors: [dsLine('deep.sub.test.', nameFromText('deep.sub.test'), keyOf('deep.sub.test'))] }
  },
  '71 a negative trust anchor (RFC 7646 2)': {
    zones: { ...test, 'sub.test': CHILD },
    ...{ ask: ['x.sub.test', 'A'], expected: { status: 'insecure', reason: { kind: 'negativeAnchor' } } },
    options: { negativeTrustAnchors: ['sub.test'] }
  },
  '73 the root has no DS (RFC 4034 5)': { ask: ['.', 'DS'], expected: { ...SECURE, denial: { kind: 'nodata' } } },
  '111 RRSIGs stripped (RFC 4035 5.5)': {
    zones: { test: { text: TEXT, behave: [strippingRrsig] } },
    ...{ ask: ['a.test', 'A'], expected: BOGUS }
  }
}

const other = { ...test, other: { text: 'a A 192.0.2.7\nback CNAME a.test.\nnx CNAME m.test.', keys: [] } }
const aliases = (text: string): Readonly<Record<string, Small>> => ({ ...other, test: { text: `${TEXT}\n${text}` } })
const ALIASES: Readonly<Record<string, Case>> = {
  '101 secure alias, insecure target (RFC 4035 3.2.3)': {
    zones: aliases('out CNAME a.other.'),
    ...{
      ask: ['out.test', 'A'],
      expected: {
        status: 'insecure',
        rcode: 'NOERROR',
        records: [
          { type: 'CNAME', status: 'secure' },
          { type: 'A', status: 'insecure' }
        ]
      }
    }
  },
  '102 insecure alias, secure target (RFC 4035 3.2.3)': {
    zones: other,
    ...{
      ask: ['back.other', 'A'],
      expected: {
        status: 'insecure',
        records: [
          { type: 'CNAME', status: 'insecure' },
          { type: 'A', status: 'secure' }
        ]
      }
    }
  },
  '103 the target is bogus (RFC 4035 5.5)': {
    zones: { test: { text: TEXT, faults: { sign: only('a.test', TYPE.A, 'omit') } } },
    ...{ ask: ['alias.test', 'A'], expected: { status: 'bogus', rcode: 'SERVFAIL', reason: { kind: 'signatureMissing' } } }
  },
  '104 DNAME (RFC 6672 5.3.1)': { zones: aliases('a.elsewhere A 192.0.2.9'), ask: ['a.d.test', 'A'], expected: SECURE },
  '104 a CNAME that does not follow from the DNAME (RFC 6672 5.3.1)': {
    zones: aliases('a.elsewhere A 192.0.2.9'),
    forge: [
      [
        'a.d.test',
        'A',
        (z) => ({
          answer: [
            ...setOf(z('test'), 'd.test', 'DNAME'),
            { ...unsigned('a.d.test')[0], type: TYPE.CNAME, rdata: nameFromText('a.other').wire }
          ]
        })
      ]
    ],
    ...{ ask: ['a.d.test', 'A'], expected: { status: 'bogus', reason: { kind: 'aliasWrong' } } }
  },
  '105 DNAME beyond 255 octets (RFC 6672 2.2)': {
    zones: aliases(`long DNAME ${`${'x'.repeat(60)}.`.repeat(4)}`),
    ...{ ask: ['this.will.not.fit.long.test', 'A'], expected: { rcode: 'YXDOMAIN', status: 'indeterminate' } }
  },
  '106 a loop (RFC 1034 3.6.2)': {
    zones: aliases('l1 CNAME l2.test.\nl2 CNAME l1.test.'),
    ask: ['l1.test', 'A'],
    expected: { rcode: 'SERVFAIL' }
  },
  '106 two CNAMEs at one name (RFC 2181 10.1)': {
    zones: aliases('two CNAME a.test.\ntwo CNAME ns.test.'),
    ask: ['two.test', 'A'],
    expected: { status: 'bogus', reason: { kind: 'aliasAmbiguous' } }
  },
  '106 a CNAME with siblings (RFC 2181 10.1)': {
    forge: [
      ['alias.test', 'A', (z) => ({ answer: [...setOf(z('test'), 'alias.test', 'CNAME'), ...signedBy(z('test'), unsigned('alias.test'))] })]
    ],
    ...{ ask: ['alias.test', 'A'], expected: { status: 'bogus', reason: { kind: 'aliasAmbiguous' } } }
  },
  '107 NXDOMAIN of the target (RFC 6604 3)': {
    zones: aliases('nx CNAME m.test.'),
    ask: ['nx.test', 'A'],
    expected: { ...SECURE_NX, canonicalName: 'm.test' }
  },
  '107 the same out of an unsigned zone (RFC 6604 3)': {
    zones: other,
    ask: ['nx.other', 'A'],
    expected: { status: 'insecure', rcode: 'NXDOMAIN' }
  },
  '108 a CNAME by wildcard (RFC 4035 5.3.4)': { ask: ['m.wc.test', 'A'], expected: SECURE },
  '108 its denial with a wrong signature (CVE-2026-52686)': {
    zones: { test: { text: TEXT, behave: [flipAll(TYPE.NSEC)] } },
    ...{ ask: ['m.wc.test', 'A'], expected: { status: 'bogus' } }
  },
  '109 a question for the CNAME (RFC 1034 3.6.2)': { ask: ['alias.test', 'CNAME'], expected: { ...SECURE, canonicalName: 'alias.test' } },
  '109 a question for NSEC (RFC 4035 2.5)': { ask: ['alias.test', 'NSEC'], expected: { ...SECURE, canonicalName: 'alias.test' } },
  '110 ANY, each RRset by itself (RFC 6840 4.2)': { ask: ['test', 'ANY'], expected: SECURE },
  '110 ANY with one RRset that is bogus (RFC 6840 4.2)': {
    zones: { test: { text: `${TEXT}\n@ TXT "t"`, faults: { sign: only('test', TYPE.TXT, { corrupt: flipBit }) } } },
    ...{ ask: ['test', 'ANY'], expected: { status: 'bogus', reason: { kind: 'signatureWrong' } } }
  }
}

function run(cases: Readonly<Record<string, Case>>): void {
  for (const [title, { zones = test, forge = [], ask, expected, options }] of Object.entries(cases)) {
    it(title, async () => {
      const specs: Record<string, Small> = { ...zones }
      for (const [name, type, make, by = 'test'] of forge) {
        const reply = editReplies(({ id, question, rd, edns }) => ({ id, question, rd, edns, aa: true, ...make(zoneOf) }))
        const forged: Behaviour = when(asksFor(typeFromText(type) as number, name), reply)
        specs[by] = { ...specs[by], behave: [...(specs[by].behave ?? []), forged] }
      }
      const world = smallWorld(specs)
      const zoneOf = (name: string): Zone => world.zones.get(name) as Zone
      const answer = await world.ask(ask[0], ask[1], options)
      expect(answer, answer.reason?.text).toMatchObject(expected)
    })
  }
}

describe('denial of existence', () => run(DENIAL))

describe('signatures and keys', () => run(SIGNATURES))
describe('zone cuts', () => run(CUTS))
describe('aliases', () => run(ALIASES))

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
