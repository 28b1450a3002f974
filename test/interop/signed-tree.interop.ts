// The same questions about zones that BIND, ldns and Knot DNS have signed and that named, NSD and knotd serve, asked of this library,
// of Unbound and of BIND with the same hints and anchor: verdict and RCODE are the same, but for signed-tree-differences.ts.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolver, type Resolver } from '../../src/index.js'
import { ask } from './ask.js'
import { canServe } from './loopback.js'
import { type NameServer, started, startNsd } from './name-servers.js'
import { ADDRESS, type House, LEAVES, type Leaf, type SignedTree, signTree } from './signed-tree.js'
import { TREE_DIFFERENCES } from './signed-tree-differences.js'
import { startValidator, VALIDATORS, type Validator, type ValidatorKind } from './validators.js'

type Asked = readonly [name: string, type: string]

const PEERS: readonly ValidatorKind[] = ['unbound', 'bind']
const PROGRAMS = ['named', 'dnssec-signzone', 'nsd', 'ldns-signzone', 'knotd', 'kzonesign', 'unbound', 'ip']
const missing = PROGRAMS.filter((program) => spawnSync(program, ['-V'], { stdio: 'ignore' }).error !== undefined)
const BINDS = ['root', 'tld', 'bind'] as const
if (!(await canServe())) missing.push('port 53')

function leafQuestions(one: Leaf): Asked[] {
  const { zone, fault } = one
  const at = (label: string, ...types: string[]): Asked[] => types.map((type) => [label ? `${label}.${zone}` : zone, type])
  const common = [...at('www', 'A', 'AAAA'), ...at('', 'SOA', 'DNSKEY', 'DS'), ...at('nothing', 'A'), ...at('wild', 'MX')]
  if (fault) return [...common, ...at('mail', 'AAAA'), ...at('one.wild', 'A'), ...at('far', 'A'), ...at('www.ins', 'A'), ...at('ins', 'DS')]
  return [
    ...common,
    ...at('', 'NS', 'MX', 'A', 'TXT', 'NSEC', 'TLSA'),
    ...at('www', 'TXT', 'DS', 'NSEC', 'CNAME'),
    ...at('mail', 'A', 'AAAA', 'TLSA'),
    ...at('_25._tcp.mail', 'TLSA', 'A'),
    ...at('_tcp.mail', 'TLSA', 'A'),
    ...at('ent', 'A', 'DS'),
    ...at('deep.ent', 'MX'),
    ...at('a.deep.ent', 'A'),
    ...at('b.deep.ent', 'A'),
    ...at('one.wild', 'A', 'AAAA', 'DS'),
    ...at('two.labels.wild', 'A'),
    ...at('*.wild', 'A', 'TXT'),
    ...at('sub.wild', 'A', 'TXT'),
    ...at('x.sub.wild', 'A'),
    ...at('x.cwild', 'A', 'CNAME', 'MX'),
    ...at('alias', 'A', 'MX', 'CNAME', 'DS'),
    ...at('far', 'A', 'TXT', 'CNAME', 'AAAA'),
    ...at('farnx', 'A'),
    ...at('tounsigned', 'A', 'CNAME'),
    ...at('tobogus', 'A', 'CNAME'),
    ...at('moved', 'DNAME', 'A'),
    ...at('www.moved', 'A', 'CNAME', 'MX'),
    ...at('one.wild.moved', 'A'),
    ...at('nothing.moved', 'A'),
    ...at('www.movedu', 'A'),
    ...at('ins', 'DS', 'NS', 'SOA', 'A'),
    ...at('www.ins', 'A', 'MX'),
    ...at('nothing.ins', 'A')
  ]
}

const TOP = ['alpha', 'beta', 'gamma', 'plain']
const QUESTIONS: readonly Asked[] = [
  ...['.', ...TOP].flatMap((zone) => ['SOA', 'NS', 'DNSKEY', 'DS', 'NSEC', 'A'].map((type): Asked => [zone, type])),
  ...TOP.flatMap((zone): Asked[] => [
    [`nothing.${zone}`, 'A'],
    [`nothing.${zone}`, 'DS'],
    [`a.b.c.${zone}`, 'TXT']
  ]),
  ['nothing', 'A'],
  ['nothing', 'DS'],
  ...LEAVES.flatMap(leafQuestions)
]

describe.skipIf(missing.length > 0)(
  `verdicts beside Unbound and BIND${missing.length > 0 ? ` (absent: ${missing.join(', ')})` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'tree-'))
    const closers: (NameServer | Validator)[] = []
    const peers: Validator[] = []
    const statuses = new Map<string, string>()
    let resolver: Resolver
    let world: { readonly anchors: readonly string[]; readonly hints: { readonly name: string; readonly addresses: string[] }[] }

    /** named listens only at addresses that an interface has. */
    const address = (verb: 'add' | 'del'): void => {
      for (const house of BINDS) spawnSync('ip', ['address', verb, `${ADDRESS[house]}/32`, 'dev', 'lo'], { stdio: 'ignore' })
    }
    const remove = (): void => {
      address('del')
      rmSync(folder, { recursive: true, force: true })
    }

    beforeAll(async () => {
      process.once('exit', remove)
      address('add')
      const tree = signTree(folder)
      const starting = [...BINDS.map((house) => startNamedAt(house, tree)), startNsd([ADDRESS.nsd], tree.zones.nsd), startKnot(tree)]
      const results = await Promise.allSettled(starting)
      for (const one of results) if (one.status === 'fulfilled') closers.push(one.value)
      for (const one of results) if (one.status === 'rejected') throw one.reason
      world = { anchors: tree.anchors, hints: [{ name: 'ns.rootserver', addresses: [ADDRESS.root] }] }
      for (const kind of PEERS) peers.push(await startValidator(kind, world))
      resolver = createResolver({ trustAnchors: world.anchors, rootHints: world.hints, allowPrivateAddresses: true })
    }, 80_000)

    afterAll(async () => {
      await resolver?.close()
      await Promise.all([...peers, ...closers].map((one) => one.close()))
      process.off('exit', remove)
      remove()
    })

    /** One question after the other: BIND gives AD or not by what other questions have just left in its cache unvalidated. */
    it('are the same for every question', { timeout: 80_000 }, async () => {
      const agreed = new Map(PEERS.map((kind) => [kind, 0]))
      const counts = new Map<string, number>()
      const explained: string[] = []
      const unexplained: string[] = []
      for (const [name, type] of QUESTIONS) {
        const [answer, ...replies] = await Promise.all([
          resolver.resolveSecure(name, type),
          ...peers.map(async ({ kind, where }) => ({ kind, ...(await ask(where, name, type)) }))
        ])
        statuses.set(`${name} ${type}`, answer.status)
        counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
        const ours = `${answer.status === 'secure' || answer.status === 'insecure' ? answer.status : 'failed'} ${answer.rcode}`
        for (const { kind, verdict, rcode, errors } of replies) {
          const theirs = `${verdict} ${rcode}`
          if (ours === theirs) {
            agreed.set(kind, (agreed.get(kind) ?? 0) + 1)
            continue
          }
          const known = TREE_DIFFERENCES.find(
            (one) => one.peer === kind && one.question.test(`${name} ${type}`) && one.ours === ours && one.theirs === theirs
          )
          const line = `${name} ${type}: ours ${ours} (${answer.reason?.text ?? 'no reason'}), ${kind} ${theirs}`
          if (known) explained.push(`${line}; ${known.why}`)
          else unexplained.push(`${line} ${errors.map(({ code, text }) => `${code} ${text}`).join()}`)
        }
      }
      const figures = [
        `${QUESTIONS.length} questions compared (${[...counts].map(([status, count]) => `${status} ${count}`).join(', ')})`,
        ...PEERS.map((kind) => `${VALIDATORS[kind].name}: ${agreed.get(kind)} agree`),
        `differences explained: ${explained.length}, not explained: ${unexplained.length}`
      ]
      console.log([...figures, ...explained, ...unexplained].join('\n'))
      expect(QUESTIONS.length).toBeGreaterThanOrEqual(200)
      expect(unexplained).toEqual([])
    })

    /** What all three may have in common must still be what the tree was built for. */
    it('are bogus in every broken zone, and elsewhere only behind an alias to one', () => {
      const broken = LEAVES.filter(({ fault }) => fault).map(({ zone }) => zone)
      const bogus = [...statuses].filter(([, status]) => status === 'bogus').map(([question]) => question.split(' ')[0] as string)
      const within = (zone: string) => (name: string) => name === zone || name.endsWith(`.${zone}`)
      expect(broken.filter((zone) => !bogus.some(within(zone)))).toEqual([])
      expect(bogus.filter((name) => !name.startsWith('tobogus.') && !broken.some((zone) => within(zone)(name)))).toEqual([])
      const sound = LEAVES.filter(({ algorithm, fault }) => algorithm && !fault).map(({ zone }) => `www.${zone} A`)
      expect(sound.filter((question) => statuses.get(question) !== 'secure')).toEqual([])
      expect([...statuses.values()]).not.toContain('indeterminate')
    })

    it.each([
      ['without aggressive use of denials', { aggressiveDenial: false }, 1],
      ['without minimised names', { qnameMinimisation: false }, 1],
      ['with the other implementation of the algorithms', { crypto: 'noble' }, 5]
    ] as const)('do not hang on the order of the questions, %s', { timeout: 60_000 }, async (_, options, every) => {
      const { anchors, hints } = world
      await using other = createResolver({ trustAnchors: anchors, rootHints: hints, allowPrivateAddresses: true, ...options })
      const changed: string[] = []
      for (const [name, type] of QUESTIONS.filter((_, at) => at % every === 0).reverse()) {
        const { status, reason } = await other.resolveSecure(name, type)
        const before = statuses.get(`${name} ${type}`)
        if (status !== before) changed.push(`${name} ${type}: ${before}, then ${status} (${reason?.text})`)
      }
      expect(changed).toEqual([])
    })
  }
)

/** One named for the zones of one house. */
function startNamedAt(house: House, tree: SignedTree): Promise<NameServer> {
  return started('named', [ADDRESS[house]], tree.zones[house], (folder) => {
    mkdirSync(join(folder, 'keys'))
    const conf = [
      'options {',
      `  directory "${folder}"; pid-file none; session-keyfile none; managed-keys-directory "${folder}/keys";`,
      `  listen-on port 53 { ${ADDRESS[house]}; }; listen-on-v6 { none; };`,
      '  recursion no; allow-query { any; }; dnssec-validation no; notify no; empty-zones-enable no;',
      '};',
      'controls { };',
      ...tree.zones[house].map(({ name, file }) => `zone "${name}" { type primary; file "${file}"; };`)
    ]
    writeFileSync(join(folder, 'named.conf'), `${conf.join('\n')}\n`)
    return ['-g', '-4', '-n', '1', '-c', join(folder, 'named.conf')]
  })
}

/** knotd signs its zones by itself; those without signatures are files as they are. */
function startKnot(tree: SignedTree): Promise<NameServer> {
  const plain = tree.zones.knot.flatMap(({ name, file }) => [`  - domain: "${name}."`, `    file: "${file}"`])
  writeFileSync(tree.knotConf, `${plain.join('\n')}\n`, { flag: 'a' })
  const signed = LEAVES.filter(({ house, algorithm }) => house === 'knot' && algorithm).map(({ zone }) => ({ name: zone }))
  return started('knotd', [ADDRESS.knot], [...signed, ...tree.zones.knot], () => ['-c', tree.knotConf])
}
