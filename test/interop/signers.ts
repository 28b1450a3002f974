// Zones signed by programs that are not ours: BIND's dnssec-signzone, ldns-signzone, and knotd, which signs when it loads a zone.
// Each gives the DS of its keys before the parent is signed.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export type Signer = 'bind' | 'ldns' | 'knot'
export type Denial = 'nsec' | 'nsec3' | 'optout'

export interface Signing {
  /** without the final dot, '.' for the root */
  readonly name: string
  readonly algorithm: number
  readonly denial: Denial
  /** NSEC3 iterations, 0 unless said otherwise */
  readonly iterations?: number
  /** hexadecimal; none unless said otherwise */
  readonly salt?: string
  /** validity of the signatures in days from now */
  readonly days?: readonly [from: number, to: number]
}

export const ALGORITHMS: Readonly<Record<number, { readonly bind: string; readonly ldns: string; readonly rsa?: true }>> = {
  5: { bind: 'RSASHA1', ldns: 'RSASHA1', rsa: true },
  7: { bind: 'NSEC3RSASHA1', ldns: 'RSASHA1-NSEC3-SHA1', rsa: true },
  8: { bind: 'RSASHA256', ldns: 'RSASHA256', rsa: true },
  10: { bind: 'RSASHA512', ldns: 'RSASHA512', rsa: true },
  13: { bind: 'ECDSAP256SHA256', ldns: 'ECDSAP256SHA256' },
  14: { bind: 'ECDSAP384SHA384', ldns: 'ECDSAP384SHA384' },
  15: { bind: 'ED25519', ldns: 'ED25519' },
  16: { bind: 'ED448', ldns: 'ED448' }
}

const RSA_BITS = '1280'
const DAY = 86_400

const fqdn = (name: string): string => (name === '.' ? '.' : `${name}.`)
const fileName = (name: string): string => (name === '.' ? 'root' : name)

/** A folder in which zones are signed. */
export class Workshop {
  constructor(readonly folder: string) {}

  /** The file of a zone's text; signed, when it is the output of a signer. */
  file(name: string, signed = false): string {
    return join(this.folder, `${fileName(name)}.${signed ? 'signed' : 'zone'}`)
  }

  write(name: string, text: string, signed = false): string {
    writeFileSync(this.file(name, signed), text)
    return this.file(name, signed)
  }

  read(name: string): string {
    return readFileSync(this.file(name, true), 'utf8')
  }

  /** Signs the text and gives the DS lines for the parent. */
  async sign(signer: 'bind' | 'ldns', signing: Signing, text: string): Promise<string[]> {
    this.write(signing.name, text)
    return signer === 'bind' ? this.#signByBind(signing) : this.#signByLdns(signing)
  }

  async #signByBind(signing: Signing): Promise<string[]> {
    const { name, algorithm, denial, iterations = 0, salt = '-', days = [-1, 14] } = signing
    const keys = this.#keyFolder(name)
    const { bind, rsa } = ALGORITHMS[algorithm]
    const kind = ['-q', '-K', keys, '-a', bind, ...(rsa ? ['-b', RSA_BITS] : [])]
    await Promise.all([['-f', 'KSK'], []].map((role) => this.#run('dnssec-keygen', [...kind, ...role, fqdn(name)])))
    const [inception, expiration] = days.map((day) => timestamp(day))
    await this.#run('dnssec-signzone', [
      ...['-q', '-P', '-S', '-z', '-O', 'full'].filter((option) => option !== '-z'),
      ...['-K', keys, '-d', keys, '-o', fqdn(name), '-s', inception, '-e', expiration, '-f', this.file(name, true)],
      ...(denial === 'nsec' ? [] : ['-3', salt, '-H', String(iterations)]),
      ...(denial === 'optout' ? ['-A'] : []),
      this.file(name)
    ])
    return lines(readFileSync(join(keys, `dsset-${fqdn(name)}`), 'utf8'))
  }

  async #signByLdns(signing: Signing): Promise<string[]> {
    const { name, algorithm, denial, iterations = 0, salt, days = [-1, 14] } = signing
    const keys = this.#keyFolder(name)
    const { ldns, rsa } = ALGORITHMS[algorithm]
    const kind = ['-a', ldns, ...(rsa ? ['-b', RSA_BITS] : []), '-r', '/dev/urandom']
    const [ksk, zsk] = await Promise.all([['-k'], []].map((role) => this.#run('ldns-keygen', [...kind, ...role, fqdn(name)], keys)))
    const [inception, expiration] = days.map((day) => timestamp(day))
    const hashed = ['-n', '-t', String(iterations), ...(salt ? ['-s', salt] : []), ...(denial === 'optout' ? ['-p'] : [])]
    await this.#run('ldns-signzone', [
      ...['-o', fqdn(name), '-i', inception, '-e', expiration, '-f', this.file(name, true)],
      ...(denial === 'nsec' ? [] : hashed),
      ...[this.file(name), join(keys, ksk), join(keys, zsk)]
    ])
    return lines(await this.#run('ldns-key2ds', ['-n', '-2', join(keys, `${ksk}.key`)]))
  }

  /** Makes the keys of a zone that knotd will sign by `config`, and gives the DS lines for the parent. */
  async prepareKnot(config: string, { name, algorithm }: Signing): Promise<string[]> {
    const { bind, rsa } = ALGORITHMS[algorithm]
    const kind = [`algorithm=${bind === 'NSEC3RSASHA1' ? 'RSASHA1NSEC3SHA1' : bind}`, ...(rsa ? [`size=${RSA_BITS}`] : [])]
    for (const role of ['ksk=yes', 'zsk=yes']) await this.#run('keymgr', ['-c', config, fqdn(name), 'generate', ...kind, role])
    const all = lines(await this.#run('keymgr', ['-c', config, fqdn(name), 'ds']))
    return all.filter((line) => / 2 [0-9a-f]{64}$/i.test(line))
  }

  #keyFolder(name: string): string {
    const folder = join(this.folder, `${fileName(name)}.keys`)
    mkdirSync(folder)
    return folder
  }

  async #run(program: string, args: readonly string[], cwd = this.folder): Promise<string> {
    const { stdout } = await execute(program, args, { cwd, timeout: 60_000 })
    return stdout.trim()
  }
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '')

/** YYYYMMDDHHmmSS, UTC (RFC 4034 3.2). */
function timestamp(days: number): string {
  const at = new Date(Date.now() + days * DAY * 1000)
  return at.toISOString().replace(/\D/g, '').slice(0, 14)
}
