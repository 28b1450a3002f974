// What SMTP TLS Reporting says of a session (RFC 8460 4.3): the policy that was found, and the type of the failure.
import type { FailureCode, Outcome } from './decide.js'
import { type TlsaRecord, tlsaText } from './tlsa.js'

export type TlsRptResult =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'
  | 'tlsa-invalid'
  | 'dnssec-invalid'
  | 'dane-required'
  | 'sts-policy-fetch-error'
  | 'sts-policy-invalid'
  | 'sts-webpki-invalid'

/** One session in the fields of RFC 8460 4.4; `result-type` is absent for a success. */
export interface TlsRptEntry {
  readonly policy: {
    readonly 'policy-type': 'tlsa' | 'sts' | 'no-policy-found'
    readonly 'policy-string': readonly string[]
    readonly 'policy-domain': string
    readonly 'mx-host': string
  }
  readonly 'result-type'?: TlsRptResult
  readonly 'receiving-mx-hostname': string
  readonly 'receiving-ip'?: string
  /** the Extended DNS Error or what the handshake said */
  readonly 'failure-reason-code'?: string
}

/** RFC 8460 4.3.1 and 4.3.2. Codes that are no failure of TLS (no address, null MX, unreachable) have no type. */
const RESULTS: Readonly<Partial<Record<FailureCode, TlsRptResult>>> = {
  NO_STARTTLS: 'starttls-not-supported',
  NAME_MISMATCH: 'certificate-host-mismatch',
  EXPIRED: 'certificate-expired',
  NO_MATCH: 'certificate-not-trusted',
  INVALID_CA: 'certificate-not-trusted',
  PKIX_INVALID: 'certificate-not-trusted',
  DNSSEC_INVALID: 'dnssec-invalid',
  TLSA_UNUSABLE: 'tlsa-invalid',
  DANE_REQUIRED: 'dane-required',
  STS_INVALID: 'sts-webpki-invalid',
  TLS_HANDSHAKE: 'validation-failure',
  SESSION_REUSED: 'validation-failure',
  NO_CERTIFICATE: 'validation-failure'
}

export interface Session {
  readonly domain: string
  readonly host: string
  readonly address?: string
  readonly tlsa: readonly TlsaRecord[]
  readonly outcome: Outcome
  readonly code?: FailureCode
  readonly reason?: string
}

export function tlsRptEntry({ domain, host, address, tlsa, outcome, code, reason }: Session): TlsRptEntry {
  const result = code && RESULTS[code]
  // RFC 8460 4.3.2.1: tlsa-invalid also reports records of which none can be used, though mail still goes out encrypted
  const type = result ?? (outcome === 'encrypt-only' ? 'tlsa-invalid' : undefined)
  return {
    policy: {
      'policy-type': tlsa.length > 0 ? 'tlsa' : 'no-policy-found',
      'policy-string': tlsa.map((record) => `${record.owner}. IN TLSA ${tlsaText(record)}`),
      'policy-domain': domain,
      'mx-host': host
    },
    ...(type && { 'result-type': type }),
    'receiving-mx-hostname': host,
    ...(address && { 'receiving-ip': address }),
    ...(type && reason && { 'failure-reason-code': reason })
  }
}
