// Validating resolvers that ask the name servers themselves, all with the same root
// hints and trust anchor: Unbound, BIND, Knot Resolver and PowerDNS Recursor.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, type Where } from './ask.js'
import { Daemon, freePort } from './rolling-bind.js'
import { unboundServer } from './unbound-conf.js'

export interface World {
  /** DS lines of the root */
  readonly anchors: readonly string[]
  readonly hints: readonly { readonly name: string; readonly addresses: readonly string[] }[]
  /** by kind: where its queries come from, so that servers can tell who asks (Unbound and BIND alone) */
  readonly sources?: Partial<Record<ValidatorKind, string>>
  /** whether denials may answer for other questions too (RFC 8198): so they do where a validator has it, unless this is false */
  readonly aggressive?: boolean
}

export interface Validator {
  readonly kind: ValidatorKind
  readonly where: Where
  /** what the program has printed */
  readonly output: () => string
  readonly folder: string
  close(): Promise<void>
}

export type ValidatorKind = 'unbound' | 'bind' | 'knot' | 'powerdns'

interface Row {
  readonly name: string
  readonly program: string
  readonly versionArgs: readonly string[]
  /** writes the configuration and gives the command line */
  readonly configure: (folder: string, port: number, world: World) => readonly string[]
}

/** `owner TTL IN DS tag algorithm type digest` taken apart. */
function dsFields(line: string): { owner: string; rdata: string[] } {
  const [owner, ...rest] = line.trim().split(/\s+/)
  return { owner, rdata: rest.slice(rest.indexOf('DS') + 1) }
}

const hintsFile = ({ hints }: World): string =>
  hints
    .flatMap(({ name, addresses }) => [
      `. 3600000 IN NS ${name}.`,
      ...addresses.map((address) => `${name}. 3600000 IN ${address.includes(':') ? 'AAAA' : 'A'} ${address}`)
    ])
    .join('\n')

export const VALIDATORS: Readonly<Record<ValidatorKind, Row>> = {
  unbound: {
    name: 'Unbound',
    program: 'unbound',
    versionArgs: ['-V'],
    configure(folder, port, world) {
      write(folder, 'unbound.conf', [
        ...unboundServer(folder, `127.0.0.1@${port}`, world.anchors),
        ...(world.sources?.unbound ? [`  outgoing-interface: ${world.sources.unbound}`] : []),
        '  num-threads: 1',
        '  module-config: "validator iterator"',
        '  root-hints: "hints"',
        '  ede: yes',
        ...(world.aggressive === false ? ['  aggressive-nsec: no'] : []),
        '  extended-statistics: yes',
        'remote-control:',
        '  control-enable: yes',
        `  control-interface: "${folder}/control"`,
        '  control-use-cert: no'
      ])
      return ['-d', '-c', join(folder, 'unbound.conf')]
    }
  },
  bind: {
    name: 'BIND',
    program: 'named',
    versionArgs: ['-v'],
    configure(folder, port, world) {
      const anchors = world.anchors.map(dsFields).map(({ owner, rdata: [tag, algorithm, type, ...digest] }) => {
        return `  "${owner}" static-ds ${tag} ${algorithm} ${type} "${digest.join('')}";`
      })
      mkdirSync(join(folder, 'keys'))
      write(folder, 'named.conf', [
        'options {',
        `  directory "${folder}"; pid-file none; session-keyfile none; managed-keys-directory "${folder}/keys";`,
        `  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };`,
        '  recursion yes; allow-query { any; }; allow-recursion { any; }; empty-zones-enable no; dnssec-validation yes;',
        ...(world.sources?.bind ? [`  query-source address ${world.sources.bind};`] : []),
        ...(world.aggressive === false ? ['  synth-from-dnssec no;'] : []),
        '};',
        'controls { };',
        'zone "." { type hint; file "hints"; };',
        'trust-anchors {',
        ...anchors,
        '};'
      ])
      return ['-g', '-4', '-n', '1', '-c', join(folder, 'named.conf')]
    }
  },
  knot: {
    name: 'Knot Resolver',
    program: 'kresd',
    versionArgs: ['-V'],
    configure(folder, port, world) {
      write(folder, 'kresd.conf', [
        `net.listen('127.0.0.1', ${port}, { kind = 'dns' })`,
        'net.ipv6 = false',
        'cache.size = 20 * MB',
        // the servers of this world are on loopback, where it asks no others
        "option('ALLOW_LOCAL', true)",
        "for _, name in ipairs({ 'ta_update', 'ta_signal_query', 'priming', 'detect_time_skew', 'detect_time_jump' }) do",
        '  modules.unload(name)',
        'end',
        "modules.load('hints')",
        ...(world.aggressive === false ? ["policy.add(policy.all(policy.FLAGS('NO_CACHE')))"] : []),
        `hints.root({ ${world.hints.map(({ name, addresses }) => `['${name}.'] = { ${addresses.map((one) => `'${one}'`).join(', ')} }`).join(', ')} })`,
        ...world.anchors.map((line) => `trust_anchors.add('${line}')`)
      ])
      return ['-n', '-q', '-c', join(folder, 'kresd.conf'), folder]
    }
  },
  powerdns: {
    name: 'PowerDNS Recursor',
    program: 'pdns_recursor',
    versionArgs: ['--version'],
    configure(folder, port, world) {
      write(folder, 'anchors.lua', [
        'clearTA()',
        ...world.anchors.map(dsFields).map(({ owner, rdata }) => `addTA('${owner}', "${rdata.join(' ')}")`)
      ])
      write(folder, 'recursor.conf', [
        'daemon=no',
        `local-address=127.0.0.1:${port}`,
        `socket-dir=${folder}`,
        `hint-file=${join(folder, 'hints')}`,
        `lua-config-file=${join(folder, 'anchors.lua')}`,
        'dnssec=validate',
        'extended-resolution-errors=yes',
        'dont-query=',
        'security-poll-suffix=',
        'threads=1',
        ...(world.aggressive === false ? ['aggressive-nsec-cache-size=0'] : []),
        'allow-from=127.0.0.0/8'
      ])
      return [`--config-dir=${folder}`]
    }
  }
}

const write = (folder: string, file: string, lines: readonly string[]): void => writeFileSync(join(folder, file), `${lines.join('\n')}\n`)

export const isPresent = (kind: ValidatorKind): boolean =>
  spawnSync(VALIDATORS[kind].program, VALIDATORS[kind].versionArgs, { stdio: 'ignore' }).error === undefined

/** The name of the program with its version; the name alone when that cannot be had. */
export function nameAndVersion(kind: ValidatorKind): string {
  const { name, program, versionArgs } = VALIDATORS[kind]
  const { stdout, stderr } = spawnSync(program, versionArgs, { encoding: 'utf8' })
  const [version] = /\d+\.\d+\.\d+/.exec(`${stdout}${stderr}`) ?? []
  return version ? `${name} ${version}` : name
}

/** Runs one until it is closed. It must answer for the root within ten seconds. */
export async function startValidator(kind: ValidatorKind, world: World): Promise<Validator> {
  const { program, configure } = VALIDATORS[kind]
  const folder = mkdtempSync(join(tmpdir(), `${kind}-`))
  const where: Where = { address: '127.0.0.1', port: await freePort() }
  write(folder, 'hints', [hintsFile(world)])
  const daemon = new Daemon(program, configure(folder, where.port, world), folder)
  const kill = (): void => daemon.kill()
  process.once('exit', kill)
  const close = async (): Promise<void> => {
    process.off('exit', kill)
    await daemon.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  for (const end = Date.now() + 10_000; ; ) {
    const reply = await ask(where, '.', 'SOA', 1_000)
    if (reply.rcode === 'NOERROR') break
    if (Date.now() > end) {
      await close()
      throw new Error(`${program} does not answer for the root (${reply.rcode}):\n${daemon.output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { kind, where, folder, output: () => daemon.output, close }
}

/** A counter of Unbound's statistics, since the start. */
export function unboundStatistics(validator: Validator): ReadonlyMap<string, number> {
  const text = execFileSync('unbound-control', ['-c', join(validator.folder, 'unbound.conf'), 'stats_noreset'], { encoding: 'utf8' })
  return new Map(text.split('\n').map((line) => [line.split('=')[0], Number(line.split('=')[1])]))
}
