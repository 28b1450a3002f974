// The entry `dnssec-resolver/dane`: DANE (RFC 6698, 7671, 7672, 7673) on top of the public resolver, and nothing private.
// Plan: what the DNS says. Verdict: what the certificate says. Decision: what a mailer must do. Re-exports and nothing else.

export type { ConnectOptions, Reached } from './attempt.js'
export { combine, type MtaStsResult } from './combine.js'
export { type ConnectHooks, connectDane, DaneError } from './connect.js'
export {
  type Action,
  CONNECTION_ROWS,
  type Connection,
  type DaneMode,
  type Decision,
  type DecisionInput,
  DNS_ROWS,
  decide,
  type Facts,
  type FailureCode,
  type HostPolicy,
  type InsecureMx,
  type Outcome,
  POLICY_ROWS,
  type TlsLevel
} from './decide.js'
export type { DaneEvent } from './event.js'
export type { Found } from './found.js'
export type { HostAddress, HostAlias, HostPlan, HostState } from './host.js'
export { explanationOf, linesOf } from './lines.js'
export type { LinkOptions } from './link.js'
export { debugLines, infoLine, type LogLine } from './log.js'
export type { LookupNote, TraceNode } from './lookup.js'
export { type Considered, type MatchCode, type Matched, type MatchOptions, type MatchResult, matchTlsa } from './match.js'
export {
  forMxConnect,
  type MxConnectConnection,
  type MxConnectHooks,
  type MxConnectOptions,
  type MxConnectTlsa
} from './mx-connect.js'
export { type LikeNodeOptions, type NodeCode, NodeDnsError, resolveLikeNode } from './node-shapes.js'
export { peerChain, tlsOptionsFor, type VerifyPeerOptions, verifyPeer } from './peer.js'
export { type DanePlan, type PlanOptions, planDane } from './plan.js'
export { type DestinationPolicy, type Profile, type Profiles, policyFor } from './policy.js'
export { type DeliveryReport, type DomainReport, deliveryReport } from './report.js'
export { planDaneSrv } from './srv.js'
export { type TlsaRecord, tlsaFromCertificate, tlsaText, type Unusable, type Usage } from './tlsa.js'
export type { TlsRptEntry, TlsRptResult } from './tlsrpt.js'
export type { Verdict, Word } from './verdict.js'
export { type VerifyOptions, verifyDane } from './verify.js'
