// The digests of DS records: one row a type.
// IANA "DNSSEC Delegation Signer (DS) Resource Record (RR) Type Digest Algorithms"; RFC 9904, RFC 9905, RFC 9906.
import type { AlgorithmPolicy } from './algorithms.js'

export interface DigestRow {
  readonly number: number
  readonly mnemonic: string
  readonly implemented: boolean
  /** counts as supported only where the policy allows SHA-1 (RFC 9905 2) */
  readonly sha1: boolean
  /** octets of the digest field */
  readonly length: number
}

const ROWS: readonly DigestRow[] = [
  { number: 1, mnemonic: 'SHA-1', implemented: true, sha1: true, length: 20 }, // RFC 4034 5.1.3
  { number: 2, mnemonic: 'SHA-256', implemented: true, sha1: false, length: 32 }, // RFC 4509
  { number: 3, mnemonic: 'GOST R 34.11-94', implemented: false, sha1: false, length: 32 }, // RFC 9906: MUST NOT
  { number: 4, mnemonic: 'SHA-384', implemented: true, sha1: false, length: 48 }, // RFC 6605 2
  { number: 5, mnemonic: 'GOST R 34.11-2012', implemented: false, sha1: false, length: 32 }, // RFC 9558
  { number: 6, mnemonic: 'SM3', implemented: false, sha1: false, length: 32 } // RFC 9563
]

export const DIGESTS: ReadonlyMap<number, DigestRow> = new Map(ROWS.map((row) => [row.number, row]))

/** 'SHA-256', or 'digest type 100' where IANA knows no name. */
export function digestMnemonic(n: number): string {
  return DIGESTS.get(n)?.mnemonic ?? `digest type ${n}`
}

/** Whether a DS with this digest type can be matched under the policy (RFC 4035 5.2, RFC 6840 5.2). */
export function digestSupported(n: number, policy: AlgorithmPolicy): boolean {
  const row = DIGESTS.get(n)
  return row?.implemented === true && (policy.sha1 || !row.sha1)
}

/** Octets of a digest of this type; undefined for types without a row. */
export function digestLength(n: number): number | undefined {
  return DIGESTS.get(n)?.length
}
