// Recorded dialogues of 2013 to 2016 with recursive servers, judged again with the clock at their time and the root's key of
// then: real zones with NSEC, NSEC3, wildcards, DNAMEs, expired and broken signatures. CONFORMANCE_DATA names their folder.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createResolver, type SecureAnswer } from '../../src/index.js'
import { readTrace, type Trace, verifyTrace } from '../../src/trace/index.js'
import { TYPE, typeToText } from '../../src/wire/numbers.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { noData } from '../wire/data.js'
import { memoryTransport } from '../world/net.js'
import { flipBit } from '../world/signer.js'
import { type Recorded, type Recording, readRecording, replaying } from './recordings.js'

const KSK_2010 = '. IN DS 19036 8 2 49AAC11D7B6F6446702E54A1607371607A1A41855200FD2CE1CDDE32F24E8FB5'

const folder = mkdtempSync(join(tmpdir(), 'recordings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const recordings = new Map<string, Recording>()
if (!noData) {
  const archive = join(process.env.CONFORMANCE_DATA as string, 'real-data/dnsjava-recordings/recordings.tar.gz')
  execFileSync('tar', ['xzf', archive, '-C', folder])
  for (const group of readdirSync(join(folder, 'recordings'))) {
    for (const file of readdirSync(join(folder, 'recordings', group))) {
      const name = `${group.replace(/^.*_/, '')}/${file}`
      recordings.set(name, readRecording(readFileSync(join(folder, 'recordings', group, file), 'latin1')))
    }
  }
}

async function ask(recording: Recording, algorithms = { sha1: true, minRsaBits: 512 }): Promise<SecureAnswer> {
  const [{ question }] = recording.replies
  const resolver = createResolver({
    trustAnchors: [KSK_2010],
    forwarders: [{ address: '192.0.2.1' }],
    transport: memoryTransport(new Map([['192.0.2.1', replaying(recording)]])),
    clock: () => recording.nowMs,
    aggressiveDenial: false,
    algorithms
  })
  const answer = await resolver.resolveSecure(nameToText(question.name), typeToText(question.type), { trace: true })
  await resolver.close()
  return answer
}

/** What the servers' data of then must come to; a reason where the zone or the recording is at fault. */
const NOT_SECURE: Readonly<Record<string, string>> = {
  'TestBogusReasonMessage/testLongBogusReasonIsSplitCorrectly': 'bogus signatureWrong',
  'TestInvalid/testInvalid_bogussig.dnssec': 'bogus signatureWrong',
  'TestInvalid/testInvalid_bogussig.nsec3': 'bogus signatureWrong',
  'TestInvalid/testInvalid_sigexpired.dnssec': 'bogus signatureExpired',
  'TestInvalid/testInvalid_sigexpired.nsec3': 'bogus signatureExpired',
  // the DS RRset is signed by algorithm 200 alone, though its zone has keys of others (RFC 4035 5.3.1)
  'TestInvalid/testInvalid_unknownalgorithm.dnssec': 'bogus signatureUnsupported',
  'TestInvalid/testInvalid_unknownalgorithm.nsec3': 'bogus signatureUnsupported',
  'TestInvalid/testSignedBelowUnsignedBelowSigned': 'insecure noDs',
  'TestInvalid/testSignedBelowUnsignedBelowSignedNsec3': 'insecure noDs',
  'TestKeyCacheUsage/testUnsigned': 'insecure noDs',
  'TestUnsigned/testUnsignedBelowSignedTldNsec3NoOptOut': 'insecure optOut',
  'TestUnsigned/testUnsignedBelowSignedTldNsec3OptOut': 'insecure optOut',
  'TestUnsigned/testUnsignedBelowSignedZoneBind': 'insecure noDs',
  'TestUnsigned/testUnsignedBelowUnsignedZone': 'insecure noDs',
  // a delegation's NSEC3 for a type of the child (RFC 6840 4.1), a CNAME bit (4.3), the child's apex for a DS (4.4)
  'TestNSEC3NoData/testNodataApexNsec3ProofInsecureDelegation': 'bogus denialWrong',
  'TestNSEC3NoData/testNodataNsec3_1': 'bogus denialWrong',
  'TestNSEC3NoData/testNodataNsec3_2': 'bogus denialWrong',
  'TestNSEC3NoData/testNodataNsec3_3': 'bogus denialWrong',
  // a root with other keys
  'TestNSEC3NoData/testNoDSProofCanExistForRoot': 'bogus anchorNoMatch'
}

describe.skipIf(noData)('recorded dialogues (CONFORMANCE_DATA)', () => {
  const whole = [...recordings].filter(([, { replies }]) => replies.length > 0)

  it('are there', () => {
    expect(recordings.size).toBe(101)
    expect(whole.length).toBeGreaterThan(80)
  })

  const seen: Record<string, number> = {}
  it.each(whole)('%s', async (name, recording) => {
    const answer = await ask(recording)
    const found = answer.status === 'secure' ? 'secure' : `${answer.status} ${answer.reason?.kind}`
    seen[answer.status] = (seen[answer.status] ?? 0) + 1
    // a dialogue that was cut short: what is missing is never held to be insecure
    if (found === 'indeterminate networkError') expect(recording.replies.length, name).toBeLessThan(5)
    else expect(found, answer.reason?.text).toBe(NOT_SECURE[name] ?? 'secure')
    const audit = await verifyTrace(readTrace(JSON.stringify(answer.trace as Trace)))
    expect({ result: audit.result, differences: audit.differences }).toEqual({ result: 'same', differences: [] })
  })

  it('most are secure', () => expect(seen).toMatchObject({ secure: 56, insecure: 7, bogus: 12 }))

  it('none is secure once its first reply has lost its RRSIGs, or has them with a bit changed', { timeout: 120_000 }, async () => {
    for (const [name, recording] of whole) {
      if ((await ask(recording)).status !== 'secure') continue
      const [{ question }] = recording.replies
      // the DNSKEY set of the root is asked for by the chain as well
      for (const change of [stripped, turned]) {
        const answer = await ask({
          ...recording,
          replies: recording.replies.map((one) => (one === recording.replies[0] ? change(one) : one))
        })
        expect(answer.status, `${name} ${nameToText(question.name)}`).not.toBe('secure')
        expect(answer.status, `${name} ${nameToText(question.name)}`).not.toBe('insecure')
      }
    }
  })

  it('a zone signed by SHA-1 alone is insecure where SHA-1 is not allowed, however broken it is (RFC 9905 2)', async () => {
    const recording = recordings.get('TestInvalid/testInvalid_bogussig.nsec3') as Recording
    const answer = await ask(recording, { sha1: false, minRsaBits: 1024 })
    expect(answer, answer.reason?.text).toMatchObject({ status: 'insecure', reason: { kind: 'unsupportedAlgorithm', code: 1 } })
  })
})

const every = (reply: Recorded, change: (records: Recorded['answer']) => Recorded['answer']): Recorded => ({
  ...reply,
  answer: change(reply.answer),
  authority: change(reply.authority),
  additional: change(reply.additional)
})
const stripped = (reply: Recorded): Recorded => every(reply, (records) => records.filter(({ type }) => type !== TYPE.RRSIG))
const turned = (reply: Recorded): Recorded =>
  every(reply, (records) => records.map((one) => (one.type === TYPE.RRSIG ? { ...one, rdata: flipBit(one.rdata) } : one)))

describe.skipIf(noData)('recorded dialogues, changed (CONFORMANCE_DATA)', () => {
  const changed = (name: string, change: (reply: Recorded) => Recorded): Promise<SecureAnswer> => {
    const recording = recordings.get(name) as Recording
    return ask({ ...recording, replies: recording.replies.map((one, i) => (i === 0 ? change(one) : one)) })
  }
  const without = (type: number) => (reply: Recorded) => every(reply, (records) => records.filter((one) => one.type !== type))
  const isCname = ({ type }: { type: number }): boolean => type === TYPE.CNAME

  it('a DNAME without its CNAME is enough (RFC 6672 5.3.1)', async () => {
    expect(await changed('TestDNames/testDNameToExistingIsValid', without(TYPE.CNAME))).toMatchObject({
      status: 'secure',
      rcode: 'NOERROR'
    })
  })

  it('a CNAME that does not follow from the DNAME is bogus', async () => {
    const answer = await changed('TestDNames/testDNameWithFakedCnameIsInvalid', (reply) =>
      every(reply, (records) => records.map((one) => (isCname(one) ? { ...one, rdata: nameFromText('www.isc.org').wire } : one)))
    )
    expect(answer).toMatchObject({ status: 'bogus', reason: { kind: 'aliasWrong' } })
  })

  it('two CNAMEs beside the DNAME are bogus', async () => {
    const answer = await changed('TestDNames/testDNameWithMultipleCnamesIsInvalid', (reply) =>
      every(reply, (records) =>
        records.flatMap((one) => (isCname(one) ? [one, { ...one, rdata: nameFromText('www.isc.org').wire }] : [one]))
      )
    )
    expect(answer).toMatchObject({ status: 'bogus', reason: { kind: 'aliasWrong' } })
  })

  it.each([
    'TestNoData/testFakedNoDataNsec3WithNsecs',
    'TestPartiallyInvalid/testValidNonExising',
    'TestWildcard/testSynthesisUsesCorrectWildcard',
    'TestWildcard/testSynthesisUsesCorrectWildcardNodata',
    'TestWildcard/testSynthesisUsesCorrectWildcardNodataNsec3'
  ])('%s: without NSEC and NSEC3 it is bogus', async (name) => {
    const answer = await changed(name, (reply) => without(TYPE.NSEC3)(without(TYPE.NSEC)(reply)))
    expect(answer.status).toBe('bogus')
    expect(['denialMissing', 'wildcardNotProven']).toContain(answer.reason?.kind)
  })

  it.each(['TestPositive/testValidExising', 'TestDNames/testDNameToNxDomainIsValid'])(
    '%s: without data and denial nothing is known',
    async (name) => {
      const answer = await changed(name, (reply) =>
        without(TYPE.NSEC)({ ...reply, answer: reply.answer.filter(({ type }) => type === TYPE.DNAME) })
      )
      expect(['bogus', 'indeterminate']).toContain(answer.status)
      expect(answer.rcode).toBe('SERVFAIL')
    }
  )
})
