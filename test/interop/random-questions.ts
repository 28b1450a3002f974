// What is asked of a random zone: where its faults are, and names and types all over it.
import type { Name } from '../../src/wire/name.js'
import { TYPE, typeToText } from '../../src/wire/numbers.js'
import { nameToText } from '../../src/wire/text.js'
import type { Random } from '../fuzz/random.js'
import type { Zone } from '../world/zone.js'
import type { TreeQuestion } from './tree-questions.js'

const TYPES = [
  TYPE.A,
  TYPE.AAAA,
  TYPE.MX,
  TYPE.TXT,
  TYPE.SRV,
  TYPE.DS,
  TYPE.CNAME,
  TYPE.NS,
  TYPE.SOA,
  TYPE.DNSKEY,
  TYPE.DNAME,
  TYPE.TLSA,
  65280,
  TYPE.HINFO,
  TYPE.HTTPS
]

/** Names that are there and not, types that they have and have not, each once. */
export function randomQuestions(zone: Zone, named: readonly Name[], hot: readonly Name[], random: Random, count: number): TreeQuestion[] {
  const { apex } = zone
  const nodes = [...zone.nodes.values()]
  const child = (above: Name, label: string): Name => above.child(Buffer.from(label, 'latin1'))
  const questions = new Map<string, TreeQuestion>()
  const add = (name: Name, type: number): void => {
    if (name.wire.length > 250) return
    const question = [nameToText(name), typeToText(type)] as const
    questions.set(question.join(' '), question)
  }
  const typeAt = (name: Name): number => {
    const own = [...(zone.nodes.get(name.key)?.sets.keys() ?? [])].filter((type) => type !== TYPE.NSEC)
    return own.length > 0 && !random.oneIn(3) ? random.pick(own) : random.pick(TYPES)
  }
  for (const name of hot) {
    add(name, typeAt(name))
    if (name.isWildcard) add(child(name.parent(), 'made'), typeAt(name))
    add(name, random.pick(TYPES))
  }
  add(apex, random.pick([TYPE.SOA, TYPE.DNSKEY, TYPE.NS]))
  add(apex, typeAt(apex))
  for (let tries = 0; questions.size < Math.max(count, hot.length) && tries < 200; tries++) {
    const { owner } = random.pick(nodes)
    const kind = random.below(8)
    if (kind < 2) add(owner, typeAt(owner))
    else if (kind === 2) add(owner, random.pick(TYPES))
    else if (kind === 3) add(child(owner, random.pick(['!', 'x', 'nowhere', '*', '\0', '\xff'])), random.pick(TYPES))
    else if (kind === 4) add(child(child(owner, 'y'), 'x'), random.pick(TYPES))
    else if (kind === 5 && owner.labelCount > apex.labelCount) add(child(owner.parent(), random.pick(['nothing', 'mm', '0', '~'])), TYPE.A)
    else if (named.length > 0) {
      const name = random.pick(named)
      add(name, random.oneIn(3) ? typeAt(name) : TYPE.A)
    }
  }
  return [...questions.values()].slice(0, count)
}
