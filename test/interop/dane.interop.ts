// Every case of DANE for SMTP against a real Postfix, in zones served by NSD, with posttls-finger and a validating Unbound as
// the second opinion: the same verdict, or the section of an RFC that makes ours right.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DaneEvent, linesOf, type Outcome, verifyDane } from '../../src/dane/index.js'
import { createResolver, type Resolver } from '../../src/index.js'
import { TYPE } from '../../src/wire/numbers.js'
import { tlsaFor } from '../dane/mail-world.js'
import { authority } from '../world/authority.js'
import { behaving, strippingDnssec } from '../world/behaviours.js'
import { makeCertificate } from '../world/certificates.js'
import { signing } from '../world/hierarchy-zones.js'
import { type Listener, listen } from '../world/net.js'
import { flipBit } from '../world/signer.js'
import { type Bed, type BedZone, makeBed, NAMESERVER, whyNoBed } from './dane-bed.js'
import { type Postfix, type Smtpd, startPostfix, whyNoPostfix } from './postfix.js'

const PORT = 2525
const DAY = 86_400_000
const missing = whyNoPostfix() ?? whyNoBed()

const root = makeCertificate({ subject: 'Root', ca: true })
const inter = makeCertificate({ subject: 'Inter', issuer: root, ca: true })
const self = makeCertificate({ subject: 'self', names: ['unrelated.example'] })
const newer = makeCertificate({ subject: 'newer' })
const old = makeCertificate({ subject: 'old', notAfter: new Date(Date.now() - DAY) })
const leaf = makeCertificate({ subject: 'leaf', issuer: inter, names: ['mx.ta.test', '*.wild.test', 'nexthop.test', 'target.test'] })
const oldLeaf = makeCertificate({ subject: 'leaf', issuer: inter, names: ['mx.oldta.test'], notAfter: new Date(Date.now() - DAY) })
const evilRoot = makeCertificate({ subject: 'Evil', ca: true })
const evil = makeCertificate({ subject: 'evil', issuer: evilRoot, names: ['mx.evil.test'] })
const noCa = makeCertificate({ subject: 'NoCa', issuer: root, names: ['noca.example'] })
const byNoCa = makeCertificate({ subject: 'leaf', issuer: noCa, names: ['mx.noca.test'] })
const short = makeCertificate({ subject: 'Short', ca: 0 })
const under = makeCertificate({ subject: 'Under', issuer: short, ca: true })
const tooDeep = makeCertificate({ subject: 'leaf', issuer: under, names: ['mx.deep.test'] })

const A = (n: number): string => `127.0.1.${n}`
const SERVERS: Record<string, Smtpd> = {
  [A(1)]: { chain: [self] },
  [A(2)]: { chain: [old] },
  [A(3)]: { chain: [leaf, inter, root] },
  [A(4)]: { chain: [leaf, inter] },
  [A(5)]: {},
  [A(6)]: { refuses: true },
  [A(7)]: { chain: [oldLeaf, inter, root] },
  [A(8)]: { chain: [evil, evilRoot, root] },
  [A(9)]: { chain: [byNoCa, noCa, root] },
  [A(10)]: { chain: [newer] },
  [A(11)]: { chain: [tooDeep, under, short] },
  [A(12)]: { chain: [leaf, root, inter] }
}
const DEAD = '127.0.1.99'

/** One host `mx` below the domain: its addresses and TLSA records. */
const host = (domain: string, addresses: string, ...tlsa: string[]): string =>
  [
    `${domain} MX 10 mx.${domain}`,
    ...addresses.split(' ').map((address) => `mx.${domain} A ${address}`),
    ...tlsa.map((data) => `_${PORT}._tcp.mx.${domain} TLSA ${data}`)
  ].join('\n')

const EE = tlsaFor(self, 3)
const OTHER = tlsaFor(newer, 3)

/** What a mailer would have: authenticated, TLS without authentication, plaintext, or nothing (now). */
type Had = 'authenticated' | 'tls' | 'plaintext' | 'refused'

interface Case {
  readonly name: string
  readonly domain: string
  readonly records: string
  readonly outcome: Outcome
  readonly had: Had
  /** with DANE mandatory; the same as `outcome` when left out */
  readonly mandatory?: Outcome
  /** hosts that posttls-finger is sent to one by one */
  readonly hosts?: readonly string[]
  /** where posttls-finger has it otherwise: what it has, and the section that makes us right */
  readonly differs?: { readonly had: Had; readonly because: string }
}

const ok = { outcome: 'authenticated', had: 'authenticated' } as const
const fails = { outcome: 'fail', had: 'refused' } as const
const defers = { outcome: 'defer', had: 'refused' } as const
const falls = { outcome: 'fallback', had: 'tls', mandatory: 'fail' } as const

/** In the zone `test`, all of it signed. */
const CASES: readonly Case[] = [
  { name: 'DANE-EE match', domain: 'ee', records: host('ee', A(1), EE), ...ok },
  { name: 'DANE-EE match, 3 0 1', domain: 'ee301', records: host('ee301', A(1), tlsaFor(self, 3, 0, 1)), ...ok },
  { name: 'DANE-EE match, 3 0 0', domain: 'ee300', records: host('ee300', A(1), tlsaFor(self, 3, 0, 0)), ...ok },
  { name: 'DANE-EE match, 3 1 2', domain: 'ee312', records: host('ee312', A(1), tlsaFor(self, 3, 1, 2)), ...ok },
  { name: 'DANE-EE match, 3 1 0', domain: 'ee310', records: host('ee310', A(1), tlsaFor(self, 3, 1, 0)), ...ok },
  { name: 'DANE-TA match, the anchor is sent', domain: 'ta', records: host('ta', A(3), tlsaFor(root, 2)), ...ok },
  {
    name: 'DANE-TA match of the intermediate',
    domain: 'x.wild',
    records: host('x.wild', A(3), tlsaFor(inter, 2, 0, 1)).replaceAll('mx.x.wild', 'mx.wild'),
    ...ok
  },
  {
    name: 'DANE-TA match, an unusual order on the wire',
    domain: 'order.ta',
    records: `order.ta MX 10 mx2.wild\nmx2.wild A ${A(12)}\n_${PORT}._tcp.mx2.wild TLSA ${tlsaFor(root, 2)}`,
    ...ok
  },
  {
    name: 'DANE-TA match, the anchor only in the DNS (2 0 0)',
    domain: 'dns.ta',
    records: `dns.ta MX 10 mx3.wild\nmx3.wild A ${A(4)}\n_${PORT}._tcp.mx3.wild TLSA ${tlsaFor(root, 2, 0, 0)}`,
    ...ok
  },
  {
    name: 'DANE-TA match, only the key of the anchor in the DNS (2 1 0)',
    domain: 'key.ta',
    records: `key.ta MX 10 mx4.wild\nmx4.wild A ${A(4)}\n_${PORT}._tcp.mx4.wild TLSA ${tlsaFor(root, 2, 1, 0)}`,
    ...ok
  },
  {
    name: 'DANE-TA digest of an anchor that is not sent',
    domain: 'unsent.ta',
    records: `unsent.ta MX 10 mx5.wild\nmx5.wild A ${A(4)}\n_${PORT}._tcp.mx5.wild TLSA ${tlsaFor(root, 2)}`,
    ...fails
  },
  {
    name: 'a certificate for the destination, not for its MX host',
    domain: 'nexthop',
    records: host('nexthop', A(3), tlsaFor(root, 2)),
    ...ok
  },
  { name: 'mismatch', domain: 'mismatch', records: host('mismatch', A(1), OTHER), ...fails },
  { name: 'an expired certificate under DANE-EE', domain: 'oldee', records: host('oldee', A(2), tlsaFor(old, 3)), ...ok },
  { name: 'an expired certificate under DANE-TA', domain: 'oldta', records: host('oldta', A(7), tlsaFor(root, 2)), ...fails },
  { name: 'a wrong name under DANE-TA', domain: 'wrongname', records: host('wrongname', A(3), tlsaFor(root, 2)), ...fails },
  { name: 'a foreign chain with the pinned anchor behind it', domain: 'evil', records: host('evil', A(8), tlsaFor(root, 2)), ...fails },
  { name: 'an issuer that is no CA', domain: 'noca', records: host('noca', A(9), tlsaFor(root, 2)), ...fails },
  { name: 'a path longer than its CA allows', domain: 'deep', records: host('deep', A(11), tlsaFor(short, 2)), ...fails },
  { name: 'the leaf as its own trust anchor', domain: 'own', records: host('own', A(1), tlsaFor(self, 2)), ...fails },
  { name: 'roll-over with two records, before', domain: 'roll', records: host('roll', A(1), EE, OTHER), ...ok },
  { name: 'roll-over with two records, after', domain: 'rolled', records: host('rolled', A(10), EE, OTHER), ...ok },
  { name: 'a weaker digest beside a stronger one', domain: 'agile', records: host('agile', A(1), EE, tlsaFor(newer, 3, 1, 2)), ...fails },
  { name: 'no STARTTLS', domain: 'nostarttls', records: host('nostarttls', A(5), EE), ...fails },
  { name: 'STARTTLS refused', domain: 'refused', records: host('refused', A(6), EE), ...fails },
  { name: 'TLSA NXDOMAIN in a secure zone', domain: 'notlsa', records: host('notlsa', A(1)), ...falls },
  {
    name: 'TLSA NXDOMAIN in a secure zone, no STARTTLS',
    domain: 'noboth',
    records: host('noboth', A(5)),
    outcome: 'fallback',
    had: 'plaintext',
    mandatory: 'fail'
  },
  {
    name: 'TLSA no data in a secure zone',
    domain: 'nodata',
    records: `${host('nodata', A(1))}\n_${PORT}._tcp.mx.nodata TXT "no TLSA"`,
    ...falls
  },
  {
    name: 'no record can be used',
    domain: 'unusable',
    records: host('unusable', A(1), `3 1 9 ${'00'.repeat(32)}`),
    outcome: 'encrypt-only',
    had: 'tls',
    mandatory: 'fail'
  },
  {
    name: 'no record can be used, no STARTTLS',
    domain: 'unusable5',
    records: host('unusable5', A(5), `3 1 9 ${'00'.repeat(32)}`),
    ...fails
  },
  {
    name: 'usage 1 alone',
    domain: 'pkix',
    records: host('pkix', A(1), tlsaFor(self, 1)),
    outcome: 'encrypt-only',
    had: 'tls',
    mandatory: 'fail'
  },
  { name: 'one record can be used and matches', domain: 'some', records: host('some', A(1), `3 1 1 00`, EE), ...ok },
  { name: 'one record can be used and does not match', domain: 'someno', records: host('someno', A(1), `3 1 1 00`, OTHER), ...fails },
  { name: 'MX absent: the domain itself', domain: 'nomx', records: `nomx A ${A(1)}\n_${PORT}._tcp.nomx TLSA ${EE}`, ...ok },
  { name: 'null MX', domain: 'null', records: 'null MX 0 .', ...fails },
  { name: 'a domain that does not exist', domain: 'nowhere', records: '', ...fails },
  {
    name: 'first MX down, the second good',
    domain: 'second',
    records: `second MX 10 mx.second\nmx.second A ${DEAD}\n_${PORT}._tcp.mx.second TLSA ${EE}\nsecond MX 20 mx.ee`,
    ...ok
  },
  { name: 'first address down', domain: 'address', records: host('address', `${DEAD} ${A(1)}`, EE), ...ok },
  { name: 'every address down', domain: 'dead', records: host('dead', DEAD, EE), ...defers },
  {
    name: 'the first MX does not match, the second does',
    domain: 'badfirst',
    records: 'badfirst MX 10 mx.mismatch\nbadfirst MX 20 mx.ee',
    hosts: ['[mx.mismatch.test]', '[mx.ee.test]'],
    ...ok
  },
  {
    name: 'an MX host that is an alias, records at its target',
    domain: 'alias',
    records: `alias MX 10 mx.alias\nmx.alias CNAME target\ntarget A ${A(1)}\n_${PORT}._tcp.target TLSA ${EE}`,
    ...ok
  },
  {
    name: 'an MX host that is an alias, records at its own name',
    domain: 'alias2',
    records: `alias2 MX 10 mx.alias2\nmx.alias2 CNAME bare\nbare A ${A(1)}\n_${PORT}._tcp.mx.alias2 TLSA ${EE}`,
    ...ok
  },
  {
    name: 'a secure alias to an insecure host, records at its own name',
    domain: 'alias3',
    records: `alias3 MX 10 mx.alias3\nmx.alias3 CNAME mx.insecure\n_${PORT}._tcp.mx.alias3 TLSA ${EE}`,
    ...ok
  },
  {
    name: 'a TLSA owner that is an alias',
    domain: 'tlsacname',
    records: `${host('tlsacname', A(1))}\n_${PORT}._tcp.mx.tlsacname CNAME _dane\n_dane TLSA ${EE}`,
    ...ok
  },
  { name: 'TLSA bogus', domain: 'badtlsa', records: '', ...defers },
  { name: 'MX bogus', domain: 'badmx', records: '', ...defers },
  { name: 'the address bogus', domain: 'badaddress', records: '', ...defers },
  { name: 'an insecure zone with TLSA records', domain: 'insecure', records: '', ...falls },
  { name: 'TLSA NXDOMAIN in an insecure zone', domain: 'none.insecure', records: '', ...falls },
  {
    name: 'MX insecure, TLSA secure',
    domain: 'half.insecure',
    records: '',
    outcome: 'authenticated',
    had: 'authenticated',
    mandatory: 'fail'
  },
  { name: 'MX insecure, TLSA secure, mismatch', domain: 'halfno.insecure', records: '', ...fails }
]

const ZONES: readonly BedZone[] = [
  { name: 'test', text: CASES.map(({ records }) => records).join('\n') },
  {
    name: 'insecure.test',
    unsigned: true,
    text: `${`@ MX 10 mx\nmx A ${A(1)}\n_${PORT}._tcp.mx TLSA ${OTHER}`}\nnone MX 10 mx2\nmx2 A ${A(1)}\nhalf MX 10 mx.ee.test.\nhalfno MX 10 mx.mismatch.test.`
  },
  { name: 'badmx.test', text: '@ MX 10 mx.ee.test.', faults: signing(TYPE.MX, { corrupt: flipBit }) },
  { name: 'badtlsa.test', text: `@ MX 10 mx\nmx A ${A(1)}\n_${PORT}._tcp.mx TLSA ${EE}`, faults: signing(TYPE.TLSA, { corrupt: flipBit }) },
  { name: 'badaddress.test', text: `@ MX 10 mx\nmx A ${A(1)}\n_${PORT}._tcp.mx TLSA ${EE}`, faults: signing(TYPE.A, { corrupt: flipBit }) }
]

describe.skipIf(missing)(`DANE against Postfix, NSD and Unbound${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let bed: Bed
  let postfix: Postfix
  let resolver: Resolver
  let stripping: Listener
  const agreed = { same: 0, other: 0 }

  beforeAll(async () => {
    bed = await makeBed(ZONES)
    postfix = await startPostfix(SERVERS, PORT)
    stripping = await listen(behaving(authority(bed.zones), strippingDnssec))
    resolver = createResolver({
      trustAnchors: bed.anchors,
      rootHints: [{ name: 'ns.test', addresses: [NAMESERVER] }],
      allowPrivateAddresses: true
    })
  }, 60_000)
  afterAll(async () => {
    await resolver?.close()
    await stripping?.close()
    await postfix?.close()
    await bed?.close()
  })
  afterAll(() => {
    if (!bed || !postfix) return
    const { nsd, unbound } = bed.versions
    console.log(
      `Postfix ${postfix.version}, NSD ${nsd}, Unbound ${unbound}: ${agreed.same} cases with the same verdict, ${agreed.other} with another`
    )
  })

  it('STARTTLS that is refused is told apart from one that is not offered', async () => {
    const lines: string[] = []
    for (const domain of ['refused.test', 'nostarttls.test']) {
      for await (const event of verifyDane(domain, { resolver, port: PORT, families: [4] })) lines.push(...linesOf(event))
    }
    expect(lines.join('\n')).toContain('STARTTLS refused by mx.refused.test.')
    expect(lines).toContain('STARTTLS not offered by mx.nostarttls.test.')
  })

  async function ours(domain: string, mode: 'opportunistic' | 'mandatory', by = resolver): Promise<{ outcome: Outcome; had: Had }> {
    const events: DaneEvent[] = []
    for await (const event of verifyDane(domain, { resolver: by, port: PORT, mode, timeoutMs: 5_000, families: [4] })) events.push(event)
    const last = events.at(-1)
    if (last?.event !== 'result') throw new Error('no result')
    return { outcome: last.outcome, had: hadBy(last.outcome, last.verdict?.word) }
  }

  /**
   * What Postfix would have had. posttls-finger is a probe: it tells what a session came to, and goes on where smtp(8) would not
   * send. Which level is in force it tells when it is asked for dane-only: then it says what it resorts to without records.
   */
  async function theirs(destination: string): Promise<{ had: Had; text: string }> {
    const { text } = await postfix.finger(['-c', '-l', 'dane', `${destination}:${PORT}`], bed.validator)
    if (/ (Verified|Trusted) TLS connection established/.test(text)) return { had: 'authenticated', text }
    if (/address lookup failed|Failed to establish session/.test(text)) return { had: 'refused', text }
    const only = (await postfix.finger(['-c', '-l', 'dane-only', `${destination}:${PORT}`], bed.validator)).text
    const unusable = /all TLSA records unusable|no usable TLSA records found/.test(only)
    const none = /no TLSA records found/.test(only)
    const both = `${text}\nwith dane-only:\n${only}`
    if (/ Untrusted TLS connection established/.test(text)) return { had: unusable || none ? 'tls' : 'refused', text: both }
    return { had: none ? 'plaintext' : 'refused', text: both }
  }

  for (const { name, domain, outcome, had, mandatory = outcome, hosts, differs } of CASES) {
    it(`${name}: ${outcome}`, async () => {
      const zone = `${domain}.test`
      expect(await ours(zone, 'opportunistic')).toEqual({ outcome, had })
      expect((await ours(zone, 'mandatory')).outcome).toBe(mandatory)
      // posttls-finger ends with the first host that it could talk to, smtp(8) goes on: each host for itself, then
      const each = []
      for (const one of hosts ?? [zone]) each.push(await theirs(one))
      const second = each.find((one) => one.had !== 'refused') ?? each[0]
      expect(second.had, second.text).toBe(differs?.had ?? had)
      if (second.had === had) agreed.same++
      else agreed.other++
    })
  }

  it('a forwarder without DNSSEC before a good one: still authenticated', async () => {
    const forwarders = [
      { address: '127.0.0.1', port: stripping.port, priority: 0 },
      { address: bed.validator, priority: 1 }
    ]
    await using behind = createResolver({ trustAnchors: bed.anchors, forwarders })
    expect(await ours('ee.test', 'opportunistic', behind)).toEqual({ outcome: 'authenticated', had: 'authenticated' })
    expect((await ours('mismatch.test', 'opportunistic', behind)).outcome).toBe('fail')
    expect((await ours('badtlsa.test', 'opportunistic', behind)).outcome).toBe('defer')
    const second = await theirs('ee.test')
    expect(second.had, second.text).toBe('authenticated')
    agreed.same++
  })
})

function hadBy(outcome: Outcome, word: string | undefined): Had {
  if (outcome === 'fail' || outcome === 'defer') return 'refused'
  if (word === 'Plaintext') return 'plaintext'
  return outcome === 'authenticated' ? 'authenticated' : 'tls'
}
