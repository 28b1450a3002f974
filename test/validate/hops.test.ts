// From a question to one outcome: reply by reply along the aliases, again while what comes does not hold, and put together.
import { describe, expect, it } from 'vitest'
import type { ZoneVerdict } from '../../src/validate/chain.js'
import { followHops, type Hop, joinHops, judgeHop, stopped } from '../../src/validate/hops.js'
import type { Outcome } from '../../src/verdict/outcome.js'
import { reason } from '../../src/verdict/reason.js'
import type { Task } from '../../src/verdict/task.js'
import type { Message, Question } from '../../src/wire/message.js'
import { RCODE, typeToText } from '../../src/wire/numbers.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { makeZone } from '../world/zone.js'
import { asking, Court, courtTask } from './court.js'
import { NOON } from './signing.js'
import { keyOf } from './small-world.js'

const SOA = '@ SOA ns. hostmaster. 1 7200 3600 1209600 600\n@ NS ns.elsewhere.\n'
const zone = (origin: string, text: string, keys = [keyOf(origin)]) =>
  makeZone({ origin, text: SOA + text, keys, inception: NOON - 86_400, expiration: NOON + 86_400 })
const test = zone(
  'test',
  `a 300 A 192.0.2.1
d DNAME e.test.
x.e 200 A 192.0.2.2
loop.e DNAME d.test.
out CNAME x.open.test.
open NS ns.elsewhere.
l1.l DNAME l2.l.test.
l2.l DNAME l1.l.test.`
)
const open = zone('open.test', 'x 100 A 192.0.2.3', [])
const court = () => new Court([test, open])

type Change = (message: Message, question: Question, attempt: number) => Message | 'failure'
interface Heard {
  readonly outcome: Outcome
  readonly asked: string[]
}

async function follow(
  text: string,
  type: string,
  change: Change = (message) => message,
  task: Task = courtTask(),
  where = court()
): Promise<Heard> {
  const asked: string[] = []
  const hopOf = (question: Question): Promise<Hop> =>
    judgeHop(
      question,
      async (one, _task, attempt) => {
        asked.push(`${nameToText(one.name)} ${typeToText(one.type)} ${attempt}`)
        const changed = change(where.message(one), one, attempt)
        return changed === 'failure' ? where.failure(one) : where.reply(one, changed)
      },
      where.source,
      task
    )
  return { outcome: await followHops(asking(text, type), hopOf, task), asked }
}
const stripped = (message: Message): Message => ({ ...message, answer: message.answer.map((one) => ({ ...one, signatures: [] })) })
const records = ({ records: found }: Outcome): string[] =>
  found.map(({ rrset, verdict }) => `${nameToText(rrset.owner)} ${typeToText(rrset.type)} ${verdict.status}`)

describe('one hop', () => {
  it('a reply that holds is enough', async () => {
    const { outcome, asked } = await follow('a.test', 'A')
    expect(outcome).toMatchObject({ status: 'secure', rcode: RCODE.NOERROR, ttl: 300, judgedAt: NOON * 1000, rejected: [] })
    expect(asked).toEqual(['a.test A 0'])
  })

  it('one that does not is asked for again, and the good one counts (RFC 4035 5.5)', async () => {
    const { outcome, asked } = await follow('a.test', 'A', (message, _question, attempt) => (attempt < 2 ? stripped(message) : message))
    expect(outcome).toMatchObject({ status: 'secure', rejected: [] })
    expect(asked).toEqual(['a.test A 0', 'a.test A 1', 'a.test A 2'])
  })

  it('not for ever, and the first reason is told', async () => {
    const { outcome, asked } = await follow('a.test', 'A', (message, _question, attempt) =>
      attempt === 0 ? stripped(message) : { ...message, answer: [] }
    )
    expect(outcome).toMatchObject({ status: 'bogus', rcode: RCODE.SERVFAIL, ttl: 60, records: [], reason: { kind: 'signatureMissing' } })
    expect(asked).toHaveLength(4)
    expect(outcome.rejected).toHaveLength(1)
  })

  it('a failure after a bogus reply leaves it bogus, and one at first is indeterminate', async () => {
    const later = await follow('a.test', 'A', (message, _question, attempt) => (attempt === 0 ? stripped(message) : 'failure'))
    expect(later.outcome).toMatchObject({ status: 'bogus' })
    const first = await follow('a.test', 'A', () => 'failure')
    expect(first.outcome).toMatchObject({ status: 'indeterminate', rcode: RCODE.SERVFAIL, ttl: 5, reason: { kind: 'unreachable' } })
    expect(first.asked).toHaveLength(1)
  })

  it('a later reply that there is nothing to validate by leaves it bogus', async () => {
    const where = court()
    const lost: ZoneVerdict = { finding: { status: 'indeterminate', reason: reason('unreachable', {}) }, ttl: 5, evidence: [] }
    const change: Change = (message, _question, attempt) => {
      if (attempt === 0) return stripped(message)
      Object.assign(where.source, { zone: async () => lost })
      return message
    }
    const { outcome, asked } = await follow('a.test', 'A', change, courtTask(), where)
    expect(outcome).toMatchObject({ status: 'bogus', reason: { kind: 'signatureMissing' } })
    expect(asked).toHaveLength(4)
    const first = await follow('a.test', 'A', undefined, courtTask(), where)
    expect(first.outcome).toMatchObject({ status: 'indeterminate', reason: { kind: 'unreachable' } })
  })

  it('no time for another try leaves it bogus, and no time for the first is the end of the question', async () => {
    const stop = new AbortController()
    const task = { ...courtTask(), signal: stop.signal }
    const late: Change = (message, _question, attempt) => {
      if (attempt === 0) return stripped(message)
      stop.abort(new Error('the time is over'))
      throw stop.signal.reason
    }
    const { outcome, asked } = await follow('a.test', 'A', late, task)
    expect(outcome).toMatchObject({ status: 'bogus', rcode: RCODE.SERVFAIL, ttl: 60, reason: { kind: 'signatureMissing' } })
    expect(asked).toEqual(['a.test A 0', 'a.test A 1'])
    const always: Change = () => {
      throw stop.signal.reason
    }
    await expect(follow('a.test', 'A', always, task)).rejects.toThrow('the time is over')
  })

  it('a fault of ours in another try is no verdict', async () => {
    const faulty: Change = (message, _question, attempt) => {
      if (attempt === 0) return stripped(message)
      throw new Error('a fault')
    }
    await expect(follow('a.test', 'A', faulty)).rejects.toThrow('a fault')
  })

  it('with a spent budget nothing is asked for again, and the outcome is not kept (CVE-2026-50045)', async () => {
    const { outcome, asked } = await follow('a.test', 'A', undefined, courtTask({ signatureChecks: 0 }))
    expect(outcome).toMatchObject({ status: 'bogus', ttl: 0, reason: { kind: 'limitReached' } })
    expect(asked).toHaveLength(1)
  })
})

describe('too much for one RRset', () => {
  it('is not asked for again: it would be as much from another server', async () => {
    const { outcome, asked } = await follow('a.test', 'A', undefined, courtTask({ recordsPerRrset: 0 }))
    expect(outcome).toMatchObject({ status: 'bogus', reason: { kind: 'limitReached' } })
    expect(asked).toEqual(['a.test A 0'])
  })

  it('nor when it comes in another try, and the first reason stays', async () => {
    const larger = (message: Message): Message => ({
      ...message,
      answer: message.answer.map((one) => ({ ...one, rdatas: [...one.rdatas, Uint8Array.of(192, 0, 2, 99)] }))
    })
    const change: Change = (message, _question, attempt) => (attempt === 0 ? stripped(message) : larger(message))
    const { outcome, asked } = await follow('a.test', 'A', change, courtTask({ recordsPerRrset: 1 }))
    expect(outcome).toMatchObject({ status: 'bogus', reason: { kind: 'signatureMissing' } })
    expect(asked).toEqual(['a.test A 0', 'a.test A 1'])
  })
})

describe('aliases', () => {
  it('are followed by further questions, and the least TTL counts', async () => {
    const { outcome, asked } = await follow('x.d.test', 'A')
    expect(outcome).toMatchObject({ status: 'secure', ttl: 200, canonicalName: nameFromText('x.e.test') })
    expect(asked).toEqual(['x.d.test A 0', 'x.e.test A 0'])
    expect(records(outcome)).toEqual(['d.test DNAME secure', 'x.d.test CNAME secure', 'x.e.test A secure'])
  })

  it('into an insecure zone the weakest status and its reason are told', async () => {
    const { outcome } = await follow('out.test', 'A')
    expect(outcome).toMatchObject({
      status: 'insecure',
      rcode: RCODE.NOERROR,
      reason: { kind: 'noDs' },
      canonicalName: nameFromText('x.open.test')
    })
    expect(records(outcome)).toEqual(['out.test CNAME secure', 'x.open.test A insecure'])
  })

  it('a target that fails takes the answer along, and a bogus one its records', async () => {
    const failing = await follow('x.d.test', 'A', (message, { name }) => (name.equals(nameFromText('x.e.test')) ? 'failure' : message))
    expect(failing.outcome).toMatchObject({ status: 'indeterminate', rcode: RCODE.SERVFAIL })
    const bogus = await follow('x.d.test', 'A', (message, { name }) =>
      name.equals(nameFromText('x.e.test')) ? stripped(message) : message
    )
    expect(bogus.outcome).toMatchObject({ status: 'bogus', rcode: RCODE.SERVFAIL, reason: { kind: 'signatureMissing' } })
    expect(records(bogus.outcome)).toEqual(['d.test DNAME secure', 'x.d.test CNAME secure'])
    expect(bogus.outcome.denial).toBeUndefined()
  })

  it('in a circle they end (RFC 1034 3.6.2)', async () => {
    const { outcome, asked } = await follow('x.l1.l.test', 'A')
    expect(outcome).toMatchObject({ status: 'indeterminate', rcode: RCODE.SERVFAIL, reason: { kind: 'aliasLoop' } })
    expect(asked.length).toBeLessThan(4)
  })

  it('beyond the limit they end', async () => {
    const { outcome } = await follow('x.d.test', 'A', undefined, courtTask({ aliases: 0 }))
    expect(outcome).toMatchObject({ status: 'indeterminate', rcode: RCODE.SERVFAIL, ttl: 0, reason: { kind: 'limitReached' } })
  })

  it('to and fro between two zones they end sooner (CAMP)', async () => {
    const lines = (from: string, to: string) =>
      Array.from({ length: 6 }, (_, i) => `c${i} CNAME c${from === 'a' ? i : i + 1}.${to}.`).join('\n')
    const zones = [zone('a.test', lines('a', 'b.test')), zone('b.test', lines('b', 'a.test'))]
    const where = () => new Court(zones, { anchors: zones })
    const ends = async (aliasReturns: number) => follow('c0.a.test', 'A', undefined, courtTask({ aliasReturns }), where())
    const { outcome, asked } = await ends(2)
    expect(outcome).toMatchObject({ status: 'indeterminate', ttl: 0, reason: { kind: 'limitReached' } })
    expect(outcome.reason?.text).toContain('aliasReturns')
    // the first of each zone is no return, and the one beyond the limit was asked already
    expect(asked).toHaveLength(5)
    expect((await ends(3)).asked).toHaveLength(6)
  })

  it('the denial of the last name is told', async () => {
    expect((await follow('m.d.test', 'A')).outcome).toMatchObject({ status: 'secure', rcode: RCODE.NXDOMAIN, denial: { kind: 'nxdomain' } })
  })
})

describe('hops known before', () => {
  it('have aged since, and one that is not known leaves all unknown', async () => {
    const where = court()
    const question = asking('a.test', 'A')
    const hop = await judgeHop(question, async (one) => where.reply(one), where.source, courtTask())
    const later = { ...courtTask(), now: (NOON + 100) * 1000 }
    expect(joinHops(question, () => hop, later)).toMatchObject({ status: 'secure', ttl: 200, records: [{ ttl: 200 }] })
    expect(joinHops(question, () => hop, { ...later, now: (NOON + 1000) * 1000 })).toMatchObject({ ttl: 0, records: [{ ttl: 0 }] })
    expect(joinHops(question, () => undefined, later)).toBeUndefined()
    const alias = await judgeHop(asking('x.d.test', 'A'), async (one) => where.reply(one), where.source, courtTask())
    expect(joinHops(asking('x.d.test', 'A'), ({ name }) => (name.equals(alias.name) ? alias : undefined), later)).toBeUndefined()
  })

  it('work that was stopped says why, and is not kept', () => {
    const why = reason('timeOver', { limit: 5 })
    expect(stopped(asking('a.test', 'A'), why, courtTask())).toMatchObject({
      status: 'indeterminate',
      rcode: RCODE.SERVFAIL,
      ttl: 0,
      records: [],
      reason: why
    })
  })
})
