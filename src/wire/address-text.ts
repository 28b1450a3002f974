// IPv4 and IPv6 addresses as text and back (RFC 1035 3.4.1, RFC 4291 2.2; written as RFC 5952 4 wants them).
import { quote, TextError } from './name-text.js'

export function ipv4ToText(octets: Uint8Array): string {
  return octets.join('.')
}

export function ipv4FromText(text: string): Uint8Array {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    throw new TextError(`not an IPv4 address: ${quote(text)}`)
  }
  return Uint8Array.from(parts, Number)
}

/** RFC 5952 4: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as '::'. */
export function ipv6ToText(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (octets[2 * i] << 8) | octets[2 * i + 1])
  let bestAt = -1
  let best = 1
  for (let at = 0; at < 8; at++) {
    let run = 0
    while (at + run < 8 && groups[at + run] === 0) run++
    if (run > best) {
      best = run
      bestAt = at
    }
    at += run
  }
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return bestAt < 0 ? hex(0, 8) : `${hex(0, bestAt)}::${hex(bestAt + best, 8)}`
}

export function ipv6FromText(text: string): Uint8Array {
  const halves = text.split('::')
  const wrong = () => new TextError(`not an IPv6 address: ${quote(text)}`)
  if (halves.length > 2) throw wrong()
  const head = groupsOf(halves[0], halves.length === 1, wrong)
  const tail = halves.length === 2 ? groupsOf(halves[1], true, wrong) : []
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) throw wrong()
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff]))
}

/** @param mayEndInIpv4 the last two groups may be written as an IPv4 address (RFC 4291 2.2) */
function groupsOf(text: string, mayEndInIpv4: boolean, wrong: () => TextError): number[] {
  if (text === '') return []
  const parts = text.split(':')
  return parts.flatMap((part, i) => {
    if (mayEndInIpv4 && i === parts.length - 1 && part.includes('.')) {
      const [a, b, c, d] = ipv4FromText(part)
      return [(a << 8) | b, (c << 8) | d]
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(part)) throw wrong()
    return [Number.parseInt(part, 16)]
  })
}
