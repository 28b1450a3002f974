// The options that every subcommand which asks the DNS has, and the resolver they make.

import { lookup } from 'node:dns/promises'
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { createResolver, type Resolver, type ResolverOptions, type ServerOptions } from '../index.js'
import { flag, integer, type OptionsOf, text, texts, value } from './command.js'
import { UsageError } from './exit.js'

export interface AskingOptions {
  readonly server?: readonly string[]
  readonly zone?: string
  readonly anchor?: readonly string[]
  readonly forward?: readonly string[]
  readonly nta?: readonly string[]
  readonly port?: number
  readonly timeout?: number
  readonly queryTimeout?: number
  readonly sha1?: boolean
  readonly allowPrivate?: boolean
}

const milliseconds = integer(1, 2 ** 31 - 1, 'whole number of milliseconds')

export const ASKING: OptionsOf<AskingOptions> = {
  server: texts('-s, --server <host[:port]>', 'begin at this server instead of the root servers; may be given again'),
  zone: text('--zone <name>', 'with --server: it is an authority for this zone, and only names below it go there'),
  anchor: texts(
    '-a, --anchor <line or file>',
    'trust anchor, a DS or DNSKEY line or a file of them, instead of the root key; may be given again'
  ),
  forward: texts(
    '-f, --forward <address[#port][/protocol]>',
    'ask this recursive server and validate here; protocol udp, tcp, tls or https; may be given again'
  ),
  nta: texts('--nta <name>', 'do not validate at and below this name (RFC 7646); may be given again'),
  port: value('--port <number>', 'port of name servers that were learned from the DNS', integer(1, 65_535)),
  timeout: value('--timeout <ms>', 'time for one question', milliseconds),
  queryTimeout: value('--query-timeout <ms>', 'time for one exchange with a server', milliseconds),
  sha1: flag('--sha1', 'take RSA/SHA-1 and SHA-1 digests as supported'),
  allowPrivate: flag('--allow-private', 'ask private and loopback addresses also when they were learned from the DNS')
}

/** @throws UsageError for options that cannot be used */
export async function resolverFrom(options: AskingOptions, more: ResolverOptions = {}): Promise<Resolver> {
  const servers = await Promise.all((options.server ?? []).map(serverOf))
  if (options.zone !== undefined && servers.length === 0) throw new UsageError('--zone needs --server')
  const limits = {
    ...(options.timeout !== undefined && { questionMs: options.timeout }),
    ...(options.queryTimeout !== undefined && { exchangeMs: options.queryTimeout })
  }
  const hints = servers.map(({ address, port }, i) => ({ name: `server${i + 1}.invalid`, addresses: [address], port }))
  return misuse(() =>
    createResolver({
      ...(options.anchor && { trustAnchors: options.anchor.map(anchorText) }),
      ...(options.forward && { forwarders: options.forward.map((text, i) => ({ ...forwarderOf(text), priority: i })) }),
      ...(options.nta && { negativeTrustAnchors: options.nta }),
      ...(options.zone !== undefined && { stubZones: [{ name: options.zone, servers }] }),
      ...(servers.length > 0 && options.zone === undefined && { rootHints: hints }),
      ...(options.port !== undefined && { authorityPort: options.port }),
      ...(options.sha1 && { algorithms: { sha1: true } }),
      ...(options.allowPrivate && { allowPrivateAddresses: true }),
      limits,
      ...more
    })
  )
}

/** What the library calls misuse, the program does too. */
export function misuse<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError || (error instanceof Error && error.name === 'AnchorTextError')) {
      throw new UsageError(error.message)
    }
    throw error
  }
}

/** A DS or DNSKEY line, or the text of the file of that name. */
export function anchorText(argument: string): string {
  if (/\b(?:DS|DNSKEY)\b/i.test(argument) && !existsSync(argument)) return argument
  try {
    return readFileSync(argument, 'utf8')
  } catch (error) {
    throw new UsageError(`--anchor: neither a DS or DNSKEY line nor a file that can be read: ${argument} (${(error as Error).message})`)
  }
}

/** `address`, `address:port`, `[address]:port`, or a host name in place of the address, looked up by the system. */
async function serverOf(text: string): Promise<{ address: string; port: number }> {
  const [, bracketed, plain, portText] =
    /^(?:\[([^\]]+)\]|([^:[\]]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*))(?::(\d+))?$/.exec(text) ?? []
  const host = isIP(text) ? text : (bracketed ?? plain)
  if (host === undefined) throw new UsageError(`--server: not HOST or HOST:PORT: ${text}`)
  const number = isIP(text) || portText === undefined ? 53 : usablePort(portText, '--server')
  if (isIP(host)) return { address: host, port: number }
  try {
    return { address: (await lookup(host)).address, port: number }
  } catch {
    throw new UsageError(`--server: the system knows no address of ${host}`)
  }
}

const PROTOCOLS = ['udp', 'tcp', 'tls', 'https'] as const

/** `address[#port][/protocol][/hostname]` */
export function forwarderOf(text: string): ServerOptions {
  const [, address, portText, protocolText, hostname] = /^([^#/]+)(?:#(\d+))?(?:\/([a-z]+))?(?:\/([^/]+))?$/.exec(text) ?? []
  if (address === undefined) throw new UsageError(`--forward: not ADDRESS[#PORT][/PROTOCOL[/HOSTNAME]]: ${text}`)
  if (!isIP(address)) throw new UsageError(`--forward: not an IP address: ${address}`)
  const protocol = protocolText === undefined ? undefined : PROTOCOLS.find((one) => one === protocolText)
  if (protocolText !== undefined && !protocol)
    throw new UsageError(`--forward: unknown protocol ${protocolText}; there are ${PROTOCOLS.join(', ')}`)
  return {
    address,
    ...(portText !== undefined && { port: usablePort(portText, '--forward') }),
    ...(protocol && { protocol }),
    ...(hostname !== undefined && { hostname })
  }
}

function usablePort(text: string, option: string): number {
  const number = Number(text)
  if (!(number >= 1 && number <= 65_535)) throw new UsageError(`${option}: ${text} is not a port`)
  return number
}
