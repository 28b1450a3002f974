// A question as text becomes names and numbers (RFC 1035 5.1, RFC 4343 2.1, RFC 6895 3.1; U-labels by UTS 46).
import { domainToASCII } from 'node:url'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, TYPE, typeFromText, typeToText } from '../wire/numbers.js'
import { nameFromText, TextError } from '../wire/text.js'

/**
 * @param name presentation format, the trailing dot optional; U-labels are converted
 * @param type mnemonic in any case, TYPEn, or the number
 * Throws TypeError for what is not text or a number, RangeError for a name or type that cannot be asked.
 */
export function parseQuestion(name: string, type: string | number): Question {
  return { name: parseName(name), type: parseType(type), class: CLASS.IN }
}

/** A name in presentation format, U-labels included. TypeError or RangeError. */
export function parseName(text: string): Name {
  if (typeof text !== 'string') throw new TypeError(`a name must be a string, not ${kindOf(text)}`)
  if (text === '') throw new RangeError('the name is empty; the root is "."')
  // White space in a name must be escaped (RFC 1035 5.1); unescaped it is a slip of whoever composed the text.
  if (/(?<!\\)[\s\p{Cc}]/u.test(text)) throw new RangeError(`white space in the name ${JSON.stringify(text)}`)
  try {
    return nameFromText(isAscii(text) ? text : toAscii(text))
  } catch (error) {
    if (error instanceof TextError) throw new RangeError(`not a domain name: ${error.message}`)
    throw error
  }
}

/** A type that may be asked for. TypeError or RangeError. */
export function parseType(type: string | number): number {
  const number = typeof type === 'number' ? type : typeof type === 'string' ? typeFromText(type) : undefined
  if (number === undefined) {
    if (typeof type !== 'string') throw new TypeError(`a type must be a string or a number, not ${kindOf(type)}`)
    throw new RangeError(`unknown RR type ${JSON.stringify(type)}; a type without mnemonic is written TYPEn`)
  }
  if (!Number.isInteger(number) || number < 0 || number > 0xffff)
    throw new RangeError(`an RR type is a whole number from 0 to 65535, not ${number}`)
  const why = unaskable(number)
  if (why) throw new RangeError(`the type ${typeToText(number)} cannot be asked: ${why}`)
  return number
}

/** RFC 6895 3.1: types that are no data, or need more than one message. */
function unaskable(type: number): string | undefined {
  if (type === 0) return 'it is reserved'
  if (type === TYPE.OPT) return 'it is part of the message itself (RFC 6891)'
  if (type === TYPE.NXNAME) return 'it only marks names that do not exist (RFC 9824)'
  if (type === TYPE.AXFR || type === TYPE.IXFR) return 'a zone transfer is no question to a resolver'
  if (type >= 128 && type < TYPE.ANY) return 'it is a meta-type (RFC 6895 3.1)'
  return undefined
}

/** The label separators of UTS 46 2.3 besides the full stop. */
const DOTS = /[\u3002\uff0e\uff61]/g

/** Converts the labels that need it and leaves the others, escapes and case as they are. */
function toAscii(text: string): string {
  return splitLabels(text.replace(DOTS, '.')).map(labelToAscii).join('.')
}

function labelToAscii(label: string): string {
  if (isAscii(label)) return label
  const fail = (why: string): never => {
    throw new RangeError(`the label ${JSON.stringify(label)} ${why}`)
  }
  if (/[\\%]/.test(label)) fail('has escapes as well as characters that are not ASCII')
  // With a label behind it: alone, one that maps to digits would be read as an address.
  const ascii = domainToASCII(`${label}.invalid`)
  const converted = ascii.endsWith('.invalid') ? ascii.slice(0, -'.invalid'.length) : ''
  if (converted === '' || converted.includes('.')) fail('is no internationalised label (UTS 46)')
  return converted
}

/** At the dots that are not escaped. */
function splitLabels(text: string): string[] {
  const labels: string[] = []
  let label = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '.') {
      labels.push(label)
      label = ''
    } else if (text[at] === '\\') {
      label += text.slice(at, at + 2)
      at++
    } else label += text[at]
  }
  return [...labels, label]
}

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value)
