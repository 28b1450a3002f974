// The network and the cache as the source of validation: DS and DNSKEY replies and what is known of zones.

import type { Denials } from '../cache/denials.js'
import type { Failures } from '../cache/failures.js'
import { packOctets, STRING_BYTES, unpackOctets } from '../cache/packed.js'
import { readReply, type Scrub, writeReply } from '../cache/replies.js'
import type { SharedReplies } from '../cache/shared.js'
import { ENTRY_BYTES, type Meter, SieveMap } from '../cache/sieve.js'
import type { Lookup } from '../lookup/lookup.js'
import type { ZoneVerdict } from '../validate/chain.js'
import type { Proofs } from '../validate/proofs.js'
import type { Source } from '../validate/source.js'
import { aged, replyTtl } from '../verdict/aged.js'
import type { Anchors } from '../verdict/anchor.js'
import { isPassing } from '../verdict/reason.js'
import type { Answered, Reply } from '../verdict/reply.js'
import { note, type Task, within } from '../verdict/task.js'
import { Reader, Writer } from '../wire/cursor.js'
import { type Question, questionKey } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, TYPE, typeToText } from '../wire/numbers.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'

export class NetworkSource implements Source {
  readonly #lookup: () => Lookup
  readonly #replies: SieveMap<KeptReply>
  readonly #zones: SieveMap<ZoneVerdict>
  readonly #asking = new Map<string, Promise<Reply>>()
  readonly #finding = new Map<string, Promise<ZoneVerdict>>()

  constructor(
    readonly anchors: Anchors,
    meter: Meter,
    readonly options: SourceOptions,
    lookup: () => Lookup
  ) {
    this.#lookup = lookup
    this.#replies = new SieveMap(meter, { keepLonger: true })
    this.#zones = new SieveMap(meter, { keepLonger: true })
  }

  /** @param forUser the question is a user's own, and not for the chain of trust */
  async ask(question: Question, task: Task, attempt: number, forUser = false): Promise<Reply> {
    if (attempt > 0) return this.#keep(question, await this.#lookup().ask(question, task, attempt), task)
    const key = questionKey(question)
    const kept = this.#kept(key, question, task)
    if (kept) {
      note(task, () => ({ event: 'cache', name: nameToText(question.name), type: typeToText(question.type), what: 'reply' }))
      return aged(kept, task.now)
    }
    const denied = forUser ? undefined : this.#denied(question, task)
    if (denied) return denied
    let own = false
    const make = async (): Promise<Reply> => {
      own = true
      const stored = await this.options.shared?.get(question, task)
      return this.#keep(question, stored ?? (await this.#lookup().ask(question, task, 0)), task)
    }
    const reply = await shared(this.#asking, key, task.signal, make)
    // What another question could not afford says nothing about this one.
    return !own && reply.kind === 'failure' && isPassing(reply.reason) ? make() : reply
  }

  /** RFC 8198: what other answers proved already, so that it need not be asked. */
  #denied(question: Question, task: Task): Answered | undefined {
    const denied = this.options.denials?.answer(question, this.anchors, task, true)
    if (denied) note(task, () => ({ event: 'cache', name: nameToText(question.name), type: typeToText(question.type), what: 'denial' }))
    return denied
  }

  proven(proofs: Proofs, soa: Rrset | undefined, reply: Answered, task: Task): void {
    this.options.denials?.keep(proofs, soa, reply, task)
  }

  expanded(wildcard: Rrset, zone: Name, ttl: number, reply: Answered, task: Task): void {
    this.options.denials?.keepWildcard(wildcard, zone, ttl, reply, task)
  }

  async zone(name: Name, task: Task, make: () => Promise<ZoneVerdict>): Promise<ZoneVerdict> {
    const kept = this.#zones.get(name.key, task.now)
    if (kept) {
      note(task, () => ({ event: 'cache', name: nameToText(name), type: 'DNSKEY', what: 'keys' }))
      return kept
    }
    if (this.#finding.has(name.key)) note(task, () => ({ event: 'cache', name: nameToText(name), type: 'DNSKEY', what: 'keys' }))
    let own = false
    const find = (): Promise<ZoneVerdict> => {
      own = true
      return make()
    }
    const verdict = await shared(this.#finding, name.key, task.signal, find)
    const spent = ranOut(verdict)
    // What another question could not afford says nothing about the zone.
    if (!own && spent) return make()
    if (!spent && verdict.ttl > 0 && own) this.#keepZone(name, verdict, task)
    return verdict
  }

  #keepZone(name: Name, verdict: ZoneVerdict, task: Task): void {
    const { failures, shared } = this.options
    const { status } = verdict.finding
    // RFC 9520 3.2: what could not be fetched is asked for again the later the oftener it fails.
    const ttl = status === 'indeterminate' ? failures.note(name.key, task.now, task.limits) : verdict.ttl
    this.#zones.set(name.key, verdict, task.now + ttl * 1000, zoneBytes(verdict) + name.key.length * 2)
    if (status === 'indeterminate' || status === 'bogus') return
    failures.forget(name.key)
    for (const one of verdict.evidence) {
      if (one.kind !== 'reply' || one.via === 'denial' || !one.question.name.equals(name)) continue
      shared?.set(one.question, one, one.wire, verdict.ttl)
      this.#compact(one.question, task)
    }
  }

  /** Once the zone is judged its replies are seldom asked for: octets are enough. */
  #compact(question: Question, task: Task): void {
    const key = questionKey(question)
    const kept = this.#replies.get(key, task.now)
    if (!kept?.reply) return
    const to = new Writer()
    writeReply(to, kept.reply, kept.reply.message.wire)
    const packed = packOctets(to.finish())
    const bytes = ENTRY_BYTES + key.length * 2 + packed.length + STRING_BYTES
    this.#replies.set(key, { packed, until: kept.until }, kept.until, bytes)
  }

  #kept(key: string, question: Question, task: Task): Answered | undefined {
    const kept = this.#replies.get(key, task.now)
    if (!kept) return undefined
    return kept.reply ?? readReply(new Reader(unpackOctets(kept.packed)), question, this.options.scrub)
  }

  /** A referral answers the DS question of the zone it leads to; with a DS, the zone's keys are fetched while the descent goes on. */
  referral(reply: Answered, task: Task): void {
    const { question } = reply
    this.#keep(question, reply, task)
    const signed = reply.message.authority.some((rrset) => rrset.type === TYPE.DS && rrset.signatures.length > 0)
    if (signed && this.anchors.covering(question.name, task.now)?.kind === 'positive') this.#fetchKeys(question.name, task)
  }

  /** The chain starts with the keys of the root, whose servers are known: they are fetched while the descent begins. */
  prepare(name: Name, task: Task): void {
    const anchor = this.anchors.covering(name, task.now)
    if (anchor?.kind === 'positive' && anchor.zone.isRoot) this.#fetchKeys(anchor.zone, task)
  }

  #fetchKeys(zone: Name, task: Task): void {
    if (this.#zones.get(zone.key, task.now)) return
    const dnskey: Question = { name: zone, type: TYPE.DNSKEY, class: CLASS.IN }
    const looking = within(task, () => ({ event: 'lookup', name: nameToText(zone), type: 'DNSKEY', purpose: 'chain', attempt: 0 }))
    queueMicrotask(() => this.ask(dnskey, looking, 0).catch(() => {})) // whoever needs the keys asks again and sees the failure
  }

  /** Forgets what is known of the name as a zone, and the replies it rests on. */
  forget(name: Name): void {
    this.#zones.delete(name.key)
    for (const type of [TYPE.DS, TYPE.DNSKEY]) this.#replies.delete(questionKey({ name, type, class: CLASS.IN }))
  }

  clear(): void {
    this.#zones.clear()
    this.#replies.clear()
  }

  #keep(question: Question, reply: Reply, task: Task): Reply {
    if (reply.kind === 'failure') return reply
    const ttl = Math.min(replyTtl(reply), task.limits.ttlMax)
    if (ttl > 0) {
      const until = reply.receivedAt + ttl * 1000
      this.#replies.set(questionKey(question), { reply, until }, until, ENTRY_BYTES * 12 + reply.message.wire.length * 4)
    }
    return reply
  }

  /** Zones judged, and replies kept. */
  get sizes(): { readonly zones: number; readonly replies: number } {
    return { zones: this.#zones.size, replies: this.#replies.size }
  }
}

export interface SourceOptions {
  readonly scrub: Scrub
  readonly failures: Failures
  readonly denials: Denials | undefined
  readonly shared: SharedReplies | undefined
}

type KeptReply = { readonly until: number } & ({ readonly reply: Answered } | { readonly reply?: undefined; readonly packed: string })

const ranOut = ({ finding }: ZoneVerdict): boolean => 'reason' in finding && isPassing(finding.reason)

const zoneBytes = (verdict: ZoneVerdict): number =>
  ENTRY_BYTES * 20 + verdict.evidence.slice(-2).reduce((sum, one) => sum + (one.kind === 'reply' ? 600 + one.wire.length * 2 : 300), 0)

/** Equal work at the same time is done once. When its first caller is cancelled, the next one does it. */
async function shared<T>(running: Map<string, Promise<T>>, key: string, signal: AbortSignal, start: () => Promise<T>): Promise<T> {
  for (let other = running.get(key); other; other = running.get(key)) {
    try {
      return await other
    } catch (error) {
      signal.throwIfAborted()
      if (running.get(key) === other) throw error
    }
  }
  const mine = start().finally(() => running.delete(key))
  running.set(key, mine)
  return mine
}
