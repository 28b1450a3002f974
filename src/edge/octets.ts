// Strings of octets that people read as text (RFC 1035 3.3 <character-string>, values of CAA, targets of URI).

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The text when the octets are UTF-8, as they are nearly always. If they are not, every octet that is not printable ASCII
 * and every backslash is written \DDD (RFC 1035 5.1): nothing is replaced, and the exact octets are in the rdata.
 */
export function octetsToText(octets: Uint8Array): string {
  try {
    return utf8.decode(octets)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return Array.from(octets, escaped).join('')
  }
}

function escaped(octet: number): string {
  const plain = octet >= 0x20 && octet < 0x7f && octet !== 0x5c
  return plain ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, '0')}`
}
