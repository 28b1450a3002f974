// Trust anchors as lines of presentation format: how they go into a trace, a report and an export.
import type { PositiveAnchor } from '../verdict/anchor.js'
import type { Name } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import type { Dnskey } from '../wire/rdata/dnskey.js'
import type { Ds } from '../wire/rdata/ds.js'
import { nameToText, rdataToText } from '../wire/text.js'

export function dsLine(zone: Name, ds: Ds): string {
  const rdata = Uint8Array.from([ds.keyTag >>> 8, ds.keyTag & 0xff, ds.algorithm, ds.digestType, ...ds.digest])
  return `${nameToText(zone)} IN DS ${rdataToText(TYPE.DS, rdata)}`
}

export function keyLine(zone: Name, key: Dnskey): string {
  return `${nameToText(zone)} IN DNSKEY ${rdataToText(TYPE.DNSKEY, key.rdata)}`
}

/**
 * One line a DS and a key. An anchor without any (RFC 5011 5, while a key waits) gets a DS that no key can match, so that
 * whoever reads the lines judges as it was judged: bogus, and not without an anchor.
 */
export function anchorLines({ zone, ds, keys }: PositiveAnchor): string[] {
  if (ds.length + keys.length === 0) return [dsLine(zone, { keyTag: 0, algorithm: 8, digestType: 2, digest: new Uint8Array(32) })]
  return [...ds.map((one) => dsLine(zone, one)), ...keys.map((key) => keyLine(zone, key))]
}
