// DS, and CDS and DLV of the same shape (RFC 4034 5.1).
import { Reader } from '../cursor.js'

export interface Ds {
  readonly keyTag: number
  readonly algorithm: number
  readonly digestType: number
  readonly digest: Uint8Array
}

export function readDs(rdata: Uint8Array): Ds {
  const from = new Reader(rdata)
  return { keyTag: from.u16(), algorithm: from.u8(), digestType: from.u8(), digest: from.rest() }
}
