// The name servers of a tree: NSD, or Knot where NSD is not installed, one for each place, so that none answers for another's zones.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exchangeOnce } from './ask.js'
import { findProgram, newFolder, type Program, startProgram, versionOf } from './processes.js'
import type { Place, Tree } from './tree.js'

export interface Served {
  close(): Promise<void>
}

const READY_MS = 60_000

/** Serves all places at this port of their addresses. Port 53 needs root, or an image that allows it. */
export async function serveTree(tree: Tree, port = 53): Promise<Served> {
  const start = findProgram('nsd') ? startNsd : findProgram('knotd') ? startKnot : undefined
  if (!start) throw new Error('neither NSD nor Knot is installed')
  const programs: Program[] = []
  const close = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.stop()))
  }
  try {
    for (const place of tree.places) programs.push(start(place, port))
    for (const [i, place] of tree.places.entries()) await ready(place, port, programs[i] as Program)
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}

/** What serves the trees, with its version. */
export const serverName = (): string => (findProgram('nsd') ? `NSD ${versionOf('nsd', ['-v'])}` : `Knot ${versionOf('knotd', ['-V'])}`)

async function ready({ address, zones }: Place, port: number, program: Program): Promise<void> {
  const last = zones[zones.length - 1]
  for (const end = Date.now() + READY_MS; Date.now() < end && !program.ended(); ) {
    const reply = await exchangeOnce(address, port, last?.origin ?? '.', 'SOA', 300)
    if (reply && (reply[3] & 0x0f) === 0) return
    await sleep(100)
  }
  throw new Error(`the name server at ${address}#${port} does not answer:\n${program.output()}`)
}

function writeZones(folder: string, { zones }: Place): string[] {
  return zones.map(({ text }, i) => {
    writeFileSync(join(folder, `zone${i}`), text)
    return `zone${i}`
  })
}

function startNsd(place: Place, port: number): Program {
  const folder = newFolder()
  const files = writeZones(folder, place)
  const lines = [
    'server:',
    `  ip-address: ${place.address}@${port}`,
    '  username: ""',
    '  chroot: ""',
    `  zonesdir: "${folder}"`,
    '  database: ""',
    '  pidfile: ""',
    '  xfrdfile: ""',
    `  zonelistfile: "${folder}/list"`,
    `  xfrdir: "${folder}"`,
    '  server-count: 1',
    '  rrl-ratelimit: 0',
    '  rrl-whitelist-ratelimit: 0',
    '  do-ip6: no',
    'remote-control:',
    '  control-enable: no',
    ...place.zones.flatMap(({ origin }, i) => ['zone:', `  name: "${origin}"`, `  zonefile: "${files[i]}"`])
  ]
  writeFileSync(join(folder, 'nsd.conf'), `${lines.join('\n')}\n`)
  return startProgram(findProgram('nsd') as string, ['-d', '-c', join(folder, 'nsd.conf')], folder)
}

function startKnot(place: Place, port: number): Program {
  const folder = newFolder()
  const files = writeZones(folder, place)
  const lines = [
    'server:',
    `  listen: ${place.address}@${port}`,
    `  rundir: "${folder}"`,
    '  udp-workers: 1',
    '  tcp-workers: 1',
    'database:',
    `  storage: "${folder}"`,
    'template:',
    '  - id: default',
    `    storage: "${folder}"`,
    '    semantic-checks: off',
    '    zonefile-sync: -1',
    'zone:',
    ...place.zones.flatMap(({ origin }, i) => [`  - domain: "${origin}"`, `    file: "${files[i]}"`])
  ]
  writeFileSync(join(folder, 'knot.conf'), `${lines.join('\n')}\n`)
  return startProgram(findProgram('knotd') as string, ['-c', join(folder, 'knot.conf')], folder)
}
