// Real authoritative servers for signed zone files, at port 53 of loopback addresses: NSD, BIND, Knot DNS.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask } from './ask.js'
import { Daemon } from './rolling-bind.js'
import type { Signing } from './signers.js'

export interface ZoneFile {
  readonly name: string
  readonly file: string
}

export interface NameServer {
  /** what the program has printed */
  readonly output: () => string
  close(): Promise<void>
}

/** Runs NSD until it is closed. */
export function startNsd(addresses: readonly string[], zones: readonly ZoneFile[]): Promise<NameServer> {
  return started('nsd', addresses, zones, (folder) => {
    const conf = [
      'server:',
      ...addresses.map((address) => `  ip-address: ${address}`),
      '  username: ""',
      `  zonesdir: "${folder}"`,
      '  database: ""',
      `  pidfile: "${folder}/nsd.pid"`,
      `  xfrdfile: "${folder}/xfrd.state"`,
      `  zonelistfile: "${folder}/zone.list"`,
      '  server-count: 1',
      '  rrl-ratelimit: 0',
      'remote-control:',
      '  control-enable: no',
      ...zones.flatMap(({ name, file }) => ['zone:', `  name: "${name}"`, `  zonefile: "${file}"`])
    ]
    writeFileSync(join(folder, 'nsd.conf'), `${conf.join('\n')}\n`)
    return ['-d', '-c', join(folder, 'nsd.conf')]
  })
}

/** Runs named as an authoritative server until it is closed. It listens only where an interface has the address: 127.0.0.1. */
export function startNamed(zones: readonly ZoneFile[]): Promise<NameServer> {
  return started('named', ['127.0.0.1'], zones, (folder) => {
    mkdirSync(join(folder, 'keys'))
    const conf = [
      'options {',
      `  directory "${folder}"; pid-file none; session-keyfile none; managed-keys-directory "${folder}/keys";`,
      `  listen-on port 53 { 127.0.0.1; }; listen-on-v6 { none; };`,
      '  recursion no; allow-query { any; }; dnssec-validation no; notify no; empty-zones-enable no;',
      '};',
      'controls { };',
      ...zones.map(({ name, file }) => `zone "${name}" { type primary; file "${file}"; };`)
    ]
    writeFileSync(join(folder, 'named.conf'), `${conf.join('\n')}\n`)
    return ['-g', '-4', '-n', '1', '-c', join(folder, 'named.conf')]
  })
}

/** Waits until the last zone is served at the last address; stops the server when this process ends. */
export async function started(
  program: string,
  addresses: readonly string[],
  zones: readonly { readonly name: string }[],
  configure: (folder: string) => readonly string[],
  folder: string = mkdtempSync(join(tmpdir(), `${program}-`))
): Promise<NameServer> {
  const daemon = new Daemon(program, configure(folder), folder)
  const kill = (): void => daemon.kill()
  process.once('exit', kill)
  const close = async (): Promise<void> => {
    process.off('exit', kill)
    await daemon.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const waiting = new Map(zones.flatMap(({ name }) => addresses.map((address) => [`${name} ${address}`, { name, address }] as const)))
  for (const end = Date.now() + 20_000; ; ) {
    for (const [key, { name, address }] of waiting) {
      const { rcode, answer } = await ask({ address, port: 53 }, name, 'SOA', 500)
      if (rcode !== 'NOERROR' || answer.length === 0) break
      waiting.delete(key)
    }
    if (waiting.size === 0) return { output: () => daemon.output, close }
    if (Date.now() > end) {
      await close()
      throw new Error(`${program} does not serve ${[...waiting.keys()].slice(0, 5).join(', ')}:\n${daemon.output.slice(-3000)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

export interface KnotZone extends Signing {
  readonly file: string
}

/** Writes the configuration by which knotd signs the zones when it loads them, with keys that are made by hand. */
export function configureKnot(folder: string, addresses: readonly string[], zones: readonly KnotZone[]): string {
  const policies = zones.map(({ denial, iterations = 0, salt }, i) => [
    `  - id: p${i}`,
    '    manual: on',
    `    nsec3: ${denial === 'nsec' ? 'off' : 'on'}`,
    `    nsec3-iterations: ${iterations}`,
    `    nsec3-salt-length: ${salt ? salt.length / 2 : 0}`,
    `    nsec3-opt-out: ${denial === 'optout' ? 'on' : 'off'}`
  ])
  const conf = [
    'server:',
    `    listen: [ ${addresses.map((address) => `${address}@53`).join(', ')} ]`,
    `    rundir: "${folder}"`,
    '    udp-workers: 1',
    '    tcp-workers: 1',
    '    background-workers: 2',
    'database:',
    `    storage: "${folder}"`,
    'log:',
    '  - target: stderr',
    '    any: warning',
    'policy:',
    ...policies.flat(),
    'zone:',
    ...zones.flatMap(({ name, file }, i) => [
      `  - domain: ${name}.`,
      `    file: "${file}"`,
      '    zonefile-sync: -1',
      '    zonefile-load: whole',
      '    journal-content: none',
      '    dnssec-signing: on',
      `    dnssec-policy: p${i}`
    ])
  ]
  const path = join(folder, 'knot.conf')
  writeFileSync(path, `${conf.join('\n')}\n`)
  return path
}

/** Runs knotd by a configuration of `configureKnot` until it is closed. */
export function startKnot(config: string, addresses: readonly string[], zones: readonly KnotZone[]): Promise<NameServer> {
  return started('knotd', addresses, zones, () => ['-c', config], mkdtempSync(join(tmpdir(), 'knotd-')))
}
