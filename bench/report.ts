// The report: JSON with everything, Markdown with the ratios first, plots beside it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import type { Result, Row, Table } from './measures/measure.js'
import { type Spread, short } from './statistics.js'
import { bnsBackend, versions } from './subjects.js'
import { toSvg } from './svg.js'

export interface Report {
  readonly about: Readonly<Record<string, string>>
  readonly results: readonly Result[]
}

/** The machine and what ran on it; nothing that names whose it is. */
export function aboutThisRun(more: Readonly<Record<string, string>>): Record<string, string> {
  const [first] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: `${first?.model.trim() ?? 'unknown'}, ${cpus().length} cores seen, load ${loadavg()[0]?.toFixed(1)} at the start`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()} ${arch()}`,
    'Node.js': `${process.version}, OpenSSL ${process.versions.openssl}`,
    peers: [...attempt(() => [bnsBackend()]), ...versions()].join(', '),
    openssl: attempt(() => [
      execFileSync('openssl', ['version'], { encoding: 'utf8' })
        .trim()
        .replace(/\s*\(.*/, '')
    ]).join(''),
    ...more
  }
}

function attempt<T>(make: () => T[]): T[] {
  try {
    return make()
  } catch {
    return []
  }
}

/** Writes report.json, report.md and the plots; `plots` is where Markdown finds them. */
export function writeReport(folder: string, report: Report): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(join(folder, 'report.md'), toMarkdown(report, ''))
  writePlots(folder, report)
}

/** The report as documentation. */
export function publish(docs: string, folder: string): void {
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
  const plots = join(docs, 'benchmarks')
  mkdirSync(plots, { recursive: true })
  writeFileSync(join(docs, 'benchmarks.md'), toMarkdown(report, 'benchmarks/'))
  writePlots(plots, report)
}

function writePlots(folder: string, { results }: Report): void {
  for (const plot of results.flatMap(({ plots }) => plots)) writeFileSync(join(folder, `${plot.file}.svg`), toSvg(plot))
}

function toMarkdown({ about, results }: Report, plots: string): string {
  const tables = results.flatMap((one) => one.tables)
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`, which measures this library and other validating resolvers side by side: the same zones, servers and',
    'questions, in turns, each subject in a process of its own with one thread. A number is the median of the rounds, with the least and',
    'the most of them in brackets. Machines differ: what counts are the ratios of one run.',
    '',
    ...Object.entries(about).map(([what, text]) => `- ${what}: ${text}`),
    '',
    '## Ratios',
    '',
    'How many times better (above 1) or worse (below 1) this library is.',
    '',
    ...ratios(tables),
    ...results.flatMap((result) => [
      ...result.tables.flatMap(section),
      ...result.plots.flatMap(({ file, title }) => [`![${title}](${plots}${file}.svg)`, ''])
    ])
  ].join('\n')
}

function section(table: Table): string[] {
  const columns = [...new Set(table.rows.flatMap(({ values }) => Object.keys(values)))]
  return [
    `## ${table.title}`,
    '',
    table.about,
    '',
    line(['', ...columns]),
    line(['---', ...columns.map(() => '---:')]),
    ...table.rows.map(({ subject, own, values }) => line([own ? `**${subject}**` : subject, ...columns.map((name) => cell(values[name]))])),
    ''
  ]
}

function ratios(tables: readonly Table[]): string[] {
  const compared = tables.filter(({ ratio }) => ratio)
  const others = [...new Set(compared.flatMap(({ rows }) => rows.filter(({ own }) => !own).map(({ subject }) => subject)))]
  if (compared.length === 0) return []
  return [
    line(['measure', ...others]),
    line(['---', ...others.map(() => '---:')]),
    ...compared.flatMap((table) =>
      table.rows
        .filter(({ own }) => own)
        .map((ours) => line([`${table.ratio?.name}: ${ours.subject}`, ...others.map((name) => ratioTo(table, ours, name))]))
    ),
    ''
  ]
}

function ratioTo({ ratio, rows }: Table, ours: Row, name: string): string {
  const theirs = rows.find(({ subject }) => subject === name)
  if (!ratio || !theirs) return ''
  const [a, b] = [middle(ours.values[ratio.column]), middle(theirs.values[ratio.column])]
  const times = ratio.better === 'more' ? a / b : b / a
  return Number.isFinite(times) ? short(times) : ''
}

type Value = Row['values'][string] | undefined

const middle = (value: Value): number => (typeof value === 'object' ? value.median : Number(value))

function cell(value: Value): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number') return short(value)
  const { median, least, most }: Spread = value
  return least === most ? short(median) : `${short(median)} (${short(least)}-${short(most)})`
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
