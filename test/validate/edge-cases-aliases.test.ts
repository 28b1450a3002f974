// Edge cases: CNAME and DNAME, and the status of a chain of them.
// The number is that of the case in our list; behind it the RFC section or the CVE that it comes from.

import { describe } from 'vitest'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { flipBit } from '../world/signer.js'
import { type Case, only, runCases, SECURE, SECURE_NX, TEXT, test, unsigned } from './edge-cases.js'
import { flipAll, setOf, signedBy } from './forging.js'
import type { Small } from './small-world.js'

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

describe('aliases', () => runCases(ALIASES))
