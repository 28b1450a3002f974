// The trust anchors in force, of all kinds: the closest one at or above a name decides (RFC 6840 5.10, appendix C).
import type { Anchor, Anchors, NegativeAnchor, PositiveAnchor } from '../verdict/anchor.js'
import type { Name } from '../wire/name.js'

/**
 * Several positive anchors of one zone count together: what is configured for good beside what RFC 5011 keeps. A positive
 * anchor without keys and DS is one too: nothing matches it, so all below it is bogus and never insecure.
 */
export function anchorSet(positive: readonly PositiveAnchor[], negative: readonly NegativeAnchor[]): Anchors {
  const trusted = new Map<string, PositiveAnchor>()
  for (const anchor of positive) {
    const other = trusted.get(anchor.zone.key)
    trusted.set(anchor.zone.key, other ? { ...other, ds: [...other.ds, ...anchor.ds], keys: [...other.keys, ...anchor.keys] } : anchor)
  }
  const untrusted = new Map<string, NegativeAnchor[]>()
  for (const anchor of negative) untrusted.set(anchor.zone.key, [...(untrusted.get(anchor.zone.key) ?? []), anchor])

  return {
    covering(name: Name, now: number): Anchor | undefined {
      for (let labels = name.labelCount; labels >= 0; labels--) {
        const { key } = name.ancestor(labels)
        const decides = untrusted.get(key)?.find(({ until }) => until === undefined || now < until) ?? trusted.get(key)
        if (decides) return decides
      }
      return undefined
    }
  }
}
