// The functions of node:dns/promises over a validating resolver: the same names, arguments and results, but a bogus answer is an
// error (ESERVFAIL) and never data. Answers of unsigned zones are given as Node gives them, unless `secureOnly` says otherwise.

import { isIPv4, isIPv6 } from 'node:net'
import { type Resolver, resolveSecure, type SecureAnswer } from '../index.js'
import { codeOf, lookupError } from './error.js'

/** All that is needed of a resolver. */
export type Asker = Pick<Resolver, 'resolveSecure'>

export interface DnsOptions {
  /** the shared default resolver when left out */
  readonly resolver?: Asker
  /** refuse, as ESERVFAIL, what is not proven to be authentic; off when left out */
  readonly secureOnly?: boolean
}

export interface MxRecord {
  readonly priority: number
  readonly exchange: string
}
export interface SrvRecord {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly name: string
}
export interface SoaRecord {
  readonly nsname: string
  readonly hostmaster: string
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minttl: number
}
export interface NaptrRecord {
  readonly flags: string
  readonly service: string
  readonly regexp: string
  readonly replacement: string
  readonly order: number
  readonly preference: number
}
/** `critical` beside one property by the name of the tag */
export type CaaRecord = { readonly critical: number } & { readonly [tag: string]: string | number }
export interface TlsaRecord {
  readonly certUsage: number
  readonly selector: number
  readonly match: number
  readonly data: ArrayBuffer
}
export interface RecordWithTtl {
  readonly address: string
  readonly ttl: number
}

export interface ValidatingDns {
  resolve4(hostname: string): Promise<string[]>
  resolve4(hostname: string, options: { readonly ttl: true }): Promise<RecordWithTtl[]>
  resolve6(hostname: string): Promise<string[]>
  resolve6(hostname: string, options: { readonly ttl: true }): Promise<RecordWithTtl[]>
  resolveCaa(hostname: string): Promise<CaaRecord[]>
  resolveCname(hostname: string): Promise<string[]>
  resolveMx(hostname: string): Promise<MxRecord[]>
  resolveNaptr(hostname: string): Promise<NaptrRecord[]>
  resolveNs(hostname: string): Promise<string[]>
  resolvePtr(hostname: string): Promise<string[]>
  resolveSoa(hostname: string): Promise<SoaRecord>
  resolveSrv(hostname: string): Promise<SrvRecord[]>
  resolveTlsa(hostname: string): Promise<TlsaRecord[]>
  resolveTxt(hostname: string): Promise<string[][]>
  reverse(address: string): Promise<string[]>
  /** by the type's mnemonic, A when left out; the shapes of the functions above */
  resolve(hostname: string, rrtype?: string): Promise<unknown>
}

const DEFAULT: Asker = { resolveSecure }

/** @throws nothing; its functions reject with LookupError, and TypeError or RangeError for misuse */
export function validatingDns({ resolver = DEFAULT, secureOnly = false }: DnsOptions = {}): ValidatingDns {
  const ask = async <T>(hostname: string, type: string, read: (data: never, ttl: number) => T): Promise<T[]> => {
    const answer = await resolver.resolveSecure(hostname, type)
    const records = answer.records.filter((record) => record.type === type && record.data !== undefined)
    const code = codeOf({ ...answer, records } as SecureAnswer, secureOnly)
    if (code) throw lookupError(code, SYSCALLS[type] ?? `query${type}`, hostname, answer)
    return records.map(({ data, ttl }) => read(data as never, ttl))
  }
  const same = (data: string): string => data
  const address =
    (type: 'A' | 'AAAA') =>
    (hostname: string, options?: { readonly ttl: true }): Promise<never[]> =>
      ask<unknown>(hostname, type, (data: string, ttl) => (options?.ttl ? { address: data, ttl } : data)) as Promise<never[]>
  const dns: ValidatingDns = {
    resolve4: address('A'),
    resolve6: address('AAAA'),
    resolveCaa: (hostname) =>
      ask(hostname, 'CAA', (data: { flags: number; tag: string; value: string }) => ({ critical: data.flags, [data.tag]: data.value })),
    resolveCname: (hostname) => ask(hostname, 'CNAME', same),
    resolveMx: (hostname) =>
      ask(hostname, 'MX', (data: { preference: number; exchange: string }) => ({ exchange: data.exchange, priority: data.preference })),
    resolveNaptr: (hostname) =>
      ask(hostname, 'NAPTR', ({ services, ...data }: Omit<NaptrRecord, 'service'> & { services: string }) => ({
        ...data,
        service: services
      })),
    resolveNs: (hostname) => ask(hostname, 'NS', same),
    resolvePtr: (hostname) => ask(hostname, 'PTR', same),
    async resolveSoa(hostname) {
      const [soa] = await ask(hostname, 'SOA', (data: Omit<SoaRecord, 'minttl'> & { mname: string; rname: string; minimum: number }) => ({
        nsname: data.mname,
        hostmaster: data.rname,
        serial: data.serial,
        refresh: data.refresh,
        retry: data.retry,
        expire: data.expire,
        minttl: data.minimum
      }))
      return soa as SoaRecord
    },
    resolveSrv: (hostname) =>
      ask(hostname, 'SRV', (data: { priority: number; weight: number; port: number; target: string }) => ({
        name: data.target,
        port: data.port,
        priority: data.priority,
        weight: data.weight
      })),
    resolveTlsa: (hostname) =>
      ask(hostname, 'TLSA', (data: { usage: number; selector: number; matchingType: number; certificate: Uint8Array }) => ({
        certUsage: data.usage,
        selector: data.selector,
        match: data.matchingType,
        data: Uint8Array.from(data.certificate).buffer
      })),
    resolveTxt: (hostname) => ask(hostname, 'TXT', (data: Uint8Array[]) => data.map((part) => new TextDecoder().decode(part))),
    reverse: async (text) => dns.resolvePtr(reverseName(text)),
    async resolve(hostname, rrtype = 'A') {
      const by = BY_TYPE[rrtype.toUpperCase()]
      if (!by) throw new TypeError(`${rrtype} is not a type that node:dns resolves`)
      return (dns[by] as (hostname: string) => Promise<unknown>)(hostname)
    }
  }
  return dns
}

const BY_TYPE: Readonly<Record<string, keyof ValidatingDns>> = {
  A: 'resolve4',
  AAAA: 'resolve6',
  CAA: 'resolveCaa',
  CNAME: 'resolveCname',
  MX: 'resolveMx',
  NAPTR: 'resolveNaptr',
  NS: 'resolveNs',
  PTR: 'resolvePtr',
  SOA: 'resolveSoa',
  SRV: 'resolveSrv',
  TLSA: 'resolveTlsa',
  TXT: 'resolveTxt'
}

/** Node's own spelling, as in `queryMx ENOTFOUND`. */
const SYSCALLS: Readonly<Record<string, string>> = {
  AAAA: 'queryAaaa',
  CAA: 'queryCaa',
  CNAME: 'queryCname',
  MX: 'queryMx',
  NAPTR: 'queryNaptr',
  NS: 'queryNs',
  PTR: 'queryPtr',
  SOA: 'querySoa',
  SRV: 'querySrv',
  TLSA: 'queryTlsa',
  TXT: 'queryTxt'
}

/** RFC 1035 3.5, RFC 3596 2.5. */
function reverseName(address: string): string {
  if (isIPv4(address)) return `${address.split('.').reverse().join('.')}.in-addr.arpa`
  if (!isIPv6(address)) throw new TypeError(`${address} is not an IP address`)
  return `${[...nibbles(address)].reverse().join('.')}.ip6.arpa`
}

function nibbles(address: string): string {
  const plain = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const pair = (high: string, low: string): string => ((Number(high) << 8) | Number(low)).toString(16)
    return `${pair(a, b)}:${pair(c, d)}`
  })
  const [head = '', tail] = plain.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const filled = tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after]
  return filled.map((group) => group.padStart(4, '0')).join('')
}
