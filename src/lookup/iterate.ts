// Iteration: from the closest delegation known down to the servers of the zone that holds the name (RFC 1034 5.3.3).

import { reason } from '../verdict/reason.js'
import { type Answered, deniesAbove, type Reply } from '../verdict/reply.js'
import { note } from '../verdict/task.js'
import { rdataNames } from '../wire/layout.js'
import type { Question } from '../wire/message.js'
import type { Name } from '../wire/name.js'
import { CLASS, TYPE } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'
import { askZone, type ZoneReply } from './authorities.js'
import { type Delegation, delegationOf } from './delegation.js'
import { failed, failedLimit } from './failure.js'
import { nextName, startWalk, stepped, type Walk, walkedTo } from './minimise.js'
import type { Knowledge, Run } from './run.js'
import { scrub } from './scrub.js'

/** Each leads at least a label down; more than this has no honest name. */
const MOST_REFERRALS = 32

/** `top` is where the walk starts at the latest: the root or a stub zone. */
export async function iterate(question: Question, top: Delegation, run: Run, knowledge: Knowledge): Promise<Reply> {
  const { config, delegations } = knowledge
  const closest = (name: Name): Delegation => {
    const known = delegations.closest(name, config.clock())
    return known?.zone.isBelow(top.zone) ? known : top
  }
  let at = closest(zoneSide(question))
  let doubted = at !== top // from earlier: it may be out of date
  let located = question.type !== TYPE.DS
  const toldOf = ({ zone }: Delegation): Name => delegations.deepestInside(zone, question.name, config.clock())
  let walk: Walk | undefined = config.qnameMinimisation && run.attempt === 0 ? startWalk(toldOf(at)) : undefined
  const asNs = new Set<Delegation>()
  for (let referrals = 0; referrals <= MOST_REFERRALS; ) {
    const name = walk ? nextName(question.name, walk) : question.name
    const whole = name === question.name
    const asked: Question = whole ? question : { name, type: TYPE.A, class: CLASS.IN }
    const got = await askZone(asked, at, { whole, dig: true }, run, knowledge)
    if (got.kind === 'reply' && got.classified.kind === 'referral') {
      referrals++
      const next = follow(got, at, run, knowledge)
      // RFC 4035 3.1.4.1: for a DS question the referral to the name itself is all that the parent has to say.
      if (question.type === TYPE.DS && next.zone.equals(question.name)) {
        return answered(question, got, at.zone, 'referral', run, knowledge)
      }
      at = next
      doubted = false
      walk &&= walkedTo(walk, toldOf(at))
    } else if (!whole && got.kind === 'reply' && deniesBelow(got, question, at, knowledge)) {
      // It counts only if its proof holds for the whole name; on a later attempt that one is asked.
      return replyOf(question, got, at.zone, 'answer')
    } else if (!whole && walk) {
      // RFC 9156 2.3: whatever is odd about the shorter name, the whole one is asked. NXDOMAIN too where nothing is signed:
      // servers that deny empty non-terminals are still about.
      const isInside = got.kind === 'reply' && (got.classified.kind === 'answer' || got.classified.kind === 'nodata')
      if (isInside) delegations.noteInside(at.zone, name, config.clock())
      walk = isInside ? walkedTo(stepped(walk), name) : undefined
    } else if (got.kind === 'reply') {
      noteApex(got, at, knowledge)
      return answered(question, got, at.zone, 'answer', run, knowledge)
    } else if (got.kind === 'childSide' && !located) {
      located = true
      at = (await locateParent(question.name, at, run, knowledge)) ?? at
    } else if (doubted && !(got.kind === 'failure' && got.reply.reason.kind === 'limitReached')) {
      // Kept all the same: a referral that says something else takes its place, and a bad answer alone costs nobody else.
      at = closest(at.zone.parent())
      doubted = false
      walk &&= startWalk(toldOf(at))
    } else {
      const next = got.kind === 'failure' ? await byNs(question, at, asNs, run, knowledge) : undefined
      if (next) {
        referrals++
        at = next
        continue
      }
      if (got.kind === 'failure') return got.reply
      return failed(question, reason('unreachable', { zone: at.zone, owner: question.name, type: question.type, detail: CHILD_SIDE }))
    }
  }
  return failedLimit(question, 'referrals', run.task.limits)
}

/** Servers that answer neither question may still give a referral to one of type NS (RFC 9156 2.1 leaves the choice of type). */
async function byNs(question: Question, at: Delegation, asked: Set<Delegation>, run: Run, knowledge: Knowledge) {
  const labels = at.zone.labelCount + 1
  if (!knowledge.config.qnameMinimisation || asked.has(at) || zoneSide(question).labelCount <= labels) return undefined
  asked.add(at)
  const ns: Question = { name: question.name.ancestor(labels), type: TYPE.NS, class: CLASS.IN }
  const got = await askZone(ns, at, { whole: false, dig: false }, run, knowledge)
  return got.kind === 'reply' && got.classified.kind === 'referral' ? follow(got, at, run, knowledge) : undefined
}

const CHILD_SIDE = "its servers answer only for the child zone, and a DS is the parent's to give"

/** The name in whose zone the answer lies: DS is on the parent's side of a cut (RFC 4035 3.1.4.1). */
export const zoneSide = ({ name, type }: Question): Name => (type === TYPE.DS && !name.isRoot ? name.parent() : name)

type Got = Extract<ZoneReply, { kind: 'reply' }>

/** A referral: told to validation, kept, and the next zone to ask. */
function follow(got: Got, at: Delegation, run: Run, knowledge: Knowledge): Delegation {
  const { classified, server, receivedAt } = got
  if (classified.kind !== 'referral') throw new TypeError('not a referral')
  const question: Question = { name: classified.zone, type: TYPE.DS, class: CLASS.IN }
  const message = scrub(got.message, question, at.zone)
  const has = (type: number): boolean => message.authority.some((rrset) => rrset.type === type)
  const ds = message.authority.some((rrset) => rrset.type === TYPE.DS && rrset.owner.equals(classified.zone))
  note(run.task, () => ({
    event: 'referral',
    zone: nameToText(classified.zone),
    servers: classified.nameServers.rdatas.flatMap((rdata) => rdataNames(TYPE.NS, rdata).map(nameToText)),
    ds: ds ? 'present' : 'absent'
  }))
  if (ds || has(TYPE.NSEC) || has(TYPE.NSEC3)) {
    knowledge.config.hooks.referral({ kind: 'reply', question, message, server, zone: at.zone, via: 'referral', receivedAt }, run.task)
  }
  const now = knowledge.config.clock()
  const next = delegationOf(classified.zone, classified.nameServers, message, at, now, knowledge.glue)
  knowledge.delegations.keep(next, now)
  return next
}

/** What the zone says of its own name servers is a last resort while the delegation lasts, and renews nothing. */
function noteApex(got: Got, at: Delegation, { config, delegations }: Knowledge): void {
  const nameServers = got.message.authority.find(
    (rrset) => rrset.type === TYPE.NS && rrset.class === CLASS.IN && rrset.owner.equals(at.zone)
  )
  if (nameServers && at.parent) delegations.noteApex(at, nameServers, config.clock())
}

/** A signed zone denies the shorter name already. */
function deniesBelow({ classified, message }: Got, question: Question, at: Delegation, { config }: Knowledge): boolean {
  if (classified.kind !== 'nxdomain' || classified.recursive) return false
  return at.signed && config.anchorOf?.(question.name) !== undefined && deniesAbove(message, question)
}

function answered(question: Question, got: Got, zone: Name, via: Answered['via'], run: Run, knowledge: Knowledge): Answered {
  knowledge.given.add(run.task.budget, question, got.server, got.message)
  return replyOf(question, got, zone, via)
}

function replyOf(question: Question, got: Got, zone: Name, via: Answered['via']): Answered {
  const message = scrub(got.message, question, zone)
  return { kind: 'reply', question, message, server: got.server, zone, via, receivedAt: got.receivedAt }
}

/**
 * One server holds parent and child and answers for the child: the zones between are searched for the parent's own servers.
 * What an apex says of itself serves for this one question and is not kept.
 */
async function locateParent(name: Name, from: Delegation, run: Run, knowledge: Knowledge): Promise<Delegation | undefined> {
  let at = from
  for (let labels = from.zone.labelCount + 1; labels < name.labelCount; labels++) {
    const zone = name.ancestor(labels)
    const question: Question = { name: zone, type: TYPE.NS, class: CLASS.IN }
    const got = await askZone(question, at, { whole: false, dig: true }, run, knowledge)
    if (got.kind !== 'reply') continue
    if (got.classified.kind === 'referral') {
      at = follow(got, at, run, knowledge)
      continue
    }
    const message = scrub(got.message, question, at.zone)
    const apex = message.answer.find((rrset) => rrset.type === TYPE.NS && rrset.owner.equals(zone))
    if (apex) at = delegationOf(zone, apex, message, at, knowledge.config.clock(), knowledge.glue)
  }
  return at === from ? undefined : at
}
