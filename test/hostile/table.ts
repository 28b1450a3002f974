// Writes docs/hostile.md: what one question to each hostile zone costs this library and Unbound, over sockets, from the same servers.
// Needs root, for port 53 of loopback, and Unbound for its columns.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createResolver, DEFAULT_LIMITS, type SecureAnswer } from '../../src/index.js'
import { ask, type Judged } from '../interop/ask.js'
import { canServe, onLoopback, serve } from '../interop/loopback.js'
import { isPresent, nameAndVersion, startValidator } from '../interop/validators.js'
import { type Attack, attacksAt, buildHostile, DRIPPING, GOOD } from './attacks.js'
import { countingBackend, type Work } from './counting.js'
import { startDripping } from './dripping.js'

interface Row {
  readonly attack: Attack
  readonly ours: { readonly answer: SecureAnswer; readonly work: Work; readonly queries: number; readonly ms: number }
  readonly theirs?: Judged & { readonly queries: number }
}

/** How long a reply is waited for, ms. */
const PATIENCE_MS = 20_000

/** Asked first, so that what both learn of the root and the TLDs does not count. */
const WARMING = [`w0.${GOOD}`, 'nowhere.hashed', 'ns1.hosting.ordered']

async function main(): Promise<void> {
  if (!(await canServe())) throw new Error('port 53 of loopback addresses cannot be had')
  const world = buildHostile(Date.now(), onLoopback)
  const silent = Array.from({ length: 50 }, (_, i) => [onLoopback(`203.0.113.${200 + i}`), () => undefined] as const)
  const serving = await serve({ servers: new Map([...world.servers, ...silent]) })
  const dripping = await startDripping(onLoopback(DRIPPING), 53)
  const take = (): number => serving.take() + dripping.take()
  const rows: Row[] = []
  for (const attack of attacksAt(onLoopback)) {
    const [name, type] = attack.question
    const { crypto, work } = countingBackend()
    const { anchors: trustAnchors, hints: rootHints } = world
    const resolver = createResolver({ trustAnchors, rootHints, crypto, allowPrivateAddresses: true })
    for (const one of WARMING) await resolver.resolveSecure(one, 'A')
    Object.assign(work, countingBackend().work)
    take()
    const startedAt = performance.now()
    const answer = await resolver.resolveSecure(name, type)
    const ours = { answer, work: { ...work }, queries: take(), ms: Math.round(performance.now() - startedAt) }
    await resolver.close()
    rows.push({ attack, ours, ...(isPresent('unbound') && { theirs: await askUnbound(attack, world, take) }) })
    console.log(toRow(rows[rows.length - 1]))
  }
  await serving.close()
  await dripping.close()
  writeFileSync(join(import.meta.dirname, '../../docs/hostile.md'), toText(rows))
  const beyond = rows.filter(
    ({ ours: { work, queries } }) => work.verifications > DEFAULT_LIMITS.signatureChecks || queries > DEFAULT_LIMITS.queries
  )
  for (const { attack } of beyond) console.log(`! ${attack.name} went beyond the limits`)
  if (beyond.length > 0) process.exitCode = 1
}

async function askUnbound(
  { question }: Attack,
  world: Parameters<typeof startValidator>[1],
  take: () => number
): Promise<Judged & { queries: number }> {
  const unbound = await startValidator('unbound', world)
  try {
    for (const one of WARMING) await ask(unbound.where, one, 'A')
    take()
    const judged = await ask(unbound.where, ...question, PATIENCE_MS)
    return { ...judged, queries: take() }
  } finally {
    await unbound.close()
  }
}

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

function toRow({ attack, ours: { answer, work, queries, ms }, theirs }: Row): string {
  const verdict = answer.reason ? `${answer.status}, ${answer.reason.kind}` : answer.status
  const codes = theirs?.errors.map(({ code }) => code).join(', ')
  const said = theirs?.rcode === 'TIMEOUT' ? 'no reply' : [theirs?.rcode, codes].filter(Boolean).join(' ')
  const other = theirs ? [said, theirs.queries, theirs.ms] : ['', '', '']
  return line([
    `${attack.name}: ${attack.about}`,
    bounds(attack),
    verdict,
    work.verifications,
    work.digests,
    work.hashes,
    work.iterations,
    queries,
    ms,
    ...other
  ])
}

const bounds = (attack: Attack): string => attack.bounds.map((name) => `${name} ${DEFAULT_LIMITS[name]}`).join(', ')

const HEAD = [
  ['attack', 'limits', 'verdict', 'signature checks', 'DS digests', 'NSEC3 hashes', 'SHA-1 for them', 'queries', 'ms'],
  ['Unbound', 'queries', 'ms']
].flat()

function toText(rows: readonly Row[]): string {
  return [
    '# Hostile zones',
    '',
    'Written by `npm run docs:hostile` (`test/hostile/table.ts`). One question to each zone, over sockets, by a resolver that knows the',
    'root and the TLDs already and nothing else. Signature checks, digests and hashes are counted in the crypto backend, queries at the',
    'servers, retries over TCP included. The limits are those of [limits.md](limits.md); the milliseconds are of one machine and only',
    'for comparison, and the servers share it. `test/hostile` holds the bounds for every change, with others asking meanwhile.',
    '',
    `The last columns are ${isPresent('unbound') ? nameAndVersion('unbound') : 'Unbound (absent)'} with its defaults, asked the same: its RCODE and extended error, the queries that reached the servers, milliseconds until the reply or until nobody waited any longer.`,
    '',
    line(HEAD),
    `|${'---|'.repeat(HEAD.length)}`,
    ...rows.map(toRow),
    ''
  ].join('\n')
}

await main()
process.exit()
