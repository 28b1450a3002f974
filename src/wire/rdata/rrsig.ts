// RRSIG (RFC 4034 3.1).
import { Reader } from '../cursor.js'
import { type Name, readPlainName } from '../name.js'

export interface Rrsig {
  readonly typeCovered: number
  readonly algorithm: number
  /** Labels of the signed owner, without the root's and a leading '*'. */
  readonly labels: number
  readonly originalTtl: number
  /** Seconds since 1970 modulo 2^32: compare with serial arithmetic (RFC 4034 3.1.5). */
  readonly expiration: number
  readonly inception: number
  readonly keyTag: number
  readonly signer: Name
  readonly signature: Uint8Array
  /** All of it, as received. */
  readonly rdata: Uint8Array
  /** The RRSIG record's own, in seconds. */
  readonly ttl: number
}

export function readRrsig(rdata: Uint8Array, ttl = 0): Rrsig {
  const from = new Reader(rdata)
  return {
    typeCovered: from.u16(),
    algorithm: from.u8(),
    labels: from.u8(),
    originalTtl: from.u32(),
    expiration: from.u32(),
    inception: from.u32(),
    keyTag: from.u16(),
    signer: readPlainName(from),
    signature: from.rest(),
    rdata: from.bytes,
    ttl
  }
}
