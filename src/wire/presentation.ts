// A row a type: the fields of its rdata in master-file format; every other type is written as RFC 3597 5 (\# length hex).
import { fromBase16, toBase16 } from './base.js'
import { Reader, WireError, Writer } from './cursor.js'
import type { Field } from './fields.js'
import * as field from './fields.js'
import { location } from './loc-text.js'
import type { Name } from './name.js'
import { TextError } from './name-text.js'
import { TYPE, typeToText } from './numbers.js'
import { svcParams } from './svcb-text.js'
import type { Tokens } from './tokens.js'

const rows: (readonly Field[] | undefined)[] = []

function row(types: readonly number[], ...fields: Field[]): void {
  for (const type of types) rows[type] = fields
}

const { u8, u16, u32, name, string, hex, base64, algorithm } = field

row([TYPE.A], field.ipv4)
row([TYPE.AAAA], field.ipv6)
row([TYPE.NS, TYPE.CNAME, TYPE.DNAME, TYPE.PTR, TYPE.MB, TYPE.MD, TYPE.MF, TYPE.MG, TYPE.MR, TYPE['NSAP-PTR']], name)
row([TYPE.SOA], name, name, u32, field.period, field.period, field.period, field.period)
row([TYPE.MX, TYPE.AFSDB, TYPE.RT, TYPE.KX, TYPE.LP], u16, name)
row([TYPE.PX], u16, name, name)
row([TYPE.RP, TYPE.MINFO, TYPE.TALINK], name, name)
row([TYPE.SRV], u16, u16, u16, name)
row([TYPE.NAPTR], u16, u16, string, string, string, name)
row([TYPE.TXT, TYPE.SPF, TYPE.NINFO, TYPE.AVC, TYPE.RESINFO, TYPE.WALLET, TYPE.CLA], field.strings)
row([TYPE.HINFO], string, string)
row([TYPE.CAA], u8, field.tag, field.longString)
row([TYPE.URI], u16, u16, field.longString)
row([TYPE.LOC], location)
row([TYPE.DS, TYPE.CDS, TYPE.DLV, TYPE.TA], u16, algorithm, u8, hex)
row([TYPE.DNSKEY, TYPE.CDNSKEY, TYPE.KEY, TYPE.RKEY], u16, u8, algorithm, base64)
row([TYPE.RRSIG, TYPE.SIG], field.type, algorithm, u8, u32, field.time, field.time, u16, name, base64)
row([TYPE.NSEC], name, field.bitmap)
row([TYPE.NSEC3], u8, u8, u16, field.salt, field.hash, field.bitmap)
row([TYPE.NSEC3PARAM], u8, u8, u16, field.salt)
row([TYPE.TLSA, TYPE.SMIMEA], u8, u8, u8, hex)
row([TYPE.SSHFP], u8, u8, hex)
row([TYPE.OPENPGPKEY, TYPE.DHCID], base64)
row([TYPE.CERT], field.certificateType, u16, algorithm, base64)
row([TYPE.CSYNC], u32, u16, field.bitmap)
row([TYPE.ZONEMD], u32, u8, u8, hex)
row([TYPE.SVCB, TYPE.HTTPS], u16, name, svcParams)
row([TYPE.DSYNC], field.type, u8, u16, name)

/** Master-file format with absolute names; RFC 3597's when the type has no row, or the rdata is not what its row says. */
export function rdataToText(type: number, rdata: Uint8Array): string {
  const fields = rows[type]
  if (!fields || rdata.length === 0) return genericToText(rdata)
  const from = new Reader(rdata)
  try {
    const texts = fields.map((field) => field.toText(from))
    if (from.left > 0) return genericToText(rdata)
    return texts.join(' ').trimEnd() // an empty last field, e.g. a bitmap without types
  } catch (error) {
    if (error instanceof WireError) return genericToText(rdata)
    throw error
  }
}

/** Takes every token; TextError with the reason. A relative name is below `origin`. */
export function rdataFromTokens(type: number, tokens: Tokens, origin: Name | undefined): Uint8Array {
  if (tokens.peek()?.text === '\\#' && !tokens.peek()?.quoted) return genericFromTokens(tokens)
  const fields = rows[type]
  if (!fields) throw new TextError(`rdata of type ${typeToText(type)} can be given as \\# only (RFC 3597 5)`)
  const to = new Writer(64)
  for (const field of fields) field.fromText(tokens, to, origin)
  if (tokens.left > 0) throw new TextError(`${JSON.stringify(tokens.next('').text)} is more than the rdata of ${typeToText(type)} takes`)
  if (to.length > 0xffff) throw new TextError('the rdata is longer than 65,535 octets')
  return to.finish()
}

function genericToText(rdata: Uint8Array): string {
  return rdata.length === 0 ? '\\# 0' : `\\# ${rdata.length} ${toBase16(rdata)}`
}

function genericFromTokens(tokens: Tokens): Uint8Array {
  tokens.next('\\#')
  const length = field.number(tokens.next('the length of the rdata').text, 16, 'the length of an rdata')
  const rdata = fromBase16(tokens.joined())
  if (rdata.length !== length) throw new TextError(`\\# ${length} is followed by ${rdata.length} octets`)
  return rdata
}
