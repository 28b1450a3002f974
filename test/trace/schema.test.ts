// Every trace fits the published schema, and the schema refuses what is no trace.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { compactTrace, redactTrace, type Trace } from '../../src/trace/index.js'
import { SOFTWARE } from '../../src/verdict/trace.js'
import { resolverIn, traced, traceOf, worlds } from './traced.js'

const root = join(import.meta.dirname, '..', '..')
const schema = JSON.parse(readFileSync(join(root, 'docs/trace.schema.json'), 'utf8'))
const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile(schema)

function faultsOf(trace: unknown): unknown {
  return validate(JSON.parse(JSON.stringify(trace))) ? [] : validate.errors
}

for (const [about, world] of worlds) {
  describe(about, () => {
    for (const question of world.questions) {
      it(`the trace of ${question.name} ${question.type} fits, as do its compact and redacted forms`, async () => {
        const { trace } = await traced(world, question)
        for (const form of [trace, compactTrace(trace), redactTrace(trace)]) expect(faultsOf(form)).toEqual([])
      })
    }

    it('traces from a warm cache fit', async () => {
      const resolver = resolverIn(world)
      for (const { name, type } of world.questions.slice(0, 60)) await resolver.resolveSecure(name, type)
      for (const { name, type } of world.questions.slice(0, 60))
        expect(faultsOf((await resolver.resolveSecure(name, type, { trace: true })).trace)).toEqual([])
      await resolver.close()
    })
  })
}

describe('the schema', () => {
  it.each<[string, (trace: Trace) => unknown]>([
    ['another version', (trace) => ({ ...trace, version: 2 })],
    ['a field that nobody knows', (trace) => ({ ...trace, more: 1 })],
    ['an event that nobody knows', (trace) => ({ ...trace, events: [{ n: 0, in: -1, event: 'guess' }] })],
    ['an event with a field that is not its own', (trace) => ({ ...trace, events: [{ ...trace.events[0], keyTag: 1 }] })],
    ['octets that are not base64', (trace) => ({ ...trace, messages: [{ ...trace.messages[0], wire: 'ab*=' }] })],
    [
      'a status of another kind',
      (trace) => ({ ...trace, events: trace.events.map((one) => (one.event === 'verdict' ? { ...one, status: 'fine' } : one)) })
    ]
  ])('refuses %s', async (_, change) => {
    const trace = await traceOf('mail.ordered', 'MX')
    expect(faultsOf(trace)).toEqual([])
    expect(faultsOf(change(trace))).not.toEqual([])
  })

  it('names the software as the manifest does', () => {
    const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(SOFTWARE).toBe(`${name} ${version}`)
  })
})
