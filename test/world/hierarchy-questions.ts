// What a validating resolver must find in the embedded hierarchy, with limits and policy at their defaults.
import type { ReasonKind } from '../../src/verdict/reason.js'
import type { SecurityStatus } from '../../src/verdict/status.js'

export interface Expected {
  readonly name: string
  readonly type: string
  readonly status: SecurityStatus
  readonly rcode: string
  /** where one reason alone is right */
  readonly reasonKind?: ReasonKind
  /** Extended DNS Error, where one alone is right */
  readonly code?: number
  /** where validators differ, any of these */
  readonly codes?: readonly number[]
  /** ask with `algorithms: { sha1: true }` */
  readonly sha1?: true
  /** waits for silent servers when asked over sockets */
  readonly slow?: true
}

type More = Partial<Pick<Expected, 'reasonKind' | 'code' | 'sha1' | 'slow' | 'rcode'>>

const expected =
  (status: SecurityStatus, usual: string) =>
  (name: string, type: string, more: More = {}): Expected => ({ name, type, status, rcode: usual, ...more })

const secure = expected('secure', 'NOERROR')
const secureNxdomain = expected('secure', 'NXDOMAIN')
const insecure = expected('insecure', 'NOERROR')
const bogus = expected('bogus', 'SERVFAIL')
const indeterminate = expected('indeterminate', 'SERVFAIL')

export const QUESTIONS: readonly Expected[] = [
  // the chain from the root, by each algorithm
  secure('.', 'NS'),
  secure('ordered', 'SOA'),
  secure('hashed', 'DNSKEY'),
  secure('optout', 'DNSKEY'),
  secure('www.alg8.hashed', 'A'),
  secure('www.alg10.hashed', 'A'),
  secure('www.alg13.hashed', 'A'),
  secure('www.alg14.hashed', 'A'),
  secure('www.alg15.hashed', 'A'),
  secure('www.alg16.hashed', 'A'),
  insecure('www.alg5.ordered', 'A', { reasonKind: 'unsupportedAlgorithm', code: 1 }),
  insecure('www.alg7.hashed', 'A', { reasonKind: 'unsupportedAlgorithm', code: 1 }),
  insecure('www.digest1.ordered', 'A', { reasonKind: 'unsupportedDigest', code: 2 }),
  secure('www.alg5.ordered', 'A', { sha1: true }),
  secure('www.alg7.hashed', 'A', { sha1: true }),
  secure('www.digest1.ordered', 'A', { sha1: true }),

  // a mail domain, and ways of delegating
  secure('mail.ordered', 'MX'),
  secure('mx1.mail.ordered', 'A'),
  secure('mx1.mail.ordered', 'AAAA'),
  secure('_25._tcp.mx1.mail.ordered', 'TLSA'),
  secure('_25._tcp.mx.hosting.ordered', 'TLSA'),
  secure('_443._tcp.www.mail.ordered', 'TLSA'),
  secure('_imaps._tcp.mail.ordered', 'SRV'),
  secure('mail.ordered', 'CAA'),
  secure('child.mail.ordered', 'A'),
  secure('www.selfhost.hashed', 'AAAA'),
  secure('www.signed.optout', 'A'),
  secure('www.truncating.ordered', 'A'),
  secure('large.hashed', 'TXT'),
  secure('mail.ordered', 'DS'),

  // denial of existence
  secure('www.alg13.hashed', 'MX'),
  secure('www.mail.ordered', 'MX'),
  secureNxdomain('nowhere.mail.ordered', 'A'),
  secureNxdomain('a.b.nowhere.alg15.hashed', 'A'),
  secure('.', 'DS'), // no parent could have one, and the root's own NSEC record says so
  secureNxdomain('nowhere', 'A'),
  secureNxdomain('nowhere.ordered', 'A'),
  secureNxdomain('nowhere.hashed', 'A'),
  secure('_tcp.mx1.mail.ordered', 'A'),
  secure('b.c.wild.ordered', 'A'),
  secure('b.c.wild.hashed', 'A'),
  secure('x.any.wild.ordered', 'A'),
  secure('x.y.any.wild.ordered', 'TXT'),
  secure('x.any.wild.ordered', 'MX'),
  secure('*.any.wild.ordered', 'A'),
  secure('x.any.wild.hashed', 'A'),
  secure('x.y.any.wild.hashed', 'TXT'),
  secure('x.any.wild.hashed', 'MX'),
  secure('unsigned.ordered', 'DS'),
  secure('island.hashed', 'DS'),

  // aliases: the weakest link decides
  secure('near.alias.ordered', 'A'),
  secure('secure.alias.ordered', 'A'),
  secure('long.alias.ordered', 'A'),
  secure('secure.alias.ordered', 'CNAME'),
  secureNxdomain('nowhere.alias.ordered', 'A'),
  insecure('insecure.alias.ordered', 'A', { reasonKind: 'noDs' }),
  insecure('secure.unsigned.ordered', 'A', { reasonKind: 'noDs' }),
  bogus('bogus.alias.ordered', 'A', { reasonKind: 'signatureExpired', code: 7 }),
  secure('x.to.wild.ordered', 'A'),
  secure('www.old.dname.hashed', 'A'),
  secure('old.dname.hashed', 'DNAME'),
  secureNxdomain('nowhere.old.dname.hashed', 'A'),
  insecure('www.insecure.dname.hashed', 'A', { reasonKind: 'noDs' }),

  // provably insecure
  insecure('www.unsigned.ordered', 'A', { reasonKind: 'noDs' }),
  insecure('nowhere.unsigned.ordered', 'A', { reasonKind: 'noDs', rcode: 'NXDOMAIN' }),
  insecure('www.signed.unsigned.ordered', 'A', { reasonKind: 'noDs' }),
  insecure('www.island.hashed', 'A', { reasonKind: 'noDs' }),
  insecure('www.plain.optout', 'A', { reasonKind: 'optOut' }),
  insecure('plain.optout', 'DS', { reasonKind: 'optOut' }),
  insecure('nowhere.optout', 'A', { reasonKind: 'optOut', rcode: 'NXDOMAIN' }),
  insecure('www.noedns.ordered', 'A', { reasonKind: 'noDs' }),
  insecure('www.futurealgorithm.ordered', 'A', { reasonKind: 'unsupportedAlgorithm', code: 1 }),
  insecure('www.futuredigest.hashed', 'A', { reasonKind: 'unsupportedDigest', code: 2 }),
  insecure('nowhere.iterations.hashed', 'A', { reasonKind: 'tooManyIterations', code: 27, rcode: 'NXDOMAIN' }),
  secure('www.iterations.hashed', 'A'),

  // bogus
  bogus('www.expired.ordered', 'A', { reasonKind: 'signatureExpired', code: 7 }),
  bogus('www.early.hashed', 'A', { reasonKind: 'signatureNotYetValid', code: 8 }),
  bogus('www.reversed.ordered', 'A', { reasonKind: 'signatureExpiredBeforeValid', code: 25 }),
  bogus('www.badsignature.ordered', 'A', { reasonKind: 'signatureWrong', code: 6 }),
  secure('txt.badsignature.ordered', 'TXT'),
  bogus('www.nosignature.ordered', 'A', { reasonKind: 'signatureMissing', code: 10 }),
  secure('www.nosignature.ordered', 'AAAA'),
  bogus('www.wrongsigner.ordered', 'A', { reasonKind: 'signerWrong', code: 6 }),
  bogus('www.tampered.ordered', 'A', { reasonKind: 'signatureWrong', code: 6 }),
  bogus('www.badds.ordered', 'A', { reasonKind: 'dsNoMatch', code: 9 }),
  bogus('www.otherkey.ordered', 'A', { reasonKind: 'dsNoMatch', code: 9 }),
  bogus('www.nozonekey.ordered', 'A'),
  bogus('www.unsignedkeys.ordered', 'A', { code: 10 }),
  bogus('www.nokeys.ordered', 'A'),
  bogus('www.stripping.ordered', 'A', { code: 10 }),
  bogus('nowhere.nodenial.hashed', 'A', { reasonKind: 'denialMissing', code: 12 }),
  secure('www.nodenial.hashed', 'A'),
  bogus('nowhere.nodenial.ordered', 'TXT', { reasonKind: 'wildcardNotProven', code: 12 }),
  bogus('nowhere.badchain.hashed', 'A'),
  bogus('www.liar.ordered', 'AAAA'),
  secure('www.liar.ordered', 'A'),

  // out of reach, which is not bogus
  indeterminate('www.refusing.ordered', 'A', { code: 22 }),
  indeterminate('www.lame.ordered', 'A'),
  indeterminate('www.silent.ordered', 'A', { slow: true }),
  indeterminate('www.keyless.ordered', 'A')
]
