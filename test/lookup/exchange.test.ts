// One question to one server, seen through a look-up with a single stub server: truncation, EDNS, mismatches, cookies, case.
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/limits.js'
import type { Message } from '../../src/wire/message.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { addressesIn, bench, type Says, type Script } from './scripted.js'

const SERVER = '9.0.0.1'
const www: Says = { answer: ['www.example.com. A 10.20.30.40'] }
const stub = { name: nameFromText('example.com'), servers: [{ address: SERVER, port: 5300, protocol: 'udp' as const }], recursive: false }
const alone = (script: Script, options: Parameters<typeof bench>[1] = {}) => bench({ [SERVER]: script }, { stubZones: [stub], ...options })

const cookieOf = ({ edns }: Message) => edns?.options.find(({ code }) => code === 10)?.data

describe('truncation', () => {
  it('leads to TCP, and the body of the datagram is not used', async () => {
    const { reply, network, events } = alone({
      '*': (_, protocol) => (protocol === 'udp' ? { tc: true, answer: ['www.example.com. A 6.6.6.6'] } : www)
    })
    const got = await reply('www.example.com', 'A')
    expect(addressesIn(got)).toEqual(['10.20.30.40'])
    expect(got.server.protocol).toBe('tcp')
    expect(network.asked.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp'])
    expect(events.flatMap((event) => (event.event === 'exchange' ? [event.outcome] : []))).toEqual(['truncated', 'answer'])
  })

  it('without TCP is no answer', async () => {
    const { failure } = alone({
      '*': (_, protocol) => (protocol === 'udp' ? { tc: true, answer: ['www.example.com. A 6.6.6.6'] } : 'silent')
    })
    expect((await failure('www.example.com', 'A')).reason.kind).toBe('unreachable')
  })
})

describe('truncation over TCP', () => {
  it('is no answer either', async () => {
    const { failure, events } = alone({ '*': { ...www, tc: true } })
    expect((await failure('www.example.com', 'A')).reason.text).toContain('sends truncated replies')
    expect(events.flatMap((event) => (event.event === 'exchange' ? [event.outcome] : []))).not.toContain('answer')
  })
})

describe('EDNS', () => {
  it.each(['FORMERR', 'NOTIMP'] as const)('that meets %s is left out for one question, and offered again for the next', async (rcode) => {
    const { reply, network } = alone({ '*': ({ edns }) => (edns ? { rcode, edns: false } : www) })
    await reply('www.example.com', 'A')
    await reply('www.example.com', 'A')
    expect(network.asked.map(({ query }) => query.edns !== undefined)).toEqual([true, false, true, false])
  })

  it('that meets SERVFAIL is left out once, while the server has never sent an OPT', async () => {
    const old = alone({ '*': ({ edns }) => (edns ? { rcode: 'SERVFAIL', edns: false } : www) })
    expect(addressesIn(await old.reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    const modern = alone({ 'www.example.com A': www, '*': { rcode: 'SERVFAIL', edns: false } })
    await modern.reply('www.example.com', 'A')
    await modern.failure('www2.example.com', 'A')
    expect(modern.network.log.filter((line) => line.includes('www2'))).toHaveLength(1)
  })

  it('that meets silence is left out at the last try', async () => {
    const { reply, network } = alone({ '*': ({ edns }) => (edns ? 'silent' : www) })
    await reply('www.example.com', 'A')
    expect(network.asked.map(({ query }) => query.edns !== undefined)).toEqual([true, true, false])
  })

  it('offers DO and the size of the limits', async () => {
    const { reply, network } = alone({ '*': www })
    await reply('www.example.com', 'A')
    expect(network.asked[0].query.edns).toMatchObject({ dnssecOk: true, udpSize: 1232, version: 0 })
    expect(network.asked[0].query).toMatchObject({ rd: false, cd: false })
  })
})

describe('the match of a reply', () => {
  it.each<[string, Says['change']]>([
    ['another ID', (spec) => ({ ...spec, id: spec.id ^ 1 })],
    ['another name', (spec) => ({ ...spec, question: spec.question && { ...spec.question, name: nameFromText('www.example.org') } })],
    ['another type', (spec) => ({ ...spec, question: spec.question && { ...spec.question, type: 28 } })],
    ['another class', (spec) => ({ ...spec, question: spec.question && { ...spec.question, class: 3 } })],
    ['no question', (spec) => ({ ...spec, question: undefined })],
    ['the QR bit clear', (spec) => ({ ...spec, qr: false })],
    ['another opcode', (spec) => ({ ...spec, opcode: 5 })]
  ])('refuses %s, whatever a custom transport lets through', async (what, change) => {
    const { failure, events } = alone({ '*': { ...www, change } })
    const { reason } = await failure('www.example.com', 'A')
    expect(reason.kind).toBe('unreachable')
    const told = ['another name', 'another type', 'another class'].includes(what) ? 'another question' : what
    expect(events).toContainEqual(expect.objectContaining({ event: 'exchange', outcome: 'mismatch', detail: `sent a reply with ${told}` }))
  })

  it('refuses what is no message', async () => {
    const { failure, network, events } = alone({})
    network.exchange = async () => Uint8Array.of(1, 2, 3)
    expect((await failure('www.example.com', 'A')).reason.kind).toBe('unreachable')
    expect(events).toContainEqual(expect.objectContaining({ event: 'exchange', outcome: 'malformed' }))
  })

  it('ends when a custom transport never settles', async () => {
    const { failure, network } = alone({}, { limits: { ...DEFAULT_LIMITS, exchangeMs: 10, queriesPerLookup: 2 } })
    network.exchange = () => new Promise(() => {})
    expect((await failure('www.example.com', 'A')).kind).toBe('failure')
  })

  it('uses another ID each time', async () => {
    const { reply, network } = alone({ '*': www })
    for (let i = 0; i < 20; i++) await reply('www.example.com', 'A')
    expect(new Set(network.asked.map(({ query }) => query.id)).size).toBeGreaterThan(15)
  })
})

describe('the letter case', () => {
  const lowered: Says['change'] = (spec) => ({
    ...spec,
    question: spec.question && { ...spec.question, name: nameFromText('www.example.com') }
  })
  const asked = ({ question }: Message) => (question ? nameToText(question.name) : '')

  it('is varied and comes back as it was asked', async () => {
    const { reply, network } = alone({ '*': www }, { use0x20: true })
    for (let i = 0; i < 8; i++) expect(nameToText((await reply('www.example.com', 'A')).message.answer[0].owner)).toBe('www.example.com')
    expect(new Set(network.asked.map(({ query }) => asked(query))).size).toBeGreaterThan(4)
  })

  it('that does not come back is asked for over TCP, and then not varied for this server', async () => {
    const random = (octets: number) => new Uint8Array(octets).fill(0xff)
    const { reply, network } = alone({ '*': { ...www, change: lowered } }, { use0x20: true, random })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    await reply('www.example.com', 'A')
    expect(network.asked.map(({ protocol, query }) => `${protocol} ${asked(query)}`)).toEqual([
      'udp WWW.EXAMPLE.COM',
      'tcp WWW.EXAMPLE.COM',
      'udp www.example.com'
    ])
  })

  it('that does not come back, without TCP, is lost when a second datagram has lost it too', async () => {
    const { reply, network } = alone(
      { '*': (_, protocol) => (protocol === 'tcp' ? 'silent' : { ...www, change: lowered }) },
      { use0x20: true, random: (octets) => new Uint8Array(octets).fill(0xff) }
    )
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    await reply('www.example.com', 'A')
    expect(network.asked.map(({ protocol, query }) => `${protocol} ${asked(query)}`)).toEqual([
      'udp WWW.EXAMPLE.COM',
      'tcp WWW.EXAMPLE.COM',
      'udp WWW.EXAMPLE.COM',
      'udp www.example.com'
    ])
  })

  it('that does not come back once, without TCP, is no loss: the datagram that has it counts', async () => {
    let n = 0
    const forged: Says = { answer: ['www.example.com. A 6.6.6.6'], change: lowered }
    const { reply, network } = alone(
      { '*': (_, protocol) => (protocol === 'tcp' ? 'silent' : n++ === 0 ? forged : www) },
      { use0x20: true, random: (octets) => new Uint8Array(octets).fill(0xff) }
    )
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    await reply('www.example.com', 'A')
    expect(asked(network.asked[3].query)).toBe('WWW.EXAMPLE.COM')
  })
})

describe('cookies', () => {
  const withCookie = (server: number[]): Says => ({
    ...www,
    change: (spec, query) => {
      const client = cookieOf(query)?.subarray(0, 8) ?? new Uint8Array(8)
      return { ...spec, edns: { udpSize: 1232, dnssecOk: true, options: [{ code: 10, data: Uint8Array.of(...client, ...server) }] } }
    }
  })

  it('are kept for a server and given back', async () => {
    const { reply, network } = alone({ '*': withCookie([1, 2, 3, 4, 5, 6, 7, 8]) }, { cookies: true })
    await reply('www.example.com', 'A')
    await reply('www.example.com', 'A')
    const [first, second] = network.asked.map(({ query }) => cookieOf(query))
    expect(first).toHaveLength(8)
    expect([...(second ?? [])]).toEqual([...(first ?? []), 1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('of somebody else are a forgery', async () => {
    const forged: Says = {
      ...www,
      change: (spec) => ({ ...spec, edns: { udpSize: 1232, options: [{ code: 10, data: new Uint8Array(16) }] } })
    }
    const { failure } = alone({ '*': forged }, { cookies: true })
    expect((await failure('www.example.com', 'A')).reason.text).toContain('another cookie')
  })

  it('that a server stops giving are asked for over TCP', async () => {
    let n = 0
    const { reply } = alone(
      { '*': (_, protocol) => (n++ === 0 || protocol === 'tcp' ? withCookie([1, 2, 3, 4, 5, 6, 7, 8]) : www) },
      { cookies: true }
    )
    await reply('www.example.com', 'A')
    expect((await reply('www.example.com', 'A')).server.protocol).toBe('tcp')
  })
})
