// The zones that are measured over: a root, a TLD with as many signed delegations as are wanted, and the zones it delegates, with
// mixed algorithms and kinds of denial; or a real zone as it is published, signed anew, since peers want signatures that hold now.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { CLASS, TYPE } from '../src/wire/numbers.js'
import type { ResourceRecord } from '../src/wire/rrset.js'
import { nameFromText, nameToText, recordToText } from '../src/wire/text.js'
import { recordsFromZone } from '../src/wire/zone.js'
import type { DenialOptions } from '../test/world/chain.js'
import { dsLine, dsRdata, type SigningAlgorithm, type ZoneKey, zoneKey } from '../test/world/keys.js'
import { makeZone, type Zone, zoneText } from '../test/world/zone.js'
import { rsaKey } from './rsa-keys.js'

/** One name server: an address of loopback and the zones it has. */
export interface Place {
  readonly address: string
  readonly zones: readonly ZoneFile[]
}

export interface ZoneFile {
  readonly origin: string
  readonly text: string
}

export interface Asked {
  readonly name: string
  readonly type: string
}

export interface Tree {
  readonly title: string
  readonly places: readonly Place[]
  /** DS lines of the root */
  readonly anchors: readonly string[]
  readonly hint: { readonly name: string; readonly address: string }
  /** each of another zone, or at least of another name, so that every one is cold */
  readonly questions: readonly Asked[]
  /** what warms the way to them */
  readonly warming: readonly Asked[]
}

export interface TreeOptions {
  readonly delegations: number
  readonly algorithms: readonly SigningAlgorithm[]
  /** zones one below the other, from the TLD down; 2 is a TLD and its delegations */
  readonly depth?: number
  /** third octet of the addresses: trees that are served at the same time have different ones */
  readonly net?: number
}

/** As they are met: P-256 for most, RSA for many, the others seldom. */
export const MIXED: readonly SigningAlgorithm[] = [13, 8, 13, 8, 13, 15, 13, 8, 13, 14]
const WARMING = 60
const SOA = '@ SOA ns hostmaster 1 3600 600 864000 300'
const DENIALS: readonly DenialOptions[] = [{ by: 'nsec' }, { by: 'nsec3' }, { by: 'nsec3', optOut: true }, { by: 'nsec' }]

const validity = (): { inception: number; expiration: number } => {
  const now = Math.floor(Date.now() / 1000)
  return { inception: now - 86_400, expiration: now + 14 * 86_400 }
}

const keyFor = (origin: string, algorithm: SigningAlgorithm): ZoneKey =>
  algorithm === 8 || algorithm === 10 ? rsaKey(algorithm) : zoneKey(origin, algorithm)

const fileOf = (zone: Zone): ZoneFile => ({ origin: nameToText(zone.apex), text: zoneText(zone) })

function delegation(child: string, key: ZoneKey, address: string): string {
  const owner = nameFromText(child)
  const ds = recordToText({ owner, type: TYPE.DS, class: CLASS.IN, ttl: 3600, rdata: dsRdata(owner, key) })
  return `${child}. NS ns.${child}.\nns.${child}. A ${address}\n${ds}`
}

const apex = (address: string): string => `${SOA}\n@ NS ns\nns A ${address}`

/** A mail domain: what a mailer asks for, a wildcard, and an address to ask for. */
const contents = (address: string): string => `${apex(address)}
@ MX 10 mail
www A 203.0.113.1
mail A 203.0.113.2
mail AAAA 2001:db8::2
_25._tcp.mail TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
@ TXT "v=spf1 mx -all"`

/** Zones one below the other for each delegation; the root and the TLD have RSA and P-256 as the real ones. */
export function generateTree({ delegations, algorithms, depth = 2, net = 1 }: TreeOptions): Tree {
  const addressOf = (level: number): string => `127.53.${net}.${level + 1}`
  const count = delegations + WARMING
  const origins = (level: number, i: number): string =>
    level === 1 ? 'tld' : `${level === 2 ? `z${i}` : `l${level}`}.${origins(level - 1, i)}`
  const algorithmOf = (i: number): SigningAlgorithm => algorithms[i % algorithms.length] as SigningAlgorithm
  const mostly: SigningAlgorithm = algorithms.length === 1 ? (algorithms[0] as SigningAlgorithm) : 13
  const rootKey = algorithms.length === 1 ? keyFor('.', mostly) : rsaKey(8)
  const tldKey = keyFor('tld', mostly)
  const places: Place[] = []
  const root = `${SOA}\n@ NS ns.root.\nns.root. A ${addressOf(0)}\n${delegation('tld', tldKey, addressOf(1))}`
  places.push({ address: addressOf(0), zones: [fileOf(makeZone({ origin: '.', text: root, keys: [rootKey], ...validity() }))] })
  const cuts: string[] = []
  const below: ZoneFile[][] = Array.from({ length: Math.max(0, depth - 1) }, () => [])
  for (let i = 0; i < count && depth > 1; i++) {
    const keys = Array.from({ length: depth + 1 }, (_, level) => (level < 2 ? tldKey : keyFor(origins(level, i), algorithmOf(i))))
    cuts.push(delegation(origins(2, i), keys[2] as ZoneKey, addressOf(2)))
    for (let level = 2; level <= depth; level++) {
      const origin = origins(level, i)
      const deeper = level < depth ? `\n${delegation(origins(level + 1, i), keys[level + 1] as ZoneKey, addressOf(level + 1))}` : ''
      const denial = DENIALS[i % DENIALS.length]
      const zone = makeZone({
        origin,
        text: `${contents(addressOf(level))}${deeper}`,
        keys: [keys[level] as ZoneKey],
        denial,
        ...validity()
      })
      below[level - 2]?.push(fileOf(zone))
    }
  }
  const leaves = depth > 1 ? [] : Array.from({ length: count }, (_, i) => `z${i} A 203.0.113.1`)
  const tld = `${apex(addressOf(1))}\n${[...cuts, ...leaves].join('\n')}`
  const denial: DenialOptions = { by: 'nsec3', optOut: true }
  places.push({ address: addressOf(1), zones: [fileOf(makeZone({ origin: 'tld', text: tld, keys: [tldKey], denial, ...validity() }))] })
  below.forEach((zones, i) => {
    places.push({ address: addressOf(i + 2), zones })
  })
  const asked = Array.from({ length: count }, (_, i): Asked => ({ name: depth > 1 ? `www.${origins(depth, i)}` : `z${i}.tld`, type: 'A' }))
  return {
    title: `a TLD with ${count} signed delegations, ${depth} cuts below the root, algorithms ${[...new Set(algorithms)].join(', ')}`,
    places,
    anchors: [dsLine('.', nameFromText('.'), rootKey)],
    hint: { name: 'ns.root', address: addressOf(0) },
    questions: asked.slice(WARMING),
    warming: asked.slice(0, WARMING)
  }
}

const SIGNING_TYPES: ReadonlySet<number> = new Set([TYPE.RRSIG, TYPE.DNSKEY, TYPE.NSEC, TYPE.NSEC3, TYPE.NSEC3PARAM, TYPE.ZONEMD])

/**
 * A zone as it is published (`.gz` too) with its signatures and keys replaced. Only what the zone itself has to say can be asked:
 * the DS of its delegations, signed or denied, and what it has of its own.
 */
export function realTree(file: string, algorithm: SigningAlgorithm, net = 1): Tree {
  const octets = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(octets) : octets).toString('latin1')
  const published = recordsFromZone(text, { origin: nameFromText('.'), ttl: 3600 })
  const soa = published.find((record) => record.type === TYPE.SOA)
  if (!soa) throw new RangeError(`${file} has no SOA record`)
  const zoneName = nameToText(soa.owner)
  const [rootAddress, address] = [`127.53.${net}.1`, soa.owner.isRoot ? `127.53.${net}.1` : `127.53.${net}.2`]
  const server = zoneName === '.' ? 'ns.root' : `ns-bench.${zoneName.replace(/\.$/, '')}`
  // The published name servers of the apex are on the Internet; the ones here take their place.
  const own = (record: ResourceRecord): boolean =>
    !SIGNING_TYPES.has(record.type) && !(record.type === TYPE.NS && record.owner.equals(soa.owner)) && !(record === soa)
  const lines = [soa, ...published.filter(own)].filter((record, i) => i === 0 || record.type !== TYPE.SOA).map(recordToText)
  const key = keyFor(zoneName, algorithm)
  const real = `${lines.join('\n')}\n${zoneName} 3600 IN NS ${server}.\n${server}. 3600 IN A ${address}\n`
  const zone = fileOf(makeZone({ origin: zoneName, text: real, keys: [key], ...validity() }))
  const places: Place[] = [{ address, zones: [zone] }]
  let anchorKey = key
  if (!soa.owner.isRoot) {
    anchorKey = rsaKey(8)
    const cut = delegation(zoneName.replace(/\.$/, ''), key, address)
    const root = `${SOA}\n@ NS ns.root.\nns.root. A ${rootAddress}\n${cut}`
    places.unshift({ address: rootAddress, zones: [fileOf(makeZone({ origin: '.', text: root, keys: [anchorKey], ...validity() }))] })
  }
  const cuts = new Set(
    published.filter((record) => record.type === TYPE.NS && !record.owner.equals(soa.owner)).map((one) => nameToText(one.owner))
  )
  const asked = [...cuts].map((name): Asked => ({ name, type: 'DS' }))
  const warming = asked.splice(0, Math.min(WARMING, asked.length >> 1))
  return {
    title: `${zoneName} as published, ${published.length} records, signed anew with algorithm ${algorithm}`,
    places,
    anchors: [dsLine('.', nameFromText('.'), anchorKey)],
    hint: { name: soa.owner.isRoot ? server : 'ns.root', address: rootAddress },
    questions: asked,
    warming
  }
}
