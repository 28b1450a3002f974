// The NSEC chain (RFC 4034 4, RFC 4035 2.3) or NSEC3 chain (RFC 5155 7.1) of a zone, and the search for a link in it.
import { compareBytes } from '../../src/wire/canonical.js'
import { Writer } from '../../src/wire/cursor.js'
import { compareNames, type Name } from '../../src/wire/name.js'
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import { typeBitmapToWire } from '../../src/wire/rdata/bitmap.js'
import { OPT_OUT } from '../../src/wire/rdata/nsec3.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { hashName, type Nsec3Params, toBase32Hex } from './hash3.js'
import type { ZoneNode } from './zone.js'

export type DenialOptions = { readonly by: 'nsec' } | ({ readonly by: 'nsec3'; readonly optOut?: boolean } & Partial<Nsec3Params>)

export interface Link {
  /** the name that the link stands for */
  readonly name: Name
  /** of its record: the name itself, or hash and apex */
  readonly owner: Name
  /** of NSEC3 */
  readonly hash?: Uint8Array
  /** empty when a fault took it away */
  records: ResourceRecord[]
  signatures: ResourceRecord[]
}

/** Links in the order of the chain. */
export type Chain =
  | { readonly by: 'nsec'; readonly links: Link[] }
  | { readonly by: 'nsec3'; readonly params: Nsec3Params; readonly links: Link[] }

export function buildChain(nodes: readonly ZoneNode[], apex: Name, ttl: number, options: DenialOptions): Chain {
  return options.by === 'nsec' ? buildNsec(nodes, ttl) : buildNsec3(nodes, apex, ttl, options)
}

/** The link whose record matches the name (RFC 5155 1.3). */
export function matching(chain: Chain, name: Name): Link | undefined {
  const at = position(chain, name)
  const link = chain.links[at]
  return link && orderTo(chain, name)(link) === 0 ? link : undefined
}

/** The link whose record covers the name (RFC 5155 1.3): the one before it, or the last. Undefined when one matches. */
export function covering(chain: Chain, name: Name): Link | undefined {
  if (chain.links.length === 0 || matching(chain, name)) return undefined
  const at = position(chain, name)
  return chain.links[at < 0 ? chain.links.length - 1 : at]
}

/** NSEC3PARAM (RFC 5155 4.2): its flags are always zero. */
export function nsec3ParamRdata({ salt, iterations }: Nsec3Params): Uint8Array {
  return new Writer().u8(1).u8(0).u16(iterations).u8(salt.length).bytes(salt).finish()
}

export function paramsOf(options: Partial<Nsec3Params>): Nsec3Params {
  return { salt: options.salt ?? new Uint8Array(), iterations: options.iterations ?? 0 }
}

function buildNsec(nodes: readonly ZoneNode[], ttl: number): Chain {
  // RFC 4035 2.3: names with authoritative data or a delegation; empty non-terminals have none
  const holders = nodes.filter((node) => node.standing === 'authoritative' || node.standing === 'delegation')
  const links = holders.map(({ owner, ...node }, i): Link => {
    const next = holders[(i + 1) % holders.length].owner
    const types = typeBitmapToWire([...typesOf(node), TYPE.NSEC, TYPE.RRSIG])
    const rdata = new Writer().bytes(next.wire).bytes(types).finish()
    return { name: owner, owner, records: [{ owner, type: TYPE.NSEC, class: CLASS.IN, ttl, rdata }], signatures: [] }
  })
  return { by: 'nsec', links }
}

function buildNsec3(
  nodes: readonly ZoneNode[],
  apex: Name,
  ttl: number,
  options: { readonly optOut?: boolean } & Partial<Nsec3Params>
): Chain {
  const params = paramsOf(options)
  const holders = nodes
    .filter((node) => node.standing !== 'occluded' && !(options.optOut && optedOut(node, nodes)))
    .map((node) => ({ node, hash: hashName(node.owner, params) }))
    .sort((a, b) => compareBytes(a.hash, b.hash))
  const links = holders.map(({ node, hash }, i): Link => {
    const next = holders[(i + 1) % holders.length].hash
    const types = typesOf(node)
    // RFC 5155 7.1: RRSIG stands where something is signed, so not at an empty non-terminal or an insecure delegation
    if (types.length > 0 && (node.standing === 'authoritative' || types.includes(TYPE.DS))) types.push(TYPE.RRSIG)
    const rdata = new Writer()
      .u8(1)
      .u8(options.optOut ? OPT_OUT : 0)
      .u16(params.iterations)
      .u8(params.salt.length)
      .bytes(params.salt)
      .u8(next.length)
      .bytes(next)
      .bytes(typeBitmapToWire(types))
      .finish()
    const owner = apex.child(Buffer.from(toBase32Hex(hash), 'latin1'))
    return { name: node.owner, owner, hash, records: [{ owner, type: TYPE.NSEC3, class: CLASS.IN, ttl, rdata }], signatures: [] }
  })
  return { by: 'nsec3', params, links }
}

/** At a delegation only NS and DS are the zone's own; an address there is glue (RFC 4035 2.3). */
function typesOf(node: Pick<ZoneNode, 'sets' | 'standing'>): number[] {
  const types = [...node.sets.keys()]
  return node.standing === 'delegation' ? types.filter((type) => type === TYPE.NS || type === TYPE.DS) : types
}

/** RFC 5155 7.1: insecure delegations, and empty non-terminals that are there for nothing but insecure delegations. */
function optedOut(node: ZoneNode, nodes: readonly ZoneNode[]): boolean {
  if (node.standing === 'delegation') return !node.sets.has(TYPE.DS)
  if (node.standing !== 'empty') return false
  return nodes.every(
    (other) =>
      !other.owner.isBelow(node.owner) ||
      other.standing === 'empty' ||
      other.standing === 'occluded' ||
      (other.standing === 'delegation' && !other.sets.has(TYPE.DS))
  )
}

function orderTo(chain: Chain, name: Name): (link: Link) => number {
  if (chain.by === 'nsec') return (link) => compareNames(link.owner, name)
  const hash = hashName(name, chain.params)
  return (link) => compareBytes(link.hash as Uint8Array, hash)
}

/** The last link that is not after the name; -1 when all are. */
function position(chain: Chain, name: Name): number {
  const order = orderTo(chain, name)
  let low = 0
  let high = chain.links.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (order(chain.links[middle]) <= 0) low = middle + 1
    else high = middle
  }
  return low - 1
}
