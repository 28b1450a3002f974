// What people see of a trace: the tree, the paragraph, the picture, the page, the comparison; and that no name in it can do harm.
import { describe, expect, it } from 'vitest'
import {
  compactTrace,
  diffTraces,
  drawDot,
  drawPage,
  drawSvg,
  explain,
  printChanges,
  printTree,
  redactTrace,
  type Story,
  type Trace,
  tellStory,
  verifyTrace
} from '../../src/trace/index.js'
import { buildHierarchy } from '../world/hierarchy.js'
import { NOW, resolverIn, traced, traceOf, worlds } from './traced.js'
import { wellFormed } from './xml.js'

const storyOf = async (name: string, type = 'A'): Promise<Story> => tellStory(await traceOf(name, type))

describe('the tree', () => {
  it('shows the chain zone by zone, with what is left of each signature', async () => {
    const tree = printTree(await storyOf('mail.ordered', 'MX'))
    expect(tree).toMatch(/^✓ mail\.ordered MX: secure, NOERROR$/m)
    const order = ['zone the root (.): secure', 'zone ordered: secure', 'zone mail.ordered: secure', 'mail.ordered MX: secure'].map(
      (text) => tree.indexOf(`✓ ${text}`, 30)
    )
    expect(order.every((at, i) => at > (order[i - 1] ?? 0))).toBe(true)
    expect(tree).toContain('14\n')
    expect(tree).toMatch(/DS \d+ \(ECDSAP256SHA256, SHA-256\) matches the key/)
    expect(tree).toMatch(/server 192\.0\.2\.\d+ udp, \d+ exchanges?, [\d.]+ ms/)
  })

  it('tells denials in words', async () => {
    expect(printTree(await storyOf('a.b.nowhere.alg15.hashed'), { width: 400 })).toMatch(
      /NSEC3 of alg15\.hashed: the name does not exist, a\.b\.nowhere\.alg15\.hashed A; closest encloser alg15\.hashed, next closer name nowhere\.alg15\.hashed \(RFC 5155 8\.4\)/
    )
  })

  it('names the first broken link', async () => {
    const tree = printTree(await storyOf('www.expired.ordered'), { width: 200 })
    expect(tree).toMatch(/✗ zone expired\.ordered: bogus/)
    expect(tree).toMatch(/RRSIG by expired\.ordered\/\d+ \(ECDSAP256SHA256\) does not hold: it has expired/)
  })

  it.each([40, 60, 80, 132])('keeps within %i columns for every question', async (width) => {
    for (const [, world] of worlds) {
      for (const question of world.questions.slice(0, 40)) {
        const story = await tellStory((await traced(world, question)).trace)
        for (const line of printTree(story, { width }).split('\n')) {
          const longest = Math.max(...line.split(/\s+/).map((word) => word.length))
          if (longest < width / 3) expect(line.length, line).toBeLessThanOrEqual(width)
        }
      }
    }
  })
})

describe('the paragraph', () => {
  it('says what was found and what it means, for each status', async () => {
    expect(explain(await storyOf('mail.ordered', 'MX'))).toContain('goes from the root to ordered to mail.ordered')
    expect(explain(await storyOf('www.unsigned.ordered'))).toContain('Whoever runs unsigned.ordered could sign it')
    expect(explain(await storyOf('www.expired.ordered'))).toContain('must not be used')
    expect(explain(await storyOf('www.refusing.ordered'))).toContain('try again later')
  })
})

describe('the picture', () => {
  it('is well-formed for every question, and says each state in signs, not in colour alone', async () => {
    for (const [, world] of worlds) {
      for (const question of world.questions) {
        const story = await tellStory((await traced(world, question)).trace)
        const svg = drawSvg(story)
        expect(wellFormed(svg), `${question.name} ${question.type}`).toBe(true)
        const sign = { secure: '✓', insecure: '○', bogus: '✗', indeterminate: '?' }[question.status]
        expect(svg).toContain(`${sign} ${question.status}`)
        expect(svg).not.toMatch(/NaN|undefined|Infinity/)
      }
    }
  })

  it('has an arrow from key to key to data, and names the fault on the arrow', async () => {
    const svg = drawSvg(await storyOf('www.badsignature.ordered'))
    expect(svg).toContain('✗ it does not match the data')
    expect(drawDot(await storyOf('mail.ordered', 'MX'))).toMatch(/"ds mail\.ordered 0" -> "key mail\.ordered \d+" \[label="digest"/)
  })
})

describe('a redacted trace', () => {
  it('names no address outside the messages, and gives the same verdict', async () => {
    for (const name of ['mail.ordered', 'www.refusing.ordered', 'www.lame.ordered', 'www.silent.ordered']) {
      const redacted = redactTrace(await traceOf(name))
      const outside = JSON.stringify({
        ...redacted,
        messages: redacted.messages.map(({ wire: _, ...rest }) => rest),
        events: redacted.events.filter(({ event }) => event !== 'verdict' || name !== 'mail.ordered')
      })
      expect(outside).not.toMatch(/\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d|2001:db8/)
      expect(outside).toContain('server-1')
      expect((await verifyTrace(redacted)).result).toBe('same')
    }
  })
})

describe('a compact trace', () => {
  it('is smaller, the same for the same evidence, and gives the same verdict and story', async () => {
    const trace = await traceOf('secure.alias.ordered')
    const compact = compactTrace(trace)
    expect(JSON.stringify(compact).length).toBeLessThan(JSON.stringify(trace).length / 2)
    expect(compactTrace(compact)).toEqual(compact)
    expect(
      compactTrace({
        ...trace,
        events: trace.events.filter(({ event }) => event !== 'exchange' && event !== 'cache').map((one, n) => ({ ...one, n, in: n - 1 }))
      })
    ).toEqual(compact)
    expect((await verifyTrace(compact)).result).toBe('same')
    const kept = await tellStory(compact)
    const whole = await tellStory(trace)
    expect(kept.zones.map(({ zone, status, keys }) => ({ zone, status, keys }))).toEqual(
      whole.zones.map(({ zone, status, keys }) => ({ zone, status, keys }))
    )
  })
})

describe('the comparison', () => {
  it('of two runs of the same question finds no change but servers', async () => {
    const [, world] = worlds[0] as (typeof worlds)[number]
    for (const question of world.questions.filter(({ slow }) => !slow).slice(0, 60)) {
      const [a, b] = [await traced(world, question), await traced(world, question)]
      expect((await diffTraces(a.trace, b.trace)).filter(({ what }) => what !== 'servers')).toEqual([])
    }
  })

  it('of two days finds renewed signatures, and after other keys the roll', async () => {
    const [, world] = worlds[0] as (typeof worlds)[number]
    const later = buildHierarchy(NOW + 5 * 86_400_000)
    const ask = async (which: typeof world): Promise<Trace> => {
      const resolver = resolverIn(which)
      const { trace } = await resolver.resolveSecure('mail.ordered', 'MX', { trace: true })
      await resolver.close()
      return trace as Trace
    }
    const changes = await diffTraces(await ask(world), await ask(later))
    const text = printChanges(changes)
    expect(text).toMatch(/RRSIG over MX by mail\.ordered\/\d+ renewed: ends 2026-10-05 -> 2026-10-10/)
    expect(changes.filter(({ what }) => what === 'signature').length).toBeGreaterThanOrEqual(5)
    await later.close()
  })

  it('tells that a status changed, and why', async () => {
    const good = await traceOf('www.alg13.hashed')
    const bad = await traceOf('www.badsignature.ordered')
    const text = printChanges(await diffTraces(good, bad))
    expect(text).toContain('status: secure -> bogus')
    expect(text).toContain('another question: www.badsignature.ordered A')
    expect(printChanges([])).toBe('no change\n')
  })
})

describe('hostile names', () => {
  const NASTY = '\\"><script>alert(1)</script>\u001b]0;x\u0007\u202e]]>--></svg>&'

  it('neither drive a terminal nor end an element', async () => {
    const trace = await traceOf('www.expired.ordered')
    const events = trace.events.map((event) => ({
      ...event,
      ...('server' in event && { server: NASTY }),
      ...('detail' in event && { detail: NASTY }),
      ...(event.event === 'verdict' && { reason: { ...event.reason, text: NASTY, kind: NASTY } })
    })) as Trace['events']
    const story = await tellStory({
      ...trace,
      software: NASTY,
      anchors: [...trace.anchors, `; ${NASTY}`],
      messages: trace.messages.map((one) => ({ ...one, server: NASTY })),
      events
    })
    for (const text of [printTree(story), explain(story)]) expect(text).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e]/u)
    const page = drawPage(story)
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e]/u)
    expect(page).not.toContain('<script>alert')
    expect(wellFormed(drawSvg(story))).toBe(true)
  })

  it('in the DNS itself are escaped everywhere', async () => {
    const [, world] = worlds[0] as (typeof worlds)[number]
    const name = '\\"\\<script\\>\\027\\226\\128\\174.mail.ordered'
    const { trace } = await traced(world, { name, type: 'A', status: 'secure', rcode: 'NXDOMAIN' })
    const story = await tellStory(trace)
    expect(story.verdict.status).toBe('secure')
    expect((await verifyTrace(trace)).result).toBe('same')
    expect(drawPage(story).match(/<script/g)).toHaveLength(1)
    expect(wellFormed(drawSvg(story))).toBe(true)
    const dot = drawDot(story)
    for (const line of dot.split('\n')) expect((line.match(/(?<!\\)(?:\\\\)*"/g) ?? []).length % 2, line).toBe(0)
  })
})
