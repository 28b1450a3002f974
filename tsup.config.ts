import { existsSync } from 'node:fs'
import { defineConfig } from 'tsup'

/** What the package ships: each entry keeps its folder below dist/, shared code goes into chunks directly in dist/. */
const libraries = {
  index: 'src/index.ts',
  'trace/index': 'src/trace/index.ts',
  'dane/index': 'src/dane/index.ts',
  'node/index': 'src/node/index.ts'
}
const programs = { 'cli/main': 'src/cli/main.ts', 'cli/daneverify': 'src/cli/daneverify.ts' }

/** columns */
const LINE = 120

const present = (entries: Record<string, string>) => Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)))

export default defineConfig({
  entry: present({ ...libraries, ...programs }),
  dts: { entry: present(libraries) },
  format: 'esm',
  target: 'node20',
  splitting: true,
  sourcemap: false,
  clean: true,
  removeNodeProtocol: false,
  // Smaller by a quarter, and still to be read in a stack trace: names stay, and no line is long.
  esbuildOptions: (options) => {
    options.minifySyntax = true
    options.minifyWhitespace = true
    options.lineLimit = LINE
  }
})
