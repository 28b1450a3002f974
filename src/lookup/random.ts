// Random octets that nobody can guess, a few at a time: asked of the system for many at once, since each asking costs more than what
// it gives. Octets that were given out are wiped, so that none is given twice or found later.
import { randomFillSync } from 'node:crypto'

const POOL_OCTETS = 4_096

const pool = new Uint8Array(POOL_OCTETS)
let used = POOL_OCTETS

export function randomOctets(octets: number): Uint8Array {
  if (octets > POOL_OCTETS >> 3) return randomFillSync(new Uint8Array(octets))
  if (used + octets > POOL_OCTETS) {
    randomFillSync(pool)
    used = 0
  }
  const given = pool.slice(used, used + octets)
  pool.fill(0, used, used + octets)
  used += octets
  return given
}
