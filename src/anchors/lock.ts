// A lock between processes: a file that only one of them can create. Held for the moment of a write, and given up for dead
// when its process is gone or it has grown old.
import { randomUUID } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { AnchorStoreError } from './store.js'

interface Holder {
  readonly pid: number
  readonly host: string
  /** ms since the epoch, by the clock of the machine */
  readonly at: number
  readonly token: string
}

export interface LockTimes {
  /** how long to wait for another process, ms */
  readonly waitMs: number
  /** after which a lock counts as forgotten, ms */
  readonly staleMs: number
}

export async function withLock<T>(path: string, times: LockTimes, work: () => Promise<T>): Promise<T> {
  const content = JSON.stringify({ pid: process.pid, host: hostname(), at: Date.now(), token: randomUUID() } satisfies Holder)
  await acquire(path, content, times)
  try {
    return await work()
  } finally {
    // Only one's own: if the work took so long that the lock was given up for dead, it is another's by now.
    if ((await read(path)) === content) await rm(path, { force: true })
  }
}

async function acquire(path: string, content: string, { waitMs, staleMs }: LockTimes): Promise<void> {
  const until = Date.now() + waitMs
  for (;;) {
    if (await create(path, content)) return
    const other = await read(path)
    if (other !== undefined && isStale(other, staleMs) && (await takeAway(path, other, content, staleMs))) continue
    if (Date.now() >= until) throw new AnchorStoreError(`${path} is held by another process; remove it if none is running`)
    await sleep(10 + Math.random() * 30)
  }
}

async function create(path: string, content: string): Promise<boolean> {
  // Written beside and linked into place, so that no other process ever reads a lock without its content.
  const beside = `${path}.${process.pid}.${randomUUID()}`
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(content)
  } finally {
    await file.close()
  }
  try {
    await link(beside, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(beside, { force: true })
  }
}

/**
 * Two processes may find the same stale lock, and the second must not take away the new lock of the first: only who holds
 * a lock on taking away looks again and removes. False when another one is at it.
 */
async function takeAway(path: string, stale: string, content: string, staleMs: number): Promise<boolean> {
  const second = `${path}.taking`
  if (!(await create(second, content))) {
    const other = await read(second)
    if (other !== undefined && isStale(other, staleMs)) await rm(second, { force: true }) // it died in this very moment
    return false
  }
  try {
    if ((await read(path)) === stale) await rm(path, { force: true })
  } finally {
    await rm(second, { force: true })
  }
  return true
}

function isStale(content: string, staleMs: number): boolean {
  const holder = parse(content)
  if (!holder || Math.abs(Date.now() - holder.at) > staleMs) return true
  return holder.host === hostname() && !isRunning(holder.pid)
}

function parse(content: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(content)
    if (typeof holder !== 'object' || holder === null) return undefined
    const { pid, host, at } = holder as Partial<Holder>
    return typeof pid === 'number' && typeof host === 'string' && typeof at === 'number' ? (holder as Holder) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !isCode(error, 'ESRCH')
  }
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(ignore('ENOENT'))
}

export function ignore(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!isCode(error, ...codes)) throw error
    return undefined
  }
}

export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
