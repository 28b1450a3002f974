// Trust anchors as people configure them: DS and DNSKEY records in presentation format, of any owner (RFC 4034 2.2, 5.3).
import type { Name } from '../wire/name.js'
import { CLASS, classToText, TYPE, typeToText } from '../wire/numbers.js'
import { type Dnskey, REVOKE, readDnskey, ZONE_KEY } from '../wire/rdata/dnskey.js'
import { type Ds, readDs } from '../wire/rdata/ds.js'
import type { ResourceRecord } from '../wire/rrset.js'
import { nameToText, recordFromEntry, TextError } from '../wire/text.js'
import { type Entry, entriesOf } from '../wire/tokens.js'

/** What is configured for one zone. */
export interface ConfiguredAnchor {
  readonly zone: Name
  readonly ds: readonly Ds[]
  readonly keys: readonly Dnskey[]
}

/** A text that should hold trust anchors does not; the message says where and why. */
export class AnchorTextError extends Error {
  override readonly name = 'AnchorTextError'
}

/** @param lines each one record or more, comments allowed; grouped by zone in the order of first mention */
export function parseAnchors(lines: readonly string[]): ConfiguredAnchor[] {
  const zones = new Map<string, { zone: Name; ds: Ds[]; keys: Dnskey[] }>()
  for (const line of lines) {
    for (const { record } of anchorRecords(line)) {
      const anchor = zones.get(record.owner.key) ?? { zone: record.owner, ds: [], keys: [] }
      zones.set(record.owner.key, anchor)
      if (record.type === TYPE.DS) anchor.ds.push(readDs(record.rdata))
      else anchor.keys.push(checkedKey(readDnskey(record.rdata), record))
    }
  }
  return [...zones.values()]
}

/**
 * The DS and DNSKEY records of a text, each with the entry it stood in. RRSIGs are passed over, for key files as zone tools
 * write them hold some; anything else is an AnchorTextError.
 */
export function anchorRecords(text: string): { record: ResourceRecord; entry: Entry }[] {
  return records(text).filter(({ record, entry }) => {
    if (record.type === TYPE.RRSIG) return false
    checkRecord(record, entry)
    return true
  })
}

function records(text: string): { record: ResourceRecord; entry: Entry }[] {
  try {
    let owner: Name | undefined
    return Array.from(entriesOf(text), (entry) => {
      const record = recordFromEntry(entry, { owner })
      owner = record.owner
      return { record, entry }
    })
  } catch (error) {
    if (error instanceof TextError) throw new AnchorTextError(`not a trust anchor in presentation format: ${error.message}`)
    throw error
  }
}

function checkRecord(record: ResourceRecord, entry: Entry): void {
  const fail = (why: string): never => {
    throw new AnchorTextError(`line ${entry.line}: the trust anchor for ${nameToText(record.owner)} ${why}`)
  }
  if (record.class !== CLASS.IN) fail(`is of class ${classToText(record.class)}, not IN`)
  if (record.fault !== undefined) fail(`is malformed: ${record.fault}`)
  if (record.type === TYPE.DNSKEY) {
    if (record.rdata.length <= 4) fail('has no public key')
    return
  }
  if (record.type !== TYPE.DS) fail(`must be a DS or a DNSKEY, not ${typeToText(record.type)}`)
  // A digest of another length than its type has is no mistake of shape: it matches nothing, so all below is bogus.
  if (readDs(record.rdata).digest.length === 0) fail('has no digest')
}

/** A key that could never validate is a mistake in the configuration, not an anchor (RFC 4034 2.1, RFC 5011 2.1). */
function checkedKey(key: Dnskey, record: ResourceRecord): Dnskey {
  const fail = (why: string): never => {
    throw new AnchorTextError(`the trust anchor ${key.keyTag} for ${nameToText(record.owner)} ${why}`)
  }
  if (!(key.flags & ZONE_KEY)) fail('does not have the Zone Key bit')
  if (key.protocol !== 3) fail(`has protocol ${key.protocol}, not 3`)
  if (key.flags & REVOKE) fail('is revoked')
  return key
}
