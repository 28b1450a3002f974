// Judging a trace again: from its messages, anchors, limits, policy and clock alone, by the code that judged it first, and
// without a network. The stored decisions are ignored, and compared with at the end.

import { parseNegativeAnchors } from '../anchors/negative.js'
import { parseAnchors } from '../anchors/parse.js'
import { anchorSet } from '../anchors/set.js'
import { DEFAULT_POLICY } from '../crypto/algorithms.js'
import { chooseBackend } from '../crypto/choose.js'
import { parseQuestion } from '../edge/question.js'
import { Budget, DEFAULT_LIMITS, type Limits } from '../limits.js'
import { followHops, judgeHop } from '../validate/hops.js'
import { Recorder } from '../verdict/recorder.js'
import type { Task } from '../verdict/task.js'
import type { NumberedEvent, Trace } from '../verdict/trace.js'
import { WireError } from '../wire/cursor.js'
import { TextError } from '../wire/text.js'
import { compareVerdicts, type Difference } from './compare.js'
import { TraceFormatError } from './read.js'
import { TraceSource } from './source.js'

export interface VerifyOptions {
  /** judge at another instant: ms since the epoch or a Date */
  readonly at?: number | Date
  /** DS or DNSKEY lines in place of the recorded anchors */
  readonly anchors?: readonly string[]
  /** names in place of the recorded negative anchors */
  readonly negativeAnchors?: readonly string[]
}

export type ToldVerdict = NumberedEvent & { readonly event: 'verdict' }

export interface Audit {
  /** `unverifiable`: the recorded verdict rests on what no trace can hold; `why` says what */
  readonly result: 'same' | 'different' | 'unverifiable'
  readonly why?: string
  /** ms since the epoch: the instant it was judged at this time */
  readonly at: number
  /** what the trace says; undefined when it holds no verdict */
  readonly recorded: ToldVerdict | undefined
  /** what follows from its messages */
  readonly judged: ToldVerdict
  readonly differences: readonly Difference[]
  /** questions that this judgement asked and the trace has no reply to: `name TYPE` */
  readonly missing: readonly string[]
  /** every step of this judgement */
  readonly events: readonly NumberedEvent[]
}

/**
 * Judges the recorded messages again and compares. Needs no network, no clock and no file.
 * @throws TraceFormatError when names, types or anchors in the trace cannot be read; RangeError and TypeError for bad options
 */
export async function verifyTrace(trace: Trace, options: VerifyOptions = {}): Promise<Audit> {
  const recorded = trace.events.filter((event): event is ToldVerdict => event.event === 'verdict').at(-1)
  let run = await judgeAgain(trace, options, 1)
  // A warm cache saved the recorded question work that has to be done here: then its own bounds are too narrow.
  const warm = trace.events.some((event) => event.event === 'cache')
  if (warm && run.judged.reason?.kind === 'limitReached' && recorded?.reason?.kind !== 'limitReached') {
    run = await judgeAgain(trace, options, WIDER)
  }
  const why = unverifiable(trace, recorded)
  if (why !== undefined) return { ...run, result: 'unverifiable', why, recorded, differences: [] }
  const differences = compareVerdicts(recorded as ToldVerdict, run.judged, { ttl: !warm && run.at === trace.now })
  return { ...run, result: differences.length === 0 ? 'same' : 'different', recorded, differences }
}

const WIDER = 16
const BEYOND_A_TRACE: ReadonlyMap<string, string> = new Map([
  ['timeOver', 'the time for the question was over, and no trace can show time passing again'],
  ['internalFault', 'a fault of the resolver stopped the work'],
  ['anchorsUnavailable', 'the trust anchors could not be read'],
  ['rootKeySentinel', 'the resolver answered for its own trust anchors (RFC 8509)']
])

function unverifiable(trace: Trace, recorded: ToldVerdict | undefined): string | undefined {
  if (trace.truncated) return 'the trace was cut off by its limits'
  if (!recorded) return 'the trace holds no verdict'
  return BEYOND_A_TRACE.get(recorded.reason?.kind ?? '')
}

async function judgeAgain(trace: Trace, options: VerifyOptions, widen: number) {
  const at = instant(options.at) ?? trace.now
  const anchors = options.anchors ? parseAnchors(options.anchors) : reading('anchors', () => parseAnchors(trace.anchors))
  const negative = options.negativeAnchors
    ? parseNegativeAnchors(options.negativeAnchors)
    : reading('negativeAnchors', () => parseNegativeAnchors(trace.negativeAnchors))
  const question = reading('question', () => parseQuestion(trace.question.name, trace.question.type))
  const set = anchorSet(
    anchors.map((anchor) => ({ kind: 'positive' as const, ...anchor })),
    negative
  )
  const source = reading('events', () => new TraceSource(trace, set))
  const recorder = new Recorder(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
  const limits = limitsOf(trace, widen)
  const parent = recorder.emit({ event: 'question', ...trace.question, now: at }, -1)
  const task: Task = {
    now: at,
    limits,
    budget: new Budget(limits),
    policy: { ...DEFAULT_POLICY, ...trace.algorithms },
    crypto: chooseBackend('auto'),
    signal: new AbortController().signal,
    depth: 0,
    emit: recorder.emit,
    parent
  }
  await followHops(question, (hop) => judgeHop(hop, (asked, _, attempt) => source.data(asked, attempt), source, task), task)
  const judged = recorder.events.find((event): event is ToldVerdict => event.event === 'verdict') as ToldVerdict
  // Numbers of messages are those of the trace, so that a step of this judgement can be looked up there.
  const numbers = recorder.messages.map(({ wire }) => trace.messages.findIndex((one) => one.wire === wire))
  const events = recorder.events.map((event) =>
    'message' in event && event.message !== undefined ? { ...event, message: numbers[event.message] as number } : event
  )
  return { at, judged, missing: source.missing, events }
}

function limitsOf(trace: Trace, widen: number): Limits {
  const limits = { ...DEFAULT_LIMITS, ...trace.limits }
  return {
    ...limits,
    signatureChecks: limits.signatureChecks * widen,
    signatureFailures: limits.signatureFailures * widen,
    nsec3Hashes: limits.nsec3Hashes * widen
  }
}

function instant(at: number | Date | undefined): number | undefined {
  if (at === undefined) return undefined
  const ms = at instanceof Date ? at.getTime() : at
  if (!Number.isFinite(ms)) throw new RangeError('the instant to judge at is not a time')
  return ms
}

function reading<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const ours = error instanceof TextError || error instanceof WireError || error instanceof RangeError || error instanceof TypeError
    if (ours || (error instanceof Error && error.name === 'AnchorTextError')) {
      throw new TraceFormatError(`not a trace: ${what} cannot be read: ${(error as Error).message}`)
    }
    throw error
  }
}
