// One question to one server: the query, the match of the reply (RFC 5452 9.1), TCP after truncation (RFC 7766 5), a second
// try without EDNS (RFC 6891 7), cookies (RFC 7873) and the letter case as a nonce. A failure is a value.

import type { Limits } from '../limits.js'
import { onAbort } from '../transport/aborting.js'
import { isPunctual, type Transport } from '../transport/transport.js'
import type { TraceEvent } from '../verdict/event.js'
import type { Server } from '../verdict/reply.js'
import { note, type Task } from '../verdict/task.js'
import { WireError } from '../wire/cursor.js'
import { EDNS_OPTION, type EdnsOption } from '../wire/edns.js'
import { buildQuery, type Message, parseMessage, type Question } from '../wire/message.js'
import { Name } from '../wire/name.js'
import { RCODE, rcodeToText, typeToText } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'
import { type ServerBook, serverText } from './servers.js'

/** Messages sent for one exchange at the most: TCP, no EDNS and a cookie can each ask for one more. */
const MOST_SENDS = 5
const CLIENT_COOKIE_OCTETS = 8
const PADDING_BLOCK = 128
/** RFC 1035 4.1.1: the question begins behind it. */
const HEADER_OCTETS = 12

export interface ExchangeConfig {
  readonly transport: Transport
  readonly clock: () => number
  readonly limits: Limits
  readonly use0x20: boolean
  readonly cookies: boolean
  readonly random: (octets: number) => Uint8Array
  readonly book: ServerBook
}

/** What one look-up has sent so far. */
export interface Sent {
  count: number
}

export interface Asking {
  readonly server: Server
  /** a recursive server is asked with RD and CD, an authority with neither */
  readonly recursive: boolean
  readonly zone: Name | undefined
  readonly task: Task
  readonly sent: Sent
  /** how often this server was silent to this question before */
  readonly tries: number
  /** what the trace shall call the reply */
  readonly describe: (message: Message) => { outcome: 'answer' | 'referral' | 'lame' | 'error'; detail?: string }
}

export type Exchanged =
  | { readonly kind: 'message'; readonly message: Message; readonly server: Server; readonly receivedAt: number }
  | {
      readonly kind: 'failure'
      readonly why: 'silent' | 'network' | 'malformed' | 'mismatch'
      readonly detail: string
      readonly server: Server
    }
  | { readonly kind: 'spent'; readonly what: 'queries' | 'queriesPerLookup' }

interface Way {
  readonly server: Server
  readonly edns: boolean
  readonly vary: boolean
}

/** Rejects with the reason of the task's signal, and with nothing else. */
export async function exchange(question: Question, asking: Asking, config: ExchangeConfig): Promise<Exchanged> {
  const { book } = config
  // Who was silent twice may be dropping what has an OPT: a signed zone then fails to validate, which is right.
  let way: Way = {
    server: asking.server,
    edns: asking.tries < 2 || book.knowsEdns(asking.server),
    vary: config.use0x20 && book.keepsCase(asking.server)
  }
  let badCookies = 0
  let uncased = 0
  for (let sends = 0; ; sends++) {
    const { task } = asking
    task.signal.throwIfAborted()
    if (asking.sent.count >= task.limits.queriesPerLookup) return { kind: 'spent', what: 'queriesPerLookup' }
    if (!task.budget.spend('queries')) return { kind: 'spent', what: 'queries' }
    asking.sent.count++
    const got = await send(question, way, asking, config)
    const tcp: Way = { ...way, server: { ...way.server, protocol: 'tcp' } }
    const datagram = way.server.protocol === 'udp'
    if (got.kind === 'failure' && got.why === 'mismatch' && datagram && sends + 1 < MOST_SENDS) {
      way = tcp // RFC 5452 9.2: where somebody guesses, or a reply is not to this question, a connection cannot be guessed at
      continue
    }
    if (got.kind === 'failure' && way.server !== asking.server) {
      if (uncased === 1 && sends + 1 < MOST_SENDS) {
        way = { ...way, server: asking.server } // without TCP a second datagram, which nobody can have guessed as well
        continue
      }
      // It replies to datagrams at once, and is not to come first for that while nothing is to be had from it.
      book.setAside(asking.server)
    }
    if (got.kind !== 'message' || sends + 1 >= MOST_SENDS) return overTcpOnly(got, way)
    const { message, cased } = got
    if (message.tc) {
      if (!datagram) return overTcpOnly(got, way)
      way = tcp // RFC 2181 9: the body of a truncated datagram is not used
    } else if (!cased && datagram && ++uncased < 2) {
      way = tcp // no forger sits on a connection
    } else if (message.rcode === RCODE.BADCOOKIE) {
      // RFC 7873 5.3: once with the cookie just given, then over TCP.
      if (badCookies++ > 0 && datagram) way = tcp
    } else if (got.cookieMissing && datagram) way = tcp
    else if (way.edns && refusesEdns(message, book.knowsEdns(way.server)))
      way = { ...way, edns: false } // for this one question: nothing is remembered
    else {
      if (!cased) book.losesCase(asking.server)
      return got
    }
  }
}

/**
 * RFC 6891 7, and BADVERS to version 0, which every server must know. SERVFAIL may have any cause: it counts from a server
 * that has never sent an OPT.
 */
function refusesEdns({ rcode, edns }: Message, knowsEdns: boolean): boolean {
  if (rcode === RCODE.BADVERS || rcode === RCODE.FORMERR) return true
  return !edns && (rcode === RCODE.NOTIMP || (rcode === RCODE.SERVFAIL && !knowsEdns))
}

/** A truncated message is no reply, should the sends have run out or TCP have truncated it too. */
function overTcpOnly(got: Got | Exchanged, way: Way): Exchanged {
  if (got.kind !== 'message' || !got.message.tc) return got
  return { kind: 'failure', why: 'malformed', detail: 'sends truncated replies', server: way.server }
}

type Got = Extract<Exchanged, { kind: 'message' }> & { readonly cased: boolean; readonly cookieMissing: boolean }
type Failure = Extract<Exchanged, { kind: 'failure' }>

async function send(question: Question, way: Way, asking: Asking, config: ExchangeConfig): Promise<Got | Failure> {
  const { book, limits, random, clock } = config
  const { server } = way
  const name = way.vary ? variedCase(question.name, random) : question.name
  const idOctets = random(2)
  const id = (idOctets[0] << 8) | idOctets[1]
  const cookie = config.cookies && way.edns && !asking.recursive && !isEncrypted(server) ? cookieFor(server, config) : undefined
  const build = (options: readonly EdnsOption[]): Uint8Array =>
    buildQuery({
      id,
      question: { ...question, name },
      recursionDesired: asking.recursive,
      checkingDisabled: asking.recursive,
      edns: way.edns ? { udpSize: limits.udpSize, dnssecOk: true, options } : undefined
    })
  const query = way.edns && isEncrypted(server) ? padded(build) : build(cookie ? [cookie.option] : [])
  const startedAt = clock()
  const before = performance.now()
  const say = (
    event: Partial<Extract<TraceEvent, { event: 'exchange' }>> & Pick<Extract<TraceEvent, { event: 'exchange' }>, 'outcome'>,
    wire?: Uint8Array
  ): void =>
    note(
      asking.task,
      () => ({
        event: 'exchange',
        name: nameToText(question.name),
        type: typeToText(question.type),
        ...(asking.zone && { zone: nameToText(asking.zone) }),
        server: serverText(server),
        protocol: server.protocol,
        startedAt,
        ms: Math.round((performance.now() - before) * 10) / 10,
        ...event
      }),
      wire
    )
  const fail = (outcome: 'timeout' | 'error' | 'malformed' | 'mismatch', why: Failure['why'], detail: string): Failure => {
    say({ outcome, detail })
    return { kind: 'failure', why, detail, server }
  }

  const timeoutMs = book.timeoutMs(server, asking.tries)
  book.asking(server, timeoutMs)
  let wire: Uint8Array
  try {
    const { signal } = asking.task
    wire = await (isPunctual(config.transport)
      ? config.transport.exchange(query, server, { signal, timeoutMs })
      : bounded(config.transport, query, server, timeoutMs, signal))
  } catch (error) {
    asking.task.signal.throwIfAborted()
    const { silent, passing, unreachable, detail, mismatch } = explain(error)
    if (mismatch) return fail('mismatch', 'mismatch', detail)
    if (unreachable) book.familyUnreachable(server)
    else book.wasSilent(server, asking.task.budget)
    if (silent) return fail('timeout', 'silent', detail)
    return fail('error', passing ? 'silent' : 'network', detail)
  }
  const ms = performance.now() - before
  const plain = withCaseAsAsked(wire, name, question.name)
  let message: Message
  try {
    message = parseMessage(plain ?? wire)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return fail('malformed', 'malformed', `sent what is not a DNS message (${error.message})`)
  }
  const mismatch = differs(message, id, question)
  if (mismatch) return fail('mismatch', 'mismatch', `sent a reply with ${mismatch}`)
  const echoed = cookie && cookieIn(message)
  // RFC 7873 5.3: a cookie that is not ours is a forger's.
  if (cookie && echoed && !sameOctets(echoed.subarray(0, CLIENT_COOKIE_OCTETS), cookie.client)) {
    return fail('mismatch', 'mismatch', 'sent a reply with another cookie')
  }
  book.replied(server, ms, message.edns !== undefined)
  if (cookie && echoed) book.keepCookies(cookieJar(server), cookie.client, echoed.slice(CLIENT_COOKIE_OCTETS))
  if (asking.task.emit) {
    const described = message.tc ? { outcome: 'truncated' as const } : asking.describe(message)
    say({ ...described, rcode: rcodeToText(message.rcode), size: wire.length }, message.wire)
  }
  return {
    kind: 'message',
    message,
    server,
    receivedAt: clock(),
    cased: !message.question || !way.vary || plain !== undefined,
    cookieMissing: cookie?.known === true && !echoed
  }
}

/** The transport's promise, but never longer than the time given, whatever a transport makes of it. */
function bounded(transport: Transport, query: Uint8Array, server: Server, timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const own = new AbortController()
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      leave()
      settle()
    }
    const timer = setTimeout(() => {
      const late = Object.assign(new Error(`no reply within ${Math.round(timeoutMs)} ms`), { code: 'ETIMEOUT' })
      end(() => {
        own.abort(late)
        reject(late)
      })
    }, timeoutMs)
    const leave = onAbort(signal, () =>
      end(() => {
        own.abort(signal.reason)
        reject(signal.reason)
      })
    )
    const asked = async (): Promise<Uint8Array> => transport.exchange(query, server, { signal: own.signal, timeoutMs })
    asked().then(
      (wire) => end(() => resolve(wire)),
      (error: unknown) => end(() => reject(error))
    )
  })
}

const NO_ROUTE: ReadonlySet<string> = new Set(['ENETUNREACH', 'EAFNOSUPPORT', 'EADDRNOTAVAIL'])

/** A connection that ended under a query: the next one may last (RFC 7766 6.2.4). */
const PASSING: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'EFRAME'])

function explain(error: unknown): { silent: boolean; passing?: boolean; unreachable: boolean; mismatch?: boolean; detail: string } {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'ETIMEOUT' || code === 'ETIMEDOUT') return { silent: true, unreachable: false, detail: 'gave no reply' }
  if (code === 'ECONNREFUSED') return { silent: false, unreachable: false, detail: 'refused the connection' }
  if (PASSING.has(code)) return { silent: false, passing: true, unreachable: false, detail: `ended the connection (${code})` }
  if (code === 'EMISMATCH') return { silent: false, unreachable: false, mismatch: true, detail: 'sent replies to other questions' }
  const text = error instanceof Error ? error.message : String(error)
  return { silent: false, unreachable: NO_ROUTE.has(code), detail: `could not be reached (${code || text})` }
}

/** RFC 5452 9.1: what does not answer this very question is not its reply. */
function differs(message: Message, id: number, question: Question): string | undefined {
  if (!message.qr) return 'the QR bit clear'
  if (message.id !== id) return 'another ID'
  if (message.opcode !== 0) return 'another opcode'
  if (!message.question) {
    // Servers that could not read the question leave it out, and say so.
    return message.rcode === RCODE.NOERROR || message.rcode === RCODE.NXDOMAIN ? 'no question' : undefined
  }
  const { name, type } = message.question
  if (type !== question.type || message.question.class !== question.class || !name.equals(question.name)) return 'another question'
  return undefined
}

/** RFC 8467 4.1: queries are padded to a multiple of 128 octets, so that their length says nothing of the name. */
function padded(build: (options: readonly EdnsOption[]) => Uint8Array): Uint8Array {
  const { length } = build([{ code: EDNS_OPTION.PADDING, data: new Uint8Array(0) }])
  return build([{ code: EDNS_OPTION.PADDING, data: new Uint8Array((PADDING_BLOCK - (length % PADDING_BLOCK)) % PADDING_BLOCK) }])
}

const isEncrypted = (server: Server): boolean => server.protocol === 'tls' || server.protocol === 'https'

/** UDP and TCP of one server share their cookies. */
const cookieJar = (server: Server): Server => ({ ...server, protocol: 'udp' })

interface Cookie {
  readonly option: EdnsOption
  readonly client: Uint8Array
  /** whether the server gave one before */
  readonly known: boolean
}

/** RFC 7873 4.1: another client cookie for every server, so that it tells nothing. */
function cookieFor(server: Server, { book, random }: ExchangeConfig): Cookie {
  const kept = book.cookies(cookieJar(server))
  const client = kept.client ?? random(CLIENT_COOKIE_OCTETS)
  if (!kept.client) book.keepCookies(cookieJar(server), client, undefined)
  const data = new Uint8Array(client.length + (kept.server?.length ?? 0))
  data.set(client)
  if (kept.server) data.set(kept.server, client.length)
  return { option: { code: EDNS_OPTION.COOKIE, data }, client, known: kept.server !== undefined }
}

/** RFC 7873 4: eight octets, or sixteen to forty. */
function cookieIn(message: Message): Uint8Array | undefined {
  const data = message.edns?.options.find((option) => option.code === EDNS_OPTION.COOKIE)?.data
  return data && data.length >= 16 && data.length <= 40 ? data : undefined
}

/** draft-vixie-dnsext-dns0x20: the case of each letter is one more bit that a forger has to guess. */
function variedCase(name: Name, random: (octets: number) => Uint8Array): Name {
  const bits = random(Math.ceil(name.wire.length / 8))
  const wire = name.wire.slice()
  for (let i = 0; i < wire.length; i++) {
    const lower = wire[i] | 0x20
    const isLetter = lower >= 0x61 && lower <= 0x7a
    if (isLetter && (bits[i >> 3] >> (i & 7)) & 1) wire[i] ^= 0x20
  }
  return Name.fromWire(wire)
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/**
 * The letter case of a query is a nonce and nobody's data. Names in a reply may be compressed against its question, so once the
 * case has come back as it was sent, the question gets the case that was asked for. Undefined when there is nothing to change.
 */
function withCaseAsAsked(wire: Uint8Array, sent: Name, asked: Name): Uint8Array | undefined {
  const { length } = sent.wire
  if (sent === asked || wire.length < HEADER_OCTETS + length) return undefined
  for (let i = 0; i < length; i++) if (wire[HEADER_OCTETS + i] !== sent.wire[i]) return undefined
  const plain = wire.slice()
  plain.set(asked.wire, HEADER_OCTETS)
  return plain
}
