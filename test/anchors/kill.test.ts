// Four processes update one state file and are killed (SIGKILL) at random moments of it: the file is always a whole state,
// either the one before the update that was under way or the one after it, and no other process loses what it had written.
// ANCHOR_KILL_UPDATES sets how many updates are made in all; 1000 in the full run, fewer by default.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'tsup'
import { afterAll, expect, it } from 'vitest'
import { fileAnchorStore } from '../../src/anchors/file-store.js'
import { readState, writeState } from '../../src/anchors/state.js'
import { key, Watched } from './fixtures.js'
import { numberOf } from './numbered.js'

const UPDATES = Number(process.env.ANCHOR_KILL_UPDATES ?? 100)
const WRITERS = ['a', 'b', 'c', 'd']
/** one update in three is cut short */
const KILL_CHANCE = 1 / 3
const LONGEST_UPDATE_MS = 25

const folder = mkdtempSync(join(tmpdir(), 'anchors-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'root.state')
const root = new Watched([key(1)]).sees(0, { keys: [key(1), key(2)], by: [key(1)] }).point

interface Writer {
  readonly name: string
  started: number
  done: number
}

const writers = WRITERS.map((name): Writer => ({ name, started: 0, done: 0 }))
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})
let updates = 0
let kills = 0
let before = 0
let after = 0

it(`after ${UPDATES} updates by ${WRITERS.length} processes with SIGKILL at random, every state was whole and one of two neighbours`, async () => {
  const program = await buildWriter()
  await fileAnchorStore(path).save(writeState([root]))
  await Promise.all(writers.map((writer) => keepRunning(writer, program)))
  checkFile(path)
  expect(kills).toBeGreaterThan(UPDATES / 10)
  expect(before + after).toBe(kills)
  // A process that comes later finds the file free and whole, and goes on.
  await fileAnchorStore(path).save(writeState([root]))
  expect(readdirSync(folder).filter((name) => /\.lock$/.test(name))).toEqual([])
  console.log(`kills survived: ${kills} in ${updates} updates (${before} found the state before, ${after} the state after)`)
}, 600_000)

async function buildWriter(): Promise<string> {
  const outDir = join(folder, 'program')
  const entry = { writer: join(import.meta.dirname, 'writer.ts') }
  await build({ entry, outDir, format: 'esm', target: 'node20', platform: 'node', config: false, silent: true, dts: false })
  const program = readdirSync(outDir).find((name) => name.startsWith('writer.')) as string
  return join(outDir, program)
}

async function keepRunning(writer: Writer, program: string): Promise<void> {
  while (updates < UPDATES) await runUntilKilled(writer, program)
}

function runUntilKilled(writer: Writer, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, writer.name, path, String(writer.started)], { stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    let rest = ''
    let errors = ''
    let killing = false
    const kill = (): void => {
      child.kill('SIGKILL')
    }
    child.stderr?.on('data', (chunk) => {
      errors += String(chunk)
    })
    child.stdout?.on('data', (chunk) => {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [what, n] = line.split(' ')
        if (what === 'done') writer.done = Number(n)
        else {
          writer.started = Number(n)
          updates++
          const last = updates >= UPDATES
          if (killing || !(last || Math.random() < KILL_CHANCE)) continue
          killing = true
          setTimeout(kill, Math.random() * LONGEST_UPDATE_MS)
        }
      }
    })
    child.on('error', reject)
    child.on('close', (_, signal) => {
      running.delete(child)
      try {
        expect(errors).toBe('')
        expect(signal).toBe('SIGKILL')
        kills++
        checkAfterKill(writer)
        resolve()
      } catch (error) {
        reject(error)
      }
    })
  })
}

function checkAfterKill(writer: Writer): void {
  const least = new Map(writers.map(({ name, done }) => [name, done]))
  const number = checkFile(path).get(writer.name) ?? 0
  // Whole, and one of the two states around the update under way; if that was over, only the state after it.
  expect([writer.started - 1, writer.started]).toContain(number)
  expect(number).toBeGreaterThanOrEqual(writer.done)
  if (number === writer.started) after++
  else before++
  for (const [name, n] of checkFile(path)) expect(n, `what ${name} had written`).toBeGreaterThanOrEqual(least.get(name) ?? 0)
  if (existsSync(`${path}.bak`)) checkFile(`${path}.bak`)
  // The next process of this name counts on from what is there.
  writer.started = number
  writer.done = number
}

/** What each writer has in the file, which must be a whole state that still holds the root's. */
function checkFile(file: string): Map<string, number> {
  const points = readState(readFileSync(file, 'utf8'), 0)
  const states = points.find(({ zone }) => zone.isRoot)?.keys.map(({ state }) => state)
  expect(states).toEqual(['VALID', 'ADDPEND'])
  return new Map(WRITERS.map((name) => [name, numberOf(points.find(({ zone }) => zone.key.includes(`${name}\u0007example`)))]))
}
