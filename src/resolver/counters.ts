// What the resolver did since it was made, as plain numbers, and the same as text for Prometheus.

import type { SecurityStatus } from '../verdict/status.js'

export interface Statistics {
  readonly questions: {
    /** answered from the cache, at once */
    readonly hits: number
    /** worked on */
    readonly misses: number
    /** being worked on at present, and waiting for their turn */
    readonly running: number
    readonly waiting: number
    /** answers past their TTL, given because nothing newer could be had (RFC 8767) */
    readonly stale: number
    /** answers asked for again before their TTL ended */
    readonly prefetched: number
  }
  /** answers that were worked out, by status; those from the cache are not counted again */
  readonly answers: Readonly<Record<SecurityStatus, number>>
  readonly upstream: {
    /** messages sent, by protocol */
    readonly queries: Readonly<Record<string, number>>
    readonly replies: number
    /** exchanges without a reply, by the code of the error */
    readonly failures: Readonly<Record<string, number>>
  }
  readonly cache: {
    readonly bytes: number
    readonly maxBytes: number
    /** entries of each part */
    readonly answers: number
    readonly front: number
    readonly aliases: number
    readonly denials: number
    readonly zones: number
    readonly replies: number
  }
}

export class Counters {
  hits = 0
  misses = 0
  stale = 0
  prefetched = 0
  replies = 0
  readonly answers: Record<SecurityStatus, number> = { secure: 0, insecure: 0, bogus: 0, indeterminate: 0 }
  readonly queries: Record<string, number> = {}
  readonly failures: Record<string, number> = {}

  query(protocol: string): void {
    this.queries[protocol] = (this.queries[protocol] ?? 0) + 1
  }

  failure(code: string): void {
    this.failures[code] = (this.failures[code] ?? 0) + 1
  }
}

/** The statistics in the text format of Prometheus (version 0.0.4), each name beginning with `prefix`. */
export function toPrometheus(statistics: Statistics, prefix = 'dnssec_resolver'): string {
  const { questions, answers, upstream, cache } = statistics
  const lines: string[] = []
  const metric = (
    name: string,
    kind: 'counter' | 'gauge',
    help: string,
    samples: readonly (readonly [labels: string, value: number])[]
  ) => {
    lines.push(`# HELP ${prefix}_${name} ${help}`, `# TYPE ${prefix}_${name} ${kind}`)
    for (const [labels, value] of samples) lines.push(`${prefix}_${name}${labels} ${value}`)
  }
  const by = (label: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([key, value]) => [`{${label}="${key.replace(/["\\\n]/g, '_')}"}`, value] as const)
  const { bytes, maxBytes, ...entries } = cache
  metric('cache_hits_total', 'counter', 'Questions answered from the cache.', [['', questions.hits]])
  metric('cache_misses_total', 'counter', 'Questions worked on.', [['', questions.misses]])
  metric('stale_answers_total', 'counter', 'Answers given past their TTL.', [['', questions.stale]])
  metric('prefetches_total', 'counter', 'Answers asked for again before their TTL ended.', [['', questions.prefetched]])
  metric('questions', 'gauge', 'Questions under way.', by('state', { running: questions.running, waiting: questions.waiting }))
  metric('answers_total', 'counter', 'Answers worked out, by security status.', by('status', answers))
  metric('queries_total', 'counter', 'Messages sent to servers, by protocol.', by('protocol', upstream.queries))
  metric('replies_total', 'counter', 'Replies taken from servers.', [['', upstream.replies]])
  metric('query_failures_total', 'counter', 'Exchanges without a reply, by error code.', by('code', upstream.failures))
  metric('cache_bytes', 'gauge', 'Octets that the cache counts.', [['', bytes]])
  metric('cache_max_bytes', 'gauge', 'Octets that the cache may hold.', [['', maxBytes]])
  metric('cache_entries', 'gauge', 'Entries of the cache, by part.', by('part', entries))
  return `${lines.join('\n')}\n`
}
