// The tokens of a master-file entry (RFC 1035 5.1): words and quoted strings, parentheses, comments, continued lines.
import { quote, TextError } from './name-text.js'

export interface Token {
  /** Escapes still in it, quotes taken off. */
  readonly text: string
  readonly quoted: boolean
}

export interface Entry {
  readonly tokens: readonly Token[]
  /** It began with white space: the owner is the entry's before. */
  readonly blankOwner: boolean
  /** Counted from 1. */
  readonly line: number
}

/** Entries of a master file, or of a single line; empty ones are left out. */
export function* entriesOf(text: string): Generator<Entry> {
  let tokens: Token[] = []
  let depth = 0
  let line = 1
  let begin = 1
  let blankOwner = false
  let atStart = true
  for (let at = 0; at <= text.length; ) {
    const char = at < text.length ? text[at] : '\n'
    if (char === '\n') {
      if (depth > 0 && at >= text.length) throw new TextError(`line ${begin}: a parenthesis is never closed`)
      if (depth === 0) {
        if (tokens.length > 0) yield { tokens, blankOwner, line: begin }
        tokens = []
        blankOwner = false
        atStart = true
        begin = line + 1
      }
      line++
      at++
    } else if (char === ' ' || char === '\t' || char === '\r') {
      if (atStart) blankOwner = true
      atStart = false
      at++
    } else if (char === ';') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (char === '(' || char === ')') {
      depth += char === '(' ? 1 : -1
      if (depth < 0) throw new TextError(`line ${line}: a parenthesis closes nothing`)
      atStart = false
      at++
    } else {
      const quoted = char === '"'
      const from = quoted ? at + 1 : at
      const end = quoted ? endOfQuoted(text, from, line) : endOfWord(text, from, line)
      tokens.push({ text: text.slice(from, end), quoted })
      atStart = false
      at = quoted ? end + 1 : end
    }
  }
}

/** A quoted value behind an equals sign belongs to the word, quotes included: alpn="h2,h3" (RFC 9460 2.1). */
function endOfWord(text: string, from: number, line: number): number {
  let at = from
  while (at < text.length && !' \t\r\n;()'.includes(text[at])) {
    if (text[at] === '"') {
      if (text[at - 1] !== '=') break
      at = endOfQuoted(text, at + 1, line) + 1
    } else {
      at += text[at] === '\\' ? 2 : 1
    }
  }
  return Math.min(at, text.length)
}

function endOfQuoted(text: string, from: number, line: number): number {
  let at = from
  while (at < text.length && text[at] !== '"' && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  if (text[at] !== '"') throw new TextError(`line ${line}: a quoted string is never closed: ${quote(text.slice(from, at))}`)
  return at
}

/** The tokens of one rdata, taken one after the other. */
export class Tokens {
  #at = 0

  constructor(readonly all: readonly Token[]) {}

  get left(): number {
    return this.all.length - this.#at
  }

  /** @param what for the error: what is missing when nothing is left */
  next(what: string): Token {
    if (this.left === 0) throw new TextError(`${what} is missing`)
    return this.all[this.#at++]
  }

  peek(): Token | undefined {
    return this.all[this.#at]
  }

  /** What is left as one text: hex and base64 may be split by white space. */
  joined(): string {
    let text = ''
    while (this.left > 0) text += this.next('').text
    return text
  }
}
