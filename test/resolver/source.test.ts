// Look-ups for the chain of trust that several questions share: what one question lacks, time or budget, harms no other.
import { describe, expect, it } from 'vitest'
import { anchorSet } from '../../src/anchors/set.js'
import { Failures } from '../../src/cache/failures.js'
import { Meter } from '../../src/cache/sieve.js'
import type { Lookup } from '../../src/lookup/lookup.js'
import { scrub } from '../../src/lookup/scrub.js'
import { NetworkSource } from '../../src/resolver/source.js'
import type { ZoneVerdict } from '../../src/validate/chain.js'
import { reason } from '../../src/verdict/reason.js'
import type { Reply } from '../../src/verdict/reply.js'
import type { Task } from '../../src/verdict/task.js'
import { asking, Court, courtTask } from '../validate/court.js'
import { NOON } from '../validate/signing.js'
import { keyOf } from '../validate/small-world.js'
import { makeZone } from '../world/zone.js'

const SOA = '@ SOA ns. hostmaster. 1 7200 3600 1209600 600\n@ NS ns.elsewhere.\n'
const zone = makeZone({ origin: 'test', text: SOA, keys: [keyOf('test')], inception: NOON - 86_400, expiration: NOON + 86_400 })
const court = new Court([zone])
const keys = asking('test', 'DNSKEY')

/** A source over a look-up that does what the test says for each task. */
function sourceOf(answer: (task: Task) => Promise<Reply>) {
  const asked: Task[] = []
  const lookup: Lookup = {
    ask: (_question, task) => {
      asked.push(task)
      return answer(task)
    },
    close: async () => {}
  }
  const meter = new Meter(1_000_000)
  const options = { scrub, failures: new Failures(meter), denials: undefined, shared: undefined }
  return { source: new NetworkSource(anchorSet([], []), meter, options, () => lookup), asked }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a reply asked for by two questions at once', () => {
  it('is one look-up', async () => {
    const { source, asked } = sourceOf(async () => {
      await turn()
      return court.reply(keys)
    })
    const replies = await Promise.all([source.ask(keys, courtTask(), 0), source.ask(keys, courtTask(), 0)])
    expect(replies.map(({ kind }) => kind)).toEqual(['reply', 'reply'])
    expect(asked).toHaveLength(1)
  })

  it('is looked up again by the second when the first could not afford it', async () => {
    const poor = courtTask()
    const { source, asked } = sourceOf(async (task) => {
      await turn()
      if (task !== poor) return court.reply(keys)
      return { ...court.failure(keys), reason: reason('limitReached', { detail: 'queries', limit: 1 }) }
    })
    const [first, second] = await Promise.all([source.ask(keys, poor, 0), source.ask(keys, courtTask(), 0)])
    expect(first).toMatchObject({ kind: 'failure', reason: { kind: 'limitReached' } })
    expect(second.kind).toBe('reply')
    expect(asked).toHaveLength(2)
  })

  it('is looked up again by the second when the first is cancelled, and a failure of the servers is one for both', async () => {
    const stop = new AbortController()
    const { source, asked } = sourceOf(async ({ signal }) => {
      await turn()
      signal.throwIfAborted()
      return court.failure(keys)
    })
    const first = source.ask(keys, { ...courtTask(), signal: stop.signal }, 0)
    const others = [source.ask(keys, courtTask(), 0), source.ask(keys, courtTask(), 0)]
    stop.abort(new Error('nobody waits'))
    await expect(first).rejects.toThrow('nobody waits')
    expect((await Promise.all(others)).map(({ kind }) => kind)).toEqual(['failure', 'failure'])
    expect(asked).toHaveLength(2)
  })
})

describe('a zone that two questions want at once', () => {
  const insecure: ZoneVerdict = { finding: { status: 'noCut', exists: true }, ttl: 60, evidence: [] }

  it('is judged by the second when the first is cancelled, and kept', async () => {
    const { source } = sourceOf(async () => court.reply(keys))
    const stop = new AbortController()
    let made = 0
    const make = (signal: AbortSignal) => async (): Promise<ZoneVerdict> => {
      made++
      await turn()
      signal.throwIfAborted()
      return insecure
    }
    const [mine, theirs] = [{ ...courtTask(), signal: stop.signal }, courtTask()]
    const first = source.zone(zone.apex, mine, make(mine.signal))
    const second = source.zone(zone.apex, theirs, make(theirs.signal))
    stop.abort(new Error('nobody waits'))
    await expect(first).rejects.toThrow('nobody waits')
    expect(await second).toBe(insecure)
    expect(await source.zone(zone.apex, theirs, make(theirs.signal))).toBe(insecure)
    expect(made).toBe(2)
  })
})
