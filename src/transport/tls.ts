// DNS over TLS (RFC 7858). With a hostname it is the strict profile of RFC 8310 5: the certificate must bear that name
// and lead to a known authority, or nothing is sent. Without one it is opportunistic: encrypted, unauthenticated.
import { isIP } from 'node:net'
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import { ConnectionPool } from './pool.js'
import { StreamConnection } from './stream.js'
import type { TransportLimits, TransportServer } from './transport.js'

export function createTlsTransport(limits: TransportLimits, ca?: string | string[]): ConnectionPool {
  return new ConnectionPool((server, pool) => {
    // Without ALPN: `dot` is registered, but a server that lists other tokens alone would refuse it (RFC 7301 3.2).
    const socket = connectTls(server, server.hostname, [], ca)
    return new StreamConnection(socket, 'secureConnect', pool)
  }, limits)
}

/** @param hostname a name or an IP address that the certificate must bear; undefined for no check at all */
export function connectTls(server: TransportServer, hostname: string | undefined, alpn: string[], ca?: string | string[]): TLSSocket {
  const name = hostname?.replace(/\.$/, '')
  return connect({
    host: server.address,
    port: server.port,
    ca,
    ALPNProtocols: alpn.length > 0 ? alpn : undefined,
    minVersion: 'TLSv1.2',
    // RFC 6066 3: no IP address in the server name
    servername: name && isIP(name) === 0 ? name : undefined,
    // Said in full, so that no setting of the environment weakens it.
    rejectUnauthorized: name !== undefined,
    checkServerIdentity: (_, certificate) => (name === undefined ? undefined : checkServerIdentity(name, certificate))
  })
}
