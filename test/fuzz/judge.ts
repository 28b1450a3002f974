// Judges a case from its recorded replies, one of them replaced, by the same code that judges the network's. Fast: signatures
// known to be good are not computed again, and zones that the replaced reply has no part in are taken as known.

import { parseAnchors } from '../../src/anchors/parse.js'
import { anchorSet } from '../../src/anchors/set.js'
import { DEFAULT_POLICY } from '../../src/crypto/algorithms.js'
import type { CryptoBackend } from '../../src/crypto/backend.js'
import { Budget, DEFAULT_LIMITS } from '../../src/limits.js'
import { scrub } from '../../src/lookup/scrub.js'
import type { ZoneVerdict } from '../../src/validate/chain.js'
import { followHops, judgeHop } from '../../src/validate/hops.js'
import type { Source } from '../../src/validate/source.js'
import type { Anchors } from '../../src/verdict/anchor.js'
import type { Outcome } from '../../src/verdict/outcome.js'
import { reason } from '../../src/verdict/reason.js'
import type { Reply } from '../../src/verdict/reply.js'
import type { Task } from '../../src/verdict/task.js'
import { canonicalRdatas } from '../../src/wire/canonical.js'
import { WireError } from '../../src/wire/cursor.js'
import { parseMessage, type Question } from '../../src/wire/message.js'
import { RCODE } from '../../src/wire/numbers.js'
import { type Case, type Corpus, type RecordedReply, replyKey } from './corpus.js'

export interface Change {
  readonly of: RecordedReply
  readonly wire: Uint8Array
}

const never = new AbortController().signal

export class Judge {
  readonly #anchors: Anchors
  readonly #known = new Map<Case, ReadonlyMap<string, ZoneVerdict>>()

  constructor(
    readonly corpus: Corpus,
    readonly crypto: CryptoBackend
  ) {
    this.#anchors = anchorSet(
      parseAnchors(corpus.anchors).map((anchor) => ({ kind: 'positive', ...anchor })),
      []
    )
  }

  /**
   * @param changes replies to put other octets in place of, each one once
   * @param fresh take no zone as known
   */
  async judge(one: Case, changes: readonly Change[], nowMs = this.corpus.nowMs, fresh = false): Promise<Outcome> {
    const zones = new Map(fresh ? [] : this.#knownZones(one, changes))
    const outcome = await this.#run(one, changes, zones, nowMs)
    if (changes.length === 0 && nowMs === this.corpus.nowMs && !this.#known.has(one)) this.#known.set(one, zones)
    return outcome
  }

  /** Zones whose verdict cannot rest on a changed reply: those not at or below a name that one speaks for. */
  #knownZones(one: Case, changes: readonly Change[]): Iterable<[string, ZoneVerdict]> {
    const known = this.#known.get(one) ?? new Map<string, ZoneVerdict>()
    const touched = changes.filter(({ of }) => of.purpose === 'chain').map(({ of }) => of.question.name.key)
    if (touched.length === 0) return known
    return [...known].filter(([key]) => !touched.some((name) => key.endsWith(name)))
  }

  #run(one: Case, changes: readonly Change[], zones: Map<string, ZoneVerdict>, nowMs: number): Promise<Outcome> {
    const give = (purpose: 'data' | 'chain', question: Question, attempt: number): Reply => {
      const key = replyKey(purpose, question)
      const recorded = attempt === 0 ? one.replies.find((reply) => reply.key === key) : undefined
      if (!recorded) return absent(question)
      const wire = changes.find(({ of }) => of === recorded)?.wire ?? recorded.wire
      return this.#reply(recorded, wire, question, nowMs)
    }
    const source: Source = {
      anchors: this.#anchors,
      ask: async (question, _task, attempt) => give('chain', question, attempt),
      zone: async (name, _task, make) => {
        const kept = zones.get(name.key)
        if (kept) return kept
        const verdict = await make()
        zones.set(name.key, verdict)
        return verdict
      }
    }
    const task: Task = {
      now: nowMs,
      limits: DEFAULT_LIMITS,
      budget: new Budget(DEFAULT_LIMITS),
      policy: { ...DEFAULT_POLICY, sha1: one.sha1 },
      crypto: this.crypto,
      signal: never,
      depth: 0,
      parent: -1
    }
    const ask = async (question: Question, _task: Task, attempt: number): Promise<Reply> => give('data', question, attempt)
    return followHops(one.question, (question) => judgeHop(question, ask, source, task), task)
  }

  #reply(recorded: RecordedReply, wire: Uint8Array, question: Question, nowMs: number): Reply {
    try {
      const message = scrub(parseMessage(wire), question, recorded.zone)
      const server = { address: '192.0.2.1', port: 53, protocol: 'udp' as const }
      return { kind: 'reply', question, message, server, zone: recorded.zone, via: recorded.via, receivedAt: nowMs }
    } catch (error) {
      if (error instanceof WireError) return absent(question)
      throw error
    }
  }
}

function absent(question: Question): Reply {
  const why = reason('unreachable', { owner: question.name, type: question.type, detail: 'no other reply' })
  return { kind: 'failure', question, reason: why, rcode: RCODE.SERVFAIL }
}

/** What an outcome says of the DNS: two secure outcomes of one question must say the same. */
export function saying(outcome: Outcome): string {
  const records = outcome.records.flatMap(({ rrset }) =>
    canonicalRdatas(rrset).map((rdata) => `${rrset.owner.key}/${rrset.type}/${Buffer.from(rdata).toString('hex')}`)
  )
  return JSON.stringify([outcome.rcode, outcome.canonicalName.key, outcome.denial?.kind, records.sort()])
}

/** Counts on what was computed before: a signature is good only for the very octets it was found good for. */
export function rememberingGood(backend: CryptoBackend): CryptoBackend {
  const good = new Set<string>()
  const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return {
    name: backend.name,
    supports: (algorithm) => backend.supports(algorithm),
    digest: (type, data) => backend.digest(type, data),
    nsec3Hash: (name, salt, iterations) => backend.nsec3Hash(name, salt, iterations),
    verify(algorithm, publicKey, data, signature) {
      const key = `${algorithm} ${publicKey.length} ${signature.length} ${text(publicKey)}${text(signature)}${text(data)}`
      if (good.has(key)) return true
      const holds = backend.verify(algorithm, publicKey, data, signature)
      if (holds && good.size < 5_000) good.add(key)
      return holds
    }
  }
}
