// Judges replies of a few zones without a resolver: one server has all zones and answers for the chain of trust too. A test may
// put other messages in place of its replies.
import { anchorSet } from '../../src/anchors/set.js'
import { chooseBackend } from '../../src/crypto/choose.js'
import { scrub } from '../../src/lookup/scrub.js'
import { type Judgement, judge } from '../../src/validate/answer.js'
import type { ZoneVerdict } from '../../src/validate/chain.js'
import type { Source } from '../../src/validate/source.js'
import type { NegativeAnchor, PositiveAnchor } from '../../src/verdict/anchor.js'
import { reason } from '../../src/verdict/reason.js'
import type { Answered, Failed, Reply } from '../../src/verdict/reply.js'
import type { Task } from '../../src/verdict/task.js'
import { buildQuery, type Message, parseMessage, type Question, questionKey } from '../../src/wire/message.js'
import type { Name } from '../../src/wire/name.js'
import { CLASS, RCODE, typeFromText } from '../../src/wire/numbers.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import { nameFromText } from '../../src/wire/text.js'
import { rememberingGood } from '../fuzz/judge.js'
import { authority } from '../world/authority.js'
import type { Zone } from '../world/zone.js'
import { taskAt } from './judging.js'
import { NOON } from './signing.js'

const crypto = rememberingGood(chooseBackend('native'))

export const asking = (name: string, type: string): Question => ({
  name: nameFromText(name),
  type: typeFromText(type) as number,
  class: CLASS.IN
})

/** A task with limits of its own; signatures that were good once are not computed again. */
export const courtTask = (limits: Parameters<typeof taskAt>[1] = {}): Task => ({ ...taskAt(NOON, limits), crypto })

export interface Anchoring {
  /** zones whose first key is an anchor; the first zone when left out */
  readonly anchors?: readonly Zone[]
  readonly positive?: readonly PositiveAnchor[]
  readonly negative?: readonly NegativeAnchor[]
}

export class Court {
  readonly source: Source
  /** what is told in place of the server's reply, by question; a number is how many replies before it are honest */
  readonly instead = new Map<string, (attempt: number) => Reply | Message | undefined>()
  /** questions that the chain of trust asked, in order */
  readonly asked: { readonly question: Question; readonly attempt: number }[] = []
  readonly #zones = new Map<string, ZoneVerdict>()
  readonly #respond

  constructor(
    readonly zones: readonly Zone[],
    { anchors = zones.slice(0, 1), positive = [], negative = [] }: Anchoring = {}
  ) {
    this.#respond = authority(zones)
    const own = anchors.map(
      (zone): PositiveAnchor => ({ kind: 'positive', zone: zone.apex, ds: [], keys: [readDnskey(zone.keys[0].rdata)] })
    )
    this.source = {
      anchors: anchorSet([...own, ...positive], negative),
      ask: async (question, _task, attempt) => {
        this.asked.push({ question, attempt })
        const told = this.instead.get(questionKey(question))?.(attempt)
        if (!told) return attempt === 0 || this.instead.has(questionKey(question)) ? this.reply(question) : this.failure(question)
        return 'kind' in told ? told : this.reply(question, told)
      },
      zone: async (name, _task, make) => {
        const verdict = this.#zones.get(name.key) ?? (await make())
        this.#zones.set(name.key, verdict)
        return verdict
      }
    }
  }

  message(question: Question): Message {
    return parseMessage(this.#respond(buildQuery({ id: 1, question, edns: { udpSize: 4096, dnssecOk: true } }), 'tcp') as Uint8Array)
  }

  /** @param message the honest one when left out */
  reply(question: Question, message = this.message(question), via: Answered['via'] = 'answer'): Answered {
    const zone = this.#zoneOf(question)
    const server = { address: '192.0.2.1', port: 53, protocol: 'tcp' } as const
    return { kind: 'reply', question, message: scrub(message, question, zone), server, zone, via, receivedAt: NOON * 1000 }
  }

  failure(question: Question): Failed {
    const why = reason('unreachable', { owner: question.name, type: question.type, detail: 'nobody is there' })
    return { kind: 'failure', question, reason: why, rcode: RCODE.SERVFAIL }
  }

  judge(question: Question, message?: Message, task = courtTask()): Promise<Judgement> {
    return judge(this.reply(question, message), this.source, task)
  }

  /** The deepest zone that may answer: for a DS that above its owner (RFC 4035 3.1.4.1). */
  #zoneOf({ name, type }: Question): Name {
    const place = type === typeFromText('DS') && !name.isRoot ? name.parent() : name
    const holding = this.zones.filter(({ apex }) => place.isAtOrBelow(apex)).sort((a, b) => b.apex.labelCount - a.apex.labelCount)
    return (holding[0] ?? this.zones[0]).apex
  }
}
