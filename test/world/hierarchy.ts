// The embedded hierarchy: a signed root, three TLDs and the zones below them, right and wrong, with the servers that have
// them. Everything a resolver needs to ask in it, and what it must find (hierarchy-questions.ts).
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import { nameFromText, recordToText } from '../../src/wire/text.js'
import { authority, type Respond } from './authority.js'
import { behaving } from './behaviours.js'
import { type Expected, QUESTIONS } from './hierarchy-questions.js'
import { ZONES, type ZoneSpec } from './hierarchy-zones.js'
import { dsLine, dsRdata, type ZoneKey, zoneKey } from './keys.js'
import { memoryTransport, type Servers, socketTransport, type WorldTransport } from './net.js'
import { makeZone, type Zone } from './zone.js'

export interface Hierarchy {
  /** ms since the epoch: when its signatures are valid, unless a zone is wrong on purpose */
  readonly nowMs: number
  /** by name */
  readonly zones: ReadonlyMap<string, Zone>
  readonly servers: Servers
  /** names of the zones that are with the hosting company */
  readonly hosted: readonly string[]
  /** DS lines of its root, for `trustAnchors` */
  readonly anchors: readonly string[]
  /** for `rootHints` */
  readonly hints: readonly { readonly name: string; readonly addresses: string[] }[]
  readonly questions: readonly Expected[]
  /** in memory: fast, and silence is a time-out at once */
  memory(options?: { readonly wait?: boolean }): WorldTransport
  /** over real sockets of loopback */
  sockets(): Promise<WorldTransport>
  /** closes every transport that was given out */
  close(): Promise<void>
}

/** Puts the servers elsewhere: gives a text, which may be an address or a zone, with other addresses in it. */
export type Place = (text: string) => string

const DAY = 86_400
const HOSTING = ['198.51.100.1', '198.51.100.2', '2001:db8:1::1']
const DIGEST = '8D5E0A3F1C2B4D6E7F8091A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6'

/** @param nowMs ms since the epoch */
export function buildHierarchy(nowMs: number = Date.now()): Hierarchy {
  return buildWorld(ZONES, QUESTIONS, nowMs)
}

/** A hierarchy of any zones; the root, and the hosting company for zones without a server of their own, must be among them. */
export function buildWorld(
  specs: readonly ZoneSpec[],
  questions: readonly Expected[],
  nowMs: number,
  place: Place = (text) => text
): Hierarchy {
  const zones = buildZones(specs, Math.floor(nowMs / 1000), place)
  const servers = new Map([...buildServers(specs, zones)].map(([address, respond]) => [place(address), respond]))
  const given: WorldTransport[] = []
  const keep = (transport: WorldTransport): WorldTransport => {
    given.push(transport)
    return transport
  }
  const [ksk] = keysOf(rootOf(specs))
  return {
    nowMs,
    zones,
    servers,
    hosted: specs.filter(({ address }) => !address).map(({ name }) => name),
    anchors: [dsLine('.', nameFromText('.'), ksk)],
    hints: [
      { name: 'a.root-servers.ordered', addresses: [place('192.0.2.1')] },
      { name: 'b.root-servers.ordered', addresses: [place('192.0.2.2')] }
    ],
    questions,
    memory: (options) => keep(memoryTransport(servers, options)),
    sockets: async () => keep(await socketTransport(servers)),
    close: async () => {
      await Promise.all(given.splice(0).map((transport) => transport.close()))
    }
  }
}

function buildZones(specs: readonly ZoneSpec[], now: number, place: Place): Map<string, Zone> {
  const zones = new Map<string, Zone>()
  for (const spec of specs) {
    const { name, denial, days: [from, to] = [-1, 14], faults } = spec
    const lines = [apexText(spec), spec.text ?? '', ...childrenOf(specs, name).map(delegationText)].join('\n')
    const text = place(lines.replaceAll('{digest}', DIGEST))
    const keys = spec.algorithm === 'unsigned' ? [] : keysOf(spec)
    const published = spec.published?.(keys)
    const validity = { inception: now + from * DAY, expiration: now + to * DAY }
    zones.set(name, makeZone({ origin: name, text, keys, published, denial, faults, ...validity }))
  }
  return zones
}

function buildServers(specs: readonly ZoneSpec[], zones: ReadonlyMap<string, Zone>): Map<string, Respond> {
  const servers = new Map<string, Respond>()
  const zoneOf = ({ name }: ZoneSpec): Zone => zones.get(name) as Zone
  for (const spec of specs) {
    if (spec.address && !spec.nobodyThere) servers.set(spec.address, behaving(authority([zoneOf(spec)]), ...(spec.behaviours ?? [])))
  }
  servers.set('192.0.2.2', authority([zoneOf(rootOf(specs))]))
  const hosted = specs.filter((spec) => !spec.address).map(zoneOf)
  // the second server of the company is of the older kind that also gives the NS of the zone
  for (const address of HOSTING) servers.set(address, authority(hosted, { chatty: address === HOSTING[1] }))
  return servers
}

function rootOf(specs: readonly ZoneSpec[]): ZoneSpec {
  const root = specs.find((spec) => spec.name === '.')
  if (!root) throw new RangeError('there is no root')
  return root
}

function keysOf({ name, algorithm = 13, split, dress = (key) => key }: ZoneSpec): ZoneKey[] {
  const number = algorithm === 'unsigned' ? 13 : algorithm
  const roles = split ? (['ksk', 'zsk'] as const) : (['csk'] as const)
  return roles.map((role) => dress(zoneKey(name, number, { role })))
}

/** The zones delegated from this one. */
function childrenOf(specs: readonly ZoneSpec[], parent: string): ZoneSpec[] {
  const above = (name: string): string =>
    specs
      .filter((spec) => spec.name !== name && (spec.name === '.' || name.endsWith(`.${spec.name}`)))
      .reduce((a, b) => (b.name.length > a.name.length ? b : a)).name
  return specs.filter(({ name }) => name !== '.' && above(name) === parent)
}

/** SOA, NS and, for all but the root and the TLDs, what every zone has. */
function apexText(spec: ZoneSpec): string {
  const lines = ['@ SOA ns hostmaster 2026010101 3600 600 864000 300', ...serversOf(spec).map((server) => `@ NS ${server}`)]
  if (spec.name === '.') lines.push('a.root-servers.ordered. A 192.0.2.1', 'b.root-servers.ordered. A 192.0.2.2')
  else if (spec.address) lines.push(`ns ${spec.address.includes(':') ? 'AAAA' : 'A'} ${spec.address}`)
  if (spec.name.includes('.') && spec.name !== '.') {
    lines.push('@ A 203.0.113.80', 'www A 203.0.113.80', 'www AAAA 2001:db8:80::80', `txt TXT "This is ${spec.name}"`)
  }
  return lines.join('\n')
}

function serversOf({ name, address }: ZoneSpec): string[] {
  if (name === '.') return ['a.root-servers.ordered.', 'b.root-servers.ordered.']
  return address ? [`ns.${name}.`] : ['ns1.hosting.ordered.', 'ns2.hosting.ordered.']
}

/** What stands in the parent: NS, DS and glue (RFC 9471: the addresses of name servers inside the zone). */
function delegationText(spec: ZoneSpec): string {
  const { name, digests = [2], address } = spec
  const owner = nameFromText(name)
  const [key] = keysOf(spec)
  const lines = serversOf(spec).map((server) => `${name}. NS ${server}`)
  if (address) lines.push(`ns.${name}. ${address.includes(':') ? 'AAAA' : 'A'} ${address}`)
  if (name === 'hosting.ordered') {
    const [first, second, sixth] = HOSTING
    lines.push(`ns1.${name}. A ${first}`, `ns1.${name}. AAAA ${sixth}`, `ns2.${name}. A ${second}`)
  }
  const given = spec.algorithm === 'unsigned' ? [] : digests.map((digest) => dsRdata(owner, key, digest))
  const ds = spec.ds ? [spec.ds(owner, key)].flat() : given
  for (const rdata of ds) lines.push(recordToText({ owner, type: TYPE.DS, class: CLASS.IN, ttl: 3600, rdata }))
  return lines.join('\n')
}
