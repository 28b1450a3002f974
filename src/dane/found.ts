// What a look-up found, in the one word that RFC 7672 2.1 decides by: data or its absence, each proven or not, or a failure.
import type { SecureAnswer } from '../index.js'

/**
 * `secure`, `insecure`: records. `nxdomain`, `nodata`: absence, proven; with `insecure-` in a zone without DNSSEC.
 * `bogus`: did not validate. `failed`: SERVFAIL, no reply, no trust anchor: nothing is known.
 */
export type Found = 'secure' | 'insecure' | 'nxdomain' | 'nodata' | 'insecure-nxdomain' | 'insecure-nodata' | 'bogus' | 'failed'

/**
 * `indeterminate` always counts as failed. RFC 7672 2.1.1 (with its erratum 5395) would let a name that no trust anchor covers
 * pass for insecure; whoever wants that sets a trust anchor or none at all, and here an error never becomes `insecure`.
 */
export function foundOf(answer: SecureAnswer, type: string): Found {
  const { status, rcode, records } = answer
  if (status === 'bogus') return 'bogus'
  if (status === 'indeterminate' || (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN')) return 'failed'
  if (rcode === 'NOERROR' && records.some((record) => record.type === type)) return status
  const absence = rcode === 'NXDOMAIN' ? 'nxdomain' : 'nodata'
  return status === 'secure' ? absence : `insecure-${absence}`
}

/** Nothing is known: whatever hangs on the look-up has to wait (RFC 7672 2.1.2, 2.2). */
export const isUnknown = (found: Found): boolean => found === 'bogus' || found === 'failed'
