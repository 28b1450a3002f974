// The verdict on one host: what the certificate check and the table of decisions say, in the words mail logs use.
import { type Connection, type Decision, decide, type FailureCode, type Outcome } from './decide.js'
import type { HostPlan } from './host.js'
import type { Considered, Matched, MatchResult } from './match.js'
import { type TlsRptEntry, tlsRptEntry } from './tlsrpt.js'

/**
 * `Verified`: authenticated by DANE. `Trusted`: a TLSA record matched, but the MX is insecure; or, without DANE, PKIX holds.
 * `Encrypted`: TLS was demanded by records of which none can be used. `Untrusted`: TLS, unauthenticated.
 */
export type Word = 'Verified' | 'Trusted' | 'Untrusted' | 'Encrypted' | 'Plaintext'

export interface Verdict {
  readonly domain: string
  readonly host: string
  readonly outcome: Outcome
  readonly word: Word
  readonly matched?: Matched
  readonly code?: FailureCode
  /** one sentence for a person, when something is wrong */
  readonly detail?: string
  readonly retryable: boolean
  readonly enhancedStatus?: Decision['enhancedStatus']
  readonly decision: Decision
  readonly tlsrpt: TlsRptEntry
  readonly considered: readonly Considered[]
  /** as in 'TLSv1.3', and OpenSSL's name of the cipher */
  readonly protocol?: string
  readonly cipher?: string
  /** `TLS success protocol P cipher C for DOMAIN` only when DANE authenticated the host; else what there is instead */
  summary(): string
}

/** What became of the connection, as far as it got. */
export interface Seen {
  readonly handshake: Connection['handshake']
  readonly match?: MatchResult
  /** in place of the match: there can be none */
  readonly code?: FailureCode
  readonly detail?: string
  readonly pkix?: boolean
  readonly protocol?: string
  readonly cipher?: string
  readonly address?: string
  readonly moreHosts?: boolean
  readonly queueTimeOver?: boolean
}

export function verdictOf(plan: HostPlan, seen: Seen): Verdict {
  const { handshake, match, pkix = false, protocol, cipher, moreHosts, queueTimeOver } = seen
  const matched = match?.matched
  const decision = decide({ ...plan.facts, ...plan.policy, handshake, matched: matched !== undefined, pkix, moreHosts, queueTimeOver })
  // pending: nobody asks for a verdict before the connection is made, but if so it is none
  const outcome = decision.outcome ?? 'defer'
  const code = decision.code === 'NO_MATCH' ? (seen.code ?? match?.code ?? 'NO_MATCH') : decision.code
  const detail = code && (seen.detail ?? match?.detail ?? plan.reason?.text)
  const encrypted = handshake === 'established'
  const { domain, host, tlsa } = plan
  return {
    domain,
    host,
    outcome,
    word: wordOf(outcome, encrypted, decision.weaker ?? false, pkix),
    ...(matched && outcome === 'authenticated' && { matched }),
    ...(code && { code }),
    ...(detail && { detail }),
    retryable: decision.retryable,
    ...(decision.enhancedStatus && { enhancedStatus: decision.enhancedStatus }),
    decision,
    tlsrpt: tlsRptEntry({ domain, host, address: seen.address, tlsa, outcome, code, reason: reasonCode(plan, code) ?? detail }),
    considered: match?.considered ?? [],
    ...(protocol && { protocol }),
    ...(cipher && { cipher }),
    summary() {
      const tls = protocol ? `protocol ${protocol} cipher ${cipher} ` : ''
      if (outcome === 'authenticated') return `TLS success ${tls}for ${domain}`
      if (outcome === 'fail' || outcome === 'defer') return `TLS refused ${tls}to ${host} of ${domain}: ${code ?? outcome}`
      return encrypted ? `TLS without DANE ${tls}to ${host} of ${domain} (${this.word})` : `no TLS to ${host} of ${domain}`
    }
  }
}

function reasonCode(plan: HostPlan, code: FailureCode | undefined): string | undefined {
  return code === 'DNSSEC_INVALID' ? plan.reason?.name : undefined
}

function wordOf(outcome: Outcome, encrypted: boolean, weaker: boolean, pkix: boolean): Word {
  if (!encrypted) return 'Plaintext'
  if (outcome === 'authenticated') return weaker ? 'Trusted' : 'Verified'
  if (outcome === 'encrypt-only') return 'Encrypted'
  return outcome === 'fallback' && pkix ? 'Trusted' : 'Untrusted'
}
