// The plan: what the DNS says about a destination before connecting (RFC 7672 2.2). MX, then every host for itself.
import { createResolver, type Reason, type Resolver, type SecurityStatus } from '../index.js'
import { type DaneMode, type Facts, type HostPolicy, type InsecureMx, isMxSecure, type TlsLevel } from './decide.js'
import { isUnknown } from './found.js'
import { type HostPlan, lowerCase, planHost } from './host.js'
import { type Asked, type Asker, ask, type TraceNode } from './lookup.js'
import { readPolicy } from './policy.js'

export interface PlanOptions {
  /** a resolver of this package's public interface; one shared resolver for all calls when left out */
  readonly resolver?: Pick<Resolver, 'resolveSecure'>
  /** 'opportunistic' when left out */
  readonly mode?: DaneMode
  /** what holds where DANE does not apply; 'preferred' when left out */
  readonly tls?: TlsLevel
  /** 25 when left out; also selects the owner of the TLSA records */
  readonly port?: number
  readonly protocol?: 'tcp'
  readonly insecureMx?: InsecureMx
  /** a configured host in place of the MX (RFC 7672 2.2.2) */
  readonly nextHop?: string
  readonly requireTls?: boolean | 'ignore'
  readonly families?: readonly (4 | 6)[]
  readonly signal?: AbortSignal
  /** keep the resolver's trace of every look-up */
  readonly trace?: boolean
  /** ms since the epoch; the resolver's, when it has one of its own */
  readonly clock?: () => number
  /** from 0 up to 1: the order of hosts of one preference (RFC 5321 5.1) */
  readonly random?: () => number
  /** hosts taken into the plan, by preference; 16 when left out */
  readonly maxHosts?: number
}

export interface DanePlan {
  readonly domain: string
  readonly mode: DaneMode
  readonly mxStatus: SecurityStatus
  readonly action: 'try-hosts' | 'defer' | 'bounce'
  /** RFC 7505: the domain takes no mail */
  readonly nullMx: boolean
  /** in the order in which they are to be tried */
  readonly hosts: readonly HostPlan[]
  readonly mx: Facts['mx']
  readonly policy: HostPolicy
  readonly reason?: Reason
  readonly trace: TraceNode
  /** ms since the epoch */
  readonly expiresAt: number
}

let shared: Resolver | undefined

/** The resolver that is used when none is given: one for the process, made at the first question. */
export function sharedResolver(): Resolver {
  shared ??= createResolver()
  return shared
}

/**
 * Never throws for states of the DNS: bogus, unreachable and absent are plans. Rejects with RangeError or TypeError for
 * options or names that make no sense, and with the signal's reason.
 */
export async function planDane(domain: string, options: PlanOptions = {}): Promise<DanePlan> {
  const policy = readPolicy(options)
  const name = withoutDot(domain)
  const asker = askerOf(options)
  const head = { domain: name, mode: policy.mode, policy, nullMx: false }
  if (options.nextHop !== undefined) {
    const host = await planOf(withoutDot(options.nextHop), { preference: 0, mx: 'route', names: [], implicitMx: false })
    return finish({ ...head, mx: 'route', mxStatus: 'secure', action: 'try-hosts' }, undefined, [host])
  }
  const asked = await ask(asker, name, 'MX')
  const { found, status } = asked.note
  const exchanges = exchangesOf(asked)
  const nullMx = exchanges.length > 0 && exchanges.every(({ exchange }) => exchange === '.')
  const mx: Facts['mx'] = nullMx && !isUnknown(found) ? 'null' : found
  const rest = { ...head, mx, mxStatus: status, nullMx: mx === 'null' } as const
  if (isUnknown(found)) return finish({ ...rest, action: 'defer' }, asked, [])
  if (mx === 'null' || found === 'nxdomain' || found === 'insecure-nxdomain') return finish({ ...rest, action: 'bounce' }, asked, [])
  // RFC 7672 3.2.2: the destination, and where its alias leads when that is secure
  const names = isMxSecure(mx) ? [name, lowerCase(asked.answer.canonicalName)] : [name]
  const implicitMx = found === 'nodata' || found === 'insecure-nodata'
  const hosts = implicitMx ? [{ preference: 0, exchange: name }] : ordered(exchanges, options.random ?? Math.random)
  const chosen = hosts.filter(({ exchange }) => exchange !== '.').slice(0, options.maxHosts ?? MAX_HOSTS)
  const plans = await Promise.all(chosen.map(({ exchange, preference }) => planOf(exchange, { preference, mx, names, implicitMx })))
  return finish({ ...rest, action: 'try-hosts' }, asked, plans)

  function planOf(host: string, part: { preference: number; mx: Facts['mx']; names: readonly string[]; implicitMx: boolean }) {
    const { port = 25, protocol = 'tcp', families = [4, 6] } = options
    const context = { asker, domain: name, port, protocol, families, policy, mxSecure: isMxSecure(part.mx), pkix: false }
    return planHost(host, { ...context, ...part })
  }
}

const MAX_HOSTS = 16

export function askerOf({ resolver = sharedResolver(), clock = Date.now, trace = false, signal }: PlanOptions): Asker {
  return { resolver, clock, trace, signal }
}

export function finish(
  head: Omit<DanePlan, 'hosts' | 'trace' | 'expiresAt' | 'reason'>,
  asked: Asked | undefined,
  hosts: readonly HostPlan[]
): DanePlan {
  const reason = asked?.note.reason ?? hosts.find((host) => host.reason)?.reason
  const ends = [...(asked ? [asked.expiresAt] : []), ...hosts.map(({ expiresAt }) => expiresAt)]
  return {
    ...head,
    hosts,
    ...(reason && { reason }),
    trace: { about: head.domain, lookups: asked ? [asked.note] : [], below: hosts.map(({ trace }) => trace) },
    expiresAt: Math.min(...ends)
  }
}

export const withoutDot = (name: string): string =>
  name.length > 1 && name.endsWith('.') && !name.endsWith('\\.') ? name.slice(0, -1) : name

interface Exchange {
  readonly preference: number
  readonly exchange: string
}

function exchangesOf({ answer, note }: Asked): Exchange[] {
  if (isUnknown(note.found)) return []
  const data = answer.records.filter((record) => record.type === 'MX' && record.data !== undefined).map((record) => record.data as Exchange)
  return data.map(({ preference, exchange }) => ({ preference, exchange: lowerCase(exchange) }))
}

/** RFC 5321 5.1: by preference, those of one preference in an order of chance. */
export function ordered<T extends { readonly preference: number }>(hosts: readonly T[], random: () => number): T[] {
  const drawn = hosts.map((host) => ({ host, chance: random() }))
  return drawn.sort((a, b) => a.host.preference - b.host.preference || a.chance - b.chance).map(({ host }) => host)
}
