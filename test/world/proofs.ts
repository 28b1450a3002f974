// Which NSEC or NSEC3 records go with a negative answer, a wildcard or a referral (RFC 4035 3.1.3, RFC 5155 7.2).
import { type Name, WILDCARD } from '../../src/wire/name.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { type Chain, covering, type Link, matching } from './chain.js'
import type { Zone } from './zone.js'

/** RFC 4035 3.1.3.1, RFC 5155 7.2.3 and 7.2.4: the name is there, the type is not. Also a referral to an unsigned zone (7.2.7). */
export function noDataProof(zone: Zone, name: Name): ResourceRecord[] {
  return records(zone, (chain) => {
    if (chain.by === 'nsec') return [matching(chain, name) ?? covering(chain, name)]
    const match = matching(chain, name)
    if (match) return [match]
    // left out by Opt-Out: the closest provable encloser, and the span that covers the next closer name
    const encloser = provableEncloser(chain, name, zone.apex)
    return [matching(chain, encloser), covering(chain, nextCloser(name, encloser))]
  })
}

/** RFC 4035 3.1.3.2, RFC 5155 7.2.2 */
export function nameErrorProof(zone: Zone, name: Name, encloser: Name): ResourceRecord[] {
  return records(zone, (chain) => {
    const wildcard = encloser.child(WILDCARD)
    if (chain.by === 'nsec') return [covering(chain, name), covering(chain, wildcard)]
    const provable = provableEncloser(chain, name, zone.apex)
    return [matching(chain, provable), covering(chain, nextCloser(name, provable)), covering(chain, provable.child(WILDCARD))]
  })
}

/** RFC 4035 3.1.3.3, RFC 5155 7.2.6: no closer match than the wildcard. */
export function wildcardProof(zone: Zone, name: Name, encloser: Name): ResourceRecord[] {
  return records(zone, (chain) => [covering(chain, chain.by === 'nsec' ? name : nextCloser(name, encloser))])
}

/** RFC 4035 3.1.3.4, RFC 5155 7.2.5: a wildcard matches the name and has not the type. */
export function wildcardNoDataProof(zone: Zone, name: Name, encloser: Name): ResourceRecord[] {
  return records(zone, (chain) => {
    const wildcard = encloser.child(WILDCARD)
    const atWildcard = matching(chain, wildcard) ?? covering(chain, wildcard)
    if (chain.by === 'nsec') return [covering(chain, name), atWildcard]
    return [matching(chain, encloser), covering(chain, nextCloser(name, encloser)), atWildcard]
  })
}

function nextCloser(name: Name, encloser: Name): Name {
  return name.ancestor(encloser.labelCount + 1)
}

function provableEncloser(chain: Chain, name: Name, apex: Name): Name {
  for (let labels = name.labelCount - 1; labels > apex.labelCount; labels--) {
    if (matching(chain, name.ancestor(labels))) return name.ancestor(labels)
  }
  return apex
}

function records(zone: Zone, find: (chain: Chain) => (Link | undefined)[]): ResourceRecord[] {
  const { chain } = zone
  if (!chain) return []
  const links = new Set(find(chain).filter((link) => link !== undefined))
  return [...links].flatMap((link) => [...link.records, ...link.signatures])
}
