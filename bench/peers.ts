// Validating resolvers that are servers, each with one thread, in a folder of its own, on a loopback address of its own, with the
// root hint and trust anchor of the tree and otherwise as its authors ship it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { unboundServer } from '../test/interop/unbound-conf.js'
import { exchangeOnce } from './ask.js'
import { findProgram, newFolder, type Program, startProgram, versionOf } from './processes.js'
import type { Tree } from './tree.js'

export type PeerKind = 'unbound' | 'bind' | 'knot' | 'powerdns'

export interface Peer {
  readonly program: Program
  readonly address: string
  readonly port: number
}

interface Row {
  readonly name: string
  readonly program: string
  readonly version: readonly string[]
  readonly address: string
  /** 53 when left out */
  readonly port?: number
  /** writes the configuration and gives the arguments */
  readonly configure: (folder: string, address: string, port: number, tree: Tree) => readonly string[]
}

/** Key tag, algorithm, digest type and digest of a DS line of the root. */
const fieldsOf = (line: string): string[] =>
  line
    .slice(line.indexOf('DS') + 2)
    .trim()
    .split(/\s+/)

export const PEERS: Readonly<Record<PeerKind, Row>> = {
  unbound: {
    name: 'Unbound',
    program: 'unbound',
    version: ['-V'],
    address: '127.53.200.1',
    configure(folder, address, port, { anchors }) {
      write(folder, 'unbound.conf', [
        ...unboundServer(folder, `${address}@${port}`, anchors),
        ' num-threads: 1',
        ' root-hints: "hints"',
        // as others fetch them too: while the referral is followed
        ' prefetch-key: yes',
        'remote-control:',
        ' control-enable: no'
      ])
      return ['-d', '-c', join(folder, 'unbound.conf')]
    }
  },
  bind: {
    name: 'BIND',
    program: 'named',
    version: ['-v'],
    // it listens only at addresses that an interface has
    address: '127.0.0.1',
    port: 5454,
    configure(folder, address, port, { anchors }) {
      const keys = anchors
        .map(fieldsOf)
        .map(([tag, algorithm, type, ...digest]) => `"." static-ds ${tag} ${algorithm} ${type} "${digest.join('')}";`)
      mkdirSync(join(folder, 'keys'))
      write(folder, 'named.conf', [
        `options { directory "${folder}"; pid-file none; session-keyfile none; managed-keys-directory "${folder}/keys";`,
        ` listen-on port ${port} { ${address}; }; listen-on-v6 { none; }; query-source address ${address};`,
        ' recursion yes; allow-query { any; }; allow-recursion { any; }; empty-zones-enable no; dnssec-validation yes; };',
        'controls { };',
        'zone "." { type hint; file "hints"; };',
        `trust-anchors { ${keys.join(' ')} };`
      ])
      return ['-f', '-4', '-n', '1', '-c', join(folder, 'named.conf')]
    }
  },
  knot: {
    name: 'Knot Resolver',
    program: 'kresd',
    version: ['-V'],
    address: '127.53.200.3',
    configure(folder, address, port, { anchors, hint }) {
      write(folder, 'kresd.conf', [
        `net.listen('${address}', ${port}, { kind = 'dns' })`,
        'net.ipv6 = false',
        `net.outgoing_v4('${address}')`,
        'cache.size = 100 * MB',
        "option('ALLOW_LOCAL', true)",
        "for _, name in ipairs({ 'ta_update', 'ta_signal_query', 'priming', 'detect_time_skew', 'detect_time_jump' }) do",
        '  modules.unload(name)',
        'end',
        "modules.load('hints')",
        `hints.root({ ['${hint.name}.'] = { '${hint.address}' } })`,
        ...anchors.map((line) => `trust_anchors.add('${line}')`)
      ])
      return ['-n', '-q', '-c', join(folder, 'kresd.conf'), folder]
    }
  },
  powerdns: {
    name: 'PowerDNS Recursor',
    program: 'pdns_recursor',
    version: ['--version'],
    address: '127.53.200.4',
    configure(folder, address, port, { anchors }) {
      write(folder, 'anchors.lua', ['clearTA()', ...anchors.map((line) => `addTA('.', "${fieldsOf(line).join(' ')}")`)])
      write(folder, 'recursor.conf', [
        'daemon=no',
        `local-address=${address}`,
        `local-port=${port}`,
        `query-local-address=${address}`,
        `socket-dir=${folder}`,
        `hint-file=${join(folder, 'hints')}`,
        `lua-config-file=${join(folder, 'anchors.lua')}`,
        'dnssec=validate',
        'dont-query=',
        'security-poll-suffix=',
        'threads=1',
        'pdns-distributes-queries=no',
        'allow-from=127.0.0.0/8'
      ])
      return [`--config-dir=${folder}`]
    }
  }
}

const write = (folder: string, file: string, lines: readonly string[]): void => writeFileSync(join(folder, file), `${lines.join('\n')}\n`)

export const installedPeers = (): PeerKind[] => (Object.keys(PEERS) as PeerKind[]).filter((kind) => findProgram(PEERS[kind].program))

export const peerName = (kind: PeerKind): string => `${PEERS[kind].name} ${versionOf(PEERS[kind].program, PEERS[kind].version)}`

/** Runs it until it is stopped; it must answer within ten seconds. */
export async function startPeer(kind: PeerKind, tree: Tree): Promise<Peer> {
  const { program, address, port = 53, configure } = PEERS[kind]
  const hints = `. 3600000 IN NS ${tree.hint.name}.\n${tree.hint.name}. 3600000 IN A ${tree.hint.address}\n`
  const folder = newFolder({ hints })
  const running = startProgram(findProgram(program) as string, configure(folder, address, port, tree), folder)
  for (const end = Date.now() + 10_000; Date.now() < end && !running.ended(); ) {
    const reply = await exchangeOnce(address, port, '.', 'SOA', 500)
    if (reply && (reply[3] & 0x0f) === 0) return { program: running, address, port }
    await sleep(100)
  }
  const said = running.output()
  await running.stop()
  throw new Error(`${PEERS[kind].name} does not answer:\n${said}`)
}
