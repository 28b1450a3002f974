// LOC as numbers (RFC 1876 2).
import { type Reader, WireError } from '../wire/cursor.js'

export interface Location {
  /** degrees, north and east positive */
  readonly latitude: number
  readonly longitude: number
  /** metres above the WGS 84 spheroid */
  readonly altitude: number
  /** metres: the diameter of the thing, and the precision of the position */
  readonly size: number
  readonly horizontal: number
  readonly vertical: number
}

const MIDDLE = 2 ** 31
const THOUSANDTHS_PER_DEGREE = 3_600_000

export function readLocation(from: Reader): Location {
  const version = from.u8()
  if (version !== 0) throw new WireError(`LOC version ${version} is unknown`, 0)
  const [size, horizontal, vertical] = [distance(from), distance(from), distance(from)]
  const [latitude, longitude] = [angle(from, 90), angle(from, 180)]
  return { latitude, longitude, altitude: (from.u32() - 10_000_000) / 100, size, horizontal, vertical }
}

/** A digit and a power of ten, in centimetres. */
function distance(from: Reader): number {
  const octet = from.u8()
  const [digit, power] = [octet >>> 4, octet & 0x0f]
  if (digit > 9 || power > 9) throw new WireError('a LOC precision out of range', from.at - 1)
  return (digit * 10 ** power) / 100
}

function angle(from: Reader, most: number): number {
  const degrees = (from.u32() - MIDDLE) / THOUSANDTHS_PER_DEGREE
  if (Math.abs(degrees) > most) throw new WireError('a LOC angle out of range', from.at - 4)
  return degrees
}
