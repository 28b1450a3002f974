// `dnssec-resolver resolve NAME [TYPE...]`: answers with status, reason and records.

import type { Resolver, SecureAnswer } from '../index.js'
import { explain, printAnswer, printTree, tellStory } from '../trace/index.js'
import { ASKING, type AskingOptions, misuse, resolverFrom } from './asking.js'
import { type Context, command, flag } from './command.js'
import { codeOf } from './exit.js'
import { jsonLine } from './output.js'

interface ResolveOptions extends AskingOptions {
  readonly json?: boolean
  readonly trace?: boolean
  readonly explain?: boolean
}

export const resolveCommand = command<ResolveOptions>({
  name: 'resolve',
  about: 'resolve a name and validate every step',
  operands: [
    { usage: '<name>', about: 'domain name; "." is the root' },
    { usage: '[type...]', about: 'RR types, A when none is given' }
  ],
  options: {
    json: flag('-j, --json', 'one JSON object a line; octets are base64'),
    trace: flag('-t, --trace', 'show every step as a tree; with --json add the trace'),
    explain: flag('-e, --explain', 'add one paragraph for people'),
    ...ASKING
  },
  act: ([name, ...types], options, context) => resolve(name as string, types as string[], options, context)
})

async function resolve(name: string, types: readonly string[], options: ResolveOptions, context: Context): Promise<void> {
  const { output, signal, finish } = context
  const resolver = await resolverFrom(options)
  try {
    const wanted = types.length > 0 ? types : ['A']
    checkQuestions(name, wanted, resolver)
    const traced = Boolean(options.trace || options.explain)
    for (const type of wanted) {
      const answer = await resolver.resolveSecure(name, numbered(type), { signal, trace: traced })
      finish(codeOf([answer.status]))
      output.write(options.json ? jsonLine(options.trace ? answer : withoutTrace(answer)) : await printed(answer, options, context))
    }
  } finally {
    await resolver.close()
  }
}

async function printed(answer: SecureAnswer, options: ResolveOptions, { output }: Context): Promise<string> {
  const { style, width } = output
  const story = answer.trace && (await tellStory(answer.trace))
  return [
    printAnswer(answer, style),
    ...(story && options.explain ? [`\n${explain(story)}\n`] : []),
    ...(story && options.trace ? [`\n${printTree(story, { style, width })}`] : [])
  ].join('')
}

const withoutTrace = ({ trace, ...answer }: SecureAnswer) => answer

/** RR types may be given as numbers. */
export const numbered = (type: string): string | number => (/^\d+$/.test(type) ? Number(type) : type)

/** Bad names and types are told before anything is sent. */
export function checkQuestions(name: string, types: readonly string[], resolver: Resolver): void {
  for (const type of types) misuse(() => resolver.peek(name, numbered(type) as string))
}
