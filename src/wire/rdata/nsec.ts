// NSEC (RFC 4034 4.1).
import { Reader } from '../cursor.js'
import { type Name, readPlainName } from '../name.js'
import { TypeBitmap } from './bitmap.js'

export interface Nsec {
  readonly next: Name
  readonly types: TypeBitmap
}

export function readNsec(rdata: Uint8Array): Nsec {
  const from = new Reader(rdata)
  return { next: readPlainName(from), types: TypeBitmap.read(from) }
}
