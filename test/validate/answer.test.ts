// The verdict on a whole reply: aliases, data and denials put together (RFC 4035 5, RFC 2308, RFC 6672).
import { describe, expect, it } from 'vitest'
import { type Judgement, judge } from '../../src/validate/answer.js'
import type { Message } from '../../src/wire/message.js'
import { RCODE, TYPE, typeToText } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText, nameToText, recordFromText } from '../../src/wire/text.js'
import { flipBit } from '../world/signer.js'
import { makeZone, type Zone, type ZoneOptions } from '../world/zone.js'
import { asking, Court, courtTask } from './court.js'
import { denialAt, denialOver, setOf, soaOf } from './forging.js'
import { rrsetsOf } from './judging.js'
import { NOON } from './signing.js'
import { keyOf, smallWorld } from './small-world.js'

const name = nameFromText
const SOA = '@ SOA ns. hostmaster. 1 7200 3600 1209600 600\n@ NS ns.elsewhere.\n'
const zone = (origin: string, text: string, more: Partial<ZoneOptions> = {}): Zone =>
  makeZone({ ...{ origin, keys: [keyOf(origin)], inception: NOON - 86_400, expiration: NOON + 86_400 }, ...more, text: SOA + text })

const TEXT = `a 300 A 192.0.2.1
alias CNAME a
chain CNAME alias
away CNAME www.elsewhere.
to-open CNAME a.open
to-none CNAME nothing
d DNAME e
x.e A 192.0.2.5
one CNAME two
two CNAME one
many A 192.0.2.6
many TXT "t"
many MX 1 a
*.w A 192.0.2.7
*.wd DNAME e
open NS ns.elsewhere.`
const test = zone('test', TEXT)
const open = zone('open.test', 'a A 192.0.2.9', { keys: [] })
const court = () => new Court([test, open])

type Change = (message: Message) => Message
async function judged(
  text: string,
  type: string,
  change: Change = (message) => message,
  task = courtTask(),
  at = court()
): Promise<Judgement> {
  const question = asking(text, type)
  return at.judge(question, change(at.message(question)), task)
}
const told = ({ judged }: Judgement): string[] =>
  judged.map(({ rrset, verdict }) => `${nameToText(rrset.owner)} ${typeToText(rrset.type)} ${verdict.status}`)
const denied =
  (rcode: number, ...records: ResourceRecord[][]): Change =>
  (message) => ({ ...message, rcode, answer: [], authority: rrsetsOf(records.flat()) })
const NX = RCODE.NXDOMAIN
const turned: Change = (message) => ({
  ...message,
  answer: message.answer.map((one) => ({
    ...one,
    signatures: one.signatures.map((rrsig) => ({ ...rrsig, signature: flipBit(rrsig.signature) }))
  }))
})

describe('data', () => {
  it('secure, with the TTL of the least of its records', async () => {
    expect(await judged('a.test', 'A')).toMatchObject({ status: 'secure', rcode: RCODE.NOERROR, ttl: 300, canonicalName: name('a.test') })
  })

  it('with a bit changed it is bogus, and kept apart', async () => {
    const judgement = await judged('a.test', 'A', turned)
    expect(judgement).toMatchObject({ status: 'bogus', reason: { kind: 'signatureWrong' } })
    expect(told(judgement)).toEqual(['a.test A bogus'])
  })

  it('an insecure zone', async () => {
    expect(await judged('a.open.test', 'A')).toMatchObject({ status: 'insecure', reason: { kind: 'noDs' } })
  })

  it('ANY: every RRset, one bad one spoils it, and no more than the limit', async () => {
    expect(told(await judged('many.test', 'ANY'))).toEqual(
      expect.arrayContaining(['many.test A secure', 'many.test TXT secure', 'many.test MX secure'])
    )
    const broken = await judged('many.test', 'ANY', (message) => ({
      ...message,
      answer: message.answer.map((one) => (one.type === TYPE.TXT ? { ...one, signatures: [] } : one))
    }))
    expect(broken).toMatchObject({ status: 'bogus', reason: { kind: 'signatureMissing', type: 'TXT' } })
    expect((await judged('many.test', 'ANY', undefined, courtTask({ anyRrsets: 2 }))).judged).toHaveLength(2)
  })

  it('rdata that is malformed is told as the cause', async () => {
    const malformed = { ...recordFromText('a.test. A 192.0.2.1'), rdata: Uint8Array.of(1), fault: 'an address of 1 octet' }
    const judgement = await judged('a.test', 'A', (message) => ({ ...message, answer: [], malformed: [malformed] }))
    expect(judgement).toMatchObject({ status: 'bogus', reason: { kind: 'malformedRdata' } })
  })
})

describe('aliases', () => {
  it('a chain to its end', async () => {
    const judgement = await judged('chain.test', 'A')
    expect(judgement).toMatchObject({ status: 'secure', canonicalName: name('a.test') })
    expect(told(judgement)).toEqual(['chain.test CNAME secure', 'alias.test CNAME secure', 'a.test A secure'])
    expect(judgement.next).toBeUndefined()
  })

  it('one that leads on is followed by another question', async () => {
    expect(await judged('away.test', 'A')).toMatchObject({ status: 'secure', next: name('www.elsewhere') })
  })

  it('into an insecure zone the whole is insecure, and each link keeps its own (RFC 4035 3.2.3)', async () => {
    const judgement = await judged('to-open.test', 'A')
    expect(judgement).toMatchObject({ status: 'insecure', reason: { kind: 'noDs' } })
    expect(told(judgement)).toContain('to-open.test CNAME secure')
  })

  it('a bogus link ends it', async () => {
    const judgement = await judged('chain.test', 'A', turned)
    expect(judgement).toMatchObject({ status: 'bogus', rcode: RCODE.SERVFAIL, canonicalName: name('chain.test') })
    expect(told(judgement)).toEqual(['chain.test CNAME bogus'])
  })

  it('a circle is left', async () => {
    expect(await judged('one.test', 'A')).toMatchObject({ status: 'secure', next: name('one.test') })
  })

  it('NXDOMAIN is of the last name (RFC 6604 3)', async () => {
    const judgement = await judged('to-none.test', 'A')
    expect(judgement).toMatchObject({ status: 'secure', rcode: NX, canonicalName: name('nothing.test'), denial: { kind: 'nxdomain' } })
    // the proof left out, it is asked for again and not believed
    const bare = await judged('to-none.test', 'A', (message) => ({ ...message, authority: [] }))
    expect(bare).toMatchObject({ rcode: RCODE.NOERROR, next: name('nothing.test') })
    expect(bare.denial).toBeUndefined()
  })

  it('a DNAME gives its CNAME, whatever the message has (RFC 6672 5.3.1)', async () => {
    const judgement = await judged('x.d.test', 'A', (message) => ({
      ...message,
      answer: message.answer.filter(({ type }) => type === TYPE.DNAME)
    }))
    expect(judgement).toMatchObject({ status: 'secure', next: name('x.e.test') })
    expect(told(judgement)).toEqual(['d.test DNAME secure', 'x.d.test CNAME secure'])
    expect(judgement.judged[1].verdict).toMatchObject({ proof: { by: 'dname', dname: name('d.test') } })
  })

  it('a DNAME with a bit changed takes its CNAME along', async () => {
    const judgement = await judged('x.d.test', 'A', turned)
    expect(judgement).toMatchObject({ status: 'bogus', rcode: RCODE.SERVFAIL })
    expect(told(judgement)).toEqual(['d.test DNAME bogus', 'x.d.test CNAME bogus'])
  })

  it('a CNAME that the DNAME does not give is bogus, though the DNAME holds', async () => {
    const judgement = await judged('x.d.test', 'A', (message) => ({
      ...message,
      answer: message.answer.map((one) => (one.type === TYPE.CNAME ? { ...one, rdatas: [name('evil').wire] } : one))
    }))
    expect(judgement).toMatchObject({ status: 'bogus', reason: { kind: 'aliasWrong' } })
  })

  it('a question for the CNAME ends with it (RFC 6672 3.1)', async () => {
    const judgement = await judged('x.d.test', 'CNAME')
    expect(told(judgement)).toEqual(['d.test DNAME secure', 'x.d.test CNAME secure'])
    expect(judgement).toMatchObject({ status: 'secure', rcode: RCODE.NOERROR })
    expect(judgement.next).toBeUndefined()
    expect(told(await judged('alias.test', 'CNAME'))).toEqual(['alias.test CNAME secure'])
  })

  it('a DNAME that was made from a wildcard is refused (RFC 4592 4.4)', async () => {
    const made = setOf(test, '*.wd.test', 'DNAME').map((one) => ({ ...one, owner: name('m.wd.test') }))
    const judgement = await judged('x.m.wd.test', 'A', (message) => ({
      ...message,
      rcode: 0,
      answer: rrsetsOf(made),
      authority: rrsetsOf(denialOver(test, 'm.wd.test'))
    }))
    expect(judgement).toMatchObject({ status: 'bogus', reason: { kind: 'wildcardDname' } })
  })

  it('a name beyond 255 octets is YXDOMAIN and proves nothing of the name (RFC 6672 2.2)', async () => {
    const x = 'x'.repeat(60)
    const long = zone('test', `d DNAME ${x}.${x}.test.`)
    const judgement = await judged(`${x}.${x}.${x}.d.test`, 'A', undefined, courtTask(), new Court([long]))
    expect(judgement).toMatchObject({ status: 'indeterminate', rcode: RCODE.YXDOMAIN, reason: { kind: 'aliasTooLong' } })
  })
})

describe('denials', () => {
  it('NODATA and NXDOMAIN, with the negative TTL (RFC 2308 5)', async () => {
    expect(await judged('a.test', 'MX')).toMatchObject({
      status: 'secure',
      rcode: RCODE.NOERROR,
      ttl: 600,
      denial: { kind: 'nodata', by: 'nsec', optOut: false }
    })
    expect(await judged('nothing.test', 'A')).toMatchObject({ status: 'secure', rcode: NX, denial: { kind: 'nxdomain', by: 'nsec' } })
    const short = await judged('a.test', 'MX', (message) => ({
      ...message,
      authority: message.authority.map((one) => ({ ...one, ttl: one.type === TYPE.SOA ? 90 : 70 }))
    }))
    expect(short.ttl).toBe(70)
    expect((await judged('a.test', 'MX', undefined, courtTask({ negativeTtlMax: 30 }))).ttl).toBe(30)
  })

  it('without an SOA it is kept as briefly as a failure (RFC 2308 5)', async () => {
    const judgement = await judged('a.test', 'MX', (message) => ({
      ...message,
      authority: message.authority.filter(({ type }) => type !== TYPE.SOA)
    }))
    expect(judgement).toMatchObject({ status: 'secure', ttl: 5 })
  })

  it('the RCODE is not signed: neither is taken for the other', async () => {
    expect(await judged('a.test', 'MX', (message) => ({ ...message, rcode: NX }))).toMatchObject({ status: 'bogus', rcode: RCODE.SERVFAIL })
    expect(await judged('nothing.test', 'A', (message) => ({ ...message, rcode: 0 }))).toMatchObject({
      status: 'bogus',
      rcode: RCODE.SERVFAIL
    })
    // and a strange one is not told where the zone says what is so
    expect(await judged('a.test', 'MX', (message) => ({ ...message, rcode: RCODE.REFUSED }))).toMatchObject({
      status: 'secure',
      rcode: RCODE.NOERROR
    })
  })

  it.each([
    { what: 'nothing at all', change: denied(NX), kind: 'denialMissing' },
    { what: 'the SOA alone', change: denied(NX, soaOf(test)), kind: 'denialMissing' },
    {
      what: 'a SOA without a signature',
      change: denied(NX, soaOf(test).slice(0, 1), denialAt(test, 'test'), denialOver(test, 'nothing.test')),
      kind: 'signatureMissing'
    },
    {
      what: 'a SOA with a bit changed',
      change: denied(
        NX,
        soaOf(test).map((one) => (one.type === TYPE.RRSIG ? { ...one, rdata: flipBit(one.rdata) } : one)),
        denialAt(test, 'test')
      ),
      kind: 'signatureWrong'
    },
    { what: 'half a proof', change: denied(NX, soaOf(test), denialOver(test, 'nothing.test')), kind: 'denialIncomplete' },
    { what: 'the proof of another name', change: denied(NX, soaOf(test), denialAt(test, 'a.test')), kind: 'denialIncomplete' }
  ])('$what is bogus', async ({ change, kind }) => {
    expect(await judged('nothing.test', 'A', change)).toMatchObject({ status: 'bogus', rcode: RCODE.SERVFAIL, reason: { kind } })
  })

  it('a DS at an unsigned cut', async () => {
    expect(await judged('open.test', 'DS')).toMatchObject({ status: 'secure', denial: { kind: 'insecure-delegation' } })
  })

  it('in an insecure zone it is what the server says', async () => {
    expect(await judged('nothing.open.test', 'A')).toMatchObject({ status: 'insecure', rcode: NX, reason: { kind: 'noDs' } })
    expect((await judged('nothing.open.test', 'A')).denial).toBeUndefined()
  })

  it('under Opt-Out it is insecure, and says so (RFC 5155 9.2)', async () => {
    const hashed = new Court([zone('test', TEXT, { denial: { by: 'nsec3', optOut: true } })])
    expect(await judged('nothing.test', 'A', undefined, courtTask(), hashed)).toMatchObject({
      status: 'insecure',
      rcode: NX,
      reason: { kind: 'optOut' },
      denial: { optOut: true }
    })
    expect(await judged('a.test', 'MX', undefined, courtTask(), hashed)).toMatchObject({
      status: 'secure',
      denial: { kind: 'nodata', by: 'nsec3', optOut: false }
    })
  })

  it('below a negative anchor it is insecure, and for no longer than that lasts (RFC 7646 2)', async () => {
    const until = (NOON + 33) * 1000
    const where = new Court([test], { negative: [{ kind: 'negative', zone: test.apex, until }] })
    for (const [text, type] of [
      ['a.test', 'A'],
      ['nothing.test', 'A']
    ] as const)
      expect(await judged(text, type, undefined, courtTask(), where), text).toMatchObject({
        status: 'insecure',
        ttl: 33,
        reason: { kind: 'negativeAnchor' }
      })
  })

  it('the source is told of denials that hold, and of no others (RFC 8198)', async () => {
    const where = court()
    const heard: string[] = []
    where.source.proven = (proofs, soa) => void heard.push(`${proofs.rrsets.length} ${soa ? nameToText(soa.owner) : ''}`)
    await where.judge(asking('a.test', 'MX'))
    expect(heard).toEqual(['1 test'])
    const message = where.message(asking('a.test', 'MX'))
    await where.judge(asking('a.test', 'MX'), {
      ...message,
      authority: message.authority.map((one) => (one.type === TYPE.NSEC ? { ...one, signatures: [] } : one))
    })
    expect(heard).toEqual(['1 test', '0 test'])
  })
})

describe('referrals', () => {
  it('answer a DS question with what they say of the zone (RFC 4035 3.1.4)', async () => {
    const at = court()
    const question = asking('open.test', 'DS')
    const message = at.message({ ...asking('a.open.test', 'A') })
    const referral = {
      ...message,
      answer: [],
      authority: rrsetsOf([...denialAt(test, 'open.test'), recordFromText('open.test. NS ns.elsewhere.')])
    }
    const judgement = await judge(at.reply(question, referral, 'referral'), at.source, courtTask())
    expect(judgement).toMatchObject({ status: 'secure', denial: { kind: 'insecure-delegation' } })
  })
})

describe('an alias into an unsigned zone below one with Opt-Out', () => {
  const denial = { by: 'nsec3', iterations: 0, optOut: true } as const
  const world = () =>
    smallWorld({
      test: { denial, text: 'alias CNAME www.open\nlost CNAME nowhere\n*.w CNAME www.open\nd DNAME open' },
      'open.test': { keys: [], text: 'www A 192.0.2.80\nwww TXT "t"' }
    })
  const told = ({ status, rcode, records }: Awaited<ReturnType<ReturnType<typeof smallWorld>['ask']>>) =>
    `${status} ${rcode} ${records.map(({ name: owner, type }) => `${owner} ${type}`).join(', ')}`

  it.each([
    ['alias.test', 'insecure NOERROR alias.test CNAME, www.open.test A'],
    ['x.w.test', 'insecure NOERROR x.w.test CNAME, www.open.test A'],
    ['www.d.test', 'insecure NOERROR d.test DNAME, www.d.test CNAME, www.open.test A']
  ])('%s: the proof of a referral beside the alias denies nothing (RFC 1034 4.3.2, RFC 5155 8.9)', async (from, expected) => {
    expect(told(await world().ask(from, 'A'))).toBe(expected)
  })

  it('nor does it once the alias is known', async () => {
    const answers = await world().askAll([
      ['alias.test', 'MX'],
      ['alias.test', 'TXT'],
      ['lost.test', 'MX'],
      ['lost.test', 'A']
    ])
    expect(answers.map(told)).toEqual([
      'insecure NOERROR alias.test CNAME',
      'insecure NOERROR alias.test CNAME, www.open.test TXT',
      'insecure NXDOMAIN lost.test CNAME',
      'insecure NXDOMAIN lost.test CNAME'
    ])
  })
})
