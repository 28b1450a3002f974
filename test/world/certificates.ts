// A certificate authority for tests: X.509 v3 (RFC 5280) with P-256 keys, built octet by octet, so that no test needs
// a tool or a file. Names go to the subject alternative name alone (RFC 9525).
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'

export interface Certificate {
  /** PEM */
  readonly certificate: string
  readonly key: string
}

export interface CertificateAuthority {
  readonly certificate: string
  /** @param names host names and IP addresses that the certificate bears */
  issue(names: readonly string[], options?: { readonly notAfter?: Date }): Certificate
}

export function createCertificateAuthority(name = 'Test Authority'): CertificateAuthority {
  const issuer = newKey()
  const dn = distinguishedName(name)
  const usable = [extension('551d13', true, sequence(BOOLEAN_TRUE)), extension('551d0f', true, tlv(0x03, hex('0106')))]
  return {
    certificate: toPem(signCertificate(dn, dn, issuer.publicKey, issuer.privateKey, inYears(10), usable)),
    issue(names, options = {}) {
      const subject = newKey()
      const notAfter = options.notAfter ?? inYears(10)
      const der = signCertificate(dn, distinguishedName('Test Server'), subject.publicKey, issuer.privateKey, notAfter, [
        extension('551d11', false, alternativeNames(names))
      ])
      return { certificate: toPem(der), key: subject.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
    }
  }
}

/** One certificate of any kind, right or wrong: for tests of paths, constraints and dates. */
export interface CertificateSpec {
  /** common name of the subject */
  readonly subject: string
  /** the certificate that issued this one; itself when left out */
  readonly issuer?: MadeCertificate
  /** subject alternative names; none when left out */
  readonly names?: readonly string[]
  /** basicConstraints, with the path length when it is a number */
  readonly ca?: boolean | number
  /** the keyUsage octet, as in 0x06 for keyCertSign and cRLSign; 'none' for no extension */
  readonly keyUsage?: number | 'none'
  /** OIDs of extendedKeyUsage, as hexadecimal DER content */
  readonly extendedKeyUsage?: readonly string[]
  /** further extensions: OID as hexadecimal DER content, criticality and value */
  readonly extensions?: readonly { readonly oid: string; readonly critical: boolean; readonly value: Uint8Array }[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** a key in place of a new one, for a certificate made again over the same key */
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
}

export interface MadeCertificate extends Certificate {
  readonly der: Uint8Array
  /** SubjectPublicKeyInfo */
  readonly spki: Uint8Array
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
  readonly subject: string
}

export function makeCertificate(spec: CertificateSpec): MadeCertificate {
  const { subject, issuer, names = [], ca = false, keyUsage = ca === false ? 'none' : 0x06 } = spec
  const keys = spec.keys ?? newKey()
  const extensions: Buffer[] = []
  if (ca !== false) {
    const limit = typeof ca === 'number' ? [tlv(0x02, Buffer.of(ca))] : []
    extensions.push(extension('551d13', true, sequence(BOOLEAN_TRUE, ...limit)))
  }
  if (keyUsage !== 'none') extensions.push(extension('551d0f', true, tlv(0x03, Buffer.of(0, keyUsage))))
  if (spec.extendedKeyUsage)
    extensions.push(extension('551d25', false, sequence(...spec.extendedKeyUsage.map((oid) => tlv(0x06, hex(oid))))))
  if (names.length > 0) extensions.push(extension('551d11', false, alternativeNames(names)))
  for (const { oid, critical, value } of spec.extensions ?? []) extensions.push(extension(oid, critical, Buffer.from(value)))
  const der = signCertificate(
    distinguishedName(issuer?.subject ?? subject),
    distinguishedName(subject),
    keys.publicKey,
    (issuer?.keys ?? keys).privateKey,
    spec.notAfter ?? inYears(10),
    extensions,
    spec.notBefore
  )
  return {
    der: Uint8Array.from(der),
    spki: Uint8Array.from(keys.publicKey.export({ type: 'spki', format: 'der' })),
    keys,
    subject,
    certificate: toPem(der),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}

function newKey() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function signCertificate(
  issuer: Buffer,
  subject: Buffer,
  key: KeyObject,
  by: KeyObject,
  notAfter: Date,
  extensions: Buffer[],
  notBefore = inYears(-10)
): Buffer {
  const ecdsaWithSha256 = sequence(tlv(0x06, hex('2a8648ce3d040302')))
  const serial = Buffer.concat([Buffer.of(0x01), randomBytes(15)])
  const tbs = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, serial),
    ecdsaWithSha256,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    key.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [tlv(0xa3, sequence(...extensions))] : [])
  )
  return sequence(tbs, ecdsaWithSha256, tlv(0x03, Buffer.concat([Buffer.of(0), sign('sha256', tbs, by)])))
}

const BOOLEAN_TRUE = tlv(0x01, Buffer.of(0xff))

function tlv(tag: number, content: Buffer): Buffer {
  const length = content.length < 0x80 ? Buffer.of(content.length) : Buffer.of(0x82, content.length >> 8, content.length & 0xff)
  return Buffer.concat([Buffer.of(tag), length, content])
}

function alternativeNames(names: readonly string[]): Buffer {
  return sequence(...names.map((one) => (isIP(one) ? tlv(0x87, addressBytes(one)) : tlv(0x82, Buffer.from(one, 'latin1')))))
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts))
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  const parts = [tlv(0x06, hex(oid)), ...(critical ? [BOOLEAN_TRUE] : []), tlv(0x04, value)]
  return sequence(...parts)
}

function distinguishedName(common: string): Buffer {
  return sequence(tlv(0x31, sequence(tlv(0x06, hex('550403')), tlv(0x0c, Buffer.from(common)))))
}

/** GeneralizedTime, which Node accepts for every year. */
function time(date: Date): Buffer {
  return tlv(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`))
}

function inYears(years: number): Date {
  return new Date(Date.now() + years * 365 * 86_400_000)
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const zeros = Array(8 - groups(head).length - groups(tail).length).fill('0')
  const all = address.includes('::') ? [...groups(head), ...zeros, ...groups(tail)] : groups(head)
  return hex(all.map((group) => group.padStart(4, '0')).join(''))
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

function toPem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}
