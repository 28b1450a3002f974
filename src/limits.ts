// The one table of bounds on the work a question may cause, and the Budget that spends them.
// Defaults follow what the peers do; an attacker's zone can lengthen no loop beyond a row of this table.

export interface Limits {
  /** RRSIG verifications for one question with all its sub-questions (CVE-2023-50387) */
  readonly signatureChecks: number
  /** of those, how many may fail cryptographically */
  readonly signatureFailures: number
  /** RRSIGs tried for one RRset */
  readonly signaturesPerRrset: number
  /** DNSKEYs tried for one (key tag, algorithm) */
  readonly keysPerTag: number
  /** DS records looked at for one zone, and how many may mismatch their key */
  readonly dsPerZone: number
  readonly dsMismatches: number
  /** NSEC3 iterations above which a zone counts as insecure (RFC 9276 3.2) */
  readonly nsec3Iterations: number
  /** NSEC3 owner hashes computed for one question (CVE-2023-50868) */
  readonly nsec3Hashes: number
  /** CNAME and DNAME links followed */
  readonly aliases: number
  /** times that a chain of aliases may come back to a zone that it had left (CAMP) */
  readonly aliasReturns: number
  /** messages sent upstream for one question, retries and sub-questions included */
  readonly queries: number
  /** messages sent upstream for one look-up (one owner and type) */
  readonly queriesPerLookup: number
  /** name servers of one delegation that are considered, and addresses kept for each */
  readonly serversPerDelegation: number
  readonly addressesPerServer: number
  /** name-server names without address looked up for one question, and at the same time (NXNSAttack) */
  readonly addressLookups: number
  readonly addressLookupsAtOnce: number
  /** look-ups of name-server names of one delegation that may end in nothing before no more of them are looked up (NXNSAttack) */
  readonly addressFailures: number
  /** silences of one server that has not replied yet, to all that one question makes it be asked (NRDelegation) */
  readonly silencesPerServer: number
  /** depth of look-ups caused by look-ups (name-server addresses) */
  readonly depth: number
  /** replies judged anew at other servers after a bogus one */
  readonly bogusRetries: number
  /** RRsets judged in one answer to ANY, and records in one RRset */
  readonly anyRrsets: number
  readonly recordsPerRrset: number
  /** real time for one question, and for one exchange with a server, in ms */
  readonly questionMs: number
  readonly exchangeMs: number
  /** largest UDP payload offered by EDNS, octets */
  readonly udpSize: number
  /** questions worked on at once; further ones wait */
  readonly questionsAtOnce: number
  /** TTL caps in seconds: positive, negative, and the shortest and longest time a failure is kept (RFC 9520 3.2) */
  readonly ttlMax: number
  readonly negativeTtlMax: number
  readonly bogusTtl: number
  readonly failureTtl: number
  readonly failureTtlMax: number
  /** events kept in one trace, and octets of messages */
  readonly traceEvents: number
  readonly traceBytes: number
}

export const DEFAULT_LIMITS: Limits = {
  signatureChecks: 32,
  signatureFailures: 4,
  signaturesPerRrset: 8,
  keysPerTag: 2,
  dsPerZone: 8,
  dsMismatches: 4,
  nsec3Iterations: 50,
  nsec3Hashes: 128,
  aliases: 11,
  aliasReturns: 7,
  queries: 200,
  queriesPerLookup: 50,
  serversPerDelegation: 13,
  addressesPerServer: 20,
  addressLookups: 16,
  addressLookupsAtOnce: 5,
  addressFailures: 5,
  silencesPerServer: 3,
  depth: 7,
  bogusRetries: 3,
  anyRrsets: 24,
  recordsPerRrset: 256,
  questionMs: 10_000,
  exchangeMs: 1_500,
  udpSize: 1232,
  questionsAtOnce: 1_000,
  ttlMax: 86_400,
  negativeTtlMax: 3_600,
  bogusTtl: 60,
  failureTtl: 5,
  failureTtlMax: 300,
  traceEvents: 2_000,
  traceBytes: 1_048_576
}

/** The rows of the table that one question spends as it goes. */
export type Spendable = 'signatureChecks' | 'signatureFailures' | 'nsec3Hashes' | 'queries' | 'addressLookups'

/** What one question, with every sub-question it causes, may still spend. Never reset: a restart goes on with what is left. */
export class Budget {
  readonly #spent: Record<Spendable, number> = {
    signatureChecks: 0,
    signatureFailures: 0,
    nsec3Hashes: 0,
    queries: 0,
    addressLookups: 0
  }
  #exhausted: Spendable | undefined

  constructor(readonly limits: Limits) {}

  /** Spends; false when the bound is reached, and then nothing is spent. */
  spend(what: Spendable, amount = 1): boolean {
    if (this.#spent[what] + amount > this.limits[what]) {
      this.#exhausted ??= what
      return false
    }
    this.#spent[what] += amount
    return true
  }

  spent(what: Spendable): number {
    return this.#spent[what]
  }

  /** The first bound that was reached, if any. */
  get exhausted(): Spendable | undefined {
    return this.#exhausted
  }
}
