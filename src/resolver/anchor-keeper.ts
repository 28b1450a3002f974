// Keeps the trust anchors in force: those configured, followed by RFC 5011 from probe to probe, and their state in the store.
import { anchorLines, dsLine, keyLine } from '../anchors/lines.js'
import { mergeStates } from '../anchors/merge.js'
import { probeDue } from '../anchors/probe.js'
import { type AnchorReport, reportPoint } from '../anchors/report.js'
import { anchorOf, startPoint, type TrustPoint } from '../anchors/rfc5011.js'
import { anchorSet } from '../anchors/set.js'
import { readState, writeState } from '../anchors/state.js'
import { AnchorStoreError } from '../anchors/store.js'
import type { Lookup } from '../lookup/lookup.js'
import type { Anchor, Anchors, PositiveAnchor } from '../verdict/anchor.js'
import type { Task } from '../verdict/task.js'
import { Name } from '../wire/name.js'
import { nameToText } from '../wire/text.js'
import { AlarmBell, tell } from './anchor-events.js'
import { probe, unanswered } from './anchor-probe.js'
import { sendKeyTags } from './key-tag-query.js'
import type { Settings } from './options.js'

/** The timer looks at the clock this often at least, for clocks jump and machines sleep; and never more often than that. ms */
const LONGEST_WAIT = 3_600_000
const SHORTEST_WAIT = 60_000

export class AnchorKeeper implements Anchors {
  readonly #settings: Settings
  readonly #newTask: (signal: AbortSignal) => Task
  readonly #changed: () => void
  readonly #stop = new AbortController()
  readonly #bell = new AlarmBell()
  readonly #fixed: readonly PositiveAnchor[]
  #lookup: Lookup | undefined
  #points: readonly TrustPoint[]
  #set: Anchors
  /** ms: when a waiting key may validate although no probe came (`trustedKeys`); the set is made anew then */
  #setUntil = Number.POSITIVE_INFINITY
  #loaded = false
  /** what was learned could not be saved, so the store may know less than this process does */
  #unsaved = false
  #loading: Promise<void> | undefined
  #refreshing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(settings: Settings, newTask: (signal: AbortSignal) => Task, changed: () => void) {
    this.#settings = settings
    this.#newTask = newTask
    this.#changed = changed
    this.#fixed = settings.staticAnchors.map((anchor) => ({ kind: 'positive', ...anchor }))
    const now = settings.clock()
    this.#points = settings.anchors.map(({ zone, ds, keys }) => startPoint(zone, { ds, keys }, now))
    this.#set = this.#makeSet(now)
  }

  /** From now on probes can be sent; with active refresh the first that are due are sent soon. */
  attach(lookup: Lookup): void {
    this.#lookup = lookup
    if (this.#settings.activeRefresh) this.#wakeIn(0)
  }

  covering(name: Name, now: number): Anchor | undefined {
    if (now >= this.#setUntil) this.#set = this.#makeSet(now)
    return this.#set.covering(name, now)
  }

  /** RFC 8509: whether a key of this tag is a trust anchor of the root. */
  trustsRootKey(keyTag: number, now: number): boolean {
    const anchor = this.covering(Name.root, now)
    return anchor?.kind === 'positive' && [...anchor.ds, ...anchor.keys].some((one) => one.keyTag === keyTag)
  }

  /** Undefined once the store was read. Rejects with AnchorStoreError when it gives no state: nothing can be trusted then. */
  ready(): Promise<void> | undefined {
    return this.#loaded || !this.#settings.anchorStore ? undefined : this.#load()
  }

  /** Reads the store, also after others wrote to it. What cannot be read is tried again at the next call. */
  #load(): Promise<void> {
    this.#loading ??= this.#read().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #read(): Promise<void> {
    const { anchorStore, clock } = this.#settings
    const now = clock()
    const stored = await this.#stored('load', async () => {
      const text = await anchorStore?.load()
      return text === undefined || text.trim() === '' ? [] : readState(text, now)
    })
    const mine = this.#unsaved ? mergeStates(stored, this.#points) : stored
    const others = this.#points.filter((point) => !mine.some(({ zone }) => zone.equals(point.zone)))
    this.#loaded = true
    if (stored.length > 0) this.#use([...others, ...mine], now)
  }

  /** Does the probes that are due; those running already are waited for. Rejects with AnchorStoreError. */
  refresh(all = false): Promise<void> {
    this.#refreshing ??= this.#refresh(all).finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #refresh(all: boolean): Promise<void> {
    // Another process that shares the store may have done the probe, or learned of a revocation.
    await this.#load()
    const lookup = this.#lookup
    const due = this.#points.filter((point) => point.deletedAt === undefined && (all || probeDue(point, this.#settings.clock())))
    if (due.length === 0 || !lookup) return
    const probed = await Promise.all(due.map((point) => this.#probe(point, lookup)))
    const points = this.#points.map((point) => probed.find(({ zone }) => zone.equals(point.zone)) ?? point)
    // First in force, then saved: a revocation must not wait for a disk.
    this.#use(points, this.#settings.clock())
    await this.#save(points)
    if (this.#settings.trustAnchorSignalling) await this.#signal(due, lookup)
  }

  /** A probe that took too long is one without a reply. */
  async #probe(point: TrustPoint, lookup: Lookup): Promise<TrustPoint> {
    const task = this.#newTask(this.#stop.signal)
    const probed = await this.#inTime((signal) => probe(point, lookup, { ...task, signal }))
    return probed ?? unanswered(point, task.now, `no reply within ${this.#settings.limits.questionMs} ms`)
  }

  /** Undefined when the time of a question was not enough. */
  async #inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), this.#settings.limits.questionMs)
    try {
      return await work(AbortSignal.any([this.#stop.signal, deadline.signal]))
    } catch (error) {
      if (this.#stop.signal.aborted || !deadline.signal.aborted) throw error
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  async #save(points: readonly TrustPoint[]): Promise<void> {
    const { anchorStore } = this.#settings
    if (!anchorStore) return
    this.#unsaved = true
    await this.#stored('save', async () => anchorStore.save(writeState(points)))
    this.#unsaved = false
    await this.#load() // merged with what others saved
  }

  async #signal(due: readonly TrustPoint[], lookup: Lookup): Promise<void> {
    for (const { zone } of due) {
      const anchor = this.covering(zone, this.#settings.clock())
      if (anchor?.kind !== 'positive' || !anchor.zone.equals(zone)) continue
      const task = this.#newTask(this.#stop.signal)
      await this.#inTime((signal) => sendKeyTags(anchor, lookup, { ...task, signal }))
    }
  }

  async #stored<T>(what: 'load' | 'save', work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      tell({ event: 'store', at: this.#settings.clock(), failed: what, text })
      throw error instanceof AnchorStoreError ? error : new AnchorStoreError(text, { cause: error })
    }
  }

  #wakeIn(ms: number): void {
    if (this.#stop.signal.aborted) return
    const wake = async (): Promise<void> => {
      // What went wrong was told on the channel, and is tried again.
      await this.refresh().catch(() => {})
      const next = Math.min(...this.#points.filter(({ deletedAt }) => deletedAt === undefined).map(({ nextProbe }) => nextProbe))
      this.#wakeIn(Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, next - this.#settings.clock())))
    }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void wake(), ms)
    this.#timer.unref()
  }

  #use(points: readonly TrustPoint[], now: number): void {
    const before = this.texts(now).anchors.join()
    this.#points = points
    this.#set = this.#makeSet(now)
    this.#bell.watch(points, now)
    if (this.texts(now).anchors.join() !== before) this.#changed()
  }

  #makeSet(now: number): Anchors {
    const waits = this.#points.flatMap(({ keys }) =>
      keys.filter(({ state }) => state === 'ADDPEND').map(({ since, holdDown }) => since + holdDown * 1000)
    )
    this.#setUntil = Math.min(...waits.filter((end) => end > now))
    return anchorSet(this.#positive(now), this.#settings.negativeAnchors)
  }

  #positive(now: number): PositiveAnchor[] {
    const followed = this.#points.map((point) => anchorOf(point, now)).filter((anchor): anchor is PositiveAnchor => anchor !== undefined)
    return [...this.#fixed, ...followed]
  }

  /** The anchors in force at `now` (ms), as the lines that a trace holds. */
  texts(now = this.#settings.clock()): { anchors: string[]; negativeAnchors: string[] } {
    const negative = this.#settings.negativeAnchors.filter(({ until }) => until === undefined || now < until)
    return { anchors: this.#positive(now).flatMap(anchorLines), negativeAnchors: negative.map(({ zone }) => nameToText(zone)) }
  }

  report(): readonly AnchorReport[] {
    const fixed = this.#fixed.flatMap(({ zone, ds, keys }) => {
      const row = { zone: nameToText(zone), state: 'STATIC' as const }
      return [
        ...ds.map((one) => ({ ...row, keyTag: one.keyTag, algorithm: one.algorithm, record: dsLine(zone, one) })),
        ...keys.map((one) => ({ ...row, keyTag: one.keyTag, algorithm: one.algorithm, record: keyLine(zone, one) }))
      ]
    })
    return [...fixed, ...this.#points.flatMap(reportPoint)]
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#stop.abort(new Error('the resolver is closed'))
    await this.#refreshing?.catch(() => {})
  }
}
