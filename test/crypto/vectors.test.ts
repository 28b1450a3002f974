// Signatures, DS digests and NSEC3 hashes printed in RFCs, checked by every backend.
import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY, keyForm, signatureForm } from '../../src/crypto/algorithms.js'
import { createNativeBackend } from '../../src/crypto/native.js'
import { nobleBackend } from '../../src/crypto/noble.js'
import { rrsigHead, signedData, wireName } from './signed-data.js'

const BACKENDS = [nobleBackend, createNativeBackend()]

interface Vector {
  readonly rfc: string
  readonly algorithm: number
  readonly key: string
  readonly head: Omit<Parameters<typeof rrsigHead>[0], 'algorithm'>
  readonly owner: string
  readonly rdata: Buffer
  readonly signature: string
}

const time = (text: string) => Date.parse(text.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z')) / 1000

const RFC5702 = {
  head: { type: 1, labels: 3, ttl: 3600, expiration: time('20300101000000'), inception: time('20000101000000'), signer: 'example.net.' },
  owner: 'www.example.net.',
  rdata: Buffer.from([192, 0, 2, 91])
}
const RFC6605 = { type: 1, labels: 3, ttl: 3600, signer: 'example.net.' }
const RFC8080 = {
  head: { type: 15, labels: 2, ttl: 3600, expiration: 1440021600, inception: 1438207200, signer: 'example.com.' },
  owner: 'example.com.',
  rdata: Buffer.concat([Buffer.from([0, 10]), wireName('mail.example.com.')])
}

const VECTORS: readonly Vector[] = [
  {
    rfc: 'RFC 5702 6.1',
    algorithm: 8,
    key: 'AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=',
    ...RFC5702,
    head: { ...RFC5702.head, keyTag: 9033 },
    signature: 'kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg=='
  },
  {
    rfc: 'RFC 5702 6.2',
    algorithm: 10,
    key:
      'AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D' +
      '7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL',
    ...RFC5702,
    head: { ...RFC5702.head, keyTag: 3740 },
    signature:
      'tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfRe' +
      'KBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw='
  },
  {
    rfc: 'RFC 6605 6.1',
    algorithm: 13,
    key: 'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
    head: { ...RFC6605, expiration: time('20100909100439'), inception: time('20100812100439'), keyTag: 55648 },
    owner: 'www.example.net.',
    rdata: Buffer.from([192, 0, 2, 1]),
    signature: 'qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw=='
  },
  {
    rfc: 'RFC 6605 6.2',
    algorithm: 14,
    key:
      'xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/m' +
      'lVNgF6W/qTI37m40',
    head: { ...RFC6605, expiration: time('20100909102025'), inception: time('20100812102025'), keyTag: 10771 },
    owner: 'www.example.net.',
    rdata: Buffer.from([192, 0, 2, 1]),
    signature:
      '/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI' +
      '0RSMROxxwGipWcJm'
  },
  // RFC 8080 as corrected by erratum 4935: the signatures first printed were made with a wrong labels field
  {
    rfc: 'RFC 8080 6.1, first',
    algorithm: 15,
    key: 'l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
    ...RFC8080,
    head: { ...RFC8080.head, keyTag: 3613 },
    signature: 'oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg=='
  },
  {
    rfc: 'RFC 8080 6.1, second',
    algorithm: 15,
    key: 'zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=',
    ...RFC8080,
    head: { ...RFC8080.head, keyTag: 35217 },
    signature: 'zXQ0bkYgQTEFyfLyi9QoiY6D8ZdYo4wyUhVioYZXFdT410QPRITQSqJSnzQoSm5poJ7gD7AQR0O7KuI5k2pcBg=='
  },
  {
    rfc: 'RFC 8080 6.2, first',
    algorithm: 16,
    key: '3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA',
    ...RFC8080,
    head: { ...RFC8080.head, keyTag: 9713 },
    signature:
      '3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07+4RQvE58' +
      '1N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA'
  },
  {
    rfc: 'RFC 8080 6.2, second',
    algorithm: 16,
    key: 'kkreGWoccSDmUBGAe7+zsbG6ZAFQp+syPmYUurBRQc3tDjeMCJcVMRDmgcNLp5HlHAMy12VoISsA',
    ...RFC8080,
    head: { ...RFC8080.head, keyTag: 38353 },
    signature:
      'E1/oLjSGIbmLny/4fcgM1z4oL6aqo+izT3urCyHyvEp4Sp8Syg1eI+lJ57CSnZqjJP41O/9l4m0AsQ4f7qI1gVnML8vWWiyW2KXhT9kuAICUSxv5' +
      'OWbf81Rq7Yu60npabODB0QFPb/rkW3kUZmQ0YQUA'
  }
]

describe.each(BACKENDS)('signatures of RFCs, $name', (backend) => {
  it.each(VECTORS)('$rfc holds, and does not with any octet of the data changed', (vector) => {
    const key = Buffer.from(vector.key, 'base64')
    const signature = Buffer.from(vector.signature, 'base64')
    const head = rrsigHead({ ...vector.head, algorithm: vector.algorithm })
    const data = signedData(head, wireName(vector.owner), vector.head.type, [vector.rdata])
    const least = { ...DEFAULT_POLICY, minRsaBits: 512 }
    expect(keyForm(vector.algorithm, key, least)).toBe('usable')
    expect(signatureForm(vector.algorithm, key, signature)).toBe(true)
    expect(backend.supports(vector.algorithm)).toBe(true)
    expect(backend.verify(vector.algorithm, key, data, signature)).toBe(true)
    expect(key.toString('base64'), 'the key is left as it was').toBe(vector.key)
    expect(signature.toString('base64'), 'so is the signature').toBe(vector.signature)
    for (const at of [0, 3, 17, data.length >> 1, data.length - 1]) {
      const changed = Buffer.from(data)
      changed[at] ^= 1
      expect(backend.verify(vector.algorithm, key, changed, signature)).toBe(false)
    }
  })
})

describe.each(BACKENDS)('digests of RFCs, $name', (backend) => {
  const cases = [
    {
      rfc: 'RFC 4034 5.4',
      type: 1,
      owner: 'dskey.example.com.',
      head: [1, 0, 3, 5],
      key:
        'AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBa' +
        'MbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==',
      digest: '2bb183af5f22588179a53b0a98631fad1a292118'
    },
    {
      rfc: 'RFC 6605 6.1',
      type: 2,
      owner: 'example.net.',
      head: [1, 1, 3, 13],
      key: VECTORS[2].key,
      digest: 'b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17'
    },
    {
      rfc: 'RFC 6605 6.2',
      type: 4,
      owner: 'example.net.',
      head: [1, 1, 3, 14],
      key: VECTORS[3].key,
      digest: '72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6'
    },
    {
      rfc: 'RFC 8080 6.2',
      type: 2,
      owner: 'example.com.',
      head: [1, 1, 3, 16],
      key: VECTORS[6].key,
      digest: '6ccf18d5bc5d7fc2fceb1d59d17321402f2aa8d368048db93dd811f5cb2b19c7'
    }
  ]
  it.each(cases)('$rfc, type $type', ({ type, owner, head, key, digest }) => {
    const data = Buffer.concat([wireName(owner), Buffer.from(head), Buffer.from(key, 'base64')])
    expect(Buffer.from(backend.digest(type, data) ?? []).toString('hex')).toBe(digest)
  })

  it('types without code give undefined', () => {
    for (const type of [0, 3, 5, 6, 100, 255]) expect(backend.digest(type, new Uint8Array(10))).toBeUndefined()
  })
})

describe.each(BACKENDS)('NSEC3 hashes of RFC 5155 A, $name', (backend) => {
  // salt aabbccdd, 12 iterations
  const cases: [string, string][] = [
    ['example.', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
    ['a.example.', '35mthgpgcu1qg68fab165klnsnk3dpvl'],
    ['ai.example.', 'gjeqe526plbf1g8mklp59enfd789njgi'],
    ['ns1.example.', '2t7b4g4vsa5smi47k61mv5bv1a22bojr'],
    ['ns2.example.', 'q04jkcevqvmu85r014c7dkba38o0ji5r'],
    ['w.example.', 'k8udemvp1j2f7eg6jebps17vp3n8i58h'],
    ['*.w.example.', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en'],
    ['x.w.example.', 'b4um86eghhds6nea196smvmlo4ors995'],
    ['y.w.example.', 'ji6neoaepv8b5o6k4ev33abha8ht9fgc'],
    ['x.y.w.example.', '2vptu5timamqttgl4luu9kg21e0aor3s'],
    ['xx.example.', 't644ebqk9bibcna874givr6joj62mlhv'],
    ['2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.', 'kohar7mbb8dc2ce8a9qvl8hon4k53uhi']
  ]
  it.each(cases)('%s', (name, hash) => {
    expect(base32hex(backend.nsec3Hash(wireName(name), Buffer.from('aabbccdd', 'hex'), 12))).toBe(hash)
  })
})

function base32hex(octets: Uint8Array): string {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('')
  return bits.replace(/.{5}/g, (five) => Number.parseInt(five, 2).toString(32))
}
