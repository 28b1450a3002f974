// Tells the operators of a zone which of its keys are trusted here (RFC 8145 5): a query whose name holds their key tags.
// Of the two ways in RFC 8145 this is the one that passes forwarders, and that the root's operators count.
import type { Lookup } from '../lookup/lookup.js'
import type { PositiveAnchor } from '../verdict/anchor.js'
import type { Task } from '../verdict/task.js'
import type { Name } from '../wire/name.js'
import { CLASS, TYPE } from '../wire/numbers.js'

/** RFC 8145 5.1: `_ta-` and the tags in four hexadecimal digits each, from the lowest up, below the zone. */
export function keyTagName({ zone, ds, keys }: PositiveAnchor): Name | undefined {
  const tags = [...new Set([...ds, ...keys].map(({ keyTag }) => keyTag))].sort((a, b) => a - b)
  const label = `_ta${tags.map((tag) => `-${tag.toString(16).padStart(4, '0')}`).join('')}`
  // RFC 1035 2.3.4: with more than a dozen tags there is no such name.
  if (tags.length === 0 || label.length > 63 || zone.wire.length + 1 + label.length > 255) return undefined
  return zone.child(Uint8Array.from(label, (char) => char.charCodeAt(0)))
}

/** What the answer is plays no part. Rejects with the reason of the task's signal, and with nothing else. */
export async function sendKeyTags(anchor: PositiveAnchor, lookup: Lookup, task: Task): Promise<void> {
  const name = keyTagName(anchor)
  if (name) await lookup.ask({ name, type: TYPE.NULL, class: CLASS.IN }, task, 0)
}
