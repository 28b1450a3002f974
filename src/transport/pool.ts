// Connections that are kept and shared: one a server, many queries on each, opened when needed, closed when idle.
// RFC 7766 6.2: reuse, pipelining, and asking again on a new connection when a used one was closed under a query.
import {
  type ExchangeOptions,
  serverToText,
  type Transport,
  TransportError,
  type TransportLimits,
  type TransportServer,
  toTransportError
} from './transport.js'
import { type Ending, Exchanges, type Waiting } from './waiting.js'

/** A query on its way. */
export interface Asked {
  readonly query: Uint8Array
  readonly server: TransportServer
  readonly waiting: Waiting
  /** it was on a connection that died, and is asked a second time */
  retried: boolean
}

/** What the pool needs of a connection, and what it keeps on it. */
export abstract class Connection {
  /** queries somebody still waits for */
  live = 0
  /** replies taken from it */
  replies = 0
  /** gets no further query, and is closed when nobody waits on it */
  retired = false
  idle: NodeJS.Timeout | undefined

  abstract readonly closed: Promise<void>
  /** it can carry one more query */
  abstract readonly takesMore: boolean
  abstract send(asked: Asked): void
  /** Nobody waits for this reply any more. Also called after a reply. */
  abstract abandon(asked: Asked): void
  /** At once; what is waited for on it must have been dealt with. */
  abstract destroy(): void
}

export class ConnectionPool implements Transport {
  readonly #open: (server: TransportServer, pool: ConnectionPool) => Connection
  readonly #current = new Map<string, Connection>()
  readonly #all = new Set<Connection>()
  readonly #idle = new Set<Connection>()
  readonly #exchanges = new Exchanges()

  constructor(
    open: (server: TransportServer, pool: ConnectionPool) => Connection,
    readonly limits: TransportLimits
  ) {
    this.#open = open
  }

  exchange(query: Uint8Array, server: TransportServer, options: ExchangeOptions): Promise<Uint8Array> {
    const waiting = this.#exchanges.begin(query, server, options)
    if (!waiting.settled) this.#send({ query, server, waiting, retried: false })
    return waiting.reply
  }

  /** A connection ended under these queries. Only one that had answered before may have been closed for its age alone. */
  lost(connection: Connection, asked: Iterable<Asked>, error?: unknown): void {
    connection.retired = true
    for (const one of asked) {
      if (one.waiting.settled) continue
      if (connection.replies > 0 && !one.retried && !this.#exchanges.closed) {
        this.#leave(connection)
        one.retried = true
        this.#send(one)
      } else {
        const ended = new TransportError('ECONNRESET', `${serverToText(one.server)}: closed before the reply`)
        one.waiting.reject(error ? toTransportError(error, one.server) : ended)
      }
    }
  }

  async close(): Promise<void> {
    this.#exchanges.close()
    const open = [...this.#all]
    for (const connection of open) this.#end(connection)
    await Promise.all(open.map((connection) => connection.closed))
  }

  #send(asked: Asked): void {
    try {
      const connection = this.#take(asked.server)
      clearTimeout(connection.idle)
      this.#idle.delete(connection)
      connection.live++
      const repliesBefore = connection.replies
      asked.waiting.onSettle = (ending) => {
        connection.abandon(asked)
        this.#settled(connection, ending, repliesBefore)
      }
      connection.send(asked)
    } catch (error) {
      // What Node refuses to open or to send on, as a hostname that is no name.
      asked.waiting.reject(toTransportError(error, asked.server))
    }
  }

  #take(server: TransportServer): Connection {
    // The hostname belongs to the key: what was opened without checking a certificate never serves one who wants it checked.
    const key = `${server.address} ${server.port} ${server.hostname ?? ''}`.toLowerCase()
    const current = this.#current.get(key)
    if (current && !current.retired && current.takesMore) return current
    if (current) current.retired = true
    const connection = this.#open(server, this)
    this.#current.set(key, connection)
    this.#all.add(connection)
    void connection.closed.then(() => {
      clearTimeout(connection.idle)
      this.#idle.delete(connection)
      this.#all.delete(connection)
      if (this.#current.get(key) === connection) this.#current.delete(key)
    })
    return connection
  }

  #settled(connection: Connection, ending: Ending, repliesBefore: number): void {
    // Silence during the whole wait: the path may be dead, so what comes next tries another connection.
    if (ending === 'timeout' && connection.replies === repliesBefore) connection.retired = true
    this.#leave(connection)
  }

  #leave(connection: Connection): void {
    connection.live--
    if (connection.live > 0) return
    if (connection.retired) {
      this.#end(connection)
      return
    }
    connection.idle = setTimeout(() => this.#end(connection), this.limits.idleMs).unref()
    this.#idle.add(connection)
    const [oldest] = this.#idle
    if (this.#idle.size > this.limits.idleConnections) this.#end(oldest)
  }

  #end(connection: Connection): void {
    connection.retired = true
    clearTimeout(connection.idle)
    this.#idle.delete(connection)
    connection.destroy()
  }
}
