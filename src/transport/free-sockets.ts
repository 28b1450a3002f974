// UDP sockets between two queries to the same server (RFC 5452 9.2), where more than one query a socket is allowed.
import type { TransportServer } from './transport.js'
import type { UdpSocket } from './udp-socket.js'

/** However seldom it is used, a port is not open long enough to be found by probing for it. */
const OLDEST_MS = 1_000
const MOST = 64

export class FreeSockets {
  readonly #byServer = new Map<string, UdpSocket[]>()
  readonly #closing = new Set<Promise<void>>()
  #count = 0
  #sweeper: NodeJS.Timeout | undefined

  take(server: TransportServer): UdpSocket | undefined {
    const sockets = this.#byServer.get(keyOf(server))
    for (let socket = sockets?.pop(); socket; socket = sockets?.pop()) {
      this.#count--
      if (!socket.ended && performance.now() - socket.openedAt < OLDEST_MS) return socket
      this.#close(socket)
    }
    return undefined
  }

  /** @returns false when it is not kept */
  put(socket: UdpSocket): boolean {
    if (socket.ended || this.#count >= MOST || performance.now() - socket.openedAt >= OLDEST_MS) return false
    const key = keyOf(socket.server)
    const sockets = this.#byServer.get(key)
    if (sockets) sockets.push(socket)
    else this.#byServer.set(key, [socket])
    this.#count++
    this.#sweeper ??= setTimeout(() => this.#sweep(), OLDEST_MS).unref()
    return true
  }

  async close(): Promise<void> {
    for (const sockets of this.#byServer.values()) for (const socket of sockets) this.#close(socket)
    this.#byServer.clear()
    this.#count = 0
    clearTimeout(this.#sweeper)
    await Promise.all(this.#closing)
  }

  #sweep(): void {
    this.#sweeper = undefined
    const now = performance.now()
    for (const [key, sockets] of this.#byServer) {
      const young = sockets.filter((socket) => !socket.ended && now - socket.openedAt < OLDEST_MS)
      for (const socket of sockets) if (!young.includes(socket)) this.#close(socket)
      this.#count -= sockets.length - young.length
      if (young.length > 0) this.#byServer.set(key, young)
      else this.#byServer.delete(key)
    }
    if (this.#count > 0) this.#sweeper = setTimeout(() => this.#sweep(), OLDEST_MS).unref()
  }

  #close(socket: UdpSocket): void {
    socket.close()
    const closed = socket.closed.then(() => void this.#closing.delete(closed))
    this.#closing.add(closed)
  }
}

const keyOf = ({ address, port }: TransportServer): string => `${address} ${port}`
