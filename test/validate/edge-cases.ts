// The edge cases of validation, one by one, through a resolver: each is a small world in which one thing is forged or odd.
// The number is that of the case in our list; behind it the RFC section or the CVE that it comes from.

import { expect, it } from 'vitest'
import type { ResolverOptions } from '../../src/index.js'
import type { ReplySpec } from '../../src/wire/message.js'
import { CLASS, RCODE, TYPE, typeFromText } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { asksFor, type Behaviour, editReplies, when } from '../world/behaviours.js'
import type { ZoneKey } from '../world/keys.js'
import type { SignatureFaults } from '../world/signer.js'
import { makeZone, type Zone } from '../world/zone.js'
import { soaOf } from './forging.js'
import { keyOf, NOON, type Small, smallWorld } from './small-world.js'

type Zones = (name: string) => Zone
type Forge = readonly [name: string, type: string, make: (zone: Zones) => Partial<ReplySpec>, by?: string]

export interface Case {
  readonly zones?: Readonly<Record<string, Small>>
  /** replies put in place of the honest ones of the server of `test`, or of the zone `by` */
  readonly forge?: readonly Forge[]
  readonly ask: readonly [name: string, type: string]
  readonly expected: object
  readonly options?: Partial<ResolverOptions>
}

export const TEXT = `
a A 192.0.2.1
alias CNAME a.test.
b.ent A 192.0.2.1
d DNAME elsewhere.test.
*.n A 192.0.2.1
*.b.n A 192.0.2.2
*.w A 192.0.2.2
*.wc CNAME a.test.
b.c.w TXT "b"
x.w TXT "x"`

export const NX = { rcode: RCODE.NXDOMAIN }
export const BOGUS = { status: 'bogus', rcode: 'SERVFAIL', records: [] }
export const because = (kind: string): object => ({ ...BOGUS, reason: { kind } })
export const SECURE = { status: 'secure', rcode: 'NOERROR' }
export const SECURE_NX = { status: 'secure', rcode: 'NXDOMAIN' }
export const NSEC3 = { by: 'nsec3', salt: Uint8Array.of(1), iterations: 0 } as const
export const OPT_OUT = { ...NSEC3, optOut: true } as const

export const octetSet = (rdata: Uint8Array, at: number, octet: number): Uint8Array => rdata.map((old, i) => (i === at ? octet : old))

export const negative = (zone: Zone, ...names: readonly ResourceRecord[][]): Partial<ReplySpec> => ({
  authority: [...soaOf(zone), ...names.flat()]
})
export const test = { test: { text: TEXT } }
export const hashed = { test: { text: TEXT, denial: NSEC3 } }

/** A zone like `test`, with the same key but another chain, to take records from. */
export const twin = (denial: Small['denial'], faults?: Small['faults']): Zone =>
  makeZone({
    ...{ origin: 'test', text: `@ SOA ns. hostmaster. 1 7200 3600 1209600 600\n@ NS ns.test.\nns.test. A 192.0.2.11\n${TEXT}` },
    ...{ keys: [keyOf('test')], denial, faults, inception: NOON - 86_400, expiration: NOON + 86_400 }
  })

/** Signs the records of one owner and type otherwise, by one key or by each. */
export const only =
  (name: string, type: number, fault: SignatureFaults | 'omit', key?: ZoneKey): NonNullable<Small['faults']>['sign'] =>
  (records, by) =>
    records[0].type === type && records[0].owner.equals(nameFromText(name)) && (!key || by === key) ? fault : undefined

export const unsigned = (name: string): ResourceRecord[] => [
  { owner: nameFromText(name), type: TYPE.A, class: CLASS.IN, ttl: 600, rdata: Uint8Array.of(203, 0, 113, 66) }
]

/** A test for each: the world with what is forged in it is asked by a resolver. */
export function runCases(cases: Readonly<Record<string, Case>>): void {
  for (const [title, { zones = test, forge = [], ask, expected, options }] of Object.entries(cases)) {
    it(title, async () => {
      const specs: Record<string, Small> = { ...zones }
      for (const [name, type, make, by = 'test'] of forge) {
        const reply = editReplies(({ id, question, rd, edns }) => ({ id, question, rd, edns, aa: true, ...make(zoneOf) }))
        const forged: Behaviour = when(asksFor(typeFromText(type) as number, name), reply)
        specs[by] = { ...specs[by], behave: [...(specs[by].behave ?? []), forged] }
      }
      const world = smallWorld(specs)
      const zoneOf = (name: string): Zone => world.zones.get(name) as Zone
      const answer = await world.ask(ask[0], ask[1], options)
      expect(answer, answer.reason?.text).toMatchObject(expected)
    })
  }
}
