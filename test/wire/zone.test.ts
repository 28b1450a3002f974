import { describe, expect, it } from 'vitest'
import { nameFromText, nameToText, rdataToText, recordToText, TextError } from '../../src/wire/text.js'
import { recordsFromZone } from '../../src/wire/zone.js'
import { noData, real } from './data.js'

describe('recordsFromZone', () => {
  it('knows $ORIGIN, $TTL, blank owners, comments and parentheses', () => {
    const zone = `$ORIGIN example.   ; the apex
$TTL 1h
@       IN SOA ns.example. host (
            1    ; serial
            2 3
            4 5 )
        NS ns
ns  60  A 192.0.2.1 ; "not a string
        AAAA 2001:db8::1

$ORIGIN sub
txt     TXT "a ; b" "c ) d" e\\;f
$TTL 9
other.net. A 192.0.2.2
`.replaceAll('\n', '\r\n')
    expect(recordsFromZone(zone).map(recordToText)).toEqual([
      'example. 3600 IN SOA ns.example. host.example. 1 2 3 4 5',
      'example. 3600 IN NS ns.example.',
      'ns.example. 60 IN A 192.0.2.1',
      'ns.example. 3600 IN AAAA 2001:db8::1',
      'txt.sub.example. 3600 IN TXT "a ; b" "c ) d" "e;f"',
      'other.net. 9 IN A 192.0.2.2'
    ])
  })

  it('takes origin and TTL from its options', () => {
    const [record] = recordsFromZone('www A 192.0.2.1', { origin: nameFromText('Example'), ttl: 5 })
    expect([nameToText(record.owner), record.ttl, rdataToText(record.type, record.rdata)]).toEqual(['www.Example', 5, '192.0.2.1'])
  })

  it.each([
    ['A 192.0.2.1\n a. A 192.0.2.1', 'line 1'],
    ['a. A 192.0.2.1\n\nb. A nothing', 'line 3'],
    ['a. A 192.0.2.1\n$INCLUDE x', 'line 2'],
    ['a. SOA ( a. b.\n 1 2', 'line 1'],
    ['$TTL', 'line 1']
  ])('names the line of the mistake in %j', (text, line) => {
    expect(() => recordsFromZone(text)).toThrow(TextError)
    expect(() => recordsFromZone(text)).toThrow(line)
  })

  it.skipIf(noData)('reads whole root zones, and what it writes reads back equal', () => {
    for (const [file, least] of [
      ['root-2014062501', 7900],
      ['root-2018080200', 21000]
    ] as const) {
      const records = recordsFromZone(real(`root-zones/${file}.zone.gz`).toString('latin1'))
      expect(records.length).toBeGreaterThan(least)
      expect(records.some((record) => record.fault !== undefined)).toBe(false)
      expect(recordsFromZone(records.map(recordToText).join('\n'))).toEqual(records)
    }
  })
})
