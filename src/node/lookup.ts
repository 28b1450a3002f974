// A `lookup` for net, tls, http and undici: the signature of dns.lookup, answered by a validating resolver. An address that does
// not validate is never given. The system's hosts file is not read; localhost is the loopback (RFC 6761 6.3).

import { isIP, isIPv4 } from 'node:net'
import { resolveSecure, type SecureAnswer } from '../index.js'
import { codeOf, type LookupError, lookupError } from './error.js'
import type { Asker, DnsOptions } from './promises.js'

export interface LookupAddress {
  readonly address: string
  readonly family: number
}

export interface LookupOptions {
  /** 4 or 6, or 0 for both */
  readonly family?: number | 'IPv4' | 'IPv6'
  readonly all?: boolean
  readonly order?: 'ipv4first' | 'ipv6first' | 'verbatim'
  readonly verbatim?: boolean
  readonly hints?: number
}

type Callback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

export interface ValidatingLookup {
  (hostname: string, options: LookupOptions | number, callback: Callback): void
  (hostname: string, callback: Callback): void
}

/** `http.get({ ..., lookup: validatingLookup() })`, `new undici.Agent({ connect: { lookup: validatingLookup() } })` */
export function validatingLookup({ resolver = { resolveSecure }, secureOnly = false }: DnsOptions = {}): ValidatingLookup {
  return (hostname: string, optionsOrCallback: LookupOptions | number | Callback, last?: Callback): void => {
    const callback = typeof optionsOrCallback === 'function' ? optionsOrCallback : (last as Callback)
    const options = typeof optionsOrCallback === 'object' ? optionsOrCallback : {}
    const family = familyOf(typeof optionsOrCallback === 'number' ? optionsOrCallback : options.family)
    addressesOf(hostname, family, resolver, secureOnly).then(
      (found) => {
        const ordered = options.order === 'ipv4first' || options.verbatim === false ? [...found].sort((a, b) => a.family - b.family) : found
        const [first] = ordered as [LookupAddress]
        if (options.all) callback(null, [...ordered])
        else callback(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, '')
    )
  }
}

async function addressesOf(hostname: string, family: 0 | 4 | 6, resolver: Asker, secureOnly: boolean): Promise<LookupAddress[]> {
  const literal = isIP(hostname)
  if (literal !== 0) return [{ address: hostname, family: literal }]
  const families = family === 0 ? ([6, 4] as const) : ([family] as const)
  if (/^(.*\.)?localhost\.?$/i.test(hostname)) return families.map((one) => ({ address: one === 6 ? '::1' : '127.0.0.1', family: one }))
  const answers = await Promise.all(families.map((one) => resolver.resolveSecure(hostname, one === 6 ? 'AAAA' : 'A')))
  const found = answers.flatMap((answer) => (codeOf(answer, secureOnly) ? [] : usable(answer)))
  if (found.length > 0) return found
  throw worst(hostname, answers, secureOnly)
}

function usable({ records }: SecureAnswer): LookupAddress[] {
  const addresses = records.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ data }) => data as string)
  return addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }))
}

/** What failed says more than what is not there: a bogus name must not seem to be a name that does not exist. */
function worst(hostname: string, answers: readonly SecureAnswer[], secureOnly: boolean): LookupError {
  const told = answers.map((answer) => ({ answer, code: codeOf(answer, secureOnly) ?? 'ENODATA' }))
  const failed = told.find(({ code }) => code !== 'ENOTFOUND' && code !== 'ENODATA') ?? (told[0] as (typeof told)[number])
  // dns.lookup knows no ENODATA: a name without an address is not found.
  return lookupError(failed.code === 'ENODATA' ? 'ENOTFOUND' : failed.code, 'getaddrinfo', hostname, failed.answer)
}

function familyOf(family: LookupOptions['family']): 0 | 4 | 6 {
  if (family === 4 || family === 'IPv4') return 4
  return family === 6 || family === 'IPv6' ? 6 : 0
}
