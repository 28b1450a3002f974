// Which earlier events an event of a trace rests on: a signature on the keys that made it, keys on the DS or anchor that names
// them, a zone on its keys or the denial of its DS, an RRset on its signature, the verdict on all of these.

import type { TraceEvent } from './event.js'

export class References {
  readonly #anchors = new Map<string, number>()
  readonly #keys = new Map<string, number>()
  readonly #ds = new Map<string, { n: number; keyTag: number }[]>()
  readonly #signatures = new Map<string, number>()
  readonly #denials = new Map<string, number>()
  readonly #proofs = new Map<number, number[]>()
  readonly #results: number[] = []

  /** Takes the event numbered `n` below `parent` and gives the numbers that it rests on. */
  add(event: TraceEvent, n: number, parent: number): number[] {
    switch (event.event) {
      case 'anchor':
        this.#anchors.set(key(event.zone), n)
        return []
      case 'ds': {
        if (event.matches) push(this.#ds, key(event.zone), { n, keyTag: event.keyTag })
        return some(this.#signatures.get(key(event.zone, 'DS')) ?? this.#anchors.get(key(event.zone)))
      }
      case 'signature': {
        if (!event.holds) return []
        this.#signatures.set(key(event.owner, event.type), n)
        if (event.type === 'NSEC' || event.type === 'NSEC3') push(this.#proofs, parent, n)
        if (event.type !== 'DNSKEY' || key(event.owner) !== key(event.signer)) return some(this.#keys.get(key(event.signer)))
        const named = (this.#ds.get(key(event.signer)) ?? []).filter(({ keyTag }) => keyTag === event.keyTag).map((ds) => ds.n)
        return named.length > 0 ? named : some(this.#anchors.get(key(event.signer)) ?? this.#keys.get(key(event.signer)))
      }
      case 'keys':
        this.#keys.set(key(event.zone), n)
        return some(this.#signatures.get(key(event.zone, 'DNSKEY')))
      case 'denial':
        if (event.proves !== undefined) this.#denials.set(key(event.owner, event.type), n)
        if (event.proves !== undefined && event.type !== 'DS') this.#results.push(n)
        return [...(this.#proofs.get(parent) ?? [])]
      case 'zone': {
        if (event.status === 'secure') return some(this.#keys.get(key(event.zone)))
        const why = this.#denials.get(key(event.zone, 'DS')) ?? this.#anchors.get(key(event.zone))
        if (event.status === 'insecure' && why !== undefined) this.#results.push(why)
        return some(why)
      }
      case 'rrset':
        this.#results.push(n)
        return event.status === 'secure' ? some(this.#signatures.get(key(event.owner, event.type))) : []
      case 'verdict':
        return [...new Set(this.#results)].sort((a, b) => a - b)
      default:
        return []
    }
  }
}

const key = (name: string, type = ''): string => `${name.toLowerCase()} ${type}`
const some = (n: number | undefined): number[] => (n === undefined ? [] : [n])

function push<K, V>(map: Map<K, V[]>, at: K, value: V): void {
  const held = map.get(at)
  if (held) held.push(value)
  else map.set(at, [value])
}
