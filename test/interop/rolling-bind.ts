// A zone that real BIND serves and whose keys are rolled with its own tools, and an Unbound that follows it beside us.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withoutRevoke } from '../../src/anchors/rfc5011.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import { recordFromText } from '../../src/wire/text.js'

export const hasProgram = (name: string, flag = '-V'): boolean => spawnSync(name, [flag], { stdio: 'ignore' }).error === undefined

/** The key tag of a DNSKEY line without the REVOKE bit. */
export const plainTag = (line: string): number => withoutRevoke(readDnskey(recordFromText(line.replace(/;.*/, '')).rdata)).keyTag

/** A port that nobody uses now, for UDP and TCP. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

/** A server as a child process that ends with the test. */
export class Daemon {
  output = ''
  readonly #child: ChildProcess

  constructor(program: string, args: readonly string[], cwd: string) {
    this.#child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += String(chunk)
      })
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    await gone
    clearTimeout(late)
  }

  /** At once, for when this process itself ends. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async says(pattern: RegExp, ms = 15_000): Promise<void> {
    await until(
      () => pattern.test(this.output),
      ms,
      () => `${this.#child.spawnfile} did not say ${pattern}:\n${this.output}`
    )
  }
}

export async function until(holds: () => boolean, ms: number, explain: () => string): Promise<void> {
  const end = Date.now() + ms
  while (!holds()) {
    if (Date.now() > end) throw new Error(explain())
    await sleep(100)
  }
}

/** The zone `rolling.example`, its keys in files of BIND, signed anew with dnssec-signzone after every change of them. */
export class RollingBind {
  readonly zone = 'rolling.example'
  readonly #keys: string
  #serial = 1
  #named: Daemon | undefined

  constructor(
    readonly folder: string,
    readonly port: number,
    readonly controlPort: number
  ) {
    this.#keys = join(folder, 'keys')
    mkdirSync(this.#keys, { recursive: true })
  }

  /** Makes a key with dnssec-keygen; gives the base name of its files. */
  makeKey(...options: string[]): string {
    return this.#run('dnssec-keygen', '-q', '-K', this.#keys, '-a', 'ECDSAP256SHA256', '-L', '2', ...options, this.zone).trim()
  }

  setTime(key: string, ...options: string[]): void {
    this.#run('dnssec-settime', '-K', this.#keys, ...options, key)
  }

  dsLine(key: string): string {
    return this.#run('dnssec-dsfromkey', '-2', join(this.#keys, `${key}.key`)).trim()
  }

  /** The key tag in the name of a key's files: the one without the REVOKE bit. */
  static tagOf = (key: string): number => Number(/\+(\d+)$/.exec(key)?.[1])

  /** Signs for more than a year, since the clock of who follows is set by hand; TTLs are 2 seconds for who follows in real time. */
  async publish(): Promise<void> {
    const zone = [
      '$TTL 2',
      `@ SOA ns.${this.zone}. hostmaster.${this.zone}. ${this.#serial++} 3600 600 86400 2`,
      `@ NS ns.${this.zone}.`,
      'ns A 127.0.0.1',
      'www A 192.0.2.1'
    ]
    writeFileSync(join(this.folder, 'zone'), `${zone.join('\n')}\n`)
    this.#run(
      'dnssec-signzone',
      '-q',
      '-S',
      '-K',
      this.#keys,
      '-o',
      this.zone,
      '-s',
      'now-86400',
      '-e',
      'now+34560000',
      '-f',
      'zone.signed',
      'zone'
    )
    if (!this.#named) return
    const before = this.#named.output.length
    this.#run('rndc', '-c', join(this.folder, 'rndc.conf'), 'reload', this.zone)
    await until(
      () => /loaded serial|zone reload/.test(this.#named?.output.slice(before) ?? ''),
      10_000,
      () => `no reload:\n${this.#named?.output}`
    )
  }

  async start(): Promise<void> {
    const secret = Buffer.alloc(32, 7).toString('base64')
    const key = `key "control" { algorithm hmac-sha256; secret "${secret}"; };`
    writeFileSync(
      join(this.folder, 'named.conf'),
      `${key}
controls { inet 127.0.0.1 port ${this.controlPort} allow { 127.0.0.1; } keys { "control"; }; };
options {
  directory "${this.folder}"; pid-file "${this.folder}/named.pid"; session-keyfile "${this.folder}/session.key";
  listen-on port ${this.port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no;
};
zone "${this.zone}" { type primary; file "zone.signed"; };
`
    )
    writeFileSync(
      join(this.folder, 'rndc.conf'),
      `${key}\noptions { default-key "control"; default-server 127.0.0.1; default-port ${this.controlPort}; };\n`
    )
    this.#named = new Daemon('named', ['-g', '-c', join(this.folder, 'named.conf')], this.folder)
    await this.#named.says(/: running$|all zones loaded/m)
  }

  async stop(): Promise<void> {
    await this.#named?.stop()
  }

  #run(program: string, ...args: string[]): string {
    return execFileSync(program, args, { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }
}

/** Unbound with its own RFC 5011 and hold-downs of some seconds, its trust anchor in a file. */
export class FollowingUnbound {
  #daemon: Daemon | undefined

  constructor(
    readonly folder: string,
    readonly zone: string,
    readonly server: number,
    readonly port: number,
    readonly holdDown: number
  ) {}

  get file(): string {
    return join(this.folder, 'unbound.key')
  }

  async start(anchor: string): Promise<void> {
    writeFileSync(this.file, anchor)
    const conf = join(this.folder, `unbound-${this.port}.conf`)
    writeFileSync(
      conf,
      `server:
  directory: "${this.folder}"
  pidfile: "${this.folder}/unbound-${this.port}.pid"
  chroot: ""
  username: ""
  use-syslog: no
  do-daemonize: no
  verbosity: 1
  interface: 127.0.0.1@${this.port}
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor-signaling: no
  auto-trust-anchor-file: "${this.file}"
  add-holddown: ${this.holdDown}
  del-holddown: ${this.holdDown}
  permit-small-holddown: yes
stub-zone:
  name: "${this.zone}"
  stub-addr: 127.0.0.1@${this.server}
remote-control:
  control-enable: no
`
    )
    this.#daemon = new Daemon('unbound', ['-d', '-c', conf], this.folder)
    await this.#daemon.says(/start of service/)
  }

  /** `tag STATE` of each key in its file, the tag being the one without the REVOKE bit. */
  states(): string[] {
    const lines = readFileSync(this.file, 'utf8')
      .split('\n')
      .filter((line) => / IN\s+DNSKEY\s|\tDNSKEY\t/.test(line) && /;;state=/.test(line))
    return lines.map((line) => `${plainTag(line)} ${/\[\s*(\w+)\s*\]/.exec(line)?.[1]}`).sort()
  }

  async shows(states: readonly string[], ms: number): Promise<void> {
    const wanted = [...states].sort().join()
    await until(
      () => this.states().join() === wanted,
      ms,
      () => `Unbound's file never had ${wanted}:\n${readFileSync(this.file, 'utf8')}\n${this.#daemon?.output}`
    )
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop()
  }
}
