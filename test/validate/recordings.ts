// Recorded dialogues with recursive servers, as text in the style of dig: one message after the other, the time in the first
// line. A transport gives each reply to its question again, whoever asks.
import { buildMessage, parseMessage } from '../../src/wire/message.js'
import { RCODE, typeFromText } from '../../src/wire/numbers.js'
import { type Question, questionKey } from '../../src/wire/question.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import { nameFromText, recordFromText } from '../../src/wire/text.js'
import type { Respond } from '../world/authority.js'

type Section = 'answer' | 'authority' | 'additional'

export interface Recorded extends Record<Section, ResourceRecord[]> {
  readonly question: Question
  readonly rcode: number
}

export interface Recording {
  /** ms since the epoch */
  readonly nowMs: number
  /** in the order of the dialogue */
  readonly replies: readonly Recorded[]
}

const SECTIONS: Readonly<Record<string, Section>> = {
  ANSWERS: 'answer',
  'AUTHORITY RECORDS': 'authority',
  'ADDITIONAL RECORDS': 'additional'
}

export function readRecording(text: string): Recording {
  const [first] = text.split('\n', 1)
  return { nowMs: Date.parse(first.slice('#Date:'.length).trim()), replies: text.split(/^#{10,}$/m).flatMap(readReply) }
}

function readReply(text: string): Recorded[] {
  const question = text.match(/^;;\s+(\S+), type = (\S+), class = IN/m)
  if (!question) return []
  const rcode = RCODE[(text.match(/status: (\w+)/)?.[1] ?? '') as keyof typeof RCODE] ?? RCODE.SERVFAIL
  const reply: Recorded = {
    question: { name: nameFromText(question[1]), type: typeFromText(question[2]) as number, class: 1 },
    ...{ rcode, answer: [], authority: [], additional: [] }
  }
  let section: Section | undefined
  for (const line of text.split('\n')) {
    const heading = line.match(/^;; ([A-Z ]+):$/)
    if (heading) section = SECTIONS[heading[1]]
    else if (section && line.trim() !== '' && !line.startsWith(';') && !line.includes('OPT')) reply[section].push(recordFromText(line))
  }
  return [reply]
}

/** Answers as the recorded server did; silent where nothing was recorded. */
export function replaying({ replies }: Recording): Respond {
  const byQuestion = new Map(replies.map((reply) => [questionKey(reply.question), reply]).reverse() as [string, Recorded][])
  return (query) => {
    const { id, question, rd, edns } = parseMessage(query)
    const found = question && byQuestion.get(questionKey(question))
    return found && buildMessage({ ...found, id, question, rd, ra: true, ...(edns && { edns: { ...edns, version: 0, options: [] } }) })
  }
}
