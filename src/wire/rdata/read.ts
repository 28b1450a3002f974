// The one place where a typed view that fails becomes undefined: not that rdata, and the rule that needed it refuses.
import { WireError } from '../cursor.js'

/** A WireError becomes undefined; any other fault passes through. */
export function tryRead<T>(read: (rdata: Uint8Array) => T, rdata: Uint8Array): T | undefined {
  try {
    return read(rdata)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
