// DNS over TCP (RFC 7766).
import { connect } from 'node:net'
import { ConnectionPool } from './pool.js'
import { StreamConnection } from './stream.js'
import type { TransportLimits } from './transport.js'

export function createTcpTransport(limits: TransportLimits): ConnectionPool {
  return new ConnectionPool(
    (server, pool) => new StreamConnection(connect({ host: server.address, port: server.port }), 'connect', pool),
    limits
  )
}
