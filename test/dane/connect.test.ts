// Connections to mail servers on loopback: what a mailer gets to talk to, what it never says a word of mail to, and what a
// person reads. Zones are signed, the handshakes are real.
import { connect as netConnect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  connectDane,
  type DaneError,
  type DaneEvent,
  deliveryReport,
  explanationOf,
  infoLine,
  linesOf,
  peerChain,
  planDane,
  tlsOptionsFor,
  type VerifyOptions,
  verifyDane,
  verifyPeer
} from '../../src/dane/index.js'
import { TYPE } from '../../src/wire/numbers.js'
import { makeCertificate } from '../world/certificates.js'
import { signing, type ZoneSpec } from '../world/hierarchy-zones.js'
import { flipBit } from '../world/signer.js'
import { type MailWorld, mailWorld, tlsaFor } from './mail-world.js'

const DAY = 86_400_000
const root = makeCertificate({ subject: 'Root', ca: true })
const inter = makeCertificate({ subject: 'Inter', issuer: root, ca: true })
const self = makeCertificate({ subject: 'self', names: ['unrelated.example'] })
const next = makeCertificate({ subject: 'next' })
const expired = makeCertificate({ subject: 'old', notAfter: new Date(Date.now() - DAY) })
const issued = makeCertificate({ subject: 'leaf', issuer: inter, names: ['ta.mail.ordered', 'target.mail.ordered'] })
const foreign = makeCertificate({ subject: 'leaf', issuer: inter, names: ['mx.evil.example'] })

const SELF = '127.0.0.1'
const SERVERS = {
  [SELF]: { chain: [self] },
  '127.0.0.2': { chain: [expired] },
  '127.0.0.3': { chain: [issued, inter, root] },
  '127.0.0.4': { chain: [issued, inter] },
  '127.0.0.5': { chain: [foreign, inter, root] },
  '127.0.0.6': {},
  '127.0.0.7': { chain: [self], fault: 'refuse' },
  '127.0.0.8': { chain: [self], fault: 'break' },
  '127.0.0.9': { chain: [self], fault: 'inject' },
  '127.0.0.10': { chain: [self], fault: 'busy' },
  '127.0.0.11': { chain: [self], fault: 'stall' },
  '127.0.0.12': { chain: [self], fault: 'babble' },
  '127.0.0.13': { fault: 'old' },
  '127.0.0.14': { chain: [self], maxVersion: 'TLSv1.2' },
  '127.0.0.15': { chain: [next] }
} as const
const DEAD = '127.0.0.99'

/** A mail domain: its hosts by preference, each with its addresses and TLSA records. */
function domain(port: number, name: string, ...hosts: (readonly [host: string, addresses: string, ...tlsa: string[]])[]): string {
  const lines = hosts.flatMap(([host, addresses, ...tlsa], i) => [
    `${name} MX ${10 * (i + 1)} ${host}`,
    ...addresses.split(' ').map((address) => `${host} A ${address}`),
    ...tlsa.map((data) => `_${port}._tcp.${host} TLSA ${data}`)
  ])
  return lines.join('\n')
}

const ee = tlsaFor(self, 3)
const BAD = tlsaFor(next, 3)
const zonesAt = (port: number): ZoneSpec[] => [
  {
    name: 'mail.ordered',
    text: [
      domain(port, 'ee', ['ee-mx', SELF, ee]),
      domain(port, 'old', ['old-mx', '127.0.0.2', tlsaFor(expired, 3)]),
      domain(port, 'ta', ['ta', '127.0.0.3', tlsaFor(root, 2)]),
      domain(port, 'tadns', ['target', '127.0.0.4', tlsaFor(root, 2, 0, 0)]),
      domain(port, 'name', ['name-mx', '127.0.0.5', tlsaFor(inter, 2)]),
      domain(port, 'plain', ['plain-mx', '127.0.0.6', ee]),
      domain(port, 'refuse', ['refuse-mx', '127.0.0.7', ee]),
      domain(port, 'break', ['break-mx', '127.0.0.8', ee]),
      domain(port, 'inject', ['inject-mx', '127.0.0.9', ee]),
      domain(port, 'rollover', ['rollover-mx', '127.0.0.15', ee, BAD]),
      domain(port, 'mismatch', ['mismatch-mx', SELF, BAD]),
      domain(port, 'second', ['down-mx', DEAD, ee], ['up-mx', SELF, ee]),
      domain(port, 'nextaddress', ['two-mx', `${DEAD} ${SELF}`, ee]),
      domain(port, 'badfirst', ['bad-mx', SELF, BAD], ['good-mx', '127.0.0.14', ee]),
      domain(port, 'unusable', ['un-mx', SELF, '3 1 9 00'], ['un2-mx', '127.0.0.6', '3 1 9 00']),
      domain(port, 'unplain', ['unplain-mx', '127.0.0.6', '0 1 1 00']),
      domain(port, 'some', ['some-mx', SELF, '3 1 9 00', ee]),
      domain(port, 'notlsa', ['notlsa-mx', SELF]),
      domain(port, 'noplain', ['noplain-mx', '127.0.0.6']),
      domain(port, 'nobreak', ['nobreak-mx', '127.0.0.8']),
      domain(port, 'dead', ['dead-mx', DEAD, ee]),
      domain(port, 'busy', ['busy-mx', '127.0.0.10', ee], ['unbusy-mx', SELF, ee]),
      domain(port, 'rude', ['stall-mx', '127.0.0.11', ee], ['babble-mx', '127.0.0.12', ee], ['last-mx', SELF, ee]),
      domain(port, 'ancient', ['ancient-mx', '127.0.0.13']),
      // one address under two names with different records
      domain(port, 'twonames', ['one-mx', SELF, BAD], ['other-mx', SELF, ee]),
      `alias MX 10 alias-mx\nalias-mx CNAME target\n_${port}._tcp.ip TLSA ${ee}`,
      `self A ${SELF}\n_${port}._tcp.self TLSA ${ee}`,
      'null MX 0 .'
    ].join('\n')
  },
  {
    name: 'open.ordered',
    algorithm: 'unsigned',
    text: `@ MX 10 ee-mx.mail.ordered.\nbad MX 10 mismatch-mx.mail.ordered.\n${domain(port, 'own', ['mx', SELF])}`
  },
  { name: 'badmx.ordered', text: '@ MX 10 ee-mx.mail.ordered.', faults: signing(TYPE.MX, { corrupt: flipBit }) },
  { name: 'badtlsa.ordered', text: domain(port, '@', ['mx', SELF, ee]), faults: signing(TYPE.TLSA, { corrupt: flipBit }) }
]

let mail: MailWorld
beforeAll(async () => {
  mail = await mailWorld(SERVERS, zonesAt)
})
afterAll(() => mail.close())

const options = (more: VerifyOptions = {}): VerifyOptions => ({
  resolver: mail.resolver,
  port: mail.port,
  timeoutMs: 700,
  localName: 'client.test',
  ...more
})

async function watch(name: string, more: VerifyOptions = {}): Promise<DaneEvent[]> {
  const events: DaneEvent[] = []
  for await (const event of verifyDane(name, options(more))) events.push(event)
  return events
}

/** The lines, with the port and the local address, which vary, as words. */
async function lines(name: string, more: VerifyOptions = {}): Promise<string[]> {
  const text = (await watch(name, more)).flatMap(linesOf)
  return text.map((line) => line.replace(`port ${mail.port}`, 'port 25'))
}

const outcome = async (name: string, mode: 'opportunistic' | 'mandatory' = 'opportunistic') => {
  const last = (await watch(name, { mode })).at(-1)
  if (last?.event !== 'result') throw new Error('no result')
  return `${last.outcome} ${last.action} ${last.verdict?.code ?? ''}`.trim()
}

describe('verdicts', () => {
  const cases: [name: string, opportunistic: string, mandatory?: string][] = [
    ['ee.mail.ordered', 'authenticated deliver'],
    ['old.mail.ordered', 'authenticated deliver'],
    ['ta.mail.ordered', 'authenticated deliver'],
    ['tadns.mail.ordered', 'authenticated deliver'],
    ['rollover.mail.ordered', 'authenticated deliver'],
    ['some.mail.ordered', 'authenticated deliver'],
    ['second.mail.ordered', 'authenticated deliver'],
    ['nextaddress.mail.ordered', 'authenticated deliver'],
    ['badfirst.mail.ordered', 'authenticated deliver'],
    ['twonames.mail.ordered', 'authenticated deliver'],
    ['busy.mail.ordered', 'authenticated deliver'],
    ['rude.mail.ordered', 'authenticated deliver'],
    ['self.mail.ordered', 'authenticated deliver'],
    ['name.mail.ordered', 'fail defer NAME_MISMATCH'],
    ['mismatch.mail.ordered', 'fail defer NO_MATCH'],
    ['plain.mail.ordered', 'fail defer NO_STARTTLS'],
    ['refuse.mail.ordered', 'fail defer NO_STARTTLS'],
    ['break.mail.ordered', 'fail defer TLS_HANDSHAKE'],
    ['unusable.mail.ordered', 'encrypt-only deliver', 'fail defer TLSA_UNUSABLE'],
    ['unplain.mail.ordered', 'fail defer NO_STARTTLS', 'fail defer TLSA_UNUSABLE'],
    ['notlsa.mail.ordered', 'fallback deliver', 'fail defer DANE_REQUIRED'],
    ['noplain.mail.ordered', 'fallback deliver', 'fail defer DANE_REQUIRED'],
    ['nobreak.mail.ordered', 'fallback deliver', 'fail defer DANE_REQUIRED'],
    ['ancient.mail.ordered', 'fallback deliver', 'fail defer DANE_REQUIRED'],
    ['dead.mail.ordered', 'defer defer UNREACHABLE'],
    ['inject.mail.ordered', 'defer defer UNREACHABLE'],
    ['open.ordered', 'authenticated deliver', 'fail defer DANE_REQUIRED'],
    ['bad.open.ordered', 'fail defer NO_MATCH', 'fail defer DANE_REQUIRED'],
    ['own.open.ordered', 'fallback deliver', 'fail defer DANE_REQUIRED'],
    ['badmx.ordered', 'defer defer'],
    ['badtlsa.ordered', 'defer defer DNSSEC_INVALID'],
    ['null.mail.ordered', 'fail bounce'],
    ['nowhere.mail.ordered', 'fail bounce']
  ]
  for (const [name, opportunistic, mandatory = opportunistic] of cases) {
    it(`${name} is ${opportunistic}, or when DANE is mandatory ${mandatory}`, async () => {
      expect(await outcome(name)).toBe(opportunistic)
      expect(await outcome(name, 'mandatory')).toBe(mandatory)
    })
  }

  it('no server ever heard a word of mail', () => {
    for (const { heard } of mail.servers.values()) {
      for (const { command } of heard) expect(command).toMatch(/^(EHLO|HELO|STARTTLS|QUIT)/)
    }
  })
})

describe('lines', () => {
  it('of a success', async () => {
    expect(await lines('ee.mail.ordered')).toEqual([
      'SECURE MX record(ee-mx.mail.ordered) found for ee.mail.ordered',
      'SECURE A record (127.0.0.1) found for MX(ee-mx.mail.ordered) in ee.mail.ordered',
      'Connecting to 127.0.0.1 on port 25.',
      'Connected to 127.0.0.1 from interface 127.0.0.1.',
      'SECURE TLSA record found for MX(ee-mx.mail.ordered) in ee.mail.ordered',
      'Checking TLS connection.',
      'TLS connection established: protocol TLSv1.3, cipher TLS_AES_256_GCM_SHA384.',
      'Certificate verification successful',
      'TLS connection succeeded ee.mail.ordered.',
      'DANE SUCCESS for ee.mail.ordered',
      'DANE verification completed.'
    ])
  })

  it('of a second address, a second host, and TLS 1.2', async () => {
    expect((await lines('nextaddress.mail.ordered')).filter((line) => /^(Trying|Connect)/.test(line))).toEqual([
      'Connecting to 127.0.0.99 on port 25.',
      'Trying next A record (127.0.0.1) for MX(two-mx.mail.ordered) in nextaddress.mail.ordered',
      'Connecting to 127.0.0.1 on port 25.',
      'Connected to 127.0.0.1 from interface 127.0.0.1.'
    ])
    expect((await lines('badfirst.mail.ordered')).slice(7)).toEqual(
      [
        'TLS connection established: protocol TLSv1.3, cipher TLS_AES_256_GCM_SHA384.',
        'Certificate verification failed: The certificate matches no TLSA record.',
        'Trying next MX record in badfirst.mail.ordered',
        'SECURE A record (127.0.0.14) found for MX(good-mx.mail.ordered) in badfirst.mail.ordered',
        'Connecting to 127.0.0.14 on port 25.',
        'Connected to 127.0.0.14 from interface 127.0.0.1.',
        'SECURE TLSA record found for MX(good-mx.mail.ordered) in badfirst.mail.ordered',
        'Checking TLS connection.',
        expect.stringMatching(/^TLS connection established: protocol TLSv1\.2, cipher ECDHE-ECDSA-/),
        'Certificate verification successful',
        'TLS connection succeeded badfirst.mail.ordered.',
        'DANE SUCCESS for badfirst.mail.ordered',
        'DANE verification completed.'
      ].slice(0)
    )
  })

  it('of an insecure MX: the command still proceeds', async () => {
    expect((await lines('open.ordered', { mode: 'opportunistic' })).slice(0, 3)).toEqual([
      'INSECURE MX record(ee-mx.mail.ordered) found for open.ordered',
      'INSECURE MX record(ee-mx.mail.ordered) found. The command will still proceed.',
      'SECURE A record (127.0.0.1) found for MX(ee-mx.mail.ordered) in open.ordered'
    ])
  })

  it('of a bogus MX and of bogus TLSA records: nothing is connected to', async () => {
    expect(await lines('badmx.ordered')).toEqual([
      'BOGUS MX record found for badmx.ordered',
      'DANE DEFERRED for badmx.ordered',
      'DANE verification completed.'
    ])
    expect(await lines('badtlsa.ordered')).toEqual([
      'SECURE MX record(mx.badtlsa.ordered) found for badtlsa.ordered',
      'SECURE A record (127.0.0.1) found for MX(mx.badtlsa.ordered) in badtlsa.ordered',
      'BOGUS TLSA record found for MX(mx.badtlsa.ordered) in badtlsa.ordered',
      'DANE DEFERRED for badtlsa.ordered',
      'DANE verification completed.'
    ])
    const why = (await watch('badmx.ordered')).map(explanationOf).find((line) => line?.includes('EDE'))
    expect(why).toMatch(/^badmx\.ordered: EDE 6 DNSSEC Bogus: .*MX/)
  })

  it('of no MX, a null MX, aliases, and records that are missing or unusable', async () => {
    expect((await lines('self.mail.ordered'))[0]).toBe('NO MX record found for self.mail.ordered, using self.mail.ordered itself')
    expect(await lines('null.mail.ordered')).toEqual([
      'NULL MX record found for null.mail.ordered',
      'DANE FAILED for null.mail.ordered',
      'DANE verification completed.'
    ])
    expect(await lines('alias.mail.ordered')).toContain(
      'SECURE CNAME record(target.mail.ordered) found for MX(alias-mx.mail.ordered) in alias.mail.ordered'
    )
    const unusable = await lines('unusable.mail.ordered', { mode: 'opportunistic' })
    expect(unusable).toContain('UNUSABLE TLSA record (3 1 9) found for MX(un-mx.mail.ordered) in unusable.mail.ordered: matching-type')
    expect(unusable.slice(-3)).toEqual([
      'TLS connection succeeded unusable.mail.ordered.',
      'DANE ENCRYPT ONLY for unusable.mail.ordered',
      'DANE verification completed.'
    ])
    const none = await lines('noplain.mail.ordered', { mode: 'opportunistic' })
    expect(none).toContain('NO TLSA record (NXDOMAIN, SECURE) found for MX(noplain-mx.mail.ordered) in noplain.mail.ordered')
    expect(none).toContain('STARTTLS not offered by noplain-mx.mail.ordered.')
    expect(none.slice(-2)).toEqual(['DANE FALLBACK TO TLS for noplain.mail.ordered', 'DANE verification completed.'])
  })

  it('with --dns-only nothing is connected to', async () => {
    const only = await lines('ee.mail.ordered', { dnsOnly: true })
    expect(only.some((line) => line.startsWith('Connecting'))).toBe(false)
    expect(only.at(-2)).toBe('DANE SUCCESS for ee.mail.ordered')
    expect((await lines('notlsa.mail.ordered', { dnsOnly: true, mode: 'opportunistic' })).at(-2)).toMatch(/^DANE FALLBACK TO TLS/)
    expect((await lines('badtlsa.ordered', { dnsOnly: true })).at(-2)).toMatch(/^DANE DEFERRED/)
  })

  it('text from the network cannot steer a terminal', () => {
    const [line] = linesOf({ event: 'tls-failed', host: 'h', detail: 'a\u001b[2Jb\nDANE SUCCESS' })
    expect(line).toBe('TLS connection failed: a\\027[2Jb\\010DANE SUCCESS')
  })
})

describe('connectDane', () => {
  const reach = async (name: string, more: VerifyOptions = {}) => connectDane(await planDane(name, options(more)), options(more))

  it('hands over a socket behind the handshake, with the verdict', async () => {
    const { socket, host, verdict } = await reach('ta.mail.ordered')
    expect(host.host).toBe('ta.mail.ordered')
    expect(verdict).toMatchObject({ outcome: 'authenticated', word: 'Verified', matched: { depth: 2, how: 'key' }, retryable: false })
    expect(verdict.summary()).toBe(`TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384 for ta.mail.ordered`)
    expect(infoLine(verdict)).toEqual({ level: 'info', text: verdict.summary() })
    const reply = await new Promise<string>((resolve) => {
      socket.once('data', (chunk) => resolve(String(chunk)))
      socket.write('EHLO client.test\r\n')
    })
    expect(reply).toMatch(/^250/)
    socket.destroy()
  })

  it('asks by SNI for the TLSA base domain', async () => {
    const { socket, host } = await reach('tadns.mail.ordered')
    socket.destroy()
    expect(host.tlsaBase).toBe('target.mail.ordered')
    expect(mail.servers.get('127.0.0.4')?.names.at(-1)).toBe('target.mail.ordered')
  })

  it('says Trusted for an insecure MX, and never "TLS success" without DANE', async () => {
    const open = await reach('open.ordered')
    open.socket.destroy()
    expect(open.verdict).toMatchObject({ outcome: 'authenticated', word: 'Trusted', decision: { weaker: true } })
    const none = await reach('notlsa.mail.ordered')
    none.socket.destroy()
    expect(none.verdict).toMatchObject({ outcome: 'fallback', word: 'Untrusted' })
    expect(none.verdict.summary()).toMatch(/^TLS without DANE protocol TLSv1\.3 /)
    const plain = await reach('noplain.mail.ordered')
    plain.socket.destroy()
    expect(plain.verdict.word).toBe('Plaintext')
  })

  it('rejects with what a mailer needs when no host may have the mail', async () => {
    const error = (await reach('mismatch.mail.ordered').catch((one) => one)) as DaneError
    expect(error).toMatchObject({ name: 'DaneError', code: 'NO_MATCH', action: 'defer', retryable: true, enhancedStatus: '4.7.5' })
    expect(error.verdicts).toHaveLength(1)
    expect(await reach('null.mail.ordered').catch((one) => one)).toMatchObject({
      code: 'NULL_MX',
      action: 'bounce',
      enhancedStatus: '5.1.10'
    })
    expect(await reach('badmx.ordered').catch((one) => one)).toMatchObject({ code: 'DNSSEC_INVALID', action: 'defer' })
    expect(await reach('mismatch.mail.ordered', { queueTimeOver: true }).catch((one) => one)).toMatchObject({
      action: 'bounce',
      enhancedStatus: '5.7.1'
    })
  })

  it('tells TLS reporting what happened (RFC 8460 4.3)', async () => {
    const types: [string, string | undefined, VerifyOptions?][] = [
      ['plain.mail.ordered', 'starttls-not-supported'],
      ['name.mail.ordered', 'certificate-host-mismatch'],
      ['mismatch.mail.ordered', 'certificate-not-trusted'],
      ['break.mail.ordered', 'validation-failure'],
      ['badtlsa.ordered', 'dnssec-invalid'],
      ['unusable.mail.ordered', 'tlsa-invalid', { mode: 'mandatory' }],
      ['notlsa.mail.ordered', 'dane-required', { mode: 'mandatory' }],
      ['dead.mail.ordered', undefined]
    ]
    for (const [name, type, more] of types) {
      const error = (await reach(name, more).catch((one) => one)) as DaneError
      expect(error.verdict?.tlsrpt['result-type'], name).toBe(type)
    }
    const { verdict, socket } = await reach('ee.mail.ordered')
    socket.destroy()
    expect(verdict.tlsrpt).toEqual({
      policy: {
        'policy-type': 'tlsa',
        'policy-string': [`_${mail.port}._tcp.ee-mx.mail.ordered. IN TLSA ${ee}`],
        'policy-domain': 'ee.mail.ordered',
        'mx-host': 'ee-mx.mail.ordered'
      },
      'receiving-mx-hostname': 'ee-mx.mail.ordered',
      'receiving-ip': SELF
    })
  })

  it('a report knows which domains fail, since when and why', async () => {
    const report = deliveryReport()
    for (let i = 0; i < 3; i++) {
      const error = (await reach('mismatch.mail.ordered').catch((one) => one)) as DaneError
      if (error.verdict) report.note(error.verdict, 1_000_000 + i)
    }
    const { verdict, socket } = await reach('ee.mail.ordered')
    socket.destroy()
    report.note(verdict)
    expect(report.failing()).toMatchObject([
      { domain: 'mismatch.mail.ordered', failures: 3, failingInARow: 3, failingSince: 1_000_000, byType: { 'certificate-not-trusted': 3 } }
    ])
    expect(report.lines()).toEqual([
      'mismatch.mail.ordered: 3 failed since 1970-01-01T00:16:40.000Z: NO_MATCH: The certificate matches no TLSA record.'
    ])
    report.note({ ...verdict, domain: 'mismatch.mail.ordered' })
    expect(report.failing()).toEqual([])
    expect(report.all().map(({ sessions, successes }) => [sessions, successes])).toEqual([
      [1, 1],
      [4, 1]
    ])
  })

  it('policy passes over hosts and addresses', async () => {
    const { host, socket } = await reach('second.mail.ordered', { skip: ['down-mx.mail.ordered'] })
    socket.destroy()
    expect(host.host).toBe('up-mx.mail.ordered')
    const refused = await reach('ee.mail.ordered', { allowAddress: () => false }).catch((one) => one)
    expect(refused).toMatchObject({ code: 'UNREACHABLE', action: 'defer' })
  })

  it('a connection that fails is kept for study when asked for, and else closed', async () => {
    const error = (await reach('mismatch.mail.ordered', { diagnose: true }).catch((one) => one)) as DaneError
    expect(error.sockets).toHaveLength(1)
    expect(error.sockets[0].destroyed).toBe(false)
    error.sockets[0].destroy()
  })

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    const going = reach('rude.mail.ordered', { signal: controller.signal, timeoutMs: 20_000 })
    setTimeout(() => controller.abort(new Error('enough')), 200)
    await expect(going).rejects.toThrow('enough')
  }, 3_000)

  it('certificates are judged by the clock that is given', async () => {
    const { socket } = await reach('ta.mail.ordered')
    socket.destroy()
    const later = () => Date.now() + 11 * 365 * DAY
    expect(await connectDane(await planDane('ta.mail.ordered', options()), options({ clock: later })).catch((one) => one)).toMatchObject({
      code: 'EXPIRED'
    })
  })
})

describe('traps of node:tls', () => {
  async function handshake(name: string, more: object = {}) {
    const plan = await planDane(name, options())
    const [host] = plan.hosts
    const socket = netConnect(mail.port, host.addresses[0].address)
    const heard = (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        let text = ''
        const take = (chunk: Buffer) => {
          text += chunk
          if (!pattern.test(text)) return
          socket.off('data', take)
          resolve()
        }
        socket.on('data', take)
      })
    await heard(/^220 /m)
    socket.write('EHLO c\r\n')
    await heard(/^250 /m)
    socket.write('STARTTLS\r\n')
    await heard(/^220 /m)
    const secure = tlsConnect({ socket, ...tlsOptionsFor(host), ...more })
    return { host, secure, ready: new Promise<void>((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject)) }
  }

  it('the certificate can be read once: the second verdict is the first one', async () => {
    const { host, secure, ready } = await handshake('ta.mail.ordered')
    await ready
    expect(verifyPeer(secure, host).outcome).toBe('authenticated')
    expect(peerChain(secure)).toHaveLength(3)
    expect(verifyPeer(secure, host).outcome).toBe('authenticated')
    secure.destroy()
  })

  it('whoever looked at it before us leaves no certificate, and that is no match', async () => {
    const { host, secure, ready } = await handshake('ee.mail.ordered')
    await ready
    secure.getPeerX509Certificate()
    expect(verifyPeer(secure, host)).toMatchObject({ outcome: 'fail', code: 'NO_CERTIFICATE' })
    secure.destroy()
  })

  it('checkServerIdentity is not called when PKIX fails, and is not relied on', async () => {
    let calls = 0
    const { host, secure, ready } = await handshake('ee.mail.ordered', { checkServerIdentity: () => void calls++ })
    await ready
    expect(calls).toBe(0)
    expect(verifyPeer(secure, host).outcome).toBe('authenticated')
    secure.destroy()
  })

  it('rejectUnauthorized would refuse what DANE-EE accepts, so it is off', async () => {
    const { ready } = await handshake('old.mail.ordered', { rejectUnauthorized: true })
    await expect(ready).rejects.toThrow()
    expect(tlsOptionsFor((await planDane('old.mail.ordered', options())).hosts[0])).toEqual({
      servername: 'old-mx.mail.ordered',
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2'
    })
  })

  it('a resumed session never authenticates', async () => {
    let session: Buffer | undefined
    const first = await handshake('badfirst.mail.ordered', { maxVersion: 'TLSv1.2' })
    first.secure.on('session', (one) => {
      session = one
    })
    await first.ready
    first.secure.destroy()
    // the second host of the domain speaks TLS 1.2, in which the session is in the handshake
    const second = await handshake('badfirst.mail.ordered', { maxVersion: 'TLSv1.2', session })
    await second.ready
    expect(second.secure.isSessionReused()).toBe(true)
    const plan = await planDane('ee.mail.ordered', options())
    expect(verifyPeer(second.secure, plan.hosts[0])).toMatchObject({ outcome: 'fail', code: 'SESSION_REUSED' })
    second.secure.destroy()
  })

  it('SNI is never an address', async () => {
    const [host] = (await planDane('x.test', { ...options(), nextHop: '[127.0.0.1]' })).hosts
    expect(tlsOptionsFor(host).servername).toBe('')
  })
})
