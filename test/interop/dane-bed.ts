// The bed of the DANE comparison: zones signed here and served by NSD, a validating Unbound in front of them at port 53 of a
// loopback address, and certificates of every kind.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createResolver } from '../../src/index.js'
import { TYPE } from '../../src/wire/numbers.js'
import { nameFromText, recordToText } from '../../src/wire/text.js'
import { dsLine, dsRdata, zoneKey } from '../world/keys.js'
import { makeZone, type Zone, type ZoneFaults, zoneText } from '../world/zone.js'
import { ended } from './postfix.js'
import { unboundServer } from './unbound-conf.js'

export interface BedZone {
  readonly name: string
  readonly text: string
  readonly unsigned?: boolean
  readonly faults?: ZoneFaults
}

export interface Bed {
  readonly anchors: readonly string[]
  readonly zones: readonly Zone[]
  readonly nameserver: string
  readonly validator: string
  readonly versions: { readonly nsd: string; readonly unbound: string }
  close(): Promise<void>
}

const NSD = '/usr/sbin/nsd'
const UNBOUND = '/usr/sbin/unbound'
export const NAMESERVER = '127.0.0.154'
const VALIDATOR = '127.0.0.153'

/** Why the name servers cannot be run here; undefined when they can. */
export function whyNoBed(): string | undefined {
  return existsSync(NSD) && existsSync(UNBOUND) ? undefined : 'NSD or Unbound is not installed'
}

/** The root, `test` below it, and zones below `test`. */
export async function makeBed(zones: readonly BedZone[]): Promise<Bed> {
  const folder = mkdtempSync(join(tmpdir(), 'dane-'))
  const made = [...zones, rootOf()].map((zone) => build(zone, zones))
  const root = zoneKey('.', 13)
  const anchors = [dsLine('.', nameFromText('.'), root)]
  mkdirSync(join(folder, 'zones'))
  const nsd = startNsd(folder, zones, made)
  const unbound = startUnbound(folder, anchors)
  const close = async (): Promise<void> => {
    await Promise.all([ended(nsd), ended(unbound)])
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answering(NAMESERVER, anchors)
    await answering(VALIDATOR, anchors)
  } catch (error) {
    await close()
    throw error
  }
  return {
    anchors,
    zones: made,
    nameserver: NAMESERVER,
    validator: VALIDATOR,
    versions: { nsd: versionOf(NSD, '-v'), unbound: versionOf(UNBOUND, '-V') },
    close
  }
}

const rootOf = (): BedZone => ({ name: '.', text: '' })

function build({ name, text, unsigned, faults }: BedZone, all: readonly BedZone[]): Zone {
  const now = Math.floor(Date.now() / 1000)
  const below = all.filter((zone) => (name === '.' ? zone.name === 'test' : zone.name.endsWith(`.${name}`)))
  const delegations = below.map((zone) => {
    const owner = nameFromText(zone.name)
    const rdata = dsRdata(owner, zoneKey(zone.name, 13))
    const ds = recordToText({ owner, type: TYPE.DS, class: 1, ttl: 300, rdata })
    return `${zone.name}. NS ns.test.\n${zone.unsigned ? '' : ds}`
  })
  const glue = name === '.' || name === 'test' ? [`ns.test. A ${NAMESERVER}`] : []
  return makeZone({
    origin: name,
    text: ['@ SOA ns.test. hostmaster.test. 1 3600 600 86400 60', '@ NS ns.test.', ...glue, ...delegations, text].join('\n'),
    keys: unsigned ? [] : [zoneKey(name, 13)],
    ttl: 300,
    inception: now - 3600,
    expiration: now + 86_400,
    faults
  })
}

function startNsd(folder: string, zones: readonly BedZone[], made: readonly Zone[]): ChildProcess {
  const names = [...zones.map(({ name }) => name), '.']
  const lines = [
    'server:',
    `  ip-address: ${NAMESERVER}`,
    '  username: ""',
    `  zonesdir: "${folder}/zones"`,
    `  database: ""`,
    `  pidfile: "${folder}/nsd.pid"`,
    `  xfrdfile: "${folder}/xfrd.state"`,
    `  zonelistfile: "${folder}/zone.list"`,
    `  logfile: "${folder}/nsd.log"`,
    '  hide-version: yes',
    'remote-control:',
    '  control-enable: no'
  ]
  for (const [i, name] of names.entries()) {
    writeFileSync(join(folder, 'zones', `${i}.zone`), zoneText(made[i]))
    lines.push('zone:', `  name: "${name}"`, `  zonefile: "${i}.zone"`)
  }
  writeFileSync(join(folder, 'nsd.conf'), `${lines.join('\n')}\n`)
  return spawn(NSD, ['-d', '-c', join(folder, 'nsd.conf')], { stdio: 'ignore' })
}

function startUnbound(folder: string, anchors: readonly string[]): ChildProcess {
  const lines = [
    ...unboundServer(folder, VALIDATOR, anchors),
    '  module-config: "validator iterator"',
    '  local-zone: "test." nodefault',
    'stub-zone:',
    '  name: "."',
    `  stub-addr: ${NAMESERVER}`,
    'remote-control:',
    '  control-enable: no'
  ]
  writeFileSync(join(folder, 'unbound.conf'), `${lines.join('\n')}\n`)
  return spawn(UNBOUND, ['-d', '-c', join(folder, 'unbound.conf')], { stdio: 'ignore' })
}

async function answering(address: string, anchors: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    await using resolver = createResolver({ trustAnchors: anchors, forwarders: [{ address }], limits: { questionMs: 1_000 } })
    const { status } = await resolver.resolveSecure('test', 'SOA')
    if (status === 'secure') return
    await sleep(100)
  }
  throw new Error(`${address} does not answer`)
}

/** NSD says it on its error output. */
function versionOf(program: string, flag: string): string {
  const { stdout, stderr } = spawnSync(program, [flag])
  return /\d+\.\d+\.\d+/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown'
}
