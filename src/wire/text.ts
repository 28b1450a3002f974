// Text and back: one record a line in master-file format (RFC 1035 5.1, RFC 3597 5). Names and rdata alone are here too.
import { Reader, WireError } from './cursor.js'
import { periodFromText } from './fields.js'
import { expandRdata } from './layout.js'
import type { Name } from './name.js'
import { nameToText, quote, relativeNameFromText, TextError } from './name-text.js'
import { CLASS, classFromText, classToText, typeFromText, typeToText } from './numbers.js'
import { rdataFromTokens, rdataToText } from './presentation.js'
import type { ResourceRecord } from './rrset.js'
import { type Entry, entriesOf, Tokens } from './tokens.js'

export { nameFromText, nameToText, TextError } from './name-text.js'
export { rdataToText } from './presentation.js'

/** What an entry may leave out. Without `ttl` it is 3600 seconds, without `origin` names are absolute. */
export interface RecordDefaults {
  origin?: Name
  ttl?: number
  owner?: Name
}

const USUAL_TTL = 3600

/** `owner [ttl] [class] type rdata`; a line that begins with white space has the default's owner. TextError with the reason. */
export function recordFromText(line: string, defaults: RecordDefaults = {}): ResourceRecord {
  const [entry, more] = entriesOf(line)
  if (!entry) throw new TextError('there is no record in the line')
  if (more) throw new TextError(`a second record in ${quote(line)}`)
  return recordFromEntry(entry, defaults)
}

export function recordFromEntry(entry: Entry, defaults: RecordDefaults): ResourceRecord {
  const tokens = new Tokens(entry.tokens)
  const owner = entry.blankOwner ? defaults.owner : relativeNameFromText(tokens.next('the owner').text, defaults.origin)
  if (!owner) throw new TextError('the line begins with white space, and there is no owner before it')
  let ttl: number | undefined
  let rrClass: number | undefined
  for (;;) {
    const { text } = tokens.next('the type')
    const asClass = rrClass === undefined ? classFromText(text) : undefined
    if (ttl === undefined && /^\d/.test(text)) ttl = periodFromText(text)
    // ANY is a class and a type; a record has neither.
    else if (asClass !== undefined && text.toUpperCase() !== 'ANY') rrClass = asClass
    else {
      const type = typeFromText(text)
      if (type === undefined) throw new TextError(`not a type: ${quote(text)}`)
      const generic = tokens.peek()?.text === '\\#'
      const rdata = rdataFromTokens(type, tokens, defaults.origin)
      const fault = generic ? faultOf(type, rdata) : undefined
      const record = { owner, type, class: rrClass ?? CLASS.IN, ttl: ttl ?? defaults.ttl ?? USUAL_TTL, rdata }
      return fault === undefined ? record : { ...record, fault }
    }
  }
}

/** `owner ttl class type rdata`, every name absolute. */
export function recordToText(record: ResourceRecord): string {
  const owner = nameToText(record.owner)
  const rdata = rdataToText(record.type, record.rdata)
  return `${owner === '.' ? owner : `${owner}.`} ${record.ttl} ${classToText(record.class)} ${typeToText(record.type)} ${rdata}`
}

/** Octets given as \# may be anything; what does not fit the type is marked as it would be when read from a message. */
function faultOf(type: number, rdata: Uint8Array): string | undefined {
  try {
    return expandRdata(type, new Reader(rdata), rdata.length).length === rdata.length ? undefined : 'a compressed name'
  } catch (error) {
    if (error instanceof WireError) return error.message
    throw error
  }
}
