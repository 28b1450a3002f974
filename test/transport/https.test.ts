import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttpsTransport } from '../../src/transport/https.js'
import { TRANSPORT_LIMITS } from '../../src/transport/transport.js'
import { createCertificateAuthority } from '../world/certificates.js'
import { options, pause, query, replyTo, streamServer } from './loopback.js'

const authority = createCertificateAuthority()
const trusted = authority.issue(['dns.example', '127.0.0.1'])

type Handler = (asked: Uint8Array, response: Http2ServerResponse, request: Http2ServerRequest, session: number) => void

async function httpsServer(handle: Handler, certificate = trusted) {
  const sockets: Socket[] = []
  const sessions: unknown[] = []
  const server = createSecureServer({ cert: certificate.certificate, key: certificate.key }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => handle(Uint8Array.from(Buffer.concat(chunks)), response, request, sessions.indexOf(request.stream.session)))
    response.on('error', () => {})
    request.on('error', () => {})
  })
  server.on('session', (session) => sessions.push(session))
  server.on('connection', (socket) => sockets.push(socket))
  server.on('sessionError', () => {})
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((closed) => server.close(closed))
  })
  return {
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    protocol: 'https',
    hostname: 'dns.example',
    sessions,
    sockets
  }
}

function answer(response: Http2ServerResponse, message: Uint8Array, type = 'application/dns-message', status = 200): void {
  response.writeHead(status, { 'content-type': type })
  response.end(message)
}

function createHttps(limits = {}) {
  const https = createHttpsTransport({ ...TRANSPORT_LIMITS, ...limits }, authority.certificate)
  onTestFinished(() => https.close())
  return https
}

describe('HTTPS', () => {
  it('posts the message of ID 0 to /dns-query and gives the reply its ID back', async () => {
    const seen: Record<string, unknown>[] = []
    const server = await httpsServer((asked, response, request) => {
      seen.push({ ...request.headers, id: (asked[0] << 8) | asked[1] })
      answer(response, replyTo(asked, [1]), 'application/dns-message; charset=none')
    })
    expect(await createHttps().exchange(query(4660), server, options())).toEqual(replyTo(query(4660), [1]))
    const type = 'application/dns-message'
    const authorityText = `dns.example:${server.port}`
    const headers = {
      ':method': 'POST',
      ':path': '/dns-query',
      ':scheme': 'https',
      ':authority': authorityText,
      'content-type': type,
      accept: type
    }
    expect(seen).toEqual([expect.objectContaining({ ...headers, 'content-length': '29', id: 0 })])
  })

  it('sends many queries over one session, those of one ID too', async () => {
    const held: (() => void)[] = []
    const server = await httpsServer((asked, response) => {
      held.push(() => answer(response, replyTo(asked, [2])))
      if (held.length === 40) for (const send of held.reverse()) send()
    })
    const https = createHttps()
    const queries = Array.from({ length: 40 }, (_, n) => query(n % 20, `n${n}.example`))
    const replies = await Promise.all(queries.map((one) => https.exchange(one, server, options())))
    expect(replies).toEqual(queries.map((one) => replyTo(one, [2])))
    expect(server.sessions.length).toBe(1)
  })

  it('takes the largest message, and nothing larger', async () => {
    const server = await httpsServer((asked, response) => answer(response, replyTo(asked, Array(asked[13] * 100).fill(1))))
    const https = createHttps()
    const largest = await httpsServer((asked, response) => answer(response, replyTo(asked, Array(65_535 - asked.length).fill(1))))
    expect((await https.exchange(query(1), largest, options())).length).toBe(65_535)
    const larger = await httpsServer((asked, response) => answer(response, replyTo(asked, Array(65_536 - asked.length).fill(1))))
    await expect(https.exchange(query(1), larger, options())).rejects.toMatchObject({ code: 'EHTTP' })
    const endless = await httpsServer((_asked, response) => {
      response.writeHead(200, { 'content-type': 'application/dns-message' })
      const more = setInterval(() => response.write(new Uint8Array(16_000)), 1)
      response.on('close', () => clearInterval(more))
    })
    await expect(https.exchange(query(1), endless, options())).rejects.toMatchObject({ code: 'EHTTP' })
    expect((await https.exchange(query(1), server, options())).length).toBeGreaterThan(5_000)
  })

  it.each<[string, Handler]>([
    ['another status', (asked, response) => answer(response, replyTo(asked), undefined, 404)],
    ['another type', (asked, response) => answer(response, replyTo(asked), 'text/html')],
    ['the reply to another question', (_, response) => answer(response, replyTo(query(0, 'example.net')))],
    ['another ID', (_, response) => answer(response, replyTo(query(7)))],
    ['no body', (_, response) => answer(response, new Uint8Array(0))]
  ])('refuses %s', async (_, handle) => {
    const server = await httpsServer(handle)
    await expect(createHttps().exchange(query(1), server, options())).rejects.toMatchObject({ name: 'TransportError', code: 'EHTTP' })
  })

  it.each([
    ['of another name', ['other.example'], 'dns.example', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['without the address, when no hostname is known', ['dns.example'], undefined, 'ERR_TLS_CERT_ALTNAME_INVALID']
  ])('sends nothing to a server with a certificate %s', async (_, names, hostname, code) => {
    let asked = 0
    const server = await httpsServer((message, response) => {
      asked++
      answer(response, replyTo(message))
    }, authority.issue(names))
    await expect(createHttps().exchange(query(1), { ...server, hostname }, options())).rejects.toMatchObject({ code })
    expect(asked).toBe(0)
  })

  it('is content with a certificate of the address when no hostname is known', async () => {
    const server = await httpsServer((asked, response) => answer(response, replyTo(asked)))
    expect(await createHttps().exchange(query(5), { ...server, hostname: undefined }, options())).toEqual(replyTo(query(5)))
  })

  it('refuses a server without HTTP/2', async () => {
    const server = await streamServer(
      () => {},
      'https',
      (accept) => createTlsServer({ cert: trusted.certificate, key: trusted.key }, accept).on('tlsClientError', () => {})
    )
    await expect(createHttps().exchange(query(1), { ...server, hostname: 'dns.example' }, options())).rejects.toMatchObject({
      name: 'TransportError',
      code: 'EHTTP'
    })
  })

  it('asks again on a new session when a used one ended, and only then', async () => {
    const server = await httpsServer((asked, response, request, session) => {
      if (session === 1 || asked[13] === 'd'.charCodeAt(0)) request.stream.session?.destroy()
      else if (session === 0 && asked[13] === 'b'.charCodeAt(0)) request.stream.session?.destroy()
      else answer(response, replyTo(asked))
    })
    const https = createHttps()
    await https.exchange(query(1, 'a'), server, options())
    await expect(https.exchange(query(2, 'b'), server, options())).rejects.toMatchObject({ name: 'TransportError' })
    expect(server.sessions.length).toBe(2)
    expect(await https.exchange(query(3, 'b'), server, options())).toEqual(replyTo(query(3, 'b')))
    expect(server.sessions.length).toBe(3)
  })

  it('times out, is aborted, and leaves the session to the others', async () => {
    const server = await httpsServer((asked, response) => {
      if (asked[13] === 'a'.charCodeAt(0)) answer(response, replyTo(asked))
    })
    const https = createHttps()
    await https.exchange(query(1, 'a'), server, options())
    const controller = new AbortController()
    const silent = expect(https.exchange(query(2, 's'), server, options(50))).rejects.toMatchObject({ code: 'ETIMEOUT' })
    const aborted = expect(https.exchange(query(3, 's'), server, options(5_000, controller.signal))).rejects.toThrow('enough')
    await https.exchange(query(4, 'a'), server, options())
    controller.abort(new Error('enough'))
    await Promise.all([silent, aborted])
    await https.exchange(query(5, 'a'), server, options())
    expect(server.sessions.length).toBe(1)
  })

  it('leaves an idle session, says that nobody listens, and closes', async () => {
    const server = await httpsServer((asked, response) => answer(response, replyTo(asked)))
    const https = createHttps({ idleMs: 40 })
    await https.exchange(query(1), server, options())
    await pause(120)
    expect(server.sockets[0].destroyed).toBe(true)
    await expect(https.exchange(query(1), { ...server, port: 9 }, options())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(https.exchange(query(1), { ...server, hostname: 'no name' }, options())).rejects.toMatchObject({ name: 'TransportError' })
    await https.exchange(query(1), server, options())
    await https.close()
    await expect(https.exchange(query(1), server, options())).rejects.toMatchObject({ code: 'ECLOSED' })
  })

  it('may be closed or left at any moment of the handshake', async () => {
    const server = await httpsServer((asked, response) => answer(response, replyTo(asked)))
    for (let turns = 0; turns < 40; turns++) {
      const https = createHttps()
      const controller = new AbortController()
      const outcomes = Promise.allSettled([
        https.exchange(query(1), server, options()),
        https.exchange(query(2), server, options(5_000, controller.signal))
      ])
      for (let n = 0; n < turns; n++) await new Promise((turn) => setImmediate(turn))
      controller.abort(new Error('enough'))
      await https.close()
      for (const outcome of await outcomes) {
        if (outcome.status === 'rejected') expect(['ECLOSED', undefined]).toContain(outcome.reason.code)
        else expect(outcome.value.length).toBe(query(1).length)
      }
    }
  })

  it('bears a server that resets the connection at any moment of the handshake', async () => {
    for (let octets = 0; octets < 3_000; octets += 100) {
      const inner = await httpsServer((asked, response) => answer(response, replyTo(asked)))
      const cutting = await streamServer(
        () => {},
        'https',
        () =>
          createServer((client) => {
            const upstream = connect(inner.port, inner.address)
            let left = octets
            upstream.on('data', (chunk) => {
              client.write(chunk.subarray(0, left))
              left -= chunk.length
              if (left <= 0) client.resetAndDestroy()
            })
            client.on('data', (chunk) => upstream.write(chunk))
            for (const [one, other] of [
              [client, upstream],
              [upstream, client]
            ])
              one.on('error', () => {}).on('close', () => other.destroy())
          })
      )
      const outcome = await createHttps()
        .exchange(query(1), { ...cutting, hostname: 'dns.example' }, options())
        .catch((error) => error)
      if (!(outcome instanceof Uint8Array)) expect(outcome).toMatchObject({ name: 'TransportError' })
    }
  })
})
