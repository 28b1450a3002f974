// Signs RRsets (RFC 4034 3.1, RFC 4035 2.2). Every field of the RRSIG can be set wrongly, to plant a fault: the signature is
// then still made over what the fields say, so that exactly one thing is wrong with it.
import { canonicalRdatas } from '../../src/wire/canonical.js'
import { Writer } from '../../src/wire/cursor.js'
import { type Name, WILDCARD } from '../../src/wire/name.js'
import { TYPE } from '../../src/wire/numbers.js'
import type { ResourceRecord } from '../../src/wire/rrset.js'
import type { ZoneKey } from './keys.js'

export interface SignatureFields {
  /** seconds since the epoch */
  readonly inception: number
  readonly expiration: number
  readonly signer: Name
}

/** What may be set wrongly. */
export interface SignatureFaults extends Partial<SignatureFields> {
  readonly typeCovered?: number
  readonly algorithm?: number
  readonly labels?: number
  readonly originalTtl?: number
  readonly keyTag?: number
  /** TTL of the RRSIG record itself */
  readonly ttl?: number
  /** the octets signed are over this owner instead */
  readonly owner?: Name
  /** changes the signature after it was made */
  readonly corrupt?: (signature: Uint8Array) => Uint8Array
}

/** The RRSIG by `key` over records of one owner, type and class. */
export function signRrset(
  records: readonly ResourceRecord[],
  key: ZoneKey,
  fields: SignatureFields,
  faults: SignatureFaults = {}
): ResourceRecord {
  const [first] = records
  if (!first) throw new RangeError('there is no record to sign')
  const originalTtl = faults.originalTtl ?? first.ttl
  const labels = faults.labels ?? signedLabels(first.owner)
  const signer = faults.signer ?? fields.signer
  const before = new Writer()
    .u16(faults.typeCovered ?? first.type)
    .u8(faults.algorithm ?? key.algorithm)
    .u8(labels)
    .u32(originalTtl)
    .u32(faults.expiration ?? fields.expiration)
    .u32(faults.inception ?? fields.inception)
    .u16(faults.keyTag ?? key.keyTag)
    .finish()
  const data = new Writer().bytes(before).bytes(signer.canonical())
  const owner = (faults.owner ?? ownerOf(first.owner, labels)).canonical()
  for (const rdata of rdatasOf(records)) {
    // RFC 4034 3.1.8.1: owner | type | class | original TTL | RDLENGTH | rdata
    data.bytes(owner).u16(first.type).u16(first.class).u32(originalTtl).u16(rdata.length).bytes(rdata)
  }
  const signature = key.sign(data.finish())
  return {
    owner: first.owner,
    type: TYPE.RRSIG,
    class: first.class,
    ttl: faults.ttl ?? first.ttl,
    rdata: new Writer()
      .bytes(before)
      .bytes(signer.wire)
      .bytes(faults.corrupt ? faults.corrupt(signature) : signature)
      .finish()
  }
}

/** Turns over one bit of the last octet but two, which is in the middle of no length or padding of any algorithm. */
export function flipBit(signature: Uint8Array): Uint8Array {
  const flipped = signature.slice()
  flipped[Math.max(0, flipped.length - 3)] ^= 0x10
  return flipped
}

/** RFC 4034 3.1.3: neither the root label nor a leading '*' counts. */
function signedLabels(owner: Name): number {
  return owner.labelCount - (owner.isWildcard ? 1 : 0)
}

/** RFC 4035 5.3.2: fewer labels than the owner has mean the wildcard above it. More, which is a fault, leave the owner. */
function ownerOf(owner: Name, labels: number): Name {
  return labels < signedLabels(owner) ? owner.ancestor(labels).child(WILDCARD) : owner
}

function rdatasOf(records: readonly ResourceRecord[]): Uint8Array[] {
  const [{ owner, type, class: rrClass, ttl }] = records
  const rdatas = records.map((record) => record.rdata)
  return canonicalRdatas({ owner, type, class: rrClass, ttl, rdatas, signatures: [] })
}
