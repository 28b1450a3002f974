// The verdict on one RRset of a reply: which zone it must be signed by, and what a wildcard needs (RFC 4035 5.3.1, 5.3.4).
import { describe, expect, it } from 'vitest'
import { coverageFor, distinct, judgeRrset, placeOf } from '../../src/validate/rrset.js'
import { TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord, Rrset } from '../../src/wire/rrset.js'
import { nameFromText, recordFromText } from '../../src/wire/text.js'
import { dsRdata } from '../world/keys.js'
import { flipBit, signRrset } from '../world/signer.js'
import { makeZone, type Zone, type ZoneOptions } from '../world/zone.js'
import { asking, Court, courtTask } from './court.js'
import { denialOver, setOf } from './forging.js'
import { rrsetsOf } from './judging.js'
import { NOON } from './signing.js'
import { keyOf } from './small-world.js'

const name = nameFromText
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const ds = (zone: string): string => `${zone}. DS \\# ${dsRdata(name(zone), keyOf(zone)).length} ${hex(dsRdata(name(zone), keyOf(zone)))}`
const SOA = '@ SOA ns. hostmaster. 1 7200 3600 1209600 600\n@ NS ns.elsewhere.\n'
const zone = (origin: string, text: string, more: Partial<ZoneOptions> = {}): Zone =>
  makeZone({ ...{ origin, keys: [keyOf(origin)], inception: NOON - 86_400, expiration: NOON + 86_400 }, ...more, text: SOA + text })

const TEXT = `a A 192.0.2.1\n*.w A 192.0.2.2\nsub NS ns.elsewhere.\n${ds('sub.test')}\nopen NS ns.elsewhere.`
const parent = zone('test', TEXT)
const child = zone('sub.test', 'a A 192.0.2.3')
const open = zone('open.test', 'a A 192.0.2.4', { keys: [] })
const court = () => new Court([parent, child, open])

/** The judgement on an RRset that came as the answer to the question of its own owner and type. */
async function judged(records: readonly ResourceRecord[], authority: readonly ResourceRecord[] = [], task = courtTask(), at = court()) {
  const [rrset] = rrsetsOf(records)
  const question = { name: rrset.owner, type: rrset.type, class: 1 }
  const reply = at.reply(question)
  return (await judgeRrset(rrset, { ...reply, message: { ...reply.message, authority: rrsetsOf(authority) } }, at.source, task)).verdict
}
const signedBy = (by: string, line: string, labels?: number): ResourceRecord[] => {
  const records = [recordFromText(line)]
  const fields = { inception: NOON - 86_400, expiration: NOON + 86_400, signer: name(by) }
  return [...records, signRrset(records, keyOf(by), fields, labels === undefined ? {} : { labels })]
}
const bogus = (kind: string): object => ({ status: 'bogus', reason: { kind } })

describe('the zone that signs', () => {
  it('data by its own zone', async () => {
    expect(await judged(setOf(parent, 'a.test', 'A'))).toMatchObject({ status: 'secure', proof: { signer: name('test') } })
    expect(await judged(setOf(child, 'a.sub.test', 'A'))).toMatchObject({ status: 'secure', proof: { signer: name('sub.test') } })
  })

  it("2 a parent does not sign its child's data (RFC 4035 5.3.1)", async () => {
    expect(await judged(signedBy('test', 'a.sub.test. A 192.0.2.66'))).toMatchObject({ status: 'bogus' })
  })

  it('a child does not sign above itself, nor a stranger anything', async () => {
    expect(await judged(signedBy('sub.test', 'a.test. A 192.0.2.66'))).toMatchObject(bogus('signerWrong'))
    expect(await judged(signedBy('evil', 'a.test. A 192.0.2.66'))).toMatchObject(bogus('signerWrong'))
  })

  it("a DS is the parent's, and no child signs its own (RFC 4035 2.4)", async () => {
    expect(await judged(setOf(parent, 'sub.test', 'DS'))).toMatchObject({ status: 'secure', proof: { signer: name('test') } })
    expect(await judged(signedBy('sub.test', ds('sub.test')))).toMatchObject({ status: 'bogus' })
    expect(placeOf(name('sub.test'), TYPE.DS).equals(name('test'))).toBe(true)
    expect(placeOf(name('sub.test'), TYPE.A).equals(name('sub.test'))).toBe(true)
    expect(placeOf(name('.'), TYPE.DS).isRoot).toBe(true)
  })

  it('a signer above the closest anchor has no say, whoever answered (RFC 6840 C)', async () => {
    const rrset = rrsetsOf(signedBy('test', 'a.sub.test. A 192.0.2.66'))[0]
    const where = new Court([parent, child, open], { anchors: [parent, child] })
    const reply = { ...where.reply(asking('a.sub.test', 'A')), zone: undefined }
    expect((await judgeRrset(rrset, reply, where.source, courtTask())).verdict).toMatchObject(bogus('signerWrong'))
    const own = rrsetsOf(setOf(child, 'a.sub.test', 'A'))[0]
    expect((await judgeRrset(own, reply, where.source, courtTask())).verdict).toMatchObject({ status: 'secure' })
  })

  it('data without a signature is bogus in a signed zone and insecure in an unsigned one', async () => {
    expect(await judged([recordFromText('a.test. A 192.0.2.1')])).toMatchObject(bogus('signatureMissing'))
    expect(await judged([recordFromText('a.sub.test. A 192.0.2.1')])).toMatchObject({ status: 'bogus' })
    expect(await judged([recordFromText('a.open.test. A 192.0.2.1')])).toMatchObject({ status: 'insecure', reason: { kind: 'noDs' } })
  })

  it('a signature that names an unsigned zone does not help, and one that names its parent does not either', async () => {
    expect(await judged(signedBy('open.test', 'a.open.test. A 192.0.2.1'))).toMatchObject({ status: 'insecure' })
    expect(await judged(signedBy('test', 'a.open.test. A 192.0.2.1'))).toMatchObject({ status: 'insecure' })
  })

  it("an alias in place of a DS is the parent's too (RFC 4035 3.1.4.1)", async () => {
    const at = court()
    const [alias] = rrsetsOf([recordFromText('open.test. CNAME a.test.')])
    const reply = at.reply(asking('open.test', 'DS'))
    expect((await judgeRrset(alias, reply, at.source, courtTask())).verdict).toMatchObject({ status: 'bogus' })
    const other = at.reply(asking('open.test', 'A'))
    expect((await judgeRrset(alias, other, at.source, courtTask())).verdict).toMatchObject({ status: 'insecure' })
  })
})

describe('guards', () => {
  it('a signature with a bit changed', async () => {
    const records = setOf(parent, 'a.test', 'A').map((one) => (one.type === TYPE.RRSIG ? { ...one, rdata: flipBit(one.rdata) } : one))
    expect(await judged(records)).toMatchObject(bogus('signatureWrong'))
  })

  it('more records than the limit are not looked at', async () => {
    const records = Array.from({ length: 5 }, (_, n) => recordFromText(`a.test. A 192.0.2.${n}`))
    expect(await judged(records, [], courtTask({ recordsPerRrset: 4 }))).toMatchObject(bogus('limitReached'))
  })

  it('RRSIGs are signed by nothing (RFC 4035 2.2)', async () => {
    const at = court()
    const rrsigs: Rrset = {
      owner: name('a.test'),
      type: TYPE.RRSIG,
      class: 1,
      ttl: 600,
      rdatas: [setOf(parent, 'a.test', 'A')[1].rdata],
      signatures: []
    }
    const { verdict } = await judgeRrset(rrsigs, at.reply(asking('a.test', 'RRSIG')), at.source, courtTask())
    expect(verdict).toMatchObject({ status: 'indeterminate', reason: { kind: 'signaturesUnsigned' } })
  })

  it('of many signers only two are looked at', async () => {
    const at = court()
    const signers = ['x.y.z.sub.test', 'y.z.sub.test', 'z.sub.test'].map(name)
    await coverageFor(name('x.y.z.sub.test'), signers, at.reply(asking('x.y.z.sub.test', 'A')), at.source, courtTask())
    const asked = new Set(at.asked.filter(({ question }) => question.type === TYPE.DS).map(({ question }) => question.name.key))
    expect(asked.has(name('x.y.z.sub.test').key)).toBe(true)
    expect(distinct([...signers, ...signers]).map((signer) => signer.labelCount)).toEqual([5, 4, 3])
  })
})

describe('wildcards (RFC 4035 5.3.4)', () => {
  const made = (owner: string, from = '*.w.test'): ResourceRecord[] =>
    setOf(parent, from, 'A').map((one) => ({ ...one, owner: name(owner) }))

  it('count with the next closer name denied, for as long as the denial does', async () => {
    const denial = denialOver(parent, 'm.w.test').map((one) => ({ ...one, ttl: 60 }))
    expect(await judged(made('m.w.test'), denial)).toMatchObject({ status: 'secure', ttl: 60 })
  })

  it('do not without', async () => {
    expect(await judged(made('m.w.test'))).toMatchObject(bogus('wildcardNotProven'))
    expect(await judged(made('m.w.test'), denialOver(parent, 'm.test'))).toMatchObject(bogus('wildcardNotProven'))
    const turned = denialOver(parent, 'm.w.test').map((one) => (one.type === TYPE.RRSIG ? { ...one, rdata: flipBit(one.rdata) } : one))
    expect(await judged(made('m.w.test'), turned)).toMatchObject(bogus('signatureWrong'))
  })

  it('are insecure under an Opt-Out span (RFC 5155 9.2)', async () => {
    const hashed = zone('test', TEXT, { denial: { by: 'nsec3', optOut: true } })
    const records = setOf(hashed, '*.w.test', 'A').map((one) => ({ ...one, owner: name('m.w.test') }))
    const verdict = await judged(records, denialOver(hashed, 'm.w.test'), courtTask(), new Court([hashed]))
    expect(verdict).toMatchObject({ status: 'insecure', reason: { kind: 'optOut' } })
  })

  it('are insecure where the zone hashes too often to prove anything (RFC 9276 3.2)', async () => {
    const hashed = zone('test', TEXT, { denial: { by: 'nsec3', iterations: 99 } })
    const records = setOf(hashed, '*.w.test', 'A').map((one) => ({ ...one, owner: name('m.w.test') }))
    const verdict = await judged(records, denialOver(hashed, 'm.w.test'), courtTask(), new Court([hashed]))
    expect(verdict).toMatchObject({ status: 'insecure', reason: { kind: 'tooManyIterations' } })
  })
})
