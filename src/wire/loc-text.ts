// LOC as text and back (RFC 1876 2, 3).
import { type Reader, WireError, type Writer } from './cursor.js'
import type { Field } from './fields.js'
import { quote, TextError } from './name-text.js'
import type { Tokens } from './tokens.js'

/** Thousandths of an arc second: 2^31 is the equator or the prime meridian. */
const MIDDLE = 0x80000000
/** Centimetres: 100 km below the WGS 84 spheroid. */
const LOWEST = 10_000_000

export const location: Field = {
  toText: (from) => {
    const version = from.u8()
    if (version !== 0) throw new WireError(`LOC version ${version} is unknown`, from.at - 1)
    const [size, horizontal, vertical] = [precisionToText(from), precisionToText(from), precisionToText(from)]
    const latitude = angleToText(from, 90, 'NS')
    const longitude = angleToText(from, 180, 'EW')
    return `${latitude} ${longitude} ${metres(from.u32() - LOWEST)} ${size} ${horizontal} ${vertical}`
  },
  fromText: (tokens, to) => {
    const latitude = angleFromText(tokens, 90, 'NS')
    const longitude = angleFromText(tokens, 180, 'EW')
    const altitude = centimetres(tokens.next('an altitude').text) + LOWEST
    if (altitude < 0 || altitude > 0xffffffff) throw new TextError('an altitude out of range')
    to.u8(0)
    for (const usual of ['1m', '10000m', '10m']) putPrecision(to, centimetres(tokens.left > 0 ? tokens.next('').text : usual))
    to.u32(latitude).u32(longitude).u32(altitude)
  }
}

/** A digit and a power of ten, in centimetres. */
function precisionToText(from: Reader): string {
  const octet = from.u8()
  const digit = octet >>> 4
  const power = octet & 0xf
  // Zero has but one way to be written, so zeros with a power would not read back as they were.
  if (digit > 9 || power > 9 || (digit === 0 && power > 0)) throw new WireError('a LOC precision out of range', from.at - 1)
  return metres(digit * 10 ** power)
}

function putPrecision(to: Writer, value: number): void {
  let digit = value
  let power = 0
  for (; digit > 9; power++) digit = Math.floor(digit / 10)
  if (value < 0 || power > 9) throw new TextError('a LOC precision out of range')
  to.u8((digit << 4) | power)
}

function angleToText(from: Reader, most: number, letters: string): string {
  const value = from.u32() - MIDDLE
  const size = Math.abs(value)
  if (size > most * 3_600_000) throw new WireError('a LOC angle out of range', from.at - 4)
  const degrees = Math.floor(size / 3_600_000)
  const minutes = Math.floor(size / 60_000) % 60
  return `${degrees} ${minutes} ${((size % 60_000) / 1000).toFixed(3)} ${value < 0 ? letters[1] : letters[0]}`
}

function angleFromText(tokens: Tokens, most: number, letters: string): number {
  const parts: number[] = []
  for (;;) {
    const { text } = tokens.next('a LOC angle')
    const side = text.length === 1 ? letters.indexOf(text.toUpperCase()) : -1
    if (side >= 0) {
      const [degrees, minutes = 0, seconds = 0] = parts
      const size = degrees * 3_600_000 + minutes * 60_000 + Math.round(seconds * 1000)
      if (!(size <= most * 3_600_000) || minutes > 59 || seconds >= 60) throw new TextError('a LOC angle out of range')
      return side === 0 ? MIDDLE + size : MIDDLE - size
    }
    const form = parts.length < 2 ? /^\d{1,3}$/ : /^\d{1,2}(\.\d{1,3})?$/
    if (parts.length > 2 || !form.test(text)) throw new TextError(`not a LOC angle: ${quote(text)}`)
    parts.push(Number(text))
  }
}

function metres(value: number): string {
  return `${(value / 100).toFixed(2)}m`
}

function centimetres(text: string): number {
  if (!/^-?\d{1,8}(\.\d{1,2})?m?$/i.test(text)) throw new TextError(`not a distance in metres: ${quote(text)}`)
  return Math.round(Number.parseFloat(text) * 100)
}
