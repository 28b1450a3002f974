// Exit codes of the program, and the error that means misuse.

import type { SecurityStatus } from '../index.js'

export const EXIT = {
  /** secure or insecure, with data or a proven denial; a trace that holds */
  good: 0,
  /** bogus; a trace whose verdict is another one */
  bad: 1,
  usage: 2,
  /** indeterminate; a trace that cannot be judged again */
  unknown: 3,
  interrupted: 130
} as const

/** What was asked for makes no sense; the message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const CODES: Readonly<Record<SecurityStatus, number>> = {
  secure: EXIT.good,
  insecure: EXIT.good,
  bogus: EXIT.bad,
  indeterminate: EXIT.unknown
}

/** Of several answers the highest. */
export const codeOf = (statuses: readonly SecurityStatus[]): number => Math.max(EXIT.good, ...statuses.map((status) => CODES[status]))
