// One octet changed in what was signed: the verdict is another one, or the change is none (the letter case of a name that is
// signed in lower case). TRACE_CHANGES sets how many changes are tried.
import { describe, expect, it } from 'vitest'
import { type Trace, verifyTrace } from '../../src/trace/index.js'
import { type Place, placesIn } from './octets.js'
import { traced, worlds } from './traced.js'

const CHANGES = Number(process.env.TRACE_CHANGES ?? 600)

/** mulberry32: the same changes in every run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Target {
  readonly message: number
  readonly place: Place
}

/** The records of evidence whose signature was checked and held, and those signatures themselves. */
async function targetsOf(trace: Trace): Promise<Target[]> {
  const { events } = await verifyTrace(trace)
  return events.flatMap((event) => {
    if (event.event !== 'evidence' || event.message === undefined) return []
    const { message } = event
    const held = events.filter((one) => one.event === 'signature' && one.holds && below(one.in, event.n))
    const wire = Buffer.from(trace.messages[message]?.wire ?? '', 'base64')
    const places = placesIn(wire).filter(({ section, owner, covered, keyTag }) =>
      held.some(
        (one) =>
          one.event === 'signature' &&
          one.owner.toLowerCase() === owner &&
          NUMBERS[one.type] === covered &&
          section !== 'additional' &&
          (keyTag === undefined || keyTag === one.keyTag)
      )
    )
    return places.filter(({ length }) => length > 0).map((place) => ({ message, place }))
  })

  function below(n: number, above: number): boolean {
    for (let at = n; at >= 0; at = events[at]?.in ?? -1) {
      if (at === above) return true
      if (events[at]?.event === 'evidence') return false
    }
    return false
  }
}

const NUMBERS: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  DS: 43,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  TLSA: 52,
  CAA: 257
}

function changed(trace: Trace, { message }: Target, at: number, bits: number): Trace {
  const messages = trace.messages.map((one) => {
    if (one.n !== message) return one
    const wire = Buffer.from(one.wire, 'base64')
    wire[at] = (wire[at] as number) ^ bits
    return { ...one, wire: wire.toString('base64') }
  })
  return { ...trace, messages }
}

const isLetter = (octet: number): boolean => (octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a)

describe('changes of one octet', () => {
  it(`${CHANGES} in signed records and signatures are all found`, { timeout: 600_000 }, async () => {
    const random = randomFrom(7)
    const all: { readonly trace: Trace; readonly targets: readonly Target[]; readonly name: string }[] = []
    for (const [, world] of worlds) {
      for (const question of world.questions.filter(({ status }) => status === 'secure' || status === 'insecure')) {
        const { trace, answer } = await traced(world, question)
        const targets = await targetsOf(trace)
        // Of several NSEC3 records that ask for too many iterations one is enough, so changing another changes nothing.
        if (answer.reason && 'kind' in answer.reason && answer.reason.kind === 'tooManyIterations') continue
        if (targets.length > 0) all.push({ trace, targets, name: `${question.name} ${question.type}` })
      }
    }
    expect(all.length).toBeGreaterThan(80)
    let found = 0
    let caseOnly = 0
    const missed: string[] = []
    for (let i = 0; i < CHANGES; i++) {
      const { trace, targets, name } = all[Math.floor(random() * all.length)] as (typeof all)[number]
      const target = targets[Math.floor(random() * targets.length)] as Target
      const at = target.place.rdata + Math.floor(random() * target.place.length)
      const bits = 1 + Math.floor(random() * 255)
      const audit = await verifyTrace(changed(trace, target, at, bits))
      const before = Buffer.from(trace.messages[target.message]?.wire ?? '', 'base64')[at] as number
      if (audit.result === 'different') found++
      else if (bits === 0x20 && isLetter(before)) caseOnly++
      else
        missed.push(
          `${name}: message ${target.message}, ${target.place.owner} type ${target.place.type}/${target.place.covered}, octet ${at - target.place.rdata} of ${target.place.length} ^ ${bits}`
        )
    }
    console.log(
      `changes of one octet: ${found} of ${CHANGES} gave another verdict, ${caseOnly} were the letter case of a name, ${missed.length} were missed`
    )
    expect(missed).toEqual([])
  })
})
