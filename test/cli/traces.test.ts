// The commands trace and audit: traces kept in files, shown, judged again, compared; many names with resumption.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placesIn } from '../trace/octets.js'
import { buildHierarchy } from '../world/hierarchy.js'
import { type Listener, listen } from '../world/net.js'
import { recursive } from '../world/recursive.js'
import { run } from './running.js'

const world = buildHierarchy()
const folder = mkdtempSync(join(tmpdir(), 'traces-'))
const file = (name: string): string => join(folder, name)
let recursor: Listener
let answered = 0
let asking: string[]

beforeAll(async () => {
  const respond = recursive(world)
  recursor = await listen((query, protocol) => {
    answered++
    return respond(query, protocol)
  })
  asking = ['--forward', `127.0.0.1#${recursor.port}`, '--anchor', world.anchors[0] as string]
  for (const [name, type, to] of [
    ['mail.ordered', 'MX', 'good.json'],
    ['www.expired.ordered', 'A', 'bogus.json']
  ] as const) {
    await run(['trace', name, type, ...asking, '--save', file(to)])
  }
})
afterAll(async () => {
  await recursor.close()
  rmSync(folder, { recursive: true })
})

describe('trace', () => {
  it('shows the tree, and ends with the code of the status', async () => {
    const { code, stdout } = await run(['trace', 'www.expired.ordered', ...asking])
    expect(stdout).toContain('✗ zone expired.ordered: bogus')
    expect(code).toBe(1)
  })

  it('writes page, picture and graph of a kept trace, without asking anybody', async () => {
    const before = answered
    const { code, stdout } = await run([
      'trace',
      '--from',
      file('good.json'),
      '--html',
      file('a.html'),
      '--svg',
      file('a.svg'),
      '--dot',
      '-'
    ])
    expect(code).toBe(0)
    expect(readFileSync(file('a.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
    expect(readFileSync(file('a.svg'), 'utf8')).toMatch(/^<svg xmlns[\s\S]*<\/svg>$/)
    expect(stdout).toMatch(/^digraph chain \{[\s\S]*\}\n$/)
    expect(answered).toBe(before)
  })

  it('gives JSON whole, compact and redacted, which audit takes from standard input', async () => {
    const whole = await run(['trace', '--from', file('good.json'), '--json'])
    const small = await run(['trace', '--from', file('good.json'), '--json', '--compact', '--redact'])
    expect(small.stdout.length).toBeLessThan(whole.stdout.length)
    expect(small.stdout).not.toContain('127.0.0.1')
    const { code, stdout } = await run(['audit', '-'], { stdin: small.stdout })
    expect(stdout).toContain('mail.ordered MX: secure, NOERROR, as recorded')
    expect(code).toBe(0)
  })

  it('explains in one paragraph', async () => {
    const { stdout } = await run(['trace', '--from', file('bogus.json'), '--explain'])
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(stdout).toContain('must not be used')
  })

  it('diff tells what changed', async () => {
    const same = await run(['trace', 'diff', file('good.json'), file('good.json')])
    expect(same).toMatchObject({ code: 0, stdout: 'no change\n' })
    const other = await run(['trace', 'diff', file('good.json'), file('bogus.json'), '--json'])
    expect(other.code).toBe(1)
    expect(
      other.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).text)
    ).toContain('status: secure -> bogus')
  })
})

describe('audit', () => {
  it('judges again, a bogus answer too, and says that it is the same', async () => {
    const { code, stdout } = await run(['audit', file('good.json'), file('bogus.json')])
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringContaining('mail.ordered MX: secure, NOERROR, as recorded'),
      expect.stringContaining('www.expired.ordered A: bogus, SERVFAIL, as recorded')
    ])
    expect(code).toBe(0)
  })

  it('answers what would be later, and by another anchor', async () => {
    const later = await run(['audit', file('good.json'), '--at', '2099-01-01'])
    expect(later.code).toBe(1)
    expect(later.stdout).toContain('status: recorded secure; now bogus')
    const other = await run(['audit', file('good.json'), '--json', '--anchor', `. IN DS 1 13 2 ${'00'.repeat(32)}`])
    expect(JSON.parse(other.stdout)).toMatchObject({ result: 'different', judged: { status: 'bogus', reason: { kind: 'anchorNoMatch' } } })
    expect(other.code).toBe(1)
  })

  it('finds one changed octet of a signature', async () => {
    const trace = JSON.parse(readFileSync(file('good.json'), 'utf8'))
    const message =
      trace.messages[
        trace.events.find((one: { event: string; purpose?: string }) => one.event === 'evidence' && one.purpose === 'data').message
      ]
    const wire = Buffer.from(message.wire, 'base64')
    const signature = placesIn(wire).find(({ section, type }) => section === 'answer' && type === 46)
    const at = (signature?.rdata ?? 0) + (signature?.length ?? 0) - 1
    wire[at] = (wire[at] as number) ^ 1
    message.wire = wire.toString('base64')
    writeFileSync(file('changed.json'), JSON.stringify(trace))
    const { code, stdout } = await run(['audit', file('changed.json')])
    expect(stdout).toContain('not as recorded')
    expect(stdout).toContain('does not match the data')
    expect(code).toBe(1)
  })

  it('says of a trace that was cut off that it proves nothing', async () => {
    const trace = JSON.parse(readFileSync(file('good.json'), 'utf8'))
    writeFileSync(file('cut.json'), JSON.stringify({ ...trace, truncated: true }))
    const { code, stdout } = await run(['audit', file('cut.json')])
    expect(stdout).toContain('cannot be judged again: the trace was cut off')
    expect(code).toBe(3)
  })

  it.each([
    [['audit'], 'a file with a trace'],
    [['audit', '/nowhere/at/all'], 'cannot be read'],
    [['audit', '--at', 'tomorrow', 'x'], 'it is a time like'],
    [['audit', '--domains', 'x', 'y'], 'exclude each other'],
    [['trace'], 'a name to ask for'],
    [['trace', 'a.example', '--from', 'x'], 'exclude each other'],
    [['trace', 'diff', 'a'], "missing required argument 'after'"]
  ])('%j is wrong usage', async (args, why) => {
    const { code, stderr } = await run(args)
    expect(stderr).toContain(why)
    expect(code).toBe(2)
  })

  it('a file that is no trace is wrong usage, not a verdict', async () => {
    writeFileSync(file('other.json'), '{"version":1}')
    const { code, stderr } = await run(['audit', file('other.json')])
    expect(stderr).toContain('not a trace: question is not an object')
    expect(code).toBe(2)
  })
})

describe('audit --domains', () => {
  it('asks for all names, counts, and does not ask again for what it has', async () => {
    writeFileSync(
      file('names'),
      'mail.ordered MX A # two\nwww.expired.ordered A\n\n; none\nwww.unsigned.ordered A\nordered\nMAIL.ordered MX\n'
    )
    const out = file('results.jsonl')
    const args = ['audit', '--domains', file('names'), '--out', out, '--expiring', '30', ...asking]
    const first = await run(args)
    expect(first.stdout).toMatch(/^5 questions\nstatus\n +3 {2}secure\n +1 {2}bogus\n +1 {2}insecure$/m)
    expect(first.stdout).toContain('signatureExpired (EDE 7)')
    expect(first.stdout).toMatch(/signatures that end within 30 days: [1-9]/)
    expect(first.stderr).toContain('5 of 5')
    expect(first.code).toBe(1)
    const lines = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ name, type, status }) => `${name} ${type} ${status}`).sort()).toEqual([
      'mail.ordered A secure',
      'mail.ordered MX secure',
      'ordered SOA secure',
      'www.expired.ordered A bogus',
      'www.unsigned.ordered A insecure'
    ])
    // As after an interruption: two results and a line that was being written.
    writeFileSync(out, `${readFileSync(out, 'utf8').split('\n').slice(0, 2).join('\n')}\n`)
    appendFileSync(out, '{"asked":{"na')
    const second = await run([...args, '--json', '--traces'])
    expect(JSON.parse(second.stdout)).toMatchObject({ questions: 5, statuses: { secure: 3, bogus: 1, insecure: 1 } })
    const all = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(all).toHaveLength(5)
    expect(all.filter(({ trace }) => trace)).toHaveLength(3)
    const before = answered
    expect((await run(args)).code).toBe(1)
    expect(answered).toBe(before)
    const traces = all.filter(({ trace }) => trace)
    writeFileSync(file('kept.jsonl'), traces.map((one) => `${JSON.stringify(one)}\n`).join(''))
    expect(await run(['audit', file('kept.jsonl')])).toMatchObject({ code: 0, stderr: '' })
  })

  it('interrupted, it ends with 130 and goes on later', async () => {
    let asked: () => void = () => {}
    const interrupt = new Promise<void>((resolve) => {
      asked = resolve
    })
    const respond = recursive(world)
    const slow = await listen((query, protocol) => {
      if (Buffer.from(query).toString('latin1').toLowerCase().includes('hashed')) {
        setTimeout(asked, 300)
        return undefined
      }
      return respond(query, protocol)
    })
    writeFileSync(file('more'), 'mail.ordered A\nordered SOA\nwww.alg13.hashed A\n')
    const out = file('interrupted.jsonl')
    const common = ['audit', '--domains', file('more'), '--out', out, '--anchor', world.anchors[0] as string]
    const first = await run([...common, '--forward', `127.0.0.1#${slow.port}`, '--query-timeout', '20000', '--timeout', '30000'], {
      interrupt
    })
    await slow.close()
    expect(first.code).toBe(130)
    expect(first.stderr).toContain('goes on after 2 of 3')
    const second = await run([...common, ...asking])
    expect(second.stdout).toContain('3 questions')
    expect(second.code).toBe(0)
    expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(3)
  })

  it('refuses names that cannot be asked before asking any, and results of something else', async () => {
    writeFileSync(file('bad'), 'mail.ordered\na..b\n')
    const before = answered
    expect(await run(['audit', '--domains', file('bad'), ...asking])).toMatchObject({ code: 2, stdout: '' })
    expect(answered).toBe(before)
    const { code, stderr } = await run(['audit', '--domains', file('names'), '--out', file('good.json'), ...asking])
    expect(stderr).toContain('is no result of an audit')
    expect(code).toBe(2)
  })
})
