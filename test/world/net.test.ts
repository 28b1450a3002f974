// The two transports of the test world give the same replies, and fail alike.
import { afterAll, describe, expect, it } from 'vitest'
import { TransportError } from '../../src/transport/transport.js'
import { buildQuery, parseMessage } from '../../src/wire/message.js'
import { typeFromText } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { authority } from './authority.js'
import { silent } from './behaviours.js'
import { handClock } from './clock.js'
import { memoryTransport, type Servers, socketTransport, type WorldTransport } from './net.js'
import { zoneOfRfc4035 } from './rfc-zones.js'

const server = authority([zoneOfRfc4035()])
const servers: Servers = new Map([
  ['192.0.2.1', server],
  ['2001:db8::1', server],
  ['192.0.2.9', silent(server)]
])

const query = (name: string, type: string): Uint8Array => {
  const question = { name: nameFromText(name), type: typeFromText(type) as number, class: 1 }
  return buildQuery({ id: 99, question, edns: { udpSize: 600, dnssecOk: true } })
}

const options = (timeoutMs = 2000): { signal: AbortSignal; timeoutMs: number } => ({ signal: new AbortController().signal, timeoutMs })

const transports: readonly [string, WorldTransport][] = [
  ['in memory', memoryTransport(servers)],
  ['over sockets', await socketTransport(servers)]
]

describe.each(transports)('%s', (_, transport) => {
  afterAll(() => transport.close())

  const to = (address: string, protocol: 'udp' | 'tcp', port = 53) => ({ address, port, protocol })

  it('gives the reply of the server at the address, by UDP and TCP, and counts', async () => {
    transport.forget()
    const udp = await transport.exchange(query('ns1.example', 'A'), to('192.0.2.1', 'udp'), options())
    const tcp = await transport.exchange(query('ns1.example', 'A'), to('2001:db8::1', 'tcp'), options())
    expect(Buffer.from(udp)).toEqual(Buffer.from(server(query('ns1.example', 'A'), 'udp') ?? []))
    expect(Buffer.from(tcp)).toEqual(Buffer.from(udp))
    expect(transport.exchanges).toEqual([
      { address: '192.0.2.1', protocol: 'udp', question: 'ns1.example A' },
      { address: '2001:db8::1', protocol: 'tcp', question: 'ns1.example A' }
    ])
  })

  it('says TC by UDP and gives all by TCP', async () => {
    const udp = parseMessage(await transport.exchange(query('example', 'ANY'), to('192.0.2.1', 'udp'), options()))
    const tcp = parseMessage(await transport.exchange(query('example', 'ANY'), to('192.0.2.1', 'tcp'), options()))
    expect([udp.tc, udp.answer.length]).toEqual([true, 0])
    expect(tcp.answer.length).toBeGreaterThan(4)
  })

  it('rejects when the server is silent, when none is there, and when it is cancelled', async () => {
    await expect(transport.exchange(query('example', 'A'), to('192.0.2.9', 'udp'), options(50))).rejects.toMatchObject({ code: 'ETIMEOUT' })
    await expect(transport.exchange(query('example', 'A'), to('192.0.2.77', 'udp'), options())).rejects.toBeInstanceOf(TransportError)
    await expect(transport.exchange(query('example', 'A'), to('192.0.2.1', 'udp', 54), options())).rejects.toBeInstanceOf(TransportError)
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(transport.exchange(query('example', 'A'), to('192.0.2.1', 'udp'), { signal, timeoutMs: 50 })).rejects.toBe(reason)
  })
})

it('the clock stands still until it is moved', () => {
  const clock = handClock(1_790_000_000_500)
  expect([clock.now(), clock.seconds()]).toEqual([1_790_000_000_500, 1_790_000_000])
  clock.advance(86_400)
  expect(clock.now()).toBe(1_790_086_400_500)
  clock.set(7)
  expect(clock.now()).toBe(7)
})
