// EDNS(0): the OPT pseudo-record and its options (RFC 6891), extended errors (RFC 8914).
import { Reader, WireError, type Writer } from './cursor.js'

/** Option codes (IANA "DNS EDNS0 Option Codes"). */
export const EDNS_OPTION = {
  NSID: 3,
  DAU: 5,
  CLIENT_SUBNET: 8,
  EXPIRE: 9,
  COOKIE: 10,
  KEEPALIVE: 11,
  PADDING: 12,
  KEY_TAG: 14,
  EDE: 15,
  REPORT_CHANNEL: 18,
  ZONEVERSION: 19
} as const

export interface EdnsOption {
  readonly code: number
  readonly data: Uint8Array
}

export interface Edns {
  /** The largest UDP payload its sender takes, in octets. */
  readonly udpSize: number
  readonly version: number
  readonly dnssecOk: boolean
  readonly options: readonly EdnsOption[]
}

export interface ExtendedError {
  /** INFO-CODE (RFC 8914 5.2). */
  readonly code: number
  /** EXTRA-TEXT as its sender wrote it: not to be trusted, and not yet made harmless for a terminal. */
  readonly text: string
}

/** The OPT's own fields: CLASS is the payload size, TTL holds the upper octet of the RCODE, version and flags (RFC 6891 6.1.3). */
export function readEdns(payload: number, ttl: number, rdata: Uint8Array): Edns {
  const from = new Reader(rdata)
  const options: EdnsOption[] = []
  while (from.left > 0) {
    const code = from.u16()
    const length = from.u16()
    if (length > from.left) throw new WireError('an EDNS option runs beyond the OPT record', from.at)
    options.push({ code, data: from.take(length) })
  }
  return { udpSize: payload, version: (ttl >>> 16) & 0xff, dnssecOk: (ttl & 0x8000) !== 0, options }
}

/** Writes a whole OPT record, owner included. */
export function writeEdns(to: Writer, edns: Partial<Edns> & { udpSize: number }, rcode: number): void {
  const length = ednsLength(edns) - OPT_FIXED
  if (length > 0xffff) throw new RangeError('the EDNS options do not fit one record')
  to.u8(0).u16(OPT).u16(edns.udpSize)
  to.u8(rcode >>> 4)
    .u8(edns.version ?? 0)
    .u16(edns.dnssecOk ? 0x8000 : 0)
  to.u16(length)
  for (const { code, data } of edns.options ?? []) to.u16(code).u16(data.length).bytes(data)
}

/** Octets of the OPT record with its options. */
export function ednsLength({ options = [] }: Partial<Edns>): number {
  return options.reduce((sum, { data }) => sum + 4 + data.length, OPT_FIXED)
}

const OPT = 41
/** Octets of an OPT record without options. */
const OPT_FIXED = 11
const utf8 = new TextDecoder()

/** Every EDE option in order; one without its two octets of code says nothing and is left out. */
export function extendedErrors(edns: Edns | undefined): ExtendedError[] {
  const errors: ExtendedError[] = []
  for (const { code, data } of edns?.options ?? []) {
    if (code !== EDNS_OPTION.EDE || data.length < 2) continue
    // RFC 8914 2: EXTRA-TEXT may be null-terminated and must be taken without that octet.
    const end = data.length > 2 && data[data.length - 1] === 0 ? data.length - 1 : data.length
    errors.push({ code: (data[0] << 8) | data[1], text: utf8.decode(data.subarray(2, end)) })
  }
  return errors
}
