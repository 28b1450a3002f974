import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Deframer, FrameError, frame } from '../../src/transport/framing.js'

describe('frames', () => {
  it('come out as they went in, wherever the stream is cut', () => {
    const messages = fc.array(fc.uint8Array({ minLength: 12, maxLength: 600 }), { maxLength: 6 })
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 300 })), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(frame))
        const deframer = new Deframer()
        const taken: Uint8Array[] = []
        let at = 0
        for (const cut of [...cuts, stream.length]) {
          deframer.push(stream.subarray(at, at + cut), (message) => taken.push(message))
          at = Math.min(at + cut, stream.length)
        }
        expect(taken).toEqual(sent)
      })
    )
  })

  it('may have the largest size the prefix can tell', () => {
    const message = new Uint8Array(65_535).fill(3)
    const taken: Uint8Array[] = []
    new Deframer().push(frame(message), (whole) => taken.push(whole))
    expect(taken).toEqual([message])
  })

  it('are copies: the chunk may be written to afterwards', () => {
    const chunk = frame(new Uint8Array(12).fill(1))
    const taken: Uint8Array[] = []
    new Deframer().push(chunk, (whole) => taken.push(whole))
    chunk.fill(9)
    expect(taken[0]).toEqual(new Uint8Array(12).fill(1))
  })

  it.each([0, 1, 11])('of %i octets are refused', (length) => {
    expect(() => new Deframer().push(frame(new Uint8Array(length)), () => {})).toThrow(FrameError)
  })
})
