// Trust anchors that a person brings: IANA's root-anchors.xml (RFC 9718), DS and DNSKEY lines, a state kept elsewhere; and how
// they join a state that is kept already.
import { nobleBackend } from '../crypto/noble.js'
import type { Name } from '../wire/name.js'
import type { Dnskey } from '../wire/rdata/dnskey.js'
import type { Ds } from '../wire/rdata/ds.js'
import { checkDetachedSignature } from './cms.js'
import { ICANN_CA } from './icann-ca.js'
import { AnchorTextError } from './parse.js'
import { sameKey, type TrustPoint, withoutRevoke } from './rfc5011.js'
import { readRootAnchorsXml, toDsLine, validAnchors } from './root.js'
import { readState, writeState } from './state.js'

export interface ImportOptions {
  /** ms since the epoch */
  readonly now: number
  /** the detached CMS signature over root-anchors.xml (root-anchors.p7s), DER */
  readonly signature?: Uint8Array
  /** certificates in PEM that are trusted to have issued the signer's; ICANN's root CA when left out */
  readonly authorities?: readonly string[]
}

export interface ImportedAnchors {
  /** DS and DNSKEY lines, or the text of a state */
  readonly text: string
  /** who signed them; undefined when no signature was given, and then nothing is known of where they come from */
  readonly signedBy?: string
}

const IANA = 'dnssec@iana.org'
const LARGEST = 1 << 20

/**
 * What a file brings that people get their trust anchors from: root-anchors.xml with its signature checked when there is one,
 * DS or DNSKEY lines, or the state of this library or of Unbound. From the XML come the digests that are valid at `now`.
 * Throws AnchorTextError for what is none of these, AnchorSignatureError for a signature that does not hold.
 */
export function importAnchors(file: Uint8Array, options: ImportOptions): ImportedAnchors {
  const { now, signature, authorities = [ICANN_CA] } = options
  if (file.length > LARGEST) throw new AnchorTextError('the file is larger than any with trust anchors')
  const text = new TextDecoder().decode(file)
  if (!/<TrustAnchor\b/.test(text)) {
    if (signature) throw new AnchorTextError('a signature is checked over root-anchors.xml, and the file is no such document')
    readState(text, now)
    return { text }
  }
  const signer = signature && checkDetachedSignature({ content: file, signature, authorities, signer: IANA, now })
  const valid = validAnchors(readRootAnchorsXml(text), now)
  if (valid.length === 0) throw new AnchorTextError('none of the trust anchors in the document is valid any more')
  const lines = `${valid.map(toDsLine).join('\n')}\n`
  return { text: lines, ...(signer && { signedBy: signer.subject.split('\n').join(', ') }) }
}

/**
 * The text of a state that has what `imported` brings beside what `kept` knew. A brought key or DS is trusted with the next
 * DNSKEY set that a trusted key signed; a key that was revoked stays so (RFC 5011 2.1). A kept trust point that was deleted
 * lives again with a key that is new to it. @param kept undefined when there was no state
 */
export function mergeImport(kept: string | undefined, imported: string, now: number): string {
  const brought = readState(imported, now)
  const known = kept === undefined ? [] : readState(kept, now)
  const joined = brought.map((point) => {
    const other = known.find(({ zone }) => zone.equals(point.zone))
    return other ? join(other, point) : point
  })
  return writeState([...known.filter(({ zone }) => !brought.some((point) => point.zone.equals(zone))), ...joined])
}

function join(known: TrustPoint, brought: TrustPoint): TrustPoint {
  const names = (key: Dnskey): boolean =>
    brought.keys.some((one) => sameKey(one.key, key)) || brought.ds.some((ds) => matches(known.zone, ds, withoutRevoke(key)))
  // One that waits and was brought by a person has waited enough: what was brought takes its place.
  const kept = known.keys.filter(({ key, state }) => state !== 'ADDPEND' || !names(key))
  const keys = brought.keys.filter(({ key }) => !kept.some((tracked) => sameKey(tracked.key, key)))
  const ds = brought.ds.filter((one) => !kept.some(({ key }) => matches(known.zone, one, withoutRevoke(key))))
  if (ds.length + keys.length === 0) return known
  const { deletedAt: _, ...point } = known
  const started = known.started && ds.length === 0
  return { ...point, keys: [...kept, ...keys], ds: [...known.ds, ...ds], started, nextProbe: brought.nextProbe }
}

/** RFC 4034 5.1.4. */
function matches(zone: Name, ds: Ds, key: Dnskey): boolean {
  if (ds.keyTag !== key.keyTag || ds.algorithm !== key.algorithm) return false
  const digest = nobleBackend.digest(ds.digestType, Uint8Array.from([...zone.canonical(), ...key.rdata]))
  return digest !== undefined && digest.length === ds.digest.length && digest.every((octet, i) => octet === ds.digest[i])
}
