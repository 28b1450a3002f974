// The keys that a recorded message shows, and their size as people count it.

import { bitLength, readRsaKey } from '../crypto/rsa-key.js'
import { TYPE } from '../wire/numbers.js'
import { type Dnskey, readDnskey } from '../wire/rdata/dnskey.js'
import { tryRead } from '../wire/rdata/read.js'
import { nameToText } from '../wire/text.js'
import type { Decoded } from './decode.js'

export function keysIn({ message }: Decoded, zone: string): Dnskey[] {
  const rrsets = message?.answer.filter((one) => one.type === TYPE.DNSKEY && nameToText(one.owner).toLowerCase() === zone.toLowerCase())
  return (rrsets ?? []).flatMap(({ rdatas }) => rdatas.map((rdata) => tryRead(readDnskey, rdata))).filter((key): key is Dnskey => !!key)
}

const ECC_BITS: Readonly<Record<number, number>> = { 13: 256, 14: 384, 15: 256, 16: 456 }

/** Undefined when the algorithm is unknown or the key malformed. */
export function sizeOfKey({ algorithm, publicKey }: Dnskey): number | undefined {
  if (ECC_BITS[algorithm] !== undefined) return ECC_BITS[algorithm]
  if (algorithm !== 5 && algorithm !== 7 && algorithm !== 8 && algorithm !== 10) return undefined
  const rsa = readRsaKey(publicKey)
  return rsa && bitLength(rsa.modulus)
}
