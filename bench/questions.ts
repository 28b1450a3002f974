// Other questions than one to each zone: from a file, as mailers ask, or the same names again and again as people ask.
import { readFileSync } from 'node:fs'
import type { Asked, Tree } from './tree.js'

export type Mix = 'cold' | 'mail' | 'zipf'

const ZIPF_EXPONENT = 0.9

/** The tree with the questions that were chosen. */
export function choose(tree: Tree, mix: Mix, file: string | undefined): Tree {
  if (file) return { ...tree, title: `${tree.title}, questions from a file`, questions: fromFile(file) }
  if (mix === 'mail') return { ...tree, title: `${tree.title}, as mailers ask`, questions: tree.questions.flatMap(mailer) }
  if (mix === 'zipf')
    return { ...tree, title: `${tree.title}, names by Zipf's law`, questions: zipf(tree.questions, tree.questions.length * 3) }
  return tree
}

/** `name type` on a line, as dnsperf has them; A when there is no type. */
function fromFile(file: string): Asked[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [name, type = 'A'] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    return name ? [{ name: name.replace(/(.)\.$/, '$1'), type: type.toUpperCase() }] : []
  })
}

function mailer({ name }: Asked): Asked[] {
  const domain = name.replace(/^www\./, '')
  const host = `mail.${domain}`
  return [
    { name: domain, type: 'MX' },
    { name: host, type: 'A' },
    { name: host, type: 'AAAA' },
    { name: `_25._tcp.${host}`, type: 'TLSA' }
  ]
}

/** The i-th name comes up in proportion to 1/i^0.9. The draw is the same in every run. */
function zipf(names: readonly Asked[], count: number): Asked[] {
  let sum = 0
  const sums = names.map((_, i) => {
    sum += 1 / (i + 1) ** ZIPF_EXPONENT
    return sum
  })
  const all = sums[sums.length - 1] ?? 0
  let state = 1
  const draw = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state / 2 ** 32) * all
  }
  return Array.from({ length: count }, () => {
    const at = draw()
    return names[
      Math.max(
        0,
        sums.findIndex((sum) => sum >= at)
      )
    ] as Asked
  })
}
