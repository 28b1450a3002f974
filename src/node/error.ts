// The errors of node:dns, so that code which reads `code` needs no change: ENOTFOUND, ENODATA, ESERVFAIL and the like.

import type { Reason, SecureAnswer } from '../index.js'

/** As node:dns gives it, with what is known of why. */
export interface LookupError extends Error {
  /** 'ENOTFOUND': no such name. 'ENODATA': no such record. 'ESERVFAIL': bogus, or not to be had. 'EREFUSED', ... */
  readonly code: string
  readonly syscall: string
  readonly hostname: string
  /** security status of the answer; 'bogus' where Node's own resolver might have given an address */
  readonly status: SecureAnswer['status']
  readonly reason?: Reason
}

export function lookupError(code: string, syscall: string, hostname: string, answer: SecureAnswer): LookupError {
  const { status, reason } = answer
  const why = reason ? ` (${reason.text})` : ''
  return Object.assign(new Error(`${syscall} ${code} ${hostname}${why}`), { code, syscall, hostname, status, ...(reason && { reason }) })
}

/** Why the answer is none; undefined when it has records of use. */
export function codeOf({ status, rcode, records }: SecureAnswer, secureOnly: boolean): string | undefined {
  if (status === 'bogus' || (secureOnly && status !== 'secure')) return 'ESERVFAIL'
  if (rcode === 'NXDOMAIN') return 'ENOTFOUND'
  if (rcode !== 'NOERROR') return CODES[rcode] ?? 'ESERVFAIL'
  return records.length === 0 ? 'ENODATA' : undefined
}

const CODES: Readonly<Record<string, string>> = { FORMERR: 'EFORMERR', NOTIMP: 'ENOTIMP', REFUSED: 'EREFUSED' }
