// A process that writes to a shared state file until it is killed: `writer NAME PATH FROM`. It says before and after each
// update which one it is, so that whoever kills it knows between which two states the file must be.
import { writeSync } from 'node:fs'
import { fileAnchorStore } from '../../src/anchors/file-store.js'
import { writeState } from '../../src/anchors/state.js'
import { numbered } from './numbered.js'

const [name = '', path = '', from = '0'] = process.argv.slice(2)
const store = fileAnchorStore(path, { waitMs: 30_000 })
for (let n = Number(from) + 1; ; n++) {
  writeSync(1, `start ${n}\n`)
  await store.save(writeState([numbered(name, n)]))
  writeSync(1, `done ${n}\n`)
}
