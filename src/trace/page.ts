// A trace as one HTML page that needs nothing else: the picture, the tree, the messages, a timeline and every step, with search.
// It reads without scripts; the script only finds and folds. Nothing in it is fetched, and its policy forbids it to be.

import { createHash } from 'node:crypto'
import type { NumberedEvent } from '../verdict/trace.js'
import type { Decoded } from './decode.js'
import { explain } from './explain.js'
import { graphOf } from './graph.js'
import { PAGE_SCRIPT, PAGE_STYLE } from './page-parts.js'
import type { ExchangeEvent, Story } from './story.js'
import { SIGNS } from './style.js'
import { escapeXml, svgOf } from './svg.js'
import { type TreeNode, treeOf } from './tree.js'

export function drawPage(story: Story): string {
  const { trace, verdict, audit } = story
  const title = `${trace.question.name} ${trace.question.type}: ${verdict.status}`
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hashOf(PAGE_SCRIPT)}'; base-uri 'none'; form-action 'none'`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeXml(title)}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    '</head>',
    '<body>',
    header(story),
    '<nav aria-label="Parts of the page">',
    '<a href="#picture">Picture</a><a href="#tree">Tree</a><a href="#timeline">Timeline</a><a href="#messages">Messages</a><a href="#steps">Steps</a>',
    '<label class="find">Find <input id="find" type="search" placeholder="name, key tag, server…" autocomplete="off"></label>',
    '<output id="found" for="find"></output>',
    '<button type="button" id="open">Unfold all</button><button type="button" id="close">Fold all</button>',
    '</nav>',
    '<main>',
    section('picture', 'Chain of trust', `<div class="scroll">${svgOf(graphOf(story))}</div>${LEGEND}`),
    section(
      'tree',
      'Zone by zone',
      `<ul class="tree">${treeOf(story)
        .map((node) => treeItem(node))
        .join('')}</ul>`
    ),
    section('timeline', 'Timeline', timeline(story)),
    section(
      'messages',
      `Messages (${story.messages.length})`,
      story.messages.map((one) => messageItem(one, story)).join('') || '<p>None was received.</p>'
    ),
    section(
      'steps',
      `Steps of the judgement (${audit.events.length})`,
      `<ol class="steps" start="0">${audit.events.map(stepItem).join('')}</ol>`
    ),
    '</main>',
    `<footer>${escapeXml(trace.software ?? 'unknown software')}, trace version ${trace.version}; trust anchors: ${trace.anchors.map((line) => `<code>${escapeXml(line)}</code>`).join(' ') || 'none'}</footer>`,
    `<script>${PAGE_SCRIPT}</script>`,
    '</body>',
    '</html>',
    ''
  ].join('\n')
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64')

const LEGEND =
  '<p class="legend">Double box: trust anchor. Ellipse: key. Rounded: DS. Rectangle: RRset. Hexagon: denial. ✓ and a full line: secure; ○ and a broken line: insecure; ✗ and a thick line: bogus; ? and a dotted line: indeterminate. On an arrow: what is left of the signature.</p>'

function header(story: Story): string {
  const { trace, verdict, audit, exchanges } = story
  const { reason } = verdict
  const differs = audit.differences
    .map(({ what, before, after }) => `<li>${escapeXml(`${what}: recorded ${before}; now ${after}`)}</li>`)
    .join('')
  return [
    `<header class="${verdict.status}">`,
    `<h1><span class="sign" aria-hidden="true">${SIGNS[verdict.status]}</span> ${escapeXml(trace.question.name)} ${escapeXml(trace.question.type)}</h1>`,
    `<p class="status">${verdict.status}, ${escapeXml(verdict.rcode)}</p>`,
    reason
      ? `<p class="reason">${escapeXml(reason.text)} <small>[EDE ${reason.code}: ${escapeXml(reason.name)}; ${escapeXml(reason.rule)}]</small></p>`
      : '',
    `<p>${escapeXml(explain(story))}</p>`,
    audit.result === 'different'
      ? `<div class="differs"><strong>This is not the verdict that the trace says it had.</strong><ul>${differs}</ul></div>`
      : '',
    audit.result === 'unverifiable'
      ? `<div class="differs"><strong>The recorded verdict cannot be judged again:</strong> ${escapeXml(audit.why ?? '')}.</div>`
      : '',
    `<p class="facts">judged at <time>${new Date(audit.at).toISOString()}</time>, ${trace.messages.length} messages, ${exchanges.length} exchanges</p>`,
    '</header>'
  ].join('\n')
}

const section = (id: string, title: string, body: string): string =>
  `<section id="${id}"><details open class="part"><summary><h2>${title}</h2></summary>${body}</details></section>`

function treeItem({ text, state, tone, children }: TreeNode): string {
  const words = `<span class="${state ?? tone ?? ''}">${escapeXml(text)}</span>`
  if (children.length === 0) return `<li class="hit">${words}</li>`
  const below = children.map((child) => treeItem(child)).join('')
  return `<li><details open><summary class="hit">${words}</summary><ul>${below}</ul></details></li>`
}

/** A bar an exchange, from when it began; when the clock stood still, one after the other. */
function timeline({ exchanges }: Story): string {
  if (exchanges.length === 0) return '<p>No exchange was recorded: everything came from a cache.</p>'
  const starts = exchanges.map(({ startedAt }) => startedAt)
  const first = Math.min(...starts)
  const still = Math.max(...starts) === first
  let sum = 0
  const begins = exchanges.map(({ startedAt, ms }) => {
    const at = still ? sum : startedAt - first
    sum += ms
    return at
  })
  const end = Math.max(0.1, ...exchanges.map(({ ms }, i) => (begins[i] as number) + ms))
  const rows = exchanges.map((one, i) => bar(one, begins[i] as number, end))
  const note = still ? '<p>The clock stood still meanwhile; the exchanges are shown one after the other.</p>' : ''
  return `${note}<table class="timeline"><thead><tr><th>question</th><th>server</th><th>ms</th><th>result</th><th>${round(end)} ms in all</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

function bar(
  { name, type, server, protocol, ms, outcome, rcode, detail, zone, message }: ExchangeEvent,
  begin: number,
  end: number
): string {
  const good = outcome === 'answer' || outcome === 'referral'
  const result = [outcome, rcode, detail].filter(Boolean).join(', ')
  const link = message === undefined ? escapeXml(`${name} ${type}`) : `<a href="#m${message}">${escapeXml(`${name} ${type}`)}</a>`
  const left = ((begin / end) * 100).toFixed(2)
  const width = Math.max(0.6, (ms / end) * 100).toFixed(2)
  return `<tr class="hit"><td>${link}</td><td>${escapeXml(`${server} ${protocol}`)}${zone === undefined ? '' : ` <small>for ${escapeXml(zone)}</small>`}</td><td class="number">${round(ms)}</td><td class="${good ? '' : 'bogus'}">${escapeXml(result)}</td><td class="lane"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="${good ? 'good' : 'bad'}" x="${left}" y="2" width="${width}" height="6"/></svg></td></tr>`
}

const round = (ms: number): number => Math.round(ms * 10) / 10

function messageItem(one: Decoded, { trace }: Story): string {
  const { server, protocol, at } = trace.messages[one.n] ?? {}
  const from = server === undefined ? '' : ` from ${server} ${protocol ?? ''}`
  const when = at === undefined ? '' : `, ${new Date(at).toISOString()}`
  const sections = one.sections.map(
    ({ name, lines }) => `<h3>${escapeXml(name)}</h3><pre>${lines.map((line) => escapeXml(line)).join('\n')}</pre>`
  )
  return `<details class="message" id="m${one.n}"><summary class="hit"><b>${one.n}</b> ${escapeXml(one.head)}<small>${escapeXml(from + when)}</small></summary><div class="hit">${sections.join('')}</div></details>`
}

function stepItem(event: NumberedEvent): string {
  const { n: _, in: above, event: kind, uses = [], ...fields } = event
  const words = Object.entries(fields).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const rests = uses.length > 0 ? `; rests on ${uses.join(', ')}` : ''
  return `<li class="hit"><b>${escapeXml(kind)}</b> ${escapeXml(words.join(', '))} <small>${above < 0 ? '' : `below ${above}`}${rests}</small></li>`
}
