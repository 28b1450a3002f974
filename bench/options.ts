// The options of `npm run bench`: read, and refused where they are none or do not go together.
import { parseArgs } from 'node:util'
import type { Mix } from './questions.js'
import type { SubjectKey } from './subjects.js'
import type { TreeOptions } from './tree.js'

export const HELP = `npm run bench -- [options]
  --generate N        a TLD with N signed delegations, mixed algorithms and kinds of denial (the default, 1000)
  --zone FILE         a zone as it is published, .gz too, signed anew (see --algorithm)
  --algorithm N       signs all of it with one algorithm: 8, 10, 13, 14, 15 or 16
  --live              asks the Internet instead
  --questions FILE    lines of name and type, instead of one to each zone
  --mix cold|mail|zipf
  --only A,B          of: signatures, start, cold, warm, sockets, p256, profile, network, hostile, memory, growth
  --subjects A,B      of: native, noble, bns, node-dns, unbound, bind, knot, powerdns
  --rounds N          3 when left out
  --count N           questions of a cold round, 1000 when left out
  --memory A,B        numbers of RRsets: 10000,100000,1000000
  --smoke             every measure, small: only to see that all of it runs
  --publish           also writes docs/benchmarks.md
Needs root for port 53 of loopback addresses, and NSD or Knot. Peers are those installed; bns after npm install in bench/.`

export const MEASURES = [
  'signatures',
  'start',
  'cold',
  'warm',
  'sockets',
  'p256',
  'profile',
  'network',
  'hostile',
  'memory',
  'growth'
] as const
export type Measure = (typeof MEASURES)[number]

const SUBJECTS: readonly SubjectKey[] = ['native', 'noble', 'bns', 'node-dns', 'unbound', 'bind', 'knot', 'powerdns']
const MIXES: readonly Mix[] = ['cold', 'mail', 'zipf']
const ALGORITHMS: readonly TreeOptions['algorithms'][number][] = [8, 10, 13, 14, 15, 16]

export interface Options {
  readonly help: boolean
  readonly delegations: number
  readonly zone: string | undefined
  readonly algorithm: TreeOptions['algorithms'][number] | undefined
  readonly live: boolean
  readonly questions: string | undefined
  readonly mix: Mix
  readonly only: readonly Measure[]
  readonly subjects: readonly SubjectKey[]
  readonly rounds: number
  readonly count: number
  readonly memory: readonly number[]
  readonly smoke: boolean
  readonly publish: boolean
}

/** @throws Error with a sentence for the person at the command line */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      generate: { type: 'string' },
      zone: { type: 'string' },
      algorithm: { type: 'string' },
      live: { type: 'boolean', default: false },
      questions: { type: 'string' },
      mix: { type: 'string', default: 'cold' },
      only: { type: 'string' },
      subjects: { type: 'string' },
      rounds: { type: 'string' },
      count: { type: 'string' },
      memory: { type: 'string', default: '10000,100000,1000000' },
      smoke: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false }
    }
  })
  const { help, live, smoke, publish, zone, questions } = values
  const mix = oneOf('mix', MIXES)(values.mix)
  if (zone !== undefined && (live || values.generate !== undefined)) throw new Error('--zone, --generate and --live exclude one another')
  if (live && values.generate !== undefined) throw new Error('--generate and --live exclude one another')
  if (zone !== undefined && mix === 'mail' && questions === undefined)
    throw new Error('--mix mail asks below delegations, and --zone has nothing there')
  const byDefault: readonly Measure[] = live ? ['cold'] : MEASURES
  const only = values.only?.split(',').map(oneOf('only', MEASURES)) ?? byDefault
  const local = only.find((measure) => live && measure !== 'cold')
  if (local) throw new Error(`--live has no measure '${local}'`)
  return {
    help,
    delegations: positive('generate', values.generate ?? (smoke ? '30' : '1000')),
    zone,
    algorithm: values.algorithm === undefined ? undefined : oneOf('algorithm', ALGORITHMS)(positive('algorithm', values.algorithm)),
    live,
    questions,
    mix,
    only,
    subjects: values.subjects?.split(',').map(oneOf('subjects', SUBJECTS)) ?? SUBJECTS,
    rounds: positive('rounds', values.rounds ?? (smoke ? '1' : '3')),
    count: positive('count', values.count ?? (smoke ? '20' : '1000')),
    memory: values.memory.split(',').map((one) => positive('memory', one)),
    smoke,
    publish
  }
}

function positive(option: string, text: string): number {
  const n = Number(text)
  if (!Number.isSafeInteger(n) || n < 1) throw new Error(`--${option} takes whole numbers above 0, not '${text}'`)
  return n
}

const oneOf =
  <T>(option: string, all: readonly T[]) =>
  (given: unknown): T => {
    const found = all.find((one) => one === given)
    if (found === undefined) throw new Error(`--${option} is none of ${all.join(', ')}: '${given}'`)
    return found
  }
