// A tree of zones signed by the tools of BIND, ldns and Knot DNS: a private root, TLDs, leaf zones in many forms, and broken copies.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ZoneFile } from './name-servers.js'

export type Denial = 'nsec' | 'nsec3' | 'optout'
export type Fault = 'expired' | 'stripped' | 'stripped-denial' | 'flipped' | 'wrong-ds'

/** Who signs and serves a zone; `root`, `tld` and `bind` are three processes of BIND, so that no parent answers for its child. */
export type House = 'root' | 'tld' | 'bind' | 'nsd' | 'knot'

export const ADDRESS: Readonly<Record<House, string>> = {
  root: '127.0.77.1',
  tld: '127.0.77.2',
  bind: '127.0.77.3',
  nsd: '127.0.77.4',
  knot: '127.0.77.5'
}

export interface Leaf {
  readonly zone: string
  readonly house: House
  /** undefined for a zone without signatures */
  readonly algorithm?: number
  readonly denial?: Denial
  readonly fault?: Fault
}

const leaf = (zone: string, house: House, algorithm?: number, denial?: Denial, fault?: Fault): Leaf => ({
  zone,
  house,
  algorithm,
  denial,
  fault
})

const TLDS: readonly Leaf[] = [
  leaf('alpha', 'tld', 13, 'nsec'),
  leaf('beta', 'tld', 8, 'nsec3'),
  leaf('gamma', 'tld', 15, 'optout'),
  leaf('plain', 'tld')
]

export const LEAVES: readonly Leaf[] = [
  leaf('b8.alpha', 'bind', 8, 'nsec'),
  leaf('b10.alpha', 'bind', 10, 'nsec3'),
  leaf('b13.beta', 'bind', 13, 'nsec3'),
  leaf('b14.beta', 'bind', 14, 'nsec'),
  leaf('b15.gamma', 'bind', 15, 'optout'),
  leaf('b16.alpha', 'bind', 16, 'nsec'),
  leaf('n8.alpha', 'nsd', 8, 'optout'),
  leaf('n13.beta', 'nsd', 13, 'nsec'),
  leaf('n14.gamma', 'nsd', 14, 'nsec3'),
  leaf('n15.alpha', 'nsd', 15, 'nsec3'),
  leaf('k8.beta', 'knot', 8, 'nsec3'),
  leaf('k13.alpha', 'knot', 13, 'nsec'),
  leaf('k14.beta', 'knot', 14, 'nsec3'),
  leaf('k15.gamma', 'knot', 15, 'optout'),
  leaf('k16.beta', 'knot', 16, 'nsec'),
  leaf('u.alpha', 'bind'),
  leaf('u.beta', 'nsd'),
  leaf('u.gamma', 'knot'),
  leaf('u.plain', 'bind'),
  leaf('expired.alpha', 'bind', 13, 'nsec', 'expired'),
  leaf('expired.gamma', 'bind', 15, 'nsec3', 'expired'),
  leaf('stripped.alpha', 'bind', 13, 'nsec', 'stripped'),
  leaf('stripped.beta', 'nsd', 13, 'nsec3', 'stripped'),
  leaf('nodenial.alpha', 'nsd', 13, 'nsec', 'stripped-denial'),
  leaf('flipped.alpha', 'bind', 8, 'nsec', 'flipped'),
  leaf('flipped.beta', 'nsd', 15, 'nsec3', 'flipped'),
  leaf('wrongds.alpha', 'bind', 13, 'nsec', 'wrong-ds'),
  leaf('wrongds.gamma', 'nsd', 13, 'nsec3', 'wrong-ds')
]

export interface SignedTree {
  /** DS lines of the root */
  readonly anchors: readonly string[]
  readonly zones: Readonly<Record<House, readonly ZoneFile[]>>
  /** of knotd, which signs by itself with the keys that are there */
  readonly knotConf: string
}

const ALGORITHMS: Readonly<Record<number, string>> = {
  8: 'RSASHA256',
  10: 'RSASHA512',
  13: 'ECDSAP256SHA256',
  14: 'ECDSAP384SHA384',
  15: 'ED25519',
  16: 'ED448'
}

const head = (house: House): string[] => ['$TTL 300', '@ SOA ns hostmaster 1 3600 600 86400 300', '@ NS ns', `ns A ${ADDRESS[house]}`]

/** Where aliases of a zone lead: a zone of another signer, under another TLD where there is one. */
export const neighbour = ({ zone }: Leaf): string => {
  const sound = LEAVES.filter(({ algorithm, fault }) => algorithm && !fault)
  const at = sound.findIndex((one) => one.zone === zone)
  return (sound[(at + 7) % sound.length] as Leaf).zone
}

function leafText(one: Leaf): string {
  const other = neighbour(one)
  const lines = [
    ...head(one.house),
    '@ MX 10 mail',
    '@ A 192.0.2.9',
    'mail A 192.0.2.25',
    'mail AAAA 2001:db8::25',
    `_25._tcp.mail TLSA 3 1 1 ${'ab'.repeat(32)}`,
    'www A 192.0.2.1',
    'www TXT "some text"',
    'a.deep.ent A 192.0.2.2',
    '*.wild A 192.0.2.3',
    'sub.wild TXT "beside the wildcard"',
    `*.cwild CNAME www.${other}.`,
    'alias CNAME www',
    `far CNAME www.${other}.`,
    `farnx CNAME nothing.${other}.`,
    'tounsigned CNAME www.u.alpha.',
    'tobogus CNAME www.expired.alpha.',
    `moved DNAME ${other}.`,
    'movedu DNAME u.beta.',
    'ins NS ns.ins',
    `ns.ins A ${ADDRESS[one.house]}`
  ]
  return `${lines.join('\n')}\n`
}

/** Makes keys and signs everything below `folder`, leaves first. */
export function signTree(folder: string): SignedTree {
  const zones: Record<House, ZoneFile[]> = { root: [], tld: [], bind: [], nsd: [], knot: [] }
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const makeKey = (zone: string, algorithm: number): { base: string; ds: string } => {
    const bits = algorithm === 8 || algorithm === 10 ? ['-b', '2048'] : []
    const base = run('dnssec-keygen', '-q', '-a', ALGORITHMS[algorithm] as string, ...bits, '-f', 'KSK', zone).trim()
    return { base, ds: run('dnssec-dsfromkey', '-2', `${base}.key`).trim() }
  }
  const write = (zone: string, text: string): string => {
    const file = join(folder, `${zone || 'root'}.zone`)
    writeFileSync(file, `$ORIGIN ${zone}.\n${text}`)
    return file
  }

  /** Signs with the tool of the house; gives the DS lines and the file to serve. */
  function sign(one: Leaf, text: string): { ds: string[]; file: string } {
    const { zone, house, algorithm, denial, fault } = one
    const file = write(zone, text)
    if (!algorithm) return { ds: [], file }
    const out = `${file}.signed`
    if (house === 'nsd') {
      const ksk = run('ldns-keygen', '-a', ALGORITHMS[algorithm] as string, '-b', '2048', '-k', zone).trim()
      const zsk = run('ldns-keygen', '-a', ALGORITHMS[algorithm] as string, '-b', '2048', zone).trim()
      const hashed = denial === 'nsec' ? [] : ['-n', '-t', '0', '-s', 'abcd', ...(denial === 'optout' ? ['-p'] : [])]
      run('ldns-signzone', ...hashed, '-o', `${zone}.`, '-f', out, file, ksk, zsk)
      return { ds: [run('ldns-key2ds', '-n', '-2', `${ksk}.key`).trim()], file: out }
    }
    const { base, ds } = makeKey(`${zone}.`, algorithm)
    writeFileSync(file, readFileSync(join(folder, `${base}.key`), 'utf8'), { flag: 'a' })
    const hashed = denial === 'nsec' ? [] : ['-3', '-', '-H', '0', ...(denial === 'optout' ? ['-A'] : [])]
    const dates = fault === 'expired' ? ['-s', 'now-864000', '-e', 'now-432000'] : []
    run('dnssec-signzone', '-q', '-P', '-z', ...hashed, ...dates, '-O', 'full', '-o', `${zone}.`, '-f', out, file, base)
    return { ds: [ds], file: out }
  }

  const delegations = new Map<string, string[]>(TLDS.map(({ zone }) => [zone, []]))
  const knot = LEAVES.filter(({ house, algorithm }) => house === 'knot' && algorithm)
  for (const one of knot) write(one.zone, leafText(one))
  const knotConf = writeKnot(folder, knot)
  for (const one of LEAVES) {
    const { zone, house, algorithm, fault } = one
    let ds: string[] = []
    if (knot.includes(one)) {
      run('kzonesign', '-c', knotConf, '-o', join(folder, 'out'), zone)
      ds = run('keymgr', '-c', knotConf, zone, 'ds')
        .split('\n')
        .filter((line) => / DS \d+ \d+ 2 /.test(line))
    } else {
      const signed = sign(one, leafText(one))
      ds = signed.ds
      if (fault) spoil(signed.file, zone, fault)
      zones[house].push({ name: zone, file: signed.file })
    }
    if (fault === 'wrong-ds') ds = [makeKey(`${zone}.`, algorithm as number).ds]
    const ins = `ins.${zone}`
    zones[house].push({ name: ins, file: write(ins, `${[...head(house), 'www A 192.0.2.77'].join('\n')}\n`) })
    delegations.get(zone.split('.')[1] as string)?.push(`${zone}. NS ns.${zone}.`, `ns.${zone}. A ${ADDRESS[house]}`, ...ds)
  }
  const rootLines = ['$TTL 300', '@ SOA ns.rootserver. h.rootserver. 1 3600 600 86400 300', '@ NS ns.rootserver.']
  rootLines.push(`ns.rootserver. A ${ADDRESS.root}`)
  for (const tld of TLDS) {
    const { ds, file } = sign(tld, `${[...head('tld'), ...(delegations.get(tld.zone) ?? [])].join('\n')}\n`)
    zones.tld.push({ name: tld.zone, file })
    rootLines.push(`${tld.zone}. NS ns.${tld.zone}.`, `ns.${tld.zone}. A ${ADDRESS.tld}`, ...ds)
  }
  const root = write('', `${rootLines.join('\n')}\n`)
  const { base, ds } = makeKey('.', 8)
  writeFileSync(root, readFileSync(join(folder, `${base}.key`), 'utf8'), { flag: 'a' })
  run('dnssec-signzone', '-q', '-z', '-O', 'full', '-o', '.', '-f', `${root}.signed`, root, base)
  zones.root.push({ name: '.', file: `${root}.signed` })
  return { anchors: [ds], zones, knotConf }
}

function writeKnot(folder: string, leaves: readonly Leaf[]): string {
  mkdirSync(join(folder, 'out'))
  const policies = leaves.flatMap(({ zone, algorithm, denial }) => [
    `  - id: "${zone}"`,
    `    algorithm: ${(ALGORITHMS[algorithm as number] as string).toLowerCase()}`,
    `    nsec3: ${denial === 'nsec' ? 'off' : 'on'}`,
    '    nsec3-iterations: 0',
    `    nsec3-opt-out: ${denial === 'optout' ? 'on' : 'off'}`
  ])
  const zones = leaves.flatMap(({ zone }) => [
    `  - domain: "${zone}."`,
    `    file: "${join(folder, `${zone}.zone`)}"`,
    '    dnssec-signing: on',
    `    dnssec-policy: "${zone}"`,
    '    zonefile-sync: -1'
  ])
  const conf = join(folder, 'knot.conf')
  const lines = ['server:', `  listen: ${ADDRESS.knot}@53`, `  rundir: "${folder}"`, 'database:', `  storage: "${folder}"`]
  writeFileSync(conf, `${[...lines, 'policy:', ...policies, 'zone:', ...zones].join('\n')}\n`)
  return conf
}

/** Changes the text of a signed zone: at `www` the signature over A is taken away or the address is another. */
function spoil(file: string, zone: string, fault: Fault): void {
  const before = readFileSync(file, 'utf8').split('\n')
  const www = new RegExp(`^www\\.${zone.replace('.', '\\.')}\\.\\s.*\\s`)
  const after = before.flatMap((line) => {
    if (fault === 'stripped' && www.test(line) && /\sRRSIG\s+A\s/.test(line)) return []
    if (fault === 'stripped-denial' && /\sRRSIG\s+NSEC\s/.test(line)) return []
    if (fault === 'flipped') return [www.test(line) ? line.replace(/(\sA\s+192\.0\.2\.)1$/, '$12') : line]
    return [line]
  })
  if (fault !== 'expired' && fault !== 'wrong-ds' && after.join('\n') === before.join('\n')) throw new Error(`${file} is as it was`)
  writeFileSync(file, after.join('\n'))
}
