// Asks a validating resolver as its users do (CD clear, DO set) and says what it thinks of the answer: AD, SERVFAIL or neither, and
// the extended errors that it gives (RFC 4035 3.2, RFC 8914).
import { createNetworkTransport } from '../../src/transport/network.js'
import { canonicalRdatas } from '../../src/wire/canonical.js'
import { extendedErrors } from '../../src/wire/edns.js'
import { buildQuery, parseMessage } from '../../src/wire/message.js'
import { CLASS, rcodeToText, typeFromText } from '../../src/wire/numbers.js'
import type { Rrset } from '../../src/wire/rrset.js'
import { nameFromText } from '../../src/wire/text.js'

export interface Judged {
  /** what a user may conclude: AD is `secure`, SERVFAIL is `failed` (bogus or out of reach), anything else `insecure` */
  readonly verdict: 'secure' | 'insecure' | 'failed'
  /** `TIMEOUT` when nothing came */
  readonly rcode: string
  readonly errors: readonly { readonly code: number; readonly text: string }[]
  /** real time */
  readonly ms: number
  /** owner, type and octets of the answer section, in canonical form (RFC 4034 6.2), in no order */
  readonly answer: readonly string[]
}

export interface Where {
  readonly address: string
  readonly port: number
}

const network = createNetworkTransport()

/** Over UDP, and over TCP when the reply is truncated. */
export async function ask({ address, port }: Where, name: string, type: string, timeoutMs = 12_000): Promise<Judged> {
  const question = { name: nameFromText(name), type: typeFromText(type) as number, class: CLASS.IN }
  const id = Math.floor(Math.random() * 0x10000)
  const query = buildQuery({ id, question, recursionDesired: true, edns: { udpSize: 1232, dnssecOk: true } })
  const startedAt = performance.now()
  const exchange = async (protocol: string) => {
    const options = { signal: new AbortController().signal, timeoutMs }
    return parseMessage(await network.exchange(query, { address, port, protocol }, options))
  }
  const since = (): number => Math.round(performance.now() - startedAt)
  try {
    let reply = await exchange('udp')
    if (reply.tc) reply = await exchange('tcp')
    const rcode = rcodeToText(reply.rcode)
    return {
      verdict: rcode !== 'NOERROR' && rcode !== 'NXDOMAIN' && rcode !== 'YXDOMAIN' ? 'failed' : reply.ad ? 'secure' : 'insecure',
      rcode,
      errors: extendedErrors(reply.edns),
      ms: since(),
      answer: reply.answer.flatMap((rrset) => recordTexts(rrset))
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERROR'
    return { verdict: 'failed', rcode: code === 'ETIMEOUT' ? 'TIMEOUT' : code, errors: [], ms: since(), answer: [] }
  }
}

/** Each record as owner, type and octets; the case of letters in names counts for nothing. */
export function recordTexts(rrset: Rrset): string[] {
  return canonicalRdatas(rrset).map((rdata) => `${rrset.owner.key} ${rrset.type} ${Buffer.from(rdata).toString('hex')}`)
}
