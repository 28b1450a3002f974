// What a command of the program is: plain data that says which options and operands it takes, and what it does with them.

import type { Output } from './output.js'

export interface Context {
  readonly output: Output
  /** aborted by SIGINT and SIGTERM */
  readonly signal: AbortSignal
  /** the exit code; of several calls the highest counts */
  finish(code: number): void
}

export interface Option<T> {
  /** `'-j, --json'`; one that takes a value: `'--port <number>'` */
  readonly flags: string
  readonly about: string
  /** the value when the option is not given */
  readonly fallback?: T
  /** of the text that was given, and of what an earlier one of the same name made; throws ValueError */
  read(text: string, before: T | undefined): T
}

/** A row for each member of T, under its name. */
export type OptionsOf<T> = { readonly [K in keyof T]-?: Option<NonNullable<T[K]>> }

export interface Operand {
  /** `'<name>'` is needed, `'[type]'` may be left out, `'[type...]'` takes all that is left */
  readonly usage: string
  readonly about?: string
  /** the value when it is left out */
  readonly fallback?: string
}

export interface Command<T = unknown> {
  readonly name: string
  readonly about: string
  readonly operands: readonly Operand[]
  readonly options: Readonly<Record<string, Option<unknown>>>
  readonly commands: readonly Command[]
  /** what stands below its help text */
  readonly epilogue?: string
  /** a command without it only holds others */
  act?(operands: readonly (string | undefined)[], options: T, context: Context): Promise<void>
}

type Row<T> = Pick<Command<T>, 'name' | 'about' | 'act' | 'epilogue'> &
  Partial<Pick<Command, 'operands' | 'commands'>> & { readonly options?: OptionsOf<T> }

/** The one place where the rows are known to give what `act` takes. */
export function command<T>({ options, ...row }: Row<T>): Command {
  return { operands: [], commands: [], ...row, options: (options ?? {}) as Command['options'] } as Command
}

/** What a value should have been; the parser says of which option. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
}

export const flag = (flags: string, about: string): Option<boolean> => ({ flags, about, read: () => true })

export const text = (flags: string, about: string, fallback?: string): Option<string> => ({
  flags,
  about,
  fallback,
  read: (given) => given
})

/** May be given again. */
export const texts = (flags: string, about: string, fallback?: readonly string[]): Option<readonly string[]> => ({
  flags,
  about,
  fallback,
  read: (given, before = []) => [...before, given]
})

export const value = <T>(flags: string, about: string, read: (given: string) => T, fallback?: T): Option<T> => ({
  flags,
  about,
  fallback,
  read: (given) => read(given)
})

export function choice<T extends string>(flags: string, about: string, choices: readonly T[], fallback?: T): Option<T> {
  const read = (given: string): T => {
    const found = choices.find((one) => one === given)
    if (found === undefined) throw new ValueError(`it is one of ${choices.join(', ')}.`)
    return found
  }
  return { flags, about: `${about} (${choices.join(', ')})`, fallback, read }
}

export const integer = (least: number, most: number, what = 'number') => {
  const wanted = `it is a ${what} from ${least} to ${most}.`
  return (given: string): number => {
    const number = Number(given)
    if (!/^\d+$/.test(given) || number < least || number > most) throw new ValueError(wanted)
    return number
  }
}

export function time(given: string): number {
  const ms = Date.parse(given)
  if (Number.isNaN(ms)) throw new ValueError('it is a time like 2026-12-31 or 2026-12-31T12:00:00Z.')
  return ms
}
