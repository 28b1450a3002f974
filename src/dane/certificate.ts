// What DANE needs to know of a certificate, read from its DER (RFC 5280 4.1, 4.2): the key as it stands there, the dates and
// what a CA is allowed. node:crypto does the signatures; it neither tells keyUsage nor checks path lengths or constraints.
import { X509Certificate } from 'node:crypto'
import { DerError, type Element, elementOf, elementsOf, expectTag, oidText, sequenceOf, TAG, timeOf } from './der.js'

export interface Certificate {
  readonly der: Uint8Array
  /** SubjectPublicKeyInfo, cut out: it stays right for key types that node:crypto cannot load */
  readonly spki: Uint8Array
  /** ms since the epoch */
  readonly notBefore: number
  readonly notAfter: number
  readonly selfIssued: boolean
  /** basicConstraints says CA, and keyUsage, if any, keyCertSign */
  readonly mayIssue: boolean
  readonly pathLength: number | undefined
  /** extendedKeyUsage is absent, or has serverAuth or anyExtendedKeyUsage */
  readonly forServers: boolean
  /** OIDs of critical extensions that are not enforced here; nameConstraints among them, critical or not */
  readonly unhandled: readonly string[]
  /** for the check of names and signatures; undefined when node:crypto cannot load it */
  readonly x509: X509Certificate | undefined
}

const OID = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  policies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  anyUsage: '2.5.29.37.0'
} as const

/** Understood, or without meaning for a server's path: certificate policies are not asked for (RFC 5280 6.1.1 d). */
const HANDLED = new Set<string>([OID.keyUsage, OID.subjectAltName, OID.basicConstraints, OID.policies, OID.extendedKeyUsage])

/** undefined for what is no certificate. */
export function readCertificate(der: Uint8Array): Certificate | undefined {
  try {
    return certificateOf(der)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

/** Whether the octets have the form of a SubjectPublicKeyInfo: an algorithm and a BIT STRING. */
export function isSpki(der: Uint8Array): boolean {
  try {
    const [algorithm, key, ...more] = sequenceOf(elementOf(der))
    expectTag(sequenceOf(algorithm)[0], TAG.oid)
    return expectTag(key, TAG.bitString).content.length > 1 && more.length === 0
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}

function certificateOf(der: Uint8Array): Certificate {
  const [tbs, algorithm, signature] = sequenceOf(elementOf(der))
  sequenceOf(algorithm)
  expectTag(signature, TAG.bitString)
  const fields = sequenceOf(tbs)
  if (fields[0]?.tag === 0xa0) fields.shift() // the version, absent for version 1
  const [, , issuer, validity, subject, spki, ...rest] = fields
  const [notBefore, notAfter] = sequenceOf(validity).map(timeOf)
  if (notBefore === undefined || notAfter === undefined) throw new DerError('no validity')
  const extensions = readExtensions(rest.find(({ tag }) => tag === 0xa3))
  return {
    der,
    spki: expectTag(spki, TAG.sequence).whole,
    notBefore,
    notAfter,
    selfIssued: sameOctets(expectTag(issuer, TAG.sequence).whole, expectTag(subject, TAG.sequence).whole),
    ...readPowers(extensions),
    unhandled: [...extensions]
      .filter(([oid, one]) => oid === OID.nameConstraints || (one.critical && !HANDLED.has(oid)))
      .map(([oid]) => oid),
    x509: load(der)
  }
}

interface Extension {
  readonly critical: boolean
  readonly value: Uint8Array
}

function readExtensions(wrapper: Element | undefined): Map<string, Extension> {
  const extensions = new Map<string, Extension>()
  if (!wrapper) return extensions
  for (const extension of sequenceOf(elementOf(wrapper.content))) {
    const parts = sequenceOf(extension)
    const oid = oidText(expectTag(parts[0], TAG.oid))
    const critical = parts[1]?.tag === TAG.boolean && parts[1].content[0] !== 0
    if (extensions.has(oid)) throw new DerError(`the extension ${oid} twice`) // RFC 5280 4.2
    extensions.set(oid, { critical, value: expectTag(parts.at(-1), TAG.octetString).content })
  }
  return extensions
}

function readPowers(extensions: ReadonlyMap<string, Extension>): Pick<Certificate, 'mayIssue' | 'pathLength' | 'forServers'> {
  const constraints = extensions.get(OID.basicConstraints)
  const parts = constraints ? sequenceOf(elementOf(constraints.value)) : []
  const isCa = parts[0]?.tag === TAG.boolean && parts[0].content[0] !== 0
  const limit = parts.find(({ tag }) => tag === TAG.integer)
  const usage = extensions.get(OID.keyUsage)
  // RFC 5280 4.2.1.3: keyCertSign is bit 5; the first octet tells the unused bits
  const signsCertificates = !usage || ((expectTag(elementOf(usage.value), TAG.bitString).content[1] ?? 0) & 0x04) !== 0
  const purposes = extensions.get(OID.extendedKeyUsage)
  const forServers =
    !purposes || elementsOf(expectTag(elementOf(purposes.value), TAG.sequence).content).some((one) => SERVER_USES.has(oidText(one)))
  return { mayIssue: isCa && signsCertificates, pathLength: limit && numberOf(limit), forServers }
}

const SERVER_USES = new Set<string>([OID.serverAuth, OID.anyUsage])

function numberOf({ content }: Element): number {
  if (content.length === 0 || content.length > 4 || content[0] >= 0x80) throw new DerError('a path length that is none')
  return content.reduce((sum, octet) => sum * 256 + octet, 0)
}

function load(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined // OpenSSL refuses it; its octets can still match a record of usage 3
  }
}

export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i])
}
