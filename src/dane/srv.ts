// Plans for services found by SRV (RFC 7673): as for mail, but the host's own name comes first and usages 0 and 1 count.

import { isMxSecure } from './decide.js'
import { isUnknown } from './found.js'
import { lowerCase, planHost } from './host.js'
import { ask } from './lookup.js'
import type { DanePlan, PlanOptions } from './plan.js'
import { askerOf, finish, withoutDot } from './plan.js'
import { readPolicy } from './policy.js'

interface Srv {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: string
}

/**
 * @param service as in `xmpp-client` or `_xmpp-client`; the protocol is TCP
 * The plan's `mx` and `mxStatus` tell what the SRV look-up found: an insecure SRV RRset leaves no DANE at all (RFC 7673 3.1).
 */
export async function planDaneSrv(service: string, domain: string, options: PlanOptions = {}): Promise<DanePlan> {
  const policy = readPolicy(options)
  const name = withoutDot(domain)
  const asker = askerOf(options)
  const { families = [4, 6], random = Math.random, maxHosts = 16 } = options
  const asked = await ask(asker, `_${service.replace(/^_/, '')}._tcp.${name}`, 'SRV')
  const { found, status } = asked.note
  const records = isUnknown(found) ? [] : asked.answer.records.filter(({ type, data }) => type === 'SRV' && data !== undefined)
  const targets = records.map(({ data }) => data as Srv)
  const none = targets.every(({ target }) => target === '.') // RFC 2782: the service is not offered
  const head = { domain: name, mode: policy.mode, policy, nullMx: targets.length > 0 && none, mx: found, mxStatus: status }
  if (isUnknown(found)) return finish({ ...head, action: 'defer' }, asked, [])
  if (none) return finish({ ...head, action: 'bounce' }, asked, [])
  const chosen = weighted(targets, random).slice(0, maxHosts)
  const secure = isMxSecure(found)
  const hosts = await Promise.all(
    chosen.map(({ target, port, priority }) =>
      planHost(lowerCase(target), {
        asker,
        domain: name,
        preference: priority,
        port,
        protocol: 'tcp',
        families,
        implicitMx: false,
        mx: found,
        mxSecure: secure,
        // RFC 7673 3.1: over an insecure SRV there is no DANE to do
        policy: secure ? policy : { ...policy, insecureMx: 'may' },
        names: secure ? [name] : [],
        pkix: true
      })
    )
  )
  return finish({ ...head, action: 'try-hosts' }, asked, hosts)
}

/** RFC 2782: by priority, within one by chance in proportion to the weight; exponential draws give the order of its running sums. */
function weighted(targets: readonly Srv[], random: () => number): Srv[] {
  const drawn = targets.map((srv) => ({ srv, key: -Math.log(1 - random()) / Math.max(srv.weight, 0.001) }))
  return drawn.sort((a, b) => a.srv.priority - b.srv.priority || a.key - b.key).map(({ srv }) => srv)
}
