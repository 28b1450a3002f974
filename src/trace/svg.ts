// The chain of trust as SVG, laid out without any other program: a box a zone, children below their parents. Sign, word, line
// and shape carry the state; colour only repeats it.

import { type Graph, type GraphEdge, type GraphNode, type GraphZone, graphOf, type State } from './graph.js'
import type { Story } from './story.js'
import { harmless } from './style.js'

const CHAR = 6.7
const NODE_HEIGHT = 40
const GAP = 26
const ROW = NODE_HEIGHT + 44
const PAD = 20
const HEAD = 26
const BETWEEN = 46

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export function drawSvg(story: Story): string {
  return svgOf(graphOf(story))
}

export function svgOf(graph: Graph): string {
  const { places, zones, width, height } = layOut(graph)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(graph.title)}" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
    `<title>${escapeXml(graph.title)}</title>`,
    `<style>${STYLE}</style>`,
    `<defs>${marker('secure')}${marker('insecure')}${marker('bogus')}${marker('indeterminate')}</defs>`,
    `<text class="head" x="${PAD}" y="28">${escapeXml(graph.title)}</text>`,
    ...graph.zones.map((zone) => zoneBox(zone, zones.get(zone.zone) as Box)),
    ...graph.edges.map((edge) => edgeLine(edge, places)),
    ...graph.nodes.map((node) => nodeShape(node, places.get(node.id) as Box)),
    '</svg>'
  ]
  return parts.join('\n')
}

/** Light and dark by the reader's own choice; the states are told apart by dash and width too. */
const STYLE = `
.head{font-size:16px;font-weight:bold;fill:#222}
.zone rect{fill:#f7f8fa;stroke:#889;stroke-width:1.2}.zone text{font-weight:bold;fill:#333}
.zone.insecure rect{stroke-dasharray:6 4}.zone.bogus rect{stroke:#a3262a;stroke-width:3}.zone.indeterminate rect{stroke-dasharray:2 4}
.shape{fill:#fff;stroke:#444;stroke-width:1.4}.node text{text-anchor:middle;fill:#111}
.node.secure .shape{stroke:#1a6b3c;stroke-width:2}.node.insecure .shape{stroke:#8a6100;stroke-dasharray:6 4}
.node.bogus .shape{stroke:#a3262a;stroke-width:3.2;fill:#fdf0f0}.node.indeterminate .shape{stroke:#6a4c93;stroke-dasharray:2 3}
.edge path{fill:none;stroke:#1a6b3c;stroke-width:1.5}.edge.insecure path{stroke:#8a6100;stroke-dasharray:6 4}
.edge.bogus path{stroke:#a3262a;stroke-width:2.6;stroke-dasharray:10 3 2 3}.edge.alias path{stroke:#445;stroke-dasharray:1 4;stroke-width:2}
.edge text{font-size:10px;fill:#333;text-anchor:middle;paint-order:stroke;stroke:#f7f8fa;stroke-width:4px}
`.replaceAll('\n', '')

const COLOURS: Readonly<Record<State, string>> = { secure: '#1a6b3c', insecure: '#8a6100', bogus: '#a3262a', indeterminate: '#6a4c93' }
const marker = (state: State): string =>
  `<marker id="arrow-${state}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8Z" fill="${COLOURS[state]}"/></marker>`

/** Rows of a zone: the anchor, the keys that are named from outside, the others, and at the bottom what the zone says. */
function rowOf(node: GraphNode, graph: Graph): number {
  if (node.kind === 'anchor') return 0
  if (node.kind !== 'key') return 3
  return graph.edges.some(({ to, kind }) => to === node.id && kind === 'names') ? 1 : 2
}

interface Laid {
  readonly places: ReadonlyMap<string, Box>
  readonly zones: ReadonlyMap<string, Box>
  readonly width: number
  readonly height: number
}

function layOut(graph: Graph): Laid {
  const rows = new Map(graph.zones.map((zone) => [zone.zone, rowsOf(zone, graph)]))
  const sizes = new Map(graph.zones.map((zone) => [zone.zone, sizeOf(zone, rows.get(zone.zone) as GraphNode[][])]))
  const places = new Map<string, Box>()
  const zones = new Map<string, Box>()
  const childrenOf = (zone: string): GraphZone[] => graph.zones.filter(({ parent }) => parent === zone)
  const spans = new Map<string, number>()
  const span = (zone: string): number => {
    const known = spans.get(zone)
    if (known !== undefined) return known
    const below = childrenOf(zone).map((child) => span(child.zone))
    const own = (sizes.get(zone) as { width: number }).width
    const total = Math.max(own, below.reduce((sum, one) => sum + one, 0) + BETWEEN * Math.max(0, below.length - 1))
    spans.set(zone, total)
    return total
  }
  let bottom = 0
  const place = (zone: string, x: number, y: number): void => {
    const { width, height } = sizes.get(zone) as { width: number; height: number }
    const box = { x: x + (span(zone) - width) / 2, y, width, height }
    zones.set(zone, box)
    bottom = Math.max(bottom, y + height)
    for (const [i, row] of (rows.get(zone) as GraphNode[][]).entries()) {
      const total = row.reduce((sum, node) => sum + widthOf(node), 0) + GAP * (row.length - 1)
      let at = box.x + (width - total) / 2
      for (const node of row) {
        places.set(node.id, { x: at, y: y + HEAD + PAD / 2 + i * ROW, width: widthOf(node), height: NODE_HEIGHT })
        at += widthOf(node) + GAP
      }
    }
    const below = childrenOf(zone)
    const total = below.reduce((sum, child) => sum + span(child.zone), 0) + BETWEEN * Math.max(0, below.length - 1)
    let at = x + (span(zone) - total) / 2
    for (const child of below) {
      place(child.zone, at, y + height + BETWEEN)
      at += span(child.zone) + BETWEEN
    }
  }
  let x = PAD
  for (const { zone, parent } of graph.zones) {
    if (parent !== undefined) continue
    place(zone, x, 48)
    x += span(zone) + BETWEEN
  }
  return { places, zones, width: Math.max(x - BETWEEN + PAD, graph.title.length * 9 + 2 * PAD), height: bottom + PAD }
}

function rowsOf({ zone }: GraphZone, graph: Graph): GraphNode[][] {
  const own = graph.nodes.filter((node) => node.zone === zone)
  return [0, 1, 2, 3].map((row) => own.filter((node) => rowOf(node, graph) === row)).filter((row) => row.length > 0)
}

/** An ellipse has less room for its words than a box. */
const widthOf = ({ label, kind }: GraphNode): number =>
  Math.max(84, ...label.map((line) => shorten(line).length * CHAR + (kind === 'key' ? 62 : 34)))

function sizeOf(zone: GraphZone, rows: readonly (readonly GraphNode[])[]): { width: number; height: number } {
  const widths = rows.map((row) => row.reduce((sum, node) => sum + widthOf(node), 0) + GAP * (row.length - 1))
  return {
    width: Math.max(160, zone.label.length * 7.6 + 2 * PAD, ...widths.map((one) => one + 2 * PAD)),
    height: HEAD + PAD + Math.max(0, rows.length * ROW - (ROW - NODE_HEIGHT))
  }
}

function zoneBox({ label, title, state }: GraphZone, { x, y, width, height }: Box): string {
  return `<g class="zone ${state}"><title>${escapeXml(title)}</title><rect x="${r(x)}" y="${r(y)}" width="${r(width)}" height="${r(height)}" rx="6"/><text x="${r(x + 10)}" y="${r(y + 18)}">${escapeXml(label)}</text></g>`
}

function nodeShape({ kind, state, label, title }: GraphNode, box: Box): string {
  const lines = label.map((line, i) => {
    const y = box.y + box.height / 2 + 4 + (i - (label.length - 1) / 2) * 14
    return `<text x="${r(box.x + box.width / 2)}" y="${r(y)}">${escapeXml(shorten(line))}</text>`
  })
  return `<g class="node ${kind} ${state}"><title>${escapeXml(title)}</title>${shape(kind, box)}${lines.join('')}</g>`
}

/** Keys are ellipses, RRsets rectangles, DS rounded, denials with cut corners, the anchor with a double line. */
function shape(kind: GraphNode['kind'], { x, y, width: w, height: h }: Box): string {
  const rect = (inset: number, rx: number): string =>
    `<rect class="shape" x="${r(x + inset)}" y="${r(y + inset)}" width="${r(w - 2 * inset)}" height="${r(h - 2 * inset)}" rx="${rx}"/>`
  switch (kind) {
    case 'key':
      return `<ellipse class="shape" cx="${r(x + w / 2)}" cy="${r(y + h / 2)}" rx="${r(w / 2)}" ry="${r(h / 2)}"/>`
    case 'anchor':
      return `${rect(0, 8)}${rect(4, 5)}`
    case 'ds':
      return rect(0, 14)
    case 'rrset':
      return rect(0, 0)
    case 'denial': {
      const points = [
        [x + 10, y],
        [x + w - 10, y],
        [x + w, y + h / 2],
        [x + w - 10, y + h],
        [x + 10, y + h],
        [x, y + h / 2]
      ]
      return `<polygon class="shape" points="${points.map(([a, b]) => `${r(a as number)},${r(b as number)}`).join(' ')}"/>`
    }
  }
}

function edgeLine(edge: GraphEdge, places: ReadonlyMap<string, Box>): string {
  const from = places.get(edge.from)
  const to = places.get(edge.to)
  if (!from || !to) return ''
  const { path, x, y } = edge.from === edge.to ? loop(from) : from.y === to.y ? beside(from, to) : down(from, to)
  const text = edge.label ? `<text x="${r(x)}" y="${r(y)}">${escapeXml(edge.label)}</text>` : ''
  const title = `<title>${escapeXml(edge.title)}</title>`
  return `<g class="edge ${edge.kind} ${edge.state}">${title}<path d="${path}" marker-end="url(#arrow-${edge.state})"/>${text}</g>`
}

interface Line {
  readonly path: string
  readonly x: number
  readonly y: number
}

function down(from: Box, to: Box): Line {
  const below = to.y > from.y
  const [x1, y1] = [from.x + from.width / 2, below ? from.y + from.height : from.y]
  const [x2, y2] = [to.x + to.width / 2, below ? to.y : to.y + to.height]
  const bend = (y2 - y1) / 2
  // Between two zones the words stand in the gap, within one beside the arrow's end.
  const far = Math.abs(y2 - y1) > ROW
  return {
    path: `M${r(x1)} ${r(y1)}C${r(x1)} ${r(y1 + bend)} ${r(x2)} ${r(y2 - bend)} ${r(x2)} ${r(y2)}`,
    x: far ? (3 * x1 + x2) / 4 : (x1 + 2 * x2) / 3,
    y: y1 + (y2 - y1) * (far ? 0.32 : 0.7)
  }
}

function beside(from: Box, to: Box): Line {
  const right = to.x > from.x
  const [x1, x2] = [right ? from.x + from.width : from.x, right ? to.x : to.x + to.width]
  const y = from.y + from.height / 2
  return { path: `M${r(x1)} ${r(y)}Q${r((x1 + x2) / 2)} ${r(y - 18)} ${r(x2)} ${r(y)}`, x: (x1 + x2) / 2, y: y - 14 }
}

/** A key that signs its own set: drawn only when that does not hold. */
function loop({ x, y, width, height }: Box): Line {
  const [a, b] = [x + width, y + height / 2]
  return {
    path: `M${r(a - 8)} ${r(b - 10)}C${r(a + 26)} ${r(b - 26)} ${r(a + 26)} ${r(b + 26)} ${r(a - 8)} ${r(b + 10)}`,
    x: x + width / 2,
    y: y + height + 14
  }
}

const r = (n: number): string => String(Math.round(n * 10) / 10)
const MOST = 44
/** Long names lose their middle; the title has all of it. */
const shorten = (text: string): string => (text.length <= MOST ? text : `${text.slice(0, 20)}…${text.slice(-22)}`)

export function escapeXml(text: string): string {
  return harmlessLines(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

const harmlessLines = (text: string): string => text.split('\n').map(harmless).join('\n')
