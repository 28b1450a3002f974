// The recipe for nodemailer: a plan, a connection to each host in turn, a verdict before the first word of mail.
import { createRequire } from 'node:module'
import { DaneError, planDane, tlsOptionsFor, verifyPeer } from 'dnssec-resolver/dane'

// SMTPConnection is exported by path, and its socket is private: pin the version
const SMTPConnection = createRequire(import.meta.url)('nodemailer/lib/smtp-connection')

/** Gives the verdict of the host that took the message; rejects with DaneError when none may have it now. */
export async function deliver(domain, envelope, message, options) {
  const plan = await planDane(domain, options)
  if (plan.action !== 'try-hosts') throw new DaneError(plan.reason?.text ?? plan.action, 'DNSSEC_INVALID', plan.action, undefined, [])
  const verdicts = []
  for (const host of plan.hosts) {
    // a host that nothing may be sent to is not connected to
    if (host.state === 'lookup-failed' || host.state === 'no-address') continue
    for (const { address } of host.addresses) {
      const connection = new SMTPConnection({
        host: address,
        port: host.port,
        name: 'client.test',
        // never `opportunisticTLS` for a host that has DANE: it goes on in plaintext when STARTTLS is refused
        requireTLS: host.state === 'dane' || host.state === 'encrypt-only',
        opportunisticTLS: host.state === 'no-dane',
        tls: tlsOptionsFor(host)
      })
      try {
        await step((done) => connection.connect(done), connection)
        const verdict = connection.secure ? verifyPeer(connection._socket, host, options) : undefined
        if (verdict) verdicts.push(verdict)
        if (verdict && verdict.decision.action !== 'deliver') continue
        if (!verdict && host.state !== 'no-dane') continue
        await step((done) => connection.send(envelope, message, done), connection)
        return verdict?.word ?? 'Plaintext'
      } catch {
        // refused, no STARTTLS, a failed handshake: the next address, then the next host
      } finally {
        connection.close()
      }
    }
  }
  const [first] = verdicts
  throw new DaneError(first?.detail ?? 'no host could be reached', first?.code ?? 'UNREACHABLE', 'defer', '4.7.5', verdicts)
}

function step(start, connection) {
  return new Promise((resolve, reject) => {
    connection.once('error', reject)
    start((error, result) => (error ? reject(error) : resolve(result)))
  })
}
