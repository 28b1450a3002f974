// Where this library and a validator differ on the signed tree, and the RFC section that makes us right. Nothing else may differ.
import type { ValidatorKind } from './validators.js'

export interface TreeDifference {
  readonly peer: ValidatorKind
  /** of `name type` */
  readonly question: RegExp
  /** `verdict rcode` of ours and theirs */
  readonly ours: string
  readonly theirs: string
  /** RFC and section */
  readonly why: string
}

export const TREE_DIFFERENCES: readonly TreeDifference[] = [
  {
    peer: 'unbound',
    question: /^www\.moved\.\S+ CNAME$/,
    ours: 'secure NOERROR',
    theirs: 'failed SERVFAIL',
    // Unbound 1.17 looks for a signature over the CNAME itself when it is what was asked for
    why: 'RFC 6672 5.3.1: a signed DNAME is proof enough for the CNAME that follows from it, which is never signed'
  },
  {
    peer: 'bind',
    question: /^(plain|u\.alpha) NSEC$/,
    ours: 'insecure NOERROR',
    theirs: 'secure NOERROR',
    // BIND answers with the NSEC of the delegation, which the parent has signed, when it is in its cache; else as we do
    why: 'RFC 4035 3.1.4.1: of the types at a zone cut only DS is asked of the parent, whose NSEC there (2.6) is not of the zone below'
  }
]
