// TLSA records (RFC 6698 2.1): read from rdata, judged usable or not (RFC 7671 4, RFC 7672 3.1), ranked by digest, made.
import { createHash } from 'node:crypto'
import type { SecurityStatus } from '../index.js'
import { isSpki, readCertificate } from './certificate.js'

export type Usage = 0 | 1 | 2 | 3

/** Why a record can match nothing. */
export type Unusable = 'usage' | 'selector' | 'matching-type' | 'length' | 'malformed'

export interface TlsaRecord {
  /** where it was found, or what it was made for */
  readonly owner: string
  readonly usage: number
  readonly selector: number
  readonly matchingType: number
  readonly data: Uint8Array
  /** seconds */
  readonly ttl: number
  readonly status: SecurityStatus
  readonly unusable?: Unusable
}

/** RFC 6698 7.4: the digests and their lengths in octets. */
const DIGESTS: ReadonlyMap<number, { readonly hash: string; readonly length: number }> = new Map([
  [1, { hash: 'sha256', length: 32 }],
  [2, { hash: 'sha512', length: 64 }]
])

export interface ReadOptions {
  /** usages 0 and 1 count as usable: not for SMTP (RFC 7672 3.1.3) */
  readonly pkix?: boolean
}

/** The record of a TLSA rdata; whatever cannot be used is marked, never left out: an unusable record still demands TLS. */
export function readTlsa(
  found: { readonly name: string; readonly ttl: number; readonly status: SecurityStatus; readonly rdata: Uint8Array },
  options: ReadOptions = {}
): TlsaRecord {
  const { ttl, status, rdata } = found
  const owner = found.name.toLowerCase()
  const [usage = 255, selector = 255, matchingType = 255] = rdata
  const fields = { owner, usage, selector, matchingType, data: rdata.slice(3), ttl, status }
  const unusable = rdata.length < 3 ? 'malformed' : whyUnusable(fields, options)
  return unusable ? { ...fields, unusable } : fields
}

/** Why the record can match nothing, or undefined when it can. */
export function whyUnusable(record: Omit<TlsaRecord, 'unusable'>, { pkix = false }: ReadOptions = {}): Unusable | undefined {
  const { usage, selector, matchingType, data } = record
  // RFC 7672 3.1.3: PKIX-TA(0) and PKIX-EE(1) are undefined for SMTP and may be taken as unusable, which everybody does.
  if (usage > 3 || (usage < 2 && !pkix)) return 'usage'
  if (selector > 1) return 'selector'
  if (matchingType === 0) {
    const whole = selector === 0 ? readCertificate(data) !== undefined : isSpki(data)
    return whole ? undefined : 'malformed'
  }
  const digest = DIGESTS.get(matchingType)
  if (!digest) return 'matching-type'
  return data.length === digest.length ? undefined : 'length'
}

/**
 * RFC 7671 9: of the digests for one usage and selector only the strongest is looked at; whole data (matching type 0) always.
 * Takes usable records.
 */
export function strongest(records: readonly TlsaRecord[]): TlsaRecord[] {
  return records.filter(
    (record) =>
      record.matchingType === 0 ||
      !records.some(
        (other) => other.usage === record.usage && other.selector === record.selector && other.matchingType > record.matchingType
      )
  )
}

/** Whether the record's data is this certificate or key, by selector and matching type. */
export function recordMatches(record: TlsaRecord, of: { readonly der: Uint8Array; readonly spki: Uint8Array }): boolean {
  const association = associationData(record.selector === 0 ? of.der : of.spki, record.matchingType)
  return association !== undefined && Buffer.compare(association, record.data) === 0
}

/**
 * The record that a server with this certificate publishes. Throws TypeError when the octets are no certificate.
 * @param owner as in `_25._tcp.mx.example.org`; empty when left out
 */
export function tlsaFromCertificate(der: Uint8Array, usage: Usage, selector: 0 | 1, matchingType: 0 | 1 | 2, owner = ''): TlsaRecord {
  const certificate = readCertificate(der)
  if (!certificate) throw new TypeError('the octets are no certificate in DER')
  const data = associationData(selector === 0 ? certificate.der : certificate.spki, matchingType)
  if (!data || ![0, 1].includes(selector) || ![0, 1, 2, 3].includes(usage)) throw new RangeError('no such usage, selector or matching type')
  return { owner, usage, selector, matchingType, data: Uint8Array.from(data), ttl: 3600, status: 'secure' }
}

/** `3 1 1 ABCD…`: the rdata in presentation format (RFC 6698 2.2). */
export function tlsaText({ usage, selector, matchingType, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matchingType} ${Buffer.from(data).toString('hex').toUpperCase()}`
}

function associationData(bytes: Uint8Array, matchingType: number): Uint8Array | undefined {
  if (matchingType === 0) return bytes
  const digest = DIGESTS.get(matchingType)
  return digest && createHash(digest.hash).update(bytes).digest()
}
