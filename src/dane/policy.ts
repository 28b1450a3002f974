// Policy per destination: which profile a domain has, and what a profile may not ask for. The first match of an exact domain
// wins, then the longest pattern, then the default.
import type { DaneMode, HostPolicy, InsecureMx, TlsLevel } from './decide.js'

export interface Profile {
  readonly mode?: DaneMode
  readonly tls?: TlsLevel
  readonly insecureMx?: InsecureMx
  /** a static route: mail goes to this host, whatever the MX says */
  readonly route?: string
  /** DANE is done for the route's host too (RFC 7672 2.2.2); without it a route skips DANE */
  readonly routeUsesDns?: boolean
}

/** Keys are domains, `.example.org` for everything below one, `*` for the default. */
export type Profiles = Readonly<Record<string, Profile>>

export interface DestinationPolicy extends HostPolicy {
  /** the host to go to instead of the MX */
  readonly nextHop?: string
}

const DEFAULTS: HostPolicy = { mode: 'opportunistic', tls: 'preferred', insecureMx: 'dane', requireTls: false }

/** @throws RangeError when a profile asks for DANE without TLS, or for a mode that there is not */
export function policyFor(profiles: Profiles, domain: string): DestinationPolicy {
  const { route, routeUsesDns = false, ...profile } = profileOf(profiles, domain)
  const mode = route !== undefined && !routeUsesDns ? 'none' : profile.mode
  const policy = readPolicy({ ...profile, mode })
  return route === undefined ? policy : { ...policy, nextHop: route }
}

/** Fills in the defaults and refuses what makes no sense, before any packet is sent. */
export function readPolicy(given: Partial<HostPolicy>): HostPolicy {
  const { mode = DEFAULTS.mode, tls = DEFAULTS.tls, insecureMx = DEFAULTS.insecureMx, requireTls = DEFAULTS.requireTls } = given
  oneOf('mode', mode, ['none', 'opportunistic', 'mandatory'])
  oneOf('tls', tls, ['none', 'preferred', 'preferred-verify', 'required', 'required-verify'])
  oneOf('insecureMx', insecureMx, ['dane', 'encrypt', 'may'])
  oneOf('requireTls', requireTls, [true, false, 'ignore'])
  if (tls === 'none' && mode !== 'none') throw new RangeError(`DANE is ${mode} and TLS is off: one of the two has to change`)
  return { mode, tls, insecureMx, requireTls }
}

function profileOf(profiles: Profiles, domain: string): Profile {
  const name = domain.toLowerCase().replace(/\.$/, '')
  const exact = profiles[name]
  if (exact) return exact
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const pattern = profiles[name.slice(dot)]
    if (pattern) return pattern
  }
  return profiles['*'] ?? {}
}

function oneOf(field: string, value: unknown, allowed: readonly unknown[]): void {
  if (!allowed.includes(value)) throw new RangeError(`${field} must be one of ${allowed.map(String).join(', ')}, not ${String(value)}`)
}
