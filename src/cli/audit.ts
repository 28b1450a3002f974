// `dnssec-resolver audit FILE...`: judges kept traces again, without a network. `audit --domains FILE` asks for many names instead
// (domains.ts).

import { explain, printTree, type Story, TraceFormatError, tellStory, type VerifyOptions } from '../trace/index.js'
import { ASKING, type AskingOptions, anchorText, misuse } from './asking.js'
import { type Context, command, flag, integer, text, time, value } from './command.js'
import { auditDomains, type DomainsOptions } from './domains.js'
import { EXIT, UsageError } from './exit.js'
import { readTraces } from './files.js'
import { jsonLine } from './output.js'

interface AuditOptions extends AskingOptions, DomainsOptions {
  readonly at?: number
  readonly json?: boolean
  readonly tree?: boolean
  readonly explain?: boolean
  readonly domains?: string
}

const count = integer(1, 99_999, 'whole number')

export const auditCommand = command<AuditOptions>({
  name: 'audit',
  about: 'judge kept traces again without a network, or many names with it',
  operands: [{ usage: '[file...]', about: 'traces as JSON, "-" for standard input' }],
  options: {
    at: value('--at <time>', 'judge at this time (ISO 8601) instead of the recorded one', time),
    json: flag('-j, --json', 'one JSON object a line'),
    tree: flag('-t, --tree', 'show every step of each trace'),
    explain: flag('-e, --explain', 'add one paragraph for each trace'),
    domains: text('-d, --domains <file>', 'ask for these names instead, one a line, types after it'),
    out: text('-o, --out <file>', 'with --domains: the results, one JSON object a line; names that are in it are not asked again'),
    type: text('--type <type>', 'with --domains: what to ask of names that have no types of their own', 'SOA'),
    expiring: value('--expiring <days>', 'with --domains: count signatures that end within so many days', count, 7),
    atOnce: value('--at-once <number>', 'with --domains: questions at the same time', count, 8),
    traces: flag('--traces', 'with --domains: keep the compact trace of each answer in the results'),
    ...ASKING
  },
  act: (files, options, context) => audit(files as string[], options, context)
})

async function audit(files: readonly string[], options: AuditOptions, context: Context): Promise<void> {
  if (options.domains !== undefined) {
    if (files.length > 0) throw new UsageError('--domains and files of traces exclude each other')
    return auditDomains(options.domains, options, context)
  }
  if (files.length === 0) throw new UsageError('a file with a trace, or --domains FILE, is needed')
  const verify: VerifyOptions = {
    ...(options.at !== undefined && { at: options.at }),
    ...(options.anchor && { anchors: options.anchor.map(anchorText) }),
    ...(options.nta && { negativeAnchors: options.nta })
  }
  for (const file of files) {
    for (const trace of readTraces(file)) {
      context.signal.throwIfAborted()
      let story: Story
      try {
        story = await tellStory(trace, verify)
      } catch (error) {
        if (error instanceof TraceFormatError) throw new UsageError(`${file}: ${error.message}`)
        return misuse(() => {
          throw error
        })
      }
      tell(file, story, options, context)
    }
  }
}

const CODES = { same: EXIT.good, different: EXIT.bad, unverifiable: EXIT.unknown } as const

function tell(file: string, story: Story, options: AuditOptions, { output, finish }: Context): void {
  const { audit, trace, verdict } = story
  const { result, why, differences, missing, at } = audit
  finish(CODES[result])
  if (options.json) {
    const { status, rcode, reason } = verdict
    const recorded = audit.recorded && { status: audit.recorded.status, rcode: audit.recorded.rcode, reason: audit.recorded.reason }
    output.write(
      jsonLine({ file, question: trace.question, result, why, at, recorded, judged: { status, rcode, reason }, differences, missing })
    )
    return
  }
  const { style } = output
  const head = `${file}: ${trace.question.name} ${trace.question.type}`
  if (result === 'same') output.write(`${style.status(`${head}: ${verdict.status}, ${verdict.rcode}, as recorded`, verdict.status)}\n`)
  else if (result === 'different')
    output.write(`${style.status(`${head}: ${verdict.status}, ${verdict.rcode}; not as recorded`, 'bogus')}\n`)
  else output.write(`${head}: cannot be judged again: ${why}; its messages give ${verdict.status}\n`)
  for (const one of differences) output.write(`  ${one.what}: recorded ${one.before}; now ${one.after}\n`)
  if (result === 'different' && verdict.reason) output.write(`  ${verdict.reason.text}\n`)
  if (missing.length > 0) output.write(`  the trace has no reply to: ${missing.join(', ')}\n`)
  if (options.explain) output.write(`  ${explain(story)}\n`)
  if (options.tree) output.write(`${printTree(story, { style, width: output.width })}\n`)
}
