// What the DNS says about one mail host before anybody connects to it (RFC 7672 2.2.2, 2.2.3): addresses, aliases, the TLSA
// base domain and the records found there.
import { isIP } from 'node:net'
import type { Reason, SecurityStatus } from '../index.js'
import type { Facts, HostPolicy } from './decide.js'
import { isUnknown } from './found.js'
import { type Asked, type Asker, ask, type LookupNote, type TraceNode } from './lookup.js'
import { readTlsa, type TlsaRecord } from './tlsa.js'

/**
 * `dane`: secure, a record can be used. `encrypt-only`: secure, none can. `no-dane`: a proven denial, insecure TLSA records or
 * an insecure address. `lookup-failed`: bogus, indeterminate, SERVFAIL, no reply. `no-address`: nothing to connect to.
 */
export type HostState = 'dane' | 'encrypt-only' | 'no-dane' | 'lookup-failed' | 'no-address'

export interface HostAddress {
  readonly address: string
  readonly family: 4 | 6
  readonly status: SecurityStatus
}

export interface HostAlias {
  readonly name: string
  readonly target: string
  readonly status: SecurityStatus
}

export interface HostPlan {
  /** the destination that mail is for */
  readonly domain: string
  readonly host: string
  readonly preference: number
  readonly port: number
  /** the destination has no MX: the host is the destination itself (RFC 5321 5.1) */
  readonly implicitMx: boolean
  readonly addresses: readonly HostAddress[]
  readonly aliases: readonly HostAlias[]
  /** SNI and first reference name; null when no TLSA records apply */
  readonly tlsaBase: string | null
  /** all that are secure, unusable ones marked */
  readonly tlsa: readonly TlsaRecord[]
  readonly referenceNames: readonly string[]
  readonly state: HostState
  readonly mxSecure: boolean
  readonly facts: Facts
  readonly policy: HostPolicy
  /** why the host is not `dane`, where the resolver gave a reason */
  readonly reason?: Reason
  readonly trace: TraceNode
  /** ms since the epoch: until then the same look-ups give the same plan */
  readonly expiresAt: number
}

export interface HostContext {
  readonly asker: Asker
  readonly domain: string
  readonly preference: number
  readonly port: number
  readonly protocol: string
  readonly families: readonly (4 | 6)[]
  readonly implicitMx: boolean
  readonly mx: Facts['mx']
  readonly mxSecure: boolean
  readonly policy: HostPolicy
  /** names besides the TLSA base domain that a certificate may bear (RFC 7672 3.2.2) */
  readonly names: readonly string[]
  /** usages 0 and 1 count: not for SMTP */
  readonly pkix: boolean
}

export async function planHost(host: string, context: HostContext): Promise<HostPlan> {
  const literal = /^\[(.*)\]$/.exec(host)?.[1] ?? host
  if (isIP(literal)) return literalPlan(literal, context)
  const asked = await Promise.all(context.families.map((family) => ask(context.asker, host, family === 4 ? 'A' : 'AAAA')))
  const address = addressFacts(asked)
  const addresses = asked.flatMap(addressesOf)
  const aliases = aliasesOf(asked.find(({ answer }) => answer.records.some(({ type }) => type === 'CNAME')))
  const asksTlsa = context.policy.mode !== 'none' && addresses.length > 0
  const search = asksTlsa ? await findTlsa(basesOf(host, aliases, asked), context) : NOT_ASKED
  const facts: Facts = { mx: context.mx, address, tlsa: search.found, usable: search.records.some(({ unusable }) => !unusable) }
  const lookups = [...asked, ...search.asked]
  const reason = reasonOf(lookups.map(({ note }) => note))
  return {
    ...given(context),
    host,
    addresses,
    aliases,
    tlsaBase: search.base,
    tlsa: search.records,
    referenceNames: distinct([search.base ?? host, ...context.names]),
    state: stateOf(facts),
    facts,
    ...(reason && { reason }),
    trace: { about: host, lookups: lookups.map(({ note }) => note), below: [] },
    expiresAt: Math.min(...lookups.map(({ expiresAt }) => expiresAt))
  }
}

/** An address names no zone, so there is nothing to look up and nothing to authenticate. */
function literalPlan(address: string, context: HostContext): HostPlan {
  const family = isIP(address) as 4 | 6
  return {
    ...given(context),
    host: address,
    addresses: [{ address, family, status: 'insecure' }],
    aliases: [],
    tlsaBase: null,
    tlsa: [],
    referenceNames: [address],
    state: 'no-dane',
    facts: { mx: context.mx, address: 'insecure', tlsa: 'not-asked', usable: false },
    trace: { about: address, lookups: [], below: [] },
    expiresAt: Number.MAX_SAFE_INTEGER
  }
}

const given = ({ domain, preference, port, implicitMx, mxSecure, policy }: HostContext) =>
  ({ domain, preference, port, implicitMx, mxSecure, policy }) as const

/**
 * One family is enough. A failed look-up of the other costs its addresses and no more: what is decided about TLSA hangs on the
 * family that validated, and an attacker who holds back the other gains nothing by it.
 */
function addressFacts(asked: readonly Asked[]): Facts['address'] {
  const found = asked.map(({ note }) => note.found)
  if (found.includes('secure')) return 'secure'
  if (found.includes('insecure')) return asked.some(firstAliasSecure) ? 'secure-alias' : 'insecure'
  return found.find((one) => one === 'bogus') ?? found.find(isUnknown) ?? found[0]
}

const firstAliasSecure = ({ answer }: Asked): boolean => answer.records.find(({ type }) => type === 'CNAME')?.status === 'secure'

function addressesOf({ answer, note }: Asked): HostAddress[] {
  if (note.found !== 'secure' && note.found !== 'insecure') return []
  const family = note.type === 'A' ? 4 : 6
  return answer.records.filter(({ type }) => type === note.type).map(({ data, status }) => ({ address: String(data), family, status }))
}

function aliasesOf(asked: Asked | undefined): HostAlias[] {
  const links = asked?.answer.records.filter(({ type }) => type === 'CNAME') ?? []
  return links.map(({ name, data, status }) => ({ name: lowerCase(name), target: lowerCase(String(data)), status }))
}

/**
 * RFC 7672 2.2.3: the name itself when its address is secure; of a chain of aliases that is secure to its end first the last
 * name and then the first; of one that is secure only at its first link, the first name alone.
 */
function basesOf(host: string, aliases: readonly HostAlias[], asked: readonly Asked[]): string[] {
  const whole = asked.find(({ note }) => note.found === 'secure')
  if (aliases.length === 0) return whole ? [host] : []
  if (aliases[0].status !== 'secure') return []
  return whole ? distinct([lowerCase(whole.answer.canonicalName), host]) : [host]
}

interface Search {
  readonly found: Facts['tlsa']
  readonly base: string | null
  readonly records: readonly TlsaRecord[]
  readonly asked: readonly Asked[]
}

const NOT_ASKED: Search = { found: 'not-asked', base: null, records: [], asked: [] }

async function findTlsa(bases: readonly string[], { asker, port, protocol, pkix }: HostContext): Promise<Search> {
  const asked: Asked[] = []
  for (const base of bases) {
    const one = await ask(asker, `_${port}._${protocol}.${base}`, 'TLSA')
    asked.push(one)
    const { found } = one.note
    if (isUnknown(found)) return { found, base: null, records: [], asked } // RFC 7672 2.2: never "none there"
    if (found === 'secure') {
      const secure = one.answer.records.filter(({ type, status }) => type === 'TLSA' && status === 'secure')
      return { found, base, records: secure.map((record) => readTlsa(record, { pkix })), asked }
    }
  }
  return { found: asked.at(-1)?.note.found ?? 'not-asked', base: null, records: [], asked }
}

function stateOf({ address, tlsa, usable }: Facts): HostState {
  if (isUnknown(address as LookupNote['found'])) return 'lookup-failed'
  if (address !== 'secure' && address !== 'insecure' && address !== 'secure-alias') return 'no-address'
  if (tlsa === 'bogus' || tlsa === 'failed') return 'lookup-failed'
  if (tlsa !== 'secure') return 'no-dane'
  return usable ? 'dane' : 'encrypt-only'
}

/** The reason of a failure before that of anything that is merely insecure. */
export function reasonOf(notes: readonly LookupNote[]): Reason | undefined {
  return (notes.find(({ found }) => isUnknown(found)) ?? notes.find(({ reason }) => reason))?.reason
}

/**
 * Names in replies may bear the letter case that a query was sent in at random, since servers compress against it; for logs,
 * SNI and comparisons they are all of one case (RFC 4343 3).
 */
export const lowerCase = (name: string): string => name.toLowerCase()

const distinct = (names: readonly string[]): string[] => [...new Set(names)]
