// One probe of one trust point (RFC 5011 2.3): its DNSKEY RRset from the zone's servers, never from a cache.
import { type AnchorEvent, observe, probeFailed, type TrustPoint, trustedKeys, withoutRevoke } from '../anchors/rfc5011.js'
import { keyForm } from '../crypto/algorithms.js'
import type { Lookup } from '../lookup/lookup.js'
import { observeKeySet } from '../validate/observe.js'
import type { Task } from '../verdict/task.js'
import type { Name } from '../wire/name.js'
import { CLASS, TYPE } from '../wire/numbers.js'
import type { Dnskey } from '../wire/rdata/dnskey.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'
import { type AnchorNotice, tell } from './anchor-events.js'

type Result = (AnchorNotice & { event: 'probe' })['result']

interface Found {
  readonly point: TrustPoint
  readonly events: readonly AnchorEvent[]
  readonly result: Result
  readonly detail?: string
}

/** A set that no trusted key signed is asked for again at other servers (RFC 4035 5.5): a forger may sit before one of them. */
export async function probe(point: TrustPoint, lookup: Lookup, task: Task): Promise<TrustPoint> {
  const means = {
    now: task.now,
    random: Math.random,
    supports: ({ algorithm, publicKey }: Dnskey) => keyForm(algorithm, publicKey, task.policy) === 'usable'
  }
  let found: Found | undefined
  for (let attempt = 0; attempt <= task.limits.bogusRetries; attempt++) {
    const reply = await askKeys(point.zone, lookup, task, attempt)
    if (typeof reply === 'string') {
      if (!found) return unanswered(point, task.now, reply)
      break
    }
    const step = observe(point, observeKeySet(reply, trustedKeys(point, task.now), point.ds, withoutRevoke, task), means)
    const validated = step.events.every(({ kind }) => kind !== 'failed')
    // A revocation counts whatever else its set is worth (RFC 5011 2.1).
    const decisive = validated || step.events.some(({ kind }) => kind === 'revoked')
    if (!found || decisive) found = { ...step, result: validated ? 'validated' : 'not-validated' }
    if (decisive || task.budget.exhausted) break
  }
  return found ? told(found, task.now) : point
}

/** The probe gave no set at all: nothing changes but the time of the next one. @param now ms */
export function unanswered(point: TrustPoint, now: number, detail: string): TrustPoint {
  return told({ ...probeFailed(point, { now, random: Math.random, supports: () => true }), result: 'no-reply', detail }, now)
}

/** The set, or why there is none. */
async function askKeys(zone: Name, lookup: Lookup, task: Task, attempt: number): Promise<Rrset | string> {
  const reply = await lookup.ask({ name: zone, type: TYPE.DNSKEY, class: CLASS.IN }, task, attempt)
  if (reply.kind !== 'reply') return reply.reason.text
  const set = reply.message.answer.find((rrset) => rrset.type === TYPE.DNSKEY && rrset.owner.equals(zone))
  return set ?? 'the reply has no DNSKEY'
}

function told({ point, events, result, detail }: Found, at: number): TrustPoint {
  const changes = events
    .filter(({ kind }) => kind !== 'failed')
    .map(({ kind, keyTag }) => ({ kind, ...(keyTag !== undefined && { keyTag }) }))
  const { failures, nextProbe } = point
  tell({ event: 'probe', zone: nameToText(point.zone), at, result, changes, failures, nextProbe, ...(detail !== undefined && { detail }) })
  return point
}
