// The recipe for mx-connect 2, as ZoneMTA would use it: mx-connect finds and opens the connection, nodemailer speaks SMTP over
// it, the verdict is ours. On a failure the address is left out the next time, which gives the next MX that mx-connect lacks.
import { createRequire } from 'node:module'
import { forMxConnect, tlsOptionsFor } from 'dnssec-resolver/dane'

const require = createRequire(import.meta.url)
const mxConnect = require('mx-connect')
const SMTPConnection = require('nodemailer/lib/smtp-connection')

export async function deliver(domain, envelope, message, options) {
  const hooks = forMxConnect(options)
  const ignoreMXHosts = []
  for (;;) {
    // rejects when no host is left; `temporary` and `category` ('dns', 'dane', 'network') as mx-connect has them
    const connection = await mxConnect({
      target: domain,
      port: options.port,
      ignoreMXHosts,
      dnsOptions: hooks.dnsOptions,
      dane: hooks.dane
    })
    const host = await hooks.hostPlan(domain, connection.hostname)
    const smtp = new SMTPConnection({
      connection: connection.socket,
      name: 'client.test',
      requireTLS: connection.requireTls || (await hooks.requiresTls(connection, domain)),
      opportunisticTLS: host.state === 'no-dane',
      tls: tlsOptionsFor(host)
    })
    try {
      await step((done) => smtp.connect(done), smtp)
      const verdict = smtp.secure ? await hooks.verify(connection, smtp._socket, domain) : undefined
      if (verdict && verdict.decision.action !== 'deliver') throw Object.assign(new Error(verdict.detail), { code: verdict.code })
      await step((done) => smtp.send(envelope, message, done), smtp)
      return verdict?.word ?? 'Plaintext'
    } catch (error) {
      if (ignoreMXHosts.includes(connection.host)) throw error
      ignoreMXHosts.push(connection.host)
    } finally {
      smtp.close()
    }
  }
}

function step(start, smtp) {
  return new Promise((resolve, reject) => {
    smtp.once('error', reject)
    start((error, result) => (error ? reject(error) : resolve(result)))
  })
}
