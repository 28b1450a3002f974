// Plays a scenario: asks its questions in order and tells, for each, what was expected and what came.
import type { SecureAnswer } from '../../src/index.js'
import { type Audit, readTrace, type Trace, verifyTrace } from '../../src/trace/index.js'
import type { Block, Scenario } from './format.js'
import { ScenarioError } from './format.js'
import { setStage } from './stage.js'

export interface Step {
  readonly question: string
  readonly expected: object
  readonly answer: SecureAnswer
  /** its trace, through JSON, judged again */
  readonly audit: Audit
  /** messages sent for it */
  readonly sent: number
  readonly atMost: number | undefined
}

export async function play(scenario: Scenario): Promise<Step[]> {
  const stage = setStage(scenario)
  const steps: Step[] = []
  let asked: { question: string; answer: SecureAnswer; sent: number } | undefined
  try {
    for (const block of scenario.blocks) {
      const [verb, first, second] = block.head.words
      if (verb === 'wait') stage.clock.advance(Number(first))
      if (verb === 'ask') {
        stage.transport.forget()
        const answer = await stage.resolver.resolveSecure(first, second, { trace: true })
        asked = { question: `${first} ${second}`, answer, sent: stage.transport.exchanges.length }
      }
      if (verb !== 'expect') continue
      if (!asked) throw new ScenarioError(block.head, 'nothing was asked')
      const audit = await verifyTrace(readTrace(JSON.stringify(asked.answer.trace as Trace)))
      steps.push({ ...asked, audit, ...expectationOf(block) })
    }
  } finally {
    await stage.close()
  }
  if (steps.length === 0) throw new ScenarioError(undefined, 'nothing is expected')
  return steps
}

function expectationOf({ head, body }: Block): { expected: object; atMost: number | undefined } {
  const [, status, rcode, kind] = head.words
  const of = (word: string): string[] => body.filter(({ words }) => words[0] === word).map(({ text }) => text.slice(word.length).trim())
  const [denial] = of('denial')
  const [name] = of('name')
  const [sent] = of('sent')
  const data = of('data')
  const unknown = body.find(({ words }) => !['denial', 'name', 'sent', 'data'].includes(words[0]))
  if (unknown) throw new ScenarioError(unknown, 'not something to expect')
  const expected = {
    status,
    rcode,
    ...(kind ? { reason: { kind } } : status === 'secure' ? { reason: null } : {}),
    ...(denial && { denial: denial === 'none' ? null : { kind: denial } }),
    ...(name && { canonicalName: name }),
    ...(data.length > 0 && { data: data.filter((text) => text !== 'none') })
  }
  return { expected, atMost: sent === undefined ? undefined : Number(sent) }
}
