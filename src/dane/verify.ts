// Tries a destination as a mailer would, sends no mail, and tells every step: the function behind `daneverify`.

import { type Attempts, type ConnectOptions, type Reached, tryHosts } from './attempt.js'
import { errorOf } from './connect.js'
import type { DaneEvent } from './event.js'
import type { DanePlan, PlanOptions } from './plan.js'
import { planDane } from './plan.js'
import { addressEvents, mxEvents, tlsaEvents } from './told.js'

export interface VerifyOptions extends PlanOptions, ConnectOptions {
  /** look at the DNS alone; the result then is what the connection would be asked for */
  readonly dnsOnly?: boolean
}

/** The steps in order; the last is of the kind `result`. `mode` is 'mandatory' when left out: anything but DANE is a failure. */
export async function* verifyDane(domain: string, options: VerifyOptions = {}): AsyncGenerator<DaneEvent, void> {
  const plan = await planDane(domain, { ...options, mode: options.mode ?? 'mandatory' })
  yield* mxEvents(plan)
  if (plan.action !== 'try-hosts') yield failed(plan, options)
  else if (options.dnsOnly) yield* dnsAlone(plan, options)
  else yield* connected(plan, options)
}

async function* connected(plan: DanePlan, options: VerifyOptions): AsyncGenerator<DaneEvent, void> {
  const attempts = yield* tryHosts(plan, options)
  const { reached } = attempts
  if (!reached) {
    yield failed(plan, options, attempts)
    return
  }
  const { host, verdict } = reached
  quit(reached)
  yield { event: 'succeeded', domain: plan.domain, host: host.host, tls: verdict.word !== 'Plaintext' }
  yield { event: 'result', domain: plan.domain, outcome: verdict.outcome, host: host.host, action: 'deliver', verdict }
}

/** No mail is sent; the server is told, and not waited for. */
function quit({ socket }: Reached): void {
  socket.on('error', () => {})
  socket.end('QUIT\r\n')
  setTimeout(() => socket.destroy(), 1_000).unref()
}

function failed(plan: DanePlan, options: VerifyOptions, attempts = NOTHING): DaneEvent {
  const error = errorOf(plan, attempts, options)
  const { verdict } = error
  const outcome = verdict?.outcome ?? (plan.action === 'bounce' ? 'fail' : 'defer')
  const { domain } = plan
  return { event: 'result', domain, outcome, action: error.action, ...(verdict && { verdict }), detail: error.message }
}

const NOTHING: Attempts = { verdicts: [], kept: [] }

function* dnsAlone(plan: DanePlan, options: VerifyOptions): Generator<DaneEvent> {
  const { domain, hosts } = plan
  for (const host of hosts) {
    yield* addressEvents(host)
    yield* tlsaEvents(host)
  }
  const mandatory = plan.mode === 'mandatory'
  const best =
    hosts.find(({ state }) => state === 'dane') ??
    hosts.find(({ state }) => state === 'encrypt-only') ??
    hosts.find(({ state }) => state === 'no-dane')
  if (!best) {
    yield failed(plan, options)
    return
  }
  const possible = best.state === 'dane' ? 'authenticated' : best.state === 'encrypt-only' ? 'encrypt-only' : 'fallback'
  const outcome = mandatory && (possible !== 'authenticated' || !best.mxSecure) ? 'fail' : possible
  const detail = 'nothing was connected to: this is what the DNS allows at best'
  yield { event: 'result', domain, outcome, host: best.host, action: outcome === 'fail' ? 'defer' : 'deliver', detail }
}
