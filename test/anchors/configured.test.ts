// What people configure and what is shipped: parsing, the files of trust-anchors/, negative anchors, which anchor decides.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseNegativeAnchors } from '../../src/anchors/negative.js'
import { AnchorTextError, parseAnchors } from '../../src/anchors/parse.js'
import {
  type KeyDigest,
  readRootAnchorsXml,
  rootAnchorLines,
  SHIPPED_ROOT_ANCHORS,
  toDsLine,
  validAnchors
} from '../../src/anchors/root.js'
import { anchorSet } from '../../src/anchors/set.js'
import { nobleBackend } from '../../src/crypto/noble.js'
import type { PositiveAnchor } from '../../src/verdict/anchor.js'
import { Name } from '../../src/wire/name.js'
import { nameFromText } from '../../src/wire/text.js'

const shipped = (file: string) => readFileSync(new URL(`../../trust-anchors/${file}`, import.meta.url), 'utf8')
const NOW = Date.UTC(2026, 10, 24)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase()

describe('anchors in presentation format', () => {
  it('are grouped by zone, with or without TTL, class and comments', () => {
    const anchors = parseAnchors([
      `. IN DS 20326 8 2 ${SHIPPED_ROOT_ANCHORS[0].digest} ; KSK-2017`,
      `Example.ORG 3600 IN DNSKEY 257 3 13 ( AQID\n BAUG )`,
      `example.org. DS 1 13 2 ${'00'.repeat(32)}`
    ])
    expect(
      anchors.map(({ zone, ds, keys }) => [zone.key.length, ds.map(({ keyTag }) => keyTag), keys.map((k) => hex(k.publicKey))])
    ).toEqual([
      [1, [20326], []],
      [13, [1], ['010203040506']]
    ])
  })

  it.each([
    ['. IN A 192.0.2.1', /must be a DS or a DNSKEY, not A/],
    ['. CH DNSKEY 257 3 13 AQID', /class CH/],
    ['. IN DNSKEY 0 3 13 AQID', /Zone Key bit/],
    ['. IN DNSKEY 257 4 13 AQID', /protocol 4/],
    ['. IN DNSKEY 385 3 13 AQID', /revoked/],
    ['. IN DNSKEY 257 3 13 \\# 4 01010305', /presentation format/],
    ['. IN DS 1 8', /presentation format/],
    ['20326 8 2 E06D', /presentation format/],
    ['a..b IN DS 1 8 2 00', /empty label/]
  ])('%s is refused with the reason', (line, why) => {
    expect(() => parseAnchors([line])).toThrow(AnchorTextError)
    expect(() => parseAnchors([line])).toThrow(why)
  })
})

it('a DS whose digest has a wrong length stays an anchor: it matches nothing, so all below it is bogus and not unvalidated', () => {
  expect(parseAnchors(['. IN DS 1 8 2 00FF'])[0].ds).toHaveLength(1)
})

describe('the shipped root anchors', () => {
  it('are the same in the code, root.ds and root-anchors.xml', () => {
    const lines = shipped('root.ds')
      .split('\n')
      .filter((line) => line.startsWith('.'))
    expect(rootAnchorLines(NOW)).toEqual(lines)
    const strip = ({ publicKey: _, flags: __, ...rest }: KeyDigest) => rest
    expect(validAnchors(readRootAnchorsXml(shipped('root-anchors.xml')), NOW).map(strip)).toEqual(SHIPPED_ROOT_ANCHORS)
  })

  it('have the digests of the keys in root.key and root-anchors.xml', () => {
    const [{ keys }] = parseAnchors([shipped('root.key')])
    const computed = keys.map(({ keyTag, rdata }) => [keyTag, hex(nobleBackend.digest(2, Uint8Array.from([0, ...rdata])) as Uint8Array)])
    expect(computed).toEqual(SHIPPED_ROOT_ANCHORS.map(({ keyTag, digest }) => [keyTag, digest]))
    const xml = validAnchors(readRootAnchorsXml(shipped('root-anchors.xml')), NOW)
    expect(xml.map(({ publicKey, flags }) => [publicKey, flags])).toEqual(
      keys.map((k) => [Buffer.from(k.publicKey).toString('base64'), k.flags])
    )
  })

  const data = join(process.env.CONFORMANCE_DATA ?? '', 'real-data', 'debian-dns-root-data')
  it.skipIf(!process.env.CONFORMANCE_DATA || !existsSync(data))('are those that Debian ships (CONFORMANCE_DATA)', () => {
    const theirs = (file: string) => parseAnchors([readFileSync(join(data, file), 'utf8')])[0]
    const [ours] = parseAnchors(rootAnchorLines(NOW))
    expect(ours.ds).toEqual(theirs('root.ds').ds)
    expect(parseAnchors([shipped('root.key')])[0].keys).toEqual(theirs('root.key').keys)
  })

  it('are used within their time, KSK-2010 no more', () => {
    const tags = (now: number) => validAnchors(readRootAnchorsXml(shipped('root-anchors.xml')), now).map(({ keyTag }) => keyTag)
    expect(tags(Date.UTC(2015, 0, 1))).toEqual([19036])
    expect(tags(Date.UTC(2018, 0, 1))).toEqual([19036, 20326])
    expect(tags(Date.UTC(2020, 0, 1))).toEqual([20326])
    expect(tags(NOW)).toEqual([20326, 38696])
  })

  it('are never none because of a clock that is wrong', () => {
    expect(rootAnchorLines(0)).toHaveLength(2)
  })

  it.each([
    ['no XML', 'hello'],
    ['another zone', shipped('root-anchors.xml').replace('<Zone>.</Zone>', '<Zone>org</Zone>')],
    ['no digests', '<TrustAnchor><Zone>.</Zone></TrustAnchor>'],
    ['a digest that is none', shipped('root-anchors.xml').replace('E06D44', 'G06D44')],
    ['a time that is none', shipped('root-anchors.xml').replace('2017-02-02T', '2017-02-99T')],
    ['a key tag too large', shipped('root-anchors.xml').replace('<KeyTag>20326', '<KeyTag>70000')]
  ])('a document with %s is refused', (_, xml) => expect(() => readRootAnchorsXml(xml)).toThrow(AnchorTextError))

  it('in a document that is commented out are not there', () => {
    const xml = shipped('root-anchors.xml')
      .replace('<KeyDigest id="Klajeyz"', '<!-- <KeyDigest id="Klajeyz"')
      .replace(/(20326[\s\S]*?<\/KeyDigest>)/, '$1 -->')
    expect(readRootAnchorsXml(xml).map(({ keyTag }) => keyTag)).toEqual([19036, 38696])
  })

  it('make DS lines that read back', () => {
    expect(parseAnchors(SHIPPED_ROOT_ANCHORS.map(toDsLine))[0].ds.map(({ keyTag }) => keyTag)).toEqual([20326, 38696])
  })
})

describe('negative anchors', () => {
  it('are names, or names with an end', () => {
    expect(parseNegativeAnchors(['Example.org.', { name: 'a.test', until: NOW }, { name: 'b.test', until: new Date(NOW) }])).toEqual([
      { kind: 'negative', zone: nameFromText('Example.org') },
      { kind: 'negative', zone: nameFromText('a.test'), until: NOW },
      { kind: 'negative', zone: nameFromText('b.test'), until: NOW }
    ])
  })

  it.each([
    [[3], TypeError],
    [[null], TypeError],
    [[{ until: 1 }], TypeError],
    [['a..b'], RangeError],
    [[{ name: 'a', until: Number.NaN }], RangeError],
    [[{ name: 'a', until: new Date('x') }], RangeError],
    [[{ name: 'a', until: '2030' }], TypeError]
  ])('%j is refused', (configured, error) => {
    expect(() => parseNegativeAnchors(configured as string[])).toThrow(error)
  })
})

describe('the anchor that decides', () => {
  const positive = (zone: string, keyTag = 1): PositiveAnchor => ({
    kind: 'positive',
    zone: nameFromText(zone),
    ds: [{ keyTag, algorithm: 8, digestType: 2, digest: new Uint8Array(32) }],
    keys: []
  })
  const negative = (zone: string, until?: number) => parseNegativeAnchors([{ name: zone, until }])[0]
  const set = anchorSet(
    [positive('.'), positive('example.org'), positive('both.test', 1), positive('both.test', 2)],
    [negative('bad.example.org'), negative('example.net', NOW), negative('both.test', NOW)]
  )
  const deciding = (name: string, now = NOW) => {
    const anchor = set.covering(nameFromText(name), now)
    return anchor && `${anchor.kind} ${anchor.zone.labelCount}`
  }

  it('is the closest at or above the name', () => {
    expect(deciding('www.EXAMPLE.org')).toBe('positive 2')
    expect(deciding('example.org')).toBe('positive 2')
    expect(deciding('xexample.org')).toBe('positive 0')
    expect(deciding('a.bad.example.org')).toBe('negative 3')
    expect(deciding('bad.example.org')).toBe('negative 3')
    expect(deciding('.')).toBe('positive 0')
  })

  it('is the negative one of two for one name, until its end', () => {
    expect(deciding('a.both.test', NOW - 1)).toBe('negative 2')
    expect(deciding('a.both.test', NOW)).toBe('positive 2')
    expect(deciding('example.net', NOW - 1)).toBe('negative 2')
    expect(deciding('example.net', NOW)).toBe('positive 0')
  })

  it('has the DS and keys of all that are configured for its zone: what is static stays beside what RFC 5011 keeps', () => {
    expect(set.covering(nameFromText('both.test'), NOW)).toMatchObject({ ds: [{ keyTag: 1 }, { keyTag: 2 }] })
  })

  it('is none when nothing covers the name, and one without keys still covers', () => {
    expect(anchorSet([positive('example.org')], []).covering(Name.root, NOW)).toBeUndefined()
    const closed = anchorSet([positive('.'), { ...positive('example.org'), ds: [] }], [])
    expect(closed.covering(nameFromText('a.example.org'), NOW)).toMatchObject({ kind: 'positive', ds: [], keys: [] })
  })
})
