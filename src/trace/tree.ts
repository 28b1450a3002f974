// A trace as a tree for the terminal: the verdict first, then zone by zone from the anchor down what each rests on, and in the
// zone that holds it the answer. Signs carry the status, colour only adds to them; no line is longer than the width.

import type { SecurityStatus } from '../verdict/status.js'
import { rdataText } from './rdata.js'
import { isAtOrBelow, type RrsetStory, type Story, same, serversOf, type ZoneStory } from './story.js'
import { harmless, PLAIN, SIGNS, type Style, wrap } from './style.js'
import { denialWords, dsWords, keyWords, serverWords, signatureWords } from './words.js'

export interface TreeOptions {
  readonly style?: Style
  /** columns; 80 when left out */
  readonly width?: number
}

/** A line of the tree with what lies below it; the page folds the same ones. */
export interface TreeNode {
  readonly text: string
  readonly state?: SecurityStatus | 'no-cut'
  readonly tone?: 'strong' | 'faint'
  readonly children: readonly TreeNode[]
}

export function printTree(story: Story, options: TreeOptions = {}): string {
  const { style = PLAIN, width = 80 } = options
  const { verdict, trace, audit } = story
  const lines: string[] = []
  const say = (text: string, dress: (text: string) => string = (same) => same): void => {
    for (const line of wrap(harmless(text), width, '  ')) lines.push(dress(line))
  }
  const head = `${SIGNS[verdict.status]} ${trace.question.name} ${trace.question.type}: ${verdict.status}, ${verdict.rcode}`
  say(head, (text) => style.status(text, verdict.status))
  if (verdict.reason) say(`${verdict.reason.text} [EDE ${verdict.reason.code}: ${verdict.reason.name}; ${verdict.reason.rule}]`)
  say(`judged at ${new Date(audit.at).toISOString()}, ${trace.messages.length} messages, ${story.exchanges.length} exchanges`, style.faint)
  if (audit.result === 'different') {
    say('This is not the verdict that the trace says it had:', (text) => style.status(text, 'bogus'))
    for (const one of audit.differences) say(`  ${one.what}: recorded ${one.before}; now ${one.after}`)
  }
  if (audit.result === 'unverifiable') say(`The recorded verdict cannot be judged again: ${audit.why}.`)
  lines.push('')
  for (const node of treeOf(story)) draw(node, '', '', width, style, lines)
  return `${lines.join('\n')}\n`
}

export function treeOf(story: Story): TreeNode[] {
  const roots = story.zones.filter(({ parent }) => parent === undefined).map((zone) => zoneNode(zone, story))
  return [...roots, ...answerNodes(story, undefined), ...otherServers(story)]
}

function draw(node: TreeNode, first: string, rest: string, width: number, style: Style, lines: string[]): void {
  const hang = node.children.length > 0 ? '│ ' : '  '
  wrap(harmless(node.text), width - first.length, hang).forEach((text, i) => {
    const dressed = node.state ? style.status(text, node.state) : node.tone ? style[node.tone](text) : text
    lines.push((i === 0 ? first : rest) + dressed)
  })
  node.children.forEach((child, i) => {
    const last = i === node.children.length - 1
    draw(child, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`, width, style, lines)
  })
}

const leaf = (text: string, more: Pick<TreeNode, 'state' | 'tone'> = {}): TreeNode => ({ text, children: [], ...more })
const unlessGood = (good: boolean): Pick<TreeNode, 'state'> => (good ? {} : { state: 'bogus' })

function zoneNode(zone: ZoneStory, story: Story): TreeNode {
  const { at } = story.audit
  const name = zone.zone === '.' ? 'the root (.)' : zone.zone
  const children: TreeNode[] = [
    ...(zone.anchor === 'negative-anchor' ? [leaf('negative trust anchor: validation is off at and below this name (RFC 7646)')] : []),
    ...(zone.anchor === 'trust-anchor' ? [leaf(`trust anchor: key ${zone.anchorTags.join(', ')}`)] : []),
    ...zone.ds.map((one) => leaf(dsWords(one), unlessGood(one.matches))),
    ...zone.dsSignatures.map((one) => leaf(`over DS: ${signatureWords(one, at)}`, unlessGood(one.holds))),
    ...zone.noDs.map((one) => leaf(denialWords(one), unlessGood(one.proves !== undefined))),
    ...zone.keys.map((one) => leaf(keyWords(one))),
    ...zone.keySignatures.map((one) => leaf(`over DNSKEY: ${signatureWords(one, at)}`, unlessGood(one.holds))),
    ...zone.servers.map((one) => leaf(`server ${serverWords(one)}`, { tone: 'faint' })),
    ...(zone.reason ? [leaf(zone.reason, { tone: 'strong' })] : []),
    ...answerNodes(story, zone.zone),
    ...story.zones.filter(({ parent }) => parent !== undefined && same(parent, zone.zone)).map((one) => zoneNode(one, story))
  ]
  return { text: `${SIGNS[zone.status]} zone ${name}: ${zone.status}`, state: zone.status, children }
}

/** What of the answer lies in the zone; with undefined what lies in none that the story has. */
function answerNodes(story: Story, zone: string | undefined): TreeNode[] {
  const home = (of: string): string | undefined => story.zones.filter((one) => isAtOrBelow(of, one.zone)).at(-1)?.zone
  const here = (of: string): boolean => {
    const at = home(of)
    return zone === undefined ? at === undefined : at !== undefined && same(at, zone)
  }
  return [
    ...story.rrsets.filter((one) => here(one.zone)).map((one) => rrsetNode(one, story)),
    ...story.denials
      .filter((one) => here(one.zone))
      .map(
        (one): TreeNode => ({
          text: denialWords(one),
          state: one.proves === undefined ? 'bogus' : one.optOut ? 'insecure' : 'secure',
          children: one.signatures.map((signature) =>
            leaf(`${signature.owner} ${signature.type}: ${signatureWords(signature, story.audit.at)}`)
          )
        })
      )
  ]
}

function rrsetNode(one: RrsetStory, story: Story): TreeNode {
  const alias = story.aliases.find(({ owner, by }) => by === 'cname' && same(owner, one.owner) && one.type === 'CNAME')
  const to = alias ? `, an alias of ${alias.target}` : ''
  return {
    text: `${SIGNS[one.status]} ${one.owner} ${one.type}: ${one.status}${to}`,
    state: one.status,
    children: [
      ...one.records.map(({ ttl, rdata }) => leaf(`${ttl} ${one.type} ${rdataText(one.type, rdata)}`)),
      ...one.signatures.map((signature) => leaf(signatureWords(signature, story.audit.at))),
      ...(one.reason ? [leaf(one.reason, { tone: 'strong' })] : [])
    ]
  }
}

/** Servers of zones that the story has no verdict on, and those that were asked as recursive ones. */
function otherServers(story: Story): TreeNode[] {
  const others = story.exchanges.filter(({ zone }) => zone === undefined || !story.zones.some((one) => same(one.zone, zone)))
  const zones = [...new Set(others.map(({ zone }) => zone))]
  return zones.map((zone) => ({
    text: zone === undefined ? 'asked as recursive servers' : `asked for ${zone}`,
    children: serversOf(others.filter((one) => one.zone === zone)).map((one) => leaf(serverWords(one)))
  }))
}
