// What a name is as a zone, and which zone covers a name: each way down from an anchor, and each way that ends (RFC 4035 5).
import { describe, expect, it } from 'vitest'
import { coverageOf, withinAnchor, zoneAt } from '../../src/validate/chain.js'
import type { Reply } from '../../src/verdict/reply.js'
import type { Message } from '../../src/wire/message.js'
import { TYPE } from '../../src/wire/numbers.js'
import { questionKey } from '../../src/wire/question.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText, nameToText, recordFromText } from '../../src/wire/text.js'
import { dsRdata, zoneKey } from '../world/keys.js'
import { flipBit, signRrset } from '../world/signer.js'
import { makeZone, type Zone, type ZoneOptions } from '../world/zone.js'
import { asking, Court, courtTask } from './court.js'
import { denialAt, denialOver, setOf, soaOf } from './forging.js'
import { rrsetsOf } from './judging.js'
import { NOON } from './signing.js'
import { keyOf } from './small-world.js'

const name = nameFromText
const SOA = '@ SOA ns. hostmaster. 1 7200 3600 1209600 600\n@ NS ns.elsewhere.\n'
const ds = (zone: string, rdata = dsRdata(name(zone), keyOf(zone))): string =>
  `${zone}. DS \\# ${rdata.length} ${Buffer.from(rdata).toString('hex')}`
const zone = (origin: string, text = '', more: Partial<ZoneOptions> = {}): Zone =>
  makeZone({ ...{ origin, keys: [keyOf(origin)], inception: NOON - 86_400, expiration: NOON + 86_400 }, ...more, text: SOA + text })

const TOP = `sub NS ns.elsewhere.\n${ds('sub.test')}\nopen NS ns.elsewhere.\na A 192.0.2.1\nalias CNAME a\n*.w CNAME a\nb.ent A 192.0.2.1
odd NS ns.elsewhere.\n${ds('odd.test', dsRdata(name('odd.test'), keyOf('odd.test'), 2, { algorithm: 200 }))}`
const top = zone('test', TOP)
const hashed = zone('test', TOP, { denial: { by: 'nsec3', optOut: true } })
const sub = zone('sub.test', 'x.y A 192.0.2.1')
const open = zone('open.test', '', { keys: [] })
const odd = zone('odd.test')
const court = (first = top) => new Court([first, sub, open, odd])
const at = async (text: string, where = court(), task = courtTask()) => (await zoneAt(name(text), where.source, task)).finding
const bogus = (kind: string): object => ({ status: 'bogus', reason: { kind } })

/** Puts another message in place of every honest reply to a question of the chain. */
function instead(
  where: Court,
  text: string,
  type: string,
  change: (honest: Message) => Message | Reply,
  times = Number.POSITIVE_INFINITY
): Court {
  const question = asking(text, type)
  where.instead.set(questionKey(question), (attempt) => (attempt < times ? change(where.message(question)) : undefined))
  return where
}
const emptied = (message: Message): Message => ({ ...message, answer: [], authority: [] })
const authority =
  (...records: ResourceRecord[][]) =>
  (message: Message): Message => ({ ...message, answer: [], authority: rrsetsOf(records.flat()) })

describe('zoneAt', () => {
  it.each([
    { what: 'an anchor', text: 'test', finding: { status: 'secure', keys: { zone: top.apex } } },
    { what: 'a zone below by its DS', text: 'sub.test', finding: { status: 'secure', keys: { zone: sub.apex } } },
    { what: 'a cut without a DS', text: 'open.test', finding: { status: 'insecure', reason: { kind: 'noDs' } } },
    {
      what: 'a DS of nothing that is supported',
      text: 'odd.test',
      finding: { status: 'insecure', reason: { kind: 'unsupportedAlgorithm', code: 1 } }
    },
    { what: 'a name that is no cut', text: 'a.test', finding: { status: 'noCut', exists: true } },
    { what: 'an empty non-terminal', text: 'ent.test', finding: { status: 'noCut', exists: true } },
    { what: 'a name that does not exist', text: 'm.test', finding: { status: 'noCut', exists: false } },
    { what: 'an alias, which no zone cut can be at', text: 'alias.test', finding: { status: 'noCut', exists: true } },
    { what: 'an alias made from a wildcard', text: 'm.w.test', finding: { status: 'noCut', exists: true } },
    { what: 'a name below an insecure zone', text: 'x.open.test', finding: { status: 'insecure', reason: { kind: 'noDs' } } },
    { what: 'a name outside every anchor', text: 'other', finding: { status: 'indeterminate', reason: { kind: 'noAnchor' } } }
  ])('$what', async ({ text, finding }) => {
    expect(await at(text)).toMatchObject(finding)
  })

  it('under Opt-Out a name that is not there may be an insecure zone (RFC 5155 8.9)', async () => {
    expect(await at('open.test', court(hashed))).toMatchObject({ status: 'insecure', reason: { kind: 'optOut' } })
    expect(await at('m.test', court(hashed))).toMatchObject({ status: 'insecure', reason: { kind: 'optOut' } })
    expect(await at('a.test', court(hashed))).toMatchObject({ status: 'noCut' })
    expect(await at('sub.test', court(hashed))).toMatchObject({ status: 'secure' })
  })

  it.each([
    { what: 'no DS and no proof of it', type: 'DS', change: emptied, finding: bogus('denialMissing') },
    {
      what: 'the DS of another zone',
      type: 'DS',
      change: (m: Message) => ({
        ...m,
        answer: m.answer.map((one) => ({ ...one, rdatas: odd.keys.map((key) => dsRdata(name('sub.test'), key)) }))
      }),
      finding: bogus('signatureWrong')
    },
    {
      what: 'a DS without a signature',
      type: 'DS',
      change: (m: Message) => ({ ...m, answer: m.answer.map((one) => ({ ...one, signatures: [] })) }),
      finding: bogus('signatureMissing')
    },
    { what: 'no DNSKEY', type: 'DNSKEY', change: emptied, finding: bogus('dnskeyMissing') },
    {
      what: 'the DNSKEY set without a signature',
      type: 'DNSKEY',
      change: (m: Message) => ({ ...m, answer: m.answer.map((one) => ({ ...one, signatures: [] })) }),
      finding: bogus('dnskeyNotSigned')
    },
    {
      what: '121 the DNSKEY set of another zone (CVE-2026-123593)',
      type: 'DNSKEY',
      change: () => court().message(asking('test', 'DNSKEY')),
      finding: bogus('dnskeyMissing')
    },
    {
      what: '58, 132 its own denial of a DS (RFC 6840 4.4, CVE-2026-123591)',
      type: 'DS',
      change: authority(soaOf(sub), denialAt(sub, 'sub.test')),
      finding: { status: 'bogus' }
    },
    {
      what: 'the denial of a DS at another name',
      type: 'DS',
      change: authority(soaOf(top), denialAt(top, 'open.test')),
      finding: { status: 'bogus' }
    },
    {
      what: 'the denial of its name',
      type: 'DS',
      change: authority(soaOf(top), denialOver(top, 'm.test'), denialAt(top, 'test')),
      finding: { status: 'bogus' }
    },
    {
      what: 'an alias without a signature',
      type: 'DS',
      change: (m: Message) => ({ ...m, answer: rrsetsOf([recordFromText('sub.test. CNAME a.test.')]) }),
      finding: bogus('signatureMissing')
    }
  ])('a signed zone with $what is bogus, and never insecure', async ({ type, change, finding }) => {
    expect(await at('sub.test', instead(court(), 'sub.test', type, change))).toMatchObject(finding)
  })

  it("a wildcard's alias needs the proof that nothing is closer (RFC 4035 5.3.4)", async () => {
    const bare = instead(court(), 'm.w.test', 'DS', (message) => ({ ...message, authority: [] }))
    expect(await at('m.w.test', bare)).toMatchObject({ status: 'bogus' })
  })

  it('a DS made from a wildcard vouches for nothing', async () => {
    const wild = zone('test', `*.w NS ns.elsewhere.\n*.w DS 1 13 2 ${'AB'.repeat(32)}`)
    const [set] = rrsetsOf(setOf(wild, '*.w.test', 'DS').map((one) => ({ ...one, owner: name('m.w.test') })))
    const where = instead(new Court([wild]), 'm.w.test', 'DS', (message) => ({ ...message, answer: [set], authority: [] }))
    expect(await at('m.w.test', where)).toMatchObject(bogus('proofExpanded'))
  })

  it('a DS RRset signed by the zone itself does not count (RFC 4035 5.2)', async () => {
    const records = setOf(top, 'sub.test', 'DS').filter((one) => one.type === TYPE.DS)
    const fields = { inception: NOON - 1, expiration: NOON + 1, signer: sub.apex }
    const set = rrsetsOf([...records, signRrset(records, keyOf('sub.test'), fields)])
    expect(
      await at(
        'sub.test',
        instead(court(), 'sub.test', 'DS', (message) => ({ ...message, answer: set }))
      )
    ).toMatchObject({ status: 'bogus' })
  })

  it('what cannot be asked is indeterminate, never insecure (RFC 4035 4.3)', async () => {
    for (const type of ['DS', 'DNSKEY']) {
      const where = court()
      instead(where, 'sub.test', type, () => where.failure(asking('sub.test', type)))
      expect(await at('sub.test', where), type).toMatchObject({ status: 'indeterminate', reason: { kind: 'unreachable' } })
    }
    const where = court()
    instead(where, 'test', 'DNSKEY', () => where.failure(asking('test', 'DNSKEY')))
    for (const text of ['test', 'sub.test', 'open.test', 'a.test'])
      expect(await at(text, where), text).toMatchObject({ status: 'indeterminate' })
    // with nothing supported it does not matter what the zone's servers say
    const other = court()
    instead(other, 'odd.test', 'DNSKEY', () => other.failure(asking('odd.test', 'DNSKEY')))
    expect(await at('odd.test', other)).toMatchObject({ status: 'insecure' })
  })

  it('a reply that does not hold is asked for again elsewhere, within a limit (RFC 4035 5.5)', async () => {
    const good = instead(court(), 'sub.test', 'DS', emptied, 2)
    expect(await at('sub.test', good)).toMatchObject({ status: 'secure' })
    expect(
      good.asked.filter(({ question }) => question.type === TYPE.DS && question.name.equals(sub.apex)).map(({ attempt }) => attempt)
    ).toEqual([0, 1, 2])
    const bad = instead(court(), 'sub.test', 'DS', emptied)
    expect(await at('sub.test', bad, courtTask({ bogusRetries: 1 }))).toMatchObject(bogus('denialMissing'))
    expect(bad.asked.filter(({ question }) => question.type === TYPE.DS)).toHaveLength(2)
  })

  it('the first reason is told, not that of the last attempt', async () => {
    const where = court()
    instead(where, 'sub.test', 'DNSKEY', (message) => emptied(message), 1)
    where.instead.set(questionKey(asking('sub.test', 'DNSKEY')), (attempt) =>
      attempt === 0 ? emptied(where.message(asking('sub.test', 'DNSKEY'))) : where.failure(asking('sub.test', 'DNSKEY'))
    )
    expect(await at('sub.test', where)).toMatchObject(bogus('dnskeyMissing'))
  })

  it.each(['DS', 'DNSKEY'])('no time for another try leaves it bogus: %s', async (type) => {
    const where = court()
    const stop = new AbortController()
    const question = asking('sub.test', type)
    where.instead.set(questionKey(question), (attempt) => {
      if (attempt === 0) return emptied(where.message(question))
      stop.abort(new Error('the time is over'))
      throw stop.signal.reason
    })
    const task = { ...courtTask(), signal: stop.signal }
    expect(await at('sub.test', where, task)).toMatchObject(bogus(type === 'DS' ? 'denialMissing' : 'dnskeyMissing'))
    expect(stop.signal.aborted).toBe(true)
  })
})

describe('anchors', () => {
  it('the closest decides (RFC 6840 C)', async () => {
    const wrong = { kind: 'positive' as const, zone: sub.apex, ds: [], keys: [] }
    const where = new Court([top, sub], { anchors: [top], positive: [wrong] })
    expect(await at('sub.test', where)).toMatchObject(bogus('anchorNoMatch'))
    expect(withinAnchor(top.apex, name('a.sub.test'), where.source, courtTask())).toBe(false)
    expect(withinAnchor(sub.apex, name('a.sub.test'), where.source, courtTask())).toBe(true)
    // an island below an unsigned zone
    const island = zone('island.open.test')
    expect(await at('island.open.test', new Court([top, open, island], { anchors: [top, island] }))).toMatchObject({ status: 'secure' })
  })

  it('a negative one makes insecure what lies at and below it, for as long as it lasts (RFC 7646 2)', async () => {
    const until = (NOON + 60) * 1000
    const where = () => new Court([top, sub], { negative: [{ kind: 'negative', zone: sub.apex, until }] })
    expect(await zoneAt(sub.apex, where().source, courtTask())).toMatchObject({
      ttl: 60,
      finding: { status: 'insecure', reason: { kind: 'negativeAnchor' } }
    })
    expect(await at('x.sub.test', where())).toMatchObject({ status: 'insecure' })
    expect(await at('test', where())).toMatchObject({ status: 'secure' })
    expect(await at('sub.test', where(), { ...courtTask(), now: until })).toMatchObject({ status: 'secure' })
  })

  it('an anchor whose keys are not in the set makes all below it bogus', async () => {
    const other = zone('test', '', { keys: [zoneKey('test', 13, { serial: 'other' })] })
    const where = new Court([other], { anchors: [top] })
    for (const text of ['test', 'a.test']) expect(await at(text, where)).toMatchObject(bogus('anchorNoMatch'))
  })
})

describe('coverageOf', () => {
  const covers = async (text: string, cut?: string, where = court()) =>
    (await coverageOf(name(text), cut === undefined ? undefined : name(cut), where.source, courtTask())).coverage

  it.each([
    { text: 'a.test', cut: undefined, zone: 'test' },
    { text: 'x.y.sub.test', cut: undefined, zone: 'sub.test' },
    { text: 'x.y.sub.test', cut: 'sub.test', zone: 'sub.test' },
    { text: 'm.m.test', cut: undefined, zone: 'test' },
    { text: 'b.ent.test', cut: 'test', zone: 'test' }
  ])('$text is of $zone', async ({ text, cut, zone }) => {
    const coverage = await covers(text, cut)
    expect('keys' in coverage ? nameToText(coverage.keys.zone) : coverage.status).toBe(zone)
  })

  it('below an insecure cut all is insecure', async () => {
    expect(await covers('x.y.open.test')).toMatchObject({ status: 'insecure', reason: { kind: 'noDs' } })
  })

  it('a DS that nobody answers for is of no account below an insecure cut, and of all elsewhere', async () => {
    const deaf = (cut: string): Court => {
      const where = court()
      return instead(where, cut, 'DS', () => where.failure(asking(cut, 'DS')))
    }
    expect(await covers('x.y.open.test', 'y.open.test', deaf('y.open.test'))).toMatchObject({
      status: 'insecure',
      reason: { kind: 'noDs' }
    })
    for (const [text, cut] of [
      ['x.open.test', 'open.test'],
      ['x.y.sub.test', 'y.sub.test'],
      ['x.sub.test', 'sub.test']
    ]) {
      expect(await covers(text, cut, deaf(cut))).toMatchObject({ status: 'indeterminate' })
    }
  })

  it('below a name that does not exist nothing is asked for', async () => {
    const where = court()
    await covers('x.y.z.m.test', undefined, where)
    expect(where.asked.map(({ question }) => nameToText(question.name))).not.toContain('z.m.test')
  })

  it('what nobody shows a cut for, in a signed zone whose servers answered, is bogus', async () => {
    const where = court()
    instead(where, 'a.test', 'DS', () => where.failure(asking('a.test', 'DS')))
    expect(await covers('a.test', undefined, where)).toMatchObject({ status: 'indeterminate' })
    const below = court()
    instead(below, 'y.sub.test', 'DS', () => below.failure(asking('y.sub.test', 'DS')))
    expect(await covers('x.y.sub.test', 'sub.test', below)).toMatchObject(bogus('signatureMissing'))
  })

  it('signatures with a bit changed anywhere on the way make nothing insecure', async () => {
    for (const [text, type] of [
      ['test', 'DNSKEY'],
      ['sub.test', 'DS'],
      ['sub.test', 'DNSKEY'],
      ['open.test', 'DS']
    ]) {
      const where = instead(court(), text, type, (message) => {
        const turn = (rrsets: Message['answer']) =>
          rrsets.map((one) => ({ ...one, signatures: one.signatures.map((rrsig) => ({ ...rrsig, signature: flipBit(rrsig.signature) })) }))
        return { ...message, answer: turn(message.answer), authority: turn(message.authority) }
      })
      expect(await covers(`x.${text}`, undefined, where), `${text} ${type}`).toMatchObject(bogus('signatureWrong'))
    }
  })
})
