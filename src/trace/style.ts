// How text for a terminal is dressed: colour when wanted, hostile characters made harmless, lines kept within a width.

import type { SecurityStatus } from '../verdict/status.js'

export interface Style {
  /** the status word, or any text, in the colour of a status */
  readonly status: (text: string, status: SecurityStatus | 'no-cut') => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

export const PLAIN: Style = { status: (text) => text, strong: (text) => text, faint: (text) => text }

const COLOURS: Readonly<Record<SecurityStatus | 'no-cut', number>> = { secure: 32, insecure: 33, bogus: 31, indeterminate: 35, 'no-cut': 2 }
const sgr = (code: number, text: string): string => `\u001b[${code}m${text}\u001b[0m`

/** SGR colours. */
export const COLOURED: Style = {
  status: (text, status) => sgr(COLOURS[status], text),
  strong: (text) => sgr(1, text),
  faint: (text) => sgr(2, text)
}

/** A sign that carries a status without colour. */
export const SIGNS: Readonly<Record<SecurityStatus | 'no-cut', string>> = {
  secure: '✓',
  insecure: '○',
  bogus: '✗',
  indeterminate: '?',
  'no-cut': '·'
}

/** Control characters, and those that turn the direction of writing, as \u{hex}: a reply must not drive the terminal or a page. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => `\\u{${(char.codePointAt(0) as number).toString(16)}}`)
}

/** Breaks at spaces so that no line is longer than `width`; a word that is longer stands alone. Lines after the first begin with `hang`. */
export function wrap(text: string, width: number, hang = ''): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const candidate = line === '' ? word : `${line} ${word}`
    if (line !== '' && candidate.length > width && line.trim() !== '') {
      lines.push(line)
      line = `${hang}${word}`
    } else line = candidate
  }
  return [...lines, line]
}
