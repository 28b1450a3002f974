// Does a server's certificate chain match its TLSA records? Pure: octets and the time in, the answer out (RFC 6698 2.1,
// RFC 7671 5 and 9, RFC 7672 3.2 and 3.3).
import { createPublicKey, type KeyObject } from 'node:crypto'
import { type Certificate, readCertificate, sameOctets } from './certificate.js'
import { type Path, pathsFrom } from './path.js'
import { recordMatches, strongest, type TlsaRecord, whyUnusable } from './tlsa.js'

export type MatchCode = 'NO_MATCH' | 'NAME_MISMATCH' | 'EXPIRED' | 'INVALID_CA' | 'NO_CERTIFICATE' | 'TLSA_UNUSABLE'

export interface Matched {
  readonly record: TlsaRecord
  /** 0 is the server's own certificate */
  readonly depth: number
  readonly how: 'certificate' | 'key' | 'signed-by-key'
}

export interface Considered {
  readonly record: TlsaRecord
  readonly result: 'match' | 'no-match' | 'skipped-agility' | 'unusable'
}

export interface MatchResult {
  readonly matched?: Matched
  /** there when nothing matched */
  readonly code?: MatchCode
  /** one sentence for a person */
  readonly detail?: string
  readonly considered: readonly Considered[]
}

export interface MatchOptions {
  /** the chain is also valid by PKIX for the server's name: only then may usages 0 and 1 match, which SMTP does not have */
  readonly pkixValid?: boolean
}

/**
 * @param chain DER as it came over the wire, the server's own certificate first
 * @param records all TLSA records of the server, unusable ones too
 * @param names reference names for usages that name an issuer (RFC 7672 3.2.2); none are needed for usage 3
 * @param now ms since the epoch, for the dates of usages that name an issuer; usage 3 has no dates (RFC 7671 5.1)
 */
export function matchTlsa(
  chain: readonly Uint8Array[],
  records: readonly TlsaRecord[],
  names: readonly string[],
  now: number,
  options: MatchOptions = {}
): MatchResult {
  const { pkixValid = false } = options
  const usable = records.filter((record) => !record.unusable && !whyUnusable(record, { pkix: pkixValid }))
  const looked = strongest(usable)
  const conclude = (result: Omit<MatchResult, 'considered'>): MatchResult => ({
    ...result,
    considered: records.map((record) => ({ record, result: fateOf(record, usable, looked, result.matched?.record) }))
  })
  if (usable.length === 0) return conclude({ code: 'TLSA_UNUSABLE', detail: 'No TLSA record can be used.' })
  const certificates = chain.map(readCertificate)
  const [leaf] = certificates
  if (!leaf) return conclude({ code: 'NO_CERTIFICATE', detail: 'The server showed no certificate that can be read.' })
  for (const record of looked) {
    if (endEntity(record) && recordMatches(record, leaf)) {
      return conclude({ matched: { record, depth: 0, how: record.selector === 0 ? 'certificate' : 'key' } })
    }
  }
  const anchors = looked.filter((record) => !endEntity(record))
  if (anchors.length === 0) return conclude({ code: 'NO_MATCH', detail: 'The certificate matches no TLSA record.' })
  const others = certificates.slice(1).filter((one): one is Certificate => one !== undefined)
  return conclude(matchIssuers(leaf, others, anchors, names, now))
}

/** Usages 1 and 3 are about the server's own certificate, 0 and 2 about an issuer of it. */
const endEntity = ({ usage }: TlsaRecord): boolean => usage === 1 || usage === 3

function fateOf(
  record: TlsaRecord,
  usable: readonly TlsaRecord[],
  looked: readonly TlsaRecord[],
  matched: TlsaRecord | undefined
): Considered['result'] {
  if (!usable.includes(record)) return 'unusable'
  if (!looked.includes(record)) return 'skipped-agility'
  return record === matched ? 'match' : 'no-match'
}

function matchIssuers(
  leaf: Certificate,
  others: readonly Certificate[],
  anchors: readonly TlsaRecord[],
  names: readonly string[],
  now: number
): Omit<MatchResult, 'considered'> {
  // RFC 7671 5.2.2: a whole certificate in the DNS need not be sent by the server
  const published = anchors
    .filter(({ selector, matchingType }) => selector === 0 && matchingType === 0)
    .map(({ data }) => readCertificate(data))
  const pool = [...others, ...published.filter((one): one is Certificate => one !== undefined)]
  const keys = bareKeys(anchors)
  let refusal: Omit<MatchResult, 'considered'> = { code: 'NO_MATCH', detail: 'No TLSA record matches an issuer of the certificate.' }
  for (const path of pathsFrom(leaf, pool, now)) {
    const matched = anchoredBy(path, anchors, keys)
    if (!matched) continue
    const fault = path.fault ? { code: path.fault, detail: `${capital(path.detail ?? 'the path is not valid')}.` } : nameFault(leaf, names)
    if (!fault) return { matched }
    refusal = fault
  }
  return refusal
}

/** The record that the top of the path matches, or whose key signed it. The leaf is no issuer of itself. */
function anchoredBy({ certificates }: Path, anchors: readonly TlsaRecord[], keys: readonly BareKey[]): Matched | undefined {
  const depth = certificates.length - 1
  const top = certificates[depth]
  if (depth > 0) {
    const record = anchors.find((anchor) => recordMatches(anchor, top))
    if (record) return { record, depth, how: record.selector === 0 ? 'certificate' : 'key' }
  }
  const signer = keys.find(({ record, key }) => !sameOctets(record.data, top.spki) && signedBy(top, key))
  return signer && { record: signer.record, depth: depth + 1, how: 'signed-by-key' }
}

/** Each costs a signature check for every path. */
const MAX_KEYS = 16

interface BareKey {
  readonly record: TlsaRecord
  readonly key: KeyObject
}

/** RFC 7671 5.2.2: a whole key in the DNS is an issuer without a certificate. */
function bareKeys(anchors: readonly TlsaRecord[]): BareKey[] {
  return anchors.slice(0, MAX_KEYS).flatMap((record) => {
    if (record.selector !== 1 || record.matchingType !== 0) return []
    try {
      return [{ record, key: createPublicKey({ key: Buffer.from(record.data), format: 'der', type: 'spki' }) }]
    } catch {
      return [] // of an algorithm that OpenSSL does not have: it can only match as octets
    }
  })
}

function signedBy({ x509 }: Certificate, key: KeyObject): boolean {
  try {
    return x509?.verify(key) ?? false
  } catch {
    return false
  }
}

/** RFC 7672 3.2.3: one of the reference names; the wildcard as the whole first label; CN only without a dNSName. */
function nameFault(leaf: Certificate, names: readonly string[]): { code: MatchCode; detail: string } | undefined {
  const fits = names.some((name) => leaf.x509?.checkHost(name, { subject: 'default', partialWildcards: false }) !== undefined)
  if (fits) return undefined
  const borne = leaf.x509?.subjectAltName ?? 'no name'
  return { code: 'NAME_MISMATCH', detail: `The certificate is for ${borne}, not for ${names.join(' or ') || 'any name asked for'}.` }
}

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1)
