// A recursive server as a forwarder meets one: it has every zone of a world and gives with RD what their authorities would say at
// the end of the way, signatures included, validating nothing.
import type { Respond } from './authority.js'
import { authority } from './authority.js'
import { behaving, editReplies } from './behaviours.js'
import type { Hierarchy } from './hierarchy.js'

export function recursive({ zones }: Hierarchy): Respond {
  return behaving(
    authority([...zones.values()]),
    editReplies((reply) => ({ ...reply, aa: false, ra: true }))
  )
}
