// The entry `/trace`: reading, printing, drawing, comparing and replaying traces. Re-exports and nothing else.

export type { NumberedEvent, Trace, TraceMessage } from '../verdict/trace.js'
export type { Difference } from './compare.js'
export { asTrace, readTrace, TraceFormatError } from './read.js'
export { type Audit, type VerifyOptions, verifyTrace } from './replay.js'
