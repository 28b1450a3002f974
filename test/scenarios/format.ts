// The text that a scenario is written in: a title, a world, scripted replies, and questions with what must come of them.
//
//   # The first line says what the scenario shows.
//   clock 2026-09-21T14:13:20Z          the instant; the usual one when left out
//   anchor example. DS 1 8 2 AB..       instead of the DS of the root; any number of them
//   allow sha1                          or: limit aliases 3, option aggressiveDenial off
//   zone test. nsec3 salt 01 opt-out    a zone of the world, signed unless it says `unsigned`; its records are indented below
//   stub example. 192.0.2.1             a zone that is not of the world: only scripted replies come from that address
//   server 192.0.2.7                    an address with scripted replies only, that others refer to
//   part soa                            records to be used again by `use soa`
//   reply test. a.test. A NXDOMAIN      what the servers of the zone (or an address) give in place of the honest reply
//     answer                            sections; below them records, or parts taken from the zone:
//       set a.test. A as b.test.        an RRset with its RRSIGs, put at another owner
//       at a.test.                      the NSEC or NSEC3 record that matches the name, with its RRSIG; `over`: that covers it
//       nsec a.test. c.test. A MX       an NSEC that the zone never had, signed by it
//       of other. set b.other. A        the same out of another zone; `bare` leaves RRSIGs out, `turned` breaks them
//   ask a.test. A                       a question; all questions of a file go to one resolver, in order
//   expect bogus SERVFAIL denialMissing status, RCODE, kind of the reason
//     data 192.0.2.1                    more about it: rdata, `denial nxdomain`, `name b.test`, `sent 0` messages
//   wait 3600                           moves the clock, seconds

export interface Line {
  readonly at: number
  readonly indent: number
  readonly words: readonly string[]
  readonly text: string
}

export interface Block {
  readonly head: Line
  readonly body: readonly Line[]
}

export interface Scenario {
  readonly title: string
  readonly blocks: readonly Block[]
}

export class ScenarioError extends Error {
  constructor(line: Line | undefined, what: string) {
    super(line ? `line ${line.at}: ${what}: ${line.text}` : what)
  }
}

export function readScenario(text: string): Scenario {
  const [first = ''] = text.split('\n', 1)
  if (!first.startsWith('# ')) throw new ScenarioError(undefined, 'a scenario begins with what it shows')
  const blocks: { head: Line; body: Line[] }[] = []
  for (const line of linesOf(text)) {
    if (line.indent === 0) blocks.push({ head: line, body: [] })
    else if (blocks.length === 0) throw new ScenarioError(line, 'nothing to belong to')
    else blocks[blocks.length - 1].body.push(line)
  }
  return { title: first.slice(2), blocks }
}

function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((raw, i) => {
    const trimmed = raw.trim()
    if (trimmed === '' || trimmed.startsWith('#')) return []
    return [{ at: i + 1, indent: raw.length - raw.trimStart().length, words: trimmed.split(/\s+/), text: trimmed }]
  })
}
