// What the documentation tells of tables in the code is what the code has.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../src/limits.js'
import { EDE_NAMES, REASONS } from '../src/verdict/reason.js'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Cells of the rows of every table in a Markdown file. */
const rows = (path: string): string[][] =>
  read(path)
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[-|]+$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
    )

/** What the compiler says of files that are only in memory, with the package's own entries under its name. */
function problemsOf(files: ReadonlyMap<string, string>): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
    paths: {
      'dnssec-resolver': [join(root, 'src/index.ts')],
      'dnssec-resolver/*': [join(root, 'src/*/index.ts')]
    }
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (file) => files.has(file) || fileExists(file)
  host.readFile = (file) => files.get(file) ?? readFile(file)
  host.getSourceFile = (file, ...rest) =>
    files.has(file) ? ts.createSourceFile(file, files.get(file) as string, ts.ScriptTarget.ES2022) : getSourceFile(file, ...rest)
  const program = ts.createProgram([...files.keys()], options, host)
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file !== undefined && files.has(file.fileName))
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
}

describe('the documentation', () => {
  it('has every limit with its default', () => {
    const told = Object.fromEntries(
      rows('docs/limits.md').map(([name, value]) => [name?.replaceAll('`', ''), Number(value?.replaceAll(' ', ''))])
    )
    for (const [name, value] of Object.entries(DEFAULT_LIMITS)) expect(told[name], name).toBe(value)
    expect(
      Object.keys(told)
        .filter((name) => name !== 'limit')
        .sort()
    ).toEqual(Object.keys(DEFAULT_LIMITS).sort())
  })

  it('has every reason with its Extended DNS Error and rule', () => {
    const told = Object.fromEntries(
      rows('docs/reasons.md').map(([kind, code, name, rule]) => [kind?.replaceAll('`', ''), [code, name, rule]])
    )
    for (const [kind, { ede, rule }] of Object.entries(REASONS)) expect(told[kind], kind).toEqual([String(ede), EDE_NAMES[ede], rule])
    expect(
      Object.keys(told)
        .filter((kind) => kind !== 'kind')
        .sort()
    ).toEqual(Object.keys(REASONS).sort())
  })

  it('shows TypeScript that the compiler takes', { timeout: 60_000 }, () => {
    const pages = [
      'README.md',
      ...readdirSync(join(root, 'docs'))
        .filter((file) => file.endsWith('.md'))
        .map((file) => `docs/${file}`)
    ]
    const blocks = pages.flatMap((page) =>
      [...read(page).matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code], i) => [`${page}#${i}.ts`, code] as const)
    )
    expect(blocks.length).toBeGreaterThan(0)
    expect(
      problemsOf(new Map(blocks.map(([name, code]) => [join(root, 'test', name.replaceAll('/', '-')), `${code}\nexport {}\n`])))
    ).toEqual([])
  })

  it('names only files that exist', () => {
    const files = ['docs/architecture.md', 'docs/rules.md'].flatMap((path) => [...read(path).matchAll(/`((?:src|test)\/[\w./-]+?\.\w+)`/g)])
    expect(files.length).toBeGreaterThan(10)
    for (const [, file] of files) expect(existsSync(join(root, file as string)), file).toBe(true)
  })
})
