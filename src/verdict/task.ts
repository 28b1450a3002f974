// What one question carries downwards: the instant it is judged at, what it may still spend, and where its trace goes.

import type { AlgorithmPolicy } from '../crypto/algorithms.js'
import type { CryptoBackend } from '../crypto/backend.js'
import type { Budget, Limits } from '../limits.js'
import type { Emit, TraceEvent } from './event.js'

export interface Task {
  /** ms since the epoch, read from the clock once a question: one answer is judged at one instant, and its replay at the same */
  readonly now: number
  readonly limits: Limits
  /** shared by every sub-question */
  readonly budget: Budget
  readonly policy: AlgorithmPolicy
  readonly crypto: CryptoBackend
  readonly signal: AbortSignal
  /** how many look-ups lie above this one */
  readonly depth: number
  /** present when somebody listens */
  readonly emit?: Emit
  /** number of the event that later ones belong to */
  readonly parent: number
}

/** Adds an event to the trace; `build` runs only when somebody listens. `wire` is the message that the event is about. */
export function note(task: Task, build: () => TraceEvent, wire?: Uint8Array): void {
  task.emit?.(build(), task.parent, wire)
}

/** The same task with later events below the one that `build` gives. */
export function within(task: Task, build: () => TraceEvent, wire?: Uint8Array): Task {
  return task.emit ? { ...task, parent: task.emit(build(), task.parent, wire) } : task
}

export const nowSeconds = (task: Task): number => Math.floor(task.now / 1000)
