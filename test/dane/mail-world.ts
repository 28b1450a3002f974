// A world for mail: signed zones in memory with a resolver over them, and mail servers on loopback addresses that share one port.

import { tlsaFromCertificate, tlsaText } from '../../src/dane/index.js'
import { createResolver, type Resolver, type ResolverOptions } from '../../src/index.js'
import type { MadeCertificate } from '../world/certificates.js'
import { buildWorld, type Hierarchy } from '../world/hierarchy.js'
import { TOP, type ZoneSpec } from '../world/hierarchy-zones.js'
import { type SmtpServer, type SmtpServerOptions, smtpServer } from './smtp-server.js'

export interface MailWorld {
  readonly world: Hierarchy
  readonly resolver: Resolver
  readonly port: number
  readonly servers: ReadonlyMap<string, SmtpServer>
  close(): Promise<void>
}

/** Loopback addresses that are free for TCP at one port; the first server takes what the system gives. */
export async function mailServers(wanted: Readonly<Record<string, SmtpServerOptions>>): Promise<Map<string, SmtpServer>> {
  for (let attempt = 0; ; attempt++) {
    const servers = new Map<string, SmtpServer>()
    try {
      let port = 0
      for (const [address, options] of Object.entries(wanted)) {
        const server = await smtpServer({ ...options, address, port })
        servers.set(address, server)
        port = server.port
      }
      return servers
    } catch (error) {
      for (const server of servers.values()) await server.close()
      if (attempt === 20) throw error
    }
  }
}

/** @param zonesAt the zones, once the port is known: it is part of the owners of TLSA records */
export async function mailWorld(
  wanted: Readonly<Record<string, SmtpServerOptions>>,
  zonesAt: (port: number) => readonly ZoneSpec[],
  options: ResolverOptions = {}
): Promise<MailWorld> {
  const servers = await mailServers(wanted)
  const port = [...servers.values()][0]?.port ?? 25
  const world = buildWorld([...TOP, ...zonesAt(port)], [], Date.now())
  const resolver = resolverOver(world, options)
  return {
    world,
    resolver,
    port,
    servers,
    async close() {
      await resolver.close()
      await world.close()
      for (const server of servers.values()) await server.close()
    }
  }
}

export function resolverOver(world: Hierarchy, options: ResolverOptions = {}): Resolver {
  return createResolver({
    trustAnchors: world.anchors,
    rootHints: world.hints,
    transport: world.memory(),
    allowPrivateAddresses: true,
    ...options
  })
}

/** `3 1 1 ABCD…` for a zone file. */
export function tlsaFor(certificate: MadeCertificate, usage: 0 | 1 | 2 | 3, selector: 0 | 1 = 1, type: 0 | 1 | 2 = 1): string {
  return tlsaText(tlsaFromCertificate(certificate.der, usage, selector, type))
}
