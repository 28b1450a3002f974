// Walks the hosts of a plan, and the addresses of each, until one may have the mail (RFC 7672 2.2, RFC 5321 5.1). Tells every
// step as an event. No MAIL command is sent here or before a verdict allows it.
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type Decision, decide } from './decide.js'
import type { DaneEvent } from './event.js'
import type { HostAddress, HostPlan } from './host.js'
import { greet, type LinkOptions, messageOf, openLink, startTls } from './link.js'
import { verifyPeer } from './peer.js'
import type { DanePlan } from './plan.js'
import { addressEvents, tlsaEvents } from './told.js'
import { type Seen, type Verdict, verdictOf } from './verdict.js'

export interface ConnectOptions extends LinkOptions {
  /** ms since the epoch: for the dates of certificates */
  readonly clock?: () => number
  /** hosts that are passed over */
  readonly skip?: readonly string[]
  /** addresses that are passed over: loopback, private, link-local and unspecified ones when it says so */
  readonly allowAddress?: (address: string) => boolean
  /** the message has waited as long as it may: what would be put off is returned */
  readonly queueTimeOver?: boolean
  /** a connection that fails by its certificate is kept open, for study; it is then in the error */
  readonly diagnose?: boolean
}

export interface Reached {
  readonly socket: TLSSocket | Socket
  readonly host: HostPlan
  readonly address: string
  readonly verdict: Verdict
}

export interface Attempts {
  readonly reached?: Reached
  /** one for each host that was passed over, in order */
  readonly verdicts: readonly Verdict[]
  /** kept open when `diagnose` is set */
  readonly kept: readonly (TLSSocket | Socket)[]
}

export async function* tryHosts(plan: DanePlan, options: ConnectOptions): AsyncGenerator<DaneEvent, Attempts> {
  const verdicts: Verdict[] = []
  const kept: (TLSSocket | Socket)[] = []
  const tried = new Set<string>()
  const { skip = [], allowAddress = () => true } = options
  const hosts = plan.hosts.filter(({ host }) => !skip.includes(host))
  for (const [index, host] of hosts.entries()) {
    const walk = { options, kept, moreHosts: index < hosts.length - 1 }
    yield* addressEvents(host)
    const before = decide({ ...host.facts, ...host.policy, moreHosts: walk.moreHosts, queueTimeOver: options.queueTimeOver })
    if (before.action !== 'connect' && before.action !== 'deliver') {
      yield* tlsaEvents(host)
      verdicts.push(verdictOf(host, seenBy(walk, { handshake: 'pending' })))
      yield { event: 'verdict', domain: host.domain, host: host.host, verdict: verdicts[verdicts.length - 1] }
    } else {
      // one address under two names is tried under both: each name has its own TLSA records
      const addresses = host.addresses.filter(({ address }) => allowAddress(address) && !tried.has(`${host.host} ${address}`))
      for (const { address } of addresses) tried.add(`${host.host} ${address}`)
      const outcome = yield* tryAddresses(host, addresses, before, walk)
      if ('socket' in outcome) return { reached: outcome, verdicts, kept }
      verdicts.push(outcome)
    }
    if (walk.moreHosts) yield { event: 'next-host', domain: host.domain, host: hosts[index + 1].host }
  }
  return { verdicts, kept }
}

interface Walk {
  readonly options: ConnectOptions
  readonly kept: (TLSSocket | Socket)[]
  readonly moreHosts: boolean
}

const seenBy = ({ options, moreHosts }: Walk, seen: Seen): Seen => ({ ...seen, moreHosts, queueTimeOver: options.queueTimeOver })

async function* tryAddresses(
  host: HostPlan,
  addresses: readonly HostAddress[],
  before: Decision,
  walk: Walk
): AsyncGenerator<DaneEvent, Reached | Verdict> {
  let told = false
  let worst: Verdict | undefined
  for (const [index, { address, family }] of addresses.entries()) {
    if (index > 0) yield { event: 'next-address', domain: host.domain, host: host.host, type: family === 4 ? 'A' : 'AAAA', address }
    const { port } = host
    yield { event: 'connecting', host: host.host, address, port }
    let socket: Socket
    try {
      socket = await openLink(address, port, walk.options)
    } catch (error) {
      walk.options.signal?.throwIfAborted()
      yield { event: 'connect-failed', host: host.host, address, port, detail: messageOf(error) }
      continue
    }
    yield { event: 'connected', host: host.host, address, port, localAddress: socket.localAddress ?? '' }
    if (!told) yield* tlsaEvents(host)
    told = true
    const outcome = yield* guarded(socket, walk, tryAddress(host, address, socket, before, walk))
    if (outcome && 'socket' in outcome) return outcome
    worst = outcome ?? worst
  }
  if (!told) yield* tlsaEvents(host)
  return worst ?? unreachable(host, walk)
}

/** The socket goes when the signal says so, when nobody takes it over, or when whoever reads the events stops reading. */
async function* guarded(
  socket: Socket,
  { options, kept }: Walk,
  steps: AsyncGenerator<DaneEvent, Reached | Verdict | undefined>
): AsyncGenerator<DaneEvent, Reached | Verdict | undefined> {
  const stop = () => socket.destroy()
  options.signal?.addEventListener('abort', stop)
  let wanted = false
  try {
    const before = kept.length
    const outcome = yield* steps
    wanted = (outcome !== undefined && 'socket' in outcome) || kept.length > before
    return outcome
  } finally {
    options.signal?.removeEventListener('abort', stop)
    if (!wanted) stop()
  }
}

/** Nothing was said about TLS: neither DANE's success nor its failure. */
function unreachable(host: HostPlan, walk: Walk): Verdict {
  const verdict = verdictOf(host, seenBy(walk, { handshake: 'pending' }))
  const { moreHosts, options } = walk
  const action = moreHosts ? 'next-host' : options.queueTimeOver ? 'bounce' : 'defer'
  const decision: Decision = { ...verdict.decision, outcome: 'defer', action, code: 'UNREACHABLE', enhancedStatus: '4.4.1' }
  return {
    ...verdict,
    outcome: 'defer',
    code: 'UNREACHABLE',
    detail: `No address of ${host.host} could be talked to.`,
    enhancedStatus: '4.4.1',
    retryable: action !== 'bounce',
    decision: { ...decision, retryable: action !== 'bounce' }
  }
}

/** undefined: this address does not speak SMTP now. */
async function* tryAddress(
  host: HostPlan,
  address: string,
  socket: Socket,
  before: Decision,
  walk: Walk
): AsyncGenerator<DaneEvent, Reached | Verdict | undefined> {
  const { options } = walk
  const { domain, host: name, port } = host
  const conclude = async function* (seen: Seen, over: TLSSocket | Socket): AsyncGenerator<DaneEvent, Reached | Verdict> {
    const verdict = verdictOf(host, seenBy(walk, { ...seen, address }))
    return yield* told(verdict, over)
  }
  const told = async function* (verdict: Verdict, over: TLSSocket | Socket): AsyncGenerator<DaneEvent, Reached | Verdict> {
    yield { event: 'verdict', domain, host: name, verdict }
    if (verdict.decision.action === 'deliver') return { socket: over, host, address, verdict }
    if (options.diagnose && !over.destroyed) walk.kept.push(over)
    else over.destroy()
    return verdict
  }
  try {
    const { dialog, keywords } = await greet(socket, options)
    if (before.tls === 'none') {
      dialog.release()
      return yield* conclude({ handshake: 'pending' }, socket)
    }
    yield { event: 'checking-tls', host: name, servername: host.tlsaBase ?? name }
    const offered = keywords.includes('STARTTLS')
    const agreed = offered && (await dialog.startTls())
    dialog.release()
    if (!agreed) {
      yield { event: 'no-starttls', host: name, refused: offered }
      const detail = offered ? `${name} refused STARTTLS.` : `${name} does not offer STARTTLS.`
      return yield* conclude({ handshake: 'refused', detail }, socket)
    }
  } catch (error) {
    socket.destroy()
    socket.on('error', () => {})
    options.signal?.throwIfAborted()
    yield { event: 'connect-failed', host: name, address, port, detail: messageOf(error) }
    return undefined
  }
  let secure: TLSSocket
  try {
    secure = await startTls(socket, host, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    const detail = messageOf(error)
    yield { event: 'tls-failed', host: name, detail }
    return yield* plaintextAgain(host, address, { handshake: 'failed', detail }, walk, conclude)
  }
  // Before the second EHLO, and before anybody else looks at the certificate.
  const { clock } = options
  const verdict = verifyPeer(secure, host, { clock, moreHosts: walk.moreHosts, queueTimeOver: options.queueTimeOver })
  const { name: cipher = '', standardName } = secure.getCipher() ?? {}
  yield { event: 'tls', host: name, protocol: secure.getProtocol() ?? '', cipher, ...(standardName && { standardName }) }
  return yield* told(verdict, secure)
}

/** A handshake that fails ends the connection. Where plaintext is allowed it needs a new one, which does not ask for TLS. */
async function* plaintextAgain(
  host: HostPlan,
  address: string,
  seen: Seen,
  walk: Walk,
  conclude: (seen: Seen, over: Socket) => AsyncGenerator<DaneEvent, Reached | Verdict>
): AsyncGenerator<DaneEvent, Reached | Verdict | undefined> {
  const verdict = verdictOf(host, seenBy(walk, seen))
  if (verdict.decision.action !== 'deliver') {
    yield { event: 'verdict', domain: host.domain, host: host.host, verdict }
    return verdict
  }
  try {
    const socket = await openLink(address, host.port, walk.options)
    const { dialog } = await greet(socket, walk.options)
    dialog.release()
    return yield* conclude(seen, socket)
  } catch (error) {
    walk.options.signal?.throwIfAborted()
    yield { event: 'connect-failed', host: host.host, address, port: host.port, detail: messageOf(error) }
    return undefined
  }
}
