// dnssec-resolver/node: what node:dns/promises offers, validated. Change the import, and bogus answers become errors.

import { validatingLookup } from './lookup.js'
import { validatingDns } from './promises.js'

export type { LookupError } from './error.js'
export { type LookupAddress, type LookupOptions, type ValidatingLookup, validatingLookup } from './lookup.js'
export {
  type CaaRecord,
  type DnsOptions,
  type MxRecord,
  type NaptrRecord,
  type RecordWithTtl,
  type SoaRecord,
  type SrvRecord,
  type TlsaRecord,
  type ValidatingDns,
  validatingDns
} from './promises.js'

/** By the shared default resolver, in place of the functions of node:dns/promises. */
export const {
  resolve,
  resolve4,
  resolve6,
  resolveCaa,
  resolveCname,
  resolveMx,
  resolveNaptr,
  resolveNs,
  resolvePtr,
  resolveSoa,
  resolveSrv,
  resolveTlsa,
  resolveTxt,
  reverse
} = validatingDns()

/** By the shared default resolver, for the `lookup` option of net, tls, http and undici. */
export const lookup = validatingLookup()
