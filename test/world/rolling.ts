// A signed zone whose keys are changed from moment to moment, and a resolver that follows them (RFC 5011) by a clock set by
// hand: real signatures, real messages, the text of a store between any two steps if a test restarts.
import {
  type AnchorReport,
  type AnchorStore,
  createResolver,
  memoryAnchorStore,
  type Resolver,
  type ResolverOptions
} from '../../src/index.js'
import { REVOKE } from '../../src/wire/rdata/dnskey.js'
import { nameFromText } from '../../src/wire/text.js'
import { authority, type Respond } from './authority.js'
import { type HandClock, handClock } from './clock.js'
import { dsLine, type KeyOptions, redress, type SigningAlgorithm, type ZoneKey, zoneKey } from './keys.js'
import { memoryTransport, type WorldTransport } from './net.js'
import { makeZone, type ZoneFaults } from './zone.js'

export const HOUR = 3_600
export const DAY = 86_400

const SERVER = '192.0.2.53'
const KSK_FLAGS = 0x0101

/** A key-signing key; the same number gives the same key. */
export const ksk = (serial: number, algorithm: SigningAlgorithm = 13, options: KeyOptions = {}): ZoneKey =>
  zoneKey('rolling', algorithm, { role: 'ksk', serial, ...options })
export const zsk = (serial: number, algorithm: SigningAlgorithm = 13, options: KeyOptions = {}): ZoneKey =>
  zoneKey('rolling', algorithm, { role: 'zsk', serial, ...options })
export const revoked = (key: ZoneKey): ZoneKey => redress(key, { flags: KSK_FLAGS | REVOKE })

/** The DNSKEY RRset that the zone shows. */
export interface Shown {
  readonly keys: readonly ZoneKey[]
  /** those that sign the DNSKEY RRset, whether they are in it or not; a zone-signing key signs all the rest */
  readonly by: readonly ZoneKey[]
  /** seconds */
  readonly ttl?: number
  /** how long the signatures hold from now, seconds; 21 days as the root's */
  readonly lasts?: number
  readonly zsk?: ZoneKey
  /** further lines of the zone */
  readonly more?: string
  readonly faults?: ZoneFaults
}

export interface FollowerOptions {
  readonly zone?: string
  /** ms since the epoch */
  readonly start?: number
  readonly anchors: readonly string[]
  readonly store?: AnchorStore
  readonly options?: Partial<ResolverOptions>
}

/** One resolver with its clock and its zone. */
export class Follower {
  readonly clock: HandClock
  readonly zone: string
  readonly transport: WorldTransport
  readonly store: AnchorStore
  resolver: Resolver
  readonly #options: FollowerOptions
  #respond: Respond = () => undefined

  constructor(options: FollowerOptions) {
    this.#options = options
    this.zone = options.zone ?? '.'
    this.clock = handClock(options.start ?? Date.UTC(2025, 0, 11))
    this.store = options.store ?? memoryAnchorStore()
    this.transport = memoryTransport(new Map([[SERVER, (query, protocol) => this.#respond(query, protocol)]]))
    this.resolver = this.open()
  }

  /** A resolver like a process that starts now with what the store has. */
  open(): Resolver {
    const { anchors, options } = this.#options
    return createResolver({
      trustAnchors: anchors,
      trustAnchorStore: this.store,
      stubZones: [{ name: this.zone, servers: [{ address: SERVER }] }],
      transport: this.transport,
      clock: this.clock.now,
      queryNameCase: 'preserve',
      ...options
    })
  }

  restart(): this {
    this.resolver = this.open()
    return this
  }

  /** From now on the zone is like this. */
  show(shown: Shown): this {
    const { keys, by, ttl = 2 * DAY, lasts = 21 * DAY, zsk: signing = zsk(1), more = '', faults } = shown
    const at = this.clock.seconds()
    const zone = makeZone({
      origin: this.zone,
      text: `@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\nwww TXT "here"\n${more}`,
      keys: [...by, signing],
      published: [...keys, signing],
      inception: at - HOUR,
      expiration: at + lasts,
      ttl,
      faults
    })
    this.#respond = authority([zone])
    return this
  }

  serve(respond: Respond): this {
    this.#respond = respond
    return this
  }

  /** No reply from now on. */
  silence(): this {
    return this.serve(() => undefined)
  }

  /** Time passes, the zone becomes like this, and a probe is sent whether it is due or not. */
  async sees(afterSeconds: number, shown: Shown): Promise<this> {
    this.clock.advance(afterSeconds)
    return this.show(shown).probe()
  }

  async probe(): Promise<this> {
    await this.resolver.refreshTrustAnchors({ all: true })
    return this
  }

  report(key: ZoneKey): AnchorReport | undefined {
    const records = [key, revoked(key)].map(({ rdata }) => Buffer.from(rdata.subarray(4)).toString('base64'))
    return this.resolver.trustAnchors().find(({ record }) => records.some((one) => record.replace(/\s/g, '').endsWith(one)))
  }

  /** 'VALID' and so on; START when the key is not tracked. */
  state(key: ZoneKey): string {
    return this.report(key)?.state ?? 'START'
  }

  states(...keys: ZoneKey[]): string[] {
    return keys.map((key) => this.state(key))
  }

  /** The answer to a question in the zone, asked anew. */
  async ask(name = 'www', type = 'TXT') {
    this.resolver.flush()
    return this.resolver.resolveSecure(this.zone === '.' ? name : `${name}.${this.zone}`, type)
  }

  async status(): Promise<string> {
    return (await this.ask()).status
  }
}

export const anchorOf = (key: ZoneKey, zone = '.'): string => dsLine(zone, nameFromText(zone), key)
