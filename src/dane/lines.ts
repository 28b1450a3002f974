// The events of a verification as lines of text, in the manner of the mail gateways that have a `daneverify` command.
import type { Outcome } from './decide.js'
import type { DaneEvent } from './event.js'

const ENDINGS: Readonly<Record<Outcome, string>> = {
  authenticated: 'DANE SUCCESS',
  'encrypt-only': 'DANE ENCRYPT ONLY',
  fallback: 'DANE FALLBACK TO TLS',
  fail: 'DANE FAILED',
  defer: 'DANE DEFERRED'
}

/** None, one or more lines without line ends. What came from the network has its control octets written as `\DDD`. */
export function linesOf(event: DaneEvent): string[] {
  return rawLines(event).map(escaped)
}

/** What is wrong, for the error output: one line, or undefined. */
export function explanationOf(event: DaneEvent): string | undefined {
  switch (event.event) {
    case 'mx-failed':
    case 'address-failed':
    case 'tlsa-failed': {
      const { domain, reason } = event
      return reason && escaped(`${domain}: EDE ${reason.code} ${reason.name}: ${reason.text}`)
    }
    case 'connect-failed':
      return escaped(`${event.host}: ${event.address} port ${event.port}: ${event.detail}`)
    case 'tls-failed':
      return escaped(`${event.host}: ${event.detail}`)
    case 'result':
      if (event.outcome === 'authenticated' || !event.detail) return undefined
      return escaped(event.detail.startsWith(event.domain) ? event.detail : `${event.domain}: ${event.detail}`)
    default:
      return undefined
  }
}

function rawLines(event: DaneEvent): string[] {
  switch (event.event) {
    case 'mx': {
      const { host, domain, status } = event
      const line = `${status.toUpperCase()} MX record(${host}) found for ${domain}`
      return status === 'secure' ? [line] : [line, `${status.toUpperCase()} MX record(${host}) found. The command will still proceed.`]
    }
    case 'no-mx':
      return [`NO MX record found for ${event.domain}, using ${event.domain} itself`]
    case 'null-mx':
      return [`NULL MX record found for ${event.domain}`]
    case 'no-domain':
      return [`NO domain ${event.domain} found (NXDOMAIN, ${event.status.toUpperCase()})`]
    case 'mx-failed':
      return [event.bogus ? `BOGUS MX record found for ${event.domain}` : `MX lookup failed for ${event.domain}: ${reasonText(event)}`]
    case 'address':
      return [`${event.status.toUpperCase()} ${event.type} record (${event.address}) found for ${mx(event)}`]
    case 'address-failed':
      return [
        event.bogus
          ? `BOGUS ${event.type} record found for ${mx(event)}`
          : `${event.type} lookup failed for ${mx(event)}: ${reasonText(event)}`
      ]
    case 'no-address':
      return [`NO A or AAAA record found for ${mx(event)}`]
    case 'alias':
      return [`${event.status.toUpperCase()} CNAME record(${event.target}) found for ${mx(event)}`]
    case 'next-address':
      return [`Trying next ${event.type} record (${event.address}) for ${mx(event)}`]
    case 'next-host':
      return [`Trying next MX record in ${event.domain}`]
    case 'connecting':
      return [`Connecting to ${event.address} on port ${event.port}.`]
    case 'connected':
      return [`Connected to ${event.address} from interface ${event.localAddress}.`]
    case 'tlsa':
      return [`${event.status.toUpperCase()} TLSA record found for ${mx(event)}`]
    case 'tlsa-unusable': {
      const { usage, selector, matchingType, unusable } = event.record
      return [`UNUSABLE TLSA record (${usage} ${selector} ${matchingType}) found for ${mx(event)}: ${unusable}`]
    }
    case 'no-tlsa':
      return [`NO TLSA record (${event.kind}, ${event.status.toUpperCase()}) found for ${mx(event)}`]
    case 'tlsa-failed':
      return [event.bogus ? `BOGUS TLSA record found for ${mx(event)}` : `TLSA lookup failed for ${mx(event)}: ${reasonText(event)}`]
    case 'checking-tls':
      return ['Checking TLS connection.']
    case 'no-starttls':
      return [event.refused ? `STARTTLS refused by ${event.host}.` : `STARTTLS not offered by ${event.host}.`]
    case 'tls-failed':
      return [`TLS connection failed: ${event.detail}`]
    case 'tls':
      return [`TLS connection established: protocol ${event.protocol}, cipher ${event.cipher}.`]
    case 'verdict':
      return verdictLines(event)
    case 'succeeded':
      return event.tls ? [`TLS connection succeeded ${event.domain}.`] : []
    case 'result':
      return [`${ENDINGS[event.outcome]} for ${event.domain}`, 'DANE verification completed.']
    default:
      return []
  }
}

/** Only what looked at a certificate has something to say about it. */
function verdictLines({ verdict }: Extract<DaneEvent, { event: 'verdict' }>): string[] {
  if (verdict.outcome === 'authenticated') return ['Certificate verification successful']
  const looked = verdict.protocol !== undefined && verdict.outcome === 'fail'
  return looked ? [`Certificate verification failed: ${verdict.detail ?? verdict.code ?? 'no match'}`] : []
}

const mx = ({ host, domain }: { readonly host: string; readonly domain: string }): string => `MX(${host}) in ${domain}`

const reasonText = ({ reason }: { readonly reason?: { readonly name: string } }): string => reason?.name ?? 'no answer'

/** RFC 4343 2.1 for whatever a terminal would obey. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be escaped
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`)
}
