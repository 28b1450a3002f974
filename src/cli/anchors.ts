// `dnssec-resolver anchors show|explain|refresh|import|export`: the trust anchors kept in the user's state directory, followed
// through the changes of the root key (RFC 5011).

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  ANCHOR_CHANNEL,
  type AnchorNotice,
  type AnchorReport,
  createResolver,
  explainAnchors,
  type FileAnchorStore,
  fileAnchorStore,
  importAnchors,
  mergeImport,
  readAnchorState
} from '../index.js'
import { ASKING, type AskingOptions, resolverFrom } from './asking.js'
import { type Context, command, flag, text } from './command.js'
import { EXIT, UsageError } from './exit.js'
import { jsonLine } from './output.js'

interface StateOptions {
  readonly state: string
}

interface ShowOptions extends StateOptions {
  readonly json?: boolean
}

interface ExportOptions extends StateOptions {
  readonly format: string
}

/** XDG Base Directory Specification: state that lasts, of one user. */
export function defaultStatePath(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME } = env
  const base = XDG_STATE_HOME?.startsWith('/') ? XDG_STATE_HOME : join(homedir(), '.local', 'state')
  return join(base, 'dnssec-resolver', 'root.anchors')
}

const state = text('--state <file>', 'where they are kept', defaultStatePath())

const showCommand = command<ShowOptions>({
  name: 'show',
  about: 'one line a key',
  options: { state, json: flag('-j, --json', 'one JSON object a line') },
  act: (_, options, context) => told(context, () => show(options, context))
})

const explainCommand = command<StateOptions>({
  name: 'explain',
  about: 'the same in sentences',
  options: { state },
  act: (_, options, context) => told(context, () => explain(options, context))
})

const refreshCommand = command<RefreshOptions>({
  name: 'refresh',
  about: 'ask for the keys now if that is due, and keep what came of it',
  options: { state, ...ASKING, all: flag('--all', 'ask also when it is not due') },
  act: (_, options, context) => told(context, () => refresh(options, context))
})

const importCommand = command<ImportingOptions>({
  name: 'import',
  about: 'take trust anchors from root-anchors.xml, from DS or DNSKEY lines, or from a file of Unbound',
  operands: [{ usage: '<file>' }],
  options: {
    state,
    signature: text('--signature <file>', 'the detached CMS signature over root-anchors.xml (root-anchors.p7s)'),
    ca: text('--ca <file>', "certificates in PEM to trust for the signature, instead of ICANN's root CA"),
    replace: flag('--replace', 'forget what is kept, instead of adding to it; also when that cannot be read')
  },
  act: ([file], options, context) => told(context, () => bring(file as string, options, context))
})

const exportCommand = command<ExportOptions>({
  name: 'export',
  about: 'print what is trusted, for other programs',
  options: { state, format: text('--format <format>', 'dnskey, ds, or state: the whole file as it is kept', 'dnskey') },
  act: (_, options, context) => told(context, () => take(options, context))
})

export const anchorsCommand = command({
  name: 'anchors',
  about: 'the trust anchors: show, follow, bring and take them',
  commands: [showCommand, explainCommand, refreshCommand, importCommand, exportCommand]
})

/** What is wrong with the anchors is no fault of the program: one line, and no success. */
async function told({ output, finish }: Context, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Error) || !/^Anchor\w+Error$/.test(error.name)) throw error
    output.tell(`error: ${error.message}`)
    finish(EXIT.bad)
  }
}

/** The kept anchors, or those that are shipped when none are kept yet. */
async function reports(store: FileAnchorStore): Promise<readonly AnchorReport[]> {
  const kept = await store.load()
  if (kept !== undefined) return readAnchorState(kept, Date.now())
  const resolver = createResolver()
  try {
    return resolver.trustAnchors()
  } finally {
    await resolver.close()
  }
}

async function show({ state, json }: ShowOptions, { output }: Context): Promise<void> {
  const rows = await reports(fileAnchorStore(state))
  for (const row of rows) output.write(json ? jsonLine(row) : `${line(row)}\n`)
}

const line = ({ zone, keyTag, algorithm, state, since, until }: AnchorReport): string =>
  [
    zone.padEnd(8),
    String(keyTag).padStart(5),
    `alg ${algorithm}`.padEnd(6),
    state.padEnd(7),
    ...(since === undefined ? [] : [`since ${date(since)}`]),
    ...(until === undefined ? [] : [`until ${date(until)}`])
  ]
    .join('  ')
    .trimEnd()

const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

async function explain({ state }: StateOptions, { output }: Context): Promise<void> {
  const store = fileAnchorStore(state)
  const kept = (await store.load()) !== undefined
  output.write(`${explainAnchors(await reports(store), Date.now()).join('\n')}\n`)
  if (!kept) output.write(`  nothing is kept in ${state} yet: these are shipped with the program\n`)
}

interface RefreshOptions extends StateOptions, AskingOptions {
  readonly all?: boolean
}

async function refresh(options: RefreshOptions, context: Context): Promise<void> {
  const { output, finish, signal } = context
  await mkdir(dirname(options.state), { recursive: true, mode: 0o700 })
  const store = fileAnchorStore(options.state)
  const resolver = await resolverFrom(options, { trustAnchorStore: store, activeRefresh: false })
  let probes = 0
  const hear = (message: unknown): void => {
    const notice = message as AnchorNotice
    if (notice.event !== 'probe') return
    probes++
    output.write(`${probed(notice)}\n`)
    finish(notice.result === 'validated' ? EXIT.good : notice.result === 'not-validated' ? EXIT.bad : EXIT.unknown)
  }
  subscribe(ANCHOR_CHANNEL, hear)
  const close = (): void => void resolver.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    await resolver.refreshTrustAnchors({ all: options.all })
    if (probes === 0) output.write('no check is due; --all checks now\n')
    output.write(`${explainAnchors(resolver.trustAnchors(), Date.now()).join('\n')}\n`)
  } finally {
    signal.removeEventListener('abort', close)
    unsubscribe(ANCHOR_CHANNEL, hear)
    await resolver.close()
  }
}

const RESULTS = {
  validated: 'its DNSKEY set is signed by a trust anchor',
  'not-validated': 'no trust anchor signed its DNSKEY set: nothing was changed but for revocations',
  'no-reply': 'no DNSKEY set came'
} as const

function probed({ zone, result, changes, detail }: AnchorNotice & { event: 'probe' }): string {
  const changed = changes.map(({ kind, keyTag }) => ` ${keyTag ?? ''} ${kind}`).join(',')
  return `${zone}: ${RESULTS[result]}${detail ? ` (${detail})` : ''}${changed ? `;${changed}` : ''}`
}

interface ImportingOptions extends StateOptions {
  readonly signature?: string
  readonly ca?: string
  readonly replace?: boolean
}

async function bring(file: string, options: ImportingOptions, { output }: Context): Promise<void> {
  const now = Date.now()
  const imported = importAnchors(octetsOf(file), {
    now,
    ...(options.signature !== undefined && { signature: octetsOf(options.signature) }),
    ...(options.ca !== undefined && { authorities: certificatesOf(octetsOf(options.ca)) })
  })
  output.tell(
    imported.signedBy
      ? `signed by ${imported.signedBy}`
      : 'no signature was checked: that these are the right trust anchors is on the word of whoever gave you the file'
  )
  await mkdir(dirname(options.state), { recursive: true, mode: 0o700 })
  const store = fileAnchorStore(options.state)
  const kept = options.replace ? undefined : await store.load()
  await store.replace(mergeImport(kept, imported.text, now))
  output.write(`${explainAnchors(await reports(store), now).join('\n')}\n`)
}

function octetsOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`)
  }
}

function certificatesOf(pem: Uint8Array): string[] {
  const found = new TextDecoder().decode(pem).match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)
  if (!found) throw new UsageError('--ca: the file holds no certificate in PEM')
  return found
}

const TRUSTED: ReadonlySet<AnchorReport['state']> = new Set(['VALID', 'MISSING', 'DS', 'STATIC'])

async function take({ state, format }: ExportOptions, { output, finish }: Context): Promise<void> {
  const store = fileAnchorStore(state)
  if (format === 'state') {
    const kept = await store.load()
    if (kept === undefined) {
      output.tell(`nothing is kept in ${state} yet`)
      finish(EXIT.unknown)
    } else output.write(kept)
    return
  }
  if (format !== 'dnskey' && format !== 'ds') throw new UsageError(`--format: dnskey, ds or state, not ${format}`)
  const trusted = (await reports(store)).filter((row) => TRUSTED.has(row.state))
  const lines = trusted.map((row) => (format === 'ds' ? (row.ds ?? row.record) : row.record))
  output.write(lines.map((one) => `${one}\n`).join(''))
}
