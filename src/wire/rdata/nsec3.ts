// NSEC3 (RFC 5155 3.2).
import { Reader, WireError } from '../cursor.js'
import { TypeBitmap } from './bitmap.js'

/** The flag Opt-Out (RFC 5155 3.1.2.1). */
export const OPT_OUT = 0x01

export interface Nsec3 {
  readonly hashAlgorithm: number
  readonly flags: number
  readonly iterations: number
  readonly salt: Uint8Array
  /** The next hashed owner name, unencoded octets; never empty. */
  readonly nextHash: Uint8Array
  readonly types: TypeBitmap
}

export function readNsec3(rdata: Uint8Array): Nsec3 {
  const from = new Reader(rdata)
  const hashAlgorithm = from.u8()
  const flags = from.u8()
  const iterations = from.u16()
  const salt = from.take(from.u8())
  const at = from.at
  const nextHash = from.take(from.u8())
  if (nextHash.length === 0) throw new WireError('the next hashed owner name has no octets (RFC 5155 3.1.6)', at)
  return { hashAlgorithm, flags, iterations, salt, nextHash, types: TypeBitmap.read(from) }
}
