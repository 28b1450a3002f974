// Where random zones are judged otherwise by Unbound or BIND, and this library is right to: each with the section that says so.
import { nameFromText } from '../../src/wire/text.js'
import type { Asked } from './random-campaign.js'
import type { ValidatorKind } from './validators.js'

/** Over the DNS bogus and out of reach look the same. */
export type Concluded = 'secure' | 'insecure' | 'failed'

export interface RandomDifference {
  readonly peers: readonly ValidatorKind[]
  readonly ours: readonly Concluded[]
  readonly theirs: readonly Concluded[]
  /** whether the zone or the question is such a one */
  readonly about: (asked: Asked) => boolean
  readonly section: string
  readonly why: string
}

const fault =
  (pattern: RegExp) =>
  ({ zone }: Asked): boolean =>
    zone.faults.some((one) => pattern.test(one))
const because =
  (pattern: RegExp) =>
  ({ cold }: Asked): boolean =>
    pattern.test(cold.reason?.text ?? '')
/** A wildcard without records of its own is above the name of the question, or beside one above it. */
function belowEmptyWildcard({ zone: { zone }, question }: Asked): boolean {
  const name = nameFromText(question.split(' ')[0])
  return [...zone.nodes.values()].some(
    ({ owner, standing }) => standing === 'empty' && owner.isWildcard && name.isBelow(owner.parent()) && !name.isAtOrBelow(owner)
  )
}
const positive = ({ cold }: Asked): boolean => cold.rcode === 'NOERROR' && cold.records.length > 0
const ofType =
  (...types: readonly string[]) =>
  ({ question }: Asked): boolean =>
    types.some((type) => question.endsWith(` ${type}`))

const TRUSTING: readonly Concluded[] = ['secure', 'insecure']
const ALL: readonly Concluded[] = ['secure', 'insecure', 'failed']

/** What is wrong in a zone, so that one peer finds it where the answer that was asked for does not rest on it. */
const CONTRADICTORY = /^(NSEC3? of|no link|all Opt-Out|Opt-Out of all|wildcard replayed|\S+ added)/

export const RANDOM_DIFFERENCES: readonly RandomDifference[] = [
  {
    peers: ['unbound', 'bind'],
    ours: ['failed'],
    theirs: TRUSTING,
    about: fault(/key revoked$/),
    section: 'RFC 5011 2.1',
    why: 'a revoked key validates nothing, a DS that names it included'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed'],
    theirs: TRUSTING,
    about: fault(/key (no zone key|of another protocol)$/),
    section: 'RFC 4034 2.1.1, 2.1.2',
    why: 'a key without the Zone Key bit, or with a protocol other than 3, validates nothing'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed', 'insecure'],
    theirs: ALL,
    about: fault(/^RRSIG (by the|signer) parent/),
    section: 'RFC 4035 5.3.1',
    why: 'the signer is the zone that holds the RRset: a key of the parent signs nothing in its child'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed'],
    theirs: TRUSTING,
    about: fault(/^right SHA-1 and wrong SHA-256$/),
    section: 'RFC 4509 3',
    why: 'beside a DS of SHA-256, one of SHA-1 counts for nothing'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed'],
    theirs: TRUSTING,
    about: because(
      /do not prove .* does not exist: (a wildcard exists that makes|the name is an empty non-terminal|the wildcard is an empty)/
    ),
    section: 'RFC 4035 5.4',
    why: 'the RCODE says NXDOMAIN and the proof says NODATA: they take the proof for the answer'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed'],
    theirs: TRUSTING,
    about: fault(/^RRSIG labels (less|none|apex)/),
    section: 'RFC 4034 3.1.3, RFC 4592 4.6',
    why: 'an RRSIG over a wildcard above the zone is none, and what denies is not made from a wildcard'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed', 'insecure'],
    theirs: ALL,
    about: fault(/(unknown flag|unknown hash|short next hash)$/),
    section: 'RFC 5155 3.1.6, 8.1, 8.2',
    why: 'NSEC3 of an unknown hash, with unknown flags or with a next hash of another length proves nothing'
  },
  {
    peers: ['unbound', 'bind'],
    ours: TRUSTING,
    theirs: ['failed'],
    about: fault(/ beside of |decoy of the same tag|^algorithms /),
    section: 'RFC 4035 5.3.3, RFC 4034 B',
    why: 'one RRSIG that holds is enough, by any of the keys that share its tag; BIND gives up after one that fails'
  },
  {
    peers: ['unbound'],
    ours: ALL,
    theirs: ALL,
    about: ofType('CNAME'),
    section: 'RFC 1034 3.6.2',
    why: 'a question of type CNAME is answered by the CNAME: the RCODE of its target is no part of the answer'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ALL,
    theirs: ALL,
    about: ofType('DNAME'),
    section: 'RFC 6672 3.2',
    why: 'below a DNAME a question of type DNAME is one for another name as well'
  },
  {
    peers: ['unbound', 'bind'],
    ours: TRUSTING,
    theirs: ['failed'],
    about: fault(CONTRADICTORY),
    section: 'RFC 4035 5.2, 5.4',
    why: 'of a zone that contradicts itself the records asked for are judged; they stumble over others on the way'
  },
  {
    peers: ['unbound'],
    ours: ['insecure'],
    theirs: ['failed'],
    about: (asked) => fault(/^RRSIG .* NSEC3$/)(asked) && because(/^An NSEC3 record with Opt-Out covers/)(asked),
    section: 'RFC 5155 8.6',
    why: 'the span of Opt-Out says enough, whatever stands beside it'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed'],
    theirs: TRUSTING,
    about: fault(/next is its owner$/),
    section: 'RFC 4034 4.1.1',
    why: 'only the apex may be its own next name; elsewhere such an NSEC covers nothing'
  },
  {
    peers: ['unbound', 'bind'],
    ours: TRUSTING,
    theirs: ['insecure', 'failed'],
    about: (asked) =>
      asked.zone.children.some((child) => nameFromText(asked.question.split(' ')[0]).isAtOrBelow(child.apex)) &&
      (asked.zone.iterations > 150 || fault(/NSEC3?$|^NSEC3? of|^no link|denial left out$|RRSIG in the authority/)(asked)),
    section: 'RFC 4035 5.2',
    why: 'a DS that is signed leads to the child: of the empty names above the cut nothing has to be proven'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed'],
    theirs: TRUSTING,
    about: (asked) =>
      fault(/^NSEC3? of .*: says NS$/)(asked) &&
      because(/(the parent side of a zone cut|is a zone cut|NSEC record covers the (name|wildcard))\.$/)(asked),
    section: 'RFC 6840 4.1',
    why: 'the NSEC or NSEC3 of a zone cut denies nothing; they take the cut for an insecure one and ask for no proof'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed', 'insecure'],
    theirs: ['insecure', 'failed'],
    about: (asked) => asked.zone.iterations > 150 && fault(/^RRSIG .* NSEC3$/)(asked),
    section: 'RFC 9276 3.2',
    why: 'an NSEC3 record makes a zone insecure by its iterations only where its own signature holds'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['failed'],
    theirs: TRUSTING,
    about: fault(/^server: another CNAME beside a DNAME$/),
    section: 'RFC 6672 5.3.1',
    why: 'a CNAME that does not follow from its DNAME is a forgery; they put the right one in its place'
  },
  {
    peers: ['unbound'],
    ours: ['secure'],
    theirs: ['failed'],
    about: belowEmptyWildcard,
    section: 'RFC 4592 2.2.2',
    why: 'a wildcard may be an empty non-terminal: it exists, and has no type at all'
  },
  {
    peers: ['unbound'],
    ours: TRUSTING,
    theirs: ['failed'],
    about: fault(/^server: (all said|every link)/),
    section: 'RFC 4035 5.4',
    why: 'what is proven is judged, whatever else was said to other questions or stands beside it'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['insecure'],
    theirs: ['insecure'],
    about: fault(/^server: (RCODE|all said)/),
    section: 'RFC 4035 5.5',
    why: 'of an insecure zone the RCODE stands as received, for this question or for another'
  },
  {
    peers: ['unbound'],
    ours: TRUSTING,
    theirs: ['failed'],
    about: fault(/^RRSIG .* of ns\.\S+ A$/),
    section: 'RFC 4035 5.2',
    why: 'the address of a name server is not part of the chain of trust'
  },
  {
    peers: ['bind'],
    ours: TRUSTING,
    theirs: ['failed'],
    about: fault(/^server: (no SOA in denials|the apex said not to be there|denials in the answer section)$/),
    section: 'RFC 2308 2.2, RFC 4035 3.1.3',
    why: 'what is asked for is proven or insecure; BIND wants an SOA, and denials of shorter names that hold'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['insecure', 'failed'],
    theirs: TRUSTING,
    about: fault(/^server: all said/),
    section: 'RFC 8020 2, RFC 2181 5.4',
    why: 'what the servers deny for one type they gave for another: who asked before has it'
  },
  {
    peers: ['unbound', 'bind'],
    ours: ['secure'],
    theirs: ['failed'],
    about: (asked) => positive(asked) && fault(/^(RRSIG|NSEC3?|server|no link)/)(asked),
    section: 'RFC 4035 5.3.3',
    why: 'the records asked for are signed; what is wrong is elsewhere'
  },
  {
    peers: ['bind'],
    ours: TRUSTING,
    theirs: ['failed'],
    about: fault(/^(RRSIG|data) /),
    section: 'RFC 4035 4.7',
    why: 'BIND asks for shorter names first, and fails when those are bogus'
  }
]
