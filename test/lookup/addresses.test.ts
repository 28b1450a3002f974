// Which addresses must not be asked when the DNS gave them, and the root's own hints.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addressText, isSpecial } from '../../src/lookup/addresses.js'
import { ROOT_HINTS } from '../../src/lookup/hints.js'
import { nameToText } from '../../src/wire/text.js'

describe('special addresses', () => {
  it.each(
    '0.0.0.0 127.0.0.1 127.255.255.255 10.0.0.1 100.64.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.1.1.1 255.255.255.255 :: ::1 ::ffff:8.8.8.8 ::10.0.0.1 64:ff9b::a00:1 2001:db8::1 2002:a00:1:: 2001:0:1::1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1 text'.split(
      ' '
    )
  )('%s', (address) => expect(isSpecial(address)).toBe(true))

  it.each('8.8.8.8 172.32.0.1 172.15.0.1 100.128.0.1 11.0.0.1 192.0.1.1 198.20.0.1 2001:500:2::c 2a00:1::1 2801:1b8:10::b'.split(' '))(
    'but not %s',
    (address) => expect(isSpecial(address)).toBe(false)
  )

  it('none of the root servers is one', () => {
    expect(ROOT_HINTS.flatMap(({ addresses }) => addresses).filter(isSpecial)).toEqual([])
  })

  it('are read from rdata of 4 and 16 octets and nothing else', () => {
    expect(addressText(Uint8Array.of(8, 8, 4, 4))).toBe('8.8.4.4')
    expect(addressText(Uint8Array.of(0x20, 1, 5, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc))).toBe('2001:500:2::c')
    expect(addressText(Uint8Array.of(1, 2, 3))).toBeUndefined()
  })
})

const data = process.env.CONFORMANCE_DATA

describe('root hints', () => {
  it('are thirteen, each with an IPv4 and an IPv6 address', () => {
    expect(ROOT_HINTS).toHaveLength(13)
    expect(new Set(ROOT_HINTS.flatMap(({ addresses }) => addresses)).size).toBe(26)
  })

  it.skipIf(!data)('are those that IANA publishes', () => {
    const lines = readFileSync(join(data ?? '', 'real-data/debian-dns-root-data/root.hints'), 'utf8')
      .toLowerCase()
      .split('\n')
    const published = lines.flatMap((line) => /^(\S+)\.\s+\d+\s+a{1,4}\s+(\S+)/.exec(line)?.slice(1, 3).join(' ') ?? [])
    const ours = ROOT_HINTS.flatMap(({ name, addresses }) => addresses.map((address) => `${nameToText(name)} ${address}`))
    expect(ours.sort()).toEqual(published.sort())
  })
})
