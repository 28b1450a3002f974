// The keys of a random zone and the DS at its parent: one key or two, of one algorithm or two, standby and revoked ones, and what
// can be wrong with them.
import type { Random } from '../fuzz/random.js'
import type { Name } from '../../src/wire/name.js'
import { decoyOf, dsRdata, redress, type Role, type SigningAlgorithm, type ZoneKey, zoneKey } from '../world/keys.js'

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

type Change = (draft: Draft, apex: Name, random: Random, algorithm: SigningAlgorithm) => void

/** In order in many zones, and no reason for another verdict. */
const HARMLESS: Readonly<Record<string, Change>> = {
  'standby key': ({ published }, _, __, algorithm) => void published.push(standby(algorithm)),
  'DS of a standby key': ({ ds }, apex, _, algorithm) => void ds.unshift(dsRdata(apex, standby(algorithm))),
  'DS of an unknown algorithm beside': ({ ds, keys }, apex) => void ds.unshift(dsRdata(apex, keys[0], 2, { algorithm: 100 })),
  'DS of an unknown digest beside': ({ ds, keys }, apex) => void ds.unshift(dsRdata(apex, keys[0], 100)),
  'DS of SHA-384 beside': ({ ds, keys }, apex) => void ds.push(dsRdata(apex, keys[0], 4)),
  'DS of SHA-384 only': (draft, apex) => void (draft.ds = [dsRdata(apex, draft.keys[0], 4)]),
  'DS of SHA-1 beside': ({ ds, keys }, apex) => void ds.unshift(dsRdata(apex, keys[0], 1)),
  'wrong DS of SHA-1 beside': ({ ds, keys }, apex) => void ds.unshift(dsRdata(apex, keys[0], 1, { digest: new Uint8Array(20) })),
  'key of an unknown algorithm': ({ published, keys }) => void published.push(redress(keys[0], { algorithm: 200 })),
  'revoked key': ({ published }, _, __, algorithm) => void published.push(redress(standby(algorithm), { flags: 0x0181 })),
  'both keys sign all': (draft) => void (draft.keys = draft.keys.map((key) => ({ ...key, role: 'csk' }))),
  'SEP off': (draft) => everywhere(draft, 0, (key) => redress(key, { flags: key.flags & ~1 })),
  'reserved flags': (draft) => everywhere(draft, 0, (key) => redress(key, { flags: key.flags | 0x4002 })),
  'same key with and without SEP': ({ published, keys }) => void published.push(redress(keys[0], { flags: keys[0].flags ^ 1 })),
  'decoy of the same tag': ({ published, keys }) => void published.unshift(decoyOf(keys[0])),
  'many keys': ({ published }) => void published.push(...[4, 5, 6, 7, 8].map((serial) => zoneKey('pool', 13, { role: 'zsk', serial })))
}

/** The DS rdata are made after the key was changed, unless the change itself makes them. */
const HARMFUL: Readonly<Record<string, Change>> = {
  'no DS': (draft) => void (draft.ds = []),
  'DS digest wrong': (draft, apex) => void (draft.ds = [dsRdata(apex, draft.keys[0], 2, { digest: new Uint8Array(32) })]),
  'DS digest short': (draft, apex) => void (draft.ds = [dsRdata(apex, draft.keys[0], 2, { digest: dsRdata(apex, draft.keys[0]).slice(4, 24) })]),
  'DS digest long': (draft, apex) =>
    void (draft.ds = [dsRdata(apex, draft.keys[0], 2, { digest: Uint8Array.of(...dsRdata(apex, draft.keys[0]).slice(4), 0) })]),
  'DS tag wrong': (draft, apex) => void (draft.ds = [dsRdata(apex, draft.keys[0], 2, { keyTag: draft.keys[0].keyTag ^ 1 })]),
  'DS algorithm wrong': (draft, apex, random) =>
    void (draft.ds = [dsRdata(apex, draft.keys[0], 2, { algorithm: random.pick([8, 13, 14, 15, 16].filter((one) => one !== draft.keys[0].algorithm)) })]),
  'DS of odd algorithm only': (draft, apex, random) =>
    void (draft.ds = [dsRdata(apex, draft.keys[0], 2, { algorithm: random.pick([0, 1, 3, 6, 12, 17, 23, 100, 252, 253, 254, 255]) })]),
  'DS of odd digest only': (draft, apex, random) => void (draft.ds = [dsRdata(apex, draft.keys[0], random.pick([0, 3, 5, 6, 100, 255]))]),
  'DS of SHA-1 only': (draft, apex) => void (draft.ds = [dsRdata(apex, draft.keys[0], 1)]),
  'odd digest and wrong SHA-256': (draft, apex) =>
    void (draft.ds = [dsRdata(apex, draft.keys[0], 100), dsRdata(apex, draft.keys[0], 2, { digest: new Uint8Array(32) })]),
  'odd algorithm and wrong SHA-256': (draft, apex) =>
    void (draft.ds = [
      dsRdata(apex, draft.keys[0], 2, { algorithm: 100 }),
      dsRdata(apex, draft.keys[0], 2, { digest: new Uint8Array(32) })
    ]),
  'right SHA-1 and wrong SHA-256': (draft, apex) =>
    void (draft.ds = [dsRdata(apex, draft.keys[0], 1), dsRdata(apex, draft.keys[0], 2, { digest: new Uint8Array(32) })]),
  'right SHA-256 and wrong SHA-384': (draft, apex) =>
    void (draft.ds = [dsRdata(apex, draft.keys[0], 2), dsRdata(apex, draft.keys[0], 4, { digest: new Uint8Array(48) })]),
  'DS of the last key': (draft, apex) => void (draft.ds = [dsRdata(apex, draft.keys[draft.keys.length - 1])]),
  'DS of a standby key only': (draft, apex, _, algorithm) => void (draft.ds = [dsRdata(apex, standby(algorithm))]),
  'DS of a published key that does not sign': (draft, apex, _, algorithm) => {
    draft.published.push(standby(algorithm))
    draft.ds = [dsRdata(apex, standby(algorithm))]
  },
  'first key revoked': (draft, apex) => changed(draft, apex, 0, (key) => redress(key, { flags: key.flags | 0x80 })),
  'last key revoked': (draft, apex) => changed(draft, apex, -1, (key) => redress(key, { flags: key.flags | 0x80 })),
  'first key no zone key': (draft, apex) => changed(draft, apex, 0, (key) => redress(key, { flags: key.flags & ~0x100 })),
  'last key no zone key': (draft, apex) => changed(draft, apex, -1, (key) => redress(key, { flags: key.flags & ~0x100 })),
  'first key of another protocol': (draft, apex, random) =>
    changed(draft, apex, 0, (key) => redress(key, { protocol: random.pick([0, 1, 2, 4, 255]) })),
  'last key of another protocol': (draft, apex, random) =>
    changed(draft, apex, -1, (key) => redress(key, { protocol: random.pick([0, 1, 2, 4, 255]) })),
  'first key not published': (draft) => void (draft.published = draft.published.filter((key) => key !== draft.keys[0])),
  'last key not published': (draft) => void (draft.published = draft.published.filter((key) => key !== draft.keys[draft.keys.length - 1])),
  'last key published cut short': (draft) =>
    void (draft.published = draft.published.map((key) =>
      key === draft.keys[draft.keys.length - 1] ? redress(key, { publicKey: key.publicKey.slice(0, -5) }) : key
    )),
  'last key published altered': (draft) =>
    void (draft.published = draft.published.map((key) => (key === draft.keys[draft.keys.length - 1] ? decoyOf(key) : key))),
  'DNSKEY signed by the last key only': (draft) => {
    const last = draft.keys.length - 1
    draft.keys = draft.keys.map((key, i) => ({ ...key, role: i === last ? 'csk' : 'zsk' }))
    if (last > 0) draft.keys = [draft.keys[last]]
  },
  'no DNSKEY': (draft) => void (draft.published = [])
}

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
    table[what](draft, apex, random, algorithm)
    marks.push(what)
  }
  if (random.oneIn(3)) apply(HARMLESS)
  if (harm) apply(HARMFUL)
  return { ...draft, algorithms, marks }
}

/** The key as it signs and is published, and the DS over it. */
function changed(draft: Draft, apex: Name, at: number, change: (key: ZoneKey) => ZoneKey): void {
  everywhere(draft, at, change)
  if (at === 0 || draft.keys.length === 1) draft.ds = [dsRdata(apex, draft.keys[0])]
}

function everywhere(draft: Draft, at: number, change: (key: ZoneKey) => ZoneKey): void {
  const before = draft.keys.at(at) as ZoneKey
  const after = change(before)
  draft.keys = draft.keys.map((key) => (key === before ? after : key))
  draft.published = draft.published.map((key) => (key === before ? after : key))
}
