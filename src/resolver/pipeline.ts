// The story of a question: what the cache knows, or else a reply from the network and the verdict on it, alias by alias.

import type { AliasCache } from '../cache/aliases.js'
import type { AnswerCache } from '../cache/answers.js'
import type { Denials } from '../cache/denials.js'
import type { SharedReplies } from '../cache/shared.js'
import type { Lookup } from '../lookup/lookup.js'
import { noteEvidence } from '../validate/evidence.js'
import { type Ask, followHops, type Hop, judgeHop } from '../validate/hops.js'
import type { Source } from '../validate/source.js'
import { aged } from '../verdict/aged.js'
import type { Outcome } from '../verdict/outcome.js'
import type { Answered, Reply } from '../verdict/reply.js'
import { note, type Task } from '../verdict/task.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { TYPE, typeToText } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'

export { stopped } from '../validate/hops.js'

export interface House {
  readonly answers: AnswerCache
  readonly aliases: AliasCache
  /** undefined when denials answer for their own questions only */
  readonly denials: Denials | undefined
  /** a store that processes share */
  readonly shared: SharedReplies | undefined
  /** asks anew whatever is known */
  readonly refresh?: boolean
  readonly lookup: Lookup
  readonly source: Source
  /** DS and DNSKEY, by what the chain of trust has already */
  readonly askChain: Ask
  /** may begin to fetch what validation of the name is going to need */
  readonly prepare: (name: Name, task: Task) => void
}

export function answerQuestion(question: Question, house: House, task: Task): Promise<Outcome> {
  return followHops(question, (hop) => answerHop(hop, house, task), task)
}

async function answerHop(question: Question, house: House, task: Task): Promise<Hop> {
  const fresh = !house.refresh
  const kept = fresh ? house.answers.get(question, task.now) : undefined
  if (kept) note(task, () => ({ event: 'cache', name: nameToText(question.name), type: typeToText(question.type), what: 'answer' }))
  // A trace holds what a verdict rests on, so a kept reply is judged again for one.
  const again = kept && task.emit ? house.answers.reply(question, task.now) : undefined
  if (kept && !again) {
    noteEvidence(kept.evidence, task)
    return kept
  }
  house.prepare(question.name, task)
  let judgedLast: Answered | undefined
  const hop = await judgeHop(
    question,
    async (asked, below, attempt) => (attempt === 0 && again ? aged(again, task.now) : ask(asked, house, below, attempt)),
    house.source,
    task,
    (reply, judgement) => {
      judgedLast = reply
      // What was kept of the zone does not hold any more: other keys sign it.
      if (reply.via === 'denial' && reply.zone && judgement.status === 'bogus') house.denials?.forgetZone(reply.zone)
      if (!again) house.aliases.keep(reply, judgement)
    }
  )
  if (again) return hop
  share(question, hop, judgedLast, house)
  return house.answers.keep(question, hop, judgedLast, task)
}

/** What was judged good serves the other processes of the fleet, who judge it again. */
function share(question: Question, { judgement }: Hop, reply: Answered | undefined, { shared }: House): void {
  if (!shared || !reply || reply.via === 'denial' || (judgement.status !== 'secure' && judgement.status !== 'insecure')) return
  shared.set(question, reply, reply.message.wire, judgement.ttl)
}

/** DS and DNSKEY are also asked for by validation, so they are shared with it; what is known by other answers is not asked for. */
async function ask(question: Question, house: House, task: Task, attempt: number): Promise<Reply> {
  if (attempt === 0 && !house.refresh) {
    const given = known(question, house, task) ?? (await house.shared?.get(question, task))
    if (given) return given
  }
  const shared = question.type === TYPE.DS || question.type === TYPE.DNSKEY
  return shared ? house.askChain(question, task, attempt) : house.lookup.ask(question, task, attempt)
}

/** A known alias at or above the name, or denials and wildcards that came with other answers (RFC 8198). */
function known(question: Question, house: House, task: Task): Answered | undefined {
  const alias = house.aliases.covering(question, task)
  if (alias) return alias
  const made = house.denials?.answer(question, house.source.anchors, task, false)
  const what = made && made.message.answer.length > 0 ? 'wildcard' : 'denial'
  if (made) note(task, () => ({ event: 'cache', name: nameToText(question.name), type: typeToText(question.type), what }))
  return made
}
