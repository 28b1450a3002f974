// Where the program writes, in colour or not, and how it ends: a reader that goes away early is no error.

import { COLOURED, PLAIN, type Style } from '../trace/index.js'

export interface Output {
  readonly style: Style
  /** columns */
  readonly width: number
  write(text: string): void
  /** a line for people, to standard error */
  tell(text: string): void
}

/** Colour to a terminal only, and not when NO_COLOR is set to anything (no-color.org); FORCE_COLOR asks for it elsewhere. */
export function createOutput(): Output {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  const terminal = process.stdout.isTTY === true && TERM !== 'dumb'
  const coloured = !NO_COLOR && (FORCE_COLOR ? FORCE_COLOR !== '0' : terminal)
  return {
    style: coloured ? COLOURED : PLAIN,
    width: Math.max(40, process.stdout.columns ?? 80),
    write: (text) => void process.stdout.write(text),
    tell: (text) => void process.stderr.write(`${text}\n`)
  }
}

/** One line; octets as base64. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(octetsAsBase64(value))}\n`
}

/** Buffer.toJSON would come before a replacer, so the copy is made by hand. */
function octetsAsBase64(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(octetsAsBase64)
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, octetsAsBase64(one)]))
}
