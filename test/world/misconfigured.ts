// Zones that are misconfigured in every way that the study of Extended DNS Errors of Nosyk, Korczynski and Duda (IMC 2023)
// tried on public resolvers, made anew here: a child zone a fault, each with what a validator must make of it.
import { RCODE, TYPE } from '../../src/wire/numbers.js'
import * as behaviours from './behaviours.js'
import { buildWorld, type Hierarchy, type Place } from './hierarchy.js'
import type { Expected } from './hierarchy-questions.js'
import { shrunk, signing, TOP, type ZoneSpec } from './hierarchy-zones.js'
import { decoyOf, dsRdata, redress, type ZoneKey } from './keys.js'
import { flipBit, type SignatureFaults } from './signer.js'

export type Spec = Omit<ZoneSpec, 'name'>
type Status = Expected['status']

/** Seconds since the epoch that have passed, and that come within the 68 years of serial arithmetic (RFC 4034 3.1.5). */
const LONG_AGO = 1_000_000_000
const FAR_OFF = 3_000_000_000
export const EXPIRED: SignatureFaults = { inception: LONG_AGO - 1000, expiration: LONG_AGO }
export const EARLY: SignatureFaults = { inception: FAR_OFF, expiration: FAR_OFF + 1000 }
const REVERSED: SignatureFaults = { inception: FAR_OFF, expiration: LONG_AGO }

export const NSEC3 = { denial: { by: 'nsec3', iterations: 0 } } as const

export const isKsk = (key: ZoneKey): boolean => key.role === 'ksk'
export const publish =
  (change: (key: ZoneKey) => ZoneKey | undefined): NonNullable<Spec['published']> =>
  (keys) =>
    keys.flatMap((key) => change(key) ?? [])
export const forZsk = (change: (key: ZoneKey) => ZoneKey | undefined) => (key: ZoneKey) => (isKsk(key) ? key : change(key))
export const forKsk = (change: (key: ZoneKey) => ZoneKey | undefined) => (key: ZoneKey) => (isKsk(key) ? change(key) : key)
export const withFlags = (flags: number) => (key: ZoneKey) => redress(key, { flags })
const withAlgorithm = (algorithm: number) => (key: ZoneKey) => redress(key, { algorithm })

/** The key of the DS does not sign the DNSKEY RRset, the other one does. */
const NO_RRSIG_KSK: Spec = {
  dress: (key) => (isKsk(key) ? key : { ...key, role: 'csk' }),
  faults: { sign: ([record], key) => (isKsk(key) && record.type === TYPE.DNSKEY ? 'omit' : undefined) }
}

/** As a server does that looks among other hashes: one NSEC3 record, and not the ones that are needed. */
const oneNsec3 = behaviours.editRecords((records) => {
  const first = records.find((record) => record.type === TYPE.NSEC3)?.owner
  return records.filter((record) => !first || record.owner.labelCount !== first.labelCount || record.owner.equals(first))
})

const MISHASHED: Spec['faults'] = {
  denial: (record) => {
    const label = record.owner.label(0).slice()
    label[31] = label[31] === 0x30 ? 0x31 : 0x30
    return { ...record, owner: record.owner.parent().child(label) }
  }
}

/** `at` says where the fault shows, if that is not where those of the list do; its name is the host's. */
export type Row = readonly [
  sub: string,
  spec: Spec,
  status: Status,
  codes?: readonly number[],
  at?: Partial<Pick<Expected, 'name' | 'type' | 'rcode'>>
]

/** The fault shows at a name that is there. */
const POSITIVE: readonly Row[] = [
  ['valid', {}, 'secure'],
  ['unsigned', { algorithm: 'unsigned' }, 'insecure'],
  ['no-ds', { digests: [] }, 'insecure'],
  ['ds-bad-tag', { ds: (zone, key) => dsRdata(zone, key, 2, { keyTag: key.keyTag ^ 1 }) }, 'bogus', [9]],
  ['ds-bad-key-algo', { ds: (zone, key) => dsRdata(zone, key, 2, { algorithm: 8 }) }, 'bogus', [9]],
  ['ds-unassigned-key-algo', { ds: (zone, key) => dsRdata(zone, key, 2, { algorithm: 100 }) }, 'insecure', [1]],
  ['ds-reserved-key-algo', { ds: (zone, key) => dsRdata(zone, key, 2, { algorithm: 200 }) }, 'insecure', [1]],
  ['ds-unassigned-digest-algo', { digests: [100] }, 'insecure', [2]],
  ['ds-bogus-digest-value', { ds: (zone, key) => dsRdata(zone, key, 2, { digest: new Uint8Array(32) }) }, 'bogus', [9]],
  ['rrsig-exp-all', { faults: { sign: () => EXPIRED } }, 'bogus', [7]],
  ['rrsig-exp-a', { faults: signing(TYPE.A, EXPIRED) }, 'bogus', [7]],
  ['rrsig-not-yet-all', { faults: { sign: () => EARLY } }, 'bogus', [8]],
  ['rrsig-not-yet-a', { faults: signing(TYPE.A, EARLY) }, 'bogus', [8]],
  ['rrsig-exp-before-all', { faults: { sign: () => REVERSED } }, 'bogus', [25]],
  ['rrsig-exp-before-a', { faults: signing(TYPE.A, REVERSED) }, 'bogus', [25]],
  ['rrsig-no-all', { faults: { sign: () => 'omit' } }, 'bogus', [10]],
  ['rrsig-no-a', { faults: signing(TYPE.A, 'omit') }, 'bogus', [10]],
  ['no-rrsig-ksk', NO_RRSIG_KSK, 'bogus', [10, 9]],
  ['no-rrsig-dnskey', { faults: signing(TYPE.DNSKEY, 'omit') }, 'bogus', [10]],
  ['no-zsk', { published: publish(forZsk(() => undefined)) }, 'bogus', [9, 6]],
  ['bad-zsk', { published: publish(forZsk((key) => decoyOf(key))) }, 'bogus', [6]],
  ['no-ksk', { published: publish(forKsk(() => undefined)) }, 'bogus', [9]],
  ['bad-ksk', { published: publish(forKsk((key) => decoyOf(key))) }, 'bogus', [9]],
  ['no-dnskey', { published: () => [] }, 'bogus', [9]],
  ['bad-rrsig-ksk', { faults: signing(TYPE.DNSKEY, { corrupt: flipBit }) }, 'bogus', [6]],
  ['no-dnskey-256', { dress: forZsk(withFlags(0)) as (key: ZoneKey) => ZoneKey }, 'bogus', [11]],
  ['no-dnskey-257', { dress: forKsk(withFlags(1)) as (key: ZoneKey) => ZoneKey }, 'bogus', [11, 9]],
  ['no-dnskey-256-257', { dress: (key) => redress(key, { flags: key.flags & 1 }) }, 'bogus', [11, 9]],
  ['bad-zsk-algo', { published: publish(forZsk(withAlgorithm(14))) }, 'bogus', [6, 9]],
  ['unassigned-zsk-algo', { published: publish(forZsk(withAlgorithm(100))) }, 'bogus', [6, 9]],
  ['reserved-zsk-algo', { published: publish(forZsk(withAlgorithm(200))) }, 'bogus', [6, 9]],
  ['ed448', { algorithm: 16 }, 'secure'],
  ['ed25519', { algorithm: 15 }, 'secure'],
  ['ecdsap384sha384', { algorithm: 14 }, 'secure'],
  ['rsasha256', { algorithm: 8 }, 'secure'],
  ['rsasha512', { algorithm: 10 }, 'secure'],
  ['rsasha1', { algorithm: 5 }, 'insecure', [1]],
  ['rsasha1-nsec3-sha1', { algorithm: 7, ...NSEC3 }, 'insecure', [1]],
  ['dsa', { dress: withAlgorithm(3) }, 'insecure', [1]],
  ['dsa-nsec3-sha1', { dress: withAlgorithm(6) }, 'insecure', [1]],
  ['rsamd5', { dress: withAlgorithm(1) }, 'insecure', [1]]
]

/** The fault shows at a name that is not there. */
const NEGATIVE: readonly Row[] = [
  ['bad-nsec3-hash', { ...NSEC3, faults: MISHASHED }, 'bogus', [6, 12]],
  ['bad-nsec3-next', { ...NSEC3, faults: { denial: shrunk } }, 'bogus', [6, 12]],
  ['bad-nsec3param-salt', { ...NSEC3, behaviours: [oneNsec3] }, 'bogus', [12, 6]],
  ['bad-nsec3-rrsig', { ...NSEC3, faults: signing(TYPE.NSEC3, { corrupt: flipBit }) }, 'bogus', [6, 12]],
  ['nsec3-missing', { ...NSEC3, behaviours: [behaviours.strippingDenial] }, 'bogus', [12]],
  ['nsec3-rrsig-missing', { ...NSEC3, faults: signing(TYPE.NSEC3, 'omit') }, 'bogus', [10, 12]],
  ...[0, 1, 50].map((iterations): Row => [`nsec3-iter-${iterations}`, { denial: { by: 'nsec3', iterations } }, 'secure']),
  ...[51, 100, 150, 200, 500, 2500].map(
    (iterations): Row => [`nsec3-iter-${iterations}`, { denial: { by: 'nsec3', iterations } }, 'insecure', [27]]
  )
]

const NOWHERE: Readonly<Record<string, string>> = {
  'v6-mapped': '::ffff:192.0.2.99',
  'v6-unspecified': '::',
  'v6-link-local': 'fe80::99',
  'v6-localhost': '::1',
  'v6-mapped-dep': '::192.0.2.99',
  'v6-doc': '2001:db8::99',
  'v6-unique-local': 'fd00::99',
  'v6-nat64': '64:ff9b::c000:263',
  'v6-multicast': 'ff02::99',
  'v4-private-10': '10.0.0.99',
  'v4-private-172': '172.16.0.99',
  'v4-private-192': '192.168.0.99',
  'v4-this-host': '0.0.0.0',
  'v4-loopback': '127.0.0.99',
  'v4-link-local': '169.254.0.99',
  'v4-doc': '192.0.2.99',
  'v4-reserved': '240.0.0.99'
}

/** Nobody answers, or nobody who knows. */
const UNREACHABLE: readonly Row[] = [
  ['allow-query-none', { behaviours: [behaviours.refusing] }, 'indeterminate', [22]],
  ['not-auth', { behaviours: [behaviours.lame] }, 'indeterminate', [22]],
  ...(['FORMERR', 'SERVFAIL', 'NOTIMP', 'NOTAUTH', 'NOTZONE'] as const).map(
    (rcode): Row => [`rcode-${rcode.toLowerCase()}`, { behaviours: [behaviours.failing(RCODE[rcode])] }, 'indeterminate', [22, 23]]
  ),
  ...Object.entries(NOWHERE).map(([sub, address]): Row => [sub, { address, nobodyThere: true }, 'indeterminate', [22, 23]])
]

export interface Family {
  readonly parent: string
  /** its child zones, with the host that is asked for in them and the RCODE where the answer is not a failure */
  readonly rows: readonly (readonly [rows: readonly Row[], host: string, rcode: string])[]
  /** the address of the n-th zone, when that has servers of its own */
  readonly address: (n: number) => string
}

/** `reachable` are those whose servers are at addresses where something may be. */
export const FAULTY: Readonly<Record<'all' | 'reachable', Family>> = {
  all: faulty(UNREACHABLE),
  reachable: faulty(UNREACHABLE.filter(([, { nobodyThere }]) => !nobodyThere))
}

function faulty(unreachable: readonly Row[]): Family {
  return {
    parent: 'faulty.ordered',
    rows: [
      [POSITIVE, 'www', 'NOERROR'],
      [NEGATIVE, 'nowhere', 'NXDOMAIN'],
      [unreachable, 'www', 'NOERROR']
    ],
    address: (n) => `203.0.113.${100 + n}`
  }
}

/** @param nowMs ms since the epoch */
export function buildMisconfigured(nowMs: number = Date.now()): Hierarchy {
  return buildFamilies([FAULTY.all], nowMs)
}

/** @param nowMs ms since the epoch */
export function buildFamilies(families: readonly Family[], nowMs: number, place?: Place): Hierarchy {
  const specs: ZoneSpec[] = [...TOP]
  const questions: Expected[] = []
  for (const { parent, rows, address } of families) {
    let owners = 0
    specs.push({ name: parent })
    for (const [list, host, rcode] of rows) {
      for (const [sub, spec, status, codes, at] of list) {
        const name = `${sub}.${parent}`
        const own = spec.behaviours ? { address: address(owners++) } : {}
        specs.push({ name, split: true, ...own, ...spec })
        const fails = status === 'bogus' || status === 'indeterminate'
        questions.push({
          name: [at?.name ?? host, name].filter((label) => label !== '').join('.'),
          type: at?.type ?? 'A',
          status,
          rcode: fails ? 'SERVFAIL' : (at?.rcode ?? rcode),
          ...(codes && { codes })
        })
      }
    }
  }
  return buildWorld(specs, questions, nowMs, place)
}
