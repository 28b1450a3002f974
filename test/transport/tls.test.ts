import { createServer, type TlsOptions } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTlsTransport } from '../../src/transport/tls.js'
import { TRANSPORT_LIMITS } from '../../src/transport/transport.js'
import { type Certificate, createCertificateAuthority } from '../world/certificates.js'
import { options, query, replyTo, type StreamClient, streamServer } from './loopback.js'

const authority = createCertificateAuthority()
const trusted = authority.issue(['dns.example', '127.0.0.1'])

function tlsServer(certificate: Certificate, answer: (asked: Uint8Array, client: StreamClient) => void, more: TlsOptions = {}) {
  const secrets = { cert: certificate.certificate, key: certificate.key, ...more }
  return streamServer(answer, 'tls', (accept) => createServer(secrets, accept).on('tlsClientError', () => {}))
}

function createTls(ca: string | string[] | undefined = authority.certificate) {
  const tls = createTlsTransport(TRANSPORT_LIMITS, ca)
  onTestFinished(() => tls.close())
  return tls
}

describe('TLS', () => {
  it.each([['dns.example'], ['DNS.example.'], ['127.0.0.1'], [undefined]])(
    'gives replies on one connection, hostname %s',
    async (hostname) => {
      const server = await tlsServer(trusted, (asked, client) => client.send(replyTo(asked, [1])))
      const tls = createTls()
      const ids = Array.from({ length: 50 }, (_, n) => n)
      const replies = await Promise.all(ids.map((id) => tls.exchange(query(id), { ...server, hostname }, options())))
      expect(replies).toEqual(ids.map((id) => replyTo(query(id), [1])))
      await tls.exchange(query(99), { ...server, hostname }, options())
      expect(server.clients.length).toBe(1)
    }
  )

  const other = createCertificateAuthority('Another Authority')
  it.each([
    ['bears another name', authority.issue(['other.example']), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['bears the address but not the name', authority.issue(['127.0.0.1']), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['comes from another authority', other.issue(['dns.example']), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['has expired', authority.issue(['dns.example'], { notAfter: new Date(Date.now() - 86_400_000) }), 'CERT_HAS_EXPIRED']
  ])('with a hostname sends nothing to a server whose certificate %s; without one it does', async (_, certificate, code) => {
    let asked = 0
    const server = await tlsServer(certificate, (message, client) => {
      asked++
      client.send(replyTo(message))
    })
    const tls = createTls()
    await expect(tls.exchange(query(1), { ...server, hostname: 'dns.example' }, options())).rejects.toMatchObject({ code })
    expect(asked).toBe(0)
    expect(await tls.exchange(query(1), server, options())).toEqual(replyTo(query(1)))
    // The unchecked connection is there and idle now, and must not serve one who wants it checked.
    await expect(tls.exchange(query(1), { ...server, hostname: 'dns.example' }, options())).rejects.toMatchObject({ code })
    expect(asked).toBe(1)
  })

  it('does not let the environment weaken the check', async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
    })
    const server = await tlsServer(trusted, (asked, client) => client.send(replyTo(asked)))
    const wrong = createTls().exchange(query(1), { ...server, hostname: 'other.example' }, options())
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  it('names the server in the handshake, but never by an address', async () => {
    const names: (string | false)[] = []
    const server = await tlsServer(trusted, (asked, client) => {
      names.push((client.socket as unknown as { servername: string | false }).servername)
      client.send(replyTo(asked))
    })
    for (const hostname of ['dns.example', '127.0.0.1', undefined]) await createTls().exchange(query(1), { ...server, hostname }, options())
    expect(names).toEqual(['dns.example', false, false])
  })

  it('fails on a server that does not speak TLS, and asks again when a used connection is closed', async () => {
    const plain = await streamServer(() => {}, 'tls')
    const tls = createTls()
    await expect(tls.exchange(query(1), plain, options(100))).rejects.toMatchObject({ name: 'TransportError', code: 'ETIMEOUT' })
    let asked = 0
    const server = await tlsServer(trusted, (message, client) => {
      if (++asked === 2) client.socket.end()
      else client.send(replyTo(message))
    })
    for (const id of [1, 2]) expect(await tls.exchange(query(id), server, options())).toEqual(replyTo(query(id)))
    expect([asked, server.clients.length]).toEqual([3, 2])
  })
})
