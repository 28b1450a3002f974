import { defineConfig } from 'vitest/config'
import type { Reporter } from 'vitest/node'

/** A skipped test is told by name, so that missing data or a missing server cannot pass for a success. */
const nameSkipped: Reporter = {
  onTestRunEnd(modules) {
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const result = test.result()
        const note = result.state === 'skipped' && result.note ? ` (${result.note})` : ''
        console.log(`skipped: ${module.relativeModuleId} > ${test.fullName}${note}`)
      }
    }
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    reporters: ['default', nameSkipped]
  }
})
