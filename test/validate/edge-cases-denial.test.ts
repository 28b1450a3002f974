// Edge cases: denials by NSEC and NSEC3 that lack a part, or are of another name, zone or kind.
// The number is that of the case in our list; behind it the RFC section or the CVE that it comes from.

import { describe } from 'vitest'
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { strippingDenial } from '../world/behaviours.js'
import {
  BOGUS,
  because,
  type Case,
  hashed,
  NSEC3,
  NX,
  negative,
  OPT_OUT,
  octetSet,
  runCases,
  SECURE,
  SECURE_NX,
  TEXT,
  test,
  twin
} from './edge-cases.js'
import { denialAt, denialOver, flipAll, renamed, setOf, signedBy, signedNsec, soaOf } from './forging.js'

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

describe('denial of existence', () => runCases(DENIAL))
