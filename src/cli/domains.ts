// `audit --domains FILE`: many names, several at once, each result a line of JSON as soon as it is there. What is in the results
// already is not asked again, so that an interrupted run goes on where it was.

import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import type { Resolver } from '../index.js'
import { compactTrace, type Facts, factsOf, type Trace, tellStory } from '../trace/index.js'
import { type AskingOptions, resolverFrom } from './asking.js'
import type { Context } from './command.js'
import { codeOf, UsageError } from './exit.js'
import { readText } from './files.js'
import { jsonLine } from './output.js'
import { checkQuestions, numbered } from './resolve.js'

export interface DomainsOptions {
  readonly out?: string
  readonly type?: string
  readonly expiring?: number
  readonly atOnce?: number
  readonly traces?: boolean
  readonly json?: boolean
}

interface Question {
  readonly name: string
  readonly type: string
}

type Result = Facts & { readonly asked: Question; readonly ms: number; readonly trace?: Trace }

export async function auditDomains(file: string, options: AskingOptions & DomainsOptions, context: Context): Promise<void> {
  const { output, signal, finish } = context
  const questions = questionsOf(readText(file), options.type ?? 'SOA')
  const results = options.out === undefined ? [] : kept(options.out)
  const done = new Set(results.map(({ asked }) => keyOf(asked)))
  const left = questions.filter((question) => !done.has(keyOf(question)))
  const wanted = new Set(questions.map(keyOf))
  const all = results.filter(({ asked }) => wanted.has(keyOf(asked)))
  const resolver = await resolverFrom(options)
  const keep = (result: Result): void => {
    all.push(result)
    if (options.out === undefined) output.write(jsonLine(result))
    else appendFileSync(options.out, jsonLine(result))
    progress(all.length, questions.length, context)
  }
  try {
    for (const { name, type } of left) checkQuestions(name, [type], resolver)
    const next = left[Symbol.iterator]()
    const worker = async (): Promise<void> => {
      for (const question of next) keep(await ask(question, resolver, options, signal))
    }
    await Promise.all(Array.from({ length: options.atOnce ?? 8 }, worker))
  } catch (error) {
    if (signal.aborted && options.out !== undefined)
      output.tell(`\ninterrupted; the same command goes on after ${all.length} of ${questions.length}`)
    throw error
  } finally {
    await resolver.close()
  }
  finish(codeOf(all.map(({ status }) => status)))
  const summary = summaryOf(all, options.expiring ?? 7)
  if (options.out === undefined) output.tell(summaryText(summary, options.expiring ?? 7))
  else output.write(options.json ? jsonLine(summary) : `${summaryText(summary, options.expiring ?? 7)}\n`)
}

async function ask(asked: Question, resolver: Resolver, options: DomainsOptions, signal: AbortSignal): Promise<Result> {
  const before = performance.now()
  const { trace } = await resolver.resolveSecure(asked.name, numbered(asked.type), { signal, trace: true })
  const ms = Math.round(performance.now() - before)
  const story = await tellStory(trace as Trace)
  return { asked, ...factsOf(story), ms, ...(options.traces && { trace: compactTrace(trace as Trace) }) }
}

/** `name [type...]` a line; what follows a # or ; is a comment. */
function questionsOf(text: string, usual: string): Question[] {
  const questions = text.split('\n').flatMap((line) => {
    const [name, ...types] = line
      .replace(/(?:^|\s)[#;].*$/, '')
      .trim()
      .split(/\s+/)
    return name ? (types.length > 0 ? types : [usual]).map((type): Question => ({ name, type: type.toUpperCase() })) : []
  })
  const first = new Map<string, Question>()
  for (const question of questions) if (!first.has(keyOf(question))) first.set(keyOf(question), question)
  return [...first.values()]
}

const keyOf = ({ name, type }: Question): string => `${name.toLowerCase()} ${type}`

/** The results of an earlier run. A last line that was cut off in the middle is taken away, and its name asked again. */
function kept(file: string): Result[] {
  if (!existsSync(file)) return []
  const octets = readFileSync(file)
  const whole = octets.lastIndexOf(0x0a) + 1
  if (whole < octets.length) truncateSync(file, whole)
  return octets
    .subarray(0, whole)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => {
      try {
        const result = JSON.parse(line) as Result
        if (typeof result.asked?.name === 'string' && typeof result.asked.type === 'string') return result
      } catch {
        // told below
      }
      throw new UsageError(`${file}: line ${i + 1} is no result of an audit; another file is needed for --out`)
    })
}

function progress(done: number, of: number, { output }: Context): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of}${done === of ? '\n' : ''}`)
  else if (done === of || done % 100 === 0) output.tell(`${done} of ${of}`)
}

export interface Summary {
  readonly questions: number
  readonly statuses: Readonly<Record<string, number>>
  readonly reasons: Readonly<Record<string, number>>
  readonly algorithms: Readonly<Record<string, number>>
  /** the soonest first */
  readonly expiring: readonly { readonly name: string; readonly type: string; readonly over: string; readonly at: string }[]
}

function summaryOf(results: readonly Result[], days: number): Summary {
  const soon = results
    .filter(({ expires, judgedAt }) => expires && expires.at * 1000 < judgedAt + days * 86_400_000)
    .sort((a, b) => (a.expires?.at ?? 0) - (b.expires?.at ?? 0))
  return {
    questions: results.length,
    statuses: count(results.map(({ status }) => status)),
    reasons: count(results.flatMap(({ reason }) => (reason ? [`${reason.kind} (EDE ${reason.code})`] : []))),
    algorithms: count(results.flatMap(({ algorithms }) => algorithms)),
    expiring: soon.map(({ name, type, expires }) => ({
      name,
      type,
      over: `${expires?.owner} ${expires?.type}`,
      at: new Date((expires?.at ?? 0) * 1000).toISOString()
    }))
  }
}

function count(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)))
}

function summaryText({ questions, statuses, reasons, algorithms, expiring }: Summary, days: number): string {
  const table = (title: string, counts: Readonly<Record<string, number>>): string[] =>
    Object.keys(counts).length === 0 ? [] : [title, ...Object.entries(counts).map(([word, n]) => `  ${String(n).padStart(6)}  ${word}`)]
  return [
    `${questions} questions`,
    ...table('status', statuses),
    ...table('reason', reasons),
    ...table('algorithm', algorithms),
    `signatures that end within ${days} days: ${expiring.length}`,
    ...expiring.slice(0, 20).map(({ name, type, over, at }) => `  ${at.slice(0, 16)}Z  ${name} ${type}: RRSIG over ${over}`),
    ...(expiring.length > 20 ? [`  and ${expiring.length - 20} more`] : [])
  ].join('\n')
}
