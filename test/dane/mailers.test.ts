// The adapters against the documented contracts of the mailers: node:dns shapes and codes (mx-connect, mailauth, Haraka), the
// two DANE hooks of mx-connect 2, and DANE beside MTA-STS. The real packages are driven in test/interop.
import { connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  combine,
  connectDane,
  forMxConnect,
  type MxConnectHooks,
  type NodeDnsError,
  planDane,
  resolveLikeNode,
  type Verdict
} from '../../src/dane/index.js'
import { TYPE } from '../../src/wire/numbers.js'
import * as behaviours from '../world/behaviours.js'
import { makeCertificate } from '../world/certificates.js'
import { signing, type ZoneSpec } from '../world/hierarchy-zones.js'
import { flipBit } from '../world/signer.js'
import { type MailWorld, mailWorld, tlsaFor } from './mail-world.js'

const self = makeCertificate({ subject: 'self' })
const strong = makeCertificate({ subject: 'strong' })

const zonesAt = (port: number): ZoneSpec[] => [
  {
    name: 'mail.ordered',
    text: `
@ MX 10 mx
@ TXT "v=spf1 " "-all"
@ CAA 128 issue "ca.test"
mx A 127.0.0.1
mx AAAA ::1
_${port}._tcp.mx TLSA ${tlsaFor(self, 3)}
_${port}._tcp.mx TLSA ${tlsaFor(strong, 3, 1, 2)}
_${port}._tcp.mx TLSA 0 1 1 ${'00'.repeat(32)}
_imaps._tcp SRV 0 1 993 mx
none A 127.0.0.1
odd A 127.0.0.1
_${port}._tcp.odd TLSA 3 1 9 00
alias CNAME target
target A 127.0.0.1
_${port}._tcp.target TLSA ${tlsaFor(self, 3)}
half CNAME mx.open.ordered.
_${port}._tcp.half TLSA ${tlsaFor(self, 3)}
null MX 0 .`
  },
  {
    name: 'open.ordered',
    algorithm: 'unsigned',
    text: `@ MX 10 mx.mail.ordered.\nmx A 127.0.0.1\n_${port}._tcp.mx TLSA ${tlsaFor(strong, 3)}`
  },
  {
    name: 'badtlsa.ordered',
    text: `mx A 127.0.0.1\n_${port}._tcp.mx TLSA ${tlsaFor(self, 3)}`,
    faults: signing(TYPE.TLSA, { corrupt: flipBit })
  },
  { name: 'badaddress.ordered', text: 'mx A 127.0.0.1', faults: signing(TYPE.A, { corrupt: flipBit }) },
  { name: 'silent.ordered', address: '203.0.113.61', behaviours: [behaviours.silent] }
]

let mail: MailWorld
let hooks: MxConnectHooks
beforeAll(async () => {
  mail = await mailWorld({ '127.0.0.1': { chain: [self] }, '127.0.0.2': { chain: [strong] } }, zonesAt)
  hooks = forMxConnect({ resolver: mail.resolver, port: mail.port })
})
afterAll(() => mail.close())

describe('resolveLikeNode', () => {
  const resolve = (name: string, type: string) => resolveLikeNode(name, type, { resolver: mail.resolver })
  const code = (name: string, type: string) =>
    resolve(name, type).then(
      () => 'data',
      (error: NodeDnsError) => error.code
    )

  it('gives the shapes of dns.promises.resolve', async () => {
    expect(await resolve('mx.mail.ordered', 'A')).toEqual(['127.0.0.1'])
    expect(await resolve('mx.mail.ordered', 'aaaa')).toEqual(['::1'])
    expect(await resolve('mail.ordered', 'MX')).toEqual([{ exchange: 'mx.mail.ordered', priority: 10 }])
    expect(await resolve('null.mail.ordered', 'MX')).toEqual([{ exchange: '', priority: 0 }])
    expect(await resolve('mail.ordered', 'TXT')).toEqual([['v=spf1 ', '-all']])
    expect(await resolve('_imaps._tcp.mail.ordered', 'SRV')).toEqual([{ name: 'mx.mail.ordered', port: 993, priority: 0, weight: 1 }])
    expect(await resolve('mail.ordered', 'CAA')).toEqual([{ critical: 128, issue: 'ca.test' }])
    expect(await resolve('alias.mail.ordered', 'CNAME')).toEqual(['target.mail.ordered'])
    expect(await resolve('mail.ordered', 'SOA')).toMatchObject([{ nsname: expect.any(String), minttl: 300 }])
    const [tlsa] = (await resolve(`_${mail.port}._tcp.target.mail.ordered`, 'TLSA')) as { data: ArrayBuffer }[]
    expect(tlsa).toMatchObject({ certUsage: 3, selector: 1, match: 1 })
    expect(tlsa.data).toBeInstanceOf(ArrayBuffer)
    expect(tlsa.data.byteLength).toBe(32)
  })

  it('follows aliases, and leaves them out', async () => {
    expect(await resolve('alias.mail.ordered', 'A')).toEqual(['127.0.0.1'])
  })

  it('gives its error codes: absence apart from failure, and bogus as failure', async () => {
    expect(await code('nowhere.mail.ordered', 'A')).toBe('ENOTFOUND')
    expect(await code('none.mail.ordered', 'AAAA')).toBe('ENODATA')
    expect(await code('none.mail.ordered', 'MX')).toBe('ENODATA')
    expect(await code('mx.badaddress.ordered', 'A')).toBe('ESERVFAIL')
    expect(['ETIMEOUT', 'ESERVFAIL']).toContain(await code('x.silent.ordered', 'A'))
    const error = (await resolve('mx.badaddress.ordered', 'A').catch((one) => one)) as NodeDnsError
    expect(error).toMatchObject({
      name: 'NodeDnsError',
      hostname: 'mx.badaddress.ordered',
      syscall: 'queryA',
      status: 'bogus',
      reason: { code: 6 }
    })
  })
})

describe('forMxConnect: checkDnssecSecure and resolveTlsa', () => {
  const tlsa = (host: string) => hooks.dane.resolveTlsa(`_${mail.port}._tcp.${host}`)

  it('secure when there are records to go by; insecure when it is proven that there are none', async () => {
    expect(await hooks.dane.checkDnssecSecure('mx.mail.ordered')).toEqual({ secure: true })
    expect(await hooks.dane.checkDnssecSecure('none.mail.ordered')).toEqual({ secure: false })
    expect(await hooks.dane.checkDnssecSecure('mx.open.ordered')).toEqual({ secure: false })
    expect(await hooks.dane.checkDnssecSecure('half.mail.ordered')).toEqual({ secure: true })
  })

  it('bogus and failed look-ups throw, which is a temporary failure of the host', async () => {
    for (const host of ['mx.badtlsa.ordered', 'mx.badaddress.ordered', 'mx.silent.ordered']) {
      await expect(hooks.dane.checkDnssecSecure(host), host).rejects.toMatchObject({ code: 'ESERVFAIL' })
      await expect(tlsa(host), host).rejects.toMatchObject({ code: 'ESERVFAIL' })
    }
  })

  it('records are usable ones, the strongest digest of each, in the shape {usage, selector, mtype, cert, ttl}', async () => {
    const records = await tlsa('mx.mail.ordered')
    expect(records).toEqual([{ usage: 3, selector: 1, mtype: 2, cert: expect.any(Uint8Array), ttl: expect.any(Number) }])
    expect(records[0].cert).toHaveLength(64)
  })

  it('records are those of the TLSA base domain, whatever name was asked for', async () => {
    expect(await tlsa('alias.mail.ordered')).toHaveLength(1)
    expect(await tlsa('half.mail.ordered')).toHaveLength(1)
  })

  it('insecure and unusable records are never handed out', async () => {
    expect(await tlsa('mx.open.ordered')).toEqual([])
    expect(await tlsa('odd.mail.ordered')).toEqual([])
    expect(await hooks.requiresTls({ hostname: 'odd.mail.ordered' }, 'odd.mail.ordered')).toBe(true)
    expect(await hooks.requiresTls({ hostname: 'none.mail.ordered' }, 'none.mail.ordered')).toBe(false)
  })

  it("the verifier knows whether the MX is secure, and what mx-connect's own does not check", async () => {
    const secure = tlsConnect({ host: '127.0.0.1', port: await tlsPort(), rejectUnauthorized: false })
    await new Promise((resolve) => secure.once('secureConnect', resolve))
    const connection = { hostname: 'alias.mail.ordered' }
    expect(await hooks.verify(connection, secure, 'alias.mail.ordered')).toMatchObject({ outcome: 'authenticated', word: 'Verified' })
    expect(await hooks.verify({ hostname: 'mx.mail.ordered' }, secure, 'mail.ordered')).toMatchObject({ outcome: 'fail', code: 'NO_MATCH' })
    expect(await hooks.verify({ hostname: 'mx.mail.ordered' }, secure, 'open.ordered')).toMatchObject({
      outcome: 'fail',
      host: 'mx.mail.ordered',
      domain: 'open.ordered'
    })
    expect((await hooks.hostPlan('open.ordered', 'MX.mail.ordered.')).mxSecure).toBe(false)
    expect((await hooks.hostPlan('mail.ordered', 'mx.mail.ordered')).mxSecure).toBe(true)
    secure.destroy()
  })
})

let tlsServer: import('node:tls').Server | undefined
afterAll(() => tlsServer?.close())
async function tlsPort(): Promise<number> {
  const { createServer } = await import('node:tls')
  tlsServer = createServer({ cert: self.certificate, key: self.key })
  await new Promise<void>((resolve) => tlsServer?.listen(0, '127.0.0.1', resolve))
  const bound = tlsServer.address()
  return typeof bound === 'object' && bound ? bound.port : 0
}

describe('combine: DANE beside MTA-STS (RFC 8461 2)', () => {
  let verdicts: Record<'authenticated' | 'encrypt-only' | 'fallback' | 'fail', Verdict>
  beforeAll(async () => {
    const options = { resolver: mail.resolver, port: mail.port, timeoutMs: 2_000 }
    const verdictOf = async (nextHop: string) => {
      const plan = await planDane('x.test', { ...options, nextHop })
      return connectDane(plan, options).then(
        ({ verdict, socket }) => {
          socket.destroy()
          return verdict
        },
        (error) => error.verdict as Verdict
      )
    }
    verdicts = {
      authenticated: await verdictOf('alias.mail.ordered'),
      'encrypt-only': await verdictOf('odd.mail.ordered'),
      fallback: await verdictOf('none.mail.ordered'),
      fail: await verdictOf('mx.mail.ordered')
    }
    for (const [outcome, verdict] of Object.entries(verdicts)) expect(verdict.outcome).toBe(outcome)
  })

  const cells = [
    ['authenticated', 'enforce', true, 'deliver'],
    ['authenticated', 'enforce', false, 'deliver'],
    ['fail', 'enforce', true, 'defer'],
    ['fail', 'none', true, 'defer'],
    ['fallback', 'enforce', true, 'deliver'],
    ['fallback', 'enforce', false, 'next-host'],
    ['fallback', 'testing', false, 'deliver'],
    ['fallback', 'none', false, 'deliver'],
    ['encrypt-only', 'enforce', true, 'deliver'],
    ['encrypt-only', 'enforce', false, 'next-host'],
    ['encrypt-only', 'testing', false, 'deliver']
  ] as const
  for (const [outcome, mode, valid, action] of cells) {
    it(`${outcome} with MTA-STS ${mode} and ${valid ? 'a valid' : 'an invalid'} certificate: ${action}`, () => {
      expect(combine(verdicts[outcome], { mode, valid }).action).toBe(action)
    })
  }

  it("without MTA-STS the decision is DANE's", () => {
    for (const verdict of Object.values(verdicts)) expect(combine(verdict)).toBe(verdict.decision)
  })
})
