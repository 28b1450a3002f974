// What every measure gives: rows of numbers with their units, and plots. Ratios are made of them by the report.
import type { Spread } from '../statistics.js'
import type { Subject } from '../subjects.js'
import type { Tree, TreeOptions } from '../tree.js'

export interface Row {
  readonly subject: string
  readonly own: boolean
  readonly values: Readonly<Record<string, Spread | number | string>>
}

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Plot {
  readonly file: string
  readonly title: string
  readonly x: string
  readonly y: string
  /** whether x grows by factors */
  readonly logX: boolean
  readonly lines: readonly Line[]
}

export interface Table {
  readonly title: string
  /** what was done, and what the numbers mean */
  readonly about: string
  readonly rows: readonly Row[]
  /** ratios of the first row to the others: the column, and whether more is better */
  readonly ratio?: { readonly name: string; readonly column: string; readonly better: 'more' | 'less' }
}

export interface Result {
  readonly tables: readonly Table[]
  readonly plots: readonly Plot[]
}

export interface Bench {
  readonly subjects: readonly Subject[]
  readonly rounds: number
  /** questions of a cold round */
  readonly questions: number
  readonly smoke: boolean
  readonly counts: readonly number[]
  /** a generated tree, made once and kept */
  readonly treeOf: (options: TreeOptions) => Promise<Tree>
  /** the tree that was chosen on the command line */
  readonly tree: Tree
  readonly live: boolean
  readonly say: (text: string) => void
}

/** The subjects, beginning with another one each round. */
export const inTurn = <T>(all: readonly T[], round: number): T[] => all.map((_, i) => all[(i + round) % all.length] as T)
