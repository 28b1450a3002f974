// Loads the built package by its name, as a user does, and asks it one question without a network.
// Needs no test runner: `node test/smoke.mjs` after a build, or a copy of it beside an installed package.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const manifestPath = require.resolve('dnssec-resolver/package.json')
const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'))

for (const entry of Object.keys(manifest.exports).filter((path) => path !== './package.json')) {
  const specifier = `dnssec-resolver${entry.slice(1)}`
  const loaded = await import(specifier)
  assert.deepEqual(Object.keys(require(specifier)).sort(), Object.keys(loaded).sort(), `${specifier} by require()`)
  console.log(`${specifier}: ${Object.keys(loaded).length} exports`)
}

for (const [program, file] of Object.entries(manifest.bin)) {
  const firstLine = readFileSync(join(dirname(manifestPath), file), 'utf8').split('\n', 1)[0]
  assert.equal(firstLine, '#!/usr/bin/env node', `the first line of ${program}`)
}

const { createResolver } = await import('dnssec-resolver')
const exchange = () => Promise.reject(new Error('no network here'))
const resolver = createResolver({ transport: { exchange } })
assert.equal(resolver.peek('example.org', 'A'), undefined)
const answer = await resolver.resolveSecure('example.org', 'A')
assert.equal(answer.status, 'indeterminate')
assert.equal(answer.rcode, 'SERVFAIL')
assert.deepEqual(answer.records, [])
await resolver.close()
console.log(`smoke passed on Node ${process.versions.node}`)
