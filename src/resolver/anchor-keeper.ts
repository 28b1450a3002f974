// Keeps the trust anchors in force: those configured, followed by RFC 5011 from probe to probe, and their state in the store.

import { probeDue } from '../anchors/probe.js'
import { anchorOf, observe, probeFailed, startPoint, type TrustPoint, trustedKeys, withoutRevoke } from '../anchors/rfc5011.js'
import { anchorSet } from '../anchors/set.js'
import { readState, writeState } from '../anchors/state.js'
import { algorithmSupported } from '../crypto/algorithms.js'
import type { Lookup } from '../lookup/lookup.js'
import { observeKeySet } from '../validate/observe.js'
import type { Anchor, Anchors, PositiveAnchor } from '../verdict/anchor.js'
import type { Task } from '../verdict/task.js'
import type { Name } from '../wire/name.js'
import { CLASS, TYPE } from '../wire/numbers.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText, rdataToText } from '../wire/text.js'
import type { Settings } from './options.js'

/** One trust anchor as it stands. */
export interface AnchorReport {
  readonly zone: string
  readonly keyTag: number
  readonly algorithm: number
  /** the state of RFC 5011 4; `DS` for a configured DS that no validated set has turned into a key yet */
  readonly state: 'ADDPEND' | 'VALID' | 'MISSING' | 'REVOKED' | 'REMOVED' | 'START' | 'DS'
  /** ms since the epoch */
  readonly since?: number
  readonly nextProbe?: number
}

export class AnchorKeeper implements Anchors {
  readonly #settings: Settings
  readonly #newTask: (signal: AbortSignal) => Task
  readonly #changed: () => void
  readonly #stop = new AbortController()
  #lookup: Lookup | undefined
  #points: readonly TrustPoint[]
  #set: Anchors
  #loading: Promise<void> | undefined
  #refreshing: Promise<void> | undefined

  constructor(settings: Settings, newTask: (signal: AbortSignal) => Task, changed: () => void) {
    this.#settings = settings
    this.#newTask = newTask
    this.#changed = changed
    const now = settings.clock()
    this.#points = settings.anchors.map(({ zone, ds, keys }) => startPoint(zone, { ds, keys }, now))
    this.#set = this.#makeSet(now)
  }

  attach(lookup: Lookup): void {
    this.#lookup = lookup
  }

  covering(name: Name, now: number): Anchor | undefined {
    return this.#set.covering(name, now)
  }

  /** Resolves when the store was read. Rejects when what it holds cannot be trusted: nothing is answered then. */
  async ready(): Promise<void> {
    if (!this.#settings.anchorStore) return
    this.#loading ??= this.#load()
    await this.#loading
  }

  async #load(): Promise<void> {
    const text = await this.#settings.anchorStore?.load()
    if (text === undefined || text.trim() === '') return
    const now = this.#settings.clock()
    const stored = readState(text, now)
    const others = this.#points.filter((point) => !stored.some(({ zone }) => zone.equals(point.zone)))
    this.#use([...others, ...stored], now)
  }

  /** Does the probes that are due; those running already are waited for. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #refresh(): Promise<void> {
    await this.ready()
    const due = this.#points.filter((point) => probeDue(point, this.#settings.clock()))
    if (due.length === 0) return
    const updated = await Promise.all(due.map((point) => this.#probe(point)))
    const points = this.#points.map((point) => updated.find(({ zone }) => zone.equals(point.zone)) ?? point)
    await this.#settings.anchorStore?.save(writeState(points))
    this.#use(points, this.#settings.clock())
  }

  /** RFC 5011 2.3: asks the zone's servers, never a cache. A set that no trusted key signed is asked for elsewhere. */
  async #probe(point: TrustPoint): Promise<TrustPoint> {
    const task = this.#newTask(this.#stop.signal)
    const { policy, limits } = this.#settings
    const means = {
      now: task.now,
      random: Math.random,
      supports: (key: { algorithm: number }) => algorithmSupported(key.algorithm, policy)
    }
    let result = probeFailed(point, means)
    for (let attempt = 0; attempt <= limits.bogusRetries; attempt++) {
      const dnskeys = await this.#askKeys(point.zone, task, attempt)
      if (!dnskeys) break
      const seen = observeKeySet(dnskeys, trustedKeys(point, task.now), point.ds, withoutRevoke, task)
      const next = observe(point, seen, means)
      if (attempt === 0 || !next.events.some(({ kind }) => kind === 'failed')) result = next
      if (!next.events.some(({ kind }) => kind === 'failed')) break
    }
    return result.point
  }

  async #askKeys(zone: Name, task: Task, attempt: number): Promise<Rrset | undefined> {
    const question = { name: zone, type: TYPE.DNSKEY, class: CLASS.IN }
    const reply = await this.#lookup?.ask(question, task, attempt)
    if (reply?.kind !== 'reply') return undefined
    return reply.message.answer.find((rrset) => rrset.type === TYPE.DNSKEY && rrset.owner.equals(zone))
  }

  #use(points: readonly TrustPoint[], now: number): void {
    const before = this.texts().anchors.join()
    this.#points = points
    this.#set = this.#makeSet(now)
    if (this.texts().anchors.join() !== before) this.#changed()
  }

  #makeSet(now: number): Anchors {
    const positive = this.#points.map((point) => anchorOf(point, now)).filter((anchor): anchor is PositiveAnchor => anchor !== undefined)
    return anchorSet(positive, this.#settings.negativeAnchors)
  }

  /** The anchors in force, as the lines that a trace holds. */
  texts(): { anchors: string[]; negativeAnchors: string[] } {
    const now = this.#settings.clock()
    const anchors = this.#points.flatMap((point) => {
      const anchor = anchorOf(point, now)
      const owner = nameToText(point.zone)
      return [
        ...(anchor?.ds ?? []).map((ds) => `${owner} IN DS ${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${hex(ds.digest)}`),
        ...(anchor?.keys ?? []).map((key) => `${owner} IN DNSKEY ${rdataToText(TYPE.DNSKEY, key.rdata)}`)
      ]
    })
    const negative = this.#settings.negativeAnchors.filter(({ until }) => until === undefined || now < until)
    return { anchors, negativeAnchors: negative.map(({ zone }) => nameToText(zone)) }
  }

  report(): readonly AnchorReport[] {
    return this.#points.flatMap((point) => {
      const zone = nameToText(point.zone)
      const { nextProbe } = point
      return [
        ...point.ds.map(({ keyTag, algorithm }) => ({ zone, keyTag, algorithm, state: 'DS' as const, nextProbe })),
        ...point.keys.map(({ key, state, since }) => ({ zone, keyTag: key.keyTag, algorithm: key.algorithm, state, since, nextProbe }))
      ]
    })
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the resolver is closed'))
    await this.#refreshing?.catch(() => {})
  }
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
