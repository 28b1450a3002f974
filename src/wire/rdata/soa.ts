// SOA (RFC 1035 3.3.13).
import { Reader, WireError } from '../cursor.js'
import { type Name, readPlainName } from '../name.js'

/** Times in seconds. `minimum` bounds how long a negative answer may be kept (RFC 2308 4). */
export interface Soa {
  readonly mname: Name
  readonly rname: Name
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minimum: number
}

export function readSoa(rdata: Uint8Array): Soa {
  const from = new Reader(rdata)
  const soa: Soa = {
    mname: readPlainName(from),
    rname: readPlainName(from),
    serial: from.u32(),
    refresh: from.u32(),
    retry: from.u32(),
    expire: from.u32(),
    minimum: from.u32()
  }
  if (from.left > 0) throw new WireError(`${from.left} octets follow the SOA`, from.at)
  return soa
}
