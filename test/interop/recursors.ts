// Real recursive servers on loopback ports, asking one authority of ours for everything. Each is started in a folder of its own
// and gone when it is closed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createNetworkTransport } from '../../src/transport/network.js'
import { buildQuery } from '../../src/wire/message.js'
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import type { Certificate } from '../world/certificates.js'
import { unboundServer } from './unbound-conf.js'

export interface Recursor {
  readonly port: number
  /** of TLS and HTTPS, where they were asked for */
  readonly tlsPort: number
  readonly httpsPort: number
  close(): Promise<void>
}

export interface Upstream {
  /** of the authority on 127.0.0.1 */
  readonly port: number
  /** DS lines */
  readonly anchors: readonly string[]
}

export const isInstalled = (program: string): boolean => findProgram(program) !== undefined

function findProgram(program: string): string | undefined {
  const folders = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', ...(process.env.PATH ?? '').split(':')]
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

export async function startUnbound(
  upstream: Upstream,
  options: { readonly validating: boolean; readonly certificate?: Certificate }
): Promise<Recursor> {
  const folder = mkdtempSync(join(tmpdir(), 'unbound-'))
  const [port, tlsPort, httpsPort] = await freePorts(3)
  const lines = [
    ...unboundServer(folder, `127.0.0.1@${port}`, options.validating ? upstream.anchors : []),
    `  module-config: "${options.validating ? 'validator iterator' : 'iterator'}"`,
    '  qname-minimisation: no'
  ]
  if (options.certificate) {
    writeFileSync(join(folder, 'server.pem'), options.certificate.certificate)
    writeFileSync(join(folder, 'server.key'), options.certificate.key)
    lines.push(`  interface: 127.0.0.1@${tlsPort}`, `  interface: 127.0.0.1@${httpsPort}`, `  tls-port: ${tlsPort}`)
    lines.push(`  https-port: ${httpsPort}`, '  tls-service-key: "server.key"', '  tls-service-pem: "server.pem"')
  }
  lines.push('remote-control:', '  control-enable: no', 'forward-zone:', `  name: "."`, `  forward-addr: 127.0.0.1@${upstream.port}`)
  writeFileSync(join(folder, 'unbound.conf'), `${lines.join('\n')}\n`)
  const child = spawn(findProgram('unbound') as string, ['-d', '-c', join(folder, 'unbound.conf')], { stdio: 'ignore' })
  return running(child, folder, { port, tlsPort, httpsPort })
}

export async function startBind(upstream: Upstream, options: { readonly validating: boolean }): Promise<Recursor> {
  const folder = mkdtempSync(join(tmpdir(), 'bind-'))
  const [port] = await freePorts(1)
  mkdirSync(join(folder, 'keys'))
  const anchors = upstream.anchors.map((line) => {
    const [owner, ...rest] = line.replace(/\s+IN\s+/, ' ').split(/\s+/)
    const [keyTag, algorithm, digestType, ...digest] = rest.slice(rest.indexOf('DS') + 1)
    return `  "${owner}" static-ds ${keyTag} ${algorithm} ${digestType} "${digest.join('')}";`
  })
  const text = `
options {
  directory "${folder}"; pid-file none; session-keyfile none; managed-keys-directory "${folder}/keys";
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion yes; allow-query { any; }; empty-zones-enable no; qname-minimization off;
  forward only; forwarders { 127.0.0.1 port ${upstream.port}; };
  dnssec-validation ${options.validating ? 'yes' : 'no'};
};
controls { };
${options.validating ? `trust-anchors {\n${anchors.join('\n')}\n};` : ''}
`
  writeFileSync(join(folder, 'named.conf'), text)
  const child = spawn(findProgram('named') as string, ['-f', '-c', join(folder, 'named.conf')], { stdio: 'ignore' })
  return running(child, folder, { port, tlsPort: 0, httpsPort: 0 })
}

export async function startPowerDns(upstream: Upstream, options: { readonly validating: boolean }): Promise<Recursor> {
  const folder = mkdtempSync(join(tmpdir(), 'pdns-'))
  const [port] = await freePorts(1)
  const lua = upstream.anchors.map((line) => `addTA('.', "${line.slice(line.indexOf('DS') + 2).trim()}")`).join('\n')
  writeFileSync(join(folder, 'anchors.lua'), options.validating ? `clearTA()\n${lua}\n` : '')
  const settings = [
    'daemon=no',
    `local-address=127.0.0.1:${port}`,
    `socket-dir=${folder}`,
    `forward-zones=.=127.0.0.1:${upstream.port}`,
    `dnssec=${options.validating ? 'validate' : 'off'}`,
    `lua-config-file=${join(folder, 'anchors.lua')}`,
    'dont-query='
  ]
  writeFileSync(join(folder, 'recursor.conf'), `${settings.join('\n')}\n`)
  const child = spawn(findProgram('pdns_recursor') as string, [`--config-dir=${folder}`], { stdio: 'ignore' })
  return running(child, folder, { port, tlsPort: 0, httpsPort: 0 })
}

async function running(child: ChildProcess, folder: string, ports: Omit<Recursor, 'close'>): Promise<Recursor> {
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const network = createNetworkTransport()
  const query = buildQuery({ id: 1, question: { name: nameFromText('.'), type: TYPE.SOA, class: CLASS.IN }, recursionDesired: true })
  try {
    for (let tries = 0; ; tries++) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
      const server = { address: '127.0.0.1', port: ports.port, protocol: 'udp' }
      const replied = network.exchange(query, server, { signal: AbortSignal.timeout(1_000), timeoutMs: 300 }).then(
        () => true,
        () => false
      )
      if (await replied) return { ...ports, close }
      if (tries === 40) throw new Error('the server does not answer')
      await sleep(100)
    }
  } catch (error) {
    await close()
    throw error
  } finally {
    await network.close()
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
      return server
    })
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise<void>((closed) => server.close(() => closed()))))
  return ports
}

/** First line of what the program says of its version. */
export function versionOf(program: string, argument: string): string {
  const path = findProgram(program)
  if (!path) return 'absent'
  try {
    return execFileSync(path, [argument], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n')[0] as string
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? '').split('\n')[0] as string
  }
}
