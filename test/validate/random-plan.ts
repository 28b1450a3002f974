// Random small zones as their author sees them: what is at each owner, of every kind that makes a proof different.
import fc from 'fast-check'
import type { DenialOptions } from '../world/chain.js'

export const LABELS = ['a', 'b', 'm', '*']
export type What = 'A' | 'TXT' | 'cut' | 'signed cut' | 'DNAME' | 'CNAME'

const LINES: Readonly<Record<What, (owner: string) => string[]>> = {
  A: (owner) => [`${owner} A 192.0.2.1`],
  TXT: (owner) => [`${owner} TXT "t"`],
  cut: (owner) => [`${owner} NS ns.elsewhere.`],
  'signed cut': (owner) => [`${owner} NS ns.elsewhere.`, `${owner} DS 1 13 2 ${'AB'.repeat(32)}`],
  DNAME: (owner) => [`${owner} DNAME elsewhere.`],
  CNAME: (owner) => [`${owner} CNAME elsewhere.`]
}

/** By the labels of the owner in presentation order. */
export type Plan = ReadonlyMap<string, What>

const path = fc.array(fc.constantFrom(...LABELS), { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'))
const what = fc.constantFrom<What>('A', 'A', 'TXT', 'cut', 'signed cut', 'DNAME', 'CNAME')
export const plan = fc.array(fc.tuple(path, what), { maxLength: 7 }).map((entries) => {
  const at = new Map<string, What>()
  for (const [owner, what] of entries) {
    // what a wildcard delegates or redirects is not defined (RFC 4592 4.2, 4.4)
    const plain = owner.startsWith('*') && what !== 'TXT' && what !== 'CNAME' ? 'A' : what
    if (!at.has(owner)) at.set(owner, plain)
  }
  return at as Plan
})
export const denial = fc.constantFrom<DenialOptions>(
  { by: 'nsec' },
  { by: 'nsec3' },
  { by: 'nsec3', salt: Uint8Array.of(1, 2), iterations: 2 },
  { by: 'nsec3', salt: Uint8Array.of(3), optOut: true }
)

/** The zone's text, without SOA and NS. */
export const textOf = (plan: Plan): string => [...plan].flatMap(([owner, what]) => LINES[what](owner)).join('\n')

export const OWNERS = ['a', 'm', '*'].flatMap((x) => [x, ...LABELS.flatMap((y) => [`${y}.${x}`, `m.${y}.${x}`, `b.${y}.${x}`])])
