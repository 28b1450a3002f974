// What a user may set, checked once: misuse throws here, before any packet is sent.

import { parseNegativeAnchors } from '../anchors/negative.js'
import { type ConfiguredAnchor, parseAnchors } from '../anchors/parse.js'
import { rootAnchorLines } from '../anchors/root.js'
import type { AnchorStore } from '../anchors/store.js'
import type { CacheStore } from '../cache/store.js'
import { type AlgorithmPolicy, DEFAULT_POLICY } from '../crypto/algorithms.js'
import type { CryptoBackend } from '../crypto/backend.js'
import { chooseBackend } from '../crypto/choose.js'
import { rememberVerified } from '../crypto/verified.js'
import { parseName } from '../edge/question.js'
import { DEFAULT_LIMITS, type Limits } from '../limits.js'
import { ROOT_HINTS } from '../lookup/hints.js'
import type { Forwarder, RootHint, StubZone } from '../lookup/run.js'
import { createNetworkTransport } from '../transport/network.js'
import type { Transport } from '../transport/transport.js'
import type { NegativeAnchor } from '../verdict/anchor.js'
import type { Server } from '../verdict/reply.js'

type Protocol = 'udp' | 'tcp' | 'tls' | 'https'

export interface ServerOptions {
  readonly address: string
  /** 53, with TLS 853, with HTTPS 443 when left out */
  readonly port?: number
  readonly protocol?: Protocol
  /** checked against the server's certificate (RFC 8310) */
  readonly hostname?: string
}

export interface CacheOptions {
  /** octets for everything that is remembered; 64 MiB when left out */
  readonly maxBytes?: number
  /** seconds for which answers are kept at the least, never past the end of a signature; 0 when left out */
  readonly ttlMin?: number
  /** seconds for which answers, and denials, are kept at the most; the limits `ttlMax` and `negativeTtlMax` when left out */
  readonly ttlMax?: number
  readonly negativeTtlMax?: number
  /** ask again for what is asked for in the last tenth of its TTL; off when left out */
  readonly prefetch?: boolean
  /**
   * answer with what is past its TTL when nothing newer can be had (RFC 8767), with the status it had and never past the end of
   * a signature: for a day, or `seconds`, and also after `afterMs` without a new answer (1,800). Off when left out
   */
  readonly serveStale?: boolean | { readonly seconds?: number; readonly afterMs?: number }
  /** shared with other processes; what comes from it is judged again */
  readonly store?: CacheStore
}

export interface ResolverOptions {
  /** DS or DNSKEY lines in presentation format, any owner; `[]` for none; the root's when left out */
  readonly trustAnchors?: readonly string[]
  /** keeps RFC 5011 state; in memory when left out */
  readonly trustAnchorStore?: AnchorStore
  /** DS or DNSKEY lines that count beside `trustAnchors` and that RFC 5011 never changes */
  readonly staticTrustAnchors?: readonly string[]
  /**
   * follow the trust anchors by timers (RFC 5011 2.3), which hold no process open; when left out: with a
   * `trustAnchorStore`, unless there is a `clock`, which timers cannot follow
   */
  readonly activeRefresh?: boolean
  /** tell a zone's operators with every probe which of its keys are trusted here (RFC 8145 5); off when left out */
  readonly trustAnchorSignalling?: boolean
  /** answer the names of the root key sentinel (RFC 8509), for those who resolve for others; off when left out */
  readonly rootKeySentinel?: boolean
  /** names at and below which validation is off (RFC 7646); `until` in ms since the epoch */
  readonly negativeTrustAnchors?: readonly (string | { readonly name: string; readonly until?: number | Date })[]
  readonly algorithms?: Partial<AlgorithmPolicy>
  readonly rootHints?: readonly { readonly name: string; readonly addresses: readonly string[]; readonly port?: number }[]
  readonly stubZones?: readonly { readonly name: string; readonly servers: readonly ServerOptions[]; readonly recursive?: boolean }[]
  readonly forwarders?: readonly (ServerOptions & { readonly priority?: number })[]
  /** closed with the resolver */
  readonly transport?: Transport
  /** authorities, PEM, that certificates of TLS and HTTPS servers are checked by; those that Node brings when left out */
  readonly ca?: string | string[]
  /** ms since the epoch; every signature date, TTL and timer of RFC 5011 goes by it */
  readonly clock?: () => number
  readonly crypto?: 'auto' | 'noble' | 'native' | CryptoBackend
  readonly cache?: CacheOptions
  readonly limits?: Partial<Limits>
  /** ask loopback, link-local and private addresses even when learned from the DNS */
  readonly allowPrivateAddresses?: boolean
  /** let validated NSEC and NSEC3 RRsets, and wildcards, answer further questions of their zone (RFC 8198); on when left out */
  readonly aggressiveDenial?: boolean
  /** RFC 9156 */
  readonly qnameMinimisation?: boolean
  readonly preferIPv6?: boolean
  /** random letter case in the names of queries, checked in replies */
  readonly use0x20?: boolean
  /** the same as `use0x20: false` */
  readonly queryNameCase?: 'random' | 'preserve'
  /** DNS cookies (RFC 7873) */
  readonly cookies?: boolean
  /** where servers that were learned from the DNS are asked; 53 when left out */
  readonly authorityPort?: number
}

export interface Settings {
  readonly anchors: readonly ConfiguredAnchor[]
  readonly staticAnchors: readonly ConfiguredAnchor[]
  readonly anchorStore: AnchorStore | undefined
  readonly activeRefresh: boolean
  readonly trustAnchorSignalling: boolean
  readonly rootKeySentinel: boolean
  readonly negativeAnchors: readonly NegativeAnchor[]
  readonly policy: AlgorithmPolicy
  readonly crypto: CryptoBackend
  readonly limits: Limits
  readonly clock: () => number
  readonly transport: Transport
  readonly cache: {
    readonly maxBytes: number
    readonly ttlMin: number
    readonly prefetch: boolean
    /** seconds; 0 for not at all */
    readonly staleFor: number
    readonly staleAfterMs: number
    readonly store: CacheStore | undefined
  }
  readonly rootHints: readonly RootHint[]
  readonly stubZones: readonly StubZone[]
  readonly forwarders: readonly Forwarder[]
  readonly allowPrivateAddresses: boolean
  readonly aggressiveDenial: boolean
  readonly qnameMinimisation: boolean
  readonly preferIPv6: boolean
  readonly use0x20: boolean
  readonly cookies: boolean
  readonly authorityPort: number
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024
/** Signatures that held are remembered beside the cache, in this part of its size and in no more octets than this. */
const VERIFIED_SHARE = 64
const VERIFIED_MOST_BYTES = 2 * 1024 * 1024
/** RFC 8767 5: one to three days, and an answer to the client within 1.8 s. */
const STALE_SECONDS = 86_400
const STALE_AFTER_MS = 1_800
const PORTS: Readonly<Record<Protocol, number>> = { udp: 53, tcp: 53, tls: 853, https: 443 }

/** @throws TypeError and RangeError with the option's name */
export function readOptions(options: ResolverOptions): Settings {
  const clock = options.clock ?? Date.now
  const authorityPort = checkPort(options.authorityPort ?? 53, 'authorityPort')
  const cache = readCache(options.cache ?? {})
  return {
    anchors: within('trustAnchors', () => parseAnchors(options.trustAnchors ?? rootAnchorLines(clock()))),
    staticAnchors: within('staticTrustAnchors', () => parseAnchors(options.staticTrustAnchors ?? [])),
    anchorStore: options.trustAnchorStore,
    activeRefresh: options.activeRefresh ?? (options.trustAnchorStore !== undefined && options.clock === undefined),
    trustAnchorSignalling: options.trustAnchorSignalling ?? false,
    rootKeySentinel: options.rootKeySentinel ?? false,
    negativeAnchors: within('negativeTrustAnchors', () => parseNegativeAnchors(options.negativeTrustAnchors ?? [])),
    policy: { ...DEFAULT_POLICY, ...defined(options.algorithms) },
    crypto: rememberVerified(chooseBackend(options.crypto), Math.min(cache.maxBytes / VERIFIED_SHARE, VERIFIED_MOST_BYTES)),
    limits: readLimits({
      ...options.limits,
      ...(options.cache?.ttlMax !== undefined && { ttlMax: options.cache.ttlMax }),
      ...(options.cache?.negativeTtlMax !== undefined && { negativeTtlMax: options.cache.negativeTtlMax })
    }),
    clock,
    transport: options.transport ?? createNetworkTransport({ ca: options.ca }),
    cache,
    rootHints: readHints(options.rootHints, authorityPort),
    stubZones: (options.stubZones ?? []).map((stub) => ({
      name: within('stubZones', () => parseName(stub.name)),
      servers: stub.servers.map((server) => readServer(server, 'stubZones')),
      recursive: stub.recursive ?? false
    })),
    forwarders: (options.forwarders ?? []).map((one) => ({ ...readServer(one, 'forwarders'), priority: one.priority ?? 0 })),
    allowPrivateAddresses: options.allowPrivateAddresses ?? false,
    aggressiveDenial: options.aggressiveDenial ?? true,
    qnameMinimisation: options.qnameMinimisation ?? true,
    preferIPv6: options.preferIPv6 ?? false,
    use0x20: options.use0x20 ?? options.queryNameCase !== 'preserve',
    cookies: options.cookies ?? true,
    authorityPort
  }
}

function readCache({
  maxBytes = DEFAULT_CACHE_BYTES,
  ttlMin = 0,
  prefetch = false,
  serveStale = false,
  store
}: CacheOptions): Settings['cache'] {
  const { seconds = STALE_SECONDS, afterMs = STALE_AFTER_MS } = typeof serveStale === 'object' ? serveStale : {}
  const staleFor = serveStale === false ? 0 : seconds
  for (const [name, value] of Object.entries({ maxBytes, ttlMin, seconds, afterMs })) {
    if (typeof value !== 'number' || !(value >= 0)) throw new RangeError(`cache: ${name} must be a number from 0 on, not ${String(value)}`)
  }
  return { maxBytes, ttlMin, prefetch, staleFor, staleAfterMs: afterMs, store }
}

function readHints(hints: ResolverOptions['rootHints'], authorityPort: number): readonly RootHint[] {
  if (!hints) return ROOT_HINTS
  return hints.map(({ name, addresses, port }) => ({
    name: within('rootHints', () => parseName(name)),
    addresses,
    port: checkPort(port ?? authorityPort, 'rootHints')
  }))
}

function readServer(server: ServerOptions, option: string): Server {
  const protocol = server.protocol ?? 'udp'
  if (!(protocol in PORTS)) throw new RangeError(`${option}: unknown protocol ${String(protocol)}`)
  if (typeof server.address !== 'string' || server.address === '') throw new TypeError(`${option}: a server needs an address`)
  const port = checkPort(server.port ?? PORTS[protocol], option)
  return { address: server.address, port, protocol, ...(server.hostname && { hostname: server.hostname }) }
}

function readLimits(limits: Partial<Limits> | undefined): Limits {
  const result = { ...DEFAULT_LIMITS, ...defined(limits) }
  for (const [name, value] of Object.entries(result)) {
    if (!(name in DEFAULT_LIMITS)) throw new RangeError(`limits: there is no limit called ${name}`)
    if (typeof value !== 'number' || !(value >= 0)) throw new RangeError(`limits: ${name} must be a number from 0 on, not ${String(value)}`)
  }
  return result
}

function checkPort(port: number, option: string): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`${option}: ${String(port)} is not a port`)
  return port
}

/** Leaves out what is undefined, so that it does not hide a default. */
function defined<T extends object>(object: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>
}

function within<T>(option: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof TypeError) throw new TypeError(`${option}: ${error.message}`)
    throw new RangeError(`${option}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
