import { createSocket } from 'node:dgram'
import { getEventListeners, once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TRANSPORT_LIMITS } from '../../src/transport/transport.js'
import { createUdpTransport } from '../../src/transport/udp.js'
import { options, pause, query, replyTo, udpServer, withId } from './loopback.js'

const udp = createUdpTransport({ ...TRANSPORT_LIMITS, socketsAtOnce: 8 })
const closedPort = 9 // discard, which nobody serves any more

describe('UDP', () => {
  it('gives the octets of the reply', async () => {
    const server = await udpServer((asked, send) => send(replyTo(asked, [7, 7])))
    const reply = await udp.exchange(query(4660), server, options())
    expect(reply).toEqual(replyTo(query(4660), [7, 7]))
    expect(reply.constructor).toBe(Uint8Array)
  })

  it('takes a reply that came in time while other work held the event loop', async () => {
    // The server is a thread of its own: it replies while this one is held.
    const server = new Worker(
      `const { parentPort } = require('node:worker_threads')
       const socket = require('node:dgram').createSocket('udp4')
       socket.on('message', (asked, from) => setTimeout(() => { asked[2] |= 0x80; socket.send(asked, from.port, from.address) }, 50))
       socket.bind(0, '127.0.0.1', () => parentPort.postMessage(socket.address().port))`,
      { eval: true }
    )
    onTestFinished(async () => void (await server.terminate()))
    const [port] = (await once(server, 'message')) as [number]
    const reply = udp.exchange(query(4660), { address: '127.0.0.1', port, protocol: 'udp' }, options(100))
    await pause(20) // the query is on its way
    await new Promise(setImmediate) // next come the timers, and only then the sockets
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
    expect(await reply).toEqual(replyTo(query(4660)))
  })

  it('takes a reply of the largest size', async () => {
    const server = await udpServer((asked, send) => send(replyTo(asked, Array(60_000).fill(5))))
    expect((await udp.exchange(query(1), server, options())).length).toBe(query(1).length + 60_000)
  })

  it('speaks IPv6, however the address is spelled', async (context) => {
    const server = await udpServer((asked, send) => send(replyTo(asked)), '::1').catch(() => context.skip('no IPv6 here'))
    expect(await udp.exchange(query(2), { ...server, address: '0:0:0:0:0:0:0:1' }, options())).toEqual(replyTo(query(2)))
  })

  it('uses another port for every query, not one the system counts up', async () => {
    const ports: number[] = []
    const server = await udpServer((asked, send, from) => {
      ports.push(from.port)
      send(replyTo(asked))
    })
    for (let n = 0; n < 40; n++) await udp.exchange(query(n), server, options())
    expect(new Set(ports).size).toBeGreaterThan(35)
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(16_384)
    expect(Math.max(...ports) - Math.min(...ports)).toBeGreaterThan(20_000)
  })

  it.each([
    ['a wrong ID', (asked: Uint8Array) => withId(replyTo(asked), 1)],
    ['a wrong question', () => replyTo(query(4660, 'example.net'))],
    ['the query itself', (asked: Uint8Array) => asked],
    ['three octets', () => Uint8Array.of(1, 2, 3)],
    ['an empty datagram', () => new Uint8Array(0)]
  ])('ignores %s and takes the right reply after it', async (_, forge) => {
    const server = await udpServer((asked, send) => {
      send(forge(asked))
      send(replyTo(asked, [1]))
    })
    expect(await udp.exchange(query(4660), server, options())).toEqual(replyTo(query(4660), [1]))
  })

  it.each([['127.0.0.1'], ['127.0.0.2']])('ignores what comes from another socket at %s', async (address) => {
    const stranger = createSocket('udp4')
    await new Promise<void>((bound) => stranger.bind(0, address, bound))
    const server = await udpServer((asked, send, from) => {
      stranger.send(replyTo(asked, [6, 6, 6]), from.port, from.address, () => setTimeout(() => send(replyTo(asked, [1])), 30))
    })
    expect(await udp.exchange(query(3), server, options())).toEqual(replyTo(query(3), [1]))
    await new Promise<void>((done) => void stranger.close(done))
  })

  it('gives up after ten datagrams that are not the reply', async () => {
    let sent = 0
    const server = await udpServer((asked, send) => {
      for (; sent < 10; sent++) send(withId(replyTo(asked), sent + 1))
    })
    await expect(udp.exchange(query(4660), server, options())).rejects.toMatchObject({ name: 'TransportError', code: 'EMISMATCH' })
    expect(sent).toBe(10)
  })

  it('bears nine of them', async () => {
    const server = await udpServer((asked, send) => {
      for (let n = 1; n < 10; n++) send(withId(replyTo(asked), n))
      send(replyTo(asked))
    })
    expect(await udp.exchange(query(4660), server, options())).toEqual(replyTo(query(4660)))
  })

  it('takes the first of two replies', async () => {
    const server = await udpServer((asked, send) => {
      send(replyTo(asked, [1]))
      send(replyTo(asked, [2]))
    })
    expect(await udp.exchange(query(8), server, options())).toEqual(replyTo(query(8), [1]))
  })

  it('ends in ETIMEOUT when the server is silent, and the late reply harms nobody', async () => {
    const server = await udpServer((asked, send) => void setTimeout(() => send(replyTo(asked)), 90))
    const began = performance.now()
    await expect(udp.exchange(query(9), server, options(40))).rejects.toMatchObject({ code: 'ETIMEOUT' })
    expect(performance.now() - began).toBeGreaterThan(35)
    await pause(80)
  })

  it('learns at once that nobody listens', async () => {
    const server = { address: '127.0.0.1', port: closedPort, protocol: 'udp' }
    await expect(udp.exchange(query(9), server, options())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('rejects with the reason of the signal, before and during the wait', async () => {
    let asked = 0
    const server = await udpServer(() => void asked++)
    const reason = new Error('enough')
    await expect(udp.exchange(query(1), server, options(5_000, AbortSignal.abort(reason)))).rejects.toBe(reason)
    expect(asked).toBe(0)
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 20)
    await expect(udp.exchange(query(1), server, options(5_000, controller.signal))).rejects.toBe(reason)
    expect(asked).toBe(1)
  })

  it('may share a signal among many exchanges, and leaves no listener on it', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    const server = await udpServer((asked, send) => {
      if (asked[1] < 20) send(replyTo(asked))
    })
    const controller = new AbortController()
    const ask = (id: number) => udp.exchange(query(id), server, options(5_000, controller.signal))
    const waiting = Array.from({ length: 26 }, (_, id) => ask(id))
    await Promise.all(waiting.slice(0, 20))
    const aborted = Promise.allSettled(waiting.slice(20))
    controller.abort(new Error('enough'))
    for (const one of await aborted) expect(one).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
    await pause(1)
    process.off('warning', note)
    expect([warnings, getEventListeners(controller.signal, 'abort')]).toEqual([[], []])
  })

  it('lets queries wait when too many sockets are open, and answers them all', async () => {
    let open = 0
    let most = 0
    const server = await udpServer((asked, send) => {
      most = Math.max(most, ++open)
      setTimeout(() => {
        open--
        send(replyTo(asked))
      }, 5)
    })
    const ids = Array.from({ length: 60 }, (_, n) => n)
    const replies = await Promise.all(ids.map((id) => udp.exchange(query(id), server, options())))
    expect(replies).toEqual(ids.map((id) => replyTo(query(id))))
    expect(most).toBeLessThanOrEqual(8)
  })

  it.each([
    ['a host name', query(1), 'localhost', 53],
    ['port 0', query(1), '127.0.0.1', 0],
    ['an octet too few', query(1).subarray(0, -1), '127.0.0.1', 53]
  ])('sends nothing for %s', async (_, message, address, port) => {
    await expect(udp.exchange(message, { address, port, protocol: 'udp' }, options())).rejects.toMatchObject({ code: 'EINVAL' })
  })

  it('ends what is under way when it is closed, and takes nothing more', async () => {
    const transport = createUdpTransport(TRANSPORT_LIMITS)
    const server = await udpServer(() => {})
    const waiting = transport.exchange(query(1), server, options())
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'ECLOSED' })
    await transport.close()
    await outcome
    await expect(transport.exchange(query(1), server, options())).rejects.toMatchObject({ code: 'ECLOSED' })
  })
})
