// The interface of one exchange: whole DNS messages to one server and back, without length prefixes (RFC 1035 4.2).
// Nothing here reads an answer: a transport says whether octets are the reply to a query, never what they mean.

/** Where to ask. `address` is an IP address as text; `hostname` is the name that a TLS certificate must bear. */
export interface TransportServer {
  readonly address: string
  readonly port: number
  readonly protocol: string
  readonly hostname?: string
}

export interface ExchangeOptions {
  /** when it aborts, the exchange rejects with its reason */
  readonly signal: AbortSignal
  /** time for the whole exchange, connecting included */
  readonly timeoutMs: number
}

export interface Transport {
  /** May be called concurrently, also with queries of the same ID. Rejects with a TransportError or the signal's reason. */
  exchange(query: Uint8Array, server: TransportServer, options: ExchangeOptions): Promise<Uint8Array>
  close?(): void | Promise<void>
}

const punctual = new WeakSet<Transport>()

/** Its exchanges outlast neither their time nor their signal: nobody has to watch over them. */
export function markPunctual<T extends Transport>(transport: T): T {
  punctual.add(transport)
  return transport
}

export const isPunctual = (transport: Transport): boolean => punctual.has(transport)

/** A code of this list is ours; any other is the system's (`ECONNREFUSED`, `EHOSTUNREACH`) or that of TLS. */
export type TransportErrorCode =
  /** no reply in time */
  | 'ETIMEOUT'
  /** too many datagrams or frames that answer another question: somebody guesses, or the server is confused */
  | 'EMISMATCH'
  /** the connection ended before the reply */
  | 'ECONNRESET'
  | 'ECONNREFUSED'
  /** the stream is not a sequence of DNS messages (RFC 1035 4.2.2) */
  | 'EFRAME'
  /** the HTTP exchange is not one of RFC 8484 */
  | 'EHTTP'
  /** the query or the server cannot be used at all */
  | 'EINVAL'
  /** no such protocol */
  | 'EPROTOCOL'
  /** the transport was closed */
  | 'ECLOSED'
  | (string & {})

export class TransportError extends Error {
  override readonly name = 'TransportError'

  constructor(
    readonly code: TransportErrorCode,
    message: string,
    options?: ErrorOptions
  ) {
    super(message, options)
  }
}

/** Bounds on what a transport holds open. */
export interface TransportLimits {
  /** datagrams for one query, or messages in a row on a connection, that are no reply, before it is given up (RFC 5452 9.2) */
  readonly mismatches: number
  /** UDP sockets open at once; further queries wait for one */
  readonly socketsAtOnce: number
  /** queries to one server, one after the other, that a UDP socket serves; with 1 every query has a port of its own (RFC 5452 9.2) */
  readonly queriesPerSocket: number
  /** queries without reply on one connection; further ones open another */
  readonly queriesPerConnection: number
  /** how long a connection is kept without a query (RFC 7766 6.2.3), in ms, and how many such are kept */
  readonly idleMs: number
  readonly idleConnections: number
}

export const TRANSPORT_LIMITS: TransportLimits = {
  mismatches: 10,
  socketsAtOnce: 512,
  queriesPerSocket: 1,
  queriesPerConnection: 1_000,
  idleMs: 10_000,
  idleConnections: 64
}

/** `192.0.2.1:53 over tcp`, for the text of errors. */
export function serverToText(server: TransportServer): string {
  const address = server.address.includes(':') ? `[${server.address}]` : server.address
  return `${address}:${server.port} over ${server.protocol}`
}

/** An error of the system or of TLS keeps its code and becomes the cause. */
export function toTransportError(error: unknown, server: TransportServer): TransportError {
  if (error instanceof TransportError) return error
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO'
  const text = error instanceof Error ? error.message : String(error)
  return new TransportError(code, `${serverToText(server)}: ${text}`, { cause: error })
}
