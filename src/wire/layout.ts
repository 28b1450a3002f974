// A row a type: what its rdata is made of, where names sit in it, which may be compressed on reading (RFC 3597 4, and
// leniently more) and which are lowercased in canonical form (RFC 4034 6.2 with RFC 6840 5.1). Other types are opaque.
import { Reader, WireError } from './cursor.js'
import { type Name, readName, readPlainName } from './name.js'
import { TYPE } from './numbers.js'
import { checkBitmap } from './rdata/bitmap.js'

/**
 * A number is so many octets. `name` may be compressed, `plain` may not (RFC 3597 4). `string` is a <character-string>,
 * `strings` one or more to the end; `hash` a string of one octet or more. `bitmap` and `rest` take what is left.
 */
type Field = number | 'name' | 'plain' | 'string' | 'strings' | 'hash' | 'bitmap' | 'rest' | 'a6'

interface Layout {
  readonly fields: readonly Field[]
  /** Names become lower case in canonical form. */
  readonly lower: boolean
  /** No names in it: the octets need no expansion. */
  readonly nameless: boolean
  /** The whole length, when every field is a number. */
  readonly fixed: number | undefined
}

const layouts: (Layout | undefined)[] = []

function row(types: readonly number[], lower: 'lower' | 'keep', ...fields: Field[]): void {
  const nameless = !fields.some((field) => field === 'name' || field === 'plain' || field === 'a6')
  let fixed: number | undefined = 0
  for (const field of fields) fixed = fixed !== undefined && typeof field === 'number' ? fixed + field : undefined
  for (const type of types) layouts[type] = { fields, lower: lower === 'lower', nameless, fixed }
}

row([TYPE.NS, TYPE.MD, TYPE.MF, TYPE.CNAME, TYPE.MB, TYPE.MG, TYPE.MR, TYPE.PTR, TYPE.DNAME], 'lower', 'name')
row([TYPE.SOA], 'lower', 'name', 'name', 20)
row([TYPE.MINFO, TYPE.RP], 'lower', 'name', 'name')
row([TYPE.MX, TYPE.AFSDB, TYPE.RT, TYPE.KX], 'lower', 2, 'name')
row([TYPE.PX], 'lower', 2, 'name', 'name')
row([TYPE.SRV], 'lower', 6, 'name')
row([TYPE.NAPTR], 'lower', 4, 'string', 'string', 'string', 'name')
row([TYPE.SIG, TYPE.RRSIG], 'lower', 18, 'name', 'rest') // RFC 4034 3.1.7 forbids compressing the signer; the field is lenient
row([TYPE.NXT], 'lower', 'name', 'rest')
row([TYPE.A6], 'lower', 'a6')
row([TYPE.NSEC], 'keep', 'name', 'bitmap') // RFC 6840 5.1: the next name keeps its case
row([TYPE.SVCB, TYPE.HTTPS], 'keep', 2, 'plain', 'rest') // RFC 9460 2.2
row([TYPE.LP], 'keep', 2, 'plain') // RFC 6742 2.4
row([TYPE.TALINK], 'keep', 'plain', 'plain')
row([TYPE['NSAP-PTR']], 'keep', 'plain')
row([TYPE.DSYNC], 'keep', 5, 'plain') // RFC 9859 2.1
row([TYPE.A], 'keep', 4)
row([TYPE.AAAA], 'keep', 16)
row([TYPE.TXT, TYPE.SPF, TYPE.NINFO, TYPE.AVC, TYPE.RESINFO, TYPE.WALLET, TYPE.CLA], 'keep', 'strings')
row([TYPE.HINFO], 'keep', 'string', 'string')
row([TYPE.DS, TYPE.CDS, TYPE.DLV, TYPE.TA], 'keep', 4, 'rest')
row([TYPE.DNSKEY, TYPE.CDNSKEY, TYPE.KEY, TYPE.RKEY], 'keep', 4, 'rest')
row([TYPE.NSEC3], 'keep', 4, 'string', 'hash', 'bitmap')
row([TYPE.NSEC3PARAM], 'keep', 4, 'string')
row([TYPE.TLSA, TYPE.SMIMEA], 'keep', 3, 'rest')
row([TYPE.SSHFP], 'keep', 2, 'rest')
row([TYPE.CAA], 'keep', 1, 'hash', 'rest') // RFC 8659 4.1: a tag of at least one octet
row([TYPE.CERT], 'keep', 5, 'rest')
row([TYPE.CSYNC], 'keep', 6, 'bitmap')
row([TYPE.ZONEMD], 'keep', 6, 'rest')
row([TYPE.URI], 'keep', 4, 'rest')
row([TYPE.NID, TYPE.L64], 'keep', 10)
row([TYPE.L32], 'keep', 6)
row([TYPE.EUI48], 'keep', 6)
row([TYPE.EUI64], 'keep', 8)

/**
 * Reads the `length` octets of rdata at the cursor and gives them without compression: a view of the message where nothing
 * had to be expanded. A WireError when they do not fit the type's layout; the cursor is then anywhere.
 */
export function expandRdata(type: number, from: Reader, length: number): Uint8Array {
  const layout = layouts[type]
  if (!layout) return from.take(length)
  if (layout.fixed !== undefined) {
    if (length !== layout.fixed) throw new WireError(`the rdata has ${length} octets, not ${layout.fixed}`, from.at)
    return from.take(length)
  }
  const start = from.at
  const end = start + length
  if (length > from.left) throw new WireError('the rdata runs beyond the data', start)
  if (layout.nameless) {
    const inside = new Reader(from.bytes, start, end)
    for (const field of layout.fields) skip(field, inside)
    if (inside.at !== end) throw new WireError(`${end - inside.at} octets follow the rdata's last field`, inside.at)
    from.at = end
    return from.bytes.subarray(start, end)
  }
  return expandNames(layout, from, start, end)
}

function expandNames(layout: Layout, from: Reader, start: number, end: number): Uint8Array {
  let parts: Uint8Array[] | undefined // from the first compressed name on: mostly there is none
  for (const field of layout.fields) {
    const at = from.at
    if (field === 'name') {
      const { wire } = readName(from)
      // A pointer's two octets never stand for two octets of name: names have one octet or at least three.
      if (wire.length !== from.at - at) parts ??= [from.bytes.subarray(start, at)]
      parts?.push(wire)
    } else {
      const inside = new Reader(from.bytes, at, end)
      skip(field, inside)
      from.at = inside.at
      parts?.push(from.bytes.subarray(at, inside.at))
    }
    if (from.at > end) throw new WireError('a name runs beyond the rdata', at)
  }
  if (from.at !== end) throw new WireError(`${end - from.at} octets follow the rdata's last field`, from.at)
  return parts ? concat(parts) : from.bytes.subarray(start, end)
}

/** RFC 4034 6.2: names in lower case for the types listed there. The same object when nothing changes. */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  if (!layouts[type]?.lower) return rdata
  let lowered: Uint8Array | undefined
  for (const { at, name } of namesIn(type, rdata)) {
    const { wire } = name
    for (let i = 0; i < wire.length; i++) {
      if (wire[i] < 0x41 || wire[i] > 0x5a) continue // a length octet is at most 63, below 'A'
      lowered ??= Uint8Array.from(rdata)
      lowered[at + i] = wire[i] + 0x20
    }
  }
  return lowered ?? rdata
}

/** The names inside, e.g. the NS target or the MX exchange; none when the type has none or the rdata does not fit it. */
export function rdataNames(type: number, rdata: Uint8Array): Name[] {
  return namesIn(type, rdata).map((found) => found.name)
}

function namesIn(type: number, rdata: Uint8Array): { at: number; name: Name }[] {
  const layout = layouts[type]
  if (!layout || layout.nameless) return []
  const found: { at: number; name: Name }[] = []
  const from = new Reader(rdata)
  try {
    for (const field of layout.fields) {
      if (field === 'a6' && !skipA6Suffix(from)) continue
      const at = from.at
      if (field === 'name' || field === 'plain' || field === 'a6') found.push({ at, name: readPlainName(from) })
      else skip(field, from)
    }
  } catch (error) {
    if (error instanceof WireError) return [] // malformed rdata is signed, compared and followed as opaque octets
    throw error
  }
  return found
}

function skip(field: Field, from: Reader): void {
  if (typeof field === 'number') from.skip(field)
  else if (field === 'string') from.skip(from.u8())
  else if (field === 'rest') from.skip(from.left)
  else if (field === 'bitmap') checkBitmap(from)
  else if (field === 'strings')
    do from.skip(from.u8())
    while (from.left > 0)
  else if (field === 'hash') {
    if (from.take(from.u8()).length === 0) throw new WireError('a field that must not be empty has no octets', from.at - 1)
  } else if (field !== 'a6' || skipA6Suffix(from)) readPlainName(from)
}

/** RFC 2874 3.1.1: prefix length, the octets of the suffix, and a name unless the prefix has no bits. */
function skipA6Suffix(from: Reader): boolean {
  const prefix = from.u8()
  if (prefix > 128) throw new WireError(`an A6 prefix of ${prefix} bits`, from.at - 1)
  from.skip(Math.ceil((128 - prefix) / 8))
  return prefix > 0
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
