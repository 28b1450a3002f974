// Writes docs/verdicts.md: the misconfigured zones asked of this library and of four other validating resolvers, once served by the
// servers of this process and, where the fault is in the zone's data, once more by NSD. Needs root, for port 53 of loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createResolver, type SecureAnswer } from '../../src/index.js'
import { BROKEN } from '../world/broken.js'
import type { Hierarchy } from '../world/hierarchy.js'
import type { Expected } from '../world/hierarchy-questions.js'
import { buildFamilies, FAULTY } from '../world/misconfigured.js'
import { zoneText } from '../world/zone.js'
import { ask, type Judged } from './ask.js'
import { canServe, onLoopback, serve } from './loopback.js'
import { type NameServer, startNsd } from './name-servers.js'
import { isPresent, nameAndVersion, startValidator, VALIDATORS, type Validator, type ValidatorKind } from './validators.js'

interface Compared {
  readonly question: Expected
  readonly ours: SecureAnswer
  readonly theirs: ReadonlyMap<ValidatorKind, Judged>
}

const AT_ONCE = 6
/** NSD ends with an error over an NSEC3 of another hash, and a signature of no octets has no presentation format. */
const NOT_FOR_NSD: ReadonlySet<string> = new Set(['nsec3-unknown-hash.broken.ordered', 'rrsig-empty.broken.ordered'])
/** The company that hosts the zones without servers of their own. */
const HOSTING = ['198.51.100.1', '198.51.100.2'].map(onLoopback)

async function compareAll(world: Hierarchy, questions: readonly Expected[], kinds: readonly ValidatorKind[]): Promise<Compared[]> {
  const validators: Validator[] = []
  try {
    for (const kind of kinds) validators.push(await startValidator(kind, world))
    const rows = new Map<Expected, Compared>()
    const left = [...questions]
    const worker = async (): Promise<void> => {
      for (let question = left.shift(); question; question = left.shift()) {
        rows.set(question, await compareOne(world, question, validators))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    return questions.flatMap((question) => rows.get(question) ?? [])
  } finally {
    await Promise.all(validators.map((validator) => validator.close()))
  }
}

async function compareOne(world: Hierarchy, question: Expected, validators: readonly Validator[]): Promise<Compared> {
  const { name, type } = question
  await using resolver = createResolver({ trustAnchors: world.anchors, rootHints: world.hints, allowPrivateAddresses: true })
  const ours = await resolver.resolveSecure(name, type)
  const theirs = await Promise.all(validators.map(async ({ kind, where }) => [kind, await ask(where, name, type)] as const))
  return { question, ours, theirs: new Map(theirs) }
}

/** What a user may conclude from our answer, in the words that there are for a resolver asked over the DNS. */
const concluded = ({ status }: SecureAnswer): Judged['verdict'] => (status === 'secure' || status === 'insecure' ? status : 'failed')

const SPECIFIC = 3
/** How much an extended error says: nothing, "other", "bogus", or what is wrong. */
function specificity(code: number | undefined): number {
  if (code === undefined) return 0
  return code === 0 ? 1 : code === 6 ? 2 : SPECIFIC
}

const COMPARISONS = ['the same code', 'ours says more', 'theirs says more', 'other codes', 'neither'] as const

function compareCodes(ours: number | undefined, theirs: readonly number[]): (typeof COMPARISONS)[number] {
  const best = theirs.reduce<number | undefined>((a, b) => (specificity(b) > specificity(a) ? b : a), undefined)
  if (ours !== undefined && theirs.includes(ours)) return 'the same code'
  const [left, right] = [specificity(ours), specificity(best)]
  if (left === right) return left === 0 ? 'neither' : 'other codes'
  return left > right ? 'ours says more' : 'theirs says more'
}

function cell(judged: Judged, ours: SecureAnswer): string {
  const codes = judged.errors.map(({ code }) => code).join(', ')
  const verdict = judged.rcode === 'TIMEOUT' ? 'no reply' : judged.verdict
  const text = codes ? `${verdict} ${codes}` : verdict
  return judged.verdict === concluded(ours) ? text : `**${text}**`
}

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*')
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const rule = (columns: number): string => `|${'---|'.repeat(columns)}`

/** The codes of the study, or ours where it has none, are those that name the fault. */
function naming(rows: readonly Compared[], codesOf: (row: Compared) => readonly number[]): string {
  const known = rows.filter(({ question: { codes } }) => codes)
  return `${known.filter((one) => codesOf(one).some((code) => one.question.codes?.includes(code))).length} of ${known.length}`
}

function agreementTable(rows: readonly Compared[], kinds: readonly ValidatorKind[]): string[] {
  const reasoned = rows.filter(({ ours }) => ours.reason)
  const own = naming(rows, ({ ours }) => (ours.reason ? [ours.reason.code] : []))
  const lines = kinds.map((kind) => {
    const of = ({ theirs }: Compared): Judged => theirs.get(kind) as Judged
    const agree = rows.filter((one) => of(one).verdict === concluded(one.ours)).length
    const comparisons = reasoned.map((one) =>
      compareCodes(
        one.ours.reason?.code,
        of(one).errors.map(({ code }) => code)
      )
    )
    return row([
      nameAndVersion(kind),
      `${agree} of ${rows.length}`,
      naming(rows, (one) => of(one).errors.map(({ code }) => code)),
      ...COMPARISONS.map((which) => String(comparisons.filter((one) => one === which).length))
    ])
  })
  const head = row(['validator', 'same verdict', 'names the fault', ...COMPARISONS])
  return [head, rule(3 + COMPARISONS.length), row(['this library', '', own, ...COMPARISONS.map(() => '')]), ...lines]
}

function verdictTable(rows: readonly Compared[], kinds: readonly ValidatorKind[]): string[] {
  const lines = rows.map(({ question, ours, theirs }) => {
    const { reason } = ours
    return row([
      `${escaped(question.name)} ${question.type}`,
      reason ? `${ours.status} ${reason.code}` : ours.status,
      ...kinds.map((kind) => cell(theirs.get(kind) as Judged, ours)),
      escaped(reason?.text ?? '')
    ])
  })
  return [row(['question', 'this library', ...kinds.map((kind) => VALIDATORS[kind].name), 'our reason']), rule(3 + kinds.length), ...lines]
}

/** Questions that anybody judged otherwise when NSD served the zone. */
function changes(before: readonly Compared[], after: readonly Compared[], kinds: readonly ValidatorKind[]): string[] {
  return after.flatMap((now) => {
    const then = before.find(({ question }) => question.name === now.question.name && question.type === now.question.type)
    if (!then) return []
    const said = kinds.flatMap((kind) => {
      const [a, b] = [then.theirs.get(kind) as Judged, now.theirs.get(kind) as Judged]
      return a.verdict === b.verdict ? [] : [`${VALIDATORS[kind].name}: ${a.verdict}, with NSD ${b.verdict}`]
    })
    if (then.ours.status !== now.ours.status) said.unshift(`this library: ${then.ours.status}, with NSD ${now.ours.status}`)
    return said.length > 0 ? [`- ${escaped(now.question.name)}: ${said.join('; ')}`] : []
  })
}

async function main(): Promise<void> {
  if (!(await canServe())) throw new Error('port 53 of loopback addresses cannot be had')
  const kinds = (Object.keys(VALIDATORS) as ValidatorKind[]).filter(isPresent)
  const world = buildFamilies([FAULTY.reachable, BROKEN], Date.now(), onLoopback)
  const inProcess = await serve(world)
  const rows = await compareAll(world, world.questions, kinds).finally(() => inProcess.close())

  const hosted = world.hosted.filter((name) => !NOT_FOR_NSD.has(name))
  const folder = mkdtempSync(join(tmpdir(), 'zones-'))
  let byNsd: Compared[] = []
  let nsd: NameServer | undefined
  const others = await serve(world, HOSTING)
  try {
    const zones = hosted.map((name) => {
      const file = join(folder, `${name}.zone`)
      writeFileSync(file, zoneText(world.zones.get(name) as NonNullable<ReturnType<typeof world.zones.get>>))
      return { name, file }
    })
    nsd = await startNsd(HOSTING, zones)
    const ofData = world.questions.filter(({ name }) =>
      hosted.some((zone) => zone !== 'hosting.ordered' && name.endsWith(`.${zone}`) && zone.split('.').length === 3)
    )
    byNsd = await compareAll(world, ofData, kinds)
  } finally {
    await nsd?.close()
    await others.close()
    rmSync(folder, { recursive: true })
  }
  const changed = changes(rows, byNsd, kinds)
  const failed = [...rows, ...byNsd].filter(({ question, ours }) => ours.status !== question.status)
  const text = [
    '# Verdicts on misconfigured zones',
    '',
    'Written by `npm run docs:verdicts` (`test/interop/verdict-table.ts`). Every zone is wrong in one way, or right for comparison; each is',
    'asked of this library and of other validators, each with its defaults, the same root hints and the same trust anchor, over sockets.',
    '`secure` is an answer with AD, `insecure` one without, `failed` is SERVFAIL: over the DNS bogus and out of reach look the same. The',
    'numbers are Extended DNS Errors (RFC 8914) as each gives them; ours is that of the reason. **Bold** is what differs from our verdict.',
    '',
    ...agreementTable(rows, kinds),
    '',
    'A code names the fault when the list of this suite has it for the fault (`codes` in `test/world/misconfigured.ts` and `broken.ts`, drawn up',
    'from RFC 8914 and RFC 4035; some faults have several). Our own tests hold us to that list, so our row is no merit, and another author',
    'might choose otherwise here and there. The other columns need no list: of the questions that are not secure they count whose code says',
    'more, where 6 (DNSSEC Bogus) says less than any other code, 0 (Other) less than that, and none the least. BIND 9.18 has no codes for',
    'failed validation.',
    '',
    `The ${byNsd.length} of the ${rows.length} questions whose fault is in the zone's data were asked again with NSD serving the zones from files.`,
    ...(changed.length > 0 ? ['Verdicts that changed by that:', '', ...changed] : ['No verdict changed by that.']),
    '',
    '## Where we differ, and why',
    '',
    ...WHY,
    '',
    '## Every question',
    '',
    ...verdictTable(rows, kinds),
    ''
  ].join('\n')
  writeFileSync(join(import.meta.dirname, '../../docs/verdicts.md'), text)
  console.log(agreementTable(rows, kinds).join('\n'))
  for (const { question, ours } of failed)
    console.log(`! ${question.name}: ${ours.status}, expected ${question.status}: ${ours.reason?.text}`)
  if (failed.length > 0) process.exitCode = 1
}

const WHY = [
  '- RSA/SHA-1 and DS of SHA-1 alone count as unsupported, so insecure (RFC 9905 2); `algorithms: { sha1: true }` changes that.',
  '- More than 50 NSEC3 iterations make a denial insecure (RFC 9276 3.2); the others draw the line at 150 or, as Knot Resolver, at 50.',
  '- A DS of SHA-256 that does not match beside one of SHA-1 that does is bogus (RFC 4509 3).',
  '- A revoked key validates nothing (RFC 5011 2.1), a DS that names it included.',
  '- A key without the Zone Key bit, or with a protocol other than 3, validates nothing (RFC 4034 2.1.1, 2.1.2).',
  '- Two keys of one tag are both tried (RFC 4034 appendix B), within bounds; BIND gives up after one failure.',
  '- RSA keys shorter than 1024 bits count as unsupported (`algorithms: { minRsaBits }`, RFC 5702 2).',
  '- NSEC3 of an unknown hash or with unknown flags proves nothing (RFC 5155 8.1, 8.2).',
  '- An NXDOMAIN without any proof in a signed zone is bogus, whatever the RCODE says (RFC 4035 5.4).'
]

await main()
process.exit()
