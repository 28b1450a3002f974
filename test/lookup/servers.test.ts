// Whom to ask first and how long to wait: by round-trip time, silence, lameness and address family, by the clock.
import { describe, expect, it } from 'vitest'
import { Meter } from '../../src/cache/sieve.js'
import { DEFAULT_LIMITS } from '../../src/limits.js'
import { ServerBook, serverText } from '../../src/lookup/servers.js'
import type { Server } from '../../src/verdict/reply.js'
import { nameFromText } from '../../src/wire/text.js'

const udp = (address: string): Server => ({ address, port: 53, protocol: 'udp' })
const [A, B, C, V6] = ['9.0.0.1', '9.0.0.2', '9.0.0.3', '2a00::1'].map(udp)
const zone = nameFromText('example.com')

function book(preferIPv6 = false) {
  const clock = { now: 1_000_000 }
  return { clock, book: new ServerBook({ clock: () => clock.now, limits: DEFAULT_LIMITS, meter: new Meter(100_000), preferIPv6 }) }
}

describe('silence', () => {
  it('of three servers of a family, while the other family replies, puts the family last', () => {
    const { book: servers, clock } = book(true)
    const six = ['2a00::1', '2a00::2', '2a00::3', '2a00::4'].map(udp)
    servers.replied(A, 200)
    for (const server of six.slice(0, 3)) servers.wasSilent(server)
    expect(servers.order([six[3], A], zone)).toEqual([A, six[3]])
    clock.now += 60_001
    expect(servers.order([A, six[3]], zone)).toEqual([six[3], A])
  })

  it('of both families puts neither last', () => {
    const { book: servers } = book(true)
    for (const server of [A, V6, B, udp('2a00::2'), C, udp('2a00::3')]) servers.wasSilent(server)
    expect(servers.isAside(udp('2a00::4'), zone)).toBe(false)
  })

  it('is tried again by one question at a time', () => {
    const { book: servers, clock } = book()
    servers.replied(A, 20)
    servers.replied(B, 100)
    servers.wasSilent(A)
    clock.now += 5_001
    expect(servers.order([A, B], zone)[0]).toBe(A)
    servers.asking(A, 400)
    expect(servers.order([A, B], zone)[0]).toBe(B)
    servers.replied(A, 20)
    expect(servers.order([A, B], zone)[0]).toBe(A)
  })

  it('puts one that lost a datagram before one that is known to be of no use', () => {
    const { book: servers } = book()
    servers.replied(A, 5)
    servers.setAside(A)
    servers.replied(B, 200)
    servers.wasSilent(B)
    expect(servers.order([A, B], zone)).toEqual([B, A])
    servers.replied(A, 5)
    servers.isLame(A, zone)
    expect(servers.order([A, B], zone)).toEqual([B, A])
  })

  it('is borne longer from a server that has replied before, and asked again sooner', () => {
    const { book: servers } = book()
    servers.replied(A, 20, true)
    expect(servers.mostTries(A)).toBeGreaterThan(servers.mostTries(B))
    expect(servers.timeoutMs(A, 0)).toBeLessThan(servers.timeoutMs(B, 0))
    expect(servers.timeoutMs(A, 1)).toBe(2 * servers.timeoutMs(A, 0))
    expect([servers.knowsEdns(A), servers.knowsEdns(B)]).toEqual([true, false])
  })
})

describe('order', () => {
  it('is by round-trip time, and smoothed', () => {
    const { book: servers } = book()
    servers.replied(A, 300)
    servers.replied(B, 100)
    servers.replied(C, 200)
    expect(servers.order([A, B, C], zone)).toEqual([B, C, A])
    servers.replied(B, 200) // one slow reply changes little
    expect(servers.order([A, B, C], zone)[0]).toBe(B)
    for (let i = 0; i < 5; i++) servers.replied(B, 900)
    expect(servers.order([A, B, C], zone)).toEqual([C, A, B])
  })

  it('puts what was silent last, for a time that doubles, until it replies', () => {
    const { book: servers, clock } = book()
    servers.replied(A, 50)
    servers.replied(B, 150)
    servers.wasSilent(A)
    expect(servers.order([A, B], zone)).toEqual([B, A])
    clock.now += 5_001
    expect(servers.order([A, B], zone)).toEqual([A, B])
    servers.wasSilent(A)
    clock.now += 5_001
    expect(servers.order([A, B], zone)).toEqual([B, A])
    servers.replied(A, 50)
    expect(servers.order([A, B], zone)).toEqual([A, B])
  })

  it('puts a lame server last for its zone alone', () => {
    const { book: servers } = book()
    servers.replied(A, 50)
    servers.replied(B, 150)
    servers.isLame(A, zone)
    expect(servers.order([A, B], zone)).toEqual([B, A])
    expect(servers.order([A, B], nameFromText('example.org'))).toEqual([A, B])
  })

  it('leads with the preferred family, and leaves one without a route', () => {
    const { book: ipv4 } = book(false)
    const { book: ipv6, clock } = book(true)
    for (const servers of [ipv4, ipv6]) for (const server of [A, V6]) servers.replied(server, 20)
    expect(ipv4.order([V6, A], zone)).toEqual([A, V6])
    expect(ipv6.order([A, V6], zone)).toEqual([V6, A])
    ipv6.familyUnreachable(V6)
    expect(ipv6.order([A, V6], zone)).toEqual([A, V6])
    clock.now += 60_001
    expect(ipv6.order([A, V6], zone)).toEqual([V6, A])
  })

  it('drops nobody', () => {
    const { book: servers } = book()
    for (const server of [A, B]) {
      servers.wasSilent(server)
      servers.isLame(server, zone)
    }
    expect(servers.order([A, B, C], zone)).toHaveLength(3)
  })
})

describe('time-outs', () => {
  it('grow from the round-trip time and its deviation (RFC 6298), with bounds at both ends', () => {
    const { book: servers } = book()
    expect(servers.timeoutMs(A, 0)).toBe(400)
    expect(servers.timeoutMs(A, 1)).toBe(800)
    servers.replied(A, 250)
    expect(servers.timeoutMs(A, 0)).toBe(750)
    expect(servers.timeoutMs(A, 1)).toBe(DEFAULT_LIMITS.exchangeMs)
    for (let i = 0; i < 20; i++) servers.replied(A, 300)
    expect(servers.timeoutMs(A, 0)).toBeGreaterThan(400)
    expect(servers.timeoutMs(A, 0)).toBeLessThan(500)
    for (let i = 0; i < 20; i++) servers.replied(A, i % 2 === 0 ? 100 : 500)
    expect(servers.timeoutMs(A, 0)).toBeGreaterThan(700)
    servers.replied(B, 2)
    expect(servers.timeoutMs(B, 0)).toBe(250)
    expect(servers.timeoutMs({ ...A, protocol: 'tls' }, 0)).toBe(DEFAULT_LIMITS.exchangeMs)
  })
})

it('servers are told to people without the usual port', () => {
  expect(serverText(A)).toBe('9.0.0.1')
  expect(serverText({ ...A, port: 5300 })).toBe('9.0.0.1:5300')
  expect(serverText({ ...V6, port: 5300 })).toBe('[2a00::1]:5300')
  expect(serverText({ ...A, port: 853, protocol: 'tls', hostname: 'dns.example' })).toBe('dns.example (9.0.0.1)')
})
