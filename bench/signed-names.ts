// A zone that has every name: each answered by three MX records signed as they are asked for, so that a cache can be filled with
// as many different RRsets as are wanted. Served in memory, by the trust anchor of the zone itself.
import { createResolver, type Resolver, type ResolverOptions } from '../src/index.js'
import { buildMessage, parseMessage, type Question } from '../src/wire/message.js'
import { CLASS, TYPE } from '../src/wire/numbers.js'
import type { ResourceRecord } from '../src/wire/rrset.js'
import { nameFromText, recordFromText } from '../src/wire/text.js'
import { dsLine, zoneKey } from '../test/world/keys.js'
import { signRrset } from '../test/world/signer.js'

const ZONE = 'example'
const TTL = 86_400

export const nameOf = (i: number): string => `host-${String(i).padStart(7, '0')}.${ZONE}`

export function resolverOfSignedNames(options: Partial<ResolverOptions> = {}): Resolver {
  const apex = nameFromText(ZONE)
  const key = zoneKey(ZONE, 13)
  const now = Math.floor(Date.now() / 1000)
  const fields = { signer: apex, inception: now - 3_600, expiration: now + 30 * 86_400 }
  const recordsFor = ({ name, type }: Question): ResourceRecord[] => {
    if (type === TYPE.DNSKEY) return [{ owner: apex, type, class: CLASS.IN, ttl: TTL, rdata: key.rdata }]
    return [1, 2, 3].map((n) => ({ ...recordFromText(`x. ${TTL} IN MX ${n}0 mail${n}.${ZONE}.`), owner: name }))
  }
  return createResolver({
    trustAnchors: [dsLine(`${ZONE}.`, apex, key)],
    stubZones: [{ name: ZONE, servers: [{ address: '192.0.2.1' }] }],
    rootHints: [],
    use0x20: false,
    transport: {
      async exchange(query) {
        const { id, question, edns } = parseMessage(query)
        const records = recordsFor(question as Question)
        return buildMessage({ id, question, aa: true, answer: [...records, signRrset(records, key, fields)], edns })
      }
    },
    ...options
  })
}

/** Asks for names from `from` on, some at a time. */
export async function fill(resolver: Resolver, from: number, count: number): Promise<void> {
  const AT_ONCE = 100
  for (let at = from; at < from + count; at += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, from + count - at) }, (_, i) => resolver.resolveSecure(nameOf(at + i), 'MX'))
    const bad = (await Promise.all(batch)).find((answer) => answer.status !== 'secure' || answer.records.length !== 3)
    if (bad) throw new Error(`${bad.question.name}: ${bad.status} ${bad.reason?.text}`)
  }
}
