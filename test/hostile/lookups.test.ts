// Zones made to exhaust a resolver or to turn it against others: NXNSAttack, NRDelegation, CAMP, TsuNAME, referrals and aliases
// without end, and a TCP reply that never ends.
import { createServer, type Socket } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { createNetworkTransport } from '../../src/transport/network.js'
import type { Transport } from '../../src/transport/transport.js'
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'
import { type Behaviour, editReplies, silent, truncating } from '../world/behaviours.js'
import { type Attack, HEAD, suffer } from './attacked.js'

const rows: string[] = []
afterAll(() => console.log([HEAD, ...rows].join('\n')))

const lines = (count: number, line: (n: number) => string): string => Array.from({ length: count }, (_, n) => line(n)).join('\n')
const LABELS = Array.from({ length: 100 }, () => 'x').join('.')
const failing = ['bogus', 'indeterminate'] as const
const first = '203.0.113.100'
const second = '203.0.113.101'

const record = (owner: ResourceRecord['owner'], type: number, rdata: Uint8Array): ResourceRecord => {
  return { owner, type, class: CLASS.IN, ttl: 3600, rdata }
}

/** Refers to a zone one label deeper at every question, with itself as its server. */
function deeper(): Behaviour {
  let labels = 2
  return editReplies(({ id, question, rd, edns }) => {
    if (!question) return undefined
    labels = Math.min(labels + 1, question.name.labelCount)
    const zone = question.name.ancestor(labels)
    const server = nameFromText('ns.down.ordered')
    const additional = [record(server, TYPE.A, Uint8Array.of(203, 0, 113, 100))]
    return { id, question, rd, edns, authority: [record(zone, TYPE.NS, server.wire)], additional }
  })
}

/** Refers to the other server, for the same zone, whatever is asked. */
const passingOn = (zone: string, server: string, last: number): Behaviour =>
  editReplies(({ id, question, rd, edns }) => {
    const target = nameFromText(server)
    const authority = [record(nameFromText(zone), TYPE.NS, target.wire)]
    return { id, question, rd, edns, authority, additional: [record(target, TYPE.A, Uint8Array.of(203, 0, 113, last))] }
  })

/** An alias to another name of the zone at every question. */
function aliasing(zone: string): Behaviour {
  let n = 0
  return editReplies(({ id, question, rd, edns }) => {
    if (!question) return undefined
    const answer = [record(question.name, TYPE.CNAME, nameFromText(`again${n++}.${zone}`).wire)]
    return { id, question, rd, edns, aa: true, answer }
  })
}

const ATTACKS: readonly Attack[] = [
  {
    label: 'NXNSAttack: a referral to 300 names that are not there',
    name: 'www.sub.nxns.ordered',
    zones: [
      { name: 'nxns.ordered', address: first, text: lines(300, (n) => `sub NS ns${n}.victim.hashed.`) },
      { name: 'victim.hashed', address: second, algorithm: 'unsigned' }
    ],
    allowed: failing
  },
  {
    label: 'NRDelegation: a referral to 300 names of a silent zone',
    name: 'www.sub.nrd.ordered',
    zones: [
      { name: 'nrd.ordered', address: first, text: lines(300, (n) => `sub NS ns${n}.z${n % 20}.victim.hashed.`) },
      { name: 'victim.hashed', address: second, algorithm: 'unsigned', text: lines(20, (n) => `z${n} NS ns.silent.hashed.`) },
      { name: 'silent.hashed', address: '203.0.113.102', algorithm: 'unsigned', behaviours: [() => silent(() => undefined)] }
    ],
    allowed: failing
  },
  {
    label: 'NXNSAttack twice over: names that are referred on',
    name: 'www.sub.twice.ordered',
    zones: [
      { name: 'twice.ordered', address: first, text: lines(60, (n) => `sub NS ns.m${n}.middle.hashed.`) },
      {
        name: 'middle.hashed',
        address: second,
        algorithm: 'unsigned',
        text: lines(60, (n) => lines(30, (k) => `m${n} NS ns${k}-${n}.victim.hashed.`))
      },
      { name: 'victim.hashed', address: '203.0.113.102', algorithm: 'unsigned' }
    ],
    allowed: failing
  },
  {
    label: 'CAMP: 60 aliases between two zones, deep names',
    name: 'a.a.a.a.a.a.a.a.c0.camp.ordered',
    zones: [
      { name: 'camp.ordered', address: first, text: lines(60, (n) => `a.a.a.a.a.a.a.a.c${n} CNAME a.a.a.a.a.a.a.a.c${n}.camp.hashed.`) },
      {
        name: 'camp.hashed',
        address: second,
        text: lines(60, (n) => `a.a.a.a.a.a.a.a.c${n} CNAME a.a.a.a.a.a.a.a.c${n + 1}.camp.ordered.`)
      }
    ],
    allowed: failing
  },
  {
    label: 'TsuNAME: two zones that wait for each other',
    name: 'www.a.loop.ordered',
    zones: [
      { name: 'loop.ordered', address: first, text: 'a NS ns.b.loop.hashed.' },
      { name: 'loop.hashed', address: second, text: 'b NS ns.a.loop.ordered.' }
    ],
    allowed: failing
  },
  {
    label: 'TsuNAME: a ring of 30 zones with 5 servers each',
    name: 'www.z0.ring.ordered',
    zones: [{ name: 'ring.ordered', address: first, text: lines(30, (n) => lines(5, (k) => `z${n} NS ns${k}.z${(n + k + 1) % 30}`)) }],
    allowed: failing
  },
  {
    label: 'referrals down 100 labels, one at a time',
    name: `${LABELS}.down.ordered`,
    zones: [{ name: 'down.ordered', address: first, algorithm: 'unsigned', behaviours: [deeper()] }],
    allowed: failing
  },
  {
    label: 'referral ping-pong between two servers',
    name: 'www.ping.ordered',
    zones: [
      { name: 'ping.ordered', address: first, algorithm: 'unsigned', behaviours: [passingOn('ping.ordered', 'ns.pong.hashed', 101)] },
      { name: 'pong.hashed', address: second, algorithm: 'unsigned', behaviours: [passingOn('ping.ordered', 'ns.ping.ordered', 100)] }
    ],
    allowed: failing
  },
  {
    label: 'CNAME bomb: another alias at every question',
    name: 'www.bomb.ordered',
    zones: [{ name: 'bomb.ordered', address: first, algorithm: 'unsigned', behaviours: [aliasing('bomb.ordered')] }],
    allowed: failing
  },
  {
    label: 'CNAME ring of wildcards in a signed zone',
    name: 'x.w.bomb.ordered',
    zones: [{ name: 'bomb.ordered', address: first, text: '*.w CNAME a.v\n*.v CNAME a.w' }],
    allowed: failing
  },
  {
    label: 'DNAME bomb: a name that grows at every step',
    name: 'x.d.bomb.ordered',
    zones: [{ name: 'bomb.ordered', address: first, text: 'd DNAME yyyyyyyyyyyyyyyyyyyy.d' }],
    // RFC 6672 2.2: at the end the name is too long, and the server says YXDOMAIN
    allowed: failing
  }
]

describe('zones that want many questions', () => {
  it.each(ATTACKS)('$label', async (attack) => {
    const { row } = await suffer(attack)
    rows.push(row)
  })

  it('a TCP reply that never ends', async () => {
    const streams = new Set<Socket>()
    const server = createServer((stream) => {
      streams.add(stream)
      stream.write(Uint8Array.of(0xff, 0xff)) // RFC 1035 4.2.2: so many octets will come
      const timer = setInterval(() => stream.write(Uint8Array.of(0)), 20)
      stream.on('error', () => stream.destroy())
      stream.on('close', () => clearInterval(timer))
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const at = server.address()
    const port = typeof at === 'object' && at ? at.port : 0
    const network = createNetworkTransport()
    const through = (memory: Transport): Transport => ({
      exchange: (query, to, options) =>
        to.address === first && to.protocol === 'tcp'
          ? network.exchange(query, { ...to, address: '127.0.0.1', port }, options)
          : memory.exchange(query, to, options)
    })
    try {
      const { row } = await suffer({
        label: 'a TCP reply that never ends',
        name: 'www.endless.ordered',
        zones: [{ name: 'endless.ordered', address: first, behaviours: [truncating] }],
        allowed: failing,
        limits: { exchangeMs: 150, questionMs: 1_500 },
        within: 2_500,
        through
      })
      rows.push(row)
      expect(streams.size).toBeGreaterThan(0)
    } finally {
      await network.close?.()
      for (const stream of streams) stream.destroy()
      await new Promise<void>((closed) => server.close(() => closed()))
    }
  })
})
