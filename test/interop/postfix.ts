// A real Postfix on loopback: one `smtpd` an address, each with its own certificates, and `posttls-finger` as a second opinion.
// Found where Debian puts it, or below the folder that POSTFIX_ROOT names (a package unpacked with `dpkg -x`).
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MadeCertificate } from '../world/certificates.js'

export interface Smtpd {
  /** the server's certificate, then what is sent behind it; no STARTTLS without */
  readonly chain?: readonly MadeCertificate[]
  /** STARTTLS is offered, and refused with 454: the file of its certification authorities holds none */
  readonly refuses?: boolean
}

export interface Postfix {
  /** `major.minor.patch` */
  readonly version: string
  readonly port: number
  /** runs posttls-finger, with /etc/resolv.conf naming the server given: what it says, and its exit status */
  finger(args: readonly string[], nameserver: string): Promise<{ readonly text: string; readonly code: number }>
  close(): Promise<void>
}

const ROOT = process.env.POSTFIX_ROOT ?? ''
const SBIN = join(ROOT, '/usr/sbin')
const LIBRARIES = join(ROOT, '/usr/lib/postfix')

/** Why Postfix cannot be run here; undefined when it can. */
export function whyNoPostfix(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  if (!existsSync(join(SBIN, 'posttls-finger'))) return 'Postfix is not installed'
  return undefined
}

/** @param services by loopback address, all at one port */
export async function startPostfix(services: Readonly<Record<string, Smtpd>>, port: number): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'postfix-'))
  chmodSync(folder, 0o755) // Postfix gives up its rights before it looks for its queue
  const env = { ...process.env, MAIL_CONFIG: folder, LD_LIBRARY_PATH: LIBRARIES }
  const owner = account('passwd', ['postfix', 'daemon'])
  for (const name of ['queue', 'queue/pid', 'queue/private', 'queue/public', 'data']) mkdirSync(join(folder, name))
  for (const name of ['queue/private', 'queue/public', 'data']) chownSync(join(folder, name), owner.id, 0)
  writeFileSync(join(folder, 'main.cf'), mainFile(folder, owner.name, account('group', ['postdrop', 'mail']).name))
  writeFileSync(join(folder, 'master.cf'), masterFile(folder, services, port))
  const master = spawn(join(LIBRARIES, 'sbin/master'), ['-c', folder], { env, stdio: 'ignore' })
  try {
    await Promise.all(Object.keys(services).map((address) => listening(address, port)))
  } catch (error) {
    await ended(master)
    throw error
  }
  return {
    version: execFileSync(join(SBIN, 'postconf'), ['-h', 'mail_version'], { env }).toString().trim(),
    port,
    finger: (args, nameserver) => finger(args, nameserver, folder, env),
    close: async () => {
      await ended(master)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

function mainFile(folder: string, owner: string, group: string): string {
  const settings = {
    compatibility_level: '3.6',
    mail_owner: owner,
    setgid_group: group,
    queue_directory: `${folder}/queue`,
    data_directory: `${folder}/data`,
    daemon_directory: `${LIBRARIES}/sbin`,
    command_directory: SBIN,
    shlib_directory: LIBRARIES,
    meta_directory: folder,
    import_environment: 'MAIL_CONFIG LD_LIBRARY_PATH PATH',
    maillog_file: `${folder}/log`,
    maillog_file_prefixes: folder,
    myhostname: 'mx.test',
    mydestination: '',
    inet_protocols: 'ipv4',
    smtpd_peername_lookup: 'no',
    smtpd_relay_restrictions: 'reject',
    local_recipient_maps: '',
    alias_maps: '',
    smtputf8_enable: 'no'
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')
}

function masterFile(folder: string, services: Readonly<Record<string, Smtpd>>, port: number): string {
  const lines = [
    'postlog unix-dgram n - n - 1 postlogd',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'anvil unix - - n - 1 anvil',
    'proxymap unix - - n - - proxymap',
    'rewrite unix - - n - - trivial-rewrite'
  ]
  for (const [address, { chain, refuses }] of Object.entries(services)) {
    const file = join(folder, `${address}.pem`)
    if (chain) writeFileSync(file, chain[0].key + chain.map(({ certificate }) => certificate).join(''), { mode: 0o600 })
    if (refuses) writeFileSync(file, 'nothing\n')
    const level = chain || refuses ? 'may' : 'none'
    lines.push(`${address}:${port} inet n - n - - smtpd`, `  -o smtpd_tls_security_level=${level}`)
    if (chain) lines.push(`  -o smtpd_tls_chain_files=${file}`)
    if (refuses) lines.push(`  -o smtpd_tls_CAfile=${file}`)
  }
  return `${lines.join('\n')}\n`
}

/** In a mount namespace of its own, where /etc/resolv.conf names the validating resolver and lets its AD bit through. */
function finger(
  args: readonly string[],
  nameserver: string,
  folder: string,
  env: NodeJS.ProcessEnv
): Promise<{ text: string; code: number }> {
  const file = join(folder, 'resolv.conf')
  writeFileSync(file, `nameserver ${nameserver}\noptions trust-ad timeout:2 attempts:1\n`)
  const script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
  const command = ['-m', 'sh', '-c', script, file, join(SBIN, 'posttls-finger'), '-t', '5', '-T', '5', ...args]
  return new Promise((resolve) => {
    execFile('unshare', command, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ text: stdout + stderr, code: error ? Number(error.code ?? -1) : 0 })
    })
  })
}

function account(file: 'passwd' | 'group', wanted: readonly string[]): { readonly name: string; readonly id: number } {
  const lines = readFileSync(`/etc/${file}`, 'utf8').split('\n')
  for (const name of wanted) {
    const line = lines.find((one) => one.startsWith(`${name}:`))
    if (line) return { name, id: Number(line.split(':')[2]) }
  }
  throw new Error(`none of ${wanted.join(', ')} in /etc/${file}`)
}

async function listening(address: string, port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = connect(port, address)
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (there) return
    await sleep(100)
  }
  throw new Error(`nothing listens at ${address} port ${port}`)
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await Promise.race([gone, sleep(5_000)])
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
}
