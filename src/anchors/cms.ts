// Checks a detached CMS signature (RFC 5652 5.4 to 5.6), as IANA makes it over root-anchors.xml (RFC 9718 3.2): the content's
// digest, the signature over the signed attributes, and the way from the signer's certificate to one that is trusted.
// Not looked at: revocation lists, name and path-length constraints, key usage. A certificate that expired is refused.
import { createHash, timingSafeEqual, verify, X509Certificate } from 'node:crypto'
import { DerError, type Element, elementsOf, expectTag, oidOf, onlyElement, TAG } from './der.js'

/** The signature does not show what it should; the message says why. */
export class AnchorSignatureError extends Error {
  override readonly name = 'AnchorSignatureError'
}

export interface SignatureCheck {
  /** the octets that were signed */
  readonly content: Uint8Array
  /** DER */
  readonly signature: Uint8Array
  /** certificates that are trusted, PEM */
  readonly authorities: readonly string[]
  /** the mail address that the signer's certificate must have */
  readonly signer: string
  /** ms since the epoch */
  readonly now: number
}

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4'
} as const

/** SHA-1 and MD5 are not among them. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512']
])
/** rsaEncryption, and RSA and ECDSA with the digest in their name, which must agree with the digest algorithm. */
const SIGNATURES: ReadonlyMap<string, string | undefined> = new Map([
  ['1.2.840.113549.1.1.1', undefined],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512']
])
/** Certificates between the signer's and a trusted one. */
const LONGEST_PATH = 4

/** Gives the certificate of the signer. Throws AnchorSignatureError. */
export function checkDetachedSignature(check: SignatureCheck): X509Certificate {
  try {
    return checkSigned(check)
  } catch (error) {
    if (error instanceof DerError) throw new AnchorSignatureError(`the signature is no CMS signature that can be read: ${error.message}`)
    // What node:crypto cannot make sense of, a key or a certificate, has a code.
    if (error instanceof Error && 'code' in error) throw new AnchorSignatureError(`the signature cannot be checked: ${error.message}`)
    throw error
  }
}

interface SignedData {
  readonly contentType: string
  readonly certificates: readonly X509Certificate[]
  readonly signers: readonly Element[]
}

function checkSigned(check: SignatureCheck): X509Certificate {
  const signed = readSignedData(check.signature)
  const [signer, ...others] = signed.signers
  if (!signer || others.length > 0) fail(`it has ${signed.signers.length} signers, not one`)
  const [, sid, digestAlgorithm, ...rest] = elementsOf(expectTag(signer, TAG.sequence).content)
  const hash =
    DIGESTS.get(oidOf(elementsOf(expectTag(digestAlgorithm, TAG.sequence).content)[0])) ?? fail('its digest algorithm is not taken')
  const attributes = rest[0]?.tag === TAG.context0 ? rest.shift() : undefined
  const [signatureAlgorithm, value] = rest
  const algorithm = oidOf(elementsOf(expectTag(signatureAlgorithm, TAG.sequence).content)[0])
  if (!SIGNATURES.has(algorithm) || (SIGNATURES.get(algorithm) ?? hash) !== hash) fail('its signature algorithm is not taken')
  const certificate = signed.certificates.find((one) => isIssuedAs(one, sid)) ?? fail("the signer's certificate is not in it")
  const covered = attributes ? coveredBy(attributes, check.content, hash, signed.contentType) : check.content
  if (!verify(hash, covered, certificate.publicKey, expectTag(value, TAG.octets).content)) fail('the signature does not hold')
  checkPath(certificate, signed.certificates, check)
  if (certificate.checkEmail(check.signer) === undefined) fail(`the signer is not ${check.signer} but ${oneLine(certificate.subject)}`)
  return certificate
}

/** RFC 5652 3, 5.1. */
function readSignedData(signature: Uint8Array): SignedData {
  const [type, wrapped] = elementsOf(onlyElement(signature, TAG.sequence).content)
  if (oidOf(type) !== OID.signedData) fail('it is not SignedData')
  const data = onlyElement(expectTag(wrapped, TAG.context0).content, TAG.sequence)
  const [, , encapsulated, ...rest] = elementsOf(data.content)
  const [contentType, content] = elementsOf(expectTag(encapsulated, TAG.sequence).content)
  if (content) fail('it is not detached: it holds a content of its own')
  const certificates = rest[0]?.tag === TAG.context0 ? elementsOf((rest.shift() as Element).content) : []
  if (rest[0]?.tag === TAG.context1) rest.shift() // revocation lists
  const signers = elementsOf(expectTag(rest[0], TAG.set).content)
  return { contentType: oidOf(contentType), certificates: certificates.map(({ whole }) => new X509Certificate(whole)), signers }
}

/** RFC 5652 5.3: the signer is named by issuer and serial number; by a key identifier is not how IANA does it. */
function isIssuedAs(certificate: X509Certificate, sid: Element | undefined): boolean {
  const [issuer, serial] = elementsOf(expectTag(sid, TAG.sequence).content)
  const fields = elementsOf(onlyElement(certificate.raw, TAG.sequence).content)
  const tbs = elementsOf(expectTag(fields[0], TAG.sequence).content)
  const [ownSerial, , ownIssuer] = tbs[0]?.tag === TAG.context0 ? tbs.slice(1) : tbs
  return same(expectTag(ownSerial, TAG.integer).whole, expectTag(serial, TAG.integer).whole) && same(ownIssuer.whole, issuer.whole)
}

/** RFC 5652 5.4: the attributes name the content by its type and digest; what is signed is their DER as a SET. */
function coveredBy(attributes: Element, content: Uint8Array, hash: string, contentType: string): Uint8Array {
  const values = new Map<string, Element>()
  for (const attribute of elementsOf(attributes.content)) {
    const [type, set] = elementsOf(expectTag(attribute, TAG.sequence).content)
    const [value, ...more] = elementsOf(expectTag(set, TAG.set).content)
    if (!value || more.length > 0 || values.has(oidOf(type))) fail('a signed attribute is there twice or has no single value')
    values.set(oidOf(type), value)
  }
  if (oidOf(values.get(OID.contentType)) !== contentType) fail('the type it signs is not the type it holds')
  const digest = expectTag(values.get(OID.messageDigest), TAG.octets).content
  if (!same(digest, createHash(hash).update(content).digest())) fail('it was made over another content')
  const covered = Uint8Array.from(attributes.whole) // a Buffer's slice would be the caller's own octets
  covered[0] = TAG.set
  return covered
}

/** Every certificate on the way is valid now and issued by the next one, the last one is trusted. */
function checkPath(certificate: X509Certificate, between: readonly X509Certificate[], check: SignatureCheck): void {
  const trusted = check.authorities.map((pem) => new X509Certificate(pem))
  let current = certificate
  for (let length = 0; length < LONGEST_PATH; length++) {
    checkDates(current, check.now)
    const root = trusted.find((one) => issued(one, current))
    if (root) {
      checkDates(root, check.now)
      return
    }
    const next = between.find((one) => one !== current && issued(one, current))
    if (!next) break
    current = next
  }
  fail(`no trusted authority has issued the certificate of ${oneLine(certificate.subject)}`)
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function checkDates({ validFrom, validTo, subject }: X509Certificate, now: number): void {
  if (now < Date.parse(validFrom)) fail(`the certificate of ${oneLine(subject)} is valid from ${validFrom} on`)
  if (now > Date.parse(validTo)) fail(`the certificate of ${oneLine(subject)} expired on ${validTo}`)
}

const oneLine = (subject: string): string => subject.split('\n').join(', ')

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

function fail(why: string): never {
  throw new AnchorSignatureError(`the signature is refused: ${why}`)
}
