// The certificate of a TLS peer, read from node:tls once and rightly, and judged by the plan of its host.
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { HostPlan } from './host.js'
import { matchTlsa } from './match.js'
import { type Seen, type Verdict, verdictOf } from './verdict.js'

export interface VerifyPeerOptions {
  /** ms since the epoch: the clock that the DNS was judged by */
  readonly clock?: () => number
  /** the records are not for SMTP: usages 0 and 1 match, if the chain is also valid by PKIX */
  readonly pkix?: boolean
  readonly moreHosts?: boolean
  readonly queueTimeOver?: boolean
}

/** What `tls.connect` needs for this host. No `checkServerIdentity`: node:tls does not call it when PKIX fails. */
export function tlsOptionsFor(host: HostPlan): { servername: string; rejectUnauthorized: false; minVersion: 'TLSv1.2' } {
  // RFC 7672 8.1: SNI is the TLSA base domain; never an address (RFC 6066 3)
  const name = host.tlsaBase ?? host.host
  return { servername: isIP(name) ? '' : name, rejectUnauthorized: false, minVersion: 'TLSv1.2' }
}

/** To be called once `secureConnect` has come, before anything is sent or read over TLS. */
export function verifyPeer(socket: TLSSocket, host: HostPlan, options: VerifyPeerOptions = {}): Verdict {
  const { clock = Date.now, pkix = false, moreHosts, queueTimeOver } = options
  const protocol = socket.getProtocol() ?? undefined
  // A resumed session shows no certificate, and `authorized` is true whatever the first one was: nothing is known of the peer.
  const reused = socket.isSessionReused()
  const authorized = socket.authorized && !reused
  const seen: Seen = {
    handshake: 'established',
    pkix: authorized,
    protocol,
    cipher: socket.getCipher()?.name,
    address: socket.remoteAddress,
    moreHosts,
    queueTimeOver
  }
  if (reused) return verdictOf(host, { ...seen, code: 'SESSION_REUSED', detail: 'A resumed TLS session shows no certificate.' })
  if (host.tlsa.length === 0) return verdictOf(host, seen)
  const match = matchTlsa(peerChain(socket), host.tlsa, host.referenceNames, clock(), { pkixValid: pkix && authorized })
  return verdictOf(host, { ...seen, match })
}

const chains = new WeakMap<TLSSocket, readonly Uint8Array[]>()
const MAX_CHAIN = 24

/**
 * The certificates in the order of the wire, DER, the server's own first. node:tls gives them once: the next time the server's
 * own is gone. So they are kept here for as long as the socket is, and nobody else should ask for them first.
 */
export function peerChain(socket: TLSSocket): readonly Uint8Array[] {
  const known = chains.get(socket)
  if (known) return known
  const chain: Uint8Array[] = []
  // `issuerCertificate` is the next one on the wire, whoever issued it: a list, and no path
  for (let one = socket.getPeerX509Certificate(); one && chain.length < MAX_CHAIN; one = one.issuerCertificate) {
    chain.push(Uint8Array.from(one.raw))
  }
  chains.set(socket, chain)
  return chain
}
