// Random small zones, signed and asked for every name and type there could be: each verdict is what a plain reading of the zone's
// records says, and a reply with a proof taken out, a proof of another reply put in or another RCODE is never secure unless it
// says the same.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Judgement } from '../../src/validate/answer.js'
import type { Message, Question } from '../../src/wire/message.js'
import { RCODE, typeToText } from '../../src/wire/numbers.js'
import type { DenialOptions } from '../world/chain.js'
import { makeZone, type Zone } from '../world/zone.js'
import { asking, Court } from './court.js'
import { denial, OWNERS, type Plan, plan, textOf, type What } from './random-plan.js'
import { keyOf, NOON } from './small-world.js'

const zoneOf = (plan: Plan, denial: DenialOptions): Zone =>
  makeZone({
    origin: 'test',
    text: ['@ SOA ns. hostmaster. 1 7200 3600 1209600 600', '@ NS ns.elsewhere.', textOf(plan)].join('\n'),
    keys: [keyOf('test')],
    denial,
    inception: NOON - 86_400,
    expiration: NOON + 86_400
  })

const TYPES: Readonly<Record<What, readonly string[]>> = {
  A: ['A'],
  TXT: ['TXT'],
  cut: ['NS'],
  'signed cut': ['NS', 'DS'],
  DNAME: ['DNAME'],
  CNAME: ['CNAME']
}

/** What the zone says, read off the plan alone. `elsewhere`: not this zone's to say. */
function truth(plan: Plan, owner: string, type: string, optOut: boolean): string {
  const labels = owner.split('.')
  const above = labels.map((_, i) => labels.slice(i).join('.'))
  const [, ...ancestors] = above
  const redirected = ancestors.reverse().find((name) => ['cut', 'signed cut', 'DNAME'].includes(plan.get(name) ?? ''))
  if (redirected !== undefined) return plan.get(redirected) === 'DNAME' ? `secure DNAME at ${redirected}` : 'elsewhere'
  // hidden names do not exist here (RFC 4035 2.2, RFC 6672 2.3)
  const shown = [...plan.keys()].filter((name) =>
    name
      .split('.')
      .map((_, i, all) => all.slice(i).join('.'))
      .slice(1)
      .every((one) => !['cut', 'signed cut', 'DNAME'].includes(plan.get(one) ?? ''))
  )
  const exists = (name: string): boolean => name === '' || shown.some((one) => one === name || one.endsWith(`.${name}`))
  // RFC 5155 7.1: an opted-out delegation, and what is there for it alone, has no record
  const proven = (name: string): boolean =>
    name === '' || !optOut || shown.some((one) => (one === name || one.endsWith(`.${name}`)) && plan.get(one) !== 'cut')
  // Of an empty non-terminal without a record, and of names below it, nothing can be shown (RFC 5155 erratum 3441).
  if (above.some((name) => !plan.has(name) && exists(name) && !proven(name))) return 'elsewhere'
  const weak = optOut ? 'insecure' : 'secure'
  const say = (at: string, what: What | undefined, status: string): string => {
    if (what === 'CNAME' && type !== 'CNAME') return `${status} CNAME at ${owner}`
    if (what && TYPES[what].includes(type))
      return what === 'cut' || (what === 'signed cut' && type !== 'DS') ? 'elsewhere' : `${status} ${type} at ${owner}`
    if ((what === 'cut' || what === 'signed cut') && type !== 'DS') return 'elsewhere'
    // RFC 5155 8.6: the span tells no name from an unsigned delegation
    if (type === 'DS' && ((optOut && !proven(at)) || status === 'insecure')) return 'insecure insecure-delegation'
    const none = what === 'cut' ? 'insecure-delegation' : 'nodata'
    return `${status === 'secure' && !proven(at) ? 'insecure' : status} ${none}`
  }
  if (exists(owner)) return say(owner, plan.get(owner), 'secure')
  const encloser = above.slice(1).concat('').find(exists) as string
  const wildcard = encloser === '' ? '*' : `*.${encloser}`
  if (exists(wildcard)) return say(wildcard, plan.get(wildcard), weak)
  return `${weak} nxdomain`
}

/** The judgement in the words of `truth`. */
function told({ status, rcode, judged, denial }: Judgement): string {
  const [first] = judged
  if (!first) return `${status} ${denial?.kind ?? (rcode === RCODE.NXDOMAIN ? 'nxdomain' : 'nodata')}`
  return `${status} ${typeToText(first.rrset.type)} at ${labelsOf(first.rrset.owner)}`
}

const labelsOf = (name: Question['name']): string =>
  Array.from({ length: name.labelCount - 1 }, (_, i) => Buffer.from(name.label(i)).toString('latin1')).join('.')

const ASKED = ['A', 'TXT', 'DS']

const question = (owner: string, type: string): Question => asking(`${owner}.test`, type)

const runs = { numRuns: Number(process.env.RANDOM_ZONES ?? 25) }

it('every question gets the verdict that the records of the zone give', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(plan, denial, async (plan, denial) => {
      const court = new Court([zoneOf(plan, denial)])
      for (const owner of OWNERS) {
        for (const type of ASKED) {
          const expected = truth(plan, owner, type, 'optOut' in denial && denial.optOut === true)
          if (expected === 'elsewhere') continue
          const asked = question(owner, type)
          const judgement = await court.judge(asked, court.message(asked))
          const reply = expected === told(judgement) ? told(judgement) : `${told(judgement)}: ${judgement.reason?.text}`
          expect(reply, `${owner} ${type}`).toBe(expected)
        }
      }
    }),
    runs
  )
})

it('with a proof missing, out of another reply, or with the other RCODE no reply is secure unless it says the same', {
  timeout: 120_000
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      plan,
      denial,
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 20, maxLength: 20 }),
      async (plan, denial, picks) => {
        const court = new Court([zoneOf(plan, denial)])
        const optOut = 'optOut' in denial && denial.optOut === true
        const messages = OWNERS.map((owner) => court.message(question(owner, 'A')))
        for (const [at, other, which] of picks) {
          const owner = OWNERS[at % OWNERS.length]
          const type = ASKED[which % ASKED.length]
          const expected = truth(plan, owner, type, optOut)
          if (expected === 'elsewhere') continue
          const asked = question(owner, type)
          const honest = court.message(asked)
          const foreign = messages[other % messages.length]
          const changed: Message[] = [
            ...honest.authority.map((gone) => ({ ...honest, authority: honest.authority.filter((one) => one !== gone) })),
            { ...honest, rcode: honest.rcode === RCODE.NXDOMAIN ? RCODE.NOERROR : RCODE.NXDOMAIN },
            { ...honest, authority: foreign.authority, rcode: foreign.rcode },
            { ...honest, answer: [], authority: foreign.authority, rcode: foreign.rcode },
            {
              ...honest,
              answer: [],
              authority: [...honest.authority, ...foreign.authority],
              rcode: which & 1 ? RCODE.NXDOMAIN : RCODE.NOERROR
            },
            { ...honest, answer: foreign.answer.map((rrset) => ({ ...rrset, owner: asked.name })) }
          ]
          for (const message of changed) {
            const judgement = await court.judge(asked, message)
            if (judgement.status === 'secure') expect(told(judgement), `${owner} ${type}`).toBe(expected)
            // only Opt-Out leaves room for it (RFC 5155 9.2)
            if (judgement.status === 'insecure' && !expected.startsWith('insecure'))
              expect(optOut, `${owner} ${type} ${judgement.reason?.text}`).toBe(true)
          }
        }
      }
    ),
    runs
  )
})
