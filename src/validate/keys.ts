// From DNSKEYs off the wire to trusted keys: by a DS that the parent signs, or by a trust anchor (RFC 4035 5 and 5.2).
// This file alone makes TrustedKeys.

import { algorithmMnemonic, algorithmSupported, keyForm } from '../crypto/algorithms.js'
import { digestMnemonic, digestSupported } from '../crypto/digests.js'
import type { PositiveAnchor } from '../verdict/anchor.js'
import { type Facts, type ReasonKind, reason } from '../verdict/reason.js'
import { note, type Task } from '../verdict/task.js'
import { bogus, type Insecure, insecure, type Refused } from '../verdict/verdict.js'
import type { Name } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import { type Dnskey, readDnskey, ZONE_KEY } from '../wire/rdata/dnskey.js'
import type { Ds } from '../wire/rdata/ds.js'
import { tryRead } from '../wire/rdata/read.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText } from '../wire/text.js'
import { checkSignatures, keyFault } from './signature.js'

declare const trusted: unique symbol

/** Keys that a DS or a trust anchor vouches for: the signature check accepts nothing else. */
export interface TrustedKeys {
  readonly [trusted]: true
  readonly zone: Name
  readonly keys: readonly Dnskey[]
}

function trust(zone: Name, keys: readonly Dnskey[]): TrustedKeys {
  return { zone, keys } as TrustedKeys
}

export interface Trusted {
  readonly status: 'secure'
  readonly keys: TrustedKeys
  /** seconds */
  readonly ttl: number
}

const SHA1_DIGEST = 1

/** RFC 4035 5.2: a DS vouches for a DNSKEY, and that key for the DNSKEY RRset. `ds` comes from a secure DS RRset. */
export function trustByDs(zone: Name, ds: readonly Ds[], dnskeys: Rrset | undefined, task: Task): Trusted | Insecure | Refused {
  if (ds.length === 0) return bogus(reason('malformedRdata', { owner: zone, type: TYPE.DS, detail: 'no DS of the RRset can be read' }))
  // RFC 4035 5.2: insecure only when none of all the DS is supported. Their order is not signed, so the bound comes after that.
  const supported = usableDs(ds, task)
  if (supported.length === 0) return nothingSupported(zone, ds, task)
  const usable = supported.slice(0, task.limits.dsPerZone)
  if (!dnskeys) return bogus(reason('dnskeyMissing', { zone, owner: zone, type: TYPE.DNSKEY }))
  const keys = readKeys(dnskeys)
  const { matched, failure, tooShort } = matchDs(zone, usable, keys, task)
  if (matched.length > 0) return trustSet(zone, matched, dnskeys, keys, 'ds', task)
  // A DS whose key counts as unsupported is as good as a DS of an unsupported algorithm.
  if (tooShort.length === supported.length) return unsupportedAlgorithm(zone, tooShort)
  return bogus(reason(failure.kind, { zone, owner: zone, type: TYPE.DNSKEY, ...failure.facts }))
}

/** The same from a trust anchor, which is a DS or the key itself (RFC 4035 5). */
export function trustByAnchor(anchor: PositiveAnchor, dnskeys: Rrset | undefined, task: Task): Trusted | Insecure | Refused {
  const { zone } = anchor
  // RFC 5011 5: every key is revoked while one waits. Nothing is trusted then, which is not the same as nothing to trust.
  if (anchor.ds.length + anchor.keys.length === 0) {
    const detail = 'no key is trusted any more'
    return bogus(reason('anchorNoMatch', { zone, owner: zone, type: TYPE.DNSKEY, keyTags: [], detail }))
  }
  const anchoredKeys = anchor.keys.filter((key) => algorithmSupported(key.algorithm, task.policy))
  const usable = usableDs(anchor.ds, task)
  if (anchoredKeys.length + usable.length === 0) {
    return nothingSupported(zone, [...anchor.ds, ...anchor.keys.map((key) => ({ algorithm: key.algorithm, digestType: 2 }))], task)
  }
  if (!dnskeys) return bogus(reason('dnskeyMissing', { zone, owner: zone, type: TYPE.DNSKEY }))
  const keys = readKeys(dnskeys)
  const same = keys.filter((key) => anchoredKeys.some((anchored) => sameBytes(anchored.rdata, key.rdata)) && !keyFault(key, task))
  const { matched, failure } = matchDs(zone, usable, keys, task)
  const vouched = [...new Set([...same, ...matched])]
  if (vouched.length > 0) return trustSet(zone, vouched, dnskeys, keys, 'anchor', task)
  const keyTags = [...new Set([...anchoredKeys, ...usable].map((one) => one.keyTag))]
  const detail = failure.facts.detail ?? 'its DNSKEY RRset holds none of them'
  return bogus(reason('anchorNoMatch', { zone, owner: zone, type: TYPE.DNSKEY, keyTags, detail }))
}

/** RFC 4035 5.2: the DNSKEY RRset is signed by a key that the DS or the anchor names; then all its zone keys are trusted. */
function trustSet(
  zone: Name,
  vouched: readonly Dnskey[],
  dnskeys: Rrset,
  keys: readonly Dnskey[],
  by: 'ds' | 'anchor',
  task: Task
): Trusted | Refused {
  const verdict = checkSignatures(dnskeys, trust(zone, vouched), task)
  if (verdict.status !== 'secure') {
    const unsigned = verdict.reason.kind === 'keyMissing' || verdict.reason.kind === 'signatureMissing'
    if (!unsigned) return verdict
    const kind = by === 'anchor' ? 'anchorNotSigned' : 'dnskeyNotSigned'
    return bogus(reason(kind, { zone, owner: zone, type: TYPE.DNSKEY, keyTags: vouched.map(({ keyTag }) => keyTag) }))
  }
  note(task, () => ({ event: 'keys', zone: nameToText(zone), by, keyTags: keys.map((key) => key.keyTag) }))
  return { status: 'secure', keys: trust(zone, keys), ttl: verdict.ttl }
}

/** The keys that one of the DS names, by tag, algorithm and digest. No trust is made of it. */
export function keysOfDs(zone: Name, ds: readonly Ds[], keys: readonly Dnskey[], task: Task): Dnskey[] {
  const usable = usableDs(ds, task)
  return keys.filter((key) =>
    usable.some((one) => one.keyTag === key.keyTag && one.algorithm === key.algorithm && digestAgrees(zone, one, key, task))
  )
}

export const readKeys = (dnskeys: Rrset): Dnskey[] =>
  dnskeys.rdatas.map((rdata) => tryRead(readDnskey, rdata)).filter((key): key is Dnskey => key !== undefined)

/** RFC 4035 5.2, RFC 6840 5.2: DS of unknown algorithms or digests are disregarded; RFC 4509 3: SHA-1 beside SHA-2 is, too. */
function usableDs(ds: readonly Ds[], task: Task): Ds[] {
  const supported = ds.filter((one) => algorithmSupported(one.algorithm, task.policy) && digestSupported(one.digestType, task.policy))
  const strong = supported.filter((one) => one.digestType !== SHA1_DIGEST)
  return strong.length > 0 ? strong : supported
}

interface DsMatch {
  readonly matched: readonly Dnskey[]
  readonly failure: { readonly kind: ReasonKind; readonly facts: Facts }
  /** DS whose key is there, but counts as unsupported */
  readonly tooShort: readonly Ds[]
}

/** RFC 4034 5.2: key tag, algorithm and digest agree, and the key is a zone key. */
function matchDs(zone: Name, usable: readonly Ds[], keys: readonly Dnskey[], task: Task): DsMatch {
  const matched: Dnskey[] = []
  const tooShort: Ds[] = []
  let mismatches = 0
  let failure: DsMatch['failure'] = { kind: 'dsNoMatch', facts: { keyTag: usable[0]?.keyTag, detail: 'no key has that tag and algorithm' } }
  for (const ds of usable) {
    const named = keys.filter((key) => key.keyTag === ds.keyTag && key.algorithm === ds.algorithm)
    if (named.length === 0) {
      const cleared = keys.find((key) => key.algorithm === ds.algorithm && !(key.flags & ZONE_KEY))
      if (cleared) failure = { kind: 'zoneKeyBitClear', facts: { keyTag: cleared.keyTag } }
    }
    for (const key of named.slice(0, task.limits.keysPerTag)) {
      if (mismatches >= task.limits.dsMismatches) return { matched, failure, tooShort }
      const agrees = digestAgrees(zone, ds, key, task)
      const fault = agrees
        ? keyFault(key, task)
        : { kind: 'dsNoMatch' as const, facts: { keyTag: ds.keyTag, detail: 'its digest differs' } }
      noteDs(zone, ds, fault?.kind, task)
      if (!fault) matched.push(key)
      else if (agrees && keyForm(key.algorithm, key.publicKey, task.policy) === 'unsupported') tooShort.push(ds)
      else failure = fault
      if (!agrees) mismatches++
    }
  }
  return { matched: [...new Set(matched)], failure, tooShort }
}

/** RFC 4034 5.1.4: digest(canonical owner | DNSKEY rdata). */
function digestAgrees(zone: Name, ds: Ds, key: Dnskey, task: Task): boolean {
  const owner = zone.canonical()
  const input = new Uint8Array(owner.length + key.rdata.length)
  input.set(owner)
  input.set(key.rdata, owner.length)
  const digest = task.crypto.digest(ds.digestType, input)
  return digest !== undefined && sameBytes(digest, ds.digest)
}

function noteDs(zone: Name, ds: Ds, why: string | undefined, task: Task): void {
  note(task, () => ({
    event: 'ds',
    zone: nameToText(zone),
    keyTag: ds.keyTag,
    algorithm: algorithmMnemonic(ds.algorithm),
    digestType: digestMnemonic(ds.digestType),
    digest: hex(ds.digest),
    matches: why === undefined,
    ...(why !== undefined && { why }),
    rule: 'RFC 4034 5.2'
  }))
}

type Stated = Pick<Ds, 'algorithm' | 'digestType'>

/** RFC 4035 5.2: with no DS that is supported, the zone is treated as unsigned. */
function nothingSupported(zone: Name, ds: readonly Stated[], task: Task): Insecure {
  const known = ds.filter((one) => algorithmSupported(one.algorithm, task.policy))
  if (known.length === 0) return unsupportedAlgorithm(zone, ds)
  const digest = [...new Set(known.map((one) => digestMnemonic(one.digestType)))].join(', ')
  return insecure({ by: 'unsupported', zone }, reason('unsupportedDigest', { zone, digest }))
}

function unsupportedAlgorithm(zone: Name, ds: readonly Stated[]): Insecure {
  const algorithm = [...new Set(ds.map((one) => algorithmMnemonic(one.algorithm)))].join(', ')
  return insecure({ by: 'unsupported', zone }, reason('unsupportedAlgorithm', { zone, algorithm }))
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i])
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('')
