// A trace in one paragraph, for somebody who runs a mail server and not a name server: what was found, why, what it means and
// who can mend it.

import { isAtOrBelow, type Story, same } from './story.js'
import { harmless } from './style.js'
import { daysLeft } from './words.js'

export function explain(story: Story): string {
  const { verdict, trace, audit } = story
  const { name, type } = trace.question
  const day = new Date(audit.at).toISOString().slice(0, 16).replace('T', ' ')
  const sentences = [`On ${day} UTC the question for ${type} of ${name} was judged ${verdict.status}.`, ...why(story)]
  if (audit.result === 'different') {
    sentences.push(
      `This is not what the trace itself says: ${audit.differences.map(({ what, before, after }) => `${what} was ${before} and is ${after}`).join('; ')}.`
    )
  }
  if (audit.result === 'unverifiable') sentences.push(`The recorded verdict cannot be judged again: ${audit.why}.`)
  return harmless(sentences.join(' '))
}

function why(story: Story): string[] {
  const { verdict } = story
  switch (verdict.status) {
    case 'secure':
      return secure(story)
    case 'insecure':
      return [
        verdict.reason?.text ?? 'It is proven that no chain of trust leads to it.',
        'The answer can be used like any unsigned one; it is not protected against forgery, and DANE does not apply to it.',
        `Whoever runs ${(verdict.reason?.kind === 'optOut' ? verdict.reason.owner : verdict.reason?.zone) ?? 'the zone'} could sign it or have a DS published.`
      ]
    case 'bogus':
      return [
        verdict.reason?.text ?? 'A chain of trust leads to it, and something in it does not hold.',
        'The answer must not be used: it may be forged, or its zone is misconfigured; mail should be kept and tried again.',
        `It is for the operators of ${verdict.reason?.zone ?? verdict.reason?.owner ?? 'the zone'} to mend; asking again later helps only after that.`
      ]
    case 'indeterminate':
      return [
        verdict.reason?.text ?? 'It cannot be told whether it is signed.',
        'Nothing is known to be wrong with the data, but what is needed to judge it was not there; try again later.',
        ...troubles(story)
      ]
  }
}

function secure(story: Story): string[] {
  const { verdict, zones, audit } = story
  const end = verdict.denial ? story.denials.at(-1)?.zone : story.rrsets.at(-1)?.zone
  const chain = zones.filter(({ zone, status }) => status === 'secure' && isAtOrBelow(end ?? '.', zone)).map(({ zone }) => zoneName(zone))
  const ends = story.rrsets.flatMap(({ signatures }) => signatures.filter(({ holds }) => holds).map(({ expiration }) => expiration))
  const found = verdict.denial
    ? verdict.denial.kind === 'nxdomain'
      ? 'It is proven that the name does not exist.'
      : 'It is proven that there is no such data at the name.'
    : verdict.records.length === 1
      ? 'Its record is signed by its zone.'
      : `Each of the ${verdict.records.length} records is signed by its zone.`
  const alias = same(verdict.canonicalName, story.trace.question.name)
    ? []
    : [`The name is an alias that leads to ${verdict.canonicalName}.`]
  return [
    found,
    ...alias,
    chain.length > 1
      ? `Its chain of trust goes from ${chain.join(' to ')}, each vouched for by the one before.`
      : `It lies in ${chain[0] ?? 'a zone'}, whose key is the trust anchor.`,
    ...(ends.length > 0 ? [`The first signature on the answer to end has ${daysLeft(Math.min(...ends), audit.at)}.`] : [])
  ]
}

const zoneName = (zone: string): string => (zone === '.' ? 'the root' : zone)

function troubles(story: Story): string[] {
  const bad = story.exchanges.filter(({ outcome }) => outcome !== 'answer' && outcome !== 'referral' && outcome !== 'truncated')
  if (bad.length === 0) return []
  const first = bad.slice(0, 3).map(({ server, detail, outcome }) => `${server} (${detail ?? outcome})`)
  return [`Servers that did not help: ${first.join(', ')}${bad.length > 3 ? ` and ${bad.length - 3} more` : ''}.`]
}
