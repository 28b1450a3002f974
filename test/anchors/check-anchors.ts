// Checks trust-anchors/ against itself and against the code: every key digest in root-anchors.xml, root.ds and the source is
// the digest of a DNSKEY in root.key, and all of them agree. `npm run check:anchors`; run it after each change of a root key.
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ICANN_CA } from '../../src/anchors/icann-ca.js'
import { parseAnchors } from '../../src/anchors/parse.js'
import { type KeyDigest, readRootAnchorsXml, SHIPPED_ROOT_ANCHORS, toDsLine } from '../../src/anchors/root.js'
import { toBase16, toBase64 } from '../../src/wire/base.js'

/** One line a fault; none when all agree. @param now ms since the epoch */
export function faultsOf(folder: string, now: number, shipped: readonly KeyDigest[] = SHIPPED_ROOT_ANCHORS): string[] {
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
  const faults: string[] = []
  const same = (what: string, a: readonly string[], b: readonly string[]): void => {
    for (const one of a.filter((line) => !b.includes(line))) faults.push(`${what}: ${one} is only in the first`)
    for (const one of b.filter((line) => !a.includes(line))) faults.push(`${what}: ${one} is only in the second`)
  }
  const xml = readRootAnchorsXml(read('root-anchors.xml'))
  const lasting = xml.filter(({ validUntil }) => validUntil === undefined || now < validUntil)
  const [ds] = parseAnchors([read('root.ds')])
  const [{ keys }] = parseAnchors([read('root.key')])
  const dsLines = ds.ds.map((one) => toDsLine({ ...one, id: '', validFrom: 0, digest: toBase16(one.digest) }))
  const digests = keys.map((key) => {
    const digest = createHash('sha256').update(Uint8Array.of(0)).update(key.rdata).digest('hex').toUpperCase()
    return toDsLine({ id: '', validFrom: 0, keyTag: key.keyTag, algorithm: key.algorithm, digestType: 2, digest })
  })
  same('digests of the keys in root.key and root.ds', digests, dsLines)
  same('root-anchors.xml and root.ds', lasting.map(toDsLine), dsLines)
  same('the source and root-anchors.xml', shipped.map(timed), lasting.map(timed))
  for (const { id, publicKey, flags, keyTag } of lasting) {
    const key = keys.find((one) => one.keyTag === keyTag)
    const agrees = key && (publicKey === undefined || (publicKey === toBase64(key.publicKey) && flags === key.flags))
    if (!agrees) faults.push(`KeyDigest ${id} in root-anchors.xml has another public key than root.key`)
  }
  const authority = new X509Certificate(read('icann-ca.pem'))
  if (!authority.raw.equals(new X509Certificate(ICANN_CA).raw)) faults.push('icann-ca.pem is not the certificate in the source')
  if (now > Date.parse(authority.validTo)) faults.push(`icann-ca.pem expired on ${authority.validTo}`)
  return faults
}

const timed = (one: KeyDigest): string => `${one.id} ${toDsLine(one)} from ${one.validFrom} until ${one.validUntil ?? 'no end'}`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = faultsOf(fileURLToPath(new URL('../../trust-anchors', import.meta.url)), Date.now())
  for (const fault of faults) console.log(fault)
  console.log(faults.length === 0 ? 'trust-anchors: all files and the source agree' : `trust-anchors: ${faults.length} faults`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
