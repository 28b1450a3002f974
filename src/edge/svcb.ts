// SVCB and HTTPS as objects (RFC 9460 2.2, 7, 8). What breaks a rule there is malformed as a whole: clients must not use it.
import { Reader, WireError } from '../wire/cursor.js'
import { readName } from '../wire/name.js'
import { TYPE } from '../wire/numbers.js'
import { nameToText } from '../wire/text.js'
import { octetsToText } from './octets.js'

/** `params` has the parameters that are there, by name (RFC 9460 14.3.2); unknown ones as keyN with their octets. */
export interface ServiceBinding {
  readonly priority: number
  readonly target: string
  readonly params: Readonly<Record<string, unknown>>
}

/** A parameter: its name, and its value as data. */
type Param = readonly [name: string, read: (value: Reader) => unknown]

export function readSvcbWith(address: (type: number, octets: Uint8Array) => string): (from: Reader) => ServiceBinding {
  const hints = (type: number, length: number) => list((value) => address(type, value.take(length)))
  const params: ReadonlyMap<number, Param> = new Map<number, Param>([
    [0, ['mandatory', list((value) => keyName(value.u16()))]],
    [1, ['alpn', list((value) => octetsToText(notEmpty(value.take(value.u8()))))]],
    [2, ['no-default-alpn', () => true]],
    [3, ['port', (value) => value.u16()]],
    [4, ['ipv4hint', hints(TYPE.A, 4)]],
    [5, ['ech', rest]],
    [6, ['ipv6hint', hints(TYPE.AAAA, 16)]],
    [7, ['dohpath', (value) => octetsToText(value.rest())]],
    [8, ['ohttp', () => true]]
  ])
  const keyName = (key: number): string => params.get(key)?.[0] ?? `key${key}`

  return (from) => {
    const priority = from.u16()
    const target = nameToText(readName(from))
    const found: Record<string, unknown> = {}
    for (let last = -1; from.left > 0; ) {
      const key = from.u16()
      if (key <= last) throw new WireError('SvcParamKeys out of order (RFC 9460 2.2)', from.at - 2)
      last = key
      const value = new Reader(from.take(from.u16()))
      found[keyName(key)] = (params.get(key)?.[1] ?? rest)(value)
      if (value.left > 0) throw new WireError(`the value of ${keyName(key)} is too long`, from.at)
    }
    return { priority, target, params: found }
  }
}

const rest = (value: Reader): Uint8Array => value.rest().slice()

function list<T>(read: (value: Reader) => T): (value: Reader) => T[] {
  return (value) => {
    const items: T[] = []
    do items.push(read(value))
    while (value.left > 0)
    return items
  }
}

function notEmpty(octets: Uint8Array): Uint8Array {
  if (octets.length === 0) throw new WireError('an ALPN protocol without octets (RFC 9460 7.1.1)', 0)
  return octets
}
