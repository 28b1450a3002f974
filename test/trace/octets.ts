// Where records lie in the octets of a message, found by a walk of its own (RFC 1035 4.1).
export interface Place {
  readonly section: 'answer' | 'authority' | 'additional'
  readonly owner: string
  readonly type: number
  /** of an RRSIG the type covered, else the type */
  readonly covered: number
  readonly rdata: number
  readonly length: number
  /** of an RRSIG: key tag */
  readonly keyTag: number | undefined
}

export function placesIn(wire: Uint8Array): Place[] {
  const u16 = (at: number): number => ((wire[at] as number) << 8) | (wire[at + 1] as number)
  const nameAt = (start: number): { text: string; end: number } => {
    const labels: string[] = []
    let at = start
    let end = -1
    for (;;) {
      const length = wire[at] as number
      if (length >= 0xc0) {
        if (end < 0) end = at + 2
        at = u16(at) & 0x3fff
      } else if (length === 0) return { text: `${labels.join('.').toLowerCase()}` || '.', end: end < 0 ? at + 1 : end }
      else {
        labels.push(Buffer.from(wire.subarray(at + 1, at + 1 + length)).toString('latin1'))
        at += length + 1
      }
    }
  }
  let at = 12
  for (let i = 0; i < u16(4); i++) at = nameAt(at).end + 4
  const places: Place[] = []
  for (const [section, count] of [
    ['answer', u16(6)],
    ['authority', u16(8)],
    ['additional', u16(10)]
  ] as const) {
    for (let i = 0; i < count; i++) {
      const { text: owner, end } = nameAt(at)
      const type = u16(end)
      const length = u16(end + 8)
      const rdata = end + 10
      const signature = type === 46
      places.push({
        section,
        owner,
        type,
        covered: signature ? u16(rdata) : type,
        rdata,
        length,
        keyTag: signature ? u16(rdata + 16) : undefined
      })
      at = rdata + length
    }
  }
  return places
}
