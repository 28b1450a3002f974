// Keys, sets and a clock for tests of RFC 5011, and real signatures made into an Observation.

import { type Means, type Observation, observe, probeFailed, type Step, startPoint, type TrustPoint } from '../../src/anchors/rfc5011.js'
import { chooseBackend } from '../../src/crypto/choose.js'
import { signedData } from '../../src/wire/canonical.js'
import { Name } from '../../src/wire/name.js'
import { type Dnskey, REVOKE, readDnskey, SEP, ZONE_KEY } from '../../src/wire/rdata/dnskey.js'
import type { Rrset } from '../../src/wire/rrset.js'

export const DAY = 86_400_000
export const HOUR = 3_600_000
export const START = Date.UTC(2025, 0, 11)

/** A key of its own for each number. */
export function key(n: number, flags = ZONE_KEY | SEP, algorithm = 13): Dnskey {
  return readDnskey(Uint8Array.from([flags >> 8, flags & 0xff, 3, algorithm, ...Array.from({ length: 64 }, (_, i) => (n * 37 + i) & 0xff)]))
}

/** The same key with the REVOKE bit. */
export function revokedForm(one: Dnskey): Dnskey {
  const rdata = one.rdata.slice()
  rdata[1] |= REVOKE
  return readDnskey(rdata)
}

export interface Seen {
  keys: readonly Dnskey[]
  by: readonly Dnskey[]
  ds?: readonly Dnskey[]
  ttl?: number
  expiresInDays?: number
}

/** A trust point whose clock is set by hand and whose zone shows what the test says. */
export class Watched {
  now = START
  /** what the injected random number is */
  chance = 0
  readonly random = () => this.chance
  supports: Means['supports'] = ({ algorithm }) => algorithm !== 157
  events: string[] = []
  point: TrustPoint

  constructor(keys: readonly Dnskey[], ds: Parameters<typeof startPoint>[1]['ds'] = []) {
    this.point = startPoint(Name.root, { keys, ds }, this.now)
  }

  /** Time passes, then a probe sees this. */
  sees(afterMs: number, seen: Seen): this {
    this.now += afterMs
    const observation: Observation = {
      keys: seen.keys,
      signedBy: seen.by,
      dsMatches: seen.ds ?? [],
      originalTtl: seen.ttl ?? 172_800,
      expirations: [this.now / 1000 + (seen.expiresInDays ?? 21) * 86_400]
    }
    return this.#take(observe(this.point, observation, this))
  }

  fails(afterMs: number): this {
    this.now += afterMs
    return this.#take(probeFailed(this.point, this))
  }

  #take(step: Step): this {
    this.point = step.point
    this.events = step.events.map(({ kind, keyTag }) => (keyTag === undefined ? kind : `${kind} ${keyTag}`))
    return this
  }

  /** 'VALID' and so on, START when it is not tracked. */
  state(one: Dnskey): string {
    const masked = (k: Dnskey) => `${k.flags & ~REVOKE} ${k.algorithm} ${k.publicKey}`
    return this.point.keys.find((tracked) => masked(tracked.key) === masked(one))?.state ?? 'START'
  }
}

const crypto = chooseBackend('auto')

/** What a DNSKEY RRset with its RRSIGs shows at `now` (ms), the signatures checked; `also` are trusted keys beyond the set. */
export function observationOf(rrset: Rrset, also: readonly Dnskey[], now: number): Observation {
  const keys = rrset.rdatas.map(readDnskey)
  const held = rrset.signatures.filter(({ inception, expiration }) => inception <= now / 1000 && now / 1000 <= expiration)
  const candidates = [...keys, ...also.filter((one) => !keys.some(({ rdata }) => Buffer.from(rdata).equals(one.rdata)))]
  const pairs = candidates.flatMap((candidate) =>
    held
      .filter((signature) => signature.keyTag === candidate.keyTag && signature.algorithm === candidate.algorithm)
      .filter((signature) => crypto.verify(signature.algorithm, candidate.publicKey, signedData(rrset, signature), signature.signature))
      .map((signature) => ({ candidate, signature }))
  )
  return {
    keys,
    signedBy: [...new Set(pairs.map(({ candidate }) => candidate))],
    dsMatches: [],
    originalTtl: Math.min(...pairs.map(({ signature }) => signature.originalTtl)),
    expirations: pairs.map(({ signature }) => signature.expiration)
  }
}
