// Builds what a scenario describes: its zones, its scripted replies and one resolver before them.
import { createResolver, type ResolverOptions } from '../../src/index.js'
import type { ReplySpec } from '../../src/wire/message.js'
import { RCODE, TYPE, typeFromText } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { recordFromText } from '../../src/wire/text.js'
import { denialAt, denialOver, renamed, setOf, signedNsec } from '../validate/forging.js'
import { NOON, type Small, type SmallWorld, smallWorld } from '../validate/small-world.js'
import { authority } from '../world/authority.js'
import { asksFor, type Behaviour, behaving, editReplies, firstTimes, when } from '../world/behaviours.js'
import { type HandClock, handClock } from '../world/clock.js'
import { memoryTransport, type WorldTransport } from '../world/net.js'
import { flipBit } from '../world/signer.js'
import type { Zone } from '../world/zone.js'
import { type Block, type Line, type Scenario, ScenarioError } from './format.js'

export interface Stage {
  readonly resolver: ReturnType<typeof createResolver>
  readonly transport: WorldTransport
  readonly clock: HandClock
  close(): Promise<void>
}

/** Where parts of a reply are taken from. */
interface Taken {
  zone(name: string): Zone
  part(name: string): readonly Line[]
}

/** Records as they stand. */
export const recordsOfPart = (lines: readonly Line[]): ResourceRecord[] => lines.map(({ text }) => recordFromText(text))

/** A name without the dot at its end; the root stays. */
const bare = (text: string): string => (text === '.' ? text : text.replace(/\.$/, ''))

export function setStage({ blocks }: Scenario): Stage {
  const specs: Record<string, Small> = {}
  const stubs = new Map<string, { zone: string | undefined; behave: Behaviour[] }>()
  const options: Record<string, unknown> = {}
  const limits: Record<string, number> = {}
  const anchors: string[] = []
  const parts = new Map<string, Block>()
  let startMs = NOON * 1000
  let world: SmallWorld | undefined
  const taken: Taken = {
    zone(name) {
      const zone = world?.zones.get(name)
      if (!zone) throw new RangeError(`no zone ${name}`)
      return zone
    },
    part: (name) => parts.get(name)?.body ?? []
  }
  for (const block of blocks) {
    const { head } = block
    const [verb, first, second] = head.words
    if (verb === 'clock') startMs = Date.parse(first)
    else if (verb === 'anchor') anchors.push(head.text.slice('anchor '.length))
    else if (verb === 'allow') options.algorithms = { sha1: true, minRsaBits: 512 }
    else if (verb === 'limit') limits[first] = Number(second)
    else if (verb === 'option') options[first] = second === 'on'
    else if (verb === 'negative') options.negativeTrustAnchors = [first]
    else if (verb === 'stub') stubs.set(second, { zone: first, behave: [] })
    else if (verb === 'server') stubs.set(first, { zone: undefined, behave: [] })
    else if (verb === 'part') parts.set(first, block)
    else if (verb === 'zone') specs[bare(first)] = zoneSpec(block)
    else if (verb === 'reply') {
      const { words } = head
      const stub = stubs.get(first)
      const scripted = scriptedReply(block, words, bare(first), taken)
      if (stub) stub.behave.push(scripted)
      else if (specs[bare(first)]) specs[bare(first)] = withBehaviour(specs[bare(first)], scripted)
      else throw new ScenarioError(head, 'nobody is there to reply')
    }
  }
  world = smallWorld(specs)
  const clock = handClock(startMs)
  const servers = new Map(world.servers)
  for (const [address, { behave }] of stubs) servers.set(address, behaving(authority([]), ...behave))
  const transport = memoryTransport(servers)
  const settings: ResolverOptions = {
    trustAnchors: anchors.length > 0 ? anchors : world.anchors,
    rootHints: world.hints,
    stubZones: [...stubs].flatMap(([address, { zone }]) => (zone === undefined ? [] : [{ name: zone, servers: [{ address }] }])),
    transport,
    clock: clock.now,
    allowPrivateAddresses: true,
    limits,
    ...options
  }
  const resolver = createResolver(settings)
  return {
    resolver,
    transport,
    clock,
    async close() {
      await resolver.close()
      await transport.close()
    }
  }
}

const withBehaviour = (spec: Small, behaviour: Behaviour): Small => ({ ...spec, behave: [...(spec.behave ?? []), behaviour] })

/** `zone NAME [unsigned] [with-parent] [no-ds] [nsec3 [salt HEX] [iterations N] [opt-out]]` */
function zoneSpec({ head, body }: Block): Small {
  const { words } = head
  const has = (word: string): boolean => words.includes(word)
  const after = (word: string): string | undefined => (has(word) ? words[words.indexOf(word) + 1] : undefined)
  const nsec3 = {
    by: 'nsec3' as const,
    salt: Uint8Array.from(Buffer.from(after('salt') ?? '', 'hex')),
    iterations: Number(after('iterations') ?? 0),
    optOut: has('opt-out')
  }
  return {
    text: body.map(({ text }) => text).join('\n'),
    ...(has('unsigned') && { keys: [] }),
    ...(has('no-ds') && { ds: [] }),
    ...(has('with-parent') && { withParent: true }),
    ...(has('nsec3') && { denial: nsec3 })
  }
}

/** `reply WHO NAME TYPE [RCODE] [times N]` with its sections. */
function scriptedReply(block: Block, words: readonly string[], by: string, taken: Taken): Behaviour {
  const [, , name, type, ...rest] = words
  const rcode = RCODE[rest.find((word) => word in RCODE) as keyof typeof RCODE] ?? RCODE.NOERROR
  const times = rest.includes('times') ? Number(rest[rest.indexOf('times') + 1]) : undefined
  const number = typeFromText(type)
  if (number === undefined) throw new ScenarioError(block.head, 'no such type')
  const edit = editReplies(({ id, question, rd, edns }) => ({
    ...{ id, question, rd, edns, aa: !rest.includes('referral'), rcode },
    ...sectionsOf(block, by, taken)
  }))
  return when(asksFor(number, name), times === undefined ? edit : firstTimes(times, edit))
}

type Section = 'answer' | 'authority' | 'additional'

function sectionsOf({ body }: Block, by: string, taken: Taken): Partial<ReplySpec> {
  const sections: Record<Section, ResourceRecord[]> = { answer: [], authority: [], additional: [] }
  let section: Section = 'answer'
  for (const line of body) {
    if (line.words.length === 1 && line.words[0] in sections) section = line.words[0] as Section
    else sections[section].push(...partOf(line, line.words, by, taken))
  }
  return sections
}

/** Records as they stand, or taken out of a zone. */
function partOf(line: Line, words: readonly string[], by: string, taken: Taken): ResourceRecord[] {
  const [verb, name, type, as, other] = words
  switch (verb) {
    case 'of':
      return partOf(line, words.slice(2), bare(name), taken)
    case 'bare':
      return partOf(line, words.slice(1), by, taken).filter((record) => record.type !== TYPE.RRSIG)
    case 'turned':
      return partOf(line, words.slice(1), by, taken).map((record) =>
        record.type === TYPE.RRSIG ? { ...record, rdata: flipBit(record.rdata) } : record
      )
    case 'use':
      return recordsOfPart(taken.part(name))
    case 'set': {
      const records = setOf(taken.zone(by), name, type)
      return as === 'as' ? renamed(records, other) : records
    }
    case 'at':
      return type === 'as' ? renamed(denialAt(taken.zone(by), name), as) : denialAt(taken.zone(by), name)
    case 'over':
      return denialOver(taken.zone(by), name)
    case 'nsec':
      return signedNsec(
        taken.zone(by),
        name,
        type,
        words.slice(3).map((text) => typeFromText(text) as number)
      )
    default:
      return recordsOfPart([line])
  }
}
