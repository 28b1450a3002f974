// One connection to one address of a mail host: TCP, SMTP up to STARTTLS, the handshake, and the verdict before anything else.
import { once } from 'node:events'
import { isIP, type Socket, connect as tcpConnect } from 'node:net'
import { type TLSSocket, connect as tlsConnect } from 'node:tls'
import type { HostPlan } from './host.js'
import { tlsOptionsFor } from './peer.js'
import { SmtpDialog } from './smtp.js'

export interface LinkOptions {
  /** of each step, ms; 30 s when left out */
  readonly timeoutMs?: number
  /** what EHLO says; the name that the address of the socket gives is `[address]` */
  readonly localName?: string
  readonly localAddress?: string
  readonly signal?: AbortSignal
}

const TIMEOUT_MS = 30_000

/** Rejects when nothing is there to talk to. */
export async function openLink(address: string, port: number, options: LinkOptions): Promise<Socket> {
  const { localAddress, signal, timeoutMs = TIMEOUT_MS } = options
  signal?.throwIfAborted()
  const socket = tcpConnect({ host: address, port, ...(localAddress && { localAddress }) })
  const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])])
  try {
    await once(socket, 'connect', { signal: limit })
    return socket
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    signal?.throwIfAborted()
    throw limit.aborted ? new Error(`no connection within ${timeoutMs} ms`) : error
  }
}

/** Greeting and EHLO. The dialog is the caller's to release. */
export async function greet(socket: Socket, options: LinkOptions): Promise<{ dialog: SmtpDialog; keywords: readonly string[] }> {
  const dialog = new SmtpDialog(socket, options.timeoutMs ?? TIMEOUT_MS)
  await dialog.greeting()
  const local = socket.localAddress ?? '127.0.0.1'
  const keywords = await dialog.ehlo(options.localName ?? (isIP(local) === 6 ? `[IPv6:${local}]` : `[${local}]`))
  return { dialog, keywords }
}

/** The handshake over a socket whose server has said 220 to STARTTLS. The certificate is not judged here. */
export async function startTls(socket: Socket, host: HostPlan, options: LinkOptions): Promise<TLSSocket> {
  const { signal, timeoutMs = TIMEOUT_MS } = options
  // no `session`: a resumed one has no certificate to look at
  const secure = tlsConnect({ socket, ...tlsOptionsFor(host) })
  const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])])
  const closed = () => secure.destroy(new Error('the server closed the connection within the handshake'))
  socket.once('close', closed)
  try {
    await once(secure, 'secureConnect', { signal: limit })
    return secure
  } catch (error) {
    secure.on('error', () => {})
    secure.destroy()
    socket.destroy()
    signal?.throwIfAborted()
    throw limit.aborted ? new Error(`no handshake within ${timeoutMs} ms`) : error
  } finally {
    socket.off('close', closed)
  }
}

export const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
