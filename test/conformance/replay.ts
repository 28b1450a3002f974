// The outside judge: replays the scenarios of other validators' suites against the built library and holds the result to the
// committed list. `npm run test:conformance`, with CONFORMANCE_DATA set; `-- --update` writes the list anew.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Result {
  readonly file: string
  readonly group: string
  readonly result: 'pass' | 'fail' | 'na' | 'parse-error'
  readonly weak?: boolean
  readonly reason?: string
}

/** Scenarios that must pass, and why each of the others does not. */
interface Expected {
  readonly passing: readonly string[]
  readonly failing: Readonly<Record<string, string>>
}

const SUITES = ['unbound', 'deckard'] as const
const listPath = (suite: string): string => new URL(`./${suite}.json`, import.meta.url).pathname
const library = new URL('../../dist/index.js', import.meta.url).pathname

const data = process.env.CONFORMANCE_DATA
if (!data || !existsSync(join(data, 'conformance/replay.mjs'))) {
  console.log('skipped: the replay scenarios (CONFORMANCE_DATA does not name a folder that holds them)')
  process.exit(0)
}

let lost = 0
let passed = 0
let failed = 0
for (const suite of SUITES) {
  const results = replay(suite)
  printGroups(suite, results)
  passed += results.filter(({ result }) => result === 'pass').length
  failed += results.filter(({ result }) => result === 'fail').length
  if (process.argv.includes('--update')) update(suite, results)
  else lost += compare(suite, results)
}
console.log(`replay scenarios: ${passed} pass, ${failed} do not; ${lost} of the listed ones were lost`)
process.exitCode = lost > 0 ? 1 : 0

function replay(suite: string): Result[] {
  const folder = mkdtempSync(join(tmpdir(), 'replay-'))
  try {
    const json = join(folder, 'results.json')
    const runner = join(data as string, 'conformance/replay.mjs')
    const args = [runner, '--lib', library, '--suite', join(data as string, 'conformance', suite), '--json', json]
    execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], maxBuffer: 1 << 26, timeout: 600_000 })
    return JSON.parse(readFileSync(json, 'utf8')) as Result[]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function printGroups(suite: string, results: readonly Result[]): void {
  for (const group of new Set(results.map((one) => one.group))) {
    const mine = results.filter((one) => one.group === group)
    const count = (result: string): string => String(mine.filter((one) => one.result === result).length).padStart(4)
    const weak = mine.filter((one) => one.weak).length
    console.log(`${suite.padEnd(8)} ${group.padEnd(13)} pass ${count('pass')} (weak ${weak})  fail ${count('fail')}  na ${count('na')}`)
  }
}

function compare(suite: string, results: readonly Result[]): number {
  const expected = JSON.parse(readFileSync(listPath(suite), 'utf8')) as Expected
  const byFile = new Map(results.map((one) => [one.file, one]))
  const broken = expected.passing.filter((file) => byFile.get(file)?.result !== 'pass')
  for (const file of broken) console.log(`LOST  ${suite}/${file}: ${byFile.get(file)?.reason ?? 'not run'}`)
  for (const { file, result } of results) {
    if (result === 'pass' && !expected.passing.includes(file)) console.log(`new   ${suite}/${file} passes: add it to the list`)
    if (result === 'fail') console.log(`known ${suite}/${file}: ${expected.failing[file] ?? 'no reason is listed'}`)
  }
  return broken.length
}

function update(suite: string, results: readonly Result[]): void {
  const before = existsSync(listPath(suite))
    ? (JSON.parse(readFileSync(listPath(suite), 'utf8')) as Expected)
    : { passing: [], failing: {} }
  const files = (result: string): string[] => results.filter((one) => one.result === result).map(({ file }) => file)
  const failing = Object.fromEntries(files('fail').map((file) => [file, before.failing[file] ?? 'not looked into yet']))
  writeFileSync(listPath(suite), `${JSON.stringify({ passing: files('pass').sort(), failing }, null, 2)}\n`)
}
