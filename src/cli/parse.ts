// From the words of a command line to a command, its operands and its options, by `util.parseArgs`; what is wrong is told by name.

import { parseArgs } from 'node:util'
import { type Command, type Operand, type Option, ValueError } from './command.js'
import { UsageError } from './exit.js'
import { helpText } from './help.js'

export type Parsed =
  /** text that was asked for, or, not `wanted`, that is given for want of a command */
  | { readonly show: string; readonly wanted: boolean }
  | { readonly command: Command; readonly operands: readonly (string | undefined)[]; readonly options: Readonly<Record<string, unknown>> }

/**
 * Options stand before or after the operands of their command, and after the name of it.
 * @throws UsageError
 */
export function parseCommand(command: Command, words: readonly string[], version?: string, path = command.name): Parsed {
  const rows = new Map(Object.entries(command.options).map(([key, option]) => [namesOf(option).long, { key, option }]))
  const { tokens } = parseArgs({ args: [...words], options: grammar(command, version), strict: false, tokens: true })
  const values: Record<string, unknown> = {}
  const operands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') {
      const below = operands.length === 0 ? command.commands.find(({ name }) => name === token.value) : undefined
      if (below) return parseCommand(below, words.slice(token.index + 1), undefined, `${path} ${below.name}`)
      operands.push(token.value)
      continue
    }
    if (token.name === 'help') return { show: helpText(command, path, version !== undefined), wanted: true }
    if (token.name === 'version' && version !== undefined) return { show: `${version}\n`, wanted: true }
    const row = rows.get(token.name)
    if (!row) throw new UsageError(`unknown option '${token.rawName}'${meant(token.rawName, [...rows.keys()].map(dashed))}`)
    values[row.key] = read(row.option, token.value, values[row.key])
  }
  if (!command.act) return withoutCommand(command, operands, path, version)
  for (const { key, option } of rows.values()) values[key] ??= option.fallback
  return { command, operands: fitting(command, operands), options: values }
}

/** `help` and the names of the commands are all that can follow. */
function withoutCommand(command: Command, [first, ...rest]: readonly string[], path: string, version: string | undefined): Parsed {
  if (first === 'help' && rest.length > 0) return parseCommand(command, [...rest, '--help'], version, path)
  if (first === undefined || first === 'help') {
    return { show: helpText(command, path, version !== undefined), wanted: first === 'help' }
  }
  const names = command.commands.map(({ name }) => name)
  throw new UsageError(`unknown command '${first}'${meant(first, names)}`)
}

function read(option: Option<unknown>, given: string | undefined, before: unknown): unknown {
  const { takes } = namesOf(option)
  if (takes && given === undefined) throw new UsageError(`option '${option.flags}' argument missing`)
  if (!takes && given !== undefined) throw new UsageError(`option '${option.flags}' takes no argument`)
  try {
    return option.read(given ?? '', before)
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(`option '${option.flags}' argument '${given}' is invalid: ${error.message}`)
    throw error
  }
}

/** As many operands as the command has rows; one that takes all that is left comes last. */
function fitting({ name, operands: rows }: Command, given: readonly string[]): (string | undefined)[] {
  const missing = rows[given.length]
  if (missing?.usage.startsWith('<')) throw new UsageError(`missing required argument '${bare(missing)}'`)
  if (rows.at(-1)?.usage.includes('...')) return [...given]
  if (given.length > rows.length) {
    throw new UsageError(`too many arguments for '${name}': ${rows.length} expected, ${given.length} given`)
  }
  return rows.map(({ fallback }, i) => given[i] ?? fallback)
}

const bare = ({ usage }: Operand): string => usage.replace(/[<>[\].]/g, '')
const dashed = (name: string): string => `--${name}`

function grammar({ options }: Command, version: string | undefined) {
  const rows = Object.values(options).map(namesOf)
  return Object.fromEntries([
    ...rows.map(({ long, short, takes }) => [long, { type: takes ? 'string' : 'boolean', ...(short && { short }) } as const] as const),
    ['help', { type: 'boolean', short: 'h' } as const] as const,
    ...(version === undefined ? [] : [['version', { type: 'boolean', short: 'V' } as const] as const])
  ])
}

function namesOf({ flags }: Option<unknown>): { long: string; short: string | undefined; takes: boolean } {
  const [, short, long, takes] = /^(?:-(\w), )?--([\w-]+)( <.+>)?$/.exec(flags) ?? []
  if (long === undefined) throw new TypeError(`not the flags of an option: ${flags}`)
  return { long, short, takes: takes !== undefined }
}

/** The nearest of the words when it is near enough for a slip of the finger. */
function meant(given: string, words: readonly string[]): string {
  const near = words.map((word) => ({ word, slips: distance(given, word) })).sort((a, b) => a.slips - b.slips)[0]
  return near && near.slips <= Math.max(1, Math.floor(near.word.replace(/^-+/, '').length * 0.4)) ? `\n(Did you mean ${near.word}?)` : ''
}

/** Levenshtein's: letters put in, left out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[b.length]
}
