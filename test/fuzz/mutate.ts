// Changes to a reply: of its octets, and of what it says.

import { WireError } from '../../src/wire/cursor.js'
import { buildMessage, parseMessage, type ReplySpec } from '../../src/wire/message.js'
import type { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { toSpec } from '../world/behaviours.js'
import type { RecordedReply } from './corpus.js'
import type { Random } from './random.js'

type Section = 'answer' | 'authority' | 'additional'
type Records = Record<Section, ResourceRecord[]>

interface Draft {
  readonly spec: ReplySpec
  readonly records: Records
}

const SECTIONS: readonly Section[] = ['answer', 'authority', 'additional']

/** @param others replies of any question, to take records from */
export function mutate(reply: RecordedReply, others: readonly RecordedReply[], random: Random): Uint8Array {
  if (random.oneIn(4)) return mutateOctets(reply.wire, random)
  if (random.oneIn(3)) return replay(reply, others, random)
  try {
    const { answer = [], authority = [], additional = [], ...spec } = specOf(reply)
    const draft: Draft = { spec, records: { answer: [...answer], authority: [...authority], additional: [...additional] } }
    let changed: ReplySpec = spec
    for (let i = 0; i <= random.below(3); i++)
      changed = random.pick(EDITS)({ ...draft, spec: changed }, others, random, reply.question.name)
    return buildMessage({ ...changed, ...draft.records })
  } catch (error) {
    if (error instanceof WireError || error instanceof RangeError) return mutateOctets(reply.wire, random)
    throw error
  }
}

function mutateOctets(wire: Uint8Array, random: Random): Uint8Array {
  const at = random.below(wire.length)
  switch (random.below(6)) {
    case 0:
      return wire.slice(0, at)
    case 1: // an octet less
      return Uint8Array.from([...wire.subarray(0, at), ...wire.subarray(at + 1)])
    case 2: // an octet more
      return Uint8Array.from([...wire.subarray(0, at), random.below(256), ...wire.subarray(at)])
    default: {
      const changed = wire.slice()
      for (let i = 0; i <= random.below(2); i++) changed[random.below(wire.length)] ^= 1 << random.below(8)
      return changed
    }
  }
}

const FEW_LABELS = 2

/** A reply put together from records as they were signed: data at another owner, and any denials of the zone, beside its SOA. */
function replay(reply: RecordedReply, others: readonly RecordedReply[], random: Random): Uint8Array {
  const { answer = [], authority = [], ...spec } = specOf(reply)
  const { name, type } = reply.question
  const pool = poolOf(others, name)
  const denials: ResourceRecord[] = []
  for (let i = random.below(4); i > 0 && pool.denials.length > 0; i--) denials.push(...random.pick(pool.denials))
  const kept = random.oneIn(3) ? authority : [...pool.soa, ...denials]
  const data = pool.data.filter(([first]) => first.type === type || first.type === TYPE.CNAME || first.type === TYPE.DNAME)
  const forged = random.oneIn(2) || data.length === 0 ? [] : random.pick(data).map((record) => ({ ...record, owner: name }))
  const expanded = random.oneIn(6) ? kept.map((record) => ({ ...record, owner: random.pick([name, name, record.owner]) })) : kept
  const [answers, proofs] = random.oneIn(5) ? [answer, expanded] : [forged, expanded]
  return buildMessage({ ...spec, rcode: random.pick([0, 0, 3]), answer: answers, authority: proofs, additional: [] })
}

interface Pool {
  /** RRsets with their RRSIGs */
  readonly data: readonly ResourceRecord[][]
  readonly denials: readonly ResourceRecord[][]
  readonly soa: readonly ResourceRecord[]
}

const pools = new Map<string, Pool>()
const poolIds = new WeakMap<readonly RecordedReply[], number>()
let poolCount = 0

/** What was seen signed in the zones at and above the name, from the deepest that denies anything on. */
function poolOf(others: readonly RecordedReply[], name: Name): Pool {
  const id = poolIds.get(others) ?? ++poolCount
  poolIds.set(others, id)
  const top = name.ancestor(Math.min(name.labelCount, FEW_LABELS))
  const key = `${id} ${top.key}`
  const known = pools.get(key)
  if (known) return known
  const sets = new Map<string, ResourceRecord[]>()
  for (const other of others) {
    const { answer = [], authority = [] } = specOf(other)
    for (const record of [...answer, ...authority]) {
      if (record.owner.labelCount === 0 || !record.owner.ancestor(1).equals(name.isRoot ? record.owner.ancestor(1) : name.ancestor(1)))
        continue
      const covered = record.type === TYPE.RRSIG ? ((record.rdata[0] ?? 0) << 8) | (record.rdata[1] ?? 0) : record.type
      const at = `${record.owner.key} ${covered}`
      const set = sets.get(at) ?? []
      if (!set.some((one) => one.type === record.type && Buffer.compare(one.rdata, record.rdata) === 0)) set.push(record)
      sets.set(at, set)
    }
  }
  const all = [...sets.values()].map((set) => set.sort((a, b) => Number(a.type === TYPE.RRSIG) - Number(b.type === TYPE.RRSIG)))
  const of = (...types: readonly number[]) => all.filter(([first]) => first && types.includes(first.type))
  const pool: Pool = {
    data: all.filter(([first]) => first && ![TYPE.NSEC, TYPE.NSEC3, TYPE.SOA, TYPE.RRSIG, TYPE.NS].includes(first.type as never)),
    denials: of(TYPE.NSEC, TYPE.NSEC3),
    soa: of(TYPE.SOA)[0] ?? []
  }
  pools.set(key, pool)
  return pool
}

const specs = new WeakMap<RecordedReply, ReplySpec>()

/** Read once a reply. */
function specOf(reply: RecordedReply): ReplySpec {
  const known = specs.get(reply) ?? toSpec(parseMessage(reply.wire))
  specs.set(reply, known)
  return known
}

type Edit = (draft: Draft, others: readonly RecordedReply[], random: Random, name: Name) => ReplySpec

/** An edit of one record of the draft, in place. */
const onRecord =
  (change: (record: ResourceRecord, draft: Draft, random: Random, name: Name) => ResourceRecord | undefined): Edit =>
  (draft, _others, random, name) => {
    const list = draft.records[random.pick(SECTIONS.filter((section) => draft.records[section].length > 0).concat('answer'))]
    if (list.length === 0) return draft.spec
    const at = random.below(list.length)
    const changed = change(list[at] as ResourceRecord, draft, random, name)
    if (changed) list[at] = changed
    else list.splice(at, 1)
    return draft.spec
  }

const all = ({ records }: Draft): ResourceRecord[] => SECTIONS.flatMap((section) => records[section])

function withOctet(record: ResourceRecord, at: number, random: Random): ResourceRecord {
  const rdata = record.rdata.slice()
  if (at < rdata.length) rdata[at] = random.oneIn(2) ? random.below(256) : (rdata[at] as number) + (random.oneIn(2) ? 1 : -1)
  return { ...record, rdata }
}

/** Records of another reply, as they are or at another owner. */
function foreign(others: readonly RecordedReply[], random: Random): ResourceRecord[] {
  const { answer = [], authority = [] } = specOf(random.pick(others))
  return [...answer, ...authority]
}

const EDITS: readonly Edit[] = [
  onRecord(() => undefined),
  onRecord((record, draft) => {
    draft.records.answer.push(record)
    return record
  }),
  onRecord((record, draft, random) => ({ ...record, rdata: random.pick(all(draft)).rdata })),
  onRecord((record, draft, random) => ({ ...record, owner: random.pick(all(draft)).owner })),
  onRecord((record, _draft, _random, name) => ({ ...record, owner: name })),
  onRecord((record, _draft, random) => ({
    ...record,
    owner: random.oneIn(2) && !record.owner.isRoot ? record.owner.parent() : record.owner.child(Uint8Array.of(42))
  })),
  onRecord((record, draft, random) => ({ ...record, type: random.oneIn(2) ? random.pick(all(draft)).type : random.below(300) })),
  onRecord((record, _draft, random) => ({ ...record, ttl: random.pick([0, 1, 0x7fffffff, 0xffffffff, record.ttl + 1]) })),
  onRecord((record, _draft, random) => ({ ...record, class: random.pick([1, 3, 254, 255]) })),
  onRecord((record, _draft, random) => withOctet(record, random.below(Math.max(1, record.rdata.length)), random)),
  // the fixed fields of an RRSIG: type covered, algorithm, labels, Original TTL, times, key tag
  onRecord((record, _draft, random) => (record.type === TYPE.RRSIG ? withOctet(record, random.below(18), random) : record)),
  // flags and the first octets of a bitmap's like
  onRecord((record, _draft, random) =>
    withOctet(record, record.rdata.length - 1 - random.below(Math.min(8, Math.max(1, record.rdata.length))), random)
  ),
  ({ spec, records }, _others, random) => {
    const list = records[random.pick(SECTIONS)]
    list.sort(() => random.below(3) - 1)
    return spec
  },
  ({ spec, records }, _others, random) => {
    const [from, to] = [random.pick(SECTIONS), random.pick(SECTIONS)]
    const moved = records[from].pop()
    if (moved) records[to].push(moved)
    return spec
  },
  ({ spec, records }) => {
    for (const section of SECTIONS) records[section] = records[section].filter(({ type }) => type !== TYPE.RRSIG)
    return spec
  },
  ({ spec, records }, _others, random) => {
    const type = random.pick([TYPE.NSEC, TYPE.NSEC3, TYPE.SOA, TYPE.DS, TYPE.CNAME, TYPE.DNAME])
    for (const section of SECTIONS) records[section] = records[section].filter((record) => record.type !== type)
    return spec
  },
  ({ spec }, _others, random) => ({ ...spec, rcode: random.pick([0, 0, 3, 3, 2, 5, 6]) }),
  ({ spec }, _others, random) => ({ ...spec, aa: random.oneIn(2), ad: random.oneIn(2), tc: random.oneIn(4) }),
  ({ spec, records }, others, random) => {
    records[random.pick(SECTIONS)].push(...foreign(others, random))
    return spec
  },
  ({ spec, records }, others, random, name) => {
    records.answer.push(...foreign(others, random).map((record) => ({ ...record, owner: name })))
    return spec
  },
  ({ spec, records }, others, random) => {
    records.answer = []
    records.authority = foreign(others, random)
    return { ...spec, rcode: random.pick([0, 3]) }
  }
]
