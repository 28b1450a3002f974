// `dnssec-resolver anchors` as its users run it, with a state directory of its own.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const home = mkdtempSync(join(tmpdir(), 'anchors-cli-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const state = join(home, 'dnssec-resolver', 'root.anchors')
const shipped = join(root, 'trust-anchors/root-anchors.xml')
const iana = (file: string) => join(root, 'test/anchors/iana', file)

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function run(...args: string[]): Promise<Ran> {
  const program = join(root, 'src/cli/main.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', program, 'anchors', ...args], {
    cwd: root,
    env: { ...process.env, XDG_STATE_HOME: home }
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

it('shows, explains and exports the shipped anchors before anything is kept, and keeps nothing by that', async () => {
  const [shown, explained, exported] = await Promise.all([run('show'), run('explain'), run('export')])
  expect([shown.code, shown.out]).toEqual([0, '.         20326  alg 8   DS\n.         38696  alg 8   DS\n'])
  expect(explained.out).toMatch(/20326 configured by its digest[\s\S]*38696[\s\S]*shipped with the program/)
  expect(exported.out).toBe(readFileSync(join(root, 'trust-anchors/root.ds'), 'utf8').replace(/^;.*\n/gm, ''))
  expect(existsSync(state)).toBe(false)
})

it("imports root-anchors.xml into the user's state directory, and says what nobody has signed", async () => {
  const imported = await run('import', shipped)
  expect([imported.code, imported.err]).toEqual([0, expect.stringMatching(/no signature was checked/)])
  expect(statSync(join(home, 'dnssec-resolver')).mode & 0o077).toBe(0)
  expect(
    (await run('show', '--json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  ).toMatchObject([
    { zone: '.', keyTag: 20326, state: 'DS' },
    { zone: '.', keyTag: 38696, state: 'DS' }
  ])
})

it('refuses in one line and with code 1: a signature that does not hold, and a file without anchors; with code 2: misuse', async () => {
  const before = readFileSync(state, 'utf8')
  const outcomes = await Promise.all([
    run('import', shipped, '--signature', iana('root-anchors.p7s')), // over another spelling of the same facts
    run('import', iana('root-anchors.p7s')),
    run('import', join(home, 'nowhere')),
    run('export', '--format', 'xml')
  ])
  expect(outcomes.map(({ code }) => code)).toEqual([1, 1, 2, 2])
  for (const { err, out } of outcomes) expect([err.trim().split('\n').length, err, out]).toEqual([1, expect.stringMatching(/^error: /), ''])
  expect(readFileSync(state, 'utf8')).toBe(before)
})

it('tells in a sentence what a state means, and takes one that Unbound kept', async () => {
  const key = /257 3 8 (\S+)/g
  const keys = Array.from(readFileSync(join(root, 'trust-anchors/root.key'), 'utf8').matchAll(key), ([, text]) => text)
  const at = Math.floor(Date.UTC(2026, 0, 5) / 1000)
  const file = join(home, 'unbound.key')
  const lines = [
    `;;last_queried: ${at} ;;`,
    `;;last_success: ${at} ;;`,
    `;;next_probe_time: ${at + 43_200} ;;`,
    ';;query_failed: 0',
    ';;query_interval: 43200',
    ';;retry_time: 8640'
  ]
  const rows = keys.map(
    (text, i) =>
      `. 172800 IN DNSKEY 257 3 8 ${text} ;{id = 0 (ksk), size = 2048b} ;;state=${2 - i} [ x ] ;;count=3 ;;lastchange=${at - 86_400 * i} ;;x`
  )
  writeFileSync(file, [...lines, ...rows, ''].join('\n'))
  const imported = await run('import', file, '--replace')
  expect(imported.out).toContain('20326 valid since 2026-01-05')
  expect(imported.out).toContain('38696 new, seen since 2026-01-04; trusted with the first signed set that holds it from 2026-02-03 on')
  expect(imported.out).toContain('last confirmed 2026-01-05')
  expect((await run('export', '--format', 'ds')).out).toMatch(/^\. IN DS 20326 8 2 E06D44\w+\n$/)
})

it('says that a broken state is broken, and which file it is; a replacing import mends it', async () => {
  writeFileSync(state, '')
  rmSync(`${state}.bak`, { force: true })
  const broken = await run('show')
  expect([broken.code, broken.err]).toEqual([1, expect.stringContaining(state)])
  expect((await run('import', shipped)).code).toBe(1)
  expect((await run('import', shipped, '--replace')).code).toBe(0)
  expect((await run('export', '--format', 'state')).out).toMatch(/^; Trust anchors by RFC 5011, format 1/)
})
