// One zone, its keys and RRsets signed by them, for tests of single rules: every field of an RRSIG can be set wrongly.
import type { TrustedKeys } from '../../src/validate/keys.js'
import { CLASS, TYPE, typeFromText } from '../../src/wire/numbers.js'
import { readRrsig } from '../../src/wire/rdata/rrsig.js'
import type { ResourceRecord, Rrset } from '../../src/wire/rrset.js'
import { nameFromText, recordFromText } from '../../src/wire/text.js'
import { type ZoneKey, zoneKey } from '../world/keys.js'
import { type SignatureFaults, signRrset } from '../world/signer.js'
import { rrsetsOf, taskAt, trustOwnKeys } from './judging.js'

/** seconds since the epoch, in the middle of the validity of what is signed here */
export const NOON = 1_790_000_000
export const ZONE = nameFromText('test')
export const KEY = zoneKey('test', 13)

/** The RRset of the lines, which are of one owner and type, with an RRSIG by each key. */
export function signed(lines: readonly string[], faults: SignatureFaults = {}, by: readonly ZoneKey[] = [KEY]): Rrset {
  return signedRecords(
    lines.map((line) => recordFromText(line)),
    faults,
    by
  )
}

export function signedRecords(records: readonly ResourceRecord[], faults: SignatureFaults = {}, by: readonly ZoneKey[] = [KEY]): Rrset {
  const fields = { inception: NOON - 86_400, expiration: NOON + 86_400, signer: ZONE }
  const signatures = by.map((key) => signRrset(records, key, fields, faults))
  return { ...rrsetsOf(records)[0], signatures: signatures.map(({ rdata, ttl }) => readRrsig(rdata, ttl)) }
}

export const keySet = (keys: readonly ZoneKey[], faults: SignatureFaults = {}, by: readonly ZoneKey[] = keys): Rrset =>
  signedRecords(
    keys.map(({ rdata }) => ({ owner: ZONE, type: TYPE.DNSKEY, class: CLASS.IN, ttl: 3600, rdata })),
    faults,
    by
  )

/** Trusted as a set whose first key is an anchor. */
export function trusting(...keys: readonly ZoneKey[]): TrustedKeys {
  const all = keys.length > 0 ? keys : [KEY]
  return trustOwnKeys(ZONE, keySet(all), taskAt(NOON, { signatureChecks: 100, keysPerTag: 10 }, { sha1: true }), [all[0].keyTag])
}

export const types = (...texts: readonly string[]): number[] => texts.map((text) => typeFromText(text) as number)
