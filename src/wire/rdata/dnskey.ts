// DNSKEY, and CDNSKEY and KEY of the same shape (RFC 4034 2.1); the key tag (RFC 4034 B).
import { Reader } from '../cursor.js'

/** Flags: a zone key (RFC 4034 2.1.1), a secure entry point (ibid.), a revoked key (RFC 5011 3). */
export const ZONE_KEY = 0x0100
export const SEP = 0x0001
export const REVOKE = 0x0080

export interface Dnskey {
  readonly flags: number
  /** 3 in a usable key (RFC 4034 2.1.2); any value is kept, for it is the rule that needs the key who refuses. */
  readonly protocol: number
  readonly algorithm: number
  readonly publicKey: Uint8Array
  readonly keyTag: number
  /** All of it, as received: what a DS digests. */
  readonly rdata: Uint8Array
}

export function readDnskey(rdata: Uint8Array): Dnskey {
  const from = new Reader(rdata)
  return {
    flags: from.u16(),
    protocol: from.u8(),
    algorithm: from.u8(),
    publicKey: from.rest(),
    keyTag: computeKeyTag(from.bytes),
    rdata: from.bytes
  }
}

/** RFC 4034 B, and B.1 for algorithm 1: a hint which key to try, no proof of anything. */
export function computeKeyTag(rdata: Uint8Array): number {
  const { length } = rdata
  if (rdata[3] === 1 && length >= 7) return (rdata[length - 3] << 8) | rdata[length - 2]
  let sum = 0
  for (let i = 0; i < length; i++) sum += i & 1 ? rdata[i] : rdata[i] << 8
  return (sum + (sum >>> 16)) & 0xffff
}
