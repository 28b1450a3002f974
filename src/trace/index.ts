// The entry `/trace`: reading, printing, drawing, comparing and replaying traces. Re-exports and nothing else.

export type { NumberedEvent, Trace, TraceMessage } from '../verdict/trace.js'
export { printAnswer, recordText } from './answer-text.js'
export type { Difference } from './compare.js'
export { explain } from './explain.js'
export { asTrace, readTrace, TraceFormatError } from './read.js'
export { type Audit, type VerifyOptions, verifyTrace } from './replay.js'
export { type Story, tellStory } from './story.js'
export { COLOURED, harmless, PLAIN, type Style, wrap } from './style.js'
export { printTree, type TreeOptions } from './tree.js'
