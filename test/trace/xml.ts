// Whether a text is well-formed XML as far as a picture needs it: tags that match, attributes quoted, no stray < or &.
export function wellFormed(text: string): boolean {
  const open: string[] = []
  let at = 0
  for (const tag of text.matchAll(/<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (!cleanText(text.slice(at, tag.index)) || !cleanText(tag[3] ?? '')) return false
    at = tag.index + tag[0].length
    const [, closes, name, , alone] = tag
    if (closes) {
      if (open.pop() !== name) return false
    } else if (!alone) open.push(name as string)
  }
  return open.length === 0 && cleanText(text.slice(at))
}

const cleanText = (text: string): boolean => !text.includes('<') && !/&(?!#\d+;)/.test(text)
