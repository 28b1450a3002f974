// What tests of single validation steps need: a task without a resolver, RRsets out of records, and keys trusted by a DS over them.
import { type AlgorithmPolicy, DEFAULT_POLICY } from '../../src/crypto/algorithms.js'
import { chooseBackend } from '../../src/crypto/choose.js'
import { Budget, DEFAULT_LIMITS, type Limits } from '../../src/limits.js'
import { type TrustedKeys, trustByAnchor } from '../../src/validate/keys.js'
import type { Task } from '../../src/verdict/task.js'
import type { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { readDnskey, SEP } from '../../src/wire/rdata/dnskey.js'
import { groupRrsets, type ResourceRecord, type Rrset } from '../../src/wire/rrset.js'

const crypto = chooseBackend('native')

/** @param seconds since the epoch */
export function taskAt(seconds: number, limits: Partial<Limits> = {}, policy: Partial<AlgorithmPolicy> = {}): Task {
  const all = { ...DEFAULT_LIMITS, ...limits }
  return {
    now: seconds * 1000,
    limits: all,
    budget: new Budget(all),
    policy: { ...DEFAULT_POLICY, ...policy },
    crypto,
    signal: new AbortController().signal,
    depth: 0,
    parent: 0
  }
}

export const rrsetsOf = (records: readonly ResourceRecord[]): Rrset[] => groupRrsets(records, false).rrsets

/** The keys of a DNSKEY RRset, vouched for by an anchor that is made of its keys with the SEP flag, and of `tags` if given. */
export function trustOwnKeys(zone: Name, dnskeys: Rrset, task: Task, tags?: readonly number[]): TrustedKeys {
  const keys = dnskeys.rdatas.map(readDnskey).filter((key) => key.flags & SEP && (!tags || tags.includes(key.keyTag)))
  const trusted = trustByAnchor({ kind: 'positive', zone, ds: [], keys }, dnskeys, task)
  if (trusted.status !== 'secure') throw new Error(trusted.reason.text)
  return trusted.keys
}

/** The RRset with one bit of one record turned over. */
export function withBitFlipped(rrset: Rrset, at: number): Rrset {
  const rdatas = rrset.rdatas.map((rdata) => rdata.slice())
  const rdata = rdatas[at % rdatas.length]
  rdata[at % rdata.length] ^= 1 << (at & 7)
  return { ...rrset, rdatas }
}

/** The RRset with one bit of each signature turned over. */
export function withSignatureFlipped(rrset: Rrset, at: number): Rrset {
  const signatures = rrset.signatures.map((one) => {
    const signature = one.signature.slice()
    signature[at % signature.length] ^= 1 << (at & 7)
    return { ...one, signature }
  })
  return { ...rrset, signatures }
}

export const isDnskey = ({ type }: { type: number }): boolean => type === TYPE.DNSKEY
