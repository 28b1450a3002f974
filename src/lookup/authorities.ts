// The servers of one zone, asked one after the other until one gives something of use (RFC 1034 5.3.3 steps 3 and 4).
// Which of them, and in what order, `zone-servers.ts` says.

import type { Failed, Server } from '../verdict/reply.js'
import { type Message, type Question, questionKey } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, RCODE, TYPE } from '../wire/numbers.js'
import { type Classified, classify } from './classify.js'
import { addressesOf, type Delegation } from './delegation.js'
import { type Exchanged, exchange } from './exchange.js'
import { failedLimit, failedZone, noOtherServer } from './failure.js'
import type { Knowledge, Met, Run } from './run.js'
import { isAddress, scrub, targetOf } from './scrub.js'
import { serverKey } from './servers.js'
import { type Manner, silencesOf, ZoneServers } from './zone-servers.js'

/** How often all servers of a zone may be silent to a question for the address of a name server: others may have one (NRDelegation). */
const MOST_SILENCES_BELOW = 8
/** An alias in its place is against RFC 2181 10.3, and followed once all the same. */
const MOST_GLUE_LINKS = 2

export type Usable = Exclude<Classified, { kind: 'childSide' | 'lame' | 'error' }>

export type ZoneReply =
  | { readonly kind: 'reply'; readonly classified: Usable; readonly message: Message; readonly server: Server; readonly receivedAt: number }
  /** a minimised question met an error: the whole one may fare better */
  | { readonly kind: 'odd' }
  /** a DS question, and only the child's side spoke */
  | { readonly kind: 'childSide' }
  | { readonly kind: 'failure'; readonly reply: Failed }

/** Rejects with the reason of the task's signal, and with nothing else. */
export async function askZone(question: Question, at: Delegation, manner: Manner, run: Run, knowledge: Knowledge): Promise<ZoneReply> {
  const met = metBy(question, at.zone, run)
  // RFC 4035 5.5: who gave unsigned data that did not validate is asked after the others for a while.
  if (run.attempt > 0) for (const server of knowledge.given.bare(run.task.budget, question)) knowledge.book.isLame(server, at.zone)
  const glueFrom = (name: Name, zone: Delegation): Promise<string[]> => askForGlue(name, zone, run, knowledge)
  const pool = new ZoneServers(question, at, manner, run, knowledge, met, glueFrom)
  let lastResort: ZoneReply | undefined
  let childSide = false
  for (;;) {
    if (run.task.depth > 0 && silencesOf(met) >= MOST_SILENCES_BELOW) break
    const server = (await pool.first()) ?? (lastResort ? ((await pool.named()) ?? pool.lost()) : await pool.widened())
    if (!server) break
    const key = serverKey(server)
    const tries = met.get(key)?.tries ?? 0
    const remember = (kind: Met['kind'], did: string, stalled = false): void =>
      void met.set(key, { kind, did, server, tries: tries + 1, stalled })
    const got = await exchange(question, askingOf(question, at.zone, server, tries, run), knowledge.exchange)
    if (got.kind === 'spent') return lastResort ?? { kind: 'failure', reply: failedLimit(question, got.what, run.task.limits) }
    if (got.kind === 'failure') {
      remember(kindOf(got), got.detail, server.protocol === 'udp' && got.server.protocol === 'tcp')
      if (got.why === 'malformed' || got.why === 'mismatch') {
        if (!manner.whole) return { kind: 'odd' }
        knowledge.book.isLame(server, at.zone)
      }
      continue
    }
    const classified = classify(got.message, question, at.zone)
    if (classified.kind === 'error' || classified.kind === 'lame') {
      if (!manner.whole) return { kind: 'odd' }
      remember(classified.kind === 'error' ? 'refused' : 'unfit', classified.why)
      // SERVFAIL may be about this one name, the rest is about the server.
      if (classified.kind === 'lame' || classified.rcode !== RCODE.SERVFAIL) knowledge.book.isLame(server, at.zone)
      continue
    }
    if (classified.kind === 'childSide') {
      remember('unfit', 'answered for the child')
      childSide = true
      continue
    }
    const reply: ZoneReply = { kind: 'reply', classified, message: got.message, server: got.server, receivedAt: got.receivedAt }
    if (classified.kind === 'referral' || !isLastResort(classified) || !manner.whole) return reply
    remember('unfit', classified.recursive ? 'answered from a cache' : 'said nothing')
    lastResort ??= reply
  }
  if (lastResort) return lastResort
  if (childSide) return { kind: 'childSide' }
  if (!manner.whole) return { kind: 'odd' }
  const failed = run.attempt > 0 && met.size === 0 ? noOtherServer(question, at.zone) : failedZone(question, at.zone, [...met.values()])
  return { kind: 'failure', reply: failed }
}

const isLastResort = (classified: Exclude<Usable, { kind: 'referral' }>): boolean =>
  classified.recursive || ('empty' in classified && classified.empty === true)

function askingOf(question: Question, zone: Name, server: Server, tries: number, run: Run): Parameters<typeof exchange>[1] {
  const describe = (message: Message) => {
    const classified = classify(message, question, zone)
    switch (classified.kind) {
      case 'referral':
        return { outcome: 'referral' as const }
      case 'lame':
        return { outcome: 'lame' as const, detail: classified.why }
      case 'childSide':
        return { outcome: 'lame' as const, detail: 'answered for the child' }
      case 'error':
        return { outcome: 'error' as const, detail: classified.why }
      default:
        return { outcome: 'answer' as const }
    }
  }
  return { server, recursive: false, zone, task: run.task, sent: run.sent, tries, describe }
}

function kindOf(got: Extract<Exchanged, { kind: 'failure' }>): Met['kind'] {
  return got.why === 'silent' ? 'silent' : got.why === 'network' ? 'network' : 'unfit'
}

/** What was met at a zone with a question stays with the run, so that a second walk asks nobody in vain again. */
function metBy(question: Question, zone: Name, run: Run): Map<string, Met> {
  const key = `${zone.key} ${questionKey(question)}`
  const known = run.met.get(key)
  if (known) return known
  const met = new Map<string, Met>()
  run.met.set(key, met)
  return met
}

/** A zone's servers are asked for the addresses of a name: the parent's may give what they left out of the referral. */
async function askForGlue(name: Name, at: Delegation, run: Run, knowledge: Knowledge): Promise<string[]> {
  const found: string[] = []
  for (const type of [TYPE.A, TYPE.AAAA]) {
    let asked: Name | undefined = name
    for (let links = 0; asked && links < MOST_GLUE_LINKS; links++) {
      const question: Question = { name: asked, type, class: CLASS.IN }
      const got = await askZone(question, at, { whole: false, dig: false }, run, knowledge)
      if (got.kind !== 'reply') break
      const { answer, additional } = scrub(got.message, question, at.zone)
      const rrsets = [...answer, ...additional.filter((rrset) => rrset.owner.equals(question.name))].filter(isAddress)
      found.push(...addressesOf(rrsets, knowledge.glue))
      const alias = rrsets.length === 0 ? answer.filter((rrset) => rrset.type === TYPE.CNAME).at(-1) : undefined
      const target: Name | undefined = alias && targetOf(alias)
      asked = target?.isAtOrBelow(at.zone) ? target : undefined
    }
  }
  return found
}
