// The hooks of mx-connect (zone-eu/mx-connect 2): look-ups in node's shapes, DANE's two questions, and a verifier of our own.
import type { TLSSocket } from 'node:tls'
import type { HostPlan } from './host.js'
import { NodeDnsError, resolveLikeNode } from './node-shapes.js'
import { type VerifyPeerOptions, verifyPeer } from './peer.js'
import { type PlanOptions, planDane } from './plan.js'
import { strongest } from './tlsa.js'
import type { Verdict } from './verdict.js'

/** A TLSA record as mx-connect takes it. */
export interface MxConnectTlsa {
  readonly usage: number
  readonly selector: number
  readonly mtype: number
  readonly cert: Uint8Array
  readonly ttl: number
}

/** What is read of a connection that mx-connect gives. */
export interface MxConnectConnection {
  /** the MX host's name */
  readonly hostname: string
}

export interface MxConnectHooks {
  readonly dnsOptions: { resolveRecords(domain: string, type: string): Promise<unknown[]> }
  readonly dane: {
    readonly enabled: true
    checkDnssecSecure(host: string): Promise<{ secure: boolean }>
    resolveTlsa(name: string): Promise<MxConnectTlsa[]>
    readonly logger?: (entry: object) => void
  }
  /** The plan for one host of a destination, as the look-ups now are: from the resolver's cache. */
  hostPlan(domain: string, host: string): Promise<HostPlan>
  /**
   * To be called once the handshake is done, with `rejectUnauthorized: false`, in place of mx-connect's `daneVerifier`.
   * @param domain the destination: whether its MX is secure is not passed through mx-connect
   */
  verify(connection: MxConnectConnection, socket: TLSSocket, domain: string, options?: VerifyPeerOptions): Promise<Verdict>
  /** What TLS is worth to the host before the connection: with `encrypt-only` mx-connect does not ask for it by itself. */
  requiresTls(connection: MxConnectConnection, domain: string): Promise<boolean>
}

export interface MxConnectOptions extends PlanOptions {
  readonly logger?: (entry: object) => void
}

export function forMxConnect(options: MxConnectOptions = {}): MxConnectHooks {
  const { logger, ...planOptions } = options
  const port = options.port ?? 25
  const planOf = async (host: string): Promise<HostPlan> => {
    const { hosts } = await planDane(host, { ...planOptions, port, nextHop: host })
    return hosts[0]
  }
  const hostPlan = async (domain: string, host: string): Promise<HostPlan> => {
    const { hosts } = await planDane(domain, { ...planOptions, port })
    const known = hosts.find((plan) => sameName(plan.host, host))
    // the name is not in the MX: mx-connect was given its own list, which is a static route
    return known ?? (await planDane(domain, { ...planOptions, port, nextHop: host })).hosts[0]
  }
  const unknown = (plan: HostPlan): NodeDnsError =>
    new NodeDnsError('ESERVFAIL', plan.host, 'TLSA', plan.reason ? 'bogus' : 'indeterminate', plan.reason)
  return {
    dnsOptions: { resolveRecords: (domain, type) => resolveLikeNode(domain, type, planOptions) },
    dane: {
      enabled: true,
      async checkDnssecSecure(host) {
        const plan = await planOf(host)
        if (plan.state === 'lookup-failed') throw unknown(plan)
        return { secure: plan.tlsaBase !== null }
      },
      async resolveTlsa(name) {
        const plan = await planOf(name.replace(/^_\d+\._tcp\./, ''))
        if (plan.state === 'lookup-failed') throw unknown(plan)
        // the records of the TLSA base domain, which may be another name (RFC 7672 2.2.3); usable and strongest only
        const usable = strongest(plan.tlsa.filter(({ unusable }) => !unusable))
        return usable.map(({ usage, selector, matchingType, data, ttl }) => ({ usage, selector, mtype: matchingType, cert: data, ttl }))
      },
      ...(logger && { logger })
    },
    hostPlan,
    async verify(connection, socket, domain, verifyOptions = {}) {
      const plan = await hostPlan(domain, connection.hostname)
      return verifyPeer(socket, plan, { clock: options.clock, ...verifyOptions })
    },
    async requiresTls(connection, domain) {
      const { state } = await hostPlan(domain, connection.hostname)
      return state === 'dane' || state === 'encrypt-only'
    }
  }
}

const sameName = (a: string, b: string): boolean => a.toLowerCase().replace(/\.$/, '') === b.toLowerCase().replace(/\.$/, '')
