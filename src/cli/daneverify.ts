#!/usr/bin/env node
// The program `daneverify`: tries a mail domain as a DANE mailer would, prints every step, sends no mail.
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import {
  type DaneEvent,
  debugLines,
  explanationOf,
  infoLine,
  linesOf,
  type Outcome,
  type VerifyOptions,
  verifyDane
} from '../dane/index.js'
import { createResolver, type Resolver, type ResolverOptions } from '../index.js'
import { type Context, choice, command, flag, integer, text, texts, time, ValueError, value } from './command.js'
import { UsageError } from './exit.js'
import { createOutput } from './output.js'
import { parseCommand } from './parse.js'

const EXIT = { success: 0, failed: 1, usage: 2, deferred: 3, fallback: 4, unfit: 5 } as const

const EXIT_OF: Readonly<Record<Outcome, number>> = {
  authenticated: EXIT.success,
  fail: EXIT.failed,
  defer: EXIT.deferred,
  fallback: EXIT.fallback,
  'encrypt-only': EXIT.fallback
}

interface Flags {
  mode: 'mandatory' | 'opportunistic'
  both?: boolean
  output: 'seed' | 'zone' | 'json'
  json?: boolean
  nextHop?: string
  port: number
  source?: string
  ipv4?: boolean
  ipv6?: boolean
  skip: readonly string[]
  allowPrivate?: boolean
  forwarder: readonly NonNullable<ResolverOptions['forwarders']>[number][]
  trustAnchor?: string
  at?: number
  days: number
  dnsOnly?: boolean
  timeout: number
  trace?: string
  log?: 'debug' | 'info'
  list?: string
  selftest?: boolean
}

const EPILOGUE = `Exit status: 0 success for every domain; 1 failed; 2 usage; 3 deferred (bogus data, a failed look-up, no host reached);
4 fallback or encrypt only, with --mode opportunistic; 5 --selftest found the forwarder unfit. The highest one counts.
Results go to the standard output, reasons to the error output. Domains are read from the standard input when none is given.
`

const PROGRAM = command<Flags>({
  name: 'daneverify',
  about: 'Looks up MX, addresses and TLSA records, connects, and verifies the certificate of a mail domain by DANE (RFC 7672).',
  operands: [{ usage: '[domain...]', about: 'mail domains' }],
  options: {
    mode: choice('--mode <mode>', 'whose verdict is given', ['mandatory', 'opportunistic'], 'mandatory'),
    both: flag('--both', 'give the verdict of the other mode too'),
    output: choice('--output <form>', 'lines, zone-file lines or JSON', ['seed', 'zone', 'json'], 'seed'),
    json: flag('--json', 'the same as --output json: one document a domain, one a line'),
    nextHop: text('--next-hop <host>', 'go to this host instead of the MX (RFC 7672 2.2.2)'),
    port: value('--port <n>', 'port of the mail hosts and of their TLSA records', integer(1, 65_535), 25),
    source: text('--source <address>', 'local address to connect from'),
    ipv4: flag('-4, --ipv4', 'IPv4 only'),
    ipv6: flag('-6, --ipv6', 'IPv6 only'),
    skip: texts('--skip <host>', 'pass this host over; may be given again', []),
    allowPrivate: flag('--allow-private', 'ask name servers at private addresses, too'),
    forwarder: {
      flags: '--forwarder <server>',
      about: 'ADDR[#PORT][/tcp|/tls][@PRIORITY]: ask this resolver and validate here; may be given again',
      fallback: [],
      read: (given, before = []) => [...before, forwarderOf(given)]
    },
    trustAnchor: text('--trust-anchor <file>', 'DS or DNSKEY lines in place of those of the root'),
    at: value('--at <time>', 'judge as of this time (ISO 8601)', time),
    days: value('--days <n>', 'judge as of so many days from now: what is about to expire', integer(0, 36_500), 0),
    dnsOnly: flag('--dns-only', 'connect to nothing'),
    timeout: value('--timeout <s>', 'seconds for each step of a connection', integer(1, 3600), 30),
    trace: text('--trace <file>', 'write what the look-ups rest on, one trace of the resolver a line; - for the error output'),
    log: choice('--log <level>', 'log lines on the error output', ['info', 'debug']),
    list: text('--list <file>', 'read domains from a file, one a line'),
    selftest: flag('--selftest', 'check that the resolver validates before anything else')
  },
  epilogue: EPILOGUE,
  act: async (given, flags, { finish }) => finish(await verifyAll(given as readonly string[], flags))
})

async function verifyAll(given: readonly string[], flags: Flags): Promise<number> {
  const clock = clockOf(flags)
  const resolver = createResolver(resolverOptions(flags, clock))
  try {
    if (flags.selftest && !(await selfTest(resolver))) return EXIT.unfit
    const domains = [...given, ...(flags.list ? await namesIn(flags.list) : [])]
    if (domains.length === 0 && !flags.list && !flags.selftest) domains.push(...(await namesIn(undefined)))
    if (flags.trace && flags.trace !== '-') writeFileSync(flags.trace, '')
    let exit: number = EXIT.success
    for (const domain of domains) exit = Math.max(exit, await verifyOne(domain, flags, { resolver, clock }))
    return exit
  } finally {
    await resolver.close()
  }
}

async function verifyOne(domain: string, flags: Flags, base: Pick<VerifyOptions, 'resolver' | 'clock'>): Promise<number> {
  const options = { ...base, ...verifyOptions(flags) }
  const events: DaneEvent[] = []
  const asJson = flags.json || flags.output === 'json'
  for await (const event of verifyDane(domain, options)) {
    events.push(event)
    if (!asJson) for (const line of flags.output === 'zone' ? zoneLines(event) : linesOf(event)) out(line)
    const explanation = explanationOf(event)
    if (explanation) err(explanation)
    writeLog(event, flags)
    if (event.event === 'plan' && flags.trace) writeTraces(event, flags.trace)
  }
  const outcome = outcomeOf(events)
  const other = flags.both ? await otherMode(domain, options) : undefined
  if (asJson) out(JSON.stringify({ domain, mode: options.mode, outcome, ...other, events: events.filter(notPlan) }, plain))
  else if (other) out(`With --mode ${other.otherMode}: ${other.otherOutcome}`)
  return EXIT_OF[outcome]
}

const outcomeOf = (events: readonly DaneEvent[]): Outcome => {
  const last = events.at(-1)
  return last?.event === 'result' ? last.outcome : 'defer'
}

async function otherMode(domain: string, options: VerifyOptions) {
  const mode = options.mode === 'mandatory' ? 'opportunistic' : 'mandatory'
  const events: DaneEvent[] = []
  for await (const event of verifyDane(domain, { ...options, mode })) events.push(event)
  return { otherMode: mode, otherOutcome: outcomeOf(events) } as const
}

function verifyOptions(flags: Flags): VerifyOptions {
  const { mode, port, nextHop, source, skip, dnsOnly, timeout, trace, log } = flags
  return {
    mode,
    port,
    ...(nextHop && { nextHop }),
    ...(source && { localAddress: source }),
    ...(flags.ipv4 !== flags.ipv6 && { families: flags.ipv4 ? [4] : [6] }),
    skip,
    dnsOnly,
    timeoutMs: timeout * 1000,
    trace: trace !== undefined || log === 'debug'
  }
}

function resolverOptions(flags: Flags, clock: () => number): ResolverOptions {
  return {
    clock,
    ...(flags.forwarder.length > 0 && { forwarders: flags.forwarder }),
    ...(flags.trustAnchor && { trustAnchors: readFileSync(flags.trustAnchor, 'utf8').split('\n').filter(isRecord) }),
    ...(flags.allowPrivate && { allowPrivateAddresses: true })
  }
}

const isRecord = (line: string): boolean => line.trim() !== '' && !line.trim().startsWith(';')

/** Time goes on from where it was set. */
function clockOf({ at, days }: Flags): () => number {
  const ahead = (at === undefined ? 0 : at - Date.now()) + days * 86_400_000
  return ahead === 0 ? Date.now : () => Date.now() + ahead
}

/** A resolver in front that strips DNSSEC turns every signed domain bogus: tell it from a domain that is broken. */
async function selfTest(resolver: Resolver): Promise<boolean> {
  const expected = [
    ['.', 'DNSKEY', 'secure'],
    ['.', 'SOA', 'secure'],
    ['dnssec-failed.org', 'A', 'bogus']
  ] as const
  let fit = true
  for (const [name, type, status] of expected) {
    const answer = await resolver.resolveSecure(name, type)
    out(`${answer.status.toUpperCase()} ${type} record found for ${name}`)
    if (answer.status === status) continue
    fit = false
    err(`${name} ${type}: expected ${status}, found ${answer.status}${answer.reason ? `: ${answer.reason.text}` : ''}`)
  }
  out(fit ? 'The resolver is fit for DANE.' : 'The resolver is NOT fit for DANE.')
  return fit
}

/** Records with the status beside them, as comments. */
function zoneLines(event: DaneEvent): string[] {
  switch (event.event) {
    case 'mx':
      return [`${event.domain}. IN MX ${event.preference} ${event.host}. ; status=${event.status} NoError`]
    case 'alias':
      return [`${event.host}. IN CNAME ${event.target}. ; status=${event.status} NoError`]
    case 'address':
      return [`${event.host}. IN ${event.type} ${event.address} ; status=${event.status} NoError`]
    case 'verdict':
      return event.verdict.considered.map(({ record, result }) => {
        const data = Buffer.from(record.data).toString('hex')
        return `${record.owner}. IN TLSA ${record.usage} ${record.selector} ${record.matchingType} ${data} ; status=${record.status} ${result}`
      })
    default:
      return linesOf(event).map((line) => `; ${line}`)
  }
}

function writeLog(event: DaneEvent, { log }: Flags): void {
  if (event.event === 'plan' && log === 'debug') for (const { level, text } of debugLines(event.plan)) err(`${level}: ${text}`)
  if (event.event === 'verdict' && log) err(`info: ${infoLine(event.verdict).text}`)
}

function writeTraces({ plan }: Extract<DaneEvent, { event: 'plan' }>, file: string): void {
  const nodes = [plan.trace, ...plan.trace.below]
  for (const { trace } of nodes.flatMap(({ lookups }) => lookups)) {
    if (!trace) continue
    if (file === '-') err(JSON.stringify(trace))
    else writeFileSync(file, `${JSON.stringify(trace)}\n`, { flag: 'a' })
  }
}

const notPlan = ({ event }: DaneEvent): boolean => event !== 'plan'

/** Octets as hexadecimal text. */
const plain = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)

async function namesIn(file: string | undefined): Promise<string[]> {
  const names: string[] = []
  for await (const line of createInterface({ input: file === undefined ? process.stdin : createReadStream(file) })) {
    const name = line.replace(/#.*/, '').trim()
    if (name !== '') names.push(name)
  }
  return names
}

type Forwarder = Flags['forwarder'][number]

function forwarderOf(given: string): Forwarder {
  const parts = /^([^#/@]+)(?:#(\d+))?(?:\/(udp|tcp|tls))?(?:@(\d+))?$/.exec(given)
  if (!parts) throw new ValueError('it is ADDR[#PORT][/tcp|/tls][@PRIORITY].')
  const [, address, port, protocol, priority] = parts
  return {
    address,
    ...(port && { port: Number(port) }),
    ...(protocol && { protocol: protocol as 'udp' | 'tcp' | 'tls' }),
    ...(priority && { priority: Number(priority) })
  }
}

const out = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
const err = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

/** Reasons that no domain could be tried for are misuse. */
async function main(): Promise<void> {
  try {
    const parsed = parseCommand(PROGRAM, process.argv.slice(2))
    if ('show' in parsed) return output.write(parsed.show)
    await parsed.command.act?.(parsed.operands, parsed.options, context)
  } catch (error) {
    err(`${error instanceof UsageError ? 'error' : 'daneverify'}: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = EXIT.usage
  }
}

const output = createOutput()
const context: Context = {
  output,
  signal: new AbortController().signal,
  finish: (code) => {
    process.exitCode = code
  }
}
await main()
