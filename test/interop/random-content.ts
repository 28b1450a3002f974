// What a random zone holds: hosts of odd names, wildcards, empty non-terminals, aliases in and out of the zone, DNAME, zone cuts,
// large RRsets. Names are relative to the zone, in presentation format (RFC 1035 5.1).
import type { Random } from '../fuzz/random.js'

export type ChildKind = 'secure' | 'insecure' | 'algorithm' | 'digest' | 'wrongDigest'

export interface Content {
  /** lines of a master file, without SOA and NS of the apex */
  readonly lines: readonly string[]
  /** zone cuts below the zone */
  readonly children: readonly { readonly label: string; readonly kind: ChildKind }[]
  /** worth asking about beside what the zone holds */
  readonly names: readonly string[]
}

/** Where aliases lead out of the zone: what is there is in random-world.ts. */
export const OUTSIDE = ['www.good.plain.', 'nowhere.good.plain.', 'x.wild.good.plain.', 'www.bare.plain.', 'www.bad.plain.'] as const

const LABELS = [
  ...['www', 'mail', 'MiXeD', 'a', 'b', 'c', 'zz', '0', '_tcp', '-', 'xn--bcher-kva', '\\000', '\\255', 'a\\.b', 'sp\\032ace'],
  ...['\\@', 'aa\\000', '\\*', 'A', 'nEst', `l${'o'.repeat(60)}ng`, 'q\\"t', '\\195\\188', 'ent', 'x\\127', '!']
]

const CHILD_KINDS: readonly ChildKind[] = ['secure', 'insecure', 'insecure', 'algorithm', 'digest', 'wrongDigest']

export function randomContent(random: Random): Content {
  const lines: string[] = []
  const names: string[] = []
  const children: Content['children'][number][] = []
  const used = new Set<string>(['@', 'ns'])
  const ttl = (): string => random.pick(['60', '300', '3600', '3600', '86400', '0', '2147483647'])
  /** A name nobody has, at random below another. */
  const fresh = (...forms: readonly string[]): string => {
    for (;;) {
      const label = random.pick(forms.length > 0 ? forms : LABELS)
      const below = [...used].filter((name) => name !== '@' && name !== 'ns' && !name.includes('*'))
      const name = below.length > 0 && random.oneIn(3) ? `${label}.${random.pick(below)}` : label
      if (name.length < 120 && !used.has(name.toLowerCase())) {
        used.add(name.toLowerCase())
        return name
      }
      if (used.size > 60) return `n${used.size}`
      if (random.oneIn(8)) return fresh(...forms, `r${random.below(1000)}`)
    }
  }
  /** what is below these is not of this zone, or not there */
  const hidden: string[] = []
  const data = (owner: string): void => {
    for (const rdata of randomData(random)) lines.push(`${owner} ${ttl()} ${rdata}`)
  }
  for (let i = random.below(3); i >= 0; i--) data(fresh())
  if (random.oneIn(2)) data(fresh('a.b.ent', 'deep.er', 'x.Y.z'))
  if (random.oneIn(3)) data('@')
  for (let i = random.below(3); i > 0; i--) {
    const base = fresh('wild', 'any', 'Star', 'w.w')
    const form = random.pick(['*', '*', '*', '*.*', 'a.*', '*.b.*'])
    if (random.oneIn(4)) lines.push(`${form}.${base} ${ttl()} CNAME ${target(random, used)}`)
    else data(`${form}.${base}`)
    names.push(`x.${base}`, `x.y.${base}`, `*.${base}`, base, `a.*.${base}`, `z.*.${base}`)
    if (random.oneIn(3)) {
      data(`there.${base}`)
      names.push(`there.${base}`, `x.there.${base}`)
    }
  }
  if (random.oneIn(6)) {
    data('*')
    names.push('anything', 'any.thing')
  }
  for (let i = random.below(4); i > 0; i--) {
    const alias = fresh('alias', 'to', 'AliAs', 'far')
    lines.push(`${alias} ${ttl()} CNAME ${target(random, used)}`)
    names.push(alias, `below.${alias}`)
  }
  if (random.oneIn(3)) {
    const old = fresh('old', 'DName')
    hidden.push(old)
    lines.push(`${old} ${ttl()} DNAME ${random.pick(['good.plain.', 'bare.plain.', 'bad.plain.', 'wild.good.plain.', '@', 'ent'])}`)
    if (random.oneIn(2)) lines.push(`${old} ${ttl()} A 192.0.2.33`)
    names.push(old, `www.${old}`, `nowhere.${old}`, `a.b.${old}`)
    if (random.oneIn(4) && old.length < 40) names.push(`${'long'.repeat(15)}.${'long'.repeat(15)}.${'long'.repeat(15)}.${old}`)
  }
  for (let i = random.below(3); i > 0; i--) {
    const label = fresh('sub', 'kid', 'Cut', 'd.e')
    const kind = random.pick(CHILD_KINDS)
    if (hidden.some((above) => label.toLowerCase().endsWith(`.${above.toLowerCase()}`))) continue
    hidden.push(label)
    children.push({ label, kind })
    names.push(label, `www.${label}`, `nowhere.${label}`, `x.wild.${label}`)
    if (random.oneIn(2)) {
      const into = `into${i}`
      lines.push(`${into} ${ttl()} CNAME ${random.pick(['www', 'nowhere', 'x.wild', 'ns'])}.${label}`)
      names.push(into, into)
    }
    if (random.oneIn(4)) {
      lines.push(`all${i} ${ttl()} DNAME ${label}`, `*.made${i} ${ttl()} CNAME www.${label}`)
      names.push(`www.all${i}`, `nowhere.all${i}`, `x.made${i}`)
    }
  }
  if (random.oneIn(8)) {
    const big = fresh('big')
    const size = random.pick([12, 40, 100])
    for (let i = 0; i < size; i++) lines.push(`${big} 300 TXT "${i} ${'x'.repeat(random.below(180))}"`)
    names.push(big)
  }
  if (random.oneIn(12)) {
    lines.push('loop1 300 CNAME loop2', 'loop2 300 CNAME loop1')
    names.push('loop1')
  }
  if (random.oneIn(8)) {
    for (let i = 0; i < 6; i++) lines.push(`hop${i} 300 CNAME hop${i + 1}`)
    lines.push(`hop6 300 CNAME ${target(random, used)}`)
    names.push('hop0', 'hop4')
  }
  return { lines, children, names }
}

function target(random: Random, used: ReadonlySet<string>): string {
  if (random.oneIn(3)) return random.pick(OUTSIDE)
  return random.pick(['nowhere', 'www', 'x.any', 'x.wild', 'ns', 'WWW.sub', 'www.kid', '@', 'x.y', random.pick([...used])])
}

/** The records of one name: one type or a few. */
function randomData(random: Random): string[] {
  const kinds: readonly (() => string[])[] = [
    () => [`A 192.0.2.${random.below(256)}`],
    () => ['A 192.0.2.9', 'A 192.0.2.10', 'A 192.0.2.1'],
    () => [`AAAA 2001:db8::${random.below(9999)}`],
    () => ['MX 10 MAIL', 'MX 5 mail.Good.Plain.'],
    () => [`TXT "${'y'.repeat(random.below(255))}" ""`],
    () => ['SRV 1 2 53 Ns'],
    () => ['NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:x!" Replace.ME'],
    () => ['PTR Some.Where.', 'RP Hans.Plain. TXT.Plain.'],
    () => ['TYPE65280 \\# 4 DEADBEEF', 'TYPE65280 \\# 0'],
    () => ['CAA 0 issue "ca.example"'],
    () => ['HTTPS 1 . alpn=h2'],
    () => ['TLSA 3 1 1 8D5E0A3F1C2B4D6E7F8091A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6'],
    () => ['HINFO "Intel" "linux"', 'AFSDB 1 AFS', 'KX 1 KX.'],
    () => ['SSHFP 1 1 0123456789abcdef0123456789abcdef01234567']
  ]
  return Array.from({ length: 1 + (random.oneIn(3) ? 1 : 0) }, () => random.pick(kinds)()).flat()
}
