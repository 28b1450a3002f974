// Programs that the benchmark runs: each in a folder of its own, gone when it is closed; and what they cost by /proc.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Clock ticks a second that /proc counts in: 100 on every Linux. */
const TICKS = 100

const FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', ...(process.env.PATH ?? '').split(':')]

/** Where a program is; undefined when it is not installed. */
export const findProgram = (name: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path))

/** The first version number that the program prints. */
export function versionOf(program: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return /\d+\.\d+(\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? ''
}

export interface Program {
  readonly pid: number
  readonly folder: string
  /** the end of what it has printed */
  readonly output: () => string
  readonly ended: () => boolean
  stop(): Promise<void>
}

/** A folder for one program, with its files in it. */
export function newFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

export function startProgram(command: string, args: readonly string[], folder: string): Program {
  const child: ChildProcess = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output = `${output}${chunk}`.slice(-4_000)
    })
  }
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  // Some are several processes: all of their group.
  const kill = (): void => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  process.once('exit', kill)
  return {
    pid: child.pid as number,
    folder,
    output: () => output,
    ended,
    async stop() {
      process.off('exit', kill)
      const exit = ended() ? undefined : new Promise((resolve) => child.once('exit', resolve))
      kill()
      await exit
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** User and system time of a process with all its threads, in ms. */
export function cpuMsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS
}

/** Resident memory in octets. */
export function memoryOf(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return Number(kib) * 1024
}
