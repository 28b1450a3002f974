// The door to dns-packet: rdata as typed data for people, in dns-packet's shapes, and completed for the types it does not
// know. Its decoders neither check RDLENGTH nor keep every octet of a name or string, so they get framed rdata, and only of
// types where nothing is lost; names are written from the wire, octets come out as Uint8Array and never as Buffer.
import packet from 'dns-packet'
import { Reader, WireError } from '../wire/cursor.js'
import { readName } from '../wire/name.js'
import { TYPE, typeToText } from '../wire/numbers.js'
import { TypeBitmap } from '../wire/rdata/bitmap.js'
import { nameToText } from '../wire/text.js'
import { readLocation } from './location.js'
import { octetsToText } from './octets.js'
import { readSvcbWith } from './svcb.js'

/**
 * The typed data of a record, `undefined` when the rdata is malformed; never throws. Numbers are as on the wire. In short:
 * A, AAAA: address text. NS, CNAME, DNAME, PTR, MB, MG, MR: name. MX: {preference, exchange}. TXT, SPF and the like: array
 * of Uint8Array. SOA, SRV, CAA, NAPTR, HINFO, RP, DS, DNSKEY, RRSIG, NSEC, NSEC3, TLSA, SSHFP: dns-packet's objects.
 * CDS as DS, CDNSKEY as DNSKEY, SMIMEA as TLSA. NSEC3PARAM: {algorithm, flags, iterations, salt}. SVCB, HTTPS: {priority,
 * target, params}. OPENPGPKEY: {key}. CERT: {type, keyTag, algorithm, certificate}. URI: {priority, weight, target}. CSYNC:
 * {serial, flags, rrtypes}. ZONEMD: {serial, scheme, hashAlgorithm, digest}. LOC: {latitude, longitude, altitude, size,
 * horizontal, vertical} in degrees and metres. AFSDB: {subtype, hostname}. KX: {preference, exchanger}.
 * Any other type: a string, the rdata as in RFC 3597 5: '\\# 3 0a0b0c'.
 */
export function toData(type: number, rdata: Uint8Array): unknown {
  const read = READERS.get(type)
  try {
    if (!read) return rfc3597(rdata)
    const from = new Reader(rdata)
    const data = read(from)
    return from.left === 0 ? data : undefined
  } catch (error) {
    // Malformed: a WireError of ours, or whatever dns-packet throws over octets that it cannot read.
    if (error instanceof WireError || error instanceof RangeError || error instanceof TypeError) return undefined
    throw error
  }
}

type Read = (from: Reader) => unknown

/** What dns-packet exports beside its documented functions: a codec a type, over RDLENGTH and rdata. */
type Codec = 'a' | 'aaaa' | 'txt' | 'ds' | 'tlsa'
const codecs = packet as unknown as Record<Codec, { decode(buffer: Buffer): unknown }>

/** Hands all that is left to a decoder of dns-packet, after a check of its length. */
function decoded(codec: Codec, least: number, most = 0xffff): Read {
  return (from) => {
    const rdata = from.rest()
    if (rdata.length < least || rdata.length > most) throw new WireError(`${rdata.length} octets of rdata`, from.at)
    const framed = Buffer.alloc(2 + rdata.length)
    framed.writeUInt16BE(rdata.length)
    framed.set(rdata, 2)
    return withoutBuffers(codecs[codec].decode(framed))
  }
}

/** A Buffer is a view into shared memory and prints and compares otherwise than a Uint8Array; each becomes a copy. */
function withoutBuffers(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return new Uint8Array(value)
  if (Array.isArray(value)) return value.map(withoutBuffers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutBuffers(part)]))
}

const name: Read = (from) => nameToText(readName(from))
const octets = (from: Reader, length?: number): Uint8Array => (length === undefined ? from.rest() : from.take(length)).slice()
const characters = (from: Reader): string => octetsToText(from.take(from.u8()))
const types = (from: Reader): string[] => TypeBitmap.read(from).types().map(typeToText)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const rfc3597 = (rdata: Uint8Array): string => (rdata.length === 0 ? '\\# 0' : `\\# ${rdata.length} ${hex(rdata)}`)

/** RFC 1035 3.3.14: one or more strings that fill the rdata. */
const strings: Read = (from) => {
  const walk = new Reader(from.bytes, from.at, from.end)
  do walk.take(walk.u8())
  while (walk.left > 0)
  return decoded('txt', 1)(from)
}

/** dns-packet refuses a protocol other than 3; as data it is shown all the same, and validates nothing. */
const dnskey: Read = (from) => {
  const flags = from.u16()
  from.u8()
  return { flags, algorithm: from.u8(), key: octets(from) }
}

const caa: Read = (from) => {
  const flags = from.u8()
  const tag = from.take(from.u8())
  if (tag.length === 0) throw new WireError('a CAA tag without octets (RFC 8659 4.1)', 1)
  return { flags, tag: octetsToText(tag), value: octetsToText(from.rest()), issuerCritical: (flags & 0x80) !== 0 }
}

const rrsig: Read = (from) => ({
  typeCovered: typeToText(from.u16()),
  algorithm: from.u8(),
  labels: from.u8(),
  originalTTL: from.u32(),
  expiration: from.u32(),
  inception: from.u32(),
  keyTag: from.u16(),
  signersName: name(from),
  signature: octets(from)
})

const nsec3: Read = (from) => ({
  algorithm: from.u8(),
  flags: from.u8(),
  iterations: from.u16(),
  salt: octets(from, from.u8()),
  nextDomain: octets(from, from.u8()),
  rrtypes: types(from)
})

const soa: Read = (from) => ({
  mname: name(from),
  rname: name(from),
  serial: from.u32(),
  refresh: from.u32(),
  retry: from.u32(),
  expire: from.u32(),
  minimum: from.u32()
})

const naptr: Read = (from) => ({
  order: from.u16(),
  preference: from.u16(),
  flags: characters(from),
  services: characters(from),
  regexp: characters(from),
  replacement: name(from)
})

/** EUI48 and EUI64 as RFC 7043 3.2 and 4.2 write them. */
function eui(length: number): Read {
  return (from) => Array.from(from.take(length), (octet) => octet.toString(16).padStart(2, '0')).join('-')
}

const address = (type: number, rdata: Uint8Array): string => READERS.get(type)?.(new Reader(rdata)) as string
const readSvcb = readSvcbWith(address)
const ds = decoded('ds', 5)
const tlsa = decoded('tlsa', 3)

/** One row a type. */
const READERS: ReadonlyMap<number, Read> = new Map<number, Read>([
  [TYPE.A, decoded('a', 4, 4)],
  [TYPE.AAAA, decoded('aaaa', 16, 16)],
  ...[TYPE.NS, TYPE.CNAME, TYPE.DNAME, TYPE.PTR, TYPE.MB, TYPE.MG, TYPE.MR].map((type): [number, Read] => [type, name]),
  ...[TYPE.TXT, TYPE.SPF, TYPE.AVC, TYPE.NINFO, TYPE.RESINFO, TYPE.WALLET, TYPE.CLA].map((type): [number, Read] => [type, strings]),
  ...[TYPE.DS, TYPE.CDS, TYPE.DLV, TYPE.TA].map((type): [number, Read] => [type, ds]),
  ...[TYPE.DNSKEY, TYPE.CDNSKEY, TYPE.KEY].map((type): [number, Read] => [type, dnskey]),
  ...[TYPE.TLSA, TYPE.SMIMEA].map((type): [number, Read] => [type, tlsa]),
  ...[TYPE.SVCB, TYPE.HTTPS].map((type): [number, Read] => [type, readSvcb]),
  ...[TYPE.RRSIG, TYPE.SIG].map((type): [number, Read] => [type, rrsig]),
  [TYPE.MX, (from) => ({ preference: from.u16(), exchange: name(from) })],
  [TYPE.SOA, soa],
  [TYPE.SRV, (from) => ({ priority: from.u16(), weight: from.u16(), port: from.u16(), target: name(from) })],
  [TYPE.CAA, caa],
  [TYPE.NAPTR, naptr],
  [TYPE.HINFO, (from) => ({ cpu: characters(from), os: characters(from) })],
  [TYPE.RP, (from) => ({ mbox: name(from), txt: name(from) })],
  [TYPE.MINFO, (from) => ({ rmailbx: name(from), emailbx: name(from) })],
  [TYPE.AFSDB, (from) => ({ subtype: from.u16(), hostname: name(from) })],
  [TYPE.RT, (from) => ({ preference: from.u16(), host: name(from) })],
  [TYPE.KX, (from) => ({ preference: from.u16(), exchanger: name(from) })],
  [TYPE.LP, (from) => ({ preference: from.u16(), fqdn: name(from) })],
  [TYPE.NSEC, (from) => ({ nextDomain: name(from), rrtypes: types(from) })],
  [TYPE.NSEC3, nsec3],
  [TYPE.NSEC3PARAM, (from) => ({ algorithm: from.u8(), flags: from.u8(), iterations: from.u16(), salt: octets(from, from.u8()) })],
  [TYPE.SSHFP, (from) => ({ algorithm: from.u8(), hash: from.u8(), fingerprint: hex(from.rest()).toUpperCase() })],
  [TYPE.OPENPGPKEY, (from) => ({ key: octets(from) })],
  [TYPE.ZONEMD, (from) => ({ serial: from.u32(), scheme: from.u8(), hashAlgorithm: from.u8(), digest: octets(from) })],
  [TYPE.CSYNC, (from) => ({ serial: from.u32(), flags: from.u16(), rrtypes: types(from) })],
  [TYPE.URI, (from) => ({ priority: from.u16(), weight: from.u16(), target: octetsToText(from.rest()) })],
  [TYPE.CERT, (from) => ({ type: from.u16(), keyTag: from.u16(), algorithm: from.u8(), certificate: octets(from) })],
  [TYPE.LOC, readLocation],
  [TYPE.EUI48, eui(6)],
  [TYPE.EUI64, eui(8)],
  [TYPE.NULL, (from) => octets(from)]
])
