// What a DNSKEY RRset shows to RFC 5011: which keys signed it, whether trusted or not, and which ones a configured DS names.

import type { Task } from '../verdict/task.js'
import { type Dnskey, REVOKE, SEP } from '../wire/rdata/dnskey.js'
import type { Ds } from '../wire/rdata/ds.js'
import type { Rrset } from '../wire/rrset.js'
import { keysOfDs, readKeys } from './keys.js'
import { signedBy } from './signature.js'

export interface KeySetFacts {
  readonly keys: readonly Dnskey[]
  readonly signedBy: readonly Dnskey[]
  readonly dsMatches: readonly Dnskey[]
  /** seconds */
  readonly originalTtl: number
  /** seconds since the epoch */
  readonly expirations: readonly number[]
}

/**
 * @param known keys that are trusted already: they may sign a set that does not hold them any more
 * @param unrevoked gives a key without its REVOKE bit
 */
export function observeKeySet(
  dnskeys: Rrset,
  known: readonly Dnskey[],
  ds: readonly Ds[],
  unrevoked: (key: Dnskey) => Dnskey,
  task: Task
): KeySetFacts {
  const keys = readKeys(dnskeys)
  const named = keys.filter((key) => keysOfDs(dnskeys.owner, ds, [unrevoked(key)], task).length > 0)
  // RFC 5011 2.1: only SEP keys are followed; trust points may have been configured without the bit.
  const candidates = [...keys.filter((key) => key.flags & (SEP | REVOKE)), ...known, ...named]
  const distinct = [...new Map(candidates.map((key) => [String.fromCharCode(...key.rdata), key])).values()]
  const signed = signedBy(dnskeys, distinct, task)
  return {
    keys,
    signedBy: [...new Set(signed.map(({ key }) => key))],
    dsMatches: named,
    originalTtl: signed.length > 0 ? Math.min(...signed.map(({ signature }) => signature.originalTtl)) : dnskeys.ttl,
    expirations: signed.map(({ signature }) => signature.expiration)
  }
}
