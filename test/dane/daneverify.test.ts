// The program `daneverify` as a process: what it prints, where, and how it ends. Its forwarder is a name server of this test
// that has the root and every zone below it; the mail servers are on loopback.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TYPE } from '../../src/wire/numbers.js'
import { authority } from '../world/authority.js'
import { makeCertificate } from '../world/certificates.js'
import { signing, type ZoneSpec } from '../world/hierarchy-zones.js'
import { type Listener, listen } from '../world/net.js'
import { flipBit } from '../world/signer.js'
import { type MailWorld, mailWorld, tlsaFor } from './mail-world.js'

const self = makeCertificate({ subject: 'self' })
const other = makeCertificate({ subject: 'other' })

const zonesAt = (port: number): ZoneSpec[] => [
  {
    name: 'mail.ordered',
    text: `
@ MX 10 mx
mx A 127.0.0.1
_${port}._tcp.mx ${`TLSA ${tlsaFor(self, 3)}`}
bad MX 10 badmx
badmx A 127.0.0.1
_${port}._tcp.badmx TLSA ${tlsaFor(other, 3)}
none MX 10 nomx
nomx A 127.0.0.1`
  },
  { name: 'bogus.ordered', text: '@ MX 10 mx.mail.ordered.', faults: signing(TYPE.MX, { corrupt: flipBit }) },
  { name: 'expired.ordered', text: '@ MX 10 mx.mail.ordered.', days: [-30, -1] }
]

let mail: MailWorld
let forwarder: Listener
let folder: string
beforeAll(async () => {
  mail = await mailWorld({ '127.0.0.1': { chain: [self] } }, zonesAt)
  forwarder = await listen(authority([...mail.world.zones.values()]))
  folder = mkdtempSync(join(tmpdir(), 'daneverify-'))
  writeFileSync(join(folder, 'anchors'), `; the root\n${mail.world.anchors.join('\n')}\n`)
})
afterAll(async () => {
  await forwarder.close()
  await mail.close()
  rmSync(folder, { recursive: true })
})

interface Ended {
  readonly out: string[]
  readonly err: string[]
  readonly code: number
}

function run(args: readonly string[], input?: string): Promise<Ended> {
  const common = [
    '--forwarder',
    `127.0.0.1#${forwarder.port}`,
    '--trust-anchor',
    join(folder, 'anchors'),
    '--port',
    String(mail.port),
    '--timeout',
    '5'
  ]
  return start([...common, ...args], input)
}

function start(args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--import', 'tsx', 'src/cli/daneverify.ts', ...args], (error, stdout, stderr) => {
      const linesOf = (text: string) => text.split('\n').slice(0, -1)
      resolve({ out: linesOf(stdout), err: linesOf(stderr), code: error ? Number(error.code) : 0 })
    })
    child.stdin?.end(input)
  })
}

describe('daneverify', () => {
  it('prints every step of a success and ends with 0', async () => {
    const { out, err, code } = await run(['mail.ordered'])
    expect(out).toEqual([
      'SECURE MX record(mx.mail.ordered) found for mail.ordered',
      'SECURE A record (127.0.0.1) found for MX(mx.mail.ordered) in mail.ordered',
      `Connecting to 127.0.0.1 on port ${mail.port}.`,
      'Connected to 127.0.0.1 from interface 127.0.0.1.',
      'SECURE TLSA record found for MX(mx.mail.ordered) in mail.ordered',
      'Checking TLS connection.',
      'TLS connection established: protocol TLSv1.3, cipher TLS_AES_256_GCM_SHA384.',
      'Certificate verification successful',
      'TLS connection succeeded mail.ordered.',
      'DANE SUCCESS for mail.ordered',
      'DANE verification completed.'
    ])
    expect(err).toEqual([])
    expect(code).toBe(0)
  })

  it('tells failures apart by its exit status, and the reason on the error output', async () => {
    const [failed, deferred, fallback, strict] = await Promise.all([
      run(['bad.mail.ordered']),
      run(['bogus.ordered']),
      run(['--mode', 'opportunistic', 'none.mail.ordered']),
      run(['none.mail.ordered'])
    ])
    expect([failed.code, deferred.code, fallback.code, strict.code]).toEqual([1, 3, 4, 1])
    expect(failed.out.at(-2)).toBe('DANE FAILED for bad.mail.ordered')
    expect(deferred.out).toEqual([
      'BOGUS MX record found for bogus.ordered',
      'DANE DEFERRED for bogus.ordered',
      'DANE verification completed.'
    ])
    expect(deferred.err[0]).toMatch(/^bogus\.ordered: EDE 6 DNSSEC Bogus: /)
    expect(fallback.out.at(-2)).toBe('DANE FALLBACK TO TLS for none.mail.ordered')
    expect(strict.out.at(-2)).toBe('DANE FAILED for none.mail.ordered')
  })

  it('several domains, from the standard input too: the highest status counts', async () => {
    const { out, code } = await run([], 'mail.ordered\n# a comment\nbogus.ordered\n')
    expect(code).toBe(3)
    expect(out.filter((line) => line.startsWith('DANE ') && line.includes(' for '))).toEqual([
      'DANE SUCCESS for mail.ordered',
      'DANE DEFERRED for bogus.ordered'
    ])
  })

  it('JSON: one document a domain with every step', async () => {
    const { out, code } = await run(['--json', '--both', 'mail.ordered', 'none.mail.ordered'])
    expect(code).toBe(1)
    const [good, none] = out.map((line) => JSON.parse(line))
    expect(good).toMatchObject({ domain: 'mail.ordered', mode: 'mandatory', outcome: 'authenticated', otherOutcome: 'authenticated' })
    expect(good.events.map(({ event }: { event: string }) => event)).toEqual([
      'mx',
      'address',
      'connecting',
      'connected',
      'tlsa',
      'checking-tls',
      'tls',
      'verdict',
      'succeeded',
      'result'
    ])
    expect(good.events[7].verdict.matched).toMatchObject({
      depth: 0,
      how: 'key',
      record: { usage: 3, data: expect.stringMatching(/^[0-9a-f]{64}$/) }
    })
    expect(none).toMatchObject({ outcome: 'fail', otherMode: 'opportunistic', otherOutcome: 'fallback' })
  })

  it('the trace holds what every look-up rests on', async () => {
    const file = join(folder, 'trace')
    await run(['--trace', file, '--log', 'debug', 'mail.ordered'])
    const traces = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(traces.map(({ question }) => `${question.name} ${question.type}`)).toEqual([
      'mail.ordered MX',
      'mx.mail.ordered A',
      'mx.mail.ordered AAAA',
      `_${mail.port}._tcp.mx.mail.ordered TLSA`
    ])
    expect(traces.every(({ version, events }) => version === 1 && events.length > 3)).toBe(true)
  })

  it('logs at info and debug level', async () => {
    const { err } = await run(['--log', 'debug', 'mail.ordered'])
    expect(err).toContain('info: TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384 for mail.ordered')
    expect(err).toContain('debug: DNS question: mail.ordered MX')
  })

  it('judges as of another time', async () => {
    const then = new Date(Date.now() - 10 * 86_400_000).toISOString()
    const [now, before, ahead] = await Promise.all([
      run(['--dns-only', 'expired.ordered']),
      run(['--dns-only', '--at', then, 'expired.ordered']),
      run(['--dns-only', '--days', '30', 'mail.ordered'])
    ])
    expect(now.code).toBe(3)
    expect(now.err[0]).toMatch(/EDE 7 Signature Expired/)
    // the zone above is signed from yesterday on: ten days ago it was not yet
    expect(before.err[0]).toMatch(/EDE 8 Signature Not Yet Valid/)
    expect(ahead.err[0]).toMatch(/EDE 7 Signature Expired/)
  })

  it('zone lines carry the status of each record', async () => {
    const { out } = await run(['--output', 'zone', 'mail.ordered'])
    expect(out).toContain('mail.ordered. IN MX 10 mx.mail.ordered. ; status=secure NoError')
    expect(out.find((line) => line.includes(' IN TLSA '))).toMatch(
      /^_\d+\._tcp\.mx\.mail\.ordered\. IN TLSA 3 1 1 [0-9a-f]{64} ; status=secure match$/
    )
    expect(out).toContain('; DANE SUCCESS for mail.ordered')
  })

  it('help goes to the standard output, misuse ends with 2', async () => {
    const [help, option, mode, name, port] = await Promise.all([
      start(['--help']),
      start(['--no-such-option', 'x']),
      start(['--mode', 'sometimes', 'x']),
      run(['a..b']),
      start(['--port', '0', 'x'])
    ])
    expect(help.code).toBe(0)
    expect(help.out.join('\n')).toContain('Exit status')
    expect([option.code, mode.code, name.code, port.code]).toEqual([2, 2, 2, 2])
  })

  it('the self-test fails behind a resolver that cannot show what it should', async () => {
    const { code, out } = await run(['--selftest'])
    expect(code).toBe(5)
    expect(out[0]).toBe('SECURE DNSKEY record found for .')
    expect(out.at(-1)).toBe('The resolver is NOT fit for DANE.')
  })
})
