// Name: a domain name as its uncompressed wire octets (RFC 1035 3.1), never as text; canonical order (RFC 4034 6.1).
// Any octet may stand in a label; only ASCII letters are folded when names are compared (RFC 4343).
import { plainBytes, type Reader, WireError } from './cursor.js'

const MAX_NAME = 255
const MAX_LABEL = 63
/** A sane writer needs no more pointers for a name than a name has labels. */
const MAX_POINTERS_PER_NAME = 127
/** Pointers followed in one message; a message of 64 KiB has room for some 5,400 records. */
export const MAX_POINTERS_PER_MESSAGE = 20_000
const HEADER = 12

/** ASCII case folded, an entry an octet. Length octets are below 'A', so a whole wire name can be folded with it. */
const FOLD = Uint8Array.from({ length: 256 }, (_, octet) => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet))

/** The label '*' (RFC 4592 2.1.1). */
export const WILDCARD: Uint8Array = Uint8Array.of(0x2a)

/** Immutable; at most 255 octets of wire, the case as received. */
export class Name {
  static readonly root: Name = new Name(Uint8Array.of(0), 0)

  /** Uncompressed wire octets, the root's zero octet included. Not to be written to. */
  readonly wire: Uint8Array
  /** Labels without the root's; '*' counts. */
  readonly labelCount: number
  #key: string | undefined
  #starts: Uint8Array | undefined

  private constructor(wire: Uint8Array, labelCount: number) {
    this.wire = wire
    this.labelCount = labelCount
  }

  /** Takes exactly one uncompressed name and copies it. */
  static fromWire(wire: Uint8Array): Name {
    if (wire.length > MAX_NAME) throw new WireError(`a name of ${wire.length} octets is longer than 255`, 0)
    let at = 0
    let labels = 0
    while (at < wire.length && wire[at] !== 0) {
      if (wire[at] > MAX_LABEL) throw new WireError('a label is longer than 63 octets or a pointer', at)
      at += 1 + wire[at]
      labels++
    }
    if (at + 1 !== wire.length) throw new WireError('a name must end with the root label and nothing after it', at)
    return new Name(plainBytes(wire).slice(), labels)
  }

  /** @internal For readers that have just checked these octets, which nobody else holds, and counted the labels. */
  static ofChecked(wire: Uint8Array, labelCount: number): Name {
    return labelCount === 0 ? Name.root : new Name(wire, labelCount)
  }

  /** @param labels leftmost first, without the root label */
  static fromLabels(labels: readonly Uint8Array[]): Name {
    let length = 1
    for (const label of labels) {
      if (label.length === 0 || label.length > MAX_LABEL) {
        throw new WireError(`a label has 1 to 63 octets, not ${label.length}`, length - 1)
      }
      length += 1 + label.length
    }
    if (length > MAX_NAME) throw new WireError(`a name of ${length} octets is longer than 255`, 0)
    const wire = new Uint8Array(length)
    let at = 0
    for (const label of labels) {
      wire[at] = label.length
      wire.set(label, at + 1)
      at += 1 + label.length
    }
    return new Name(wire, labels.length)
  }

  /** For maps: the lowercased wire, a char an octet, so that labels with dots or NULs stay apart. */
  get key(): string {
    this.#key ??= String.fromCharCode.apply(null, this.canonical() as unknown as number[])
    return this.#key
  }

  get isRoot(): boolean {
    return this.labelCount === 0
  }

  /** The leftmost label is the single octet '*'. */
  get isWildcard(): boolean {
    return this.wire[0] === 1 && this.wire[1] === 0x2a
  }

  /** @param i 0 is the leftmost label */
  label(i: number): Uint8Array {
    if (!(i >= 0 && i < this.labelCount)) throw new RangeError(`the name has no label ${i}`)
    const start = this.#labelStarts()[i]
    return this.wire.subarray(start + 1, start + 1 + this.wire[start])
  }

  equals(other: Name): boolean {
    return this === other || (this.wire.length === other.wire.length && this.#endsWith(other, 0))
  }

  isAtOrBelow(ancestor: Name): boolean {
    const extra = this.labelCount - ancestor.labelCount
    if (extra < 0) return false
    const start = this.#labelStarts()[extra]
    return this.wire.length - start === ancestor.wire.length && this.#endsWith(ancestor, start)
  }

  isBelow(ancestor: Name): boolean {
    return this.labelCount > ancestor.labelCount && this.isAtOrBelow(ancestor)
  }

  parent(): Name {
    if (this.isRoot) throw new RangeError('the root has no parent')
    return this.ancestor(this.labelCount - 1)
  }

  /** The last `labels` labels: 0 gives the root, `labelCount` the name itself. */
  ancestor(labels: number): Name {
    if (!(labels >= 0 && labels <= this.labelCount)) throw new RangeError(`the name has no ${labels} labels`)
    if (labels === this.labelCount) return this
    if (labels === 0) return Name.root
    return new Name(this.wire.subarray(this.#labelStarts()[this.labelCount - labels]), labels)
  }

  child(label: Uint8Array): Name {
    const wire = new Uint8Array(1 + label.length + this.wire.length)
    if (label.length === 0 || label.length > MAX_LABEL) {
      throw new WireError(`a label has 1 to 63 octets, not ${label.length}`, 0)
    }
    if (wire.length > MAX_NAME) throw new WireError(`a name of ${wire.length} octets is longer than 255`, 0)
    wire[0] = label.length
    wire.set(label, 1)
    wire.set(this.wire, 1 + label.length)
    return new Name(wire, this.labelCount + 1)
  }

  /** How many labels, counted from the root, the two names share. */
  commonLabels(other: Name): number {
    const most = Math.min(this.labelCount, other.labelCount)
    for (let common = 0; common < most; common++) {
      if (compareLabel(this, other, common) !== 0) return common
    }
    return most
  }

  /** The wire with ASCII letters in lower case (RFC 4034 6.2); a new array at every call. */
  canonical(): Uint8Array {
    const { wire } = this
    const lower = new Uint8Array(wire.length)
    for (let i = 0; i < wire.length; i++) lower[i] = FOLD[wire[i]]
    return lower
  }

  /** The offset of the length octet of the label that has `fromRoot` labels to its right. */
  startFromRoot(fromRoot: number): number {
    return this.#labelStarts()[this.labelCount - 1 - fromRoot]
  }

  /** Where labels start, the root's last. */
  #labelStarts(): Uint8Array {
    if (this.#starts) return this.#starts
    const starts = new Uint8Array(this.labelCount + 1)
    for (let i = 0, at = 0; i <= this.labelCount; i++) {
      starts[i] = at
      at += 1 + this.wire[at]
    }
    this.#starts = starts
    return starts
  }

  #endsWith(tail: Name, start: number): boolean {
    const a = this.wire
    const b = tail.wire
    for (let i = 0; i < b.length; i++) {
      if (a[start + i] !== b[i] && FOLD[a[start + i]] !== FOLD[b[i]]) return false
    }
    return true
  }
}

/** Canonical order (RFC 4034 6.1): label by label from the root, as lowercased octets; the shorter one first. */
export function compareNames(a: Name, b: Name): number {
  const most = Math.min(a.labelCount, b.labelCount)
  for (let i = 0; i < most; i++) {
    const order = compareLabel(a, b, i)
    if (order !== 0) return order
  }
  return a.labelCount - b.labelCount
}

function compareLabel(a: Name, b: Name, fromRoot: number): number {
  const x = a.startFromRoot(fromRoot)
  const y = b.startFromRoot(fromRoot)
  const xLength = a.wire[x]
  const yLength = b.wire[y]
  const most = Math.min(xLength, yLength)
  for (let i = 1; i <= most; i++) {
    const order = FOLD[a.wire[x + i]] - FOLD[b.wire[y + i]]
    if (order !== 0) return order
  }
  return xLength - yLength
}

/** Reads a name in which no pointer may stand: in rdata that is already expanded, and where RFC 3597 4 forbids compression. */
export function readPlainName(from: Reader): Name {
  const { bytes, at: start, end } = from
  let at = start
  let labels = 0
  while (at < end && bytes[at] !== 0) {
    if (bytes[at] > MAX_LABEL) throw new WireError('a pointer or a label of an unknown kind in an uncompressed name', at)
    at += 1 + bytes[at]
    labels++
  }
  if (at >= end) throw new WireError('a name runs beyond the data', start)
  if (at + 1 - start > MAX_NAME) throw new WireError('a name is longer than 255 octets', start)
  from.at = at + 1
  return Name.ofChecked(bytes.slice(start, at + 1), labels)
}

const scratch = new Uint8Array(MAX_NAME)

/**
 * Reads a name and expands compression (RFC 1035 4.1.4). A pointer must lead to before the run of labels it ends, not into
 * the header, so that no loop can be; names met before are taken from the reader, so that no chain is walked twice.
 */
export function readName(from: Reader): Name {
  const start = from.at
  const name = readNameAt(from, start)
  from.namesAt.set(start, name)
  return name
}

function readNameAt(from: Reader, start: number): Name {
  const { bytes, end } = from
  let at = start
  let run = start // where the labels being read began
  let length = 0
  let labels = 0
  let pointers = 0
  let after = -1 // where the cursor goes: behind the first pointer, or behind the root label
  const runs: number[] = [] // the pointers' targets, and how much of the name was read before each
  for (;;) {
    if (at >= end) throw new WireError('a name runs beyond the data', at)
    const octet = bytes[at]
    if (octet === 0) {
      if (after < 0) after = at + 1
      if (length + 1 > MAX_NAME) throw new WireError('a name is longer than 255 octets', start)
      scratch[length++] = 0
      break
    }
    if (octet <= MAX_LABEL) {
      if (at + 1 + octet > end) throw new WireError('a label runs beyond the data', at)
      if (length + 1 + octet >= MAX_NAME) throw new WireError('a name is longer than 255 octets', start)
      for (let i = 0; i <= octet; i++) scratch[length++] = bytes[at++]
      labels++
      continue
    }
    if (octet < 0xc0) throw new WireError('a label of an unknown kind', at)
    if (at + 1 >= end) throw new WireError('a pointer runs beyond the data', at)
    const target = ((octet & 0x3f) << 8) | bytes[at + 1]
    if (target >= run) throw new WireError('a pointer does not lead backwards', at)
    if (target < HEADER) throw new WireError('a pointer leads into the header', at)
    if (++pointers > MAX_POINTERS_PER_NAME) throw new WireError('a name is made of too many pointers', start)
    if (++from.hops > MAX_POINTERS_PER_MESSAGE) throw new WireError('a message is made of too many pointers', at)
    if (after < 0) after = at + 2
    const known = from.namesAt.get(target)
    if (known instanceof Name) {
      if (length === 0) {
        for (let i = 0; i < runs.length; i += 2) from.namesAt.set(runs[i], known)
        from.at = after
        return known
      }
      if (length + known.wire.length > MAX_NAME) throw new WireError('a name is longer than 255 octets', start)
      scratch.set(known.wire, length)
      length += known.wire.length
      labels += known.labelCount
      break
    }
    runs.push(target, length)
    run = at = target
  }
  from.at = after
  const name = Name.ofChecked(scratch.slice(0, length), labels)
  for (let i = 0; i < runs.length; i += 2) {
    from.namesAt.set(runs[i], runs[i + 1] === 0 ? name : Name.fromWire(scratch.subarray(runs[i + 1], length)))
  }
  return name
}
