// The help text of a command: usage, operands, options and commands below it, in two columns as wide as the terminal.

import type { Command } from './command.js'

type Line = readonly [term: string, about: string]

/** @param path the words that lead to the command; `versioned` ones tell the version too */
export function helpText(command: Command, path: string, versioned = false, width = process.stdout.columns ?? 80): string {
  const { about, operands, options, commands, epilogue } = command
  const parts: readonly (readonly [title: string, lines: readonly Line[]])[] = [
    ['Arguments', operands.filter((one) => one.about).map((one) => [one.usage, one.about + usual(one.fallback)])],
    [
      'Options',
      [
        ...Object.values(options).map((one): Line => [one.flags, one.about + usual(one.fallback)]),
        ...(versioned ? [['-V, --version', 'print the version'] as const] : []),
        ['-h, --help', 'print this text']
      ]
    ],
    [
      'Commands',
      [
        ...commands.map((one): Line => [usageOf(one), one.about]),
        ...(commands.length > 0 && !command.act ? [['help [command]', 'print the help of a command'] as const] : [])
      ]
    ]
  ]
  const shown = parts.filter(([, lines]) => lines.length > 0)
  const left = Math.max(...shown.flatMap(([, lines]) => lines.map(([term]) => term.length)))
  const head = ['Usage:', path, '[options]', ...(commands.length > 0 ? ['[command]'] : []), ...operands.map(({ usage }) => usage)].join(' ')
  return [
    `${head}\n\n${wrapped(about, width).join('\n')}\n`,
    ...shown.map(([title, lines]) => `${title}:\n${lines.map((line) => twoColumns(line, left, width)).join('')}`),
    ...(epilogue === undefined ? [] : [epilogue])
  ].join('\n')
}

const usageOf = ({ name, options, operands }: Command): string =>
  [name, ...(Object.keys(options).length > 0 ? ['[options]'] : []), ...operands.map(({ usage }) => usage)].join(' ')

const usual = (fallback: unknown): string =>
  fallback === undefined || (Array.isArray(fallback) && fallback.length === 0) ? '' : ` (default: ${JSON.stringify(fallback)})`

/** The least that is left for the right column before it goes below the left one. */
const LEAST = 40

function twoColumns([term, about]: Line, left: number, width: number): string {
  const room = width - left - 4
  const [indent, head] = room < LEAST ? [6, `  ${term}\n      `] : [left + 4, `  ${term.padEnd(left)}  `]
  return `${head}${wrapped(about, width - indent).join(`\n${' '.repeat(indent)}`)}\n`
}

function wrapped(words: string, width: number): string[] {
  const lines: string[] = []
  for (const word of words.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
