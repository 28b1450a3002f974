// One row a reason: its Extended DNS Error (RFC 8914, IANA registry), the RFC section of the rule behind it, and one sentence
// for a person.

export interface Row {
  readonly ede: number
  readonly rule: string
  readonly text: (say: Sayable) => string
}

/** Facts as text; a missing one reads as a neutral word, so a sentence never shows `undefined`. */
export interface Sayable {
  readonly zone: string
  readonly owner: string
  readonly type: string
  readonly keyTag: string
  readonly algorithm: string
  readonly digest: string
  readonly server: string
  readonly detail: string
  readonly count: number
  readonly limit: number
  readonly expiration: string
  readonly inception: string
  readonly sinceExpiration: string
  readonly untilInception: string
  readonly set: string
}

const RESEED = 'If the zone changed its keys unseen, it needs a new trust anchor.'

export const ROWS = {
  // signatures
  signatureExpired: {
    ede: 7,
    rule: 'RFC 4035 5.3.1',
    text: (f) => `The RRSIG over ${f.set} by key ${f.keyTag} of ${f.zone} expired on ${f.expiration} (${f.sinceExpiration} ago).`
  },
  signatureNotYetValid: {
    ede: 8,
    rule: 'RFC 4035 5.3.1',
    text: (f) => `The RRSIG over ${f.set} by key ${f.keyTag} of ${f.zone} is valid only from ${f.inception} (in ${f.untilInception}).`
  },
  signatureExpiredBeforeValid: {
    ede: 25,
    rule: 'RFC 4034 3.1.5',
    text: (f) =>
      `The RRSIG over ${f.set} by key ${f.keyTag} of ${f.zone} expires on ${f.expiration}, before its inception on ${f.inception}.`
  },
  signatureWrong: {
    ede: 6,
    rule: 'RFC 4035 5.3.3',
    text: (f) => `The RRSIG over ${f.set} by key ${f.keyTag} (${f.algorithm}) of ${f.zone} does not match the data.`
  },
  signatureMissing: {
    ede: 10,
    rule: 'RFC 4035 5.3.1',
    text: (f) => `There is no RRSIG over ${f.set}, although the zone ${f.zone} is signed.`
  },
  signatureMalformed: {
    ede: 6,
    rule: 'RFC 4034 3.1',
    text: (f) => `The RRSIG over ${f.set} by key ${f.keyTag} of ${f.zone} is malformed: ${f.detail}.`
  },
  signerWrong: {
    ede: 6,
    rule: 'RFC 4035 5.3.1',
    text: (f) => `The RRSIG over ${f.set} names ${f.zone} as signer, which is not the zone that holds this RRset.`
  },
  labelsWrong: {
    ede: 6,
    rule: 'RFC 4035 5.3.1',
    text: (f) => `The RRSIG over ${f.set} by key ${f.keyTag} of ${f.zone} has a Labels field that does not fit: ${f.detail}.`
  },
  keyMissing: {
    ede: 9,
    rule: 'RFC 4035 5.3.1',
    text: (f) => `The RRSIG over ${f.set} is by key ${f.keyTag} (${f.algorithm}), which the DNSKEY RRset of ${f.zone} does not hold.`
  },
  zoneKeyBitClear: {
    ede: 11,
    rule: 'RFC 4034 2.1.1',
    text: (f) => `Key ${f.keyTag} of ${f.zone} does not have the Zone Key bit, so it validates nothing.`
  },
  keyRevoked: {
    ede: 9,
    rule: 'RFC 5011 2.1',
    text: (f) => `Key ${f.keyTag} of ${f.zone} is revoked, so it validates nothing.`
  },
  keyProtocolWrong: {
    ede: 9,
    rule: 'RFC 4034 2.1.2',
    text: (f) => `Key ${f.keyTag} of ${f.zone} has a Protocol field other than 3, so it validates nothing.`
  },
  signatureUnsupported: {
    ede: 1,
    rule: 'RFC 8914 4.2',
    text: (f) => `The RRSIG over ${f.set} by key ${f.keyTag} of ${f.zone} is of an algorithm that is not supported here (${f.algorithm}).`
  },
  keyUnusable: {
    ede: 6,
    rule: 'RFC 4035 5.2',
    text: (f) => `Key ${f.keyTag} (${f.algorithm}) of ${f.zone} cannot be used: ${f.detail}.`
  },
  wildcardNotProven: {
    ede: 12,
    rule: 'RFC 4035 5.3.4',
    text: (f) => `${f.set} was made from a wildcard, but nothing proves that a closer match does not exist in ${f.zone}.`
  },
  proofExpanded: {
    ede: 6,
    rule: 'RFC 4035 5.4',
    text: (f) => `${f.set} was made from a wildcard, and such a record proves nothing.`
  },

  // keys of a zone
  dnskeyMissing: {
    ede: 9,
    rule: 'RFC 4035 5.2',
    text: (f) => `The parent has a DS for ${f.zone}, but ${f.zone} has no DNSKEY.`
  },
  dsNoMatch: {
    ede: 9,
    rule: 'RFC 4035 5.2',
    text: (f) => `None of the DNSKEYs of ${f.zone} matches its DS (key tag ${f.keyTag}): ${f.detail}.`
  },
  anchorNoMatch: {
    ede: 9,
    rule: 'RFC 4035 5',
    text: (f) => `None of the DNSKEYs of ${f.zone} matches a trust anchor (key tag ${f.keyTag}): ${f.detail}. ${RESEED}`
  },
  anchorNotSigned: {
    ede: 10,
    rule: 'RFC 4035 5',
    text: (f) => `The DNSKEY RRset of ${f.zone} has no RRSIG by a key that is a trust anchor (key tag ${f.keyTag}). ${RESEED}`
  },
  dnskeyNotSigned: {
    ede: 10,
    rule: 'RFC 4035 5.2',
    text: (f) => `The DNSKEY RRset of ${f.zone} has no RRSIG by the key that its DS names (key tag ${f.keyTag}).`
  },

  // denial of existence
  denialMissing: {
    ede: 12,
    rule: 'RFC 4035 5.4',
    text: (f) => `The zone ${f.zone} is signed, but no NSEC or NSEC3 record proves that ${f.set} does not exist.`
  },
  denialWrong: {
    ede: 6,
    rule: 'RFC 4035 5.4',
    text: (f) => `The NSEC or NSEC3 records of ${f.zone} do not prove that ${f.set} does not exist: ${f.detail}.`
  },
  denialIncomplete: {
    ede: 12,
    rule: 'RFC 4035 5.4',
    text: (f) => `The NSEC or NSEC3 records of ${f.zone} do not prove that ${f.set} does not exist: ${f.detail}.`
  },
  answerIncomplete: {
    ede: 6,
    rule: 'RFC 4035 5',
    text: (f) => `The answer for ${f.set} is not whole: ${f.detail}.`
  },
  malformedRdata: {
    ede: 24,
    rule: 'RFC 1035 3.3',
    text: (f) => `The rdata of a record ${f.set} is malformed: ${f.detail}.`
  },

  // aliases
  aliasWrong: {
    ede: 6,
    rule: 'RFC 6672 5.3.1',
    text: (f) => `The CNAME at ${f.owner} is not the one that the DNAME at ${f.zone} gives.`
  },
  aliasAmbiguous: {
    ede: 24,
    rule: 'RFC 2181 10.1',
    text: (f) => `${f.owner} has a CNAME and other data, or more than one CNAME.`
  },
  wildcardDname: {
    ede: 6,
    rule: 'RFC 4592 4.4',
    text: (f) => `The DNAME at ${f.owner} was made from a wildcard; what such a DNAME redirects is not defined.`
  },
  aliasLoop: {
    ede: 0,
    rule: 'RFC 1034 3.6.2',
    text: (f) => `The aliases from ${f.owner} lead in a circle.`
  },
  aliasTooLong: {
    ede: 0,
    rule: 'RFC 6672 2.2',
    text: (f) => `The name that the DNAME at ${f.zone} makes of ${f.owner} is longer than 255 octets.`
  },

  // provably insecure
  noDs: {
    ede: 0,
    rule: 'RFC 4035 5.2',
    text: (f) => `The parent zone proves that ${f.zone} has no DS, so no chain of trust leads to it.`
  },
  optOut: {
    ede: 0,
    rule: 'RFC 5155 8.9',
    text: (f) => `An NSEC3 record with Opt-Out covers ${f.owner}, so an unsigned delegation may be there.`
  },
  unsupportedAlgorithm: {
    ede: 1,
    rule: 'RFC 4035 5.2',
    text: (f) => `The zone ${f.zone} is signed only with algorithms that are not supported here (${f.algorithm}).`
  },
  unsupportedDigest: {
    ede: 2,
    rule: 'RFC 4035 5.2',
    text: (f) => `The DS records of ${f.zone} have only digest types that are not supported here (${f.digest}).`
  },
  tooManyIterations: {
    ede: 27,
    rule: 'RFC 9276 3.2',
    text: (f) => `The zone ${f.zone} hashes its NSEC3 names ${f.count} more times; above ${f.limit} a zone counts as insecure.`
  },
  negativeAnchor: {
    ede: 33,
    rule: 'RFC 7646 2',
    text: (f) => `Validation is off at and below ${f.zone} by a negative trust anchor.`
  },

  // indeterminate
  signaturesUnsigned: {
    ede: 5,
    rule: 'RFC 4035 2.2',
    text: (f) => `RRSIG records are never signed themselves, so nothing proves those at ${f.owner} to be whole.`
  },
  noAnchor: {
    ede: 5,
    rule: 'RFC 4035 4.3',
    text: (f) => `No trust anchor covers ${f.owner}.`
  },
  anchorsUnavailable: {
    ede: 14,
    rule: 'RFC 8914 4.15',
    text: (f) => `Without its trust anchors the resolver validates nothing, and they could not be read: ${f.detail}.`
  },
  rootKeySentinel: {
    ede: 0,
    rule: 'RFC 8509 2.2',
    text: (f) => `${f.owner} asks about the trust anchors of the root: key ${f.keyTag} ${f.detail}, which this failure tells.`
  },
  unreachable: {
    ede: 22,
    rule: 'RFC 8914 4.23',
    text: (f) => `No server of ${f.zone} gave a usable answer for ${f.set}: ${f.detail}.`
  },
  networkError: {
    ede: 23,
    rule: 'RFC 8914 4.24',
    text: (f) => `Asking for ${f.set} failed: ${f.detail}.`
  },
  refusedByServer: {
    ede: 22,
    rule: 'RFC 8914 4.23',
    text: (f) => `The servers of ${f.zone} answered ${f.detail} for ${f.set}.`
  },
  cachedFailure: {
    ede: 13,
    rule: 'RFC 9520 3.2',
    text: (f) => `${f.set} failed a moment ago and is not asked again yet: ${f.detail}`
  },
  staleAnswer: {
    ede: 3,
    rule: 'RFC 8767 4',
    text: (f) => `The answer for ${f.set} is past its TTL; asking anew gave nothing: ${f.detail}`
  },
  staleNxdomain: {
    ede: 19,
    rule: 'RFC 8767 4',
    text: (f) => `That there is no ${f.owner} is known from an answer past its TTL; asking anew gave nothing: ${f.detail}`
  },
  forwardersUnfit: {
    ede: 22,
    rule: 'RFC 4035 4.1',
    text: (f) => `No forwarder can serve validation for ${f.set}: ${f.detail}.`
  },
  limitReached: {
    ede: 0,
    rule: 'RFC 4035 5',
    text: (f) => `${f.set} needs more work than the limit on ${f.detail} allows (${f.limit}).`
  },
  timeOver: {
    ede: 22,
    rule: 'RFC 8914 4.23',
    text: (f) => `${f.set} was not answered within ${f.limit} ms.`
  },
  internalFault: {
    ede: 0,
    rule: 'RFC 8914 4.1',
    text: (f) => `An unexpected fault in the resolver stopped the work on ${f.set}: ${f.detail}.`
  }
} satisfies Record<string, Row>
