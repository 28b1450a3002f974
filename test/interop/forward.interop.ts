// Real recursive servers as forwarders, with and without DNSSEC, over UDP, TCP, TLS and HTTPS: signed names are secure through
// every one that can serve validation, and through one that cannot they are never bogus.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolver, type Resolver, type ResolverOptions } from '../../src/index.js'
import { authority } from '../world/authority.js'
import { behaving, strippingRrsig } from '../world/behaviours.js'
import { createCertificateAuthority } from '../world/certificates.js'
import { buildHierarchy } from '../world/hierarchy.js'
import { type Listener, listen } from '../world/net.js'
import { isInstalled, type Recursor, startBind, startPowerDns, startUnbound, type Upstream } from './recursors.js'

type Forwarders = NonNullable<ResolverOptions['forwarders']>

const world = buildHierarchy()
const ca = createCertificateAuthority()
const closers: (() => Promise<void>)[] = [() => world.close()]
let upstream: Upstream
let stripping: Listener

/** Zones that are right, or wrong by their data alone: one server has them all. */
const zones = [...world.zones.values()]

beforeAll(async () => {
  const all = await listen(authority(zones))
  stripping = await listen(behaving(authority(zones), strippingRrsig))
  closers.push(
    () => all.close(),
    () => stripping.close()
  )
  upstream = { port: all.port, anchors: world.anchors }
})
afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

function open(forwarders: Forwarders): Resolver {
  const resolver = createResolver({ trustAnchors: world.anchors, forwarders, ca: ca.certificate })
  closers.push(() => resolver.close())
  return resolver
}

const QUESTIONS: readonly [name: string, type: string, status: string, rcode: string][] = [
  ['www.alg13.hashed', 'A', 'secure', 'NOERROR'],
  ['mail.ordered', 'MX', 'secure', 'NOERROR'],
  ['_25._tcp.mx1.mail.ordered', 'TLSA', 'secure', 'NOERROR'],
  ['nothing.mail.ordered', 'A', 'secure', 'NXDOMAIN'],
  ['nothing.alg13.hashed', 'A', 'secure', 'NXDOMAIN'],
  ['www.alg13.hashed', 'MX', 'secure', 'NOERROR'],
  ['secure.alias.ordered', 'A', 'secure', 'NOERROR'],
  ['one.any.wild.ordered', 'A', 'secure', 'NOERROR'],
  ['www.unsigned.ordered', 'A', 'insecure', 'NOERROR'],
  ['www.plain.optout', 'A', 'insecure', 'NOERROR'],
  ['www.badsignature.ordered', 'A', 'bogus', 'SERVFAIL'],
  ['www.expired.ordered', 'A', 'bogus', 'SERVFAIL']
]

interface Kind {
  readonly name: string
  readonly program: string
  readonly start: () => Promise<Recursor>
  /** answers SERVFAIL for what it found to be bogus, also when it is asked with CD: then there is nothing to judge */
  readonly hidesBogus?: true
}

const SERVING: readonly Kind[] = [
  { name: 'Unbound that validates', program: 'unbound', start: () => startUnbound(upstream, { validating: true }) },
  { name: 'BIND that validates', program: 'named', start: () => startBind(upstream, { validating: true }) },
  { name: 'BIND that does not validate', program: 'named', start: () => startBind(upstream, { validating: false }) },
  {
    name: 'PowerDNS Recursor that validates',
    program: 'pdns_recursor',
    start: () => startPowerDns(upstream, { validating: true }),
    hidesBogus: true
  }
]

const DEAF: readonly Kind[] = [
  { name: 'Unbound without its validator', program: 'unbound', start: () => startUnbound(upstream, { validating: false }) },
  { name: 'PowerDNS Recursor without DNSSEC', program: 'pdns_recursor', start: () => startPowerDns(upstream, { validating: false }) }
]

async function started(kind: Kind): Promise<Recursor> {
  const recursor = await kind.start()
  closers.push(() => recursor.close())
  return recursor
}

for (const kind of SERVING) {
  describe.skipIf(!isInstalled(kind.program))(kind.name, () => {
    it.each(['udp', 'tcp'] as const)('gives the right verdicts over %s', async (protocol) => {
      const { port } = await started(kind)
      const resolver = open([{ address: '127.0.0.1', port, protocol }])
      for (const [name, type, status, rcode] of QUESTIONS) {
        const answer = await resolver.resolveSecure(name, type)
        const found = kind.hidesBogus && status === 'bogus' && answer.status === 'indeterminate' ? 'bogus' : answer.status
        expect({ name, type, status: found, rcode: answer.rcode, why: answer.reason?.text }).toMatchObject({ status, rcode })
      }
    })
  })
}

for (const kind of DEAF) {
  describe.skipIf(!isInstalled(kind.program))(kind.name, () => {
    it('makes no signed name bogus: alone it is named, beside another it is passed over', async () => {
      const deaf = await started(kind)
      const alone = open([{ address: '127.0.0.1', port: deaf.port }])
      const answer = await alone.resolveSecure('www.alg13.hashed', 'A')
      expect(['secure', 'indeterminate']).toContain(answer.status) // secure where it passes signatures on all the same
      if (answer.status === 'indeterminate') expect(answer.reason?.text).toContain(`127.0.0.1:${deaf.port}`)
    })
  })
}

describe.skipIf(!isInstalled('unbound'))('a forwarder that strips signatures', () => {
  it.each([
    ['with the higher priority', [0, 1]],
    ['with the same priority', [0, 0]]
  ])('%s never makes a signed name bogus while another can serve', async (_, [first, second]) => {
    const good = await started(SERVING[0] as Kind)
    const resolver = open([
      { address: '127.0.0.1', port: stripping.port, priority: first },
      { address: '127.0.0.1', port: good.port, priority: second }
    ])
    for (const [name, type, status, rcode] of QUESTIONS) {
      const answer = await resolver.resolveSecure(name, type)
      expect({ name, type, status: answer.status, rcode: answer.rcode, why: answer.reason?.text }).toMatchObject({ status, rcode })
    }
  })

  it('alone gives nothing but indeterminate answers that name it', async () => {
    const resolver = open([{ address: '127.0.0.1', port: stripping.port }])
    for (const [name, type] of QUESTIONS) {
      const answer = await resolver.resolveSecure(name, type)
      expect(answer).toMatchObject({ status: 'indeterminate', rcode: 'SERVFAIL' })
      expect(answer.reason?.text).toContain(`127.0.0.1:${stripping.port}`)
    }
  })
})

describe.skipIf(!isInstalled('unbound'))('the first of two forwarders that dies', () => {
  it('is replaced by the second', async () => {
    const first = await SERVING[0]?.start()
    const second = await started(SERVING[0] as Kind)
    const resolver = open([
      { address: '127.0.0.1', port: first?.port, priority: 0 },
      { address: '127.0.0.1', port: second.port, priority: 1 }
    ])
    expect((await resolver.resolveSecure('www.alg13.hashed', 'A')).status).toBe('secure')
    await first?.close()
    for (const name of ['www.alg14.hashed', 'www.alg15.hashed', 'www.alg8.hashed']) {
      expect((await resolver.resolveSecure(name, 'A')).status).toBe('secure')
    }
  })
})

describe.skipIf(!isInstalled('unbound'))('an encrypted forwarder with a certificate of a self-made authority', () => {
  it.each(['tls', 'https'] as const)('serves over %s', async (protocol) => {
    const certificate = ca.issue(['resolver.example'])
    const server = await startUnbound(upstream, { validating: true, certificate })
    closers.push(() => server.close())
    const port = protocol === 'tls' ? server.tlsPort : server.httpsPort
    const right = open([{ address: '127.0.0.1', port, protocol, hostname: 'resolver.example' }])
    for (const [name, type, status, rcode] of QUESTIONS) {
      expect(await right.resolveSecure(name, type)).toMatchObject({ status, rcode })
    }
    const wrong = open([{ address: '127.0.0.1', port, protocol, hostname: 'other.example' }])
    const answer = await wrong.resolveSecure('www.alg13.hashed', 'A')
    expect(answer).toMatchObject({ status: 'indeterminate', rcode: 'SERVFAIL' })
    expect(answer.reason?.text).toContain('other.example')
  })
})
