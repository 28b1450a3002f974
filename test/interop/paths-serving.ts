// A drawn tree at port 53 of loopback addresses: its zones built and signed, its servers listening, and who asked how much. The
// same zones at one server without fault say what the right answers are.
import { WireError } from '../../src/wire/cursor.js'
import { buildQuery, parseMessage } from '../../src/wire/message.js'
import { CLASS, rcodeToText, TYPE, typeFromText } from '../../src/wire/numbers.js'
import { nameFromText, recordToText } from '../../src/wire/text.js'
import { authority, type Respond } from '../world/authority.js'
import { behaving } from '../world/behaviours.js'
import type { DenialOptions } from '../world/chain.js'
import { dsLine, dsRdata, zoneKey } from '../world/keys.js'
import { type Listener, listen, type Meet } from '../world/net.js'
import { makeZone, type Zone } from '../world/zone.js'
import { recordTexts } from './ask.js'
import type { Site } from './paths-quirks.js'
import { type Plan, ROOT_ADDRESS, type ServerPlan, SOURCES, type ZonePlan } from './paths-tree.js'
import type { World } from './validators.js'

export interface Truth {
  readonly rcode: string
  /** as by `recordTexts`, sorted */
  readonly answer: readonly string[]
}

export interface Serving extends World {
  readonly truth: (name: string, type: string) => Truth
  /** queries that came to the servers of a case from an address, since the last time this was asked */
  readonly taken: (number: number, client: string) => number
  close(): Promise<void>
}

const DAY = 86_400
const DENIALS: Readonly<Record<ZonePlan['denial'], DenialOptions>> = {
  nsec: { by: 'nsec' },
  nsec3: { by: 'nsec3', iterations: 0 },
  optout: { by: 'nsec3', iterations: 0, optOut: true }
}

export async function servePlan(plan: Plan): Promise<Serving> {
  const zones = buildZones(plan)
  const counts = new Map<string, number>()
  const listeners: Listener[] = []
  for (const [address, server] of plan.servers) {
    if (server.closed) continue
    const respond = respondOf(server, zones)
    listeners.push(await listen(respond, { address, port: 53, meet: meetOf(address, server, counts) }))
  }
  const best = authority([...zones.values()], { udpSize: 65_535 })
  const key = keyOf('')
  return {
    anchors: [dsLine('.', nameFromText('.'), key)],
    hints: [{ name: 'ns0.rootservers.net', addresses: [ROOT_ADDRESS] }],
    sources: SOURCES,
    truth: (name, type) => truthOf(best, name, type),
    taken(number, client) {
      const at = `${number} ${client}`
      const taken = counts.get(at) ?? 0
      counts.delete(at)
      return taken
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()))
    }
  }
}

const textOf = (name: string): string => (name === '' ? '.' : name)
const keyOf = (name: string): ReturnType<typeof zoneKey> => zoneKey(textOf(name), 13)

function buildZones(plan: Plan): Map<string, Zone> {
  const parentOf = (name: string): string => {
    for (let at = name.indexOf('.'); at >= 0; at = name.indexOf('.', at + 1))
      if (plan.zones.has(name.slice(at + 1))) return name.slice(at + 1)
    return ''
  }
  const children = new Map<string, ZonePlan[]>()
  for (const zone of plan.zones.values()) {
    if (zone.name === '') continue
    const parent = parentOf(zone.name)
    children.set(parent, [...(children.get(parent) ?? []), zone])
  }
  const now = Math.floor(Date.now() / 1000)
  const built = new Map<string, Zone>()
  for (const zone of plan.zones.values()) {
    const { name, signed, denial, servers, nsTtl } = zone
    const own = servers.filter(({ atChild }) => atChild)
    const lines = ['@ 300 SOA ns hostmaster 1 3600 600 864000 60', ...own.map((server) => `@ ${nsTtl} NS ${server.name}.`), ...zone.lines]
    for (const child of children.get(name) ?? []) {
      const given = child.servers.filter(({ atParent }) => atParent)
      lines.push(...given.flatMap((server) => [`${child.name}. ${child.nsTtl} NS ${server.name}.`, ...server.glue]))
      if (!child.signed || !signed) continue
      const owner = nameFromText(child.name)
      lines.push(recordToText({ owner, type: TYPE.DS, class: CLASS.IN, ttl: child.nsTtl, rdata: dsRdata(owner, keyOf(child.name)) }))
    }
    built.set(
      name,
      makeZone({
        origin: textOf(name),
        text: [...new Set(lines)].join('\n'),
        keys: signed ? [keyOf(name)] : [],
        denial: DENIALS[denial],
        inception: now - DAY,
        expiration: now + 14 * DAY
      })
    )
  }
  return built
}

function respondOf(server: ServerPlan, zones: ReadonlyMap<string, Zone>): Respond {
  const own = server.zones.map((name) => zones.get(name) as Zone)
  const site: Site = {
    isEmpty: (name) => own.some((zone) => zone.nodes.get(name.key)?.standing === 'empty'),
    isApex: (name) => own.some((zone) => zone.apex.equals(name))
  }
  const respond = behaving(authority(own), ...server.quirks.map((quirk) => quirk.make(site)))
  return (query, protocol) => {
    try {
      return respond(query, protocol)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return undefined // what the wrappers cannot read, or what one of them wrote for another
    }
  }
}

function meetOf(address: string, { delayMs, dropEvery }: ServerPlan, counts: Map<string, number>): Meet {
  const number = Number(address.split('.')[2]) - 1
  const met = new Map<string, number>()
  return (client, protocol, answer) => {
    const key = `${number} ${client}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
    const nth = (met.get(client) ?? 0) + (protocol === 'udp' ? 1 : 0)
    met.set(client, nth)
    if (dropEvery > 0 && protocol === 'udp' && nth % dropEvery === 0) return
    if (delayMs > 0) setTimeout(answer, delayMs)
    else answer()
  }
}

function truthOf(best: Respond, name: string, type: string): Truth {
  const question = { name: nameFromText(name), type: typeFromText(type) as number, class: CLASS.IN }
  const reply = best(buildQuery({ id: 1, question, recursionDesired: false }), 'tcp')
  if (!reply) throw new Error('no reply')
  const message = parseMessage(reply)
  return { rcode: rcodeToText(message.rcode), answer: message.answer.flatMap(recordTexts).sort() }
}
