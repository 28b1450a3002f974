// Draws a trace as an indented tree, one line an event: for the demo, which shows what the package gives and no more.
import type { Trace, TraceEvent } from '../../src/index.js'

/** Lines without colour. */
export function drawTree(trace: Trace): string[] {
  const lines: string[] = []
  const draw = (parent: number, before: string): void => {
    const children = trace.events.filter((event) => event.in === parent && sayEvent(event) !== undefined)
    children.forEach((event, i) => {
      const last = i === children.length - 1
      lines.push(`${before}${last ? '└─ ' : '├─ '}${sayEvent(event)}`)
      draw(event.n, `${before}${last ? '   ' : '│  '}`)
    })
  }
  draw(-1, '')
  return lines
}

/** One line; undefined for what would only repeat another one. */
function sayEvent(event: TraceEvent): string | undefined {
  switch (event.event) {
    case 'question':
      return `question ${event.name} ${event.type}`
    case 'exchange': {
      const size = event.size === undefined ? '' : `, ${event.size} octets`
      const detail = event.detail === undefined ? '' : ` (${event.detail})`
      return `ask ${event.server} (${event.protocol}) for ${event.name} ${event.type}: ${event.rcode ?? ''} ${event.outcome}${size}${detail}`
    }
    case 'referral':
      return `referred to ${event.zone}, DS ${event.ds}`
    case 'cache':
      return `known already: ${event.what} ${event.name} ${event.type}`
    case 'evidence':
    case 'lookup':
      return undefined
    case 'judge':
      return `judge ${event.what} ${event.name} ${event.type}`
    case 'anchor':
      return `${event.by} of ${event.zone}: ${event.keyTags.join(', ')}`
    case 'ds':
      return `DS ${event.keyTag} (${event.algorithm}, ${event.digestType}) of ${event.zone} ${holds(event.matches, 'matches its key', 'matches no key', event.why)}`
    case 'keys':
      return `keys of ${event.zone} trusted by ${event.by}: ${event.keyTags.join(', ')}`
    case 'signature':
      return `RRSIG over ${event.owner} ${event.type} by ${event.signer}/${event.keyTag} (${event.algorithm}) ${holds(event.holds, 'holds', 'does not hold', event.why)}`
    case 'denial':
      return `${event.by?.toUpperCase() ?? 'denial'} of ${event.zone} for ${event.owner} ${event.type}: ${event.proves ?? event.why ?? 'proves nothing'}`
    case 'alias':
      return `${event.owner} is an alias (${event.by.toUpperCase()}) of ${event.target}`
    case 'rrset':
      return `RRset ${event.owner} ${event.type}: ${event.status}`
    case 'zone':
      return `zone ${event.zone}: ${event.status}`
    case 'verdict':
      return `verdict on ${event.name} ${event.type}: ${event.status}, ${event.rcode}`
    case 'fault':
      return `fault: ${event.detail}`
  }
}

function holds(yes: boolean, good: string, bad: string, why: string | undefined): string {
  return yes ? good : `${bad}${why === undefined ? '' : `: ${why}`}`
}
