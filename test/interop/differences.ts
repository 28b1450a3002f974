// Where this library judges otherwise than Unbound or BIND and is right to: each with the section that says so.
import type { ValidatorKind } from './validators.js'

export interface Difference {
  /** of the question, as `name TYPE` */
  readonly questions: RegExp
  readonly peers: readonly ValidatorKind[]
  readonly ours: string
  /** verdict and RCODE */
  readonly theirs: string
  readonly section: string
  readonly why: string
}

/** The suite asks these once more with SHA-1 allowed, and then there is no difference. */
export const SHA1 = {
  questions: /(^|\.)(nsec3)?rsasha1\.(bind|ldns|knot) /,
  section: 'RFC 9905 2',
  why: 'RSA/SHA-1 counts as unsupported, so a zone signed by it alone is insecure'
} as const

export const DIFFERENCES: readonly Difference[] = [
  { ...SHA1, peers: ['unbound', 'bind'], ours: 'insecure NOERROR', theirs: 'secure NOERROR' },
  { ...SHA1, peers: ['unbound', 'bind'], ours: 'insecure NXDOMAIN', theirs: 'secure NXDOMAIN' }
]
