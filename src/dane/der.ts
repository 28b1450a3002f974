// A reader of DER (X.690), as much of it as certificates need: definite lengths, bounds checked, nothing copied.

/** One element: tag octet, content, and the octets of the whole with tag and length. */
export interface Element {
  readonly tag: number
  readonly content: Uint8Array
  readonly whole: Uint8Array
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30
} as const

export class DerError extends Error {
  override readonly name = 'DerError'
}

/** The elements that fill the octets. DerError when something is left over or too short. */
export function elementsOf(bytes: Uint8Array): Element[] {
  const elements: Element[] = []
  let at = 0
  while (at < bytes.length) {
    const element = elementAt(bytes, at)
    elements.push(element)
    at += element.whole.length
  }
  return elements
}

/** The one element that the octets are. */
export function elementOf(bytes: Uint8Array): Element {
  const element = elementAt(bytes, 0)
  if (element.whole.length !== bytes.length) throw new DerError('octets are left behind the element')
  return element
}

/** The parts of a SEQUENCE. */
export function sequenceOf(element: Element | undefined): Element[] {
  return elementsOf(expectTag(element, TAG.sequence).content)
}

export function expectTag(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new DerError(`tag ${element?.tag ?? 'missing'} where ${tag} was expected`)
  return element
}

/** X.690 8.19, the dotted form. */
export function oidText({ content }: Element): string {
  const arcs: number[] = []
  let arc = 0
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f)
    if ((octet & 0x80) !== 0) continue
    if (arcs.length === 0) arcs.push(...(arc < 80 ? [Math.floor(arc / 40), arc % 40] : [2, arc - 80]))
    else arcs.push(arc)
    arc = 0
  }
  return arcs.join('.')
}

/** RFC 5280 4.1.2.5: UTCTime with its window of years, or GeneralizedTime; ms since the epoch. */
export function timeOf(element: Element | undefined): number {
  const text = String.fromCharCode(...(element?.content ?? []))
  const digits = element?.tag === TAG.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)
  if (!parts || (element?.tag !== TAG.utcTime && element?.tag !== TAG.generalizedTime)) throw new DerError('not a time')
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function elementAt(bytes: Uint8Array, at: number): Element {
  if (at + 2 > bytes.length) throw new DerError('cut short')
  const tag = bytes[at]
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of more than one octet')
  let length = bytes[at + 1]
  let start = at + 2
  if (length >= 0x80) {
    const octets = length & 0x7f
    if (octets === 0 || octets > 3 || start + octets > bytes.length) throw new DerError('a length that DER does not have')
    length = 0
    for (let i = 0; i < octets; i++) length = length * 256 + bytes[start++]
  }
  if (start + length > bytes.length) throw new DerError('cut short')
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) }
}
