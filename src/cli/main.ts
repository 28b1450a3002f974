#!/usr/bin/env node
// The program `dnssec-resolver`: registers the subcommands and turns what they say into an exit code.

import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { anchorsCommand } from './anchors.js'
import { auditCommand } from './audit.js'
import type { Context, Subcommand } from './command.js'
import { EXIT, UsageError } from './exit.js'
import { createOutput } from './output.js'
import { resolveCommand } from './resolve.js'
import { traceCommand } from './trace.js'

/** In the order of the help text. */
const SUBCOMMANDS: readonly Subcommand[] = [resolveCommand, traceCommand, auditCommand, anchorsCommand]

const EXIT_CODES = `
Exit codes, of several answers the highest:
  0  secure or insecure, with data or proven absence; a trace that holds
  1  bogus; a trace that gives another verdict
  2  wrong usage
  3  indeterminate; a trace that cannot be judged again
`

async function main(): Promise<void> {
  const output = createOutput()
  const stop = new AbortController()
  let code: number = EXIT.good
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted) // the second time at once
    stop.abort(new Error('interrupted'))
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const context: Context = {
    output,
    signal: stop.signal,
    finish: (next) => {
      code = Math.max(code, next)
    }
  }
  const program = new Command('dnssec-resolver')
    .description('Resolves names from the root and validates every step (DNSSEC).')
    .version(version(), '-V, --version')
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(dnssec-resolver --help tells more)')
    .exitOverride()
    .enablePositionalOptions()
  for (const add of SUBCOMMANDS) add(program, context)
  try {
    await program.parseAsync()
  } catch (error) {
    if (stop.signal.aborted) code = EXIT.interrupted
    else if (error instanceof CommanderError) code = error.exitCode === 0 ? EXIT.good : EXIT.usage
    else if (error instanceof UsageError) {
      output.tell(`error: ${error.message}`)
      code = EXIT.usage
    } else {
      // A fault of the program says nothing about the data.
      output.tell(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      code = EXIT.unknown
    }
  }
  process.off('SIGINT', interrupt)
  process.off('SIGTERM', interrupt)
  process.exitCode = code
}

/** The manifest lies two folders up, from the source as from the build. */
function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return manifest.version
}

await main()
