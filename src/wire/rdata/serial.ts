// Serial number arithmetic over 32 bits (RFC 1982 3.2): SOA serials, and the times of an RRSIG (RFC 4034 3.1.5).

/** a < b; false both ways when they lie exactly 2^31 apart, where RFC 1982 defines no order. */
export function serialLess(a: number, b: number): boolean {
  const distance = (b - a) >>> 0
  return distance > 0 && distance < 0x80000000
}

/** a <= b: the first moment is the second or before it. */
export function serialNotAfter(a: number, b: number): boolean {
  return a >>> 0 === b >>> 0 || serialLess(a, b)
}
