// Zones and servers made to cost a resolver as much as they can, a published attack each: what is asked, which row of the limits
// bounds it, and what may come of it.
import type { Limits, SecurityStatus } from '../../src/index.js'
import { buildMessage, parseMessage } from '../../src/wire/message.js'
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { authority, type Respond } from '../world/authority.js'
import * as behaviours from '../world/behaviours.js'
import { buildWorld, type Hierarchy, type Place } from '../world/hierarchy.js'
import { TOP, type ZoneSpec } from '../world/hierarchy-zones.js'
import { decoyOf, dsRdata, zoneKey } from '../world/keys.js'
import { makeZone } from '../world/zone.js'

export interface Attack {
  readonly name: string
  readonly about: string
  readonly question: readonly [name: string, type: string]
  /** what bounds it */
  readonly bounds: readonly (keyof Limits)[]
  readonly statuses: readonly SecurityStatus[]
  readonly zones: readonly ZoneSpec[]
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const lines = (count: number, make: (i: number) => string): string => times(count, make).join('\n')

/** Sends over UDP only what fits, whatever the behaviours before it added. */
const fitting: behaviours.Behaviour = (respond) => (query, protocol) => {
  const reply = respond(query, protocol)
  if (!reply || protocol === 'tcp' || reply.length <= 1232) return reply
  const { answer, authority: _, additional: __, ...head } = behaviours.toSpec(parseMessage(reply))
  return buildMessage({ ...head, answer: answer?.slice(0, 0), tc: true })
}

/** Many RRSIGs in the place of the one over this type, each with other octets in its signature. */
const manySignatures = (covered: number, count: number): behaviours.Behaviour =>
  behaviours.editRecords((records) =>
    records.flatMap((record) => {
      if (record.type !== TYPE.RRSIG || ((record.rdata[0] << 8) | record.rdata[1]) !== covered) return [record]
      return times(count, (i) => {
        const rdata = record.rdata.slice()
        rdata[rdata.length - 2] ^= 1 + (i >> 8)
        rdata[rdata.length - 9] ^= i & 0xff
        return { ...record, rdata }
      })
    })
  )

/** Where the test itself must put a server that drips. */
export const DRIPPING = '203.0.113.18'

const RSA: Partial<ZoneSpec> = { algorithm: 8, split: true }

const keyTrap: ZoneSpec = {
  name: 'keytrap.ordered',
  ...RSA,
  address: '203.0.113.1',
  published: (keys) => keys.flatMap((key) => (key.role === 'zsk' ? [...times(100, (i) => decoyOf(key, i)), key] : [key])),
  behaviours: [manySignatures(TYPE.A, 100), fitting]
}

const keySetTrap: ZoneSpec = {
  name: 'keysettrap.ordered',
  ...RSA,
  address: '203.0.113.2',
  published: (keys) => keys.flatMap((key) => (key.role === 'ksk' ? [...times(60, (i) => decoyOf(key, i)), key] : [key])),
  ds: (zone, key) => times(60, (i) => dsRdata(zone, decoyOf(key, i))),
  behaviours: [manySignatures(TYPE.DNSKEY, 60), fitting]
}

const sigJam: ZoneSpec = { name: 'sigjam.ordered', ...RSA, address: '203.0.113.3', behaviours: [manySignatures(TYPE.A, 250), fitting] }

const hashTrap: ZoneSpec = {
  name: 'hashtrap.ordered',
  ...RSA,
  address: '203.0.113.4',
  published: (keys) => keys.flatMap((key) => (key.role === 'ksk' ? times(100, (i) => decoyOf(key, i)) : [key])),
  ds: (zone, key) => times(100, (i) => dsRdata(zone, key, 2, { digest: new Uint8Array(32).fill(i) })),
  behaviours: [fitting]
}

const anyTrap: ZoneSpec = {
  name: 'anytrap.ordered',
  ...RSA,
  address: '203.0.113.5',
  text: lines(60, (i) => `many TYPE${2000 + i} \\# 1 00`),
  behaviours: [
    behaviours.editRecords((records, query) =>
      query.question?.type === TYPE.ANY ? records.map((record) => (record.type === TYPE.RRSIG ? spoilt(record) : record)) : records
    ),
    fitting
  ]
}
const spoilt = (record: ResourceRecord): ResourceRecord => {
  const rdata = record.rdata.slice()
  rdata[rdata.length - 3] ^= 0x10
  return { ...record, rdata }
}

const SALT = new Uint8Array(255).fill(0x5a)
const hashFlood: ZoneSpec = { name: 'hashflood.hashed', denial: { by: 'nsec3', iterations: 50, salt: SALT } }
const iterationFlood: ZoneSpec = { name: 'iterationflood.hashed', denial: { by: 'nsec3', iterations: 1000, salt: SALT } }

const SALTS = 8
const saltFlood: ZoneSpec = {
  name: 'saltflood.hashed',
  address: '203.0.113.6',
  denial: { by: 'nsec3', iterations: 50 },
  behaviours: [(respond) => withManyChains(respond), fitting]
}

/** The proofs of chains with different salts, all signed, in every negative reply. */
function withManyChains(respond: Respond): Respond {
  const origin = 'saltflood.hashed'
  const now = Math.floor(Date.now() / 1000)
  const others = times(SALTS, (i) =>
    authority([
      makeZone({
        origin,
        text: '@ SOA ns h 1 1 1 1 300\n@ NS ns\nns A 203.0.113.6',
        keys: [zoneKey(origin, 13)],
        denial: { by: 'nsec3', iterations: 50, salt: Uint8Array.of(i + 1) },
        inception: now - 86_400,
        expiration: now + 86_400
      })
    ])
  )
  return behaviours.editReplies((reply, query) => {
    if (reply.rcode !== 3) return reply
    const more = others.flatMap((other) => {
      const { authority: records = [] } = behaviours.toSpec(parseMessage(other(query.wire, 'tcp') as Uint8Array))
      return records.filter(({ owner }) => owner.labelCount === 3)
    })
    return { ...reply, authority: [...more, ...(reply.authority ?? []).filter(({ owner }) => owner.labelCount !== 3)] }
  })(respond)
}

const nxns: ZoneSpec = { name: 'nxns.ordered', address: '203.0.113.7', text: lines(100, (i) => `sub NS nx${i}.good.ordered.`) }

const nrDelegation: readonly ZoneSpec[] = [
  { name: 'nrattack.ordered', address: '203.0.113.8', text: lines(300, (i) => `sub NS ns.n${i}.nrpool.ordered.`) },
  {
    name: 'nrpool.ordered',
    address: '203.0.113.9',
    text: lines(300, (i) => `n${i} NS ns.n${i}\nns.n${i} A 203.0.113.${200 + (i % 50)}`)
  }
]

const camp: readonly ZoneSpec[] = [
  { name: 'campa.ordered', address: '203.0.113.10', text: lines(60, (i) => `c${i} CNAME c${i}.campb.hashed.`) },
  { name: 'campb.hashed', address: '203.0.113.11', text: lines(60, (i) => `c${i} CNAME c${i + 1}.campa.ordered.`) }
]

const tsuName: ZoneSpec = {
  name: 'tsuname.ordered',
  address: '203.0.113.12',
  text: `one NS ns.two
two NS ns.three
three NS ns.one`
}

const huge: ZoneSpec = {
  name: 'huge.ordered',
  address: '203.0.113.13',
  text: lines(3500, (i) => `many A 10.0.${i >> 8}.${i & 0xff}`),
  behaviours: [fitting]
}

/** Refers every question to the same zone again, at another server each time. */
const pingPong = (own: Uint8Array, other: string): behaviours.Behaviour =>
  behaviours.when(
    ({ name }) => name.isBelow(nameFromText('pingpong.ordered')),
    behaviours.insteadOf((query) => {
      const { id, question, edns } = parseMessage(query)
      const owner = nameFromText('deep.pingpong.ordered')
      const record = (type: number, at: typeof owner, rdata: Uint8Array): ResourceRecord => ({
        owner: at,
        type,
        class: CLASS.IN,
        ttl: 300,
        rdata
      })
      const ns = nameFromText(`${other}.deep.pingpong.ordered`)
      return buildMessage({
        id,
        question,
        edns: edns && { udpSize: 1232, dnssecOk: true },
        authority: [record(TYPE.NS, owner, ns.wire)],
        additional: [record(TYPE.A, ns, own)]
      })
    })
  )

const octets = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number))

const pingPongZone = (place: Place): ZoneSpec => ({
  name: 'pingpong.ordered',
  algorithm: 'unsigned',
  address: '203.0.113.14',
  behaviours: [pingPong(octets(place('203.0.113.14')), 'ns1')]
})

/** Delegates every label to itself. */
const wellServer =
  (address: Uint8Array): Respond =>
  (query) => {
    const { id, question, edns } = parseMessage(query)
    const zone = nameFromText('well.ordered')
    if (!question) return undefined
    const deeper = question.name.labelCount > zone.labelCount + 1 ? question.name.ancestor(question.name.labelCount - 1) : question.name
    const ns = deeper.child(Buffer.from('ns'))
    return buildMessage({
      id,
      question,
      edns: edns && { udpSize: 1232, dnssecOk: true },
      authority: [{ owner: deeper, type: TYPE.NS, class: CLASS.IN, ttl: 300, rdata: ns.wire }],
      additional: [{ owner: ns, type: TYPE.A, class: CLASS.IN, ttl: 300, rdata: address }]
    })
  }
const well = (place: Place): ZoneSpec => ({
  name: 'well.ordered',
  algorithm: 'unsigned',
  address: '203.0.113.15',
  behaviours: [behaviours.insteadOf(wellServer(octets(place('203.0.113.15'))))]
})

const cnameBomb: ZoneSpec = {
  name: 'cnamebomb.ordered',
  algorithm: 'unsigned',
  address: '203.0.113.16',
  behaviours: [
    behaviours.insteadOf((query) => {
      const { id, question, edns } = parseMessage(query)
      if (!question) return undefined
      const target = nameFromText(`r${Math.random().toString(36).slice(2)}.cnamebomb.ordered`)
      const answer = [{ owner: question.name, type: TYPE.CNAME, class: CLASS.IN, ttl: 300, rdata: target.wire }]
      return buildMessage({ id, question, aa: true, edns: edns && { udpSize: 1232, dnssecOk: true }, answer })
    })
  ]
}

const dnameBomb: ZoneSpec = { name: 'dnamebomb.ordered', address: '203.0.113.17', text: 'd DNAME d.d' }

const deep = (zone: string, labels: number): string => `${'a.'.repeat(labels)}${zone}`

/** @param place where the servers are */
export const attacksAt = (place: Place): readonly Attack[] => [
  {
    name: 'KeyTrap',
    about: 'CVE-2023-50387: 101 keys of one tag, 100 RRSIGs over the answer',
    question: ['www.keytrap.ordered', 'A'],
    bounds: ['signatureChecks', 'signatureFailures', 'keysPerTag', 'signaturesPerRrset'],
    statuses: ['bogus', 'indeterminate'],
    zones: [keyTrap]
  },
  {
    name: 'KeyTrap of the key set',
    about: 'CVE-2023-50387: 60 keys of one tag that 60 DS name, 60 RRSIGs over the DNSKEY RRset',
    question: ['www.keysettrap.ordered', 'A'],
    bounds: ['signatureChecks', 'signatureFailures', 'dsPerZone'],
    statuses: ['bogus', 'indeterminate'],
    zones: [keySetTrap]
  },
  {
    name: 'SigJam',
    about: '250 RRSIGs by one key over the answer, none of which holds',
    question: ['www.sigjam.ordered', 'A'],
    bounds: ['signatureChecks', 'signatureFailures', 'signaturesPerRrset'],
    statuses: ['bogus', 'indeterminate'],
    zones: [sigJam]
  },
  {
    name: 'HashTrap',
    about: '100 DS of one tag, none of which any of 100 keys of that tag matches',
    question: ['www.hashtrap.ordered', 'A'],
    bounds: ['dsPerZone', 'dsMismatches', 'keysPerTag'],
    statuses: ['bogus', 'indeterminate'],
    zones: [hashTrap]
  },
  {
    name: 'ANY with wrong signatures',
    about: '60 RRsets in one answer, each with a signature that does not hold',
    question: ['many.anytrap.ordered', 'ANY'],
    bounds: ['signatureChecks', 'signatureFailures', 'anyRrsets'],
    statuses: ['bogus', 'indeterminate'],
    zones: [anyTrap]
  },
  {
    name: 'NSEC3 exhaustion',
    about: 'CVE-2023-50868: a name of 100 labels, 50 iterations, 255 octets of salt',
    question: [deep('hashflood.hashed', 100), 'A'],
    bounds: ['nsec3Hashes', 'nsec3Iterations'],
    statuses: ['secure', 'bogus', 'indeterminate'],
    zones: [hashFlood]
  },
  {
    name: 'NSEC3 iterations',
    about: 'CVE-2023-50868: a name of 12 labels, 1000 iterations, 255 octets of salt',
    question: [deep('iterationflood.hashed', 12), 'A'],
    bounds: ['nsec3Hashes', 'nsec3Iterations'],
    statuses: ['insecure', 'indeterminate'],
    zones: [iterationFlood]
  },
  {
    name: 'NSEC3 of many salts',
    about: `${SALTS} signed chains with different salts in one reply, a name of 30 labels`,
    question: [deep('saltflood.hashed', 30), 'A'],
    bounds: ['nsec3Hashes', 'signatureChecks'],
    statuses: ['secure', 'bogus', 'indeterminate'],
    zones: [saltFlood]
  },
  {
    name: 'NXNSAttack',
    about: 'a referral to 100 name servers without address in a zone of somebody else, where none is',
    question: ['www.sub.nxns.ordered', 'A'],
    bounds: ['queries', 'addressLookups', 'addressFailures', 'serversPerDelegation'],
    statuses: ['indeterminate'],
    zones: [nxns]
  },
  {
    name: 'NRDelegation',
    about: 'a referral to 300 name servers, each delegated to a server that is silent',
    question: ['www.sub.nrattack.ordered', 'A'],
    bounds: ['queries', 'addressLookups', 'addressFailures', 'silencesPerServer'],
    statuses: ['indeterminate'],
    zones: nrDelegation
  },
  {
    name: 'CAMP',
    about: 'a chain of 120 aliases that goes to and fro between two zones',
    question: ['c0.campa.ordered', 'A'],
    bounds: ['aliases', 'aliasReturns', 'queries'],
    statuses: ['indeterminate'],
    zones: camp
  },
  {
    name: 'TsuNAME',
    about: 'three delegations, the name server of each below the next',
    question: ['www.one.tsuname.ordered', 'A'],
    bounds: ['queries', 'depth'],
    statuses: ['indeterminate'],
    zones: [tsuName]
  },
  {
    name: 'A huge RRset',
    about: '3500 records in one signed RRset, 56 kilobytes',
    question: ['many.huge.ordered', 'A'],
    bounds: ['recordsPerRrset'],
    statuses: ['secure', 'bogus', 'indeterminate'],
    zones: [huge]
  },
  {
    name: 'Referral ping-pong',
    about: 'a server that refers every question to the same zone again',
    question: ['www.deep.pingpong.ordered', 'A'],
    bounds: ['queries', 'queriesPerLookup'],
    statuses: ['indeterminate'],
    zones: [pingPongZone(place)]
  },
  {
    name: 'Endless descent',
    about: 'a name of 110 labels, each a delegation to the same server',
    question: [deep('well.ordered', 110), 'A'],
    bounds: ['queries', 'queriesPerLookup'],
    statuses: ['indeterminate'],
    zones: [well(place)]
  },
  {
    name: 'CNAME bomb',
    about: 'every answer is an alias of a new name in the same zone',
    question: ['www.cnamebomb.ordered', 'A'],
    bounds: ['aliases', 'queries'],
    statuses: ['indeterminate'],
    zones: [cnameBomb]
  },
  {
    name: 'DNAME bomb',
    about: 'a DNAME into itself, by which the name grows',
    question: ['x.d.dnamebomb.ordered', 'A'],
    bounds: ['aliases', 'queries'],
    statuses: ['indeterminate'],
    zones: [dnameBomb]
  },
  {
    name: 'Never-ending TCP',
    about: 'a server that asks for TCP and then sends an octet now and then, without end',
    question: ['www.drip.ordered', 'A'],
    bounds: ['exchangeMs', 'questionMs', 'queries'],
    statuses: ['indeterminate'],
    zones: [{ name: 'drip.ordered', address: DRIPPING, nobodyThere: true }]
  }
]

export const ATTACKS = attacksAt((text) => text)

/** A zone that nobody attacks: it must be answered for meanwhile. */
export const GOOD = 'good.ordered'
const good: ZoneSpec = { name: GOOD, text: lines(60, (i) => `w${i} A 203.0.113.80`) }

/** All the attacks in one world. */
export function buildHostile(nowMs: number, place: Place = (text) => text): Hierarchy {
  return buildWorld([...TOP, good, ...attacksAt(place).flatMap(({ zones }) => zones)], [], nowMs, place)
}
