// The keys of a random zone and the DS at its parent: one key or two, of one algorithm or two, standby and revoked ones, and what
// can be wrong with them.

import type { Name } from '../../src/wire/name.js'
import type { Random } from '../fuzz/random.js'
import { decoyOf, dsRdata, type Role, redress, type SigningAlgorithm, type ZoneKey, zoneKey } from '../world/keys.js'

export interface KeyPlan {
  /** those that sign */
  readonly keys: readonly ZoneKey[]
  readonly published: readonly ZoneKey[]
  /** DS rdata for the parent */
  readonly ds: readonly Uint8Array[]
  readonly algorithms: readonly number[]
  readonly marks: readonly string[]
}

interface Draft {
  keys: ZoneKey[]
  published: ZoneKey[]
  ds: Uint8Array[]
}

const ALGORITHMS: readonly SigningAlgorithm[] = [8, 8, 10, 13, 13, 13, 13, 14, 15, 15, 16, 5, 7]

/** The same few key pairs serve many zones: to make one of RSA takes long. */
const pooled = (random: Random, algorithm: SigningAlgorithm, role: Role): ZoneKey =>
  zoneKey('pool', algorithm, { role, serial: random.below(algorithm <= 10 ? 3 : 20) })

const standby = (algorithm: SigningAlgorithm, role: Role = 'ksk'): ZoneKey => zoneKey('pool', algorithm, { role, serial: 'standby' })

/** Gives what is to be otherwise. */
type Change = (draft: Draft, apex: Name, random: Random, algorithm: SigningAlgorithm) => Partial<Draft>

const zeros = (length: number): { digest: Uint8Array } => ({ digest: new Uint8Array(length) })

/** In order in many zones, and no reason for another verdict. */
const HARMLESS: Readonly<Record<string, Change>> = {
  'standby key': ({ published }, _, __, algorithm) => ({ published: [...published, standby(algorithm)] }),
  'DS of a standby key': ({ ds }, apex, _, algorithm) => ({ ds: [dsRdata(apex, standby(algorithm)), ...ds] }),
  'DS of an unknown algorithm beside': ({ ds, keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 2, { algorithm: 100 }), ...ds] }),
  'DS of an unknown digest beside': ({ ds, keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 100), ...ds] }),
  'DS of SHA-384 beside': ({ ds, keys }, apex) => ({ ds: [...ds, dsRdata(apex, keys[0], 4)] }),
  'DS of SHA-384 only': ({ keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 4)] }),
  'DS of SHA-1 beside': ({ ds, keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 1), ...ds] }),
  'wrong DS of SHA-1 beside': ({ ds, keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 1, zeros(20)), ...ds] }),
  'key of an unknown algorithm': ({ published, keys }) => ({ published: [...published, redress(keys[0], { algorithm: 200 })] }),
  'revoked key': ({ published }, _, __, algorithm) => ({ published: [...published, redress(standby(algorithm), { flags: 0x0181 })] }),
  'both keys sign all': ({ keys }) => ({ keys: keys.map((key) => ({ ...key, role: 'csk' })) }),
  'SEP off': (draft, apex) => changed(draft, apex, 0, (key) => redress(key, { flags: key.flags & ~1 })),
  'reserved flags': (draft, apex) => changed(draft, apex, 0, (key) => redress(key, { flags: key.flags | 0x4002 })),
  'same key with and without SEP': ({ published, keys }) => ({ published: [...published, redress(keys[0], { flags: keys[0].flags ^ 1 })] }),
  'decoy of the same tag': ({ published, keys }) => ({ published: [decoyOf(keys[0]), ...published] }),
  'many keys': ({ published }) => ({
    published: [...published, ...[4, 5, 6, 7, 8].map((serial) => zoneKey('pool', 13, { role: 'zsk', serial }))]
  })
}

const HARMFUL: Readonly<Record<string, Change>> = {
  'no DS': () => ({ ds: [] }),
  'DS digest wrong': ({ keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 2, zeros(32))] }),
  'DS digest short': ({ keys }, apex) => ({ ds: [dsRdata(apex, keys[0]).slice(0, 24)] }),
  'DS digest long': ({ keys }, apex) => ({ ds: [Uint8Array.of(...dsRdata(apex, keys[0]), 0)] }),
  'DS tag wrong': ({ keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 2, { keyTag: keys[0].keyTag ^ 1 })] }),
  'DS algorithm wrong': ({ keys: [key] }, apex, random) => ({
    ds: [dsRdata(apex, key, 2, { algorithm: random.pick([8, 13, 14, 15, 16].filter((one) => one !== key.algorithm)) })]
  }),
  'DS of odd algorithm only': ({ keys }, apex, random) => ({
    ds: [dsRdata(apex, keys[0], 2, { algorithm: random.pick([0, 1, 3, 6, 12, 17, 23, 100, 252, 253, 254, 255]) })]
  }),
  'DS of odd digest only': ({ keys }, apex, random) => ({ ds: [dsRdata(apex, keys[0], random.pick([0, 3, 5, 6, 100, 255]))] }),
  'DS of SHA-1 only': ({ keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 1)] }),
  'odd digest and wrong SHA-256': ({ keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 100), dsRdata(apex, keys[0], 2, zeros(32))] }),
  'odd algorithm and wrong SHA-256': ({ keys }, apex) => ({
    ds: [dsRdata(apex, keys[0], 2, { algorithm: 100 }), dsRdata(apex, keys[0], 2, zeros(32))]
  }),
  'right SHA-1 and wrong SHA-256': ({ keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 1), dsRdata(apex, keys[0], 2, zeros(32))] }),
  'right SHA-256 and wrong SHA-384': ({ keys }, apex) => ({ ds: [dsRdata(apex, keys[0], 2), dsRdata(apex, keys[0], 4, zeros(48))] }),
  'DS of the last key': ({ keys }, apex) => ({ ds: [dsRdata(apex, lastOf(keys))] }),
  'DS of a standby key only': (_, apex, __, algorithm) => ({ ds: [dsRdata(apex, standby(algorithm))] }),
  'DS of a published key that does not sign': ({ published }, apex, _, algorithm) => ({
    published: [...published, standby(algorithm)],
    ds: [dsRdata(apex, standby(algorithm))]
  }),
  'first key revoked': (draft, apex) => changed(draft, apex, 0, (key) => redress(key, { flags: key.flags | 0x80 })),
  'last key revoked': (draft, apex) => changed(draft, apex, -1, (key) => redress(key, { flags: key.flags | 0x80 })),
  'first key no zone key': (draft, apex) => changed(draft, apex, 0, (key) => redress(key, { flags: key.flags & ~0x100 })),
  'last key no zone key': (draft, apex) => changed(draft, apex, -1, (key) => redress(key, { flags: key.flags & ~0x100 })),
  'first key of another protocol': (draft, apex, random) =>
    changed(draft, apex, 0, (key) => redress(key, { protocol: random.pick(PROTOCOLS) })),
  'last key of another protocol': (draft, apex, random) =>
    changed(draft, apex, -1, (key) => redress(key, { protocol: random.pick(PROTOCOLS) })),
  'first key not published': ({ published, keys }) => ({ published: published.filter((key) => key !== keys[0]) }),
  'last key not published': ({ published, keys }) => ({ published: published.filter((key) => key !== lastOf(keys)) }),
  'last key published cut short': ({ published, keys }) => ({
    published: published.map((key) => (key === lastOf(keys) ? redress(key, { publicKey: key.publicKey.slice(0, -5) }) : key))
  }),
  'last key published altered': ({ published, keys }) => ({
    published: published.map((key) => (key === lastOf(keys) ? decoyOf(key) : key))
  }),
  'DNSKEY signed by the last key only': ({ keys }) => ({ keys: [{ ...lastOf(keys), role: 'csk' }] }),
  'no DNSKEY': () => ({ published: [] })
}

const PROTOCOLS = [0, 1, 2, 4, 255]

/** @param harm whether one of the keys or DS is to be wrong */
export function randomKeys(apex: Name, harm: boolean, random: Random): KeyPlan {
  const algorithm = random.pick(ALGORITHMS)
  const roles: readonly Role[] = random.oneIn(3) ? ['csk'] : ['ksk', 'zsk']
  const keys = roles.map((role) => pooled(random, algorithm, role))
  const marks: string[] = []
  const draft: Draft = { keys, published: [...keys], ds: [dsRdata(apex, keys[0])] }
  const algorithms: number[] = [algorithm]
  if (random.oneIn(8)) {
    // RFC 6840 5.11: two algorithms, both complete or the second in the DNSKEY RRset only
    const second = random.pick([8, 13, 14, 15] as const)
    if (second !== algorithm) {
      const more = roles.map((role) => pooled(random, second, role))
      draft.published.push(...more)
      if (random.oneIn(2)) draft.keys.push(...more)
      if (random.oneIn(2)) draft.ds.push(dsRdata(apex, more[0]))
      algorithms.push(second)
      marks.push(`algorithms ${algorithm} and ${second}${draft.keys.length > keys.length ? '' : ', one signs'}, ${draft.ds.length} DS`)
    }
  }
  const apply = (table: Readonly<Record<string, Change>>): void => {
    const what = random.pick(Object.keys(table))
    Object.assign(draft, table[what](draft, apex, random, algorithm))
    marks.push(what)
  }
  if (random.oneIn(3)) apply(HARMLESS)
  if (harm) apply(HARMFUL)
  return { ...draft, algorithms, marks }
}

const lastOf = (keys: readonly ZoneKey[]): ZoneKey => keys[keys.length - 1]

/** The key as it signs and is published, and the DS over it. */
function changed(draft: Draft, apex: Name, at: number, change: (key: ZoneKey) => ZoneKey): Partial<Draft> {
  const { keys, published } = everywhere(draft, at, change)
  const named = at === 0 || keys.length === 1
  return { keys, published, ...(named && { ds: [dsRdata(apex, keys[0])] }) }
}

function everywhere({ keys, published }: Draft, at: number, change: (key: ZoneKey) => ZoneKey): Pick<Draft, 'keys' | 'published'> {
  const before = keys.at(at) as ZoneKey
  const after = change(before)
  const put = (key: ZoneKey): ZoneKey => (key === before ? after : key)
  return { keys: keys.map(put), published: published.map(put) }
}
