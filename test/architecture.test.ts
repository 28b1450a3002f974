// The table of the rooms as data, and the check that no import climbs, closes a circle or passes beside a door.
// A type-only import counts for the rooms and the doors, but closes no circle: it is gone at run time.
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/** A room and what it may import, the ground floor first. A name ending in `.ts` is one file: an entry of the package. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  limits: [],
  wire: [],
  crypto: [],
  verdict: ['wire', 'crypto', 'limits'],
  validate: ['wire', 'crypto', 'verdict', 'limits'],
  anchors: ['wire', 'crypto', 'verdict', 'validate', 'limits'],
  cache: ['wire', 'verdict', 'validate', 'limits'],
  transport: ['wire', 'limits'],
  lookup: ['wire', 'verdict', 'limits', 'cache', 'transport'],
  edge: ['wire', 'verdict'],
  resolver: ['limits', 'wire', 'crypto', 'verdict', 'validate', 'anchors', 'cache', 'transport', 'lookup', 'edge'],
  // lookup: a replay scrubs the recorded messages again (lookup/scrub.ts is pure); limits: it judges within the recorded bounds
  trace: ['wire', 'crypto', 'verdict', 'validate', 'anchors', 'edge', 'lookup/scrub.ts', 'limits'],
  index: ['limits', 'wire', 'crypto', 'verdict', 'validate', 'anchors', 'cache', 'transport', 'lookup', 'edge', 'resolver'],
  dane: ['index.ts'],
  node: ['index.ts'],
  cli: ['index.ts', 'trace/index.ts', 'dane/index.ts']
}

/** Each outside package, and the guarded parts of Node, with the one file or room (ending in `/`) that may import it. */
const DOORS: ReadonlyMap<string, string> = new Map([
  ['dns-packet', 'edge/data.ts'],
  ['@noble/curves', 'crypto/noble.ts'],
  ['@noble/hashes', 'crypto/noble.ts'],
  ['node:dgram', 'transport/udp-socket.ts']
])

/** The only files that may be called index.ts. */
const ENTRIES = ['index.ts', 'trace/index.ts', 'dane/index.ts', 'node/index.ts']

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

/** Every fault of a source tree, given as text by path below src/; each names the files on both sides. */
function faultsOf(tree: ReadonlyMap<string, string>): string[] {
  const faults: string[] = []
  const loads = new Map<string, string[]>()
  for (const [file, text] of tree) {
    if (!ROOMS[roomOf(file)]) faults.push(`${file} lies in no room of the table`)
    if (posix.basename(file) === 'index.ts' && !ENTRIES.includes(file)) faults.push(`${file} is an index.ts inside a room`)
    const loaded: string[] = []
    loads.set(file, loaded)
    for (const { specifier, typeOnly } of importsOf(file, text)) {
      if (!specifier.startsWith('.')) {
        faults.push(...doorFaults(file, specifier))
        continue
      }
      const target = posix.normalize(posix.join(posix.dirname(file), specifier)).replace(/\.js$/, '.ts')
      if (target.startsWith('../')) {
        if (!target.endsWith('.json')) faults.push(`${file} imports ${target}, outside the source`)
      } else if (!tree.has(target)) faults.push(`${file} imports ${target}, which does not exist`)
      else if (!mayImport(file, target)) faults.push(`${file} imports ${target}: ${roomOf(file)} may not import ${roomOf(target)}`)
      if (!typeOnly && tree.has(target)) loaded.push(target)
    }
  }
  return [...faults, ...circlesOf(loads)]
}

/** `wire/name.ts` lies in wire; a file directly in src/ is a room by itself. */
function roomOf(file: string): string {
  const [first = ''] = file.split('/')
  return first.replace(/\.ts$/, '')
}

function mayImport(file: string, target: string): boolean {
  const allowed = ROOMS[roomOf(file)] ?? []
  return roomOf(file) === roomOf(target) || allowed.includes(target) || allowed.includes(roomOf(target))
}

function doorFaults(file: string, specifier: string): string[] {
  const name = packageOf(specifier)
  const door = DOORS.get(name)
  if (door) {
    const passes = door.endsWith('/') ? file.startsWith(door) : file === door
    return passes ? [] : [`${file} imports ${specifier}, whose door is ${door}`]
  }
  return name.startsWith('node:') ? [] : [`${file} imports ${specifier}, which has no door`]
}

/** `@noble/curves/nist.js` belongs to @noble/curves; Node's own modules are known with and without `node:`. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  const [first = '', second = ''] = specifier.split('/')
  if (first === 'dgram') return 'node:dgram'
  return first.startsWith('@') ? `${first}/${second}` : first
}

/** All ways in which a file names another module: import, export from, import(), require(), import('x').T. */
function importsOf(file: string, text: string): Import[] {
  const found: Import[] = []
  const note = (node: ts.Node | undefined, typeOnly: boolean) => {
    if (node && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) note(node.moduleSpecifier, importsTypesOnly(node.importClause))
    else if (ts.isExportDeclaration(node)) note(node.moduleSpecifier, node.isTypeOnly || onlyTypes(node.exportClause))
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) note(node.argument.literal, true)
    else if (ts.isExternalModuleReference(node)) note(node.expression, false)
    else if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || isRequire(node.expression)))
      note(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, false))
  return found
}

function importsTypesOnly(clause: ts.ImportClause | undefined): boolean {
  return clause !== undefined && (clause.isTypeOnly || (!clause.name && onlyTypes(clause.namedBindings)))
}

function onlyTypes(names: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (!names || !(ts.isNamedImports(names) || ts.isNamedExports(names))) return false
  const elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[] = names.elements
  return elements.length > 0 && elements.every((element) => element.isTypeOnly)
}

function isRequire(expression: ts.Expression): boolean {
  return ts.isIdentifier(expression) && expression.text === 'require'
}

/** One line for each circle met on a walk through all files. */
function circlesOf(loads: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  const path: string[] = []
  const walk = (file: string): void => {
    if (path.includes(file)) circles.push(`circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`)
    if (path.includes(file) || done.has(file)) return
    path.push(file)
    for (const target of loads.get(file) ?? []) walk(target)
    path.pop()
    done.add(file)
  }
  for (const file of loads.keys()) walk(file)
  return circles
}

function readSource(): Map<string, string> {
  const root = new URL('../src/', import.meta.url)
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return new Map(files.sort().map((file) => [file.replaceAll('\\', '/'), readFileSync(new URL(file, root), 'utf8')]))
}

describe('the rooms', () => {
  it('are listed from the ground: each imports only rooms above it in the table', () => {
    const order = Object.keys(ROOMS)
    for (const [room, allowed] of Object.entries(ROOMS)) {
      for (const other of allowed.map(roomOf)) expect(order.indexOf(other), `${room} imports ${other}`).toBeLessThan(order.indexOf(room))
    }
  })

  it('hold every file of the source, and no import climbs, closes a circle or passes beside a door', () => {
    const tree = readSource()
    expect(tree.has('index.ts')).toBe(true)
    expect(faultsOf(tree)).toEqual([])
  })
})

describe('the check', () => {
  const check = (files: Record<string, string>) => faultsOf(new Map(Object.entries(files)))

  it.each([
    ['a value', `import { judge } from '../validate/answer.js'`],
    ['a type', `import type { Judge } from '../validate/answer.js'`],
    ['a re-export', `export * from '../validate/answer.js'`],
    ['a type in place', `export type Judge = import('../validate/answer.js').Judge`],
    ['a late import', `export const judge = () => import('../validate/answer.js')`]
  ])('refuses %s that climbs', (_, text) => {
    const climbs = 'wire/name.ts imports validate/answer.ts: wire may not import validate'
    expect(check({ 'wire/name.ts': text, 'validate/answer.ts': 'export {}' })).toEqual([climbs])
  })

  it('keeps the command line to the entries', () => {
    const files = { 'trace/read.ts': '', 'trace/index.ts': '', 'cli/main.ts': `import '../trace/index.js'` }
    expect(check(files)).toEqual([])
    const inside = { ...files, 'cli/main.ts': `import '../trace/read.js'` }
    expect(check(inside)).toEqual(['cli/main.ts imports trace/read.ts: cli may not import trace'])
  })

  it('refuses a circle inside a room and names the way round', () => {
    const files = { 'wire/a.ts': `import { b } from './b.js'`, 'wire/b.ts': `import './c.js'`, 'wire/c.ts': `export { a } from './a.js'` }
    expect(check(files)).toEqual(['circle: wire/a.ts -> wire/b.ts -> wire/c.ts -> wire/a.ts'])
  })

  it('lets types alone close a circle', () => {
    const back = ['import type { A }', 'import { type A }', 'export type { A }', 'export { type A }']
    for (const words of back) {
      expect(check({ 'wire/a.ts': `import { b } from './b.js'`, 'wire/b.ts': `${words} from './a.js'` })).toEqual([])
    }
  })

  it.each([
    ['dns-packet', 'edge/data.ts', 'edge/answer.ts'],
    ['@noble/curves/nist.js', 'crypto/noble.ts', 'crypto/native.ts'],
    ['@noble/hashes/sha2.js', 'crypto/noble.ts', 'crypto/digests.ts'],
    ['node:dgram', 'transport/udp-socket.ts', 'transport/udp.ts'],
    ['dgram', 'transport/udp-socket.ts', 'transport/udp.ts']
  ])('lets %s in by its door alone', (specifier, door, beside) => {
    expect(check({ [door]: `import * as it from '${specifier}'` })).toEqual([])
    expect(check({ [beside]: `import type * as it from '${specifier}'` })).toEqual([
      expect.stringContaining(`${beside} imports ${specifier}, whose door is`)
    ])
  })

  it('refuses a package without a door, a file without a room, an index inside a room, a missing file', () => {
    expect(check({ 'wire/name.ts': `import 'lodash'` })).toEqual(['wire/name.ts imports lodash, which has no door'])
    expect(check({ 'utils/text.ts': '' })).toEqual(['utils/text.ts lies in no room of the table'])
    expect(check({ 'wire/index.ts': '' })).toEqual(['wire/index.ts is an index.ts inside a room'])
    expect(check({ 'wire/name.ts': `import './gone.js'` })).toEqual(['wire/name.ts imports wire/gone.ts, which does not exist'])
  })
})
