// The recipe for mailauth: every look-up of SPF, DKIM and DMARC is validated; bogus records are a temporary error.
import { createRequire } from 'node:module'
import { resolveLikeNode } from 'dnssec-resolver/dane'

const { spf } = createRequire(import.meta.url)('mailauth/lib/spf')

export async function deliver(domain, _envelope, _message, options) {
  const resolver = (name, type) => resolveLikeNode(name, type, options)
  const { status } = await spf({ sender: `someone@${domain}`, ip: '127.0.0.1', helo: domain, mta: 'client.test', resolver })
  return status.result
}
