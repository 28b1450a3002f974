import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileAnchorStore } from '../../src/anchors/file-store.js'
import { startPoint, type TrustPoint } from '../../src/anchors/rfc5011.js'
import { readState, writeState } from '../../src/anchors/state.js'
import { AnchorStoreError, memoryAnchorStore } from '../../src/anchors/store.js'
import { Name } from '../../src/wire/name.js'
import { DAY, key, START, Watched } from './fixtures.js'

let folder = ''
let path = ''
const warnings: string[] = []
const open = (options = {}) => fileAnchorStore(path, { warn: (text) => warnings.push(text), waitMs: 2_000, ...options })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anchors-'))
  path = join(folder, 'root.state')
  warnings.length = 0
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const [k1, k2] = [key(1), key(2)]
const both = { keys: [k1, k2], by: [k1] }
const watched = () => new Watched([k1]).sees(0, both)
const early = writeState([watched().point])
const late = writeState([watched().sees(31 * DAY, both).point])
const states = (text: string | undefined) => readState(text ?? '', 0)[0].keys.map(({ state }) => state)

it('a store in memory gives what was saved', async () => {
  const store = memoryAnchorStore()
  expect(await store.load()).toBeUndefined()
  await store.save(early)
  expect(await store.load()).toBe(early)
})

describe('a file', () => {
  it('that does not exist is a first start, and a save makes it', async () => {
    expect(await open().load()).toBeUndefined()
    await open().save(early)
    expect(await open().load()).toBe(early)
    expect(await readdir(folder)).toEqual(['root.state'])
  })

  it('is replaced as a whole, its predecessor kept beside it, nothing else left behind', async () => {
    const store = open()
    await store.save(early)
    await chmod(path, 0o640)
    await store.save(late)
    expect(await store.load()).toBe(late)
    expect(await readFile(`${path}.bak`, 'utf8')).toBe(early)
    expect((await readdir(folder)).sort()).toEqual(['root.state', 'root.state.bak'])
    expect((await stat(path)).mode & 0o777).toBe(0o640)
  })

  it('with plain lines or of Unbound is read as it is', async () => {
    const plain = `. IN DNSKEY 257 3 13 ${Buffer.from(k1.publicKey).toString('base64')}\n`
    await writeFile(path, plain)
    expect(await open().load()).toBe(plain)
    await open().save(early)
    expect(await open().load()).toBe(early)
  })

  it.each([
    ['empty', ''],
    ['cut off', early.slice(0, early.length / 2)],
    ['full of something else', '\u0000\u0001'],
    ['far too large', `; ${'x'.repeat(2 << 20)}`]
  ])('that is %s is an error, never a first start', async (_, text) => {
    await writeFile(path, text)
    await expect(open().load()).rejects.toThrow(AnchorStoreError)
    await expect(open().load()).rejects.toThrow(path)
  })

  it.each([
    ['empty', ''],
    ['cut off', late.slice(0, -30)]
  ])('that is %s is made good from the backup, and it is said', async (_, text) => {
    const store = open()
    await store.save(early)
    await store.save(late)
    await writeFile(path, text)
    expect(await open().load()).toBe(early)
    expect(warnings).toEqual([expect.stringContaining('last good')])
    await open().save(late)
    expect(await open().load()).toBe(late)
    expect(await readFile(`${path}.bak`, 'utf8')).toBe(early) // the bad text did not become the backup
  })

  it('that vanished is made good from the backup', async () => {
    await open().save(early)
    await open().save(late)
    await rm(path)
    expect(await open().load()).toBe(early)
    expect(warnings).toEqual([expect.stringContaining('missing')])
  })

  it('is not touched by a text that is no state', async () => {
    await open().save(early)
    await expect(open().save('')).rejects.toThrow(/no trust anchor/)
    await expect(open().save(late.slice(0, -30))).rejects.toThrow(/cut off/)
    expect(await open().load()).toBe(early)
  })

  it('that everybody may write is refused', async () => {
    await open().save(early)
    await chmod(path, 0o666)
    await expect(open().load()).rejects.toThrow(/written by everybody/)
    await expect(open().save(late)).rejects.toThrow(AnchorStoreError)
  })

  it('in a directory into which everybody may put another is refused, unless only owners may replace theirs', async () => {
    await open().save(early)
    await chmod(folder, 0o777)
    await expect(open().load()).rejects.toThrow(/everybody may put files/)
    await chmod(folder, 0o1777)
    expect(await open().load()).toBe(early)
  })

  it('that is a directory is an error', async () => {
    await mkdir(path)
    await expect(open().load()).rejects.toThrow(AnchorStoreError)
  })

  it('in a directory that does not exist cannot be saved, with a clear error', async () => {
    path = join(folder, 'nowhere', 'root.state')
    expect(await open().load()).toBeUndefined()
    await expect(open().save(early)).rejects.toThrow(AnchorStoreError)
  })

  it.skipIf(process.getuid?.() === 0)('in a directory that may not be written keeps its old content', async () => {
    await open().save(early)
    await chmod(folder, 0o555)
    await expect(open().save(late)).rejects.toThrow(/may not write/)
    await chmod(folder, 0o755)
    expect(await open().load()).toBe(early)
  })

  it('left half-written beside by a crash disturbs nothing', async () => {
    await open().save(early)
    await writeFile(join(folder, '.root.state.1.x'), late.slice(0, 50))
    expect(await open().load()).toBe(early)
    await open().save(late)
    expect(await open().load()).toBe(late)
  })

  it('loses what killed processes left beside it, once that is old', async () => {
    const left = ['.root.state.1.0f0e0d0c-0000-4000-8000-000000000000', 'root.state.lock.1.0f0e0d0c-0000-4000-8000-000000000000']
    for (const name of left) {
      await writeFile(join(folder, name), 'half')
      await utimes(join(folder, name), new Date(0), new Date(0))
    }
    await writeFile(join(folder, '.root.state.2.0f0e0d0c-0000-4000-8000-000000000000'), 'being written')
    await open().save(early)
    expect((await readdir(folder)).sort()).toEqual(['.root.state.2.0f0e0d0c-0000-4000-8000-000000000000', 'root.state'])
  })

  it('is put in the place of the state, not merged with it, when a person decides so', async () => {
    await open().save(late)
    await open().replace(early)
    expect(await open().load()).toBe(early)
    expect(await readFile(`${path}.bak`, 'utf8')).toBe(late)
    await expect(open().replace('nothing')).rejects.toThrow()
    expect(await open().load()).toBe(early)
  })

  it('can be reached by a symbolic link', async () => {
    await open().save(early)
    const link = join(folder, 'link')
    await symlink(path, link)
    expect(await fileAnchorStore(link).load()).toBe(early)
  })
})

describe('processes that share a file', () => {
  it('lose no VALID key, whoever writes last', async () => {
    await open().save(late)
    await open().save(early) // another process that did not see the key become VALID
    expect(states(await open().load())).toEqual(['VALID', 'VALID'])
  })

  it('write one after the other: of many at once every trust point is there at the end', async () => {
    const island = (n: number): TrustPoint => ({
      ...startPoint(Name.root.child(Buffer.from(`zone${n}`)), { keys: [k1] }, START),
      lastProbe: START
    })
    await Promise.all(Array.from({ length: 20 }, (_, n) => open({ waitMs: 20_000 }).save(writeState([island(n)]))))
    expect(readState((await open().load()) ?? '', 0)).toHaveLength(20)
    expect((await readdir(folder)).sort()).toEqual(['root.state', 'root.state.bak'])
  })

  const lock = (fields: object) =>
    writeFile(`${path}.lock`, JSON.stringify({ pid: process.pid, host: hostname(), at: Date.now(), token: 'x', ...fields }))

  it('wait for a lock, and say so when it is not given up', async () => {
    await lock({})
    await expect(open({ waitMs: 100 }).save(early)).rejects.toThrow(/held by another process/)
    const saved = open().save(early)
    await rm(`${path}.lock`)
    await saved
    expect(await open().load()).toBe(early)
  })

  it('take the lock of a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await new Promise((resolve) => child.on('exit', resolve))
    await lock({ pid: child.pid })
    await open({ waitMs: 100 }).save(early)
    expect(await open().load()).toBe(early)
  })

  it('take it one at a time: who died while taking a lock away is got over', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await new Promise((resolve) => child.on('exit', resolve))
    await lock({ pid: child.pid })
    await writeFile(`${path}.lock.taking`, JSON.stringify({ pid: child.pid, host: hostname(), at: Date.now(), token: 'y' }))
    await open({ waitMs: 500 }).save(early)
    expect((await readdir(folder)).sort()).toEqual(['root.state'])
  })

  it('take a lock that is too old or unreadable, also from another machine', async () => {
    await lock({ host: 'elsewhere', at: Date.now() - 61_000 })
    await open({ waitMs: 100 }).save(early)
    await writeFile(`${path}.lock`, 'garbage')
    await open({ waitMs: 100 }).save(late)
    expect(await open().load()).toBe(late)
    await lock({ host: 'elsewhere' })
    await expect(open({ waitMs: 100 }).save(early)).rejects.toThrow(/held/)
  })
})
