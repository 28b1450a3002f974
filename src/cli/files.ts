// Files that the program reads and writes; '-' is standard input or output.

import { readFileSync, writeFileSync } from 'node:fs'
import { readTrace, type Trace, TraceFormatError } from '../trace/index.js'
import { UsageError } from './exit.js'
import type { Output } from './output.js'

export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file}: cannot be read (${(error as Error).message})`)
  }
}

export function writeText(file: string, text: string, output: Output): void {
  try {
    if (file === '-') output.write(text)
    else writeFileSync(file, text)
  } catch (error) {
    throw new UsageError(`${file}: cannot be written (${(error as Error).message})`)
  }
}

/** The traces of a file: one JSON document, or one a line, each a trace or an answer that holds one. */
export function readTraces(file: string): Trace[] {
  const text = readText(file)
  try {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    if (lines.length > 1 && lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'))) return lines.map(readTrace)
    return [readTrace(text)]
  } catch (error) {
    if (error instanceof TraceFormatError) throw new UsageError(`${file}: ${error.message}`)
    throw error
  }
}
