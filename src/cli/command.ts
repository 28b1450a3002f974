// What a subcommand is: a function that adds itself to the program and gives its exit code by `finish`.

import type { Command } from 'commander'
import type { Output } from './output.js'

export interface Context {
  readonly output: Output
  /** aborted by SIGINT and SIGTERM */
  readonly signal: AbortSignal
  /** the exit code; of several calls the highest counts */
  finish(code: number): void
}

export type Subcommand = (program: Command, context: Context) => void
