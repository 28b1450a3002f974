// A world of a few zones for one edge case: a signed root and the zones given, each with its server, and a resolver over it.
import { createResolver, type ResolverOptions } from '../../src/index.js'
import { Name } from '../../src/wire/name.js'
import { CLASS, TYPE } from '../../src/wire/numbers.js'
import { nameFromText, recordToText } from '../../src/wire/text.js'
import { authority, type Respond } from '../world/authority.js'
import { type Behaviour, behaving } from '../world/behaviours.js'
import { dsLine, dsRdata, type ZoneKey, zoneKey } from '../world/keys.js'
import { memoryTransport } from '../world/net.js'
import { makeZone, type Zone, type ZoneOptions } from '../world/zone.js'

/** seconds since the epoch at which all of it is valid */
export const NOON = 1_790_000_000

export interface Small extends Partial<Pick<ZoneOptions, 'denial' | 'faults' | 'published' | 'keys'>> {
  /** besides SOA, NS and the server's address */
  readonly text?: string
  /** DS rdatas in the parent; by default one of SHA-256 over the first key, and none for an unsigned zone */
  readonly ds?: readonly Uint8Array[]
  /** what its server does wrong, first the closest to the server */
  readonly behave?: readonly Behaviour[]
  /** its server is that of the parent as well */
  readonly withParent?: boolean
}

type SecureAnswer = Awaited<ReturnType<ReturnType<typeof createResolver>['resolveSecure']>>

export interface SmallWorld {
  readonly zones: ReadonlyMap<string, Zone>
  readonly servers: ReadonlyMap<string, Respond>
  /** for `trustAnchors` and `rootHints` */
  readonly anchors: readonly string[]
  readonly hints: readonly { readonly name: string; readonly addresses: readonly string[] }[]
  ask(name: string, type: string, options?: Partial<ResolverOptions>): Promise<SecureAnswer>
  /** one resolver for all questions, one after the other */
  askAll(questions: readonly (readonly [name: string, type: string])[], options?: Partial<ResolverOptions>): Promise<SecureAnswer[]>
}

/** One key for all, of the zone's own; the same at every call. */
export const keyOf = (zone: string): ZoneKey => zoneKey(zone, 13)

/** Zones by name, the root's too if it is to be special. Unsigned: `keys: []`. */
export function smallWorld(specs: Readonly<Record<string, Small>>): SmallWorld {
  const all: Record<string, Small> = { '.': {}, ...specs }
  const names = Object.keys(all)
  const zones = new Map<string, Zone>()
  const servers = new Map<string, Respond>()
  const parentOf = (name: string): string =>
    names
      .filter((other) => other !== name && nameFromText(name).isBelow(nameFromText(other)))
      .sort((a, b) => nameFromText(b).labelCount - nameFromText(a).labelCount)[0]
  const addressOf = (name: string): string => `192.0.2.${10 + names.indexOf(all[name].withParent ? parentOf(name) : name)}`
  const server = (name: string): string => (name === '.' ? 'ns.' : `ns.${name}.`)
  for (const name of names) {
    const { text = '', denial, faults, published, keys = [keyOf(name)] } = all[name]
    const children = names.filter((other) => other !== '.' && other !== name && parentOf(other) === name)
    const cuts = children.flatMap((child) => {
      const { keys: own = [keyOf(child)], ds = own.length > 0 ? [dsRdata(nameFromText(child), own[0])] : [] } = all[child]
      const owner = nameFromText(child)
      const lines = ds.map((rdata) => recordToText({ owner, type: TYPE.DS, class: CLASS.IN, ttl: 3600, rdata }))
      return [`${child}. NS ${server(child)}`, `${server(child)} A ${addressOf(child)}`, ...lines]
    })
    const own = ['@ SOA ns. hostmaster. 1 7200 3600 1209600 600', `@ NS ${server(name)}`, `${server(name)} A ${addressOf(name)}`]
    zones.set(
      name,
      makeZone({
        origin: name,
        text: [...own, ...cuts, text].join('\n'),
        ...{ keys, published, denial, faults, inception: NOON - 86_400, expiration: NOON + 86_400 }
      })
    )
  }
  for (const name of names.filter((one) => !all[one].withParent)) {
    const held = names.filter((one) => one === name || (all[one].withParent && parentOf(one) === name))
    servers.set(addressOf(name), behaving(authority(held.map((one) => zones.get(one) as Zone)), ...(all[name].behave ?? [])))
  }
  const [rootKey] = all['.'].keys ?? [keyOf('.')]
  const anchors = [dsLine('.', Name.root, rootKey)]
  const hints = [{ name: 'ns', addresses: [addressOf('.')] }]
  const askAll: SmallWorld['askAll'] = async (questions, options = {}) => {
    const transport = memoryTransport(servers)
    const resolver = createResolver({
      trustAnchors: anchors,
      rootHints: hints,
      transport,
      clock: () => NOON * 1000,
      allowPrivateAddresses: true,
      ...options
    })
    try {
      const answers: SecureAnswer[] = []
      for (const [name, type] of questions) answers.push(await resolver.resolveSecure(name, type))
      return answers
    } finally {
      await resolver.close()
      await transport.close()
    }
  }
  return {
    ...{ zones, servers, anchors, hints },
    askAll,
    async ask(name, type, options) {
      const [answer] = await askAll([[name, type]], options)
      return answer
    }
  }
}
