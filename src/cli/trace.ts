// `dnssec-resolver trace NAME [TYPE]`: one question with every step, as a tree, a paragraph, JSON, a picture or a page; the same of
// a trace that was kept, with --from. `trace diff A B` tells what changed between two.

import {
  compactTrace,
  diffTraces,
  drawDot,
  drawPage,
  drawSvg,
  explain,
  printChanges,
  printTree,
  redactTrace,
  type Trace,
  tellStory
} from '../trace/index.js'
import { ASKING, type AskingOptions, resolverFrom } from './asking.js'
import { type Context, command, flag, text } from './command.js'
import { codeOf, EXIT, UsageError } from './exit.js'
import { readTraces, writeText } from './files.js'
import { jsonLine } from './output.js'
import { checkQuestions, numbered } from './resolve.js'

interface TraceOptions extends AskingOptions {
  readonly from?: string
  readonly json?: boolean
  readonly compact?: boolean
  readonly redact?: boolean
  readonly explain?: boolean
  readonly save?: string
  readonly html?: string
  readonly svg?: string
  readonly dot?: string
}

const diffCommand = command<{ readonly json?: boolean }>({
  name: 'diff',
  about: 'tell what changed between two traces: keys, signatures, records, servers, statuses',
  operands: [
    { usage: '<before>', about: 'file of a trace' },
    { usage: '<after>', about: 'file of another' }
  ],
  options: { json: flag('-j, --json', 'one JSON object a change and line') },
  act: ([before, after], options, context) => diff(before as string, after as string, options, context)
})

export const traceCommand = command<TraceOptions>({
  name: 'trace',
  about: 'show every step of one question, or of a trace that was kept',
  operands: [
    { usage: '[name]', about: 'domain name' },
    { usage: '[type]', about: 'RR type', fallback: 'A' }
  ],
  options: {
    from: text('--from <file>', 'read the trace from this file instead of asking'),
    save: text('-o, --save <file>', 'keep the trace as JSON in this file'),
    html: text('--html <file>', 'write one page with picture, tree, timeline and messages'),
    svg: text('--svg <file>', 'write the chain of trust as SVG'),
    dot: text('--dot <file>', 'write the chain of trust for Graphviz'),
    json: flag('-j, --json', 'print the trace as JSON instead of a tree'),
    compact: flag('--compact', 'with --json and --save: only what a new judgement needs'),
    redact: flag('--redact', 'without the addresses of servers'),
    explain: flag('-e, --explain', 'print one paragraph instead of the tree'),
    ...ASKING
  },
  commands: [diffCommand],
  act: ([name, type], options, context) => show(name, type as string, options, context)
})

async function show(name: string | undefined, type: string, options: TraceOptions, context: Context): Promise<void> {
  const { output, finish } = context
  const trace = shaped(await traceFrom(name, type, options, context), options)
  const { compact: _, ...whole } = options
  const story = await tellStory(shaped(trace, whole))
  finish(codeOf([story.verdict.status]))
  if (options.save !== undefined) writeText(options.save, jsonLine(trace), output)
  if (options.html !== undefined) writeText(options.html, drawPage(story), output)
  if (options.svg !== undefined) writeText(options.svg, drawSvg(story), output)
  if (options.dot !== undefined) writeText(options.dot, drawDot(story), output)
  if (options.json) output.write(jsonLine(trace))
  else if (options.explain) output.write(`${explain(story)}\n`)
  else if (![options.html, options.svg, options.dot, options.save].includes('-')) {
    output.write(printTree(story, { style: output.style, width: output.width }))
  }
}

async function traceFrom(name: string | undefined, type: string, options: TraceOptions, { signal }: Context): Promise<Trace> {
  if (options.from !== undefined) {
    if (name !== undefined) throw new UsageError('--from and a name exclude each other')
    const [trace, ...more] = readTraces(options.from)
    if (!trace || more.length > 0) throw new UsageError(`${options.from}: holds ${more.length + 1} traces, and one can be shown`)
    return trace
  }
  if (name === undefined) throw new UsageError('a name to ask for, or --from FILE, is needed')
  const resolver = await resolverFrom(options)
  try {
    checkQuestions(name, [type], resolver)
    const { trace } = await resolver.resolveSecure(name, numbered(type), { signal, trace: true })
    return trace as Trace
  } finally {
    await resolver.close()
  }
}

function shaped(trace: Trace, { compact, redact }: TraceOptions): Trace {
  const small = compact ? compactTrace(trace) : trace
  return redact ? redactTrace(small) : small
}

async function diff(before: string, after: string, options: { json?: boolean }, { output, finish }: Context): Promise<void> {
  const [a, b] = [oneTrace(before), oneTrace(after)]
  const changes = await diffTraces(a, b)
  finish(changes.length === 0 ? EXIT.good : EXIT.bad)
  output.write(options.json ? changes.map(jsonLine).join('') : printChanges(changes))
}

function oneTrace(file: string): Trace {
  const [trace, ...more] = readTraces(file)
  if (!trace || more.length > 0) throw new UsageError(`${file}: one trace is needed`)
  return trace
}
