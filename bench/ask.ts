// Questions to name servers over UDP from one socket, for peers that are servers.
import { createSocket, type Socket } from 'node:dgram'
import { buildQuery } from '../src/wire/message.js'
import { CLASS, typeFromText } from '../src/wire/numbers.js'
import { nameFromText } from '../src/wire/text.js'
import type { Asked } from './tree.js'

export function queryFor(name: string, type: string, id: number): Uint8Array {
  const question = { name: nameFromText(name), type: typeFromText(type) as number, class: CLASS.IN }
  return buildQuery({ id, question, recursionDesired: true, edns: { udpSize: 1232, dnssecOk: true } })
}

/** The reply, or undefined after `ms`. */
export function exchangeOnce(address: string, port: number, name: string, type: string, ms: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const end = (reply?: Uint8Array): void => {
      clearTimeout(timer)
      socket.close()
      resolve(reply)
    }
    const timer = setTimeout(end, ms)
    socket.once('message', (reply) => end(reply))
    socket.once('error', () => end())
    socket.send(queryFor(name, type, 1), port, address)
  })
}

export interface Batch {
  readonly ms: number
  /** answers with AD, or whatever the subject calls secure */
  readonly secure: number
  /** ms of each question, in their order */
  readonly each: readonly number[]
}

const RETRY_MS = 5_000

/** All questions, so many at a time, each answered before the next takes its place. */
export async function askAll(questions: readonly Asked[], atOnce: number, ask: (asked: Asked) => Promise<boolean>): Promise<Batch> {
  const each = new Array<number>(questions.length)
  let [next, secure] = [0, 0]
  const startedAt = performance.now()
  const worker = async (): Promise<void> => {
    for (let i = next++; i < questions.length; i = next++) {
      const from = performance.now()
      if (await ask(questions[i] as Asked)) secure++
      each[i] = performance.now() - from
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { ms: performance.now() - startedAt, secure, each }
}

/** Asks one server over one socket; a question is told by its ID. */
export class Asker {
  readonly #socket: Socket
  readonly #waiting = new Map<number, (secure: boolean) => void>()
  #id = 0

  constructor(
    readonly address: string,
    readonly port: number
  ) {
    this.#socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
    this.#socket.on('error', () => {})
    this.#socket.on('message', (reply) => {
      const id = (reply[0] << 8) | reply[1]
      const done = this.#waiting.get(id)
      if (!done) return
      this.#waiting.delete(id)
      done((reply[3] & 0x20) !== 0)
    })
  }

  /** True when the answer has the AD bit. */
  ask = (asked: Asked): Promise<boolean> =>
    new Promise((resolve) => {
      const id = this.#id++ & 0xffff
      const query = queryFor(asked.name, asked.type, id)
      const timer = setInterval(() => this.#socket.send(query, this.port, this.address), RETRY_MS)
      this.#waiting.set(id, (secure) => {
        clearInterval(timer)
        resolve(secure)
      })
      this.#socket.send(query, this.port, this.address)
    })

  close(): void {
    this.#socket.close()
  }
}
