// QNAME minimisation (RFC 9156): a server is told no more of the name than it needs to give the next referral.

import type { Name } from '../wire/name.js'

/** RFC 9156 2.3: MAX_MINIMISE_COUNT and MINIMISE_ONE_LAB. */
const MOST_STEPS = 10
const SINGLE_LABEL_STEPS = 4

const UNDERSCORE = 0x5f

/** How far a walk towards a name has come. */
export interface Walk {
  /** labels of the name that the servers asked so far were told, the root not counted */
  readonly told: number
  /** minimised questions asked so far */
  readonly steps: number
}

export const startWalk = (zone: Name): Walk => ({ told: zone.labelCount, steps: 0 })

/** After a referral, or when a name turned out not to be a zone cut. */
export const walkedTo = (walk: Walk, name: Name): Walk => ({ told: Math.max(walk.told, name.labelCount), steps: walk.steps })

export const stepped = (walk: Walk): Walk => ({ told: walk.told, steps: walk.steps + 1 })

/**
 * The name to ask for next; `name` itself when nothing is left to hide.
 * Where labels that begin with an underscore come next no zone cut is to be expected (RFC 8552), so the whole name is asked.
 */
export function nextName(name: Name, walk: Walk): Name {
  const left = name.labelCount - walk.told
  const stepsLeft = MOST_STEPS - walk.steps
  if (left <= 1 || stepsLeft <= 0) return name
  // RFC 9156 2.3: one label at a time at first, then the rest in even parts, the longer ones last.
  const add = walk.steps < SINGLE_LABEL_STEPS ? 1 : Math.max(1, Math.floor(left / stepsLeft))
  if (add >= left) return name
  const next = name.ancestor(walk.told + add)
  return next.label(0)[0] === UNDERSCORE ? name : next
}
