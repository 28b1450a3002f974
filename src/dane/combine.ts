// DANE beside MTA-STS (RFC 8461 2): a policy of MTA-STS never overrides a DANE failure, and adds to what DANE leaves open.
import type { Decision } from './decide.js'
import type { Verdict } from './verdict.js'

export interface MtaStsResult {
  readonly mode: 'enforce' | 'testing' | 'none'
  /** the host is in the policy and its certificate is valid by PKIX */
  readonly valid: boolean
}

export function combine(dane: Verdict, mtaSts?: MtaStsResult): Decision {
  const { decision } = dane
  // RFC 8461 2: where DANE applies it alone decides, for good or ill; TLS by MTA-STS is demanded only when it is enforced
  if (mtaSts?.mode !== 'enforce') return decision
  if (decision.outcome !== 'fallback' && decision.outcome !== 'encrypt-only') return decision
  const rule = 'RFC 8461 5'
  if (mtaSts.valid) return { ...decision, tls: 'pkix', rule }
  return { outcome: 'fail', action: 'next-host', tls: 'pkix', code: 'STS_INVALID', enhancedStatus: '4.7.5', retryable: true, rule }
}
