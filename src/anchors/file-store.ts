// The RFC 5011 state in a file that many processes may share: replaced as a whole, merged under a lock, the last good state
// kept beside it. What cannot be read is an error or comes from the backup, and never a new start from the shipped anchors.
import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ignore, isCode, withLock } from './lock.js'
import { mergeStates } from './merge.js'
import { AnchorTextError } from './parse.js'
import { readState, writeState } from './state.js'
import { type AnchorStore, AnchorStoreError } from './store.js'

export interface FileAnchorStoreOptions {
  /** how long a save waits for another process, ms; 5000 by default */
  readonly waitMs?: number
  /** age at which the lock of another process counts as forgotten, ms; 60 000 by default */
  readonly staleMs?: number
  /** hears that the backup had to be used; `process.emitWarning` by default */
  readonly warn?: (text: string) => void
}

export interface FileAnchorStore extends AnchorStore {
  /** Puts a text in the place of the kept state instead of merging it: what a person decided. The old one becomes the backup. */
  replace(text: string): Promise<void>
}

/** Bounds what is read: 32 keys of 4096 bits a trust point are some 30 KiB. */
const MAX_OCTETS = 1 << 20

/**
 * Keeps the state at `path`, its predecessor at `path.bak`. A first start finds neither and `load` gives undefined. To start
 * anew on purpose, write DS or DNSKEY lines to `path`, or remove both files.
 */
export function fileAnchorStore(path: string, options: FileAnchorStoreOptions = {}): FileAnchorStore {
  const file = resolve(path)
  const backup = `${file}.bak`
  const times = { waitMs: options.waitMs ?? 5_000, staleMs: options.staleMs ?? 60_000 }
  const warn = options.warn ?? ((text: string) => process.emitWarning(text, 'AnchorStoreWarning'))
  let last: Promise<void> = Promise.resolve()

  async function load(): Promise<string | undefined> {
    const found = await readGood(file)
    if (found.text !== undefined) return found.text
    const kept = await readGood(backup)
    if (kept.text !== undefined) {
      warn(`${found.fault ?? `${file} is missing`}; using the last good trust anchor state from ${backup}`)
      return kept.text
    }
    if (found.fault ?? kept.fault)
      throw new AnchorStoreError(`${[found.fault, kept.fault].filter(Boolean).join('; ')}; no trust anchor state can be read`)
    return undefined
  }

  async function write(text: string, merging: boolean): Promise<void> {
    const points = stateOf(file, text)
    await withLock(`${file}.lock`, times, async () => {
      const current = await readGood(file)
      // A file that is there and cannot be read is left for a person to see; the state goes on from the backup.
      const known = merging ? (current.text ?? (await readGood(backup)).text) : undefined
      const theirs = known === undefined ? [] : stateOf(file, known)
      // Plain lines are the first start from which this state grew; they hold nothing to merge.
      const others = theirs.filter((point) => point.started || point.lastProbe !== undefined)
      if (current.text !== undefined) await writeWhole(backup, current.text, current.mode)
      await writeWhole(file, others.length > 0 ? writeState(mergeStates(points, others)) : text, current.mode)
      await sweep(file, times.staleMs)
    })
  }

  // One after the other within the process; a failed write does not stop the next.
  function queue(text: string, merging: boolean): Promise<void> {
    const mine = last.catch(() => undefined).then(() => inWords(file, write(text, merging)))
    last = mine
    return mine
  }

  return {
    load: () => inWords(file, load()),
    save: (text) => queue(text, true),
    replace: (text) => queue(text, false)
  }
}

interface Found {
  readonly text?: string
  readonly mode?: number
  /** why there is no text although there is a file */
  readonly fault?: string
}

async function readGood(path: string): Promise<Found> {
  const file = await open(path, constants.O_RDONLY).catch(ignore('ENOENT'))
  if (!file) return {}
  try {
    const stats = await file.stat()
    if (!stats.isFile()) return { fault: `${path} is not a file` }
    checkPermissions(path, stats)
    await checkFolder(dirname(path))
    if (stats.size > MAX_OCTETS) return { fault: `${path} is larger than a trust anchor state can be` }
    const text = await file.readFile('utf8')
    if (text.trim() === '') return { fault: `${path} is empty` }
    stateOf(path, text)
    return { text, mode: stats.mode & 0o777 }
  } catch (error) {
    if (error instanceof AnchorTextError) return { fault: `${path}: ${error.message}` }
    throw error
  } finally {
    await file.close()
  }
}

/** Whoever can write the file decides what is trusted. */
function checkPermissions(path: string, stats: Stats): void {
  const me = process.getuid?.()
  if (me === undefined) return // no such owners on this system
  if (stats.mode & 0o002) throw new AnchorStoreError(`${path} can be written by everybody; take that right away (chmod o-w)`)
  if (me !== 0 && stats.uid !== me && stats.uid !== 0) {
    throw new AnchorStoreError(`${path} belongs to user ${stats.uid}, who is neither the user of this process nor root`)
  }
}

/** So does whoever can put another file in its place: not so where only owners may (the sticky bit, as of /tmp). */
async function checkFolder(folder: string): Promise<void> {
  if (process.getuid === undefined) return
  const { mode } = await stat(folder)
  if (mode & 0o002 && !(mode & 0o1000)) {
    throw new AnchorStoreError(
      `everybody may put files into ${folder}, also in the place of the trust anchor state; take that right away (chmod o-w)`
    )
  }
}

function stateOf(path: string, text: string) {
  try {
    return readState(text, 0)
  } catch (error) {
    if (error instanceof AnchorTextError) throw new AnchorTextError(`${basename(path)}: ${error.message}`)
    throw error
  }
}

/** A crash at any moment leaves the old file or the new one, whole: written beside, flushed, renamed, the directory flushed. */
async function writeWhole(path: string, text: string, mode = 0o644): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.${randomUUID()}`)
  try {
    const file = await open(beside, 'wx', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  // Some systems cannot open or flush a directory; there the rename has to do.
  const directory = await open(dirname(path), constants.O_RDONLY).catch(ignore('EISDIR', 'EPERM', 'EACCES'))
  try {
    await directory?.sync().catch(ignore('EINVAL', 'EPERM', 'EISDIR'))
  } finally {
    await directory?.close()
  }
}

/** Takes away what killed processes left half-written beside the file. The lock is held: what is old is nobody's. */
async function sweep(path: string, staleMs: number): Promise<void> {
  const base = basename(path)
  const beside = /\.\d+\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
  for (const name of await readdir(dirname(path))) {
    if (!beside.test(name) || !(name.startsWith(`.${base}.`) || name.startsWith(`${base}.lock.`))) continue
    const left = join(dirname(path), name)
    const stats = await stat(left).catch(ignore('ENOENT'))
    if (stats && Date.now() - stats.mtimeMs > staleMs) await rm(left, { force: true })
  }
}

/** What the system says of a file becomes an AnchorStoreError with the path, and a text that is no state stays what it is. */
async function inWords<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error
    const why = isCode(error, 'EROFS', 'EACCES', 'EPERM') ? 'this process may not write there' : error.message
    throw new AnchorStoreError(`the trust anchor state ${path} could not be read or kept: ${why}`, { cause: error })
  }
}
