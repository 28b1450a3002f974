// Zone keys for every DNSSEC algorithm a test zone may be signed with, made by node:crypto and kept for the process:
// their DNSKEY rdata (RFC 4034 2.1; RFC 3110, 6605, 8080 for the public key field) and the DS over them (RFC 4034 5.1).
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import type { Name } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'

export type SigningAlgorithm = 5 | 7 | 8 | 10 | 13 | 14 | 15 | 16
export type Role = 'ksk' | 'zsk' | 'csk'

export const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = [5, 7, 8, 10, 13, 14, 15, 16]

export interface ZoneKey {
  readonly role: Role
  readonly algorithm: number
  readonly flags: number
  readonly protocol: number
  /** the public key field of the DNSKEY */
  readonly publicKey: Uint8Array
  readonly rdata: Uint8Array
  readonly keyTag: number
  /** the signature field of an RRSIG over `data`, in the form of the algorithm's RFC */
  sign(data: Uint8Array): Uint8Array
}

export interface KeyOptions {
  readonly role?: Role
  /** 257 for a KSK or CSK, 256 for a ZSK, unless set otherwise, also wrongly */
  readonly flags?: number
  /** 3 unless set wrongly */
  readonly protocol?: number
  /** modulus of RSA keys in bits */
  readonly bits?: number
  /** tells keys apart that are alike otherwise; the same serial gives the same key */
  readonly serial?: number | string
}

interface Pair {
  readonly publicKey: Uint8Array
  readonly privateKey: KeyObject
}

const HASH: Readonly<Record<number, string>> = { 5: 'sha1', 7: 'sha1', 8: 'sha256', 10: 'sha512', 13: 'sha256', 14: 'sha384' }
const DS_HASH: Readonly<Record<number, string>> = { 1: 'sha1', 2: 'sha256', 4: 'sha384' }

const pairs = new Map<string, Pair>()

/** A key of the zone; the same arguments give the same key pair for as long as the process lives. */
export function zoneKey(zone: string, algorithm: SigningAlgorithm, options: KeyOptions = {}): ZoneKey {
  const { role = 'csk', protocol = 3, bits = 1024, serial = 1 } = options
  const flags = options.flags ?? (role === 'zsk' ? 0x0100 : 0x0101)
  const id = `${zone}/${algorithm}/${role}/${bits}/${serial}`
  let pair = pairs.get(id)
  if (!pair) {
    pair = makePair(algorithm, bits)
    pairs.set(id, pair)
  }
  const { privateKey, publicKey } = pair
  return dressed({ role, algorithm, flags, protocol, publicKey }, (data) => signBytes(algorithm, privateKey, data))
}

/** The same key with other fields in its DNSKEY; its key tag follows them. */
export function redress(key: ZoneKey, fields: Partial<Pick<ZoneKey, 'algorithm' | 'flags' | 'protocol' | 'publicKey'>>): ZoneKey {
  const { role, algorithm, flags, protocol, publicKey } = key
  return dressed({ role, algorithm, flags, protocol, publicKey, ...fields }, (data) => key.sign(data))
}

/**
 * A key that has the key tag of `key` but another public key, and signs nothing that holds. The key tag is a sum of 16-bit
 * words (RFC 4034 appendix B), so it stays when two of them change places.
 */
export function decoyOf(key: ZoneKey, serial = 0): ZoneKey {
  const publicKey = key.publicKey.slice()
  // RSA: not the length and the exponent at the front, nor the last word, so that the modulus keeps its length and stays odd
  const words: number[] = []
  for (let at = 8; at + 4 < publicKey.length; at += 2) words.push(at)
  let left = serial
  for (let i = 0; i < words.length; i++) {
    for (let j = i + 1; j < words.length; j++) {
      const [a, b] = [words[i], words[j]]
      if (publicKey[a] === publicKey[b] && publicKey[a + 1] === publicKey[b + 1]) continue
      if (left-- > 0) continue
      const [high, low] = [publicKey[a], publicKey[a + 1]]
      publicKey.copyWithin(a, b, b + 2)
      publicKey[b] = high
      publicKey[b + 1] = low
      return redress(key, { publicKey })
    }
  }
  throw new RangeError(`no decoy ${serial} of a key of ${publicKey.length} octets`)
}

/** DS rdata; `fields` plants faults. Digest types other than 1, 2 and 4 get a digest of the right look: SHA-256. */
export function dsRdata(
  zone: Name,
  key: ZoneKey,
  digestType = 2,
  fields: { keyTag?: number; algorithm?: number; digest?: Uint8Array } = {}
): Uint8Array {
  // RFC 4034 5.1.4: the owner in canonical form, then the DNSKEY rdata
  const hash = createHash(DS_HASH[digestType] ?? 'sha256')
  const digest = fields.digest ?? hash.update(zone.canonical()).update(key.rdata).digest()
  const { keyTag = key.keyTag, algorithm = key.algorithm } = fields
  return Uint8Array.of(keyTag >>> 8, keyTag & 0xff, algorithm, digestType, ...digest)
}

/** The DS as a line of presentation format, as trust anchors are written. */
export function dsLine(zoneText: string, zone: Name, key: ZoneKey, digestType = 2): string {
  const rdata = dsRdata(zone, key, digestType)
  const digest = Buffer.from(rdata.subarray(4)).toString('hex').toUpperCase()
  return `${zoneText} 3600 IN DS ${key.keyTag} ${key.algorithm} ${digestType} ${digest}`
}

/** Whether a signature by `key` holds, by node:crypto alone: the check of the signer that shares nothing with the library. */
export function holds(key: ZoneKey, data: Uint8Array, signature: Uint8Array): boolean {
  const hash = HASH[key.algorithm] ?? null
  const publicKey = readPublicKey(key.algorithm, key.publicKey)
  return verify(hash, data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
}

/** RFC 4034 appendix B. */
export function keyTagOf(rdata: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < rdata.length; i++) sum += i & 1 ? rdata[i] : rdata[i] << 8
  return (sum + (sum >>> 16)) & 0xffff
}

/** Whether an RRset of this type is signed by the keys that a DS names (RFC 4035 2.1), in a zone with KSK and ZSK. */
export function signsType(key: ZoneKey, type: number): boolean {
  if (key.role === 'csk') return true
  return (key.role === 'ksk') === (type === TYPE.DNSKEY || type === TYPE.CDS || type === TYPE.CDNSKEY)
}

function dressed(
  fields: Pick<ZoneKey, 'role' | 'algorithm' | 'flags' | 'protocol' | 'publicKey'>,
  signData: (data: Uint8Array) => Uint8Array
): ZoneKey {
  const { flags, protocol, algorithm, publicKey } = fields
  const rdata = Uint8Array.of(flags >>> 8, flags & 0xff, protocol, algorithm, ...publicKey)
  return { ...fields, rdata, keyTag: keyTagOf(rdata), sign: signData }
}

function makePair(algorithm: SigningAlgorithm, bits: number): Pair {
  const { publicKey, privateKey } = generate(algorithm, bits)
  const jwk = publicKey.export({ format: 'jwk' })
  return { privateKey, publicKey: publicKeyField(algorithm, jwk as Record<string, string>) }
}

function generate(algorithm: SigningAlgorithm, bits: number): { publicKey: KeyObject; privateKey: KeyObject } {
  switch (algorithm) {
    case 13:
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    case 14:
      return generateKeyPairSync('ec', { namedCurve: 'P-384' })
    case 15:
      return generateKeyPairSync('ed25519')
    case 16:
      return generateKeyPairSync('ed448')
    default:
      return generateKeyPairSync('rsa', { modulusLength: bits })
  }
}

function publicKeyField(algorithm: SigningAlgorithm, jwk: Record<string, string>): Uint8Array {
  const field = (name: string): Buffer => Buffer.from(jwk[name], 'base64url')
  if (algorithm === 15 || algorithm === 16) return Uint8Array.from(field('x')) // RFC 8080 3
  if (algorithm === 13 || algorithm === 14) return Uint8Array.from([...field('x'), ...field('y')]) // RFC 6605 4
  const exponent = field('e') // RFC 3110 2
  return Uint8Array.from([exponent.length, ...exponent, ...field('n')])
}

function readPublicKey(algorithm: number, bytes: Uint8Array): KeyObject {
  const text = (from: number, to?: number): string => Buffer.from(bytes.subarray(from, to)).toString('base64url')
  const half = bytes.length / 2
  let key: Record<string, string>
  if (algorithm === 15 || algorithm === 16) key = { kty: 'OKP', crv: algorithm === 15 ? 'Ed25519' : 'Ed448', x: text(0) }
  else if (algorithm === 13 || algorithm === 14) {
    key = { kty: 'EC', crv: algorithm === 13 ? 'P-256' : 'P-384', x: text(0, half), y: text(half) }
  } else key = { kty: 'RSA', e: text(1, 1 + bytes[0]), n: text(1 + bytes[0]) }
  return createPublicKey({ key, format: 'jwk' })
}

function signBytes(algorithm: number, privateKey: KeyObject, data: Uint8Array): Uint8Array {
  // EdDSA hashes inside; ECDSA signatures are r and s side by side (RFC 6605 4), not DER
  return Uint8Array.from(sign(HASH[algorithm] ?? null, data, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
}
