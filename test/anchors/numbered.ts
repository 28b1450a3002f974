// Trust points that carry a number, so that a test can tell which update of a state it sees.
import { startPoint, type TrustPoint } from '../../src/anchors/rfc5011.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import { nameFromText } from '../../src/wire/text.js'

const key = readDnskey(Uint8Array.from([1, 1, 3, 13, ...Array.from({ length: 64 }, (_, i) => i)]))

/** The trust point of one writer after its update `n`. */
export function numbered(writer: string, n: number): TrustPoint {
  const at = n * 1000
  return { ...startPoint(nameFromText(`${writer}.example`), { keys: [key] }, 0), started: true, lastProbe: at, lastSuccess: at }
}

export const numberOf = (point: TrustPoint | undefined): number => (point?.lastSuccess ?? 0) / 1000
