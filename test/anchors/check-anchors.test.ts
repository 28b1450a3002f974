import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SHIPPED_ROOT_ANCHORS } from '../../src/anchors/root.js'
import { faultsOf } from './check-anchors.js'

const shipped = join(import.meta.dirname, '../../trust-anchors')
const now = Date.now()
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anchors-check-'))
  cpSync(shipped, folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('the files in trust-anchors/ and the source agree', () => expect(faultsOf(shipped, now)).toEqual([]))

it.each([
  ['root.ds', 'E06D44', 'E06D45'],
  ['root.ds', 'DS 38696', 'DS 38697'],
  ['root.key', 'AwEAAaz', 'AwEAAbz'],
  ['root.key', '257 3 8 AwEAAa96', '256 3 8 AwEAAa96'],
  ['root-anchors.xml', '683D2D', '683D2E'],
  ['root-anchors.xml', '>AwEAAa96', '>AwEAAa97'],
  ['root-anchors.xml', '2024-07-18T', '2024-07-19T'],
  ['root-anchors.xml', '<KeyTag>20326', '<KeyTag>20327']
])('a change in %s from %s to %s is found', (file, from, to) => {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
  expect(faultsOf(folder, now)).not.toEqual([])
})

it('a key that the source lacks is found', () => expect(faultsOf(shipped, now, SHIPPED_ROOT_ANCHORS.slice(0, 1))).toHaveLength(1))
it('an authority that has expired is found', () =>
  expect(faultsOf(shipped, Date.UTC(2030, 0, 1))).toEqual([expect.stringContaining('expired')]))
