import { describe, expect, it } from 'vitest'
import { Reader, WireError, Writer } from '../../src/wire/cursor.js'

describe('Reader', () => {
  it('reads big-endian, unsigned', () => {
    const from = new Reader(Uint8Array.of(0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xfd, 7, 8))
    expect([from.u8(), from.u16(), from.u32(), from.left]).toEqual([0xff, 0xfffe, 0xfffffffd, 2])
    expect(from.rest()).toEqual(Uint8Array.of(7, 8))
    expect(from.left).toBe(0)
  })

  it.each(['u8', 'u16', 'u32'] as const)('%s beyond the end is a WireError with its offset, and nothing is taken', (read) => {
    const size = { u8: 1, u16: 2, u32: 4 }[read]
    const from = new Reader(new Uint8Array(20), 3, 3 + size - 1)
    expect(() => from[read]()).toThrow(WireError)
    expect(from.at).toBe(3)
    try {
      from[read]()
    } catch (error) {
      expect((error as WireError).offset).toBe(3)
    }
  })

  it('takes no more than there is, and nothing negative', () => {
    const from = new Reader(new Uint8Array(4))
    expect(() => from.take(5)).toThrow(WireError)
    expect(() => from.take(-1)).toThrow(WireError)
    expect(() => from.take(Number.NaN)).toThrow(WireError)
    expect(from.take(4).length).toBe(4)
  })

  it('does not read beyond the buffer when told a later end', () => {
    expect(() => new Reader(new Uint8Array(2), 0, 10).take(3)).toThrow(WireError)
  })

  it('gives plain arrays of a Buffer in a larger one', () => {
    const pool = Buffer.from([1, 2, 3, 4, 5])
    const view = new Reader(pool.subarray(1, 4)).rest()
    expect(view.constructor).toBe(Uint8Array)
    expect([...view]).toEqual([2, 3, 4])
  })
})

describe('Writer', () => {
  it('grows, patches and gives a copy', () => {
    const to = new Writer(1)
    to.u16(0).u8(0x1ff).u32(0xfffffffe).bytes(new Uint8Array(3000).fill(9))
    to.patchU16(0, 0xabcd)
    const done = to.finish()
    expect([...done.subarray(0, 8)]).toEqual([0xab, 0xcd, 0xff, 0xff, 0xff, 0xff, 0xfe, 9])
    expect(done.length).toBe(3007)
    to.patchU16(0, 0)
    expect(done[0]).toBe(0xab)
    expect(() => to.patchU16(3006, 0)).toThrow(RangeError)
  })
})
