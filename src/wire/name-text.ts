// Names as text and back (RFC 1035 5.1, RFC 4343 2.1): every octet can be written, and what is written reads back the same.
import { WireError } from './cursor.js'
import { Name } from './name.js'

/** The text is not presentation format; the message says where and why. */
export class TextError extends Error {
  override readonly name = 'TextError'
}

/** An octet as it stands in a name: master-file specials behind a backslash, what is not printable ASCII as \DDD. */
const OCTET_IN_NAME = Array.from({ length: 256 }, (_, octet) => {
  if (octet <= 0x20 || octet >= 0x7f) return decimal(octet)
  const char = String.fromCharCode(octet)
  return '."$();@\\'.includes(char) ? `\\${char}` : char
})

/** Escaped, without a trailing dot; '.' for the root. */
export function nameToText(name: Name): string {
  if (name.isRoot) return '.'
  const { wire } = name
  let text = ''
  for (let at = 0; wire[at] !== 0; ) {
    const end = at + 1 + wire[at]
    if (at > 0) text += '.'
    for (at++; at < end; at++) text += OCTET_IN_NAME[wire[at]]
  }
  return text
}

/** The trailing dot is optional: a name without one is absolute all the same. ASCII only; TextError with the reason. */
export function nameFromText(text: string): Name {
  return relativeNameFromText(text, undefined)
}

/** As in a master file: '@' is the origin, a name without a trailing dot is below it; without an origin as nameFromText. */
export function relativeNameFromText(text: string, origin: Name | undefined): Name {
  if (text === '.') return Name.root
  if (text === '@' && origin !== undefined) return origin
  if (text === '') throw new TextError('an empty name')
  const labels: Uint8Array[] = []
  let label: number[] = []
  let absolute = false
  const close = () => {
    if (label.length === 0) throw new TextError(`an empty label in the name ${quote(text)}`)
    if (label.length > 63) throw new TextError(`a label of ${label.length} octets in the name ${quote(text)}`)
    labels.push(Uint8Array.from(label))
    label = []
  }
  for (let at = 0; at < text.length; ) {
    if (text[at] === '.') {
      close()
      at++
      absolute = at === text.length
      continue
    }
    const [octet, next] = readOctet(text, at)
    label.push(octet)
    at = next
  }
  if (!absolute) close()
  try {
    const name = Name.fromLabels(labels)
    return absolute || origin === undefined || origin.isRoot ? name : below(name, origin)
  } catch (error) {
    if (error instanceof WireError) throw new TextError(`${error.message}: ${quote(text)}`)
    throw error
  }
}

/** One octet at `at`, escapes undone, and where the next one begins. */
export function readOctet(text: string, at: number): [octet: number, next: number] {
  const code = text.charCodeAt(at)
  if (code > 0x7f) throw new TextError(`a character that is not ASCII in ${quote(text)}`)
  if (code !== 0x5c) return [code, at + 1]
  if (at + 1 >= text.length) throw new TextError(`a backslash escapes nothing at the end of ${quote(text)}`)
  const escaped = text.charCodeAt(at + 1)
  if (escaped > 0x7f) throw new TextError(`a character that is not ASCII in ${quote(text)}`)
  if (escaped < 0x30 || escaped > 0x39) return [escaped, at + 2]
  const digits = text.slice(at + 1, at + 4)
  if (!/^\d{3}$/.test(digits) || Number(digits) > 255) throw new TextError(`the escape \\${digits} in ${quote(text)} is no octet`)
  return [Number(digits), at + 4]
}

/** \DDD */
export function decimal(octet: number): string {
  return `\\${String(octet).padStart(3, '0')}`
}

/** For messages: as JSON, so that it stays on a line, and not endless. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}...` : text)
}

function below(name: Name, origin: Name): Name {
  const wire = new Uint8Array(name.wire.length - 1 + origin.wire.length)
  wire.set(name.wire)
  wire.set(origin.wire, name.wire.length - 1)
  return Name.fromWire(wire)
}
