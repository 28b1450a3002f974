// Question: a name, a type and a class (RFC 1035 4.1.2).
import type { Name } from './name.js'

export interface Question {
  readonly name: Name
  readonly type: number
  readonly class: number
}

/** For maps: name without regard to case, type and class. */
export function questionKey(question: Question): string {
  return `${question.type}/${question.class}/${question.name.key}`
}
