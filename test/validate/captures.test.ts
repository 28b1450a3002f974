// Captured messages of zones that are wrong on purpose, each with what is wrong in its name: every signed RRset in them, checked
// at the time of its capture by the DNSKEY set that was captured next to it. CONFORMANCE_DATA names their folder.
import { describe, expect, it } from 'vitest'
import { chooseBackend } from '../../src/crypto/choose.js'
import { trustByAnchor } from '../../src/validate/keys.js'
import { checkSignatures } from '../../src/validate/signature.js'
import { WireError } from '../../src/wire/cursor.js'
import { type Message, parseMessage } from '../../src/wire/message.js'
import { typeToText } from '../../src/wire/numbers.js'
import { readDnskey } from '../../src/wire/rdata/dnskey.js'
import type { Rrset } from '../../src/wire/rrset.js'
import { nameToText } from '../../src/wire/text.js'
import { noData, real } from '../wire/data.js'
import { isDnskey, taskAt, withSignatureFlipped } from './judging.js'

interface Capture {
  readonly message: Message
  /** seconds since the epoch */
  readonly at: number
}

function captured(): Capture[] {
  const text = real('zonemaster-captures/Test-dnssec.data.gz').toString('latin1')
  return [...text.matchAll(/"data":"([A-Za-z0-9+/=]+)","querytime":[\d.]+,"timestamp":([\d.]+)/g)].flatMap(([, base64, at]) => {
    try {
      return [{ message: parseMessage(Uint8Array.from(Buffer.from(base64, 'base64'))), at: Math.floor(Number(at)) }]
    } catch (error) {
      if (error instanceof WireError) return []
      throw error
    }
  })
}

/** The zone's first label, where it names what is wrong there, and what that must come to. */
const FAULTS: Readonly<Record<string, string>> = {
  'dnssec04-duration-long': 'DNSKEY signatureExpired',
  'dnssec08-dnskey-rrsig-not-yet-valid': 'DNSKEY signatureNotYetValid',
  'dnssec08-dnskey-signature-not-ok-broken': 'DNSKEY signatureWrong',
  'dnssec08-rrsig-no-matching-dnskey': 'DNSKEY signatureWrong',
  'dnssec09-rrsig-no-matching-dnskey': 'DNSKEY signatureWrong',
  'dnssec09-rrsig-not-valid-by-dnskey': 'SOA signatureWrong',
  'dnssec09-soa-rrsig-expired': 'SOA signatureExpired',
  'dnssec09-soa-rrsig-not-yet-valid': 'DNSKEY signatureNotYetValid',
  // their signatures are of 2021 and 2023; what else is missing in them matters to no validator (RFC 6840 5.11)
  'dnssec13-algo-not-signed-dnskey': 'DNSKEY signatureExpired',
  'dnssec13-algo-not-signed-ns': 'DNSKEY signatureExpired',
  'dnssec13-algo-not-signed-soa': 'DNSKEY signatureExpired'
}

describe.skipIf(noData)('captured zones with faults (CONFORMANCE_DATA)', () => {
  const captures = noData ? [] : captured()
  const noble = chooseBackend('noble')
  const limits = { signatureChecks: 10_000, signatureFailures: 10_000 }
  const policy = { sha1: true, minRsaBits: 512 }

  /** The DNSKEY set of the signer that was captured the closest to the moment. */
  function keysOf(rrset: Rrset, at: number): Rrset | undefined {
    const sets = captures.flatMap(({ message, at: when }) =>
      message.answer
        .filter((one) => isDnskey(one) && one.signatures.length > 0 && one.owner.equals(rrset.signatures[0].signer))
        .map((set) => ({ set, off: Math.abs(when - at) }))
    )
    return sets.sort((a, b) => a.off - b.off)[0]?.set
  }

  it('each comes to what its name says, by both backends', { timeout: 60_000 }, () => {
    const counts = { secure: 0, bogus: 0, untrusted: 0, keyless: 0 }
    const found = new Map<string, Set<string>>()
    for (const { message, at } of captures) {
      for (const rrset of [...message.answer, ...message.authority, ...message.additional]) {
        if (rrset.signatures.length === 0) continue
        const { signer } = rrset.signatures[0]
        const label = Buffer.from(signer.isRoot ? [] : signer.label(0)).toString('latin1')
        const tell = (type: number, kind: string | undefined): void => {
          found.set(label, (found.get(label) ?? new Set()).add(`${typeToText(type)} ${kind}`))
        }
        const dnskeys = keysOf(rrset, at)
        if (!dnskeys) {
          counts.keyless++
          continue
        }
        const anchor = { kind: 'positive', zone: signer, ds: [], keys: dnskeys.rdatas.map(readDnskey) } as const
        const trusted = trustByAnchor(anchor, dnskeys, taskAt(at, limits, policy))
        if (trusted.status !== 'secure') {
          counts.untrusted++
          tell(dnskeys.type, trusted.reason.kind)
          continue
        }
        const verdict = checkSignatures(rrset, trusted.keys, taskAt(at, limits, policy))
        const what = `${nameToText(rrset.owner)} ${typeToText(rrset.type)}`
        expect(checkSignatures(rrset, trusted.keys, { ...taskAt(at, limits, policy), crypto: noble }), what).toEqual(verdict)
        if (verdict.status === 'secure') {
          counts.secure++
          expect(checkSignatures(withSignatureFlipped(rrset, at), trusted.keys, taskAt(at, limits, policy)).status, what).toBe('bogus')
        } else {
          counts.bogus++
          tell(rrset.type, verdict.reason.kind)
        }
      }
    }
    expect(counts).toEqual({ secure: 353, bogus: 4, untrusted: 45, keyless: 122 })
    expect(Object.fromEntries([...found].map(([label, kinds]) => [label, [...kinds].join(', ')]))).toEqual(FAULTS)
  })
})
