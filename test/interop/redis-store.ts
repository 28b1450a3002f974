// A shared cache store kept by Redis: an example of an adapter, speaking its protocol (RESP2) over one connection.
import { connect, type Socket } from 'node:net'
import type { CacheStore } from '../../src/index.js'

type Reply = Uint8Array | string | number | undefined

export function redisCacheStore(options: { readonly host: string; readonly port: number }): CacheStore {
  const client = new RedisClient(options)
  return {
    async get(key) {
      const value = await client.command('GET', key)
      return value instanceof Uint8Array ? value : undefined
    },
    async set(key, value, ttl) {
      await client.command('SET', key, value, 'EX', String(ttl))
    },
    async delete(key) {
      await client.command('DEL', key)
    },
    close: () => client.close()
  }
}

class RedisClient {
  readonly #options: { readonly host: string; readonly port: number }
  #socket: Socket | undefined
  #held: Buffer = Buffer.alloc(0)
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = []

  constructor(options: { readonly host: string; readonly port: number }) {
    this.#options = options
  }

  command(...parts: readonly (string | Uint8Array)[]): Promise<Reply> {
    const socket = this.#connected()
    const chunks = parts.flatMap((part) => {
      const octets = typeof part === 'string' ? Buffer.from(part) : part
      return [Buffer.from(`$${octets.length}\r\n`), octets, Buffer.from('\r\n')]
    })
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      socket.write(Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...chunks]))
    })
  }

  async close(): Promise<void> {
    const socket = this.#socket
    if (!socket || socket.closed) return
    await new Promise<void>((closed) => {
      socket.once('close', () => closed())
      socket.destroy()
    })
  }

  #connected(): Socket {
    if (this.#socket && !this.#socket.destroyed) return this.#socket
    const socket = connect(this.#options)
    this.#held = Buffer.alloc(0)
    socket.unref()
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection to Redis ended'))
    })
    this.#socket = socket
    return socket
  }

  #read(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk])
    for (;;) {
      const end = this.#held.indexOf('\r\n')
      if (end < 0) return
      const line = this.#held.toString('latin1', 1, end)
      const kind = this.#held.toString('latin1', 0, 1)
      let taken = end + 2
      let reply: Reply = line
      if (kind === ':') reply = Number(line)
      if (kind === '$') {
        const length = Number(line)
        if (length >= 0 && this.#held.length < taken + length + 2) return
        reply = length < 0 ? undefined : Uint8Array.from(this.#held.subarray(taken, taken + length))
        if (length >= 0) taken += length + 2
      }
      this.#held = this.#held.subarray(taken)
      const waiting = this.#waiting.shift()
      if (kind === '-') waiting?.reject(new Error(line))
      else waiting?.resolve(reply)
    }
  }
}
