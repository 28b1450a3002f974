import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The suites against real servers and validators; each is skipped by name when its program is absent. */
export default defineConfig({
  test: { ...base.test, include: ['test/interop/**/*.interop.ts'], passWithNoTests: true }
})
