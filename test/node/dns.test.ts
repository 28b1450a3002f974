// The same shapes as node:dns/promises gives: both ask one server, and what they give is compared. Bogus answers are errors.
import { Resolver as NodeResolver } from 'node:dns/promises'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolver, type Resolver } from '../../src/index.js'
import {
  type LookupAddress,
  type LookupError,
  type LookupOptions,
  type ValidatingDns,
  validatingDns,
  validatingLookup
} from '../../src/node/index.js'
import { authority } from '../world/authority.js'
import { buildWorld, type Hierarchy } from '../world/hierarchy.js'
import { TOP, ZONES, type ZoneSpec } from '../world/hierarchy-zones.js'
import { type Listener, listen } from '../world/net.js'

const MORE: ZoneSpec = {
  name: 'types.ordered',
  text: `
@ MX 10 mail
@ MX 20 mail2.mail.ordered.
@ TXT "one string" "and another"
@ TXT "second"
@ CAA 0 issue "ca.example"
@ CAA 128 iodef "mailto:a@example"
_sip._tcp SRV 1 2 5060 sip
alias CNAME www
naptr NAPTR 100 50 "s" "SIP+D2U" "" _sip._udp.example.
80.113.0.203.in-addr PTR www
_25._tcp TLSA 3 1 1 8D5E0A3F1C2B4D6E7F8091A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6
loop A 127.0.0.1`
}
const world: Hierarchy = buildWorld([...TOP, MORE, ...ZONES.filter((zone) => !TOP.includes(zone))], [], Date.now())
let server: Listener
let resolver: Resolver
let ours: ValidatingDns
const theirs = new NodeResolver()

beforeAll(async () => {
  server = await listen(authority([...world.zones.values()]))
  theirs.setServers([`127.0.0.1:${server.port}`])
  resolver = createResolver({ trustAnchors: world.anchors, rootHints: world.hints, transport: world.memory(), allowPrivateAddresses: true })
  ours = validatingDns({ resolver })
})
afterAll(async () => {
  await resolver.close()
  await world.close()
  await server.close()
})

const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? [...value].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : value

describe('the functions of node:dns/promises', () => {
  it.each<[keyof ValidatingDns & keyof NodeResolver, string]>([
    ['resolve4', 'www.types.ordered'],
    ['resolve4', 'alias.types.ordered'],
    ['resolve6', 'www.types.ordered'],
    ['resolveMx', 'types.ordered'],
    ['resolveTxt', 'types.ordered'],
    ['resolveCaa', 'types.ordered'],
    ['resolveSrv', '_sip._tcp.types.ordered'],
    ['resolveCname', 'alias.types.ordered'],
    ['resolveNaptr', 'naptr.types.ordered'],
    ['resolvePtr', '80.113.0.203.in-addr.types.ordered'],
    ['resolveNs', 'types.ordered'],
    ['resolveSoa', 'types.ordered']
  ])('%s gives for %s what it gives', async (name, hostname) => {
    const ask = (dns: object) => ((dns as Record<string, unknown>)[name] as (hostname: string) => Promise<unknown>).call(dns, hostname)
    expect(sorted(await ask(ours))).toEqual(sorted(await ask(theirs)))
  })

  it('give TTLs when asked for them', async () => {
    const [mine] = await ours.resolve4('www.types.ordered', { ttl: true })
    expect(mine).toMatchObject({ address: '203.0.113.80', ttl: expect.any(Number) })
  })

  it('give TLSA in the shape of later versions of Node', async () => {
    const [tlsa] = await ours.resolveTlsa('_25._tcp.types.ordered')
    expect(tlsa).toMatchObject({ certUsage: 3, selector: 1, match: 1 })
    expect(tlsa?.data).toBeInstanceOf(ArrayBuffer)
    expect(tlsa?.data.byteLength).toBe(32)
  })

  it.each([
    ['nothing.types.ordered', 'resolve4', 'ENOTFOUND', 'queryA'],
    ['www.types.ordered', 'resolveMx', 'ENODATA', 'queryMx']
  ] as const)('reject for %s as Node does', async (hostname, name, code, syscall) => {
    const told = { code, syscall, hostname }
    await expect(ours[name](hostname)).rejects.toMatchObject({ ...told, status: 'secure' })
    await expect(theirs[name](hostname)).rejects.toMatchObject(told)
  })

  it('refuse a bogus answer that Node takes', async () => {
    expect(await theirs.resolve4('www.badsignature.ordered')).toHaveLength(1)
    const error = await ours.resolve4('www.badsignature.ordered').catch((reason: LookupError) => reason)
    expect(error).toMatchObject({ code: 'ESERVFAIL', status: 'bogus', reason: { code: 6 } })
  })

  it('give unsigned data, unless only what is secure is wanted', async () => {
    expect(await ours.resolve4('www.unsigned.ordered')).toEqual(['203.0.113.80'])
    const strict = validatingDns({ resolver, secureOnly: true })
    await expect(strict.resolve4('www.unsigned.ordered')).rejects.toMatchObject({ code: 'ESERVFAIL', status: 'insecure' })
    expect(await strict.resolve4('www.types.ordered')).toHaveLength(1)
  })

  it('resolve by the name of a type', async () => {
    expect(await ours.resolve('types.ordered', 'MX')).toEqual(await ours.resolveMx('types.ordered'))
    await expect(ours.resolve('types.ordered', 'LOC')).rejects.toThrow(TypeError)
  })

  it.each([
    ['192.0.2.1', '1.2.0.192.in-addr.arpa'],
    ['2001:db8::1', '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
    ['::ffff:192.0.2.1', '1.0.2.0.0.0.0.c.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa'],
    ['::', `${'0.'.repeat(32)}ip6.arpa`]
  ])('ask for the name of %s', async (address, expected) => {
    const asked: string[] = []
    const spy = validatingDns({
      resolver: {
        resolveSecure: async (name) => {
          asked.push(name)
          throw new Error('enough')
        }
      }
    })
    await expect(spy.reverse(address)).rejects.toThrow('enough')
    expect(asked).toEqual([expected])
  })
})

describe('lookup', () => {
  const look = (hostname: string, options: LookupOptions = {}, secureOnly = false) =>
    new Promise<LookupAddress[]>((resolve, reject) =>
      validatingLookup({ resolver, secureOnly })(hostname, { ...options, all: true }, (error, found) =>
        error ? reject(error) : resolve(found as LookupAddress[])
      )
    )

  it('gives both families, or one', async () => {
    expect(await look('www.types.ordered')).toEqual([
      { address: '2001:db8:80::80', family: 6 },
      { address: '203.0.113.80', family: 4 }
    ])
    expect(await look('www.types.ordered', { family: 4 })).toEqual([{ address: '203.0.113.80', family: 4 }])
    expect((await look('www.types.ordered', { order: 'ipv4first' }))[0]?.family).toBe(4)
  })

  it('gives addresses as they are, and the loopback for localhost', async () => {
    expect(await look('192.0.2.7')).toEqual([{ address: '192.0.2.7', family: 4 }])
    expect(await look('localhost', { family: 4 })).toEqual([{ address: '127.0.0.1', family: 4 }])
  })

  it.each([
    ['nothing.types.ordered', 'ENOTFOUND'],
    ['types.hashed', 'ENOTFOUND'],
    ['www.badsignature.ordered', 'bogus']
  ])('of %s tells why not', async (hostname, what) => {
    if (what === 'bogus') {
      // its AAAA is sound, its A is not: the sound one is given, and the other never
      expect((await look(hostname)).map(({ family }) => family)).toEqual([6])
      await expect(look(hostname, { family: 4 })).rejects.toMatchObject({ code: 'ESERVFAIL', status: 'bogus' })
    } else await expect(look(hostname)).rejects.toMatchObject({ code: what, syscall: 'getaddrinfo', hostname })
  })

  it('serves an HTTP request', async () => {
    const web = createServer((_, response) => response.end('validated'))
    await new Promise<void>((listening) => web.listen(0, '127.0.0.1', listening))
    const { port } = web.address() as AddressInfo
    const lookup = validatingLookup({ resolver })
    const body = await new Promise<string>((resolve, reject) => {
      get({ host: 'loop.types.ordered', port, family: 4, lookup }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(text))
      }).on('error', reject)
    })
    expect(body).toBe('validated')
    await new Promise<void>((closed) => web.close(() => closed()))
  })
})
