// The transport of the network: the table of protocols, and nothing else. A further protocol is a file and a row.
// There is no fallback here: the caller sees TC and asks again by `tcp`.
import { createHttpsTransport } from './https.js'
import { createTcpTransport } from './tcp.js'
import { createTlsTransport } from './tls.js'
import { markPunctual, TRANSPORT_LIMITS, type Transport, TransportError, type TransportLimits } from './transport.js'
import { createUdpTransport } from './udp.js'

export interface NetworkTransportOptions {
  /** authorities, PEM, by which certificates are checked instead of those that Node brings */
  readonly ca?: string | string[]
  readonly limits?: Partial<TransportLimits>
}

export function createNetworkTransport(options: NetworkTransportOptions = {}): Required<Transport> {
  const limits = { ...TRANSPORT_LIMITS, ...options.limits }
  const protocols = new Map<string, Required<Transport>>([
    ['udp', createUdpTransport(limits)],
    ['tcp', createTcpTransport(limits)],
    ['tls', createTlsTransport(limits, options.ca)],
    ['https', createHttpsTransport(limits, options.ca)]
  ])
  return markPunctual({
    exchange(query, server, exchangeOptions) {
      const protocol = protocols.get(server.protocol)
      if (!protocol) return Promise.reject(new TransportError('EPROTOCOL', `no transport speaks ${server.protocol}`))
      return protocol.exchange(query, server, exchangeOptions)
    },
    /** No socket, timer or session is left when the promise is fulfilled. */
    async close() {
      await Promise.all([...protocols.values()].map((protocol) => protocol.close()))
    }
  })
}
