// Edge cases: what lies between parent and child: DS, its absence, and servers of both.
// The number is that of the case in our list; behind it the RFC section or the CVE that it comes from.

import { describe } from 'vitest'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { strippingDenial, strippingRrsig } from '../world/behaviours.js'
import { dsLine } from '../world/keys.js'
import { BOGUS, because, type Case, hashed, NX, negative, OPT_OUT, runCases, SECURE, TEXT, test, unsigned } from './edge-cases.js'
import { denialAt, signedNsec, soaOf } from './forging.js'
import { keyOf } from './small-world.js'

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

describe('zone cuts', () => runCases(CUTS))
