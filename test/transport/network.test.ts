import { execFile } from 'node:child_process'
import { createSecureServer } from 'node:http2'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createNetworkTransport } from '../../src/transport/network.js'
import { createCertificateAuthority } from '../world/certificates.js'
import { options, query, replyTo, streamServer, udpServer } from './loopback.js'

const authority = createCertificateAuthority()
const issued = authority.issue(['dns.example'])
const secrets = { cert: issued.certificate, key: issued.key }

async function everyServer() {
  const https = createSecureServer(secrets, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/dns-message' })
      response.end(replyTo(Buffer.concat(chunks)))
    })
  })
  https.on('sessionError', () => {})
  return [
    await udpServer((asked, send) => send(replyTo(asked))),
    await streamServer((asked, client) => client.send(replyTo(asked))),
    await streamServer(
      (asked, client) => client.send(replyTo(asked)),
      'tls',
      (accept) => createTlsServer(secrets, accept)
    ),
    await streamServer(
      () => {},
      'https',
      () => https
    )
  ].map(({ address, port, protocol }) => ({ address, port, protocol, hostname: 'dns.example' }))
}

describe('the network', () => {
  it('is asked by four protocols, and closes them all', async () => {
    const network = createNetworkTransport({ ca: authority.certificate })
    onTestFinished(async () => void (await network.close()))
    const servers = await everyServer()
    for (const server of servers) expect(await network.exchange(query(77), server, options()), server.protocol).toEqual(replyTo(query(77)))
    await network.close()
    for (const server of servers) await expect(network.exchange(query(1), server, options())).rejects.toMatchObject({ code: 'ECLOSED' })
  })

  it('knows no other', async () => {
    const server = { address: '127.0.0.1', port: 53, protocol: 'quic' }
    await expect(createNetworkTransport().exchange(query(1), server, options())).rejects.toMatchObject({ code: 'EPROTOCOL' })
  })

  it('lets a process end that never closed it, and leaves nothing once closed', async () => {
    const servers = await everyServer()
    const program = `
      import { createNetworkTransport } from './src/transport/network.ts'
      const { ca, servers, close } = JSON.parse(process.env.TASK)
      const network = createNetworkTransport({ ca })
      const query = Uint8Array.from(${JSON.stringify([...query(1)])})
      for (const server of servers) await network.exchange(query, server, { signal: new AbortController().signal, timeoutMs: 5000 })
      const held = () => process.getActiveResourcesInfo().filter((name) => /wrap|timeout/i.test(name) && !/pipe|tty/i.test(name)).length
      if (close) await network.close()
      if (close) setImmediate(() => console.log('left', held()))
      else console.log('ends')
    `
    const run = async (close: boolean) => {
      const env = { ...process.env, TASK: JSON.stringify({ ca: authority.certificate, servers, close }) }
      const ended = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
        env,
        timeout: 15_000
      })
      return ended.stdout.trim()
    }
    expect(await Promise.all([run(false), run(true)])).toEqual(['ends', 'left 0'])
  })
})
