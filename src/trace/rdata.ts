// Rdata as a trace holds it, in presentation format.

import { fromBase64 } from '../wire/base.js'
import { typeFromText } from '../wire/numbers.js'
import { rdataToText } from '../wire/text.js'

/** @param rdata base64 */
export function rdataText(type: string, rdata: string): string {
  return rdataToText(typeFromText(type) ?? 0, fromBase64(rdata))
}
