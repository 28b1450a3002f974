// Zones of the signer, judged by validators that share no code with it: ldns-verify-zone and BIND's dnssec-verify.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { DenialOptions } from './chain.js'
import { SIGNING_ALGORITHMS, type ZoneKey, zoneKey } from './keys.js'
import { flipBit } from './signer.js'
import { makeZone, type ZoneFaults, zoneText } from './zone.js'

const directory = mkdtempSync(join(tmpdir(), 'world-'))
afterAll(() => rmSync(directory, { recursive: true }))

const now = Math.floor(Date.now() / 1000)

// mixed case, names in rdata, an empty non-terminal, a wildcard, both kinds of delegation with glue, a DNAME, octets of all sorts
const TEXT = `
@ SOA ns1 HostMaster.Example. 7 3600 600 864000 300
@ NS ns1
@ NS NS2.Sub.example.
@ MX 10 Mail
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
Mail A 192.0.2.2
mail A 192.0.2.1
_25._tcp.mail TLSA 3 1 1 0D6FCE3A1A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6F708192A3B4C5
www CNAME Mail
*.w TXT "a wildcard" "of two strings"
a.b.c.d TXT "below empty non-terminals"
signed NS ns.signed
signed DS 12345 13 2 0D6FCE3A1A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6F708192A3B4C5
ns.signed A 192.0.2.3
unsigned NS ns.unsigned
ns.unsigned A 192.0.2.4
deep.unsigned2 NS ns1
old DNAME new.example.
a\\.dot\\000nul TXT "odd octets: \\255\\000"
odd TYPE65280 \\# 4 0A000001
srv SRV 1 2 3 Target.Example.
`

function keysOf(algorithm: (typeof SIGNING_ALGORITHMS)[number], split: boolean): ZoneKey[] {
  if (!split) return [zoneKey('example', algorithm)]
  return [zoneKey('example', algorithm, { role: 'ksk' }), zoneKey('example', algorithm, { role: 'zsk' })]
}

function judge(tool: string, keys: ZoneKey[], denial: DenialOptions, faults?: ZoneFaults): { ok: boolean; says: string } {
  const zone = makeZone({ origin: 'example', text: TEXT, keys, denial, inception: now - 3600, expiration: now + 86400, faults })
  const file = join(directory, 'example.zone')
  writeFileSync(file, zoneText(zone))
  const args = tool === 'dnssec-verify' ? ['-z', '-o', 'example.', file] : [file]
  const { status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8' })
  return { ok: status === 0, says: `${stdout}${stderr}` }
}

const DENIALS: readonly [string, DenialOptions][] = [
  ['NSEC', { by: 'nsec' }],
  ['NSEC3', { by: 'nsec3', salt: Uint8Array.of(0xaa, 0xbb), iterations: 2 }],
  ['NSEC3 with Opt-Out', { by: 'nsec3', optOut: true }]
]

for (const tool of ['ldns-verify-zone', 'dnssec-verify']) {
  const absent = spawnSync(tool, ['-h']).error !== undefined
  describe.skipIf(absent)(tool, () => {
    for (const algorithm of SIGNING_ALGORITHMS) {
      for (const [kind, denial] of DENIALS) {
        if (algorithm === 5 && denial.by === 'nsec3') continue // RFC 5155 2: algorithm 5 says NSEC
        it(`finds no fault in a zone of algorithm ${algorithm} with ${kind}`, () => {
          const { ok, says } = judge(tool, keysOf(algorithm, algorithm % 2 === 0), denial)
          expect(ok, says).toBe(true)
        })
      }
    }

    it('finds a flipped bit in a signature', () => {
      const sign: ZoneFaults['sign'] = ([record]) => (record.type === 15 ? { corrupt: flipBit } : undefined)
      expect(judge(tool, keysOf(13, false), { by: 'nsec' }, { sign }).ok).toBe(false)
    })

    it('finds a link that is missing in the chain', () => {
      const denial: ZoneFaults['denial'] = (record, name) => (name.labelCount === 4 ? undefined : record)
      expect(judge(tool, keysOf(13, false), { by: 'nsec3' }, { denial }).ok).toBe(false)
    })
  })
}
