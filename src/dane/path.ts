// Paths from a server's certificate to its issuers (RFC 5280 6.1), for usages that name an issuer. A chain on the wire is a
// pool of candidates, in any order and with strangers in it: what counts is who signed whom.
import type { Certificate } from './certificate.js'
import { sameOctets } from './certificate.js'

/** What is wrong with a path, the first fault found on the way up. */
export type PathFault = 'INVALID_CA' | 'EXPIRED'

export interface Path {
  /** the leaf first; every one is signed by the next */
  readonly certificates: readonly Certificate[]
  readonly fault: PathFault | undefined
  /** what the fault is, in a few words */
  readonly detail: string | undefined
}

const MAX_DEPTH = 8
const MAX_POOL = 24
/** Signature checks for one match: a chain of hostile certificates costs no more. */
const MAX_CHECKS = 64

/** Every path that signatures make out of the pool, the leaf alone first. Faulty paths are told as such. */
export function* pathsFrom(leaf: Certificate, pool: readonly Certificate[], now: number): Generator<Path> {
  const checks = { left: MAX_CHECKS }
  const certificates = pool.slice(0, MAX_POOL)
  const start = { certificates: [leaf], ...leafFault(leaf, now) }
  yield start
  yield* extend(start)

  function* extend(path: Path): Generator<Path> {
    if (path.certificates.length > MAX_DEPTH) return
    const top = path.certificates[path.certificates.length - 1]
    for (const candidate of certificates) {
      if (path.certificates.some((one) => sameOctets(one.der, candidate.der))) continue
      if (!signed(top, candidate, checks)) continue
      const longer = {
        certificates: [...path.certificates, candidate],
        ...firstFault(path, issuerFault(candidate, path.certificates, now))
      }
      yield longer
      yield* extend(longer)
    }
  }
}

type Fault = Pick<Path, 'fault' | 'detail'>

const NONE: Fault = { fault: undefined, detail: undefined }

const firstFault = (path: Fault, next: Fault): Fault => (path.fault ? { fault: path.fault, detail: path.detail } : next)

function leafFault(leaf: Certificate, now: number): Fault {
  if (!leaf.forServers) return { fault: 'INVALID_CA', detail: 'the certificate is not for servers (extendedKeyUsage)' }
  return commonFault(leaf, now, 'the certificate')
}

/** RFC 5280 6.1.4 k to n: a CA, allowed to sign certificates, within its path length. */
function issuerFault(issuer: Certificate, below: readonly Certificate[], now: number): Fault {
  if (!issuer.mayIssue) return { fault: 'INVALID_CA', detail: 'an issuer is no CA' }
  if (!issuer.forServers) return { fault: 'INVALID_CA', detail: 'an issuer is not for servers (extendedKeyUsage)' }
  const intermediates = below.slice(1).filter(({ selfIssued }) => !selfIssued).length
  if (issuer.pathLength !== undefined && intermediates > issuer.pathLength) {
    return { fault: 'INVALID_CA', detail: 'the path is longer than an issuer allows' }
  }
  return commonFault(issuer, now, 'an issuer')
}

function commonFault(certificate: Certificate, now: number, who: string): Fault {
  const [oid] = certificate.unhandled
  if (oid) return { fault: 'INVALID_CA', detail: `${who} has the constraint ${oid}, which is not enforced here` }
  if (now < certificate.notBefore) return { fault: 'EXPIRED', detail: `${who} is not valid before ${dateText(certificate.notBefore)}` }
  if (now > certificate.notAfter) return { fault: 'EXPIRED', detail: `${who} expired on ${dateText(certificate.notAfter)}` }
  return NONE
}

/** The names and key identifiers fit, and the signature holds: `checkIssued` looks at the first two only. */
function signed(subject: Certificate, issuer: Certificate, checks: { left: number }): boolean {
  if (!subject.x509 || !issuer.x509 || !subject.x509.checkIssued(issuer.x509)) return false
  if (checks.left-- <= 0) return false
  try {
    return subject.x509.verify(issuer.x509.publicKey)
  } catch {
    return false // a key or signature algorithm that OpenSSL does not have
  }
}

const dateText = (ms: number): string => new Date(ms).toISOString()
