// Builds what an RRSIG signs (RFC 4034 3.1.8.1) from plain wire, for the tests of this room alone: it knows just the
// types that the vectors hold, so that the crypto room can be tested without the wire room.

export interface SignedCase {
  readonly algorithm: number
  readonly publicKey: Uint8Array
  readonly data: Uint8Array
  readonly signature: Uint8Array
}

/** `hex` of one RR each, uncompressed: RRSIG, DNSKEY and the RRset covered. */
export function signedCase(sig: string, key: string, rrset: readonly string[]): SignedCase {
  const rrsig = readRecord(Buffer.from(sig, 'hex'))
  const dnskey = readRecord(Buffer.from(key, 'hex'))
  const signerEnd = nameEnd(rrsig.rdata, 18)
  const head = Buffer.from(rrsig.rdata.subarray(0, signerEnd))
  lowercase(head, 18, signerEnd)
  const labels = rrsig.rdata[3]
  const records = rrset.map((hex) => readRecord(Buffer.from(hex, 'hex')))
  const rdatas = records.map((record) => canonicalRdata(record.type, record.rdata)).sort(Buffer.compare)
  return {
    algorithm: rrsig.rdata[2],
    publicKey: new Uint8Array(dnskey.rdata.subarray(4)),
    data: new Uint8Array(signedData(head, signedOwner(records[0].owner, labels), records[0].type, rdatas)),
    signature: new Uint8Array(rrsig.rdata.subarray(signerEnd))
  }
}

/** `head`: RRSIG rdata up to the signature. The RRset's TTL is the original TTL of `head`. */
export function signedData(head: Buffer, owner: Buffer, type: number, rdatas: readonly Buffer[]): Buffer {
  const fixed = Buffer.alloc(8)
  fixed.writeUInt16BE(type, 0)
  fixed.writeUInt16BE(1, 2)
  head.copy(fixed, 4, 4, 8)
  const records = rdatas.map((rdata) => Buffer.concat([owner, fixed, uint16(rdata.length), rdata]))
  return Buffer.concat([head, ...records])
}

/** RRSIG rdata up to the signature, from its presentation fields; times in seconds. */
export function rrsigHead(f: {
  type: number
  algorithm: number
  labels: number
  ttl: number
  expiration: number
  inception: number
  keyTag: number
  signer: string
}): Buffer {
  const fixed = Buffer.alloc(18)
  fixed.writeUInt16BE(f.type, 0)
  fixed[2] = f.algorithm
  fixed[3] = f.labels
  fixed.writeUInt32BE(f.ttl, 4)
  fixed.writeUInt32BE(f.expiration, 8)
  fixed.writeUInt32BE(f.inception, 12)
  fixed.writeUInt16BE(f.keyTag, 16)
  return Buffer.concat([fixed, wireName(f.signer)])
}

/** Wire form of a plain host name with its last dot. */
export function wireName(text: string): Buffer {
  const labels = text.split('.').filter((label) => label !== '')
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]), Buffer.from([0])])
}

function readRecord(wire: Buffer): { owner: Buffer; type: number; rdata: Buffer } {
  const at = nameEnd(wire, 0)
  const length = wire.readUInt16BE(at + 8)
  return { owner: wire.subarray(0, at), type: wire.readUInt16BE(at), rdata: wire.subarray(at + 10, at + 10 + length) }
}

function nameEnd(wire: Buffer, start: number): number {
  let at = start
  while (wire[at] !== 0) at += wire[at] + 1
  return at + 1
}

function lowercase(wire: Buffer, start: number, end: number): void {
  for (let i = start; i < end; i++) if (wire[i] >= 0x41 && wire[i] <= 0x5a) wire[i] += 0x20
}

function signedOwner(owner: Buffer, labels: number): Buffer {
  const lower = Buffer.from(owner)
  lowercase(lower, 0, lower.length)
  const starts: number[] = []
  for (let at = 0; lower[at] !== 0; at += lower[at] + 1) starts.push(at)
  if (starts.length <= labels) return lower
  const rest = labels === 0 ? Buffer.from([0]) : lower.subarray(starts[starts.length - labels])
  return Buffer.concat([Buffer.from([1, 0x2a]), rest]) // expanded from a wildcard
}

function canonicalRdata(type: number, rdata: Buffer): Buffer {
  const copy = Buffer.from(rdata)
  if (type === 2 || type === 5) lowercase(copy, 0, copy.length) // NS, CNAME
  if (type === 6) lowercase(copy, 0, copy.length - 20) // SOA
  return copy
}

function uint16(number: number): Buffer {
  return Buffer.from([number >> 8, number & 0xff])
}
