import { describe, expect, it, onTestFinished } from 'vitest'
import { createTcpTransport } from '../../src/transport/tcp.js'
import { TRANSPORT_LIMITS, type TransportLimits } from '../../src/transport/transport.js'
import { framed, options, pause, query, replyTo, streamServer, withId } from './loopback.js'

function createTcp(limits: Partial<TransportLimits> = {}) {
  const tcp = createTcpTransport({ ...TRANSPORT_LIMITS, ...limits })
  onTestFinished(() => tcp.close())
  return tcp
}

describe('TCP', () => {
  it('gives the octets of the reply, the largest included', async () => {
    const tail = Array(65_535 - query(1).length).fill(9)
    const server = await streamServer((asked, client) => client.send(replyTo(asked, tail)))
    const reply = await createTcp().exchange(query(1), server, options())
    expect(reply.length).toBe(65_535)
    expect(reply).toEqual(replyTo(query(1), tail))
    expect(reply.constructor).toBe(Uint8Array)
  })

  it('pipelines 200 queries on one connection and sorts replies that come in any order', async () => {
    const asked: Uint8Array[] = []
    const server = await streamServer((message, client) => {
      asked.push(message)
      if (asked.length === 200) for (const one of asked.reverse()) client.send(replyTo(one, [1]))
    })
    const tcp = createTcp()
    const queries = Array.from({ length: 200 }, (_, n) => query(n, `n${n}.example`))
    const replies = await Promise.all(queries.map((one) => tcp.exchange(one, server, options())))
    expect(replies).toEqual(queries.map((one) => replyTo(one, [1])))
    expect(server.clients.length).toBe(1)
  })

  it('keeps queries of the same ID apart, even those with the same question', async () => {
    const ids: number[] = []
    const waiting: (() => void)[] = []
    const server = await streamServer((message, client) => {
      const n = ids.push((message[0] << 8) | message[1])
      waiting.push(() => client.send(replyTo(message, [n])))
      if (waiting.length === 4) for (const send of waiting.reverse()) send()
    })
    const tcp = createTcp()
    const queries = [query(0xffff, 'a.example'), query(0xffff, 'b.example'), query(0xffff, 'b.example'), query(0xffff, 'a.example', 28)]
    const replies = await Promise.all(queries.map((one) => tcp.exchange(one, server, options())))
    expect(replies).toEqual(queries.map((one, n) => replyTo(one, [n + 1])))
    expect(new Set(ids).size).toBe(4)
    expect(server.clients.length).toBe(1)
  })

  it('takes replies that come octet by octet, and several in one piece', async () => {
    const held: Uint8Array[] = []
    const server = await streamServer(async (message, client) => {
      held.push(framed(replyTo(message, [held.length])))
      if (held.length < 3) return
      for (const octet of held[0]) {
        client.socket.write(Uint8Array.of(octet))
        await pause(1)
      }
      client.socket.write(Buffer.concat(held.slice(1)))
    })
    const tcp = createTcp()
    const replies = await Promise.all([1, 2, 3].map((id) => tcp.exchange(query(id), server, options())))
    expect(replies).toEqual([1, 2, 3].map((id) => replyTo(query(id), [id - 1])))
  })

  it('uses a connection again, and leaves it after its idle time', async () => {
    const server = await streamServer((asked, client) => client.send(replyTo(asked)))
    const tcp = createTcp({ idleMs: 60 })
    await tcp.exchange(query(1), server, options())
    await pause(20)
    await tcp.exchange(query(2), server, options())
    expect(server.clients.length).toBe(1)
    await pause(120)
    expect(server.clients[0].socket.destroyed).toBe(true)
    await tcp.exchange(query(3), server, options())
    expect(server.clients.length).toBe(2)
  })

  it('asks again on a new connection when a used one is closed under a query', async () => {
    const seen: number[] = []
    const server = await streamServer((asked, client) => {
      seen.push(client.n)
      if (client.n === 0 && seen.length > 1) client.socket.destroy()
      else client.send(replyTo(asked))
    })
    const tcp = createTcp()
    await tcp.exchange(query(1), server, options())
    const replies = await Promise.all([2, 3].map((id) => tcp.exchange(query(id), server, options())))
    expect(replies).toEqual([2, 3].map((id) => replyTo(query(id))))
    expect(seen.slice(-2)).toEqual([1, 1])
  })

  it('does so when the server closed while nobody asked', async () => {
    const server = await streamServer((asked, client) => client.send(replyTo(asked)))
    const tcp = createTcp()
    await tcp.exchange(query(1), server, options())
    server.clients[0].socket.end()
    await pause(20)
    expect(await tcp.exchange(query(2), server, options())).toEqual(replyTo(query(2)))
    expect(server.clients.length).toBe(2)
  })

  it('asks again once only, and not at all when the connection never answered', async () => {
    const server = await streamServer((asked, client) => {
      if (asked[1] === 1) client.send(replyTo(asked))
      else client.socket.end()
    })
    const tcp = createTcp()
    await expect(tcp.exchange(query(2), server, options())).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(server.clients.length).toBe(1)
    await tcp.exchange(query(1), server, options())
    expect(server.clients.length).toBe(2)
    await expect(tcp.exchange(query(2), server, options())).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(server.clients.length).toBe(3)
  })

  it('rejects when the server closes in the middle of a reply', async () => {
    const server = await streamServer((asked, client) => client.socket.end(framed(replyTo(asked, [1, 2, 3])).subarray(0, 20)))
    await expect(createTcp().exchange(query(2), server, options())).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it.each([
    ['of no octets', Uint8Array.of(0, 0)],
    ['shorter than a header', framed(new Uint8Array(11))]
  ])('gives a stream up that has a frame %s', async (_, octets) => {
    const server = await streamServer((_asked, client) => void client.socket.write(octets))
    await expect(createTcp().exchange(query(2), server, options())).rejects.toMatchObject({ code: 'EFRAME' })
    await pause(20)
    expect(server.clients[0].socket.destroyed).toBe(true)
  })

  it('passes over replies to other questions, up to ten in a row', async () => {
    const few = await streamServer((asked, client) => {
      client.send(replyTo(query(asked[1], 'example.net')))
      client.send(withId(replyTo(asked), 99))
      client.send(replyTo(asked, [1]))
    })
    const tcp = createTcp()
    expect(await tcp.exchange(query(1), few, options())).toEqual(replyTo(query(1), [1]))
    const many = await streamServer((asked, client) => {
      for (let n = 0; n < 10; n++) client.send(withId(replyTo(asked), 99))
    })
    await expect(tcp.exchange(query(1), many, options())).rejects.toMatchObject({ code: 'EMISMATCH' })
  })

  it('lets the others of a connection go on when one is aborted, whose late reply goes to nobody', async () => {
    const held: (() => void)[] = []
    const server = await streamServer((asked, client) => {
      held.push(() => client.send(replyTo(asked, [held.length])))
      if (held.length === 4) for (const send of held) send()
    })
    const tcp = createTcp()
    const controller = new AbortController()
    const reason = new Error('enough')
    const first = tcp.exchange(query(1), server, options(5_000, controller.signal))
    const second = tcp.exchange(query(2), server, options())
    const aborted = expect(first).rejects.toBe(reason)
    await pause(20)
    controller.abort(reason)
    await aborted
    // the same ID and question as the one that was given up: its ID on the connection must be another
    const again = tcp.exchange(query(1), server, options())
    await tcp.exchange(query(3), server, options())
    expect(await second).toEqual(replyTo(query(2), [4]))
    expect(await again).toEqual(replyTo(query(1), [4]))
    expect(server.clients.length).toBe(1)
  })

  it('never sends what was aborted before the connection stood', async () => {
    const seen: number[] = []
    const server = await streamServer((asked, client) => {
      seen.push(asked[1])
      client.send(replyTo(asked))
    })
    const tcp = createTcp()
    const controller = new AbortController()
    const first = tcp.exchange(query(1), server, options(5_000, controller.signal))
    const second = tcp.exchange(query(2), server, options())
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    await second
    expect(seen).toEqual([2])
  })

  it('ends in ETIMEOUT at a silent server and does not trust its connection again', async () => {
    const server = await streamServer((asked, client) => {
      if (client.n > 0) client.send(replyTo(asked))
    })
    const tcp = createTcp()
    await expect(tcp.exchange(query(1), server, options(40))).rejects.toMatchObject({ code: 'ETIMEOUT' })
    expect(await tcp.exchange(query(2), server, options())).toEqual(replyTo(query(2)))
    expect(server.clients.length).toBe(2)
  })

  it('keeps a connection on which others were answered while one query was not', async () => {
    const server = await streamServer((asked, client) => {
      if (asked[1] !== 1) client.send(replyTo(asked))
    })
    const tcp = createTcp()
    const silent = expect(tcp.exchange(query(1), server, options(500))).rejects.toMatchObject({ code: 'ETIMEOUT' })
    await tcp.exchange(query(2), server, options())
    await silent
    await tcp.exchange(query(3), server, options())
    expect(server.clients.length).toBe(1)
  })

  it('opens a further connection when one is full, and keeps no more idle ones than allowed', async () => {
    const servers = await Promise.all(
      [0, 1, 2].map(() => streamServer((asked, client) => void setTimeout(() => client.send(replyTo(asked)), 10)))
    )
    const tcp = createTcp({ queriesPerConnection: 4, idleConnections: 2 })
    await Promise.all(Array.from({ length: 12 }, (_, n) => tcp.exchange(query(n), servers[0], options())))
    expect(servers[0].clients.length).toBe(3)
    for (const server of servers.slice(1)) await tcp.exchange(query(1), server, options())
    await pause(30)
    const open = servers.flatMap((server) => server.clients.filter((client) => !client.socket.destroyed))
    expect(open.length).toBe(2)
    await tcp.exchange(query(1), servers[2], options())
    expect(servers[2].clients.length).toBe(1)
  })

  it('says that nobody listens', async () => {
    const server = { address: '127.0.0.1', port: 9, protocol: 'tcp' }
    await expect(createTcp().exchange(query(1), server, options())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('closes every connection, and rejects what waits', async () => {
    const server = await streamServer((asked, client) => {
      if (asked[1] === 1) client.send(replyTo(asked))
    })
    const tcp = createTcp()
    await tcp.exchange(query(1), server, options())
    const outcome = expect(tcp.exchange(query(2), server, options())).rejects.toMatchObject({ code: 'ECLOSED' })
    await tcp.close()
    await outcome
    await pause(20)
    expect(server.clients.map((client) => client.socket.destroyed)).toEqual([true])
    await expect(tcp.exchange(query(3), server, options())).rejects.toMatchObject({ code: 'ECLOSED' })
  })
})
