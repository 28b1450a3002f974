// The recipe for Haraka: its hook `get_mx` decides by the DNS, so that nothing bogus is ever connected to. Haraka asks no plugin
// between the handshake and the message, so certificates are not judged: for that a message is delivered by `connectDane`.
import { planDane } from 'dnssec-resolver/dane'

/** @param constants Haraka's own: OK, DENY, DENYSOFT */
export async function getMx(domain, constants, options) {
  const plan = await planDane(domain, options)
  if (plan.action === 'bounce') return [constants.DENY, plan.nullMx ? 'null MX' : 'no such domain']
  if (plan.action === 'defer') return [constants.DENYSOFT, plan.reason?.text ?? 'the MX look-up failed']
  // a host with an unknown TLSA RRset counts as unreachable (RFC 7672 2.2)
  const hosts = plan.hosts.filter(({ state }) => state === 'dane' || state === 'encrypt-only' || state === 'no-dane')
  if (hosts.length === 0) return [constants.DENYSOFT, plan.reason?.text ?? 'no host can be used']
  // addresses, so that Haraka resolves nothing by itself; `from_dns` is what it uses for SNI
  const list = hosts.flatMap((host) =>
    host.addresses.map(({ address }) => ({ exchange: address, priority: host.preference, port: host.port, from_dns: host.host }))
  )
  return [constants.OK, list]
}
