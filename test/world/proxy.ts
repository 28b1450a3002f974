// A bad network on loopback: a proxy for UDP and TCP between a client and one server, which loses, delays, cuts and
// forges by a script or by chance. Chance comes from a seed, so that a run can be had again.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Deframer, FrameError, frame } from '../../src/transport/framing.js'

/**
 * What befalls one exchange. `lose`: the query never arrives. `truncate`: TC and no records (over UDP; over TCP it passes).
 * `wrongId`: the reply bears another ID. `forge`: such a reply comes ahead of the true one. `duplicate`: the reply comes
 * twice. `late`: it comes after `lateMs`. `close`: the connection ends instead (over UDP: the reply is lost).
 */
export type Deed = 'pass' | 'lose' | 'truncate' | 'wrongId' | 'forge' | 'duplicate' | 'late' | 'close'

export interface Weather {
  /** deeds of the next exchanges, in order; after them chance decides */
  readonly script?: readonly Deed[]
  /** probability of each deed, 0 to 1; what is left to 1 passes */
  readonly chances?: Partial<Record<Exclude<Deed, 'pass'>, number>>
  /** before every reply, least and most, in ms */
  readonly delayMs?: readonly [number, number]
  readonly lateMs?: number
}

export interface Proxy {
  readonly address: string
  /** of UDP and TCP */
  readonly port: number
  /** what was done so far, in the order of the queries */
  readonly deeds: readonly Deed[]
  change(weather: Weather): void
  close(): Promise<void>
}

export async function startProxy(server: { address: string; port: number }, weather: Weather = {}, seed = 1): Promise<Proxy> {
  const proxy = new BadNetwork(server, weather, seed)
  await proxy.listen()
  return proxy
}

class BadNetwork implements Proxy {
  readonly address = '127.0.0.1'
  readonly deeds: Deed[] = []
  port = 0
  readonly #server: { address: string; port: number }
  /** apart, so that what is done does not hang on when replies come */
  readonly #fate: () => number
  readonly #random: () => number
  #weather: Weather
  #script: Deed[] = []
  #udp!: UdpSocket
  #tcp!: Server
  readonly #sockets = new Set<UdpSocket>()
  readonly #streams = new Set<Socket>()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(server: { address: string; port: number }, weather: Weather, seed: number) {
    this.#server = server
    this.#fate = seeded(seed)
    this.#random = seeded(~seed)
    this.#weather = weather
    this.change(weather)
  }

  change(weather: Weather): void {
    this.#weather = weather
    this.#script = [...(weather.script ?? [])]
  }

  async listen(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      this.#udp = createSocket('udp4')
      this.#udp.bind(0, this.address)
      await once(this.#udp, 'listening')
      this.port = this.#udp.address().port
      this.#tcp = createServer((client) => this.#carryStream(client))
      try {
        this.#tcp.listen(this.port, this.address)
        await once(this.#tcp, 'listening')
        break
      } catch (error) {
        // Somebody else has this port for TCP.
        await new Promise<void>((closed) => this.#udp.close(closed))
        if (attempt === 20) throw error
      }
    }
    this.#udp.on('message', (query, from) => {
      this.#carryDatagram(query, (reply) => this.#udp.send(reply, from.port, from.address))
    })
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    for (const socket of this.#sockets) socket.close()
    for (const stream of this.#streams) stream.destroy()
    this.#sockets.clear()
    await Promise.all([
      new Promise<void>((closed) => this.#udp.close(closed)),
      new Promise<void>((closed) => this.#tcp.close(() => closed()))
    ])
  }

  #carryDatagram(query: Uint8Array, send: (reply: Uint8Array) => void): void {
    const deed = this.#decide()
    if (deed === 'lose') return
    const upstream = createSocket('udp4')
    this.#sockets.add(upstream)
    const done = () => {
      if (this.#sockets.delete(upstream)) upstream.close()
    }
    upstream.on('error', done)
    upstream.on('message', (reply) => {
      done()
      if (deed === 'close') return
      this.#wait(deed, () => this.#deliver(deed, deed === 'truncate' ? truncated(reply) : reply, send))
    })
    upstream.send(query, this.#server.port, this.#server.address)
  }

  #carryStream(client: Socket): void {
    const upstream = connect(this.#server.port, this.#server.address)
    for (const [stream, other] of [
      [client, upstream],
      [upstream, client]
    ]) {
      this.#streams.add(stream)
      stream.on('error', () => {})
      stream.on('close', () => {
        this.#streams.delete(stream)
        other.destroy()
      })
    }
    const deeds = new Map<number, Deed>()
    eachMessage(client, (query) => {
      const deed = this.#decide()
      deeds.set(idOf(query), deed)
      if (deed !== 'lose') upstream.write(frame(query))
    })
    eachMessage(upstream, (reply) => {
      const deed = deeds.get(idOf(reply)) ?? 'pass'
      if (deed === 'close') client.destroy()
      else this.#wait(deed, () => this.#deliver(deed, reply, (message) => client.writable && client.write(frame(message))))
    })
  }

  #deliver(deed: Deed, reply: Uint8Array, send: (reply: Uint8Array) => void): void {
    if (deed === 'wrongId' || deed === 'forge') send(this.#withOtherId(reply))
    if (deed !== 'wrongId') send(reply)
    if (deed === 'duplicate') send(reply)
  }

  #decide(): Deed {
    const deed = this.#script.shift() ?? this.#draw()
    this.deeds.push(deed)
    return deed
  }

  #draw(): Deed {
    let left = this.#fate()
    for (const [deed, chance] of Object.entries(this.#weather.chances ?? {})) {
      left -= chance
      if (left < 0) return deed as Deed
    }
    return 'pass'
  }

  #wait(deed: Deed, then: () => void): void {
    const [least, most] = this.#weather.delayMs ?? [0, 0]
    const delayMs = least + this.#random() * (most - least) + (deed === 'late' ? (this.#weather.lateMs ?? 2_000) : 0)
    if (delayMs === 0) {
      then()
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      then()
    }, delayMs)
    this.#timers.add(timer)
  }

  #withOtherId(reply: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(reply)
    copy[0] ^= 1 + Math.floor(this.#random() * 255)
    return copy
  }
}

function eachMessage(stream: Socket, take: (message: Uint8Array) => void): void {
  const deframer = new Deframer()
  stream.on('data', (chunk) => {
    try {
      deframer.push(chunk, take)
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      stream.destroy()
    }
  })
}

/** Header with TC and the question (RFC 2181 9: what is cut off must not be used). */
function truncated(reply: Uint8Array): Uint8Array {
  let end = 12
  while (end < reply.length && reply[end] !== 0) end += 1 + reply[end]
  const cut = Uint8Array.from(reply.subarray(0, end + 5))
  cut[2] |= 0x02
  cut.fill(0, 6, 12)
  return cut
}

function idOf(message: Uint8Array): number {
  return (message[0] << 8) | message[1]
}

/** A small generator (32-bit multiply and shift) of numbers from 0 up to 1. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}
