// The root key sentinel (RFC 8509): names by which anybody can find out whether a resolver trusts a key of the root.
import type { Outcome } from '../verdict/outcome.js'
import { type Reason, reason } from '../verdict/reason.js'
import type { Name } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'

interface Sentinel {
  readonly asks: 'is-ta' | 'not-ta'
  readonly keyTag: number
}

/** RFC 8509 2.1: the leftmost label, which ends in five decimal digits. */
export function sentinelOf(name: Name): Sentinel | undefined {
  if (name.labelCount === 0) return undefined
  const label = String.fromCharCode(...name.label(0)).toLowerCase()
  const [, asks, digits] = /^root-key-sentinel-(is-ta|not-ta)-(\d{5})$/.exec(label) ?? []
  const keyTag = Number(digits)
  return asks && keyTag <= 0xffff ? { asks: asks as Sentinel['asks'], keyTag } : undefined
}

/** RFC 8509 2.2: why a secure answer to A or AAAA has to become SERVFAIL: its name says what is not so. */
export function sentinelRefusal({ question, status }: Outcome, trusts: (keyTag: number) => boolean): Reason | undefined {
  const { name, type } = question
  const sentinel = type === TYPE.A || type === TYPE.AAAA ? sentinelOf(name) : undefined
  if (!sentinel || status !== 'secure') return undefined
  const { asks, keyTag } = sentinel
  const trusted = trusts(keyTag)
  if (trusted === (asks === 'is-ta')) return undefined
  return reason('rootKeySentinel', { owner: name, type, keyTag, detail: trusted ? 'is one' : 'is none' })
}
