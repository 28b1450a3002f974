// One question of a plan: asked of the public resolver, and noted with what was found and until when it may be relied on.
import type { Reason, Resolver, SecureAnswer, SecurityStatus, Trace } from '../index.js'
import { type Found, foundOf } from './found.js'

/** One question that a plan rests on. */
export interface LookupNote {
  readonly name: string
  readonly type: string
  readonly found: Found
  readonly status: SecurityStatus
  readonly rcode: string
  /** seconds */
  readonly ttl: number
  readonly reason?: Reason
  /** when asked for: the resolver's own trace, which can be judged again */
  readonly trace?: Trace
}

/** The questions behind a plan, and those of its hosts below it. */
export interface TraceNode {
  readonly about: string
  readonly lookups: readonly LookupNote[]
  readonly below: readonly TraceNode[]
}

export interface Asker {
  readonly resolver: Pick<Resolver, 'resolveSecure'>
  /** ms since the epoch */
  readonly clock: () => number
  readonly trace: boolean
  readonly signal: AbortSignal | undefined
}

export interface Asked {
  readonly answer: SecureAnswer
  readonly note: LookupNote
  /** ms since the epoch */
  readonly expiresAt: number
}

export async function ask(asker: Asker, name: string, type: string): Promise<Asked> {
  const { resolver, clock, trace, signal } = asker
  const answer = await resolver.resolveSecure(name, type, { ...(signal && { signal }), ...(trace && { trace }) })
  const { status, rcode, ttl, reason } = answer
  const note: LookupNote = {
    name,
    type,
    found: foundOf(answer, type),
    status,
    rcode,
    ttl,
    ...(reason && { reason }),
    ...(answer.trace && { trace: answer.trace })
  }
  return { answer, note, expiresAt: clock() + ttl * 1000 }
}
