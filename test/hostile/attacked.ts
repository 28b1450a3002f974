// One question to a hostile zone and what it costs: signature checks, digests and hashes counted in the crypto backend, messages
// counted in the transport. The counts are taken outside of the library's own budget, so that a forgotten spend shows.
import { expect } from 'vitest'
import { chooseBackend } from '../../src/crypto/choose.js'
import { type CryptoBackend, createResolver, DEFAULT_LIMITS, type Limits, type SecureAnswer } from '../../src/index.js'
import type { Transport } from '../../src/transport/transport.js'
import { buildWorld } from '../world/hierarchy.js'
import { TOP, type ZoneSpec } from '../world/hierarchy-zones.js'

export interface Attack {
  readonly label: string
  readonly zones: readonly ZoneSpec[]
  readonly name: string
  readonly type?: string
  /** all that the answer may be */
  readonly allowed: readonly SecureAnswer['status'][]
  readonly limits?: Partial<Limits>
  /** real time for the question, in ms */
  readonly within?: number
  /** leads some servers elsewhere */
  readonly through?: (transport: Transport) => Transport
}

interface Counted extends CryptoBackend {
  readonly counts: { checks: number; digests: number; hashes: number }
}

const NOW_MS = 1_790_000_000_000
/** A zone without harm, with a server of its own: whoever asks for it must not suffer. */
const BYSTANDER: ZoneSpec = { name: 'bystander.hashed', address: '203.0.113.250' }

function counting(): Counted {
  const backend = chooseBackend('auto')
  const counts = { checks: 0, digests: 0, hashes: 0 }
  return {
    name: 'counting',
    counts,
    supports: (algorithm) => backend.supports(algorithm),
    verify(...given) {
      counts.checks++
      return backend.verify(...given)
    },
    digest(...given) {
      counts.digests++
      return backend.digest(...given)
    },
    nsec3Hash(...given) {
      counts.hashes++
      return backend.nsec3Hash(...given)
    }
  }
}

/** Asks alone, to count; then beside an honest question, which must be answered. Gives the answer and the row of the table. */
export async function suffer(attack: Attack): Promise<{ readonly answer: SecureAnswer; readonly row: string }> {
  const { label, zones, name, type = 'A', allowed, limits = {}, within = 5_000, through = (transport) => transport } = attack
  const world = buildWorld([...TOP, BYSTANDER, ...zones], [], NOW_MS)
  const crypto = counting()
  const transport = world.memory()
  const options = { trustAnchors: world.anchors, rootHints: world.hints, clock: () => NOW_MS, allowPrivateAddresses: true, limits }
  const open = (own: Transport, backend: CryptoBackend) => createResolver({ ...options, transport: through(own), crypto: backend })
  try {
    await using alone = open(transport, crypto)
    const start = performance.now()
    const answer = await alone.resolveSecure(name, type)
    const ms = performance.now() - start
    const { checks, digests, hashes } = crypto.counts
    const queries = transport.exchanges.length
    const row = [label, checks, digests, hashes, queries, ms.toFixed(0), answer.status, answer.reason?.kind ?? '-'].join(' | ')
    const bounds = { ...DEFAULT_LIMITS, ...limits }
    expect(allowed, `${row}: ${answer.reason?.text}`).toContain(answer.status)
    expect(checks, row).toBeLessThanOrEqual(bounds.signatureChecks)
    expect(hashes, row).toBeLessThanOrEqual(bounds.nsec3Hashes)
    expect(queries, row).toBeLessThanOrEqual(bounds.queries)
    expect(ms, row).toBeLessThan(within)
    // an answer that failed has nothing of the type asked for; the aliases on the way may be told, up to their bound
    const failed = answer.status !== 'secure' && answer.status !== 'insecure'
    const links = answer.records.filter((record) => failed && record.type !== type)
    expect(links.length, row).toBeLessThanOrEqual(2 * (bounds.aliases + 1)) // a DNAME and its CNAME are one link (RFC 6672 3.1)
    if (failed) expect(links, row).toHaveLength(answer.records.length)

    await using beside = open(world.memory(), counting())
    const [, honest] = await Promise.all([beside.resolveSecure(name, type), beside.resolveSecure('www.bystander.hashed', 'A')])
    expect({ status: honest.status, rcode: honest.rcode }, row).toEqual({ status: 'secure', rcode: 'NOERROR' })
    return { answer, row }
  } finally {
    await world.close()
  }
}

export const HEAD = 'attack | checks | digests | hashes | queries | ms | status | reason'
