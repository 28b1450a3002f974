// The trust anchors of the root that are shipped, and the format in which IANA publishes them (RFC 9718, was RFC 7958).
// The same data lies as files in trust-anchors/; it is here as well so that a bundled library needs no file.
import { AnchorTextError } from './parse.js'

/** One KeyDigest element. Times are ms since the epoch. */
export interface KeyDigest {
  readonly id: string
  readonly validFrom: number
  readonly validUntil?: number
  readonly keyTag: number
  readonly algorithm: number
  readonly digestType: number
  /** base 16, upper case */
  readonly digest: string
  /** base 64; RFC 9718 2.1: optional */
  readonly publicKey?: string
  readonly flags?: number
}

/** KSK-2017, and KSK-2024 that signs the root from 2026-10-11 on: with both, the change needs no action. */
export const SHIPPED_ROOT_ANCHORS: readonly KeyDigest[] = [
  {
    id: 'Klajeyz',
    validFrom: Date.UTC(2017, 1, 2),
    keyTag: 20326,
    algorithm: 8,
    digestType: 2,
    digest: 'E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'
  },
  {
    id: 'Kmyv6jo',
    validFrom: Date.UTC(2024, 6, 18),
    keyTag: 38696,
    algorithm: 8,
    digestType: 2,
    digest: '683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16'
  }
]

/** The shipped anchors that are valid at `now` (ms), as DS lines. */
export function rootAnchorLines(now: number): string[] {
  return validAnchors(SHIPPED_ROOT_ANCHORS, now).map(toDsLine)
}

/**
 * RFC 9718 2.1: used from validFrom until validUntil. A clock that stands before all of them, as on a machine that has just
 * started without one, leaves those that have not ended: no anchor at all would turn every answer unvalidated.
 */
export function validAnchors(digests: readonly KeyDigest[], now: number): KeyDigest[] {
  const lasting = digests.filter(({ validUntil }) => validUntil === undefined || now < validUntil)
  const valid = lasting.filter(({ validFrom }) => validFrom <= now)
  return valid.length > 0 ? valid : lasting
}

export function toDsLine({ keyTag, algorithm, digestType, digest }: KeyDigest): string {
  return `. IN DS ${keyTag} ${algorithm} ${digestType} ${digest}`
}

/** Reads a root-anchors.xml. Its signature is not checked here. Throws AnchorTextError. */
export function readRootAnchorsXml(xml: string): KeyDigest[] {
  const text = xml.replace(/<!--[\s\S]*?-->/g, '')
  const anchor = /<TrustAnchor\b[^>]*>([\s\S]*)<\/TrustAnchor\s*>/.exec(text)?.[1]
  if (anchor === undefined) throw new AnchorTextError('the document has no TrustAnchor element (RFC 9718 2.1)')
  if (element(anchor, 'Zone') !== '.') throw new AnchorTextError('the document is not about the root zone')
  const digests = Array.from(anchor.matchAll(/<KeyDigest\b([^>]*)>([\s\S]*?)<\/KeyDigest\s*>/g), ([, attributes, content]) =>
    readKeyDigest(attributes, content)
  )
  if (digests.length === 0) throw new AnchorTextError('the document has no KeyDigest element')
  return digests
}

function readKeyDigest(attributes: string, content: string): KeyDigest {
  const id = attribute(attributes, 'id') ?? 'without id'
  const fail = (what: string): never => {
    throw new AnchorTextError(`KeyDigest ${id}: ${what}`)
  }
  const number = (name: string, most: number): number => {
    const text = element(content, name)
    return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= most ? Number(text) : fail(`${name} is missing or no number`)
  }
  const time = (name: string): number | undefined => {
    const text = attribute(attributes, name)
    if (text === undefined) return undefined
    const ms = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
    return Number.isNaN(ms) ? fail(`${name} is not a time`) : ms
  }
  const digest = element(content, 'Digest')?.replace(/\s/g, '').toUpperCase() ?? ''
  if (!/^([0-9A-F]{2})+$/.test(digest)) fail('Digest is missing or not base 16')
  const publicKey = element(content, 'PublicKey')?.replace(/\s/g, '')
  const validUntil = time('validUntil')
  return {
    id,
    validFrom: time('validFrom') ?? fail('validFrom is missing'),
    ...(validUntil !== undefined && { validUntil }),
    keyTag: number('KeyTag', 0xffff),
    algorithm: number('Algorithm', 0xff),
    digestType: number('DigestType', 0xff),
    digest,
    ...(publicKey && { publicKey, flags: number('Flags', 0xffff) })
  }
}

function element(content: string, name: string): string | undefined {
  return new RegExp(`<${name}\\b[^>]*>([^<]*)</${name}\\s*>`).exec(content)?.[1].trim()
}

function attribute(attributes: string, name: string): string | undefined {
  return new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`).exec(attributes)?.[1]
}
