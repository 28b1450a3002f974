// DNSViz on the misconfigured zones, beside our verdict: where it calls a zone's answer sound we do, and where we call it bogus it
// finds an error too. It judges zones and not answers, so codes are shown side by side and not compared.
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolver } from '../../src/index.js'
import { authority } from '../world/authority.js'
import { buildMisconfigured } from '../world/misconfigured.js'
import { type Listener, listen } from '../world/net.js'

const run = promisify(execFile)
const present = spawnSync('dnsviz', ['help']).error === undefined

/** DNSViz itself fails on keys whose point is not on the curve, and on DSA keys that are none. */
const FAILS: ReadonlySet<string> = new Set(['bad-zsk', 'bad-ksk', 'dsa', 'dsa-nsec3-sha1'])

/** It does not look at the Zone Key bit, without which a key validates nothing (RFC 4034 2.1.1). */
const LETS_PASS: ReadonlySet<string> = new Set(['no-dnskey-256', 'no-dnskey-257', 'no-dnskey-256-257'])

describe.skipIf(!present)('DNSViz and this library on the same zones', () => {
  const world = buildMisconfigured(Date.now())
  const folder = mkdtempSync(join(tmpdir(), 'dnsviz-'))
  const rows: string[] = []
  let server: Listener
  beforeAll(async () => {
    server = await listen(authority([...world.zones.values()]))
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
    console.log(['zone | this library | DNSViz', ...rows].join('\n'))
  })

  /** One server has all zones here, so faults of servers are left out: those of the zones themselves are judged. */
  const questions = world.questions.filter(({ name, status }) => name.startsWith('www.') && status !== 'indeterminate')
  for (const { name, type } of questions) {
    const zone = name.slice('www.'.length)
    const fault = zone.split('.')[0] as string
    it.skipIf(FAILS.has(fault))(zone, { timeout: 60_000 }, async () => {
      const resolver = createResolver({
        trustAnchors: world.anchors,
        rootHints: world.hints,
        transport: world.memory(),
        allowPrivateAddresses: true
      })
      const { status, reason } = await resolver.resolveSecure(name, type)
      await resolver.close()
      const findings = await visualised(name, zone)
      rows.push(`${fault} | ${[status, reason && 'kind' in reason ? reason.kind : ''].join(' ')} | ${findings.join(' ') || 'nothing'}`)
      if (status === 'secure' || LETS_PASS.has(fault)) expect(findings).toEqual([])
      else if (status === 'bogus') expect(findings).not.toEqual([])
    })
  }

  /** Codes of errors, and statuses of signatures and delegations that are not good. */
  async function visualised(name: string, zone: string): Promise<string[]> {
    const at = `ns1.hosting.ordered=127.0.0.1:${server.port}`
    const servers = ['.', 'ordered', 'faulty.ordered', zone].flatMap((one) => ['-x', `${one}:${at}`])
    const options = { maxBuffer: 1e8, timeout: 50_000 }
    const probe = await run('dnsviz', ['probe', '-A', '-a', '.', ...servers, '-R', 'A', name], options)
    const file = join(folder, 'probe.json')
    writeFileSync(file, probe.stdout)
    const { stdout } = await run('dnsviz', ['grok', '-r', file], options)
    return findingsIn(JSON.parse(stdout || '{}'))
  }
})

const GOOD: ReadonlySet<unknown> = new Set([
  'VALID',
  'SECURE',
  'INSECURE',
  'NOERROR',
  'NXDOMAIN',
  'INDETERMINATE_UNKNOWN_ALGORITHM',
  'ALGORITHM_IGNORED',
  'LAME'
])

function findingsIn(value: unknown): string[] {
  const found = new Set<string>()
  const walk = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return
    const { status, errors } = one as { status?: unknown; errors?: unknown }
    if (typeof status === 'string' && !GOOD.has(status)) found.add(`(${status})`)
    if (Array.isArray(errors)) for (const { code } of errors) found.add(code)
    for (const below of Object.values(one)) walk(below)
  }
  walk(value)
  return [...found].sort()
}
