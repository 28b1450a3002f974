// The example zones of the RFCs, signed anew: their keys are not ours, their names, chains and answers are.
import { zoneKey } from './keys.js'
import { makeZone, type Zone } from './zone.js'

// RFC 5155 appendix A: its zone without the DNSSEC records
const RFC5155 = `
@ SOA ns1.example. bugs.x.w.example. 1 3600 300 3600000 3600
@ NS ns1.example.
@ NS ns2.example.
@ MX 1 xx.example.
2t7b4g4vsa5smi47k61mv5bv1a22bojr A 192.0.2.127
a NS ns1.a.example.
a NS ns2.a.example.
a DS 58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C
ns1.a A 192.0.2.5
ns2.a A 192.0.2.6
ai A 192.0.2.9
ai HINFO "KLH-10" "ITS"
ai AAAA 2001:db8:0:0:0:0:f00:baa9
c NS ns1.c.example.
c NS ns2.c.example.
ns1.c A 192.0.2.7
ns2.c A 192.0.2.8
ns1 A 192.0.2.1
ns2 A 192.0.2.2
*.w MX 1 ai.example.
x.w MX 1 xx.example.
x.y.w MX 1 xx.example.
xx A 192.0.2.10
xx HINFO "KLH-10" "TOPS-20"
xx AAAA 2001:db8:0:0:0:0:f00:baaa
`

export const SALT = Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd)

export function zoneOfRfc5155(): Zone {
  const keys = [zoneKey('example', 7, { role: 'ksk' }), zoneKey('example', 7, { role: 'zsk' })]
  const denial = { by: 'nsec3', salt: SALT, iterations: 12, optOut: true } as const
  return makeZone({ origin: 'example', text: RFC5155, keys, denial, inception: 1_700_000_000, expiration: 1_800_000_000 })
}

// RFC 4035 appendix A: its zone without the DNSSEC records
const RFC4035 = `
@ SOA ns1.example. bugs.x.w.example. 1081539377 3600 300 3600000 3600
@ NS ns1.example.
@ NS ns2.example.
@ MX 1 xx.example.
a NS ns1.a.example.
a NS ns2.a.example.
a DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B
ns1.a A 192.0.2.5
ns2.a A 192.0.2.6
ai A 192.0.2.9
ai HINFO "KLH-10" "ITS"
ai AAAA 2001:db8::f00:baa9
b NS ns1.b.example.
b NS ns2.b.example.
ns1.b A 192.0.2.7
ns2.b A 192.0.2.8
ns1 A 192.0.2.1
ns2 A 192.0.2.2
*.w MX 1 ai.example.
x.w MX 1 xx.example.
x.y.w MX 1 xx.example.
xx A 192.0.2.10
xx HINFO "KLH-10" "TOPS-20"
xx AAAA 2001:db8::f00:baaa
`

export function zoneOfRfc4035(): Zone {
  const keys = [zoneKey('example', 5, { role: 'ksk' }), zoneKey('example', 5, { role: 'zsk' })]
  return makeZone({ origin: 'example', text: RFC4035, keys, inception: 1_700_000_000, expiration: 1_800_000_000 })
}
