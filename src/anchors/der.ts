// Reads DER (X.690 8 and 10), as much as a CMS signature needs: tags of one octet, definite lengths, nothing left over.

export class DerError extends Error {
  override readonly name = 'DerError'
}

export interface Element {
  readonly tag: number
  readonly content: Uint8Array
  /** with tag and length */
  readonly whole: Uint8Array
}

export const TAG = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0, context1: 0xa1 } as const

/** The elements that lie one after the other in `octets`. */
export function elementsOf(octets: Uint8Array): Element[] {
  const found: Element[] = []
  for (let at = 0; at < octets.length; ) {
    const element = elementAt(octets, at)
    found.push(element)
    at += element.whole.length
  }
  return found
}

/** The one element that `octets` are, which must have this tag. */
export function onlyElement(octets: Uint8Array, tag: number): Element {
  const [element, ...more] = elementsOf(octets)
  if (!element || more.length > 0) throw new DerError('there must be one element')
  return expectTag(element, tag)
}

export function expectTag(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new DerError(`an element of tag ${tag.toString(16)} is missing`)
  return element
}

/** Object identifier, dotted. */
export function oidOf(element: Element | undefined): string {
  const { content } = expectTag(element, TAG.oid)
  const numbers: number[] = []
  let value = 0
  for (const octet of content) {
    value = value * 128 + (octet & 0x7f)
    if (value > Number.MAX_SAFE_INTEGER) throw new DerError('an object identifier is too large')
    if (octet & 0x80) continue
    numbers.push(value)
    value = 0
  }
  const [first = 0, ...rest] = numbers
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - 40 * top, ...rest].join('.')
}

function elementAt(octets: Uint8Array, at: number): Element {
  const tag = octets[at]
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag has several octets')
  const first = octets[at + 1]
  if (first === undefined || first === 0x80) throw new DerError('a length is missing or indefinite')
  let length = first
  let start = at + 2
  if (first > 0x80) {
    const size = first & 0x7f
    if (size > 3) throw new DerError('a length is too large')
    length = 0
    for (let i = 0; i < size; i++) length = length * 256 + (octets[start + i] ?? 0)
    start += size
  }
  const end = start + length
  if (end > octets.length) throw new DerError('an element is cut off')
  return { tag, content: octets.subarray(start, end), whole: octets.subarray(at, end) }
}
