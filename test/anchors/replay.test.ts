// Real rolls through the state machine with real signatures: the scenarios that Unbound replays, and the root's own history.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { probeDue } from '../../src/anchors/probe.js'
import { observe, type Step, startPoint, type TrustPoint, trustedKeys } from '../../src/anchors/rfc5011.js'
import { readState, writeState } from '../../src/anchors/state.js'
import { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import { groupRrsets, type ResourceRecord, type Rrset } from '../../src/wire/rrset.js'
import { nameFromText, recordFromText } from '../../src/wire/text.js'
import { DAY, observationOf } from './fixtures.js'

const data = process.env.CONFORMANCE_DATA ?? ''
const scenarios = join(data, 'conformance', 'unbound')
const history = join(data, 'real-data', 'root-apex-history', 'apex-2023-11_to_2025-07.txt')

const dnskeysOf = (records: readonly ResourceRecord[]): Rrset | undefined =>
  groupRrsets(records, false).rrsets.find(({ type }) => type === TYPE.DNSKEY)

/** `${ ${20*24*3600} - 3000 }`: sums of products. */
function sumOf(text: string): number {
  const terms = text.replace(/[${}\s]/g, '').match(/[+-]?[\d*]+/g) ?? []
  return terms.reduce((sum, term) => sum + term.split('*').reduce((product, factor) => product * Number(factor), 1), 0)
}

function probe(point: TrustPoint, rrset: Rrset, now: number): Step {
  const means = { now, random: () => 0, supports: ({ algorithm }: { algorithm: number }) => algorithm !== 157 }
  return observe(point, observationOf(rrset, trustedKeys(point, now), now), means)
}

interface Moment {
  step: number
  type: string
  rest: string
  fileBody?: string
}
interface Scripted {
  ranges: {
    from: number
    to: number
    entries: { pkt: { question: { type: number }[]; answer: { name: Uint8Array; type: number; ttl: number; rdata: Uint8Array }[] } }[]
  }[]
  moments: Moment[]
  autotrust: { id: string; text: string }
}

describe.skipIf(!existsSync(scenarios))('the autotrust scenarios (CONFORMANCE_DATA)', () => {
  const files = existsSync(scenarios) ? readdirSync(scenarios).filter((file) => file.startsWith('autotrust_')) : ['autotrust_*.rpl']

  it.each(files)('%s: the states are as expected at every check', async (file) => {
    const { parseScenario } = await import(pathToFileURL(join(data, 'conformance', 'rpl.mjs')).href)
    const { anchorStates } = await import(pathToFileURL(join(data, 'conformance', 'replay.mjs')).href)
    const scenario: Scripted = parseScenario(readFileSync(join(scenarios, file), 'utf8'), file)
    const zone = nameFromText(scenario.autotrust.id)
    const dnskeysAt = (step: number): Rrset | undefined => {
      const entries = scenario.ranges.filter(({ from, to }) => from <= step && step <= to).flatMap((range) => range.entries)
      const entry = entries.find(({ pkt }) => pkt.question[0]?.type === TYPE.DNSKEY)
      return (
        entry &&
        dnskeysOf(entry.pkt.answer.map((rr) => ({ owner: zone, type: rr.type, class: 1, ttl: rr.ttl, rdata: new Uint8Array(rr.rdata) })))
      )
    }
    let now = 0
    let text = scenario.autotrust.text.replace(/\$\{[^}]*\}/g, '0')
    let checks = 0
    for (const { step, type, rest, fileBody } of scenario.moments) {
      if (type === 'TIME_PASSES') {
        now += 1000 * sumOf(rest.replace(/^\w+\s+/, '').replace(/\$probe/g, '5400'))
      }
      // Every step goes through the text, as if the process had been started anew.
      const [point] = readState(text, now)
      const rrset = dnskeysAt(step + (type === 'TIME_PASSES' ? 1 : 0))
      if ((type === 'TIME_PASSES' || type === 'TRAFFIC') && rrset && probeDue(point, now))
        text = writeState([probe(point, rrset, now).point])
      if (type !== 'CHECK_AUTOTRUST') continue
      checks++
      const live = [...anchorStates(text)].filter(([, state]) => state !== 'REMOVED')
      expect(new Map(live.sort()), `step ${step}`).toEqual(new Map([...anchorStates(fileBody)].sort()))
    }
    if (file !== 'autotrust_revtp_read.rpl') expect(checks).toBeGreaterThan(0)
    if (file === 'autotrust_valid_use.rpl') expect(trustedKeys(readState(text, now)[0], now).map(({ keyTag }) => keyTag)).toContain(60946)
    if (/revtp/.test(file)) expect(trustedKeys(readState(text, now)[0], now)).toEqual([])
  })
})

describe.skipIf(!existsSync(history))('the root from 2023-11 to 2025-07 (CONFORMANCE_DATA)', () => {
  it('makes key 38696 pending on 2025-01-11 and VALID thirty days later, by its real signatures', () => {
    const sets = readFileSync(history, 'utf8')
      .split(/^(?=; snapshot)/m)
      .map((part) => ({
        at: Date.parse(/\d{4}-\d\d-\d\dT\S+/.exec(part)?.[0] ?? ''),
        lines: part.split('\n').filter((line) => line.startsWith('.'))
      }))
    const ksk = sets[0].lines.find((line) => line.includes('DNSKEY 257')) as string
    let point = startPoint(Name.root, { keys: [readDnskey(recordFromText(ksk).rdata)] }, sets[0].at)
    const changes: [string, string][] = []
    for (const { at, lines } of sets) {
      const step = probe(point, dnskeysOf(lines.map((line) => recordFromText(line))) as Rrset, at)
      changes.push(
        ...step.events.map(({ kind, keyTag }): [string, string] => [`${kind} ${keyTag}`, new Date(at).toISOString().slice(0, 10)])
      )
      ;[point] = readState(writeState([step.point]), at)
    }
    expect(sets.length).toBe(61)
    expect(changes[0]).toEqual(['pending 38696', '2025-01-11'])
    expect(changes.map(([what]) => what)).toEqual(['pending 38696', 'valid 38696'])
    const waited = Date.parse(changes[1][1]) - Date.parse(changes[0][1])
    expect(waited).toBeGreaterThanOrEqual(30 * DAY)
    expect(waited).toBeLessThan(45 * DAY) // the snapshots are some days apart
  })
})
