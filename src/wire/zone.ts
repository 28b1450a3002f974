// Zones as text: a master file to its records (RFC 1035 5.1, RFC 2308 4). $ORIGIN and $TTL are known, $INCLUDE is not.
import { periodFromText } from './fields.js'
import type { Name } from './name.js'
import { relativeNameFromText, TextError } from './name-text.js'
import type { ResourceRecord } from './rrset.js'
import { recordFromEntry } from './text.js'
import { type Entry, entriesOf, Tokens } from './tokens.js'

/** In the order of the file. TextError with the line. `ttl` in seconds, until a $TTL says otherwise. */
export function recordsFromZone(text: string, { origin, ttl }: { origin?: Name; ttl?: number } = {}): ResourceRecord[] {
  const records: ResourceRecord[] = []
  const state: { origin?: Name; ttl?: number; owner?: Name } = { origin, ttl }
  for (const entry of entriesOf(text)) {
    try {
      if (!entry.blankOwner && !entry.tokens[0].quoted && entry.tokens[0].text.startsWith('$')) {
        obey(entry, state)
        continue
      }
      const record = recordFromEntry(entry, state)
      state.owner = record.owner
      records.push(record)
    } catch (error) {
      if (error instanceof TextError) throw new TextError(`line ${entry.line}: ${error.message}`)
      throw error
    }
  }
  return records
}

function obey(entry: Entry, state: { origin?: Name; ttl?: number }): void {
  const tokens = new Tokens(entry.tokens)
  const directive = tokens.next('').text.toUpperCase()
  const { text } = tokens.next(`the value of ${directive}`)
  if (directive === '$ORIGIN') state.origin = relativeNameFromText(text, state.origin)
  else if (directive === '$TTL') state.ttl = periodFromText(text)
  else throw new TextError(`the directive ${directive} is not known`)
  if (tokens.left > 0) throw new TextError(`${directive} takes one value`)
}
