// A mail server for tests on a loopback address: greets, offers STARTTLS or does not, and writes down every command with
// whether it came over TLS.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import type { MadeCertificate } from '../world/certificates.js'

export interface SmtpServerOptions {
  readonly address?: string
  /** 0 for one that the system gives */
  readonly port?: number
  /** the server's certificate and what it sends behind it; no STARTTLS is offered without */
  readonly chain?: readonly MadeCertificate[]
  /**
   * `refuse`: 454 to STARTTLS. `break`: closes the connection in the handshake. `inject`: sends a reply in the clear behind the
   * 220. `busy`: 421 as greeting. `old`: knows no EHLO. `stall`: says nothing. `babble`: a line without end.
   */
  readonly fault?: 'refuse' | 'break' | 'inject' | 'busy' | 'old' | 'stall' | 'babble'
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
}

export interface Heard {
  readonly command: string
  readonly tls: boolean
}

export interface SmtpServer {
  readonly address: string
  readonly port: number
  /** commands, in order, of all connections */
  readonly heard: Heard[]
  /** server names asked for by SNI */
  readonly names: string[]
  close(): Promise<void>
}

export async function smtpServer(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const { address = '127.0.0.1', port = 0, fault } = options
  const heard: Heard[] = []
  const names: string[] = []
  const sockets = new Set<Socket>()
  const secureContext = options.chain && contextOf(options.chain, options)
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    if (fault === 'stall') return
    if (fault === 'babble') {
      socket.write('x'.repeat(100_000))
      return
    }
    socket.write(fault === 'busy' ? '421 4.3.2 busy\r\n' : '220-mx.test ESMTP\r\n220 ready\r\n')
    converse(socket, { ...options, secureContext }, heard, names)
  })
  server.listen(port, address)
  await once(server, 'listening')
  const bound = server.address()
  return {
    address,
    port: typeof bound === 'object' && bound ? bound.port : port,
    heard,
    names,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    }
  }
}

function contextOf(chain: readonly MadeCertificate[], { maxVersion }: SmtpServerOptions): SecureContext {
  return createSecureContext({ cert: chain.map(({ certificate }) => certificate).join(''), key: chain[0].key, maxVersion })
}

interface Conversation extends SmtpServerOptions {
  readonly secureContext?: SecureContext
}

function converse(socket: Socket, options: Conversation, heard: Heard[], names: string[], tls = false): void {
  const { secureContext, fault } = options
  let held = ''
  let inMessage = false
  const take = (chunk: Buffer): void => {
    held += chunk.toString('latin1')
    for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
      const command = held.slice(0, end)
      held = held.slice(end + 2)
      if (inMessage) {
        inMessage = command !== '.'
        if (!inMessage) socket.write('250 kept\r\n')
        continue
      }
      heard.push({ command, tls })
      const verb = command.slice(0, 4).toUpperCase()
      if (verb === 'STAR' && !tls && secureContext) {
        if (fault === 'refuse') socket.write('454 4.7.0 TLS not available\r\n')
        else {
          socket.off('data', take)
          socket.write(fault === 'inject' ? '220 go ahead\r\n250 injected\r\n' : '220 go ahead\r\n')
          if (fault === 'break') socket.once('data', () => socket.destroy())
          else if (fault !== 'inject') upgrade(socket, options, heard, names)
        }
      } else if (verb === 'EHLO' && fault === 'old') socket.write('502 5.5.1 what?\r\n')
      else if (verb === 'EHLO') socket.write(`250-mx.test\r\n${secureContext && !tls ? '250-STARTTLS\r\n' : ''}250 8BITMIME\r\n`)
      else if (verb === 'DATA') {
        inMessage = true
        socket.write('354 go on\r\n')
      } else if (verb === 'QUIT') socket.end('221 bye\r\n')
      else if (verb === 'HELO' || verb === 'MAIL' || verb === 'RCPT') socket.write('250 ok\r\n')
      else socket.write('502 5.5.1 what?\r\n')
    }
  }
  socket.on('data', take)
}

function upgrade(socket: Socket, options: Conversation, heard: Heard[], names: string[]): void {
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext: options.secureContext,
    SNICallback(name, done) {
      names.push(name)
      done(null)
    }
  })
  secure.on('error', () => socket.destroy())
  converse(secure, options, heard, names, true)
}
