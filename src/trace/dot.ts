// The chain of trust in the language of Graphviz, for those who want their own layout.

import { type GraphEdge, type GraphNode, graphOf, type State } from './graph.js'
import type { Story } from './story.js'
import { harmless } from './style.js'

const SHAPES: Readonly<Record<GraphNode['kind'], string>> = {
  anchor: 'doubleoctagon',
  key: 'ellipse',
  ds: 'box',
  rrset: 'rect',
  denial: 'hexagon'
}
const LINES: Readonly<Record<State, string>> = {
  secure: 'color="#1a6b3c" penwidth=1.6',
  insecure: 'color="#8a6100" style=dashed',
  bogus: 'color="#a3262a" penwidth=3',
  indeterminate: 'color="#6a4c93" style=dotted'
}

export function drawDot(story: Story): string {
  const graph = graphOf(story)
  const clusters = graph.zones.map((zone, i) => {
    const own = graph.nodes.filter((node) => node.zone === zone.zone)
    const lines = own.map((node) => {
      const label = node.label.map(inner).join('\\n')
      return `    ${quoted(node.id)} [label="${label}" shape=${SHAPES[node.kind]} tooltip=${quoted(node.title)} ${LINES[node.state]}]`
    })
    return [
      `  subgraph cluster_${i} {`,
      `    label=${quoted(zone.label)} ${LINES[zone.state].replaceAll(' ', '; ')}`,
      ...lines,
      '  }'
    ].join('\n')
  })
  return [
    'digraph chain {',
    `  label=${quoted(graph.title)} labelloc=t fontname="Helvetica"`,
    '  node [fontname="Helvetica" fontsize=11]; edge [fontname="Helvetica" fontsize=9]',
    ...clusters,
    ...graph.edges.map(edgeLine),
    '}',
    ''
  ].join('\n')
}

function edgeLine({ from, to, label, title, state, kind }: GraphEdge): string {
  const line = kind === 'alias' ? 'style=dotted' : LINES[state]
  return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)} tooltip=${quoted(title)} ${line}]`
}

const inner = (text: string): string =>
  text.split('\n').map(harmless).join('\n').replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
const quoted = (text: string): string => `"${inner(text)}"`
