// Faults planted in a signed zone: RRSIGs with wrong fields, missing or beside good ones, data changed, added or copied. Each is one
// change of the records as they are published; those of the chain are in random-links.ts.

import { Name } from '../../src/wire/name.js'
import { CLASS, TYPE, typeToText } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { flipBit, type SignatureFaults, signRrset } from '../world/signer.js'
import { allOptOut, linkLies, linkMissing } from './random-links.js'
import {
  addNode,
  around,
  DAY,
  type Fault,
  type Planted,
  type Planting,
  put,
  signAll,
  signRecords,
  type Target,
  targetsOf,
  validity
} from './random-planting.js'

/** Every fault that sets an RRSIG's fields wrongly, over the octets that it then says. */
const FIELDS: readonly (readonly [what: string, faults: (planting: Planting, target: Target) => SignatureFaults, unwritable?: true])[] = [
  ['corrupt', () => ({ corrupt: flipBit })],
  ['longer', () => ({ corrupt: (signature) => Uint8Array.of(...signature, 0) })],
  ['shorter', () => ({ corrupt: (signature) => signature.slice(0, -1) })],
  ['empty', () => ({ corrupt: () => new Uint8Array() }), true],
  ['zeros', () => ({ corrupt: (signature) => new Uint8Array(signature.length) })],
  ['expired', ({ now }) => ({ inception: now - 30 * DAY, expiration: now - 2 * DAY })],
  ['early', ({ now }) => ({ inception: now + 2 * DAY, expiration: now + 30 * DAY })],
  ['reversed', ({ now }) => ({ inception: now + 2 * DAY, expiration: now - 2 * DAY })],
  ['forever', ({ now }) => ({ inception: now - DAY, expiration: (now + 0x7fff0000) >>> 0 })],
  ['signer parent', ({ parent }) => ({ signer: parent.apex })],
  ['signer root', () => ({ signer: Name.root })],
  ['signer other', () => ({ signer: nameFromText('good.plain') })],
  ['signer below', ({ zone }) => ({ signer: zone.apex.child(Buffer.from('www')) })],
  ['signer owner', (_, { owner }) => ({ signer: owner })],
  ['signer case', ({ zone }) => ({ signer: nameFromText(nameToText(zone.apex).toUpperCase()) })],
  ['labels more', (_, { owner }) => ({ labels: owner.labelCount + 1 })],
  ['labels less', (_, { owner }) => ({ labels: Math.max(0, owner.labelCount - 1) })],
  ['labels apex', ({ zone }) => ({ labels: zone.apex.labelCount })],
  ['labels none', () => ({ labels: 0 })],
  ['original TTL', ({ random }) => ({ originalTtl: random.pick([0, 1, 7200, 0xffffffff]) })],
  ['RRSIG TTL', ({ random }) => ({ ttl: random.pick([0, 5, 86400]) })],
  ['key tag', ({ random }) => ({ keyTag: random.below(0x10000) })],
  ['algorithm', ({ random }) => ({ algorithm: random.pick([0, 3, 5, 8, 13, 15, 16, 200, 253]) })],
  ['owner', ({ zone }) => ({ owner: zone.apex.child(Buffer.from('www')) })],
  ['type covered', () => ({ typeCovered: TYPE.SPF })]
]

const rrsigFields: Fault = (planting) => {
  const [what, faults, unwritable] = planting.random.pick(FIELDS)
  return onTargets(planting, `RRSIG ${what}`, unwritable, (target) => {
    target.signatures = signAll(planting, target, faults(planting, target))
  })
}

const rrsigMissing: Fault = (planting) =>
  onTargets(planting, 'RRSIG missing', undefined, (target) => {
    target.signatures = []
  })

/** A second RRSIG by the same keys, before or after the good one. */
const rrsigBeside: Fault = (planting) => {
  const { random } = planting
  const [what, faults, unwritable] = random.pick(FIELDS)
  const first = random.oneIn(2)
  return onTargets(planting, `RRSIG ${what} beside`, unwritable, (target) => {
    const wrong = signAll(planting, target, faults(planting, target))
    target.signatures = first ? [...wrong, ...target.signatures] : [...target.signatures, ...wrong]
  })
}

/** The parent's own key signs, and is named. */
const rrsigByParent: Fault = (planting) =>
  onTargets(planting, 'RRSIG by the parent', undefined, (target) => {
    const { parent } = planting
    target.signatures = [signRrset(target.records, parent.key, { ...validity(planting), signer: parent.apex })]
  })

const FORGEABLE: ReadonlySet<number> = new Set([TYPE.A, TYPE.AAAA, TYPE.TXT, TYPE.MX, TYPE.SRV, TYPE.TLSA])

/** Data changed after it was signed. */
const forged: Fault = (planting) => {
  const { random } = planting
  const ns = planting.zone.apex.child(Buffer.from('ns'))
  const targets = targetsOf(planting.zone).filter(({ owner, type }) => !owner.equals(ns) && FORGEABLE.has(type))
  if (targets.length === 0) return undefined
  const target = random.pick(targets)
  const what = random.pick(['one more', 'one less', 'changed', 'TTL up', 'TTL down'])
  const [record, ...rest] = target.records
  if (record.type === TYPE.TXT && record.rdata[0] === 0) return undefined
  // an octet that is no length: of the address, the preference, the text
  const other = { ...record, rdata: record.rdata.map((octet, i) => (i === 1 ? octet ^ 1 : octet)) }
  if (what === 'one more') target.records = [...target.records, other]
  else if (what === 'changed') target.records = [other, ...rest]
  else if (what === 'one less') {
    if (rest.length === 0) return undefined
    target.records = rest
  } else target.records = target.records.map((one) => ({ ...one, ttl: what === 'TTL up' ? one.ttl + 1000 : one.ttl >> 1 }))
  put(planting.zone, target)
  return { what: `data ${what}`, hot: [target.name] }
}

/** RFC 4035 5.3.4: a wildcard's records and RRSIG at another name. */
const replayedWildcard: Fault = (planting) => {
  const { zone, random } = planting
  const wildcards = targetsOf(zone).filter(({ owner, type }) => owner.isWildcard && type !== TYPE.NSEC && type !== TYPE.NSEC3)
  if (wildcards.length === 0) return undefined
  const from = random.pick(wildcards)
  const label = Buffer.from(random.pick(['copy', 'there', 'x', 'zzz']))
  const base = random.oneIn(3) ? from.owner.parent().child(Buffer.from('mid')) : from.owner.parent()
  const owner = base.child(label)
  const at = (records: readonly ResourceRecord[]): ResourceRecord[] => records.map((record) => ({ ...record, owner }))
  addNode(zone, owner, from.type, at(from.records), at(from.signatures))
  return { what: `wildcard replayed at ${nameToText(owner)}`, hot: [owner, owner.child(Buffer.from('x')), base] }
}

/** Records that were never signed, or signed and not in the chain. */
const added: Fault = (planting) => {
  const { zone, random } = planting
  const existing = random.pick([...zone.nodes.values()].filter(({ standing }) => standing !== 'occluded'))
  const owner = random.oneIn(2) ? existing.owner : existing.owner.child(Buffer.from('added'))
  const type = random.pick([TYPE.A, TYPE.TXT, TYPE.SSHFP, TYPE.SPF])
  if (zone.nodes.get(owner.key)?.sets.has(type) || zone.nodes.get(owner.key)?.sets.has(TYPE.CNAME)) return undefined
  const rdata = type === TYPE.A ? Uint8Array.of(192, 0, 2, 66) : Uint8Array.of(3, 1, 0x61, 0x62)
  const records = [{ owner, type, class: CLASS.IN, ttl: 300, rdata }]
  const signed = random.oneIn(2)
  addNode(zone, owner, type, records, signed ? signRecords(planting, records) : [])
  return { what: `${typeToText(type)} added${signed ? ' and signed' : ''}`, hot: [owner, owner.child(Buffer.from('x'))] }
}

const FAULTS: readonly Fault[] = [
  ...[rrsigFields, rrsigFields, rrsigFields, rrsigMissing, rrsigBeside, rrsigByParent, forged, replayedWildcard, replayedWildcard],
  ...[added, linkMissing, linkLies, linkLies, linkLies, linkLies, allOptOut]
]

/** One fault at random; another one when the first cannot be had in this zone. */
export function plantFault(planting: Planting): Planted {
  for (let tries = 0; tries < 50; tries++) {
    const planted = planting.random.pick(FAULTS)(planting)
    if (planted) return planted
  }
  return { what: 'none', hot: [] }
}

function onTargets(planting: Planting, what: string, unwritable: true | undefined, change: (target: Target) => void): Planted | undefined {
  const { zone, random } = planting
  const all = targetsOf(zone)
  const one = random.pick(all)
  const scope = random.below(10)
  const chosen =
    scope < 5
      ? [one]
      : scope < 7
        ? all.filter(({ type }) => type === one.type)
        : scope < 8
          ? all.filter(({ type }) => type === TYPE.DNSKEY)
          : all.filter(({ type }) => type === TYPE.NSEC || type === TYPE.NSEC3)
  if (chosen.length === 0) return undefined
  for (const target of chosen) {
    change(target)
    put(zone, target)
  }
  const where = chosen.length === 1 ? `${nameToText(chosen[0].name)} ${typeToText(chosen[0].type)}` : `all ${typeToText(chosen[0].type)}`
  const hot = chosen.slice(0, 3).flatMap(({ name }) => around(name))
  return { what: `${what} of ${where}`, hot, ...(unwritable && { unwritable }) }
}
