// DNS over HTTPS (RFC 8484): POST over HTTP/2, many queries on one session. Always strict: without a hostname the
// certificate must bear the address itself. Replies to POST are not taken from HTTP caches, so no Age is subtracted (5.1).
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import { isIPv6 } from 'node:net'
import { answersQuery, idOf, setId } from './match.js'
import { type Asked, Connection, ConnectionPool } from './pool.js'
import { connectTls } from './tls.js'
import { serverToText, TransportError, type TransportLimits, type TransportServer } from './transport.js'

const PATH = '/dns-query'
const MEDIA_TYPE = 'application/dns-message'
const MAX_MESSAGE = 65_535

export function createHttpsTransport(limits: TransportLimits, ca?: string | string[]): ConnectionPool {
  return new ConnectionPool((server, pool) => new HttpsConnection(server, pool, ca), limits)
}

class HttpsConnection extends Connection {
  readonly closed: Promise<void>
  readonly #session: ClientHttp2Session
  readonly #pool: ConnectionPool
  readonly #requests = new Map<Asked, ClientHttp2Stream>()
  #error: Error | undefined

  constructor(server: TransportServer, pool: ConnectionPool, ca?: string | string[]) {
    super()
    this.#pool = pool
    const host = server.hostname?.replace(/\.$/, '') ?? server.address
    const authority = new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${server.port}`)
    const socket = connectTls(server, host, ['h2'], ca)
    this.#session = connect(authority, { createConnection: () => socket, settings: { enablePush: false } })
    this.closed = new Promise((closed) => this.#session.once('close', () => closed()))
    this.#session.unref()
    // Not at the socket's own event: a socket that is gone when Node attaches the session to it ends the process.
    this.#session.once('connect', () => {
      if (socket.alpnProtocol === 'h2') return
      this.#error = new TransportError('EHTTP', `${serverToText(server)}: the server does not speak HTTP/2`)
      this.#session.destroy()
    })
    this.#session.on('error', (error) => {
      this.#error ??= error
    })
    this.#session.on('goaway', () => {
      this.retired = true
    })
    this.#session.on('close', () => this.#die())
  }

  get takesMore(): boolean {
    return !this.#session.closed && !this.#session.destroyed && this.#requests.size < this.#pool.limits.queriesPerConnection
  }

  send(asked: Asked): void {
    const body = Uint8Array.from(asked.query)
    setId(body, 0) // RFC 8484 4.1
    const request = this.#session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': MEDIA_TYPE,
      accept: MEDIA_TYPE,
      'content-length': body.length
    })
    this.#requests.set(asked, request)
    let failure: Error | undefined
    let responded = false
    const chunks: Uint8Array[] = []
    let length = 0
    request.on('response', (headers) => {
      responded = true
      const type = String(headers['content-type'] ?? '')
      if (headers[':status'] !== 200) this.#refuse(asked, `HTTP status ${headers[':status']}`)
      else if (type.split(';', 1)[0].trim().toLowerCase() !== MEDIA_TYPE) this.#refuse(asked, `a body of type ${type || 'unknown'}`)
    })
    request.on('data', (chunk: Uint8Array) => {
      length += chunk.length
      if (length > MAX_MESSAGE) this.#refuse(asked, `a body of more than ${MAX_MESSAGE} octets`)
      else chunks.push(chunk)
    })
    request.on('end', () => {
      if (responded && request.rstCode === constants.NGHTTP2_NO_ERROR) this.#receive(asked, chunks, length)
    })
    request.on('error', (error) => {
      failure = error
    })
    request.on('close', () => {
      if (!this.#requests.delete(asked)) return
      // A session that ended says why only in its own error.
      queueMicrotask(() => this.#pool.lost(this, [asked], this.#error ?? failure))
    })
    request.end(body)
  }

  abandon(asked: Asked): void {
    const request = this.#requests.get(asked)
    this.#requests.delete(asked)
    if (request && !request.closed) request.close(constants.NGHTTP2_CANCEL)
  }

  destroy(): void {
    this.#session.destroy()
  }

  #receive(asked: Asked, chunks: readonly Uint8Array[], length: number): void {
    const message = new Uint8Array(length)
    let at = 0
    for (const chunk of chunks) {
      message.set(chunk, at)
      at += chunk.length
    }
    if (!answersQuery(asked.query, message, 0)) {
      this.#refuse(asked, 'a body that is not the reply')
      return
    }
    this.#requests.delete(asked)
    this.replies++
    setId(message, idOf(asked.query))
    asked.waiting.resolve(message)
  }

  #refuse(asked: Asked, text: string): void {
    this.replies++
    asked.waiting.reject(new TransportError('EHTTP', `${serverToText(asked.server)}: ${text}`))
  }

  #die(): void {
    this.retired = true
    const left = [...this.#requests.keys()]
    this.#requests.clear()
    if (left.length > 0) this.#pool.lost(this, left, this.#error)
  }
}
