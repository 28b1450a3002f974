// The responses of RFC 4035 appendix B and RFC 5155 appendix B, from the zones of their appendices A, validated as RFC 4035
// appendix C and RFC 5155 8 say. The keys are new, of the algorithms the RFCs used, so SHA-1 is allowed here.
import { describe, expect, it } from 'vitest'
import { createResolver } from '../../src/index.js'
import { prove } from '../../src/validate/denial.js'
import { admitProofs } from '../../src/validate/proofs.js'
import { buildQuery, parseMessage } from '../../src/wire/message.js'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { authority } from '../world/authority.js'
import { behaving, strippingDenial } from '../world/behaviours.js'
import { dsLine } from '../world/keys.js'
import { memoryTransport } from '../world/net.js'
import { zoneOfRfc4035, zoneOfRfc5155 } from '../world/rfc-zones.js'
import { makeZone, type Zone } from '../world/zone.js'
import { isDnskey, rrsetsOf, taskAt, trustOwnKeys } from './judging.js'

const NOW = 1_790_000_000
const UNSIGNED = ['a', 'b', 'c'].map((label) =>
  makeZone({
    origin: `${label}.example`,
    text: `@ SOA ns1 hostmaster 1 3600 300 3600000 3600\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.${label === 'a' ? 5 : 7}\nmc MX 1 ns1`
  })
)

function world(example: Zone, stripped = false) {
  const root = makeZone({
    origin: '.',
    text: '@ SOA ns. hostmaster. 1 3600 300 3600000 3600\n@ NS ns.\nns. A 192.0.2.99\nexample. NS ns1.example.\nns1.example. A 192.0.2.1'
  })
  const server = behaving(authority([example]), ...(stripped ? [strippingDenial] : []))
  const below = authority(UNSIGNED)
  const servers = new Map([
    ['192.0.2.99', authority([root])],
    ['192.0.2.1', server],
    ...[5, 6, 7, 8].map((n) => [`192.0.2.${n}`, below] as const)
  ])
  const transport = memoryTransport(servers)
  const [ksk] = example.keys
  return async (name: string, type: string) => {
    const resolver = createResolver({
      trustAnchors: [dsLine('example.', example.apex, ksk)],
      rootHints: [{ name: 'ns', addresses: ['192.0.2.99'] }],
      transport,
      clock: () => NOW * 1000,
      algorithms: { sha1: true },
      allowPrivateAddresses: true
    })
    const answer = await resolver.resolveSecure(name, type)
    await resolver.close()
    return answer
  }
}

/** `stripped`: the verdict when the server keeps NSEC and NSEC3 back */
type Row = readonly [what: string, name: string, type: string, expected: object, stripped: 'bogus' | 'secure']

const RFC4035: readonly Row[] = [
  ['B.1, C.1 answer', 'x.w.example', 'MX', { status: 'secure', rcode: 'NOERROR' }, 'secure'],
  ['B.2, C.2 name error', 'ml.example', 'A', { status: 'secure', rcode: 'NXDOMAIN', denial: { kind: 'nxdomain', by: 'nsec' } }, 'bogus'],
  ['B.3, C.3 no data', 'ns1.example', 'MX', { status: 'secure', rcode: 'NOERROR', denial: { kind: 'nodata', by: 'nsec' } }, 'bogus'],
  ['B.4, C.4 the DS of a signed zone', 'a.example', 'DS', { status: 'secure', rcode: 'NOERROR' }, 'secure'],
  [
    'B.5, C.5 no DS for an unsigned zone',
    'b.example',
    'DS',
    { status: 'secure', denial: { kind: 'insecure-delegation', by: 'nsec' } },
    'bogus'
  ],
  ['B.5, C.5 data of the unsigned zone', 'mc.b.example', 'MX', { status: 'insecure', rcode: 'NOERROR' }, 'bogus'],
  ['B.6, C.6 wildcard expansion', 'a.z.w.example', 'MX', { status: 'secure', rcode: 'NOERROR' }, 'bogus'],
  [
    'B.7, C.7 wildcard no data',
    'a.z.w.example',
    'AAAA',
    { status: 'secure', rcode: 'NOERROR', denial: { kind: 'nodata', by: 'nsec' } },
    'bogus'
  ]
]

const RFC5155: readonly Row[] = [
  // RFC 5155 9.2, appendix A: the zone has Opt-Out set throughout, so the AD bit may not be set
  ['B.1 name error', 'a.c.x.w.example', 'A', { status: 'insecure', rcode: 'NXDOMAIN', reason: { kind: 'optOut' } }, 'bogus'],
  ['B.2 no data', 'ns1.example', 'MX', { status: 'secure', rcode: 'NOERROR', denial: { kind: 'nodata', by: 'nsec3' } }, 'bogus'],
  [
    'B.2.1 no data at an empty non-terminal',
    'y.w.example',
    'A',
    { status: 'secure', rcode: 'NOERROR', denial: { kind: 'nodata' } },
    'bogus'
  ],
  ['B.3 referral to an Opt-Out unsigned zone', 'mc.c.example', 'MX', { status: 'insecure', reason: { kind: 'optOut' } }, 'bogus'],
  ['B.3 the DS there', 'c.example', 'DS', { status: 'insecure', reason: { kind: 'optOut' } }, 'bogus'],
  ['B.4 wildcard expansion', 'a.z.w.example', 'MX', { status: 'insecure', rcode: 'NOERROR', reason: { kind: 'optOut' } }, 'bogus'],
  ['B.5 wildcard no data', 'a.z.w.example', 'AAAA', { status: 'insecure', rcode: 'NOERROR', reason: { kind: 'optOut' } }, 'bogus']
]

describe.each([
  { rfc: 'RFC 4035 appendix B', zone: zoneOfRfc4035(), rows: RFC4035, apex: 'B.8' },
  { rfc: 'RFC 5155 appendix B', zone: zoneOfRfc5155(), rows: RFC5155, apex: 'B.6' }
])('$rfc', ({ zone, rows, apex }) => {
  for (const [what, name, type, expected, stripped] of rows) {
    it(`${what}: ${name} ${type}`, async () => {
      const answer = await world(zone)(name, type)
      expect(answer, answer.reason?.text).toMatchObject(expected)
    })

    it(`${what}: ${name} ${type} without the denial is ${stripped}`, async () => {
      const answer = await world(zone, true)(name, type)
      expect(answer.status, answer.reason?.text).toBe(stripped)
    })
  }

  it(`${apex}: the child's apex denies no DS (RFC 4035 C.8, RFC 6840 4.4)`, () => {
    const task = taskAt(NOW, {}, { sha1: true })
    const question = { name: zone.apex, type: TYPE.DS, class: 1 }
    const reply = authority([zone])(buildQuery({ id: 1, question, edns: { udpSize: 4096, dnssecOk: true } }), 'tcp')
    const { authority: records } = parseMessage(reply as Uint8Array)
    const nodes = zone.nodes.get(zone.apex.key)
    const dnskeys = rrsetsOf([...(nodes?.sets.get(TYPE.DNSKEY) ?? []), ...(nodes?.signatures.get(TYPE.DNSKEY) ?? [])]).find(isDnskey)
    if (!dnskeys) throw new Error('no keys')
    const proofs = admitProofs(records, trustOwnKeys(zone.apex, dnskeys, task), task)
    expect(proofs.rrsets).toHaveLength(1)
    const verdict = prove({ name: nameFromText('example'), type: TYPE.DS, what: 'nodata' }, proofs, task)
    expect(verdict).toMatchObject({ status: 'bogus', reason: { kind: 'denialWrong' } })
    // the same record is good for any other type that is not there
    expect(prove({ name: nameFromText('example'), type: TYPE.AAAA, what: 'nodata' }, proofs, task)).toMatchObject({ proves: 'nodata' })
  })
})
