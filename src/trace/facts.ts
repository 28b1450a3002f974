// What lists of many answers are made of: one flat row a question.

import type { SecurityStatus } from '../verdict/status.js'
import { isAtOrBelow, type Story } from './story.js'

export interface Facts {
  readonly name: string
  readonly type: string
  readonly status: SecurityStatus
  readonly rcode: string
  readonly reason?: { readonly code: number; readonly name: string; readonly kind: string; readonly text: string; readonly zone?: string }
  /** mnemonics of the signatures that hold over the answer and the keys of its zone */
  readonly algorithms: readonly string[]
  /** the first signature of the chain to end, seconds since the epoch, and what it covers */
  readonly expires?: { readonly at: number; readonly owner: string; readonly type: string }
  /** ms since the epoch */
  readonly judgedAt: number
}

export function factsOf(story: Story): Facts {
  const { trace, verdict, audit } = story
  const zones = [...story.rrsets.map(({ zone }) => zone), ...story.denials.map(({ zone }) => zone)]
  const chain = story.zones.filter(({ zone }) => zones.some((one) => isAtOrBelow(one, zone)))
  const answers = [...story.rrsets, ...story.denials].flatMap(({ signatures }) => signatures)
  const own = chain.filter(({ zone }) => zones.includes(zone)).flatMap(({ keySignatures }) => keySignatures)
  const held = [...answers, ...chain.flatMap(({ keySignatures, dsSignatures }) => [...keySignatures, ...dsSignatures])].filter(
    ({ holds }) => holds
  )
  const first = held.reduce<(typeof held)[0] | undefined>(
    (least, one) => (least && least.expiration <= one.expiration ? least : one),
    undefined
  )
  const { reason } = verdict
  return {
    name: trace.question.name,
    type: trace.question.type,
    status: verdict.status,
    rcode: verdict.rcode,
    ...(reason && {
      reason: { code: reason.code, name: reason.name, kind: reason.kind, text: reason.text, ...(reason.zone && { zone: reason.zone }) }
    }),
    algorithms: [...new Set([...answers, ...own].filter(({ holds }) => holds).map(({ algorithm }) => algorithm))].sort(),
    ...(first && { expires: { at: first.expiration, owner: first.owner, type: first.type } }),
    judgedAt: audit.at
  }
}
