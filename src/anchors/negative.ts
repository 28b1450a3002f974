// Negative trust anchors as configured (RFC 7646): names at and below which validation is off, for good or until a time.
import type { NegativeAnchor } from '../verdict/anchor.js'
import { nameFromText, TextError } from '../wire/text.js'

/** A name in presentation format (ASCII), alone or with the time when it ends, in ms since the epoch or as a Date. */
export type ConfiguredNegativeAnchor = string | { readonly name: string; readonly until?: number | Date }

/** Throws TypeError for a wrong shape and RangeError for a bad name or time. */
export function parseNegativeAnchors(configured: readonly ConfiguredNegativeAnchor[]): NegativeAnchor[] {
  return configured.map((one) => {
    const { name, until } = typeof one === 'string' ? { name: one, until: undefined } : (one ?? {})
    if (typeof name !== 'string') throw new TypeError('a negative trust anchor is a name, or an object with a name')
    return { kind: 'negative', zone: parseZone(name), ...(until !== undefined && { until: parseTime(name, until) }) }
  })
}

function parseZone(name: string) {
  try {
    return nameFromText(name)
  } catch (error) {
    if (error instanceof TextError) throw new RangeError(`not a name for a negative trust anchor: ${error.message}`)
    throw error
  }
}

/** A time that cannot be read must not become "for ever" (RFC 7646 2: an end is what makes it safe). */
function parseTime(name: string, until: number | Date): number {
  const ms = until instanceof Date ? until.getTime() : until
  if (typeof ms !== 'number') throw new TypeError(`the end of the negative trust anchor ${name} is ms since the epoch or a Date`)
  if (!Number.isFinite(ms)) throw new RangeError(`the end of the negative trust anchor ${name} is not a time`)
  return ms
}
