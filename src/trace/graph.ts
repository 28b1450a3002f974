// The chain of trust as a graph: anchors, keys, DS, RRsets and denials as nodes in the box of their zone, signatures and digests
// as edges. Drawn by svg.ts and dot.ts alike.

import { algorithmMnemonic } from '../crypto/algorithms.js'
import type { SecurityStatus } from '../verdict/status.js'
import { type SignatureEvent, type Story, same, type ZoneStory } from './story.js'
import { SIGNS } from './style.js'
import { daysLeft, denialWords, dsWords, keyWords, kindWords, signatureWords } from './words.js'

export type State = SecurityStatus

export interface GraphNode {
  readonly id: string
  readonly zone: string
  readonly kind: 'anchor' | 'key' | 'ds' | 'rrset' | 'denial'
  readonly state: State
  /** a line or two */
  readonly label: readonly string[]
  /** the whole story of it, for a pointer that rests on it and for readers of screens */
  readonly title: string
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly kind: 'names' | 'signs' | 'alias'
  readonly state: State
  readonly label: string
  readonly title: string
}

export interface GraphZone {
  readonly zone: string
  readonly parent: string | undefined
  readonly state: State
  readonly label: string
  readonly title: string
}

export interface Graph {
  readonly title: string
  readonly state: State
  readonly zones: readonly GraphZone[]
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

export function graphOf(story: Story): Graph {
  const { trace, verdict, audit } = story
  const nodes: GraphNode[] = []
  const edges: GraphEdge[] = []
  for (const zone of story.zones) addZone(zone, story, nodes, edges)
  for (const one of story.rrsets) {
    const id = `rrset ${one.owner} ${one.type}`.toLowerCase()
    const title = [`${one.owner} ${one.type}: ${one.status}`, ...one.signatures.map((sig) => signatureWords(sig, audit.at)), one.reason]
    nodes.push({
      id,
      zone: homeOf(one.zone, story),
      kind: 'rrset',
      state: one.status,
      label: [one.owner, `${one.type} ${SIGNS[one.status]} ${one.status}`],
      title: title.filter(Boolean).join('\n')
    })
    edges.push(...signedBy(id, one.signatures, nodes, audit.at))
  }
  for (const { owner, target, by } of story.aliases) {
    if (by !== 'cname') continue
    const from = `rrset ${owner} cname`.toLowerCase()
    const to = nodes.find(({ id }) => id.startsWith(`rrset ${target.toLowerCase()} `))
    if (to && nodes.some(({ id }) => id === from)) {
      edges.push({ from, to: to.id, kind: 'alias', state: 'secure', label: 'alias', title: `${owner} is an alias of ${target}` })
    }
  }
  story.denials.forEach((one, i) => {
    const id = `denial ${i}`
    const state: State = one.proves === undefined ? 'bogus' : one.optOut ? 'insecure' : 'secure'
    nodes.push({
      id,
      zone: homeOf(one.zone, story),
      kind: 'denial',
      state,
      label: [`${one.owner} ${one.type}`, `${one.by?.toUpperCase() ?? 'denial'}: ${one.proves ?? 'no proof'} ${SIGNS[state]}`],
      title: [denialWords(one), ...one.signatures.map((sig) => `${sig.owner} ${sig.type}: ${signatureWords(sig, audit.at)}`)].join('\n')
    })
    edges.push(...signedBy(id, one.signatures, nodes, audit.at).slice(0, 1))
  })
  const zones = story.zones.map(({ zone, parent, status, reason }): GraphZone => {
    const state: State = status === 'no-cut' ? 'secure' : status
    const name = zone === '.' ? 'the root' : zone
    return { zone, parent, state, label: `${name}: ${SIGNS[state]} ${state}`, title: reason ?? `zone ${name} is ${state}` }
  })
  return {
    title: `${trace.question.name} ${trace.question.type}: ${SIGNS[verdict.status]} ${verdict.status}`,
    state: verdict.status,
    zones: withLoose(zones, nodes),
    nodes,
    edges
  }
}

function addZone(zone: ZoneStory, story: Story, nodes: GraphNode[], edges: GraphEdge[]): void {
  const { at } = story.audit
  const idOf = (tag: number): string => `key ${zone.zone} ${tag}`.toLowerCase()
  if (zone.anchor) {
    const negative = zone.anchor === 'negative-anchor'
    const label = negative ? ['negative', 'trust anchor'] : ['trust anchor', zone.anchorTags.join(', ')]
    const title = negative ? 'validation is off here (RFC 7646)' : `trust anchor for keys ${zone.anchorTags.join(', ')}`
    nodes.push({
      id: `anchor ${zone.zone}`.toLowerCase(),
      zone: zone.zone,
      kind: 'anchor',
      state: negative ? 'insecure' : 'secure',
      label,
      title
    })
  }
  for (const key of zone.keys) {
    const state: State = key.trusted ? 'secure' : zone.status === 'bogus' ? 'bogus' : 'insecure'
    const label = [`DNSKEY ${key.keyTag}`, `${key.role} ${algorithmMnemonic(key.algorithm)} ${SIGNS[state]}`]
    nodes.push({ id: idOf(key.keyTag), zone: zone.zone, kind: 'key', state, label, title: keyWords(key) })
    if (key.named === 'anchor') {
      edges.push({
        from: `anchor ${zone.zone}`.toLowerCase(),
        to: idOf(key.keyTag),
        kind: 'names',
        state,
        label: '',
        title: 'named by the trust anchor'
      })
    }
  }
  if (zone.anchor !== 'trust-anchor') {
    zone.ds.forEach((ds, i) => {
      const id = `ds ${zone.zone} ${i}`.toLowerCase()
      const state: State = ds.matches ? 'secure' : 'bogus'
      nodes.push({
        id,
        zone: zone.parent ?? zone.zone,
        kind: 'ds',
        state,
        label: [`DS ${ds.keyTag} of ${zone.zone}`, `${ds.digestType} ${SIGNS[state]}`],
        title: [dsWords(ds), `digest ${ds.digest}`, ...zone.dsSignatures.map((one) => signatureWords(one, at))].join('\n')
      })
      edges.push(...signedBy(id, zone.dsSignatures, nodes, at))
      if (nodes.some((one) => one.id === idOf(ds.keyTag))) {
        edges.push({ from: id, to: idOf(ds.keyTag), kind: 'names', state, label: ds.matches ? 'digest' : '✗ digest', title: dsWords(ds) })
      }
    })
  }
  zone.noDs.forEach((one, i) => {
    const state: State = one.proves === undefined ? 'bogus' : 'insecure'
    nodes.push({
      id: `nods ${zone.zone} ${i}`.toLowerCase(),
      zone: zone.parent ?? zone.zone,
      kind: 'denial',
      state,
      label: [`no DS for ${zone.zone}`, `${one.by?.toUpperCase() ?? 'no proof'} ${SIGNS[state]}`],
      title: denialWords(one)
    })
    edges.push(...signedBy(`nods ${zone.zone} ${i}`.toLowerCase(), zone.noDsSignatures, nodes, at).slice(0, 1))
  })
  const entry = zone.keySignatures
  for (const key of zone.keys) {
    for (const one of entry.filter((sig) => sig.keyTag !== key.keyTag)) {
      if (nodes.some(({ id }) => id === idOf(one.keyTag))) edges.push(edge(idOf(one.keyTag), idOf(key.keyTag), one, at))
    }
    for (const one of entry.filter((sig) => sig.keyTag === key.keyTag && !sig.holds))
      edges.push(edge(idOf(one.keyTag), idOf(one.keyTag), one, at))
  }
}

function signedBy(to: string, signatures: readonly SignatureEvent[], nodes: readonly GraphNode[], at: number): GraphEdge[] {
  return signatures.flatMap((one) => {
    const from = `key ${one.signer} ${one.keyTag}`.toLowerCase()
    return nodes.some(({ id }) => id === from) ? [edge(from, to, one, at)] : []
  })
}

function edge(from: string, to: string, one: SignatureEvent, at: number): GraphEdge {
  const label = one.holds ? daysLeft(one.expiration, at) : `✗ ${kindWords(one.why)}`
  return { from, to, kind: 'signs', state: one.holds ? 'secure' : 'bogus', label, title: signatureWords(one, at) }
}

const homeOf = (zone: string, story: Story): string => story.zones.find((one) => same(one.zone, zone))?.zone ?? zone

/** Boxes for nodes of zones that nothing is known of. */
function withLoose(zones: readonly GraphZone[], nodes: readonly GraphNode[]): GraphZone[] {
  const loose = [...new Set(nodes.map(({ zone }) => zone))].filter((zone) => !zones.some((one) => same(one.zone, zone)))
  return [
    ...zones,
    ...loose.map(
      (zone): GraphZone => ({
        zone,
        parent: undefined,
        state: 'indeterminate',
        label: `${zone}: ? not judged`,
        title: 'nothing is known of this zone'
      })
    )
  ]
}
