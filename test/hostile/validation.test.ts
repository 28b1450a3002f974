// Zones made to exhaust a validator: KeyTrap (CVE-2023-50387) and its kin, NSEC3 (CVE-2023-50868), RRsets without measure.
import { afterAll, describe, expect, it } from 'vitest'
import { TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { type Behaviour, editRecords } from '../world/behaviours.js'
import { decoyOf, dsRdata, type ZoneKey } from '../world/keys.js'
import { type Attack, HEAD, suffer } from './attacked.js'

const rows: string[] = []
afterAll(() => console.log([HEAD, ...rows].join('\n')))

const decoys = (key: ZoneKey, count: number): ZoneKey[] => Array.from({ length: count }, (_, serial) => decoyOf(key, serial))

/** Each RRSIG over `types` is replaced by so many with the same fields and other octets at the end; none of them holds. */
const jamming = (count: number, types?: readonly number[]): Behaviour =>
  editRecords((records) => records.flatMap((record) => (jammed(record, types) ? many(record, count) : [record])))

const jammed = ({ type, rdata }: ResourceRecord, types?: readonly number[]): boolean =>
  type === TYPE.RRSIG && (types === undefined || types.includes((rdata[0] << 8) | rdata[1]))

function many(record: ResourceRecord, count: number): ResourceRecord[] {
  return Array.from({ length: count }, (_, n) => {
    const rdata = record.rdata.slice()
    rdata[rdata.length - 5] ^= 1 + (n & 0x7f)
    rdata[rdata.length - 9] ^= n >> 7
    return { ...record, rdata }
  })
}

/** All NSEC3 records of the zone in every reply would do no more than these, of which none helps: the apex is not among them. */
const withoutApex: Behaviour = editRecords((records) => {
  const proofs = records.filter(({ type }) => type === TYPE.NSEC3)
  return proofs.length < 2 ? records : records.filter((record) => record !== proofs[0])
})

const address = '203.0.113.100'
const DEEP = Array.from({ length: 100 }, (_, n) => (n % 10).toString()).join('.')
const NSEC3 = { by: 'nsec3', iterations: 50, salt: new Uint8Array(255).fill(7) } as const
const names = Array.from({ length: 60 }, (_, n) => `n${n} TXT "there"`).join('\n')
const failing = ['bogus', 'indeterminate'] as const

const ATTACKS: readonly Attack[] = [
  {
    label: 'KeyTrap: 100 keys of one tag, 100 signatures on everything',
    name: 'www.trap.ordered',
    zones: [{ name: 'trap.ordered', address, published: ([key]) => [...decoys(key, 100), key], behaviours: [jamming(100)] }],
    allowed: failing
  },
  {
    label: 'KeyTrap at the A: 100 keys of one tag, 100 signatures',
    name: 'www.trap.ordered',
    zones: [
      {
        name: 'trap.ordered',
        address,
        split: true,
        published: ([ksk, zsk]) => [ksk, ...decoys(zsk, 100), zsk],
        behaviours: [jamming(100, [TYPE.A])]
      }
    ],
    allowed: failing
  },
  {
    label: 'SigJam: one key, 300 signatures',
    name: 'www.jam.ordered',
    zones: [{ name: 'jam.ordered', address, behaviours: [jamming(300, [TYPE.A])] }],
    allowed: failing
  },
  {
    label: 'LockCram: 100 keys of one tag, one signature',
    name: 'www.lock.ordered',
    zones: [{ name: 'lock.ordered', address, split: true, published: ([ksk, zsk]) => [ksk, ...decoys(zsk, 100), zsk] }],
    allowed: ['secure', ...failing]
  },
  {
    label: 'HashTrap: 100 DS of one tag, 100 keys of it',
    name: 'www.hashtrap.ordered',
    zones: [
      {
        name: 'hashtrap.ordered',
        address,
        published: ([key]) => [...decoys(key, 100), key],
        ds: (zone, key) => Array.from({ length: 100 }, (_, n) => dsRdata(zone, key, 2, { digest: new Uint8Array(32).fill(n) }))
      }
    ],
    allowed: failing
  },
  {
    label: 'NSEC3: 100 labels, 50 iterations, the longest salt',
    name: `${DEEP}.deep.ordered`,
    zones: [{ name: 'deep.ordered', address, denial: NSEC3, text: names }],
    allowed: ['secure', ...failing]
  },
  {
    label: 'NSEC3: the same without its closest encloser',
    name: `${DEEP}.deep.ordered`,
    zones: [{ name: 'deep.ordered', address, denial: NSEC3, text: names, behaviours: [withoutApex] }],
    allowed: failing
  },
  {
    label: 'NSEC3: 2500 iterations',
    name: 'nowhere.deep.ordered',
    zones: [{ name: 'deep.ordered', address, denial: { by: 'nsec3', iterations: 2_500 } }],
    allowed: ['insecure', ...failing] // RFC 9276 3.2: not secure, and not computed
  },
  {
    label: 'an RRset of 3000 records',
    name: 'huge.large.ordered',
    zones: [
      {
        name: 'large.ordered',
        address,
        text: Array.from({ length: 3_000 }, (_, n) => `huge A 10.9.${n >> 8}.${n & 0xff}`).join('\n')
      }
    ],
    allowed: failing
  }
]

describe('zones that want much validation', () => {
  it.each(ATTACKS)('$label', async (attack) => {
    const { row } = await suffer(attack)
    rows.push(row)
  })

  it('compare with an honest zone, which needs some of everything', async () => {
    const zones = [{ name: 'honest.ordered', address, denial: { by: 'nsec3', iterations: 0 } as const }]
    const { row, answer } = await suffer({ label: 'an honest zone', name: 'nowhere.honest.ordered', zones, allowed: ['secure'] })
    expect(answer.rcode).toBe('NXDOMAIN')
    expect(
      row
        .split(' | ')
        .slice(1, 5)
        .every((count) => Number(count) > 0),
      row
    ).toBe(true)
    rows.push(row)
  })
})
