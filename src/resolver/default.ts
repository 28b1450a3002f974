// One shared resolver for those who need no options.

import type { SecureAnswer } from '../edge/public.js'
import { type AskOptions, createResolver, type Resolver } from './resolver.js'

let shared: Resolver | undefined

/**
 * Resolves a name from the root servers and validates every step with the root key.
 * @param type mnemonic ('MX'), TYPEn or number
 * @throws TypeError and RangeError for a bad name or type, the signal's reason when aborted; every outcome of the DNS is an answer
 */
export function resolveSecure(name: string, type: string | number, options?: AskOptions): Promise<SecureAnswer> {
  shared ??= createResolver()
  return shared.resolveSecure(name, type, options)
}
