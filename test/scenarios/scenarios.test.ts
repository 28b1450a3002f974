// Every file of data/ is a conversation, played against one resolver in a world of its own. Every answer is judged again from its
// trace and must come out the same.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { recordText } from '../../src/trace/index.js'
import { readScenario } from './format.js'
import { play } from './steps.js'

const folder = new URL('data/', import.meta.url)

describe('scenarios', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.scenario'))

  it('there are some', () => expect(files.length).toBeGreaterThanOrEqual(20))

  for (const file of files) {
    const scenario = readScenario(readFileSync(new URL(file, folder), 'utf8'))
    it(`${file}: ${scenario.title}`, async () => {
      for (const { question, expected, answer, audit, sent, atMost } of await play(scenario)) {
        const data = answer.records.map((record) => recordText(record).replace(/ \d+ IN /, ' '))
        expect(
          { ...answer, reason: answer.reason ?? null, denial: answer.denial ?? null, question, data },
          `${question}: ${answer.reason?.text}`
        ).toMatchObject({ question, ...expected })
        if (atMost !== undefined) expect(sent, `messages sent for ${question}`).toBeLessThanOrEqual(atMost)
        expect({ question, result: audit.result, differences: audit.differences }).toEqual({ question, result: 'same', differences: [] })
      }
    })
  }
})
