// Connects to the first host of a plan that may have the mail, and hands the socket over with its verdict.
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type Attempts, type ConnectOptions, type Reached, tryHosts } from './attempt.js'
import { type Decision, decide, type FailureCode } from './decide.js'
import type { DaneEvent } from './event.js'
import type { DanePlan } from './plan.js'
import type { Verdict } from './verdict.js'

/** No host may have the mail now. `action` tells whether to keep it or to return it. */
export class DaneError extends Error {
  override readonly name = 'DaneError'
  constructor(
    message: string,
    readonly code: FailureCode,
    readonly action: 'defer' | 'bounce',
    readonly enhancedStatus: Decision['enhancedStatus'],
    /** one for each host that was passed over; none when the MX decided */
    readonly verdicts: readonly Verdict[],
    /** connections kept open for study, when `diagnose` was set */
    readonly sockets: readonly (TLSSocket | Socket)[] = []
  ) {
    super(message)
  }
  get retryable(): boolean {
    return this.action === 'defer'
  }
  /** the verdict that the error stands for */
  get verdict(): Verdict | undefined {
    return tellingOf(this.verdicts)
  }
}

export interface ConnectHooks extends ConnectOptions {
  readonly onEvent?: (event: DaneEvent) => void
}

/**
 * The socket stands behind the TLS handshake (the second EHLO is the caller's), or, where plaintext is allowed and TLS was not
 * to be had, behind the first EHLO. Rejects with DaneError when every host failed, and with the signal's reason.
 */
export async function connectDane(plan: DanePlan, options: ConnectHooks = {}): Promise<Reached> {
  if (plan.action !== 'try-hosts') throw errorOf(plan, { verdicts: [], kept: [] }, options)
  const steps = tryHosts(plan, options)
  for (;;) {
    const step = await steps.next()
    if (!step.done) options.onEvent?.(step.value)
    else if (step.value.reached) return step.value.reached
    else throw errorOf(plan, step.value, options)
  }
}

export function errorOf(plan: DanePlan, { verdicts, kept }: Attempts, { queueTimeOver }: ConnectOptions): DaneError {
  const telling = tellingOf(verdicts)
  const { domain, reason } = plan
  if (telling) {
    const action = telling.decision.action === 'bounce' || queueTimeOver ? 'bounce' : 'defer'
    const text = `${domain}: ${telling.detail ?? telling.code ?? telling.outcome}`
    return new DaneError(text, telling.code ?? 'UNREACHABLE', action, telling.enhancedStatus, verdicts, kept)
  }
  const found = { address: 'failed', tlsa: 'not-asked', usable: false } as const
  const { code = 'UNREACHABLE', enhancedStatus, ...decision } = decide({ ...plan.policy, ...found, mx: plan.mx, queueTimeOver })
  const text = `${domain}: ${plan.nullMx ? 'the domain takes no mail (RFC 7505)' : (reason?.text ?? code)}`
  return new DaneError(text, code, decision.action === 'bounce' ? 'bounce' : 'defer', enhancedStatus, verdicts, kept)
}

/** A failure says more than a host that was not reached. */
export function tellingOf(verdicts: readonly Verdict[]): Verdict | undefined {
  return verdicts.find(({ outcome }) => outcome === 'fail') ?? verdicts[0]
}
