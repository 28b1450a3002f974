import { createSocket } from 'node:dgram'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TRANSPORT_LIMITS, type TransportLimits } from '../../src/transport/transport.js'
import { createUdpTransport } from '../../src/transport/udp.js'
import { options, pause, query, replyTo, udpServer, withId } from './loopback.js'

function transport(limits: Partial<TransportLimits> = {}) {
  const udp = createUdpTransport({ ...TRANSPORT_LIMITS, queriesPerSocket: 4, ...limits })
  onTestFinished(() => udp.close())
  return udp
}

/** A server that notes the ports it is asked from, and answers by `answer`. */
async function noting(answer = (asked: Uint8Array, send: (message: Uint8Array) => void) => send(replyTo(asked))) {
  const ports: number[] = []
  const server = await udpServer((asked, send, from) => {
    ports.push(from.port)
    answer(asked, send)
  })
  return { server, ports }
}

describe('a UDP socket that serves several queries', () => {
  it('serves as many as it may, one after the other, and has a random port', async () => {
    const udp = transport()
    const { server, ports } = await noting()
    for (let n = 0; n < 80; n++) await udp.exchange(query(n), server, options())
    const runs = Array.from({ length: 20 }, (_, i) => new Set(ports.slice(4 * i, 4 * i + 4)))
    expect(runs.map(({ size }) => size)).toEqual(Array(20).fill(1))
    expect(new Set(ports).size).toBeGreaterThan(17)
    expect(Math.max(...ports) - Math.min(...ports)).toBeGreaterThan(15_000)
  })

  it('serves one query at a time', async () => {
    const udp = transport()
    const { server, ports } = await noting((asked, send) => void setTimeout(() => send(replyTo(asked)), 5))
    await Promise.all(Array.from({ length: 20 }, (_, n) => udp.exchange(query(n), server, options())))
    expect(new Set(ports).size).toBe(20)
  })

  it('serves one server', async () => {
    const udp = transport()
    const [one, other] = [await noting(), await noting()]
    for (let n = 0; n < 3; n++) {
      await udp.exchange(query(n), one.server, options())
      await udp.exchange(query(n), other.server, options())
    }
    expect([new Set(one.ports).size, new Set(other.ports).size]).toEqual([1, 1])
    expect(one.ports[0]).not.toBe(other.ports[0])
  })

  it('takes a reply that comes again for nobody’s guess', async () => {
    const udp = transport({ mismatches: 2 })
    let first: Uint8Array | undefined
    const { server, ports } = await noting((asked, send) => {
      if (first) for (let n = 0; n < 5; n++) send(first)
      first ??= replyTo(asked)
      send(replyTo(asked))
    })
    await udp.exchange(query(1), server, options())
    expect(await udp.exchange(query(2), server, options())).toEqual(replyTo(query(2)))
    expect(new Set(ports).size).toBe(1)
  })

  it('counts guesses for each query anew', async () => {
    const udp = transport({ mismatches: 3 })
    const { server, ports } = await noting((asked, send) => {
      for (let n = 0; n < 2; n++) send(withId(replyTo(asked), 999 + n))
      send(replyTo(asked))
    })
    for (let n = 0; n < 4; n++) expect(await udp.exchange(query(n), server, options())).toEqual(replyTo(query(n)))
    expect(new Set(ports).size).toBe(1)
  })

  it('is not used after a query without reply', async () => {
    const udp = transport()
    const { server, ports } = await noting((asked, send) => {
      if (asked[1] !== 1) send(replyTo(asked))
    })
    await expect(udp.exchange(query(1), server, options(30))).rejects.toMatchObject({ code: 'ETIMEOUT' })
    await udp.exchange(query(2), server, options())
    await udp.exchange(query(3), server, options())
    expect(ports[1]).not.toBe(ports[0])
    expect(ports[2]).toBe(ports[1])
  })

  it('is not used when the system has reported an error on it meanwhile', async () => {
    const udp = transport()
    const socket = createSocket('udp4')
    await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound))
    const server = { address: '127.0.0.1', port: socket.address().port, protocol: 'udp' }
    socket.on('message', (asked, from) => {
      socket.send(replyTo(asked), from.port, from.address, () => asked[1] === 2 && socket.close())
    })
    await udp.exchange(query(1), server, options())
    await udp.exchange(query(2), server, options())
    await pause(20)
    for (let n = 3; n < 6; n++) await expect(udp.exchange(query(n), server, options())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('is closed after a second, used or not', { timeout: 10_000 }, async () => {
    const udp = transport({ queriesPerSocket: 1_000 })
    const { server, ports } = await noting()
    const until = performance.now() + 1_300
    for (let n = 0; performance.now() < until; n++) {
      await udp.exchange(query(n % 60_000), server, options())
      await pause(5)
    }
    expect(new Set(ports).size).toBe(2)
  })

  it('is left open for nobody when the transport is closed', async () => {
    const udp = transport()
    const { server, ports } = await noting()
    await Promise.all(Array.from({ length: 10 }, (_, n) => udp.exchange(query(n), server, options())))
    const inUse = async () => (await Promise.all(ports.map(isTaken))).filter((taken) => taken).length
    expect(await inUse()).toBe(10)
    await udp.close()
    expect(await inUse()).toBe(0)
    await expect(udp.exchange(query(1), server, options())).rejects.toMatchObject({ code: 'ECLOSED' })
  })
})

async function isTaken(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  const taken = await new Promise<boolean>((told) => {
    socket.once('error', () => told(true))
    socket.bind({ port, exclusive: true }, () => told(false))
  })
  await new Promise<void>((closed) => void socket.close(closed))
  return taken
}
