// Plans over signed zones: every row of RFC 7672 2.2 that the DNS decides, the TLSA base domain, the order of questions.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { debugLines, type HostPlan, planDane, planDaneSrv, policyFor } from '../../src/dane/index.js'
import type { Resolver } from '../../src/index.js'
import { TYPE } from '../../src/wire/numbers.js'
import * as behaviours from '../world/behaviours.js'
import { buildWorld, type Hierarchy } from '../world/hierarchy.js'
import { signing, TOP, type ZoneSpec } from '../world/hierarchy-zones.js'
import { flipBit } from '../world/signer.js'
import { resolverOver } from './mail-world.js'

const D = '8D5E0A3F1C2B4D6E7F8091A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6'
const TLSA = `TLSA 3 1 1 ${D}`
const failingFor = (type: number) => [behaviours.when(behaviours.asksFor(type), behaviours.failing(2))]

const ZONES: readonly ZoneSpec[] = [
  {
    name: 'good.ordered',
    text: `
@ MX 10 mx1
@ MX 20 mx2
@ MX 20 mx3
mx1 A 127.0.0.1
mx1 AAAA ::1
_25._tcp.mx1 ${TLSA}
_26._tcp.mx1 TLSA 2 1 1 ${D}
mx2 A 127.0.0.2
_25._tcp.mx2 TLSA 3 1 9 ${D}
_25._tcp.mx2 TLSA 0 1 1 ${D}
mx3 A 127.0.0.3
mixed MX 10 mx4
mx4 A 127.0.0.4
_25._tcp.mx4 TLSA 3 1 1 00
_25._tcp.mx4 ${TLSA}
aliased CNAME good.ordered.
null MX 0 .
nomx A 127.0.0.9
_25._tcp.nomx ${TLSA}
nothing TXT "no address"
dead MX 10 gone
_xmpp-client._tcp SRV 10 0 5222 mx1
_xmpp-client._tcp SRV 20 0 5223 mx2
_5222._tcp.mx1 TLSA 1 1 1 ${D}
_none._tcp SRV 0 0 0 .`
  },
  {
    name: 'alias.ordered',
    text: `
@ MX 10 both
@ MX 20 first
@ MX 30 tail
@ MX 40 tlsacname
both CNAME target.aliased.hashed.
_25._tcp.both ${TLSA}
first CNAME bare.aliased.hashed.
_25._tcp.first ${TLSA}
tail CNAME mx.open.ordered.
_25._tcp.tail ${TLSA}
tlsacname A 127.0.0.5
_25._tcp.tlsacname CNAME _dane
_dane ${TLSA}`
  },
  { name: 'aliased.hashed', text: `target A 127.0.0.6\n_25._tcp.target ${TLSA}\nbare A 127.0.0.7`, denial: { by: 'nsec3', iterations: 0 } },
  {
    name: 'open.ordered',
    algorithm: 'unsigned',
    text: `@ MX 10 mx\n@ MX 20 mx1.good.ordered.\n@ MX 30 back\nmx A 127.0.0.8\n_25._tcp.mx ${TLSA}\nback CNAME mx1.good.ordered.`
  },
  { name: 'badmx.ordered', text: '@ MX 10 mx1.good.ordered.', faults: signing(TYPE.MX, { corrupt: flipBit }) },
  { name: 'badaddress.ordered', text: `@ MX 10 mx\nmx A 127.0.0.1\n_25._tcp.mx ${TLSA}`, faults: signing(TYPE.A, { corrupt: flipBit }) },
  { name: 'badtlsa.ordered', text: `@ MX 10 mx\nmx A 127.0.0.1\n_25._tcp.mx ${TLSA}`, faults: signing(TYPE.TLSA, { corrupt: flipBit }) },
  {
    name: 'notlsa.ordered',
    text: `@ MX 10 mx\nmx A 127.0.0.1\n_25._tcp.mx ${TLSA}`,
    address: '203.0.113.41',
    behaviours: failingFor(TYPE.TLSA)
  },
  {
    name: 'nodenial.ordered',
    text: '@ MX 10 mx\nmx A 127.0.0.1',
    address: '203.0.113.42',
    behaviours: [behaviours.strippingDenial]
  },
  {
    name: 'stripped.ordered',
    text: `@ MX 10 mx\nmx A 127.0.0.1\n_25._tcp.mx ${TLSA}`,
    address: '203.0.113.43',
    behaviours: [behaviours.strippingRrsig]
  },
  { name: 'silent.ordered', text: '@ MX 10 mx', address: '203.0.113.44', behaviours: [behaviours.silent] },
  {
    name: 'no6.ordered',
    text: `@ MX 10 mx\nmx A 127.0.0.1\n_25._tcp.mx ${TLSA}`,
    address: '203.0.113.45',
    behaviours: failingFor(TYPE.AAAA)
  }
]

let world: Hierarchy
let resolver: Resolver
beforeAll(() => {
  world = buildWorld([...TOP, ...ZONES], [], Date.now())
  resolver = resolverOver(world)
})
afterAll(async () => {
  await resolver.close()
  await world.close()
})

const plan = (domain: string, options = {}) => planDane(domain, { resolver, ...options })
const host = async (domain: string, name: string): Promise<HostPlan> => {
  const found = (await plan(domain)).hosts.find((one) => one.host === name)
  if (!found) throw new Error(`no ${name}`)
  return found
}

describe('the MX', () => {
  it('secure: every host for itself, by preference', async () => {
    const good = await plan('good.ordered')
    expect(good).toMatchObject({ domain: 'good.ordered', mxStatus: 'secure', action: 'try-hosts', nullMx: false, mode: 'opportunistic' })
    expect(good.hosts.map(({ preference }) => preference)).toEqual([10, 20, 20])
    expect(good.hosts[0]).toMatchObject({ host: 'mx1.good.ordered', state: 'dane', tlsaBase: 'mx1.good.ordered', mxSecure: true })
    expect(good.hosts[0].addresses).toEqual([
      { address: '127.0.0.1', family: 4, status: 'secure' },
      { address: '::1', family: 6, status: 'secure' }
    ])
    expect(good.expiresAt).toBeGreaterThan(Date.now())
  })

  it('hosts of one preference come in an order of chance', async () => {
    const orders = await Promise.all(
      [0, 1].map((low) => {
        let calls = 0
        return plan('good.ordered', { random: () => (calls++ % 2 === low ? 0.1 : 0.9) })
      })
    )
    const names = orders.map(({ hosts }) => hosts.map((one) => one.host.slice(0, 3)).join(' '))
    expect(new Set(names)).toEqual(new Set(['mx1 mx2 mx3', 'mx1 mx3 mx2']))
  })

  it('bogus, unsigned where it must be signed, or without a reply: deferred, and no host is asked for', async () => {
    for (const [domain, status, found] of [
      ['badmx.ordered', 'bogus', 'bogus'],
      ['stripped.ordered', 'bogus', 'bogus'],
      ['silent.ordered', 'indeterminate', 'failed']
    ]) {
      const bad = await plan(domain)
      expect(bad, domain).toMatchObject({ action: 'defer', hosts: [], mxStatus: status, mx: found })
      expect(bad.reason?.text.length).toBeGreaterThan(10)
    }
  })

  it('null MX and a domain that does not exist: returned', async () => {
    expect(await plan('null.good.ordered')).toMatchObject({ action: 'bounce', nullMx: true, mx: 'null', hosts: [] })
    expect(await plan('nowhere.good.ordered')).toMatchObject({ action: 'bounce', nullMx: false, mx: 'nxdomain', mxStatus: 'secure' })
    expect(await plan('nowhere.open.ordered')).toMatchObject({ action: 'bounce', mx: 'insecure-nxdomain' })
  })

  it('none: the domain is its own host (RFC 5321 5.1)', async () => {
    const { hosts, mx } = await plan('nomx.good.ordered')
    expect(mx).toBe('nodata')
    expect(hosts).toMatchObject([{ host: 'nomx.good.ordered', implicitMx: true, state: 'dane', mxSecure: true }])
    expect((await plan('nothing.good.ordered')).hosts).toMatchObject([{ state: 'no-address', addresses: [] }])
  })

  it('insecure: hosts in signed zones still have their records (RFC 7672 2.2.1)', async () => {
    const open = await plan('open.ordered')
    expect(open.mxStatus).toBe('insecure')
    expect(open.hosts.map(({ state, mxSecure }) => [state, mxSecure])).toEqual([
      ['no-dane', false],
      ['dane', false],
      ['no-dane', false]
    ])
    // the destination alone is a further reference name, where nothing was secure
    expect(open.hosts[1].referenceNames).toEqual(['mx1.good.ordered', 'open.ordered'])
  })

  it('by an alias: the expanded name is a reference name, too (RFC 7672 3.2.2)', async () => {
    const { hosts } = await plan('aliased.good.ordered')
    expect(hosts[0].referenceNames).toEqual(['mx1.good.ordered', 'aliased.good.ordered', 'good.ordered'])
  })
})

describe('the host', () => {
  it('records of which none can be used demand TLS all the same', async () => {
    const two = await host('good.ordered', 'mx2.good.ordered')
    expect(two).toMatchObject({ state: 'encrypt-only', tlsaBase: 'mx2.good.ordered' })
    expect(two.tlsa.map(({ unusable }) => unusable).sort()).toEqual(['matching-type', 'usage'])
  })

  it('one that can be used is enough', async () => {
    const [four] = (await plan('mixed.good.ordered')).hosts
    expect(four.state).toBe('dane')
    expect(four.tlsa.map(({ unusable }) => unusable).sort()).toEqual(['length', undefined])
  })

  it('a proven denial is no DANE, and a denial without proof is a failure', async () => {
    expect(await host('good.ordered', 'mx3.good.ordered')).toMatchObject({ state: 'no-dane', tlsaBase: null, facts: { tlsa: 'nxdomain' } })
    expect((await plan('nodenial.ordered')).hosts[0]).toMatchObject({ state: 'lookup-failed', facts: { tlsa: 'bogus' } })
  })

  it('bogus TLSA records, and SERVFAIL for them, are a failure and never "none"', async () => {
    expect((await plan('badtlsa.ordered')).hosts[0]).toMatchObject({ state: 'lookup-failed', tlsa: [], facts: { tlsa: 'bogus' } })
    expect((await plan('notlsa.ordered')).hosts[0]).toMatchObject({ state: 'lookup-failed', tlsa: [], facts: { tlsa: 'failed' } })
  })

  it('a bogus address is no address', async () => {
    expect((await plan('badaddress.ordered')).hosts[0]).toMatchObject({
      state: 'lookup-failed',
      addresses: [],
      facts: { address: 'bogus' }
    })
  })

  it('one family that fails costs its addresses and not the host', async () => {
    expect((await plan('no6.ordered')).hosts[0]).toMatchObject({ state: 'dane', addresses: [{ address: '127.0.0.1' }] })
  })

  it('in an unsigned zone is not asked for TLSA records at all (RFC 7672 2.2.2)', async () => {
    const fresh = world.memory()
    await using other = resolverOver(world, { transport: fresh })
    const { hosts } = await planDane('open.ordered', { resolver: other })
    expect(hosts[0]).toMatchObject({ state: 'no-dane', facts: { address: 'insecure', tlsa: 'not-asked' } })
    const asked = fresh.exchanges.map(({ question }) => question)
    expect(asked.filter((question) => /^_25\._tcp\.mx\.open/i.test(question))).toEqual([])
    expect(asked.some((question) => /^_25\._tcp\.mx1\.good\.ordered TLSA/i.test(question))).toBe(true)
  })

  it('addresses are asked for before TLSA records', async () => {
    const { trace } = await host('good.ordered', 'mx1.good.ordered')
    expect(trace.lookups.map(({ type }) => type)).toEqual(['A', 'AAAA', 'TLSA'])
  })
})

describe('aliases of the host (RFC 7672 2.2.3)', () => {
  it('secure to the end: the expanded name first', async () => {
    expect(await host('alias.ordered', 'both.alias.ordered')).toMatchObject({
      state: 'dane',
      tlsaBase: 'target.aliased.hashed',
      aliases: [{ name: 'both.alias.ordered', target: 'target.aliased.hashed', status: 'secure' }]
    })
  })

  it('secure to the end without records there: then the original name', async () => {
    expect(await host('alias.ordered', 'first.alias.ordered')).toMatchObject({ state: 'dane', tlsaBase: 'first.alias.ordered' })
  })

  it('secure at its first link only: the original name alone', async () => {
    const tail = await host('alias.ordered', 'tail.alias.ordered')
    expect(tail).toMatchObject({ state: 'dane', tlsaBase: 'tail.alias.ordered', facts: { address: 'secure-alias' } })
    expect(tail.trace.lookups.filter(({ type }) => type === 'TLSA').map(({ name }) => name)).toEqual(['_25._tcp.tail.alias.ordered'])
  })

  it('insecure at its first link: no DANE, though the target has records', async () => {
    expect(await host('open.ordered', 'back.open.ordered')).toMatchObject({ state: 'no-dane', facts: { tlsa: 'not-asked' } })
  })

  it('the TLSA owner itself may be a secure alias (RFC 7671 7)', async () => {
    expect(await host('alias.ordered', 'tlsacname.alias.ordered')).toMatchObject({ state: 'dane', tlsa: [{ usage: 3 }] })
  })
})

describe('options', () => {
  it('the port selects the records', async () => {
    const { hosts } = await plan('good.ordered', { port: 26 })
    expect(hosts[0].tlsa).toMatchObject([{ usage: 2, owner: '_26._tcp.mx1.good.ordered' }])
  })

  it('a configured next hop takes the place of the MX (RFC 7672 2.2.2)', async () => {
    const routed = await plan('badmx.ordered', { nextHop: 'mx1.good.ordered.' })
    expect(routed).toMatchObject({ mx: 'route', action: 'try-hosts', hosts: [{ host: 'mx1.good.ordered', state: 'dane', mxSecure: true }] })
    expect((await plan('x.ordered', { nextHop: '[127.0.0.1]' })).hosts[0]).toMatchObject({
      state: 'no-dane',
      addresses: [{ address: '127.0.0.1' }]
    })
  })

  it('mode none asks for no TLSA records', async () => {
    const { hosts } = await plan('good.ordered', { mode: 'none' })
    expect(hosts.map(({ facts }) => facts.tlsa)).toEqual(['not-asked', 'not-asked', 'not-asked'])
  })

  it('families and the number of hosts are bounded', async () => {
    const { hosts } = await plan('good.ordered', { families: [6], maxHosts: 2 })
    expect(hosts.map(({ state }) => state)).toEqual(['dane', 'no-address'])
  })

  it('what makes no sense is refused before any packet', async () => {
    await expect(plan('good.ordered', { tls: 'none' })).rejects.toThrow(RangeError)
    await expect(plan('good.ordered', { mode: 'sometimes' })).rejects.toThrow(RangeError)
    await expect(plan('a..b')).rejects.toThrow(RangeError)
    await expect(plan('good.ordered', { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
  })

  it('a trace is kept for every look-up when it is asked for', async () => {
    const traced = await plan('good.ordered', { trace: true })
    expect(traced.trace.lookups[0].trace?.question).toEqual({ name: 'good.ordered', type: 'MX' })
    expect(traced.trace.below.every(({ lookups }) => lookups.every(({ trace }) => trace !== undefined))).toBe(true)
    const lines = debugLines(traced).map(({ text }) => text)
    expect(lines).toContain('DNS question: good.ordered MX')
    expect(lines.some((line) => /^DNS cache: /.test(line))).toBe(true)
    expect(lines.some((line) => /^DNS status: mx1\.good\.ordered A secure/.test(line))).toBe(true)
    expect(lines.some((line) => /^DNS answer: _25\._tcp\.mx1\.good\.ordered TLSA secure/.test(line))).toBe(true)
  })
})

describe('SRV (RFC 7673)', () => {
  it('plans by priority, with the port of each target and usages 0 and 1', async () => {
    const srv = await planDaneSrv('xmpp-client', 'good.ordered', { resolver })
    expect(srv.hosts).toMatchObject([
      { host: 'mx1.good.ordered', port: 5222, state: 'dane', tlsa: [{ usage: 1 }] },
      { host: 'mx2.good.ordered', port: 5223, state: 'no-dane' }
    ])
    expect(srv.hosts[0].tlsa[0].unusable).toBeUndefined()
  })

  it('a service that is not offered', async () => {
    expect(await planDaneSrv('_none', 'good.ordered', { resolver })).toMatchObject({ action: 'bounce', nullMx: true })
    expect(await planDaneSrv('pop3', 'good.ordered', { resolver })).toMatchObject({ action: 'bounce', mx: 'nxdomain' })
    expect(await planDaneSrv('pop3', 'stripped.ordered', { resolver })).toMatchObject({ action: 'defer', mx: 'bogus' })
  })
})

describe('policyFor', () => {
  const profiles = {
    'bank.example': { mode: 'mandatory' },
    '.example': { mode: 'opportunistic', tls: 'required' },
    '.gov.example': { tls: 'required-verify' },
    'inside.example': { route: 'hub.example' },
    'dane.example': { route: 'hub.example', routeUsesDns: true },
    '*': { mode: 'none' }
  } as const

  it('takes the exact domain, then the longest pattern, then the default', () => {
    expect(policyFor(profiles, 'Bank.example.')).toMatchObject({ mode: 'mandatory', tls: 'preferred' })
    expect(policyFor(profiles, 'a.bank.example')).toMatchObject({ mode: 'opportunistic', tls: 'required' })
    expect(policyFor(profiles, 'a.gov.example')).toMatchObject({ mode: 'opportunistic', tls: 'required-verify' })
    expect(policyFor(profiles, 'elsewhere.test').mode).toBe('none')
    expect(policyFor({}, 'elsewhere.test').mode).toBe('opportunistic')
  })

  it('a static route skips DANE unless it uses the DNS', () => {
    expect(policyFor(profiles, 'inside.example')).toMatchObject({ mode: 'none', nextHop: 'hub.example' })
    expect(policyFor(profiles, 'dane.example')).toMatchObject({ mode: 'opportunistic', nextHop: 'hub.example' })
  })

  it('DANE without TLS is a mistake', () => {
    expect(() => policyFor({ '*': { tls: 'none' } }, 'a.test')).toThrow(RangeError)
    expect(policyFor({ '*': { tls: 'none', mode: 'none' } }, 'a.test').tls).toBe('none')
  })
})
