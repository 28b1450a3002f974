// A tree of zones drawn by chance from a seed: what each zone holds, which name servers it has by its parent and by itself, where
// they are and what is odd about them. The root and the TLDs are as they should be.
import { QUIRKS, type Quirk, USELESS } from './paths-quirks.js'

/** The addresses of case `i` are 127.88.(i + 1).1 and on; the root, the TLDs and the host are in 127.88.0. */
const NET = '127.88'

export interface ZonePlan {
  readonly name: string
  readonly signed: boolean
  readonly denial: 'nsec' | 'nsec3' | 'optout'
  /** below the apex and beside SOA and NS; owners in full */
  readonly lines: string[]
  readonly servers: NameServerPlan[]
  readonly nsTtl: number
}

export interface NameServerPlan {
  /** in full */
  readonly name: string
  readonly atParent: boolean
  readonly atChild: boolean
  /** lines of glue at the parent */
  readonly glue: readonly string[]
}

export interface ServerPlan {
  readonly zones: string[]
  readonly quirks: readonly Quirk[]
  /** before each reply */
  readonly delayMs: number
  /** of so many datagrams of one client one is dropped; 0 for none */
  readonly dropEvery: number
  /** nothing listens there */
  readonly closed: boolean
}

export interface Case {
  readonly number: number
  readonly about: string
  readonly questions: readonly (readonly [name: string, type: string])[]
  /** has no single right answer */
  readonly spoils: ReadonlySet<NonNullable<Quirk['spoils']>>
}

export interface Plan {
  readonly zones: Map<string, ZonePlan>
  readonly servers: Map<string, ServerPlan>
  readonly cases: Case[]
}

export const ROOT_ADDRESS = `${NET}.0.1`
export const SOURCES = { unbound: `${NET}.255.1`, bind: `${NET}.255.2` } as const
const DEAD = `${NET}.250.250`
const TLDS = ['good', 'opt', 'plain', 'other'] as const
const HOST = 'host.good'

/** Numbers from a seed (a 32-bit multiply and shift). */
export class Draw {
  #state: number
  constructor(seed: number) {
    this.#state = seed >>> 0
  }
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
  chance = (probability: number): boolean => this.next() < probability
  below = (count: number): number => Math.floor(this.next() * count)
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]
  }
}

export function drawPlan(seed: number, cases: number): Plan {
  const plan: Plan = { zones: new Map(), servers: new Map(), cases: [] }
  sound(plan, '', true, 'nsec', [ROOT_ADDRESS])
  for (const [i, tld] of TLDS.entries()) {
    const denial = tld === 'opt' ? 'optout' : tld === 'other' ? 'nsec3' : 'nsec'
    sound(plan, tld, tld !== 'plain', denial, [`${NET}.0.${10 + 2 * i}`, `${NET}.0.${11 + 2 * i}`])
  }
  sound(plan, HOST, true, 'nsec', [`${NET}.0.30`, `${NET}.0.31`])
  sound(plan, 'fine.other', true, 'nsec3', [`${NET}.0.40`])
  fill(plan.zones.get('fine.other') as ZonePlan, 'fine.other', 'other')
  for (let i = 0; i < cases; i++) plan.cases.push(new CaseDraw(plan, i, new Draw(seed * 100_003 + i * 7919)).make())
  return plan
}

/** A zone with its own name servers, all well. */
function sound(plan: Plan, name: string, signed: boolean, denial: ZonePlan['denial'], addresses: readonly string[]): void {
  const servers = addresses.map((address, i): NameServerPlan => {
    const server = `ns${i}.${name === '' ? 'rootservers.net' : name}`
    return { name: server, atParent: true, atChild: true, glue: [`${server}. 3600 A ${address}`] }
  })
  plan.zones.set(name, { name, signed, denial, servers, nsTtl: 3600, lines: servers.flatMap(({ glue }) => glue) })
  for (const address of addresses) plan.servers.set(address, { zones: [name], quirks: [], delayMs: 0, dropEvery: 0, closed: false })
}

const LONG = 'l'.repeat(63)
const STEPS = Array.from({ length: 57 }, (_, i) => 'abcdefghij'[i % 10]).join('.')

/** What every zone holds, whatever its servers. */
function fill(zone: ZonePlan, elsewhere: string, above: string): void {
  const { name } = zone
  const room = 255 - name.length - 3
  const long = [LONG, LONG, LONG].join('.').slice(0, Math.max(20, room - 4))
  const text = Array.from({ length: 12 }, (_, i) => `"${String(i % 10).repeat(200)}"`).join(' ')
  zone.lines.push(
    `${name}. 300 A 192.0.2.1`,
    `www.${name}. 300 A 192.0.2.2`,
    `www.${name}. 300 AAAA 2001:db8::2`,
    `deep.a.b.ent.${name}. 300 A 192.0.2.3`,
    `*.wild.${name}. 300 A 192.0.2.4`,
    `alias.${name}. 300 CNAME www.${name}.`,
    `far.${name}. 300 CNAME www.${elsewhere}.`,
    `up.${name}. 300 CNAME www.${above}.`,
    `c1.${name}. 300 CNAME c2.${name}.`,
    `c2.${name}. 300 CNAME alias.${elsewhere}.`,
    `lost.${name}. 300 CNAME nothing.${elsewhere}.`,
    `old.${name}. 300 DNAME ${elsewhere}.`,
    `${STEPS}.${name}. 300 A 192.0.2.5`,
    `${long}.${name}. 300 A 192.0.2.6`,
    `zero.${name}. 0 A 192.0.2.7`,
    `big.${name}. 300 TXT ${text}`,
    `_25._tcp.mx.${name}. 300 TLSA 3 1 1 ${'AB'.repeat(32)}`
  )
}

function questionsOf(zone: ZonePlan): readonly (readonly [string, string])[] {
  const { name } = zone
  const long = zone.lines
    .find((line) => line.startsWith('llll'))
    ?.split(/\s/)[0]
    .slice(0, -1) as string
  return [
    [`www.${name}`, 'A'],
    [`www.${name}`, 'AAAA'],
    [name, 'A'],
    [`deep.a.b.ent.${name}`, 'A'],
    [`b.ent.${name}`, 'A'],
    [`x.wild.${name}`, 'A'],
    [`alias.${name}`, 'A'],
    [`far.${name}`, 'A'],
    [`up.${name}`, 'A'],
    [`c1.${name}`, 'A'],
    [`lost.${name}`, 'A'],
    [`www.old.${name}`, 'A'],
    [`${STEPS}.${name}`, 'A'],
    [long, 'A'],
    [`zero.${name}`, 'A'],
    [`big.${name}`, 'TXT'],
    [`_25._tcp.mx.${name}`, 'TLSA'],
    [`nothing.${name}`, 'A'],
    [`x.y.z.nothing.${name}`, 'A'],
    [`www.${name}`, 'TXT'],
    [name, 'DS'],
    [name, 'DNSKEY'],
    [name, 'NS'],
    [name, 'SOA'],
    [`www.${name}`, 'CAA']
  ]
}

/** One domain below a TLD, with the zones that it needs and the zones below it. */
class CaseDraw {
  readonly #about: string[] = []
  readonly #questions: (readonly [string, string])[] = []
  #address = 0
  readonly #spoils = new Set<NonNullable<Quirk['spoils']>>()

  constructor(
    readonly plan: Plan,
    readonly number: number,
    readonly draw: Draw
  ) {}

  make(): Case {
    const { draw } = this
    const tld = draw.of(TLDS)
    const top = this.#zone(`d${this.number}.${tld}`, tld, tld !== 'plain' && draw.chance(0.5), 0)
    let above = top
    for (let level = 0; level < 2 && draw.chance(0.4); level++) {
      const label = draw.of(['sub', 'a.b', 'x.y.z', 'www2', '_dns'])
      above = this.#below(`${label}.${above.name}`, above)
    }
    return {
      number: this.number,
      about: this.#about.join('; '),
      questions: this.#questions,
      spoils: this.#spoils
    }
  }

  /** A zone below one of this case, on the same servers or on others. */
  #below(name: string, parent: ZonePlan): ZonePlan {
    const { draw, plan } = this
    const signed = parent.signed && draw.chance(0.6)
    if (draw.chance(0.5)) return this.#zone(name, parent.name, signed, 1)
    const zone: ZonePlan = {
      name,
      signed,
      denial: 'nsec',
      servers: parent.servers.map((server) => ({ ...server, glue: [] })),
      nsTtl: 300,
      lines: []
    }
    plan.zones.set(name, zone)
    for (const server of plan.servers.values()) if (server.zones.includes(parent.name)) server.zones.push(name)
    this.#say(`${name} on the servers of its parent${signed ? ', signed' : ''}`)
    this.#finish(zone, parent.name)
    return zone
  }

  #finish(zone: ZonePlan, parent: string): void {
    const { draw, plan } = this
    const others = [...plan.zones.keys()].filter((name) => /^d\d+\.[a-z]+$/.test(name) && name !== zone.name)
    const elsewhere = draw.chance(0.25) && others.length > 0 ? draw.of(others) : 'fine.other'
    fill(zone, elsewhere, parent.includes('.') ? parent : 'fine.other')
    const all = [...questionsOf(zone)]
    for (let i = 0; i < 7; i++) this.#questions.push(...all.splice(draw.below(all.length), 1))
  }

  #zone(name: string, parent: string, signed: boolean, level: number): ZonePlan {
    const { draw, plan } = this
    const denial = draw.of(['nsec', 'nsec3', 'optout'] as const)
    const zone: ZonePlan = { name, signed, denial, servers: [], nsTtl: draw.of([0, 300, 3600]), lines: [] }
    plan.zones.set(name, zone)
    this.#say(`${name}${signed ? ` signed ${denial}` : ''}${zone.nsTtl === 0 ? ', NS of TTL 0' : ''}`)
    const shared = this.#quirks(signed)
    const working = draw.chance(0.6) ? 1 : 2
    const useless = draw.of([0, 0, 1, 1, 2, 3])
    const order = [...Array<boolean>(working).fill(true), ...Array<boolean>(useless).fill(false)]
    for (let i = order.length - 1; i > 0; i--) {
      const j = draw.below(i + 1)
      ;[order[i], order[j]] = [order[j], order[i]]
    }
    let exit = false
    for (const [i, works] of order.entries()) {
      const address = this.#server(name, works, signed, shared)
      // one that works has an honest way in
      const isExit = works && !exit
      exit ||= works
      zone.servers.push(this.#nameServer(zone, i, address, isExit, level))
    }
    this.#finish(zone, parent)
    return zone
  }

  #quirks(signed: boolean): Quirk[] {
    const { draw } = this
    const count = draw.of([0, 1, 1, 1, 2, 2])
    const fit = QUIRKS.filter((quirk) => !(signed && quirk.unsignedOnly))
    const quirks = Array.from({ length: count }, () => draw.of(fit))
    return quirks
      .filter(({ last }, i) => !last || quirks.findIndex((quirk) => quirk.last) === i)
      .sort((a, b) => Number(a.last ?? false) - Number(b.last ?? false))
  }

  #server(zone: string, works: boolean, signed: boolean, shared: readonly Quirk[]): string {
    const { draw, plan } = this
    const address = `${NET}.${this.number + 1}.${++this.#address}`
    const closed = !works && draw.chance(0.15)
    const fit = USELESS.filter((quirk) => !(signed && quirk.unsignedOnly))
    const quirks = works ? (draw.chance(0.7) ? shared : this.#quirks(signed)) : [draw.of(fit)]
    const delayMs = works && draw.chance(0.15) ? 300 : 0
    const dropEvery = works && draw.chance(0.12) ? 2 : 0
    plan.servers.set(address, { zones: [zone], quirks, delayMs, dropEvery, closed })
    for (const { spoils } of quirks) if (works && spoils) this.#spoils.add(spoils)
    const facts = [...quirks.map((quirk) => quirk.name), ...(delayMs ? ['slow'] : []), ...(dropEvery ? ['drops every second'] : [])]
    this.#say(`${address} ${closed ? 'closed' : facts.join(' + ') || 'sound'}`)
    return address
  }

  /** How the zone comes by this server: the name, and what parent and child say of it. */
  #nameServer(zone: ZonePlan, i: number, address: string, exit: boolean, level: number): NameServerPlan {
    const { draw, plan } = this
    const host = plan.zones.get(HOST) as ZonePlan
    const inside = `ns${i}.${zone.name}`
    const outside = `${zone.name.replaceAll('.', '-')}-${i}.${HOST}`
    const both = { atParent: true, atChild: true }
    const honest = ['glue', 'glue', 'host', 'alone at the parent', 'zero'] as const
    const odd = ['no glue', 'stale glue', 'glue of IPv6 alone', 'alone at the child', 'nowhere', 'alias', 'to itself'] as const
    const kind = exit ? draw.of([...honest, ...(level === 0 ? (['chain', 'mutual'] as const) : [])]) : draw.of([...honest, ...odd])
    if (kind !== 'glue') this.#say(`ns${i}: ${kind}`)
    const own = (ttl: number): void => void zone.lines.push(`${inside}. ${ttl} A ${address}`)
    switch (kind) {
      case 'glue':
        own(3600)
        return { name: inside, ...both, glue: [`${inside}. 3600 A ${address}`] }
      case 'zero':
        own(0)
        return { name: inside, ...both, glue: [`${inside}. 0 A ${address}`] }
      case 'host':
        host.lines.push(`${outside}. ${draw.of([0, 300])} A ${address}`)
        return { name: outside, ...both, glue: [] }
      case 'alone at the parent':
        own(300)
        return { name: inside, atParent: true, atChild: false, glue: [`${inside}. 300 A ${address}`] }
      case 'alone at the child':
        own(300)
        return { name: inside, atParent: false, atChild: true, glue: [] }
      case 'no glue':
        own(300)
        return { name: inside, ...both, glue: [] }
      case 'stale glue':
        own(300)
        return { name: inside, ...both, glue: [`${inside}. 3600 A ${DEAD}`] }
      case 'glue of IPv6 alone':
        own(300)
        return { name: inside, ...both, glue: [`${inside}. 3600 AAAA ::2`] }
      case 'nowhere':
        return { name: `nothing-${outside}`, ...both, glue: [] }
      case 'to itself':
        return { name: zone.name, ...both, glue: [] }
      case 'alias':
        host.lines.push(`${outside}. 300 CNAME a-${outside}.`, `a-${outside}. 300 A ${address}`)
        return { name: outside, ...both, glue: [] }
      case 'chain':
        return { name: this.#chained(address, 1 + draw.below(4)), ...both, glue: [] }
      case 'mutual':
        return { name: this.#mutual(zone, address), ...both, glue: [] }
    }
  }

  /** A name in a zone whose name server is in a zone whose name server ..., the last of them with glue. */
  #chained(address: string, links: number): string {
    const { draw, plan } = this
    const names = Array.from({ length: links }, (_, i) => `n${this.number}-${this.#address}-${i}.${draw.of(TLDS)}`)
    const addresses = names.map(() => `${NET}.${this.number + 1}.${++this.#address}`)
    for (const [i, name] of names.entries()) {
      const glue = [`ns.${name}. 3600 A ${addresses[i]}`]
      const isLast = i === links - 1
      const server = { name: isLast ? `ns.${name}` : `ns.next.${names[i + 1]}`, atParent: true, atChild: true, glue: isLast ? glue : [] }
      const lines = [...server.glue, `ns.next.${name}. 300 A ${i === 0 ? address : addresses[i - 1]}`]
      plan.zones.set(name, { name, signed: false, denial: 'nsec', servers: [server], nsTtl: 300, lines })
      plan.servers.set(addresses[i], { zones: [name], quirks: [], delayMs: 0, dropEvery: 0, closed: false })
    }
    this.#say(`${links} links`)
    return `ns.next.${names[0]}`
  }

  /** Another zone whose first name server is in this one, and whose second has glue. */
  #mutual(zone: ZonePlan, address: string): string {
    const { draw, plan } = this
    const partner = `m${this.number}-${this.#address}.${draw.of(TLDS)}`
    const at = `${NET}.${this.number + 1}.${++this.#address}`
    const back: NameServerPlan = { name: `ns-of-partner.${zone.name}`, atParent: true, atChild: true, glue: [] }
    const exit: NameServerPlan = { name: `exit.${partner}`, atParent: true, atChild: true, glue: [`exit.${partner}. 3600 A ${at}`] }
    const name = `ns.${partner}`
    zone.lines.push(`ns-of-partner.${zone.name}. 300 A ${at}`)
    const lines = [`exit.${partner}. 3600 A ${at}`, `${name}. 300 A ${address}`]
    plan.zones.set(partner, { name: partner, signed: false, denial: 'nsec', servers: [back, exit], nsTtl: 300, lines })
    plan.servers.set(at, { zones: [partner], quirks: [], delayMs: 0, dropEvery: 0, closed: false })
    return name
  }

  #say(text: string): void {
    this.#about.push(text)
  }
}
