#!/usr/bin/env node
// The program `dnssec-resolver`: registers the subcommands and turns what they say into an exit code.

import { readFileSync } from 'node:fs'
import { anchorsCommand } from './anchors.js'
import { auditCommand } from './audit.js'
import { type Context, command } from './command.js'
import { EXIT, UsageError } from './exit.js'
import { createOutput, type Output } from './output.js'
import { type Parsed, parseCommand } from './parse.js'
import { resolveCommand } from './resolve.js'
import { traceCommand } from './trace.js'

const EXIT_CODES = `Exit codes, of several answers the highest:
  0  secure or insecure, with data or proven absence; a trace that holds
  1  bogus; a trace that gives another verdict
  2  wrong usage
  3  indeterminate; a trace that cannot be judged again
`

const PROGRAM = command({
  name: 'dnssec-resolver',
  about: 'Resolves names from the root and validates every step (DNSSEC).',
  commands: [resolveCommand, traceCommand, auditCommand, anchorsCommand],
  epilogue: EXIT_CODES
})

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
  const parsed = parse(output)
  try {
    if (!parsed) code = EXIT.usage
    else if ('show' in parsed) {
      if (parsed.wanted) output.write(parsed.show)
      else {
        output.tell(parsed.show.trimEnd())
        code = EXIT.usage
      }
    } else await parsed.command.act?.(parsed.operands, parsed.options, context)
  } catch (error) {
    if (stop.signal.aborted) code = EXIT.interrupted
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

/** What the command line asks for, or undefined when that is told to be no use of the program. */
function parse(output: Output): Parsed | undefined {
  try {
    return parseCommand(PROGRAM, process.argv.slice(2), version())
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    output.tell(`error: ${error.message}\n(dnssec-resolver --help tells more)`)
    return undefined
  }
}

/** The manifest lies two folders up, from the source as from the build. */
function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return manifest.version
}

await main()
