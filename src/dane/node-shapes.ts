// Answers in the shapes and with the error codes of node:dns, for mailers that take a resolve function. What node:dns cannot
// say is said by an error: a bogus answer is ESERVFAIL, as from any validating resolver, and never data.
import type { Reason, Resolver, SecureAnswer, SecurityStatus } from '../index.js'
import { sharedResolver } from './plan.js'

export type NodeCode = 'ENOTFOUND' | 'ENODATA' | 'ESERVFAIL' | 'ETIMEOUT' | 'EREFUSED'

export class NodeDnsError extends Error {
  override readonly name = 'NodeDnsError'
  readonly syscall: string
  constructor(
    readonly code: NodeCode,
    readonly hostname: string,
    type: string,
    readonly status: SecurityStatus,
    /** the Extended DNS Error and the sentence behind it */
    readonly reason: Reason | undefined
  ) {
    super(`query${type} ${code} ${hostname}${reason ? `: ${reason.text}` : ''}`)
    this.syscall = `query${type}`
  }
}

export interface LikeNodeOptions {
  readonly resolver?: Pick<Resolver, 'resolveSecure'>
  readonly signal?: AbortSignal
}

/**
 * As `dns.promises.resolve`: A, AAAA, NS, CNAME, PTR: strings. MX: {exchange, priority}. TXT: string[][]. SRV: {name, port,
 * priority, weight}. CAA, SOA, NAPTR and TLSA as there too; other types in the shapes of this package.
 * Rejects with NodeDnsError: ENOTFOUND, ENODATA (absence), ESERVFAIL (bogus or failed), ETIMEOUT, EREFUSED.
 */
export async function resolveLikeNode(name: string, type = 'A', options: LikeNodeOptions = {}): Promise<unknown[]> {
  const { resolver = sharedResolver(), signal } = options
  const wanted = type.toUpperCase()
  const answer = await resolver.resolveSecure(name, wanted, signal ? { signal } : {})
  const records = answer.records.filter((record) => record.type === wanted && record.data !== undefined)
  const code = codeOf(answer, records.length)
  if (code) throw new NodeDnsError(code, name, wanted, answer.status, answer.reason)
  const shape = SHAPES[wanted] ?? ((data: unknown) => data)
  return records.map(({ data }) => shape(data as Fields))
}

type Fields = Record<string, never>

function codeOf({ status, rcode, reason }: SecureAnswer, found: number): NodeCode | undefined {
  if (status === 'bogus') return 'ESERVFAIL'
  if (rcode === 'NXDOMAIN') return 'ENOTFOUND'
  if (rcode === 'REFUSED') return 'EREFUSED'
  if (rcode !== 'NOERROR') return reason?.code === 22 || reason?.code === 23 ? 'ETIMEOUT' : 'ESERVFAIL'
  return found > 0 ? undefined : 'ENODATA'
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
/** node:dns writes the root of a null MX or SRV as an empty name. */
const host = (name: string): string => (name === '.' ? '' : name)

const SHAPES: Readonly<Record<string, (data: Fields) => unknown>> = {
  MX: ({ exchange, preference }) => ({ exchange: host(exchange), priority: preference }),
  TXT: (strings) => (strings as unknown as Uint8Array[]).map(text),
  SRV: ({ target, port, priority, weight }) => ({ name: host(target), port, priority, weight }),
  CAA: ({ flags, tag, value }) => ({ critical: flags, [tag as string]: value }),
  SOA: ({ mname, rname, serial, refresh, retry, expire, minimum }) => ({
    nsname: mname,
    hostmaster: rname,
    serial,
    refresh,
    retry,
    expire,
    minttl: minimum
  }),
  NAPTR: ({ flags, services, regexp, replacement, order, preference }) => ({
    flags,
    service: services,
    regexp,
    replacement,
    order,
    preference
  }),
  TLSA: ({ usage, selector, matchingType, certificate }) => ({
    certUsage: usage,
    selector,
    match: matchingType,
    data: Uint8Array.from(certificate as Uint8Array).buffer
  })
}
