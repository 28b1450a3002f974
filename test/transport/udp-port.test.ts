import { createSocket } from 'node:dgram'
import { expect, it, onTestFinished, vi } from 'vitest'
import { TRANSPORT_LIMITS } from '../../src/transport/transport.js'
import { createUdpTransport } from '../../src/transport/udp.js'
import { options, query, replyTo, udpServer } from './loopback.js'

const chosen = vi.hoisted(() => ({ ports: [] as number[] }))
vi.mock('node:crypto', () => ({ randomInt: () => chosen.ports.shift() }))

async function taken(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((bound) => socket.bind(0, bound))
  onTestFinished(() => new Promise<void>((closed) => void socket.close(closed)))
  return socket.address().port
}

it('a port in use is passed over for another, and in the end for the choice of the system', async () => {
  const froms: number[] = []
  const server = await udpServer((asked, send, from) => {
    froms.push(from.port)
    send(replyTo(asked))
  })
  const udp = createUdpTransport(TRANSPORT_LIMITS)
  const inUse = await taken()
  chosen.ports = [inUse, inUse, 47_113]
  expect(await udp.exchange(query(1), server, options())).toEqual(replyTo(query(1)))
  expect(froms).toEqual([47_113])
  chosen.ports = [inUse, inUse, inUse, inUse]
  expect(await udp.exchange(query(2), server, options())).toEqual(replyTo(query(2)))
  expect(froms[1]).not.toBe(inUse)
  expect(chosen.ports).toEqual([])
})
