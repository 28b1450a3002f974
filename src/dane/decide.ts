// The decisions of RFC 7672 as a table: what the DNS found, what policy asks for and what the connection showed, to what a
// mailer must do. Pure. The first row that fits counts; test/dane/decide.test.ts walks every cell.
import type { Found } from './found.js'

export type DaneMode = 'none' | 'opportunistic' | 'mandatory'
/** What holds where DANE does not apply. */
export type TlsLevel = 'none' | 'preferred' | 'preferred-verify' | 'required' | 'required-verify'
export type InsecureMx = 'dane' | 'encrypt' | 'may'

export type Outcome = 'authenticated' | 'encrypt-only' | 'fallback' | 'fail' | 'defer'
export type Action = 'connect' | 'deliver' | 'next-host' | 'defer' | 'bounce'

export type FailureCode =
  | 'NO_STARTTLS'
  | 'TLS_HANDSHAKE'
  | 'NO_MATCH'
  | 'NAME_MISMATCH'
  | 'EXPIRED'
  | 'INVALID_CA'
  | 'SESSION_REUSED'
  | 'NO_CERTIFICATE'
  | 'DANE_REQUIRED'
  | 'DNSSEC_INVALID'
  | 'TLSA_UNUSABLE'
  | 'PKIX_INVALID'
  | 'STS_INVALID'
  | 'NULL_MX'
  | 'NO_SUCH_DOMAIN'
  | 'NO_ADDRESS'
  | 'UNREACHABLE'

/** What the look-ups for one host found. */
export interface Facts {
  /** `null`: a null MX (RFC 7505); `route`: a configured next hop, no MX was asked for */
  readonly mx: Found | 'null' | 'route'
  /** `secure-alias`: a secure CNAME leads to an insecure address (RFC 7672 2.2.2) */
  readonly address: Found | 'secure-alias'
  readonly tlsa: Found | 'not-asked'
  /** at least one TLSA record can be used */
  readonly usable: boolean
}

export interface HostPolicy {
  readonly mode: DaneMode
  readonly tls: TlsLevel
  /** what TLSA records are worth when the name of the host came from an insecure MX (RFC 7672 2.2.1) */
  readonly insecureMx: InsecureMx
  /** true: REQUIRETLS (RFC 8689 2); 'ignore': `TLS-Required: No` (RFC 8689 5) */
  readonly requireTls: boolean | 'ignore'
}

export interface Connection {
  /** 'pending': not tried yet; 'refused': no STARTTLS, or a refusal of it; 'failed': the handshake */
  readonly handshake: 'pending' | 'refused' | 'failed' | 'established'
  /** the chain matches a TLSA record */
  readonly matched: boolean
  /** the chain is valid by PKIX for the name of the host */
  readonly pkix: boolean
}

export interface DecisionInput extends Facts, Partial<HostPolicy>, Partial<Connection> {
  readonly mode: DaneMode
  /** other hosts of the destination are left; false when left out */
  readonly moreHosts?: boolean
  /** the message has waited as long as it may; false when left out */
  readonly queueTimeOver?: boolean
}

export interface Decision {
  /** undefined while the connection has to be made first */
  readonly outcome?: Outcome
  readonly action: Action
  /** the least that the connection must have before the first MAIL command */
  readonly tls: 'authenticated' | 'encrypted' | 'pkix' | 'opportunistic' | 'none'
  /** authenticated against a host name that anybody may have forged (RFC 7672 2.2.1) */
  readonly weaker?: boolean
  readonly code?: FailureCode
  readonly enhancedStatus?: '4.7.5' | '4.4.1' | '5.7.1' | '5.7.10' | '5.1.2' | '5.1.10'
  readonly retryable: boolean
  readonly rule: string
}

type Need = 'dane' | 'encrypt' | 'may' | 'unknown' | 'unreachable' | 'no-address' | 'defer' | 'null-mx' | 'no-domain'
type Demand = 'authenticate' | 'encrypt' | 'pkix' | 'level' | 'refuse' | 'wait' | 'hold' | 'return'

/** A field that is left out fits everything; an array fits each of its members. */
type When<T> = { readonly [K in keyof T]?: T[K] | readonly T[K][] }

const ABSENT: readonly Found[] = ['nxdomain', 'nodata', 'insecure-nxdomain', 'insecure-nodata']
const UNKNOWN: readonly Found[] = ['bogus', 'failed']

/** From what was found to what the DNS demands. */
export const DNS_ROWS: readonly { readonly when: When<Facts>; readonly need: Need; readonly rule: string }[] = [
  { when: { mx: UNKNOWN }, need: 'defer', rule: 'RFC 7672 2.2.1: no host is known' },
  { when: { mx: 'null' }, need: 'null-mx', rule: 'RFC 7505 3' },
  { when: { mx: ['nxdomain', 'insecure-nxdomain'] }, need: 'no-domain', rule: 'RFC 5321 5.1' },
  { when: { address: UNKNOWN }, need: 'unreachable', rule: 'RFC 7672 2.1.2: the host counts as unreachable' },
  { when: { address: ABSENT }, need: 'no-address', rule: 'RFC 5321 5.1' },
  { when: { address: 'insecure' }, need: 'may', rule: 'RFC 7672 2.2.2: TLSA records are not asked for' },
  { when: { tlsa: UNKNOWN }, need: 'unknown', rule: 'RFC 7672 2.2: the host counts as unreachable' },
  { when: { tlsa: 'secure', usable: true }, need: 'dane', rule: 'RFC 7672 2.2' },
  { when: { tlsa: 'secure', usable: false }, need: 'encrypt', rule: 'RFC 7672 2.2: TLS, unauthenticated' },
  { when: { tlsa: [...ABSENT, 'insecure', 'not-asked'] }, need: 'may', rule: 'RFC 7672 2.2: pre-DANE security' }
]

interface PolicyCell extends Omit<HostPolicy, 'tls'> {
  readonly need: Need
  readonly mxSecure: boolean
}

/** From what the DNS demands to what is demanded of the connection. */
export const POLICY_ROWS: readonly {
  readonly when: When<PolicyCell>
  readonly demand: Demand
  readonly code?: FailureCode
  readonly rule?: string
}[] = [
  { when: { need: 'defer' }, demand: 'hold', code: 'DNSSEC_INVALID' },
  { when: { need: 'null-mx' }, demand: 'return', code: 'NULL_MX' },
  { when: { need: 'no-domain' }, demand: 'return', code: 'NO_SUCH_DOMAIN' },
  { when: { need: 'unreachable' }, demand: 'wait', code: 'DNSSEC_INVALID' },
  { when: { need: 'no-address' }, demand: 'wait', code: 'NO_ADDRESS' },
  { when: { requireTls: 'ignore' }, demand: 'level', rule: 'RFC 8689 5: DANE is set aside for this message' },
  { when: { mode: 'none', requireTls: true, mxSecure: true }, demand: 'pkix', rule: 'RFC 8689 4.2.1' },
  { when: { mode: 'none', requireTls: true }, demand: 'refuse', code: 'DANE_REQUIRED', rule: 'RFC 8689 4.2.1' },
  { when: { mode: 'none' }, demand: 'level' },
  { when: { need: 'unknown' }, demand: 'wait', code: 'DNSSEC_INVALID' },
  { when: { need: 'dane', mxSecure: true }, demand: 'authenticate' },
  { when: { requireTls: true, mxSecure: false }, demand: 'refuse', code: 'DANE_REQUIRED', rule: 'RFC 8689 4.2.1: the MX must be secure' },
  { when: { need: 'dane', mode: 'mandatory' }, demand: 'refuse', code: 'DANE_REQUIRED', rule: 'RFC 7672 6: the MX is insecure' },
  { when: { need: 'dane', insecureMx: 'dane' }, demand: 'authenticate', rule: 'RFC 7672 2.2.1: DANE with an insecure MX' },
  { when: { need: ['dane', 'encrypt'], mode: 'opportunistic', mxSecure: false, insecureMx: 'may' }, demand: 'level' },
  { when: { need: 'dane' }, demand: 'encrypt' },
  { when: { need: 'encrypt', mode: 'mandatory' }, demand: 'refuse', code: 'TLSA_UNUSABLE', rule: 'RFC 7672 6' },
  { when: { need: ['encrypt', 'may'], mode: 'opportunistic', requireTls: true }, demand: 'pkix', rule: 'RFC 8689 4.2.1' },
  { when: { need: 'encrypt' }, demand: 'encrypt' },
  { when: { need: 'may', mode: 'mandatory' }, demand: 'refuse', code: 'DANE_REQUIRED', rule: 'RFC 7672 6' },
  { when: { need: 'may' }, demand: 'level' }
]

interface ConnectionCell extends Connection {
  readonly demand: Demand
  readonly level: TlsLevel
}

/** What becomes of it; `next` is the next host or, without one, the queue. */
export const CONNECTION_ROWS: readonly {
  readonly when: When<ConnectionCell>
  readonly outcome?: Outcome
  readonly action: 'connect' | 'deliver' | 'next' | 'defer' | 'bounce'
  readonly code?: FailureCode
}[] = [
  { when: { demand: 'return' }, outcome: 'fail', action: 'bounce' },
  { when: { demand: 'hold' }, outcome: 'defer', action: 'defer' },
  { when: { demand: 'wait' }, outcome: 'defer', action: 'next' },
  { when: { demand: 'refuse' }, outcome: 'fail', action: 'next' },
  { when: { demand: 'level', level: 'none' }, outcome: 'fallback', action: 'deliver' },
  { when: { handshake: 'pending' }, action: 'connect' },
  { when: { demand: 'level', level: ['preferred', 'preferred-verify'] }, outcome: 'fallback', action: 'deliver' },
  { when: { handshake: 'refused' }, outcome: 'fail', action: 'next', code: 'NO_STARTTLS' },
  { when: { handshake: 'failed' }, outcome: 'fail', action: 'next', code: 'TLS_HANDSHAKE' },
  { when: { demand: 'authenticate', matched: true }, outcome: 'authenticated', action: 'deliver' },
  { when: { demand: 'authenticate' }, outcome: 'fail', action: 'next', code: 'NO_MATCH' },
  { when: { demand: 'encrypt' }, outcome: 'encrypt-only', action: 'deliver' },
  { when: { demand: 'level', level: 'required' }, outcome: 'fallback', action: 'deliver' },
  { when: { pkix: true }, outcome: 'fallback', action: 'deliver' },
  { when: { pkix: false }, outcome: 'fail', action: 'next', code: 'PKIX_INVALID' }
]

const TLS_OF: Readonly<Record<Demand, Decision['tls']>> = {
  authenticate: 'authenticated',
  encrypt: 'encrypted',
  pkix: 'pkix',
  level: 'opportunistic',
  refuse: 'none',
  wait: 'none',
  hold: 'none',
  return: 'none'
}

const TLS_OF_LEVEL: Readonly<Record<TlsLevel, Decision['tls']>> = {
  none: 'none',
  preferred: 'opportunistic',
  'preferred-verify': 'opportunistic',
  required: 'encrypted',
  'required-verify': 'pkix'
}

/** What a mailer must do about one host. Pure; throws RangeError for an input that is none. */
export function decide(input: DecisionInput): Decision {
  const { mode, tls: level = 'preferred', insecureMx = 'dane', requireTls = false } = input
  const { handshake = 'pending', matched = false, pkix = false } = input
  const mxSecure = isMxSecure(input.mx)
  const dns = firstFit(DNS_ROWS, input)
  const policy = firstFit(POLICY_ROWS, { need: dns.need, mxSecure, mode, insecureMx, requireTls })
  const row = firstFit(CONNECTION_ROWS, { demand: policy.demand, level, handshake, matched, pkix })
  const code = policy.code ?? row.code
  const action = actionOf(row.action, input, requireTls === true && row.outcome === 'fail')
  const weaker = policy.demand === 'authenticate' && !mxSecure
  return {
    ...(row.outcome && { outcome: row.outcome }),
    action,
    tls: policy.demand === 'level' ? TLS_OF_LEVEL[level] : TLS_OF[policy.demand],
    ...(weaker && { weaker }),
    ...(code && { code, enhancedStatus: enhancedStatusOf(code, action, requireTls === true) }),
    retryable: action === 'next-host' || action === 'defer',
    rule: policy.rule ?? dns.rule
  }
}

/** RFC 7672 2.2.1: a secure MX RRset, a proof that there is none, or a host that the user named. */
export function isMxSecure(mx: Facts['mx']): boolean {
  return mx === 'secure' || mx === 'nodata' || mx === 'nxdomain' || mx === 'route'
}

function actionOf(action: 'connect' | 'deliver' | 'next' | 'defer' | 'bounce', input: DecisionInput, returned: boolean): Action {
  if (action === 'next' && input.moreHosts) return 'next-host'
  if (action === 'next' && returned) return 'bounce' // RFC 8689 4.2.1
  if (action === 'next' || action === 'defer') return input.queueTimeOver ? 'bounce' : 'defer'
  return action
}

/** RFC 3463, RFC 7505 4.1, RFC 8689 4.2.1; 4.7.5 as Postfix gives it for whatever DANE refuses. */
function enhancedStatusOf(code: FailureCode, action: Action, requireTls: boolean): Decision['enhancedStatus'] {
  if (code === 'NULL_MX') return '5.1.10'
  if (code === 'NO_SUCH_DOMAIN') return '5.1.2'
  if (code === 'NO_ADDRESS' || code === 'UNREACHABLE') return '4.4.1'
  if (action === 'bounce') return requireTls ? '5.7.10' : '5.7.1'
  return '4.7.5'
}

function firstFit<C extends object, R extends { readonly when: When<C> }>(rows: readonly R[], cell: C): R {
  const row = rows.find(({ when }) =>
    (Object.keys(when) as (keyof C)[]).every((field) => {
      const wanted = when[field] as unknown
      return Array.isArray(wanted) ? wanted.includes(cell[field]) : wanted === cell[field]
    })
  )
  if (!row) throw new RangeError(`no row of the table fits ${JSON.stringify(cell)}`)
  return row
}
