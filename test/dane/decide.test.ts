// Every cell of the table of decisions. The expectations are written out by hand as letters, a row for what was found out
// about the host and a column for what was found out about the MX; they share nothing with the table in src/dane/decide.ts.
import { describe, expect, it } from 'vitest'
import {
  type DaneMode,
  type Decision,
  type DecisionInput,
  decide,
  type Facts,
  type InsecureMx,
  type TlsLevel
} from '../../src/dane/index.js'

const MX: readonly (readonly Facts['mx'][])[] = [
  ['secure', 'nodata', 'route'],
  ['insecure', 'insecure-nodata'],
  ['bogus', 'failed'],
  ['nxdomain', 'insecure-nxdomain', 'null']
]

// A authenticate, W the same with an insecure MX, E encrypt, O what the TLS level says, X fail without a connection,
// D this host cannot be used now, H hold the message without trying a host, B return it. Columns as in MX.
const CELLS: readonly (readonly [
  situation: string,
  address: readonly Facts['address'][],
  tlsa: readonly Facts['tlsa'][],
  usable: boolean,
  opportunistic: string,
  mandatory: string,
  none: string
])[] = [
  ['usable records', ['secure', 'secure-alias'], ['secure'], true, 'AWHB', 'AXHB', 'OOHB'],
  ['records, none usable', ['secure', 'secure-alias'], ['secure'], false, 'EEHB', 'XXHB', 'OOHB'],
  [
    'TLSA denied or insecure',
    ['secure', 'secure-alias'],
    ['nxdomain', 'nodata', 'insecure-nxdomain', 'insecure-nodata'],
    false,
    'OOHB',
    'XXHB',
    'OOHB'
  ],
  ['insecure TLSA records', ['secure', 'secure-alias'], ['insecure'], true, 'OOHB', 'XXHB', 'OOHB'],
  ['insecure TLSA records, none usable', ['secure', 'secure-alias'], ['insecure'], false, 'OOHB', 'XXHB', 'OOHB'],
  ['TLSA not asked for', ['secure', 'secure-alias'], ['not-asked'], false, 'OOHB', 'XXHB', 'OOHB'],
  ['TLSA unknown', ['secure', 'secure-alias'], ['bogus', 'failed'], false, 'DDHB', 'DDHB', 'OOHB'],
  ['an insecure address', ['insecure'], ['not-asked', 'secure', 'nxdomain', 'bogus', 'failed'], true, 'OOHB', 'XXHB', 'OOHB'],
  ['an address unknown', ['bogus', 'failed'], ['not-asked', 'secure', 'nxdomain'], true, 'DDHB', 'DDHB', 'DDHB'],
  ['no address', ['nxdomain', 'nodata', 'insecure-nxdomain', 'insecure-nodata'], ['not-asked', 'secure'], true, 'DDHB', 'DDHB', 'DDHB']
]

const HANDSHAKES = [
  { handshake: 'refused', matched: false },
  { handshake: 'failed', matched: false },
  { handshake: 'established', matched: false },
  { handshake: 'established', matched: true }
] as const

const say = ({ outcome, action, code }: Decision): string => `${outcome ?? 'connect'} ${action} ${code ?? ''}`.trim()

/** Before the connection, and after each of HANDSHAKES; hosts are left, so that failing means the next one. */
const MEANING: Readonly<Record<string, readonly string[]>> = {
  A: ['connect connect', 'fail next-host NO_STARTTLS', 'fail next-host TLS_HANDSHAKE', 'fail next-host NO_MATCH', 'authenticated deliver'],
  W: ['connect connect', 'fail next-host NO_STARTTLS', 'fail next-host TLS_HANDSHAKE', 'fail next-host NO_MATCH', 'authenticated deliver'],
  E: ['connect connect', 'fail next-host NO_STARTTLS', 'fail next-host TLS_HANDSHAKE', 'encrypt-only deliver', 'encrypt-only deliver'],
  O: ['connect connect', 'fallback deliver', 'fallback deliver', 'fallback deliver', 'fallback deliver'],
  X: Array(5).fill('fail next-host'),
  D: Array(5).fill('defer next-host'),
  H: Array(5).fill('defer defer'),
  B: Array(5).fill('fail bounce')
}

const MODES: readonly DaneMode[] = ['opportunistic', 'mandatory', 'none']
let cells = 0

for (const mode of MODES) {
  describe(`mode ${mode}`, () => {
    for (const [situation, addresses, tlsas, usable, ...expected] of CELLS) {
      const letters = expected[MODES.indexOf(mode)]
      for (const [column, mxs] of MX.entries()) {
        for (const mx of mxs)
          for (const address of addresses)
            for (const tlsa of tlsas) {
              const letter = letters[column]
              it(`MX ${mx}, address ${address}, TLSA ${tlsa}${usable ? '' : ', none usable'} (${situation}): ${letter}`, () => {
                const facts = { mx, address, tlsa, usable, mode, moreHosts: true } as const
                const [before, ...after] = MEANING[letter]
                const decided = decide(facts)
                expect(say(decided)).toMatch(new RegExp(`^${before}`))
                expect(decided.weaker ?? false).toBe(letter === 'W')
                for (const [i, one] of HANDSHAKES.entries()) {
                  const cell = decide({ ...facts, ...one })
                  expect(say(cell), JSON.stringify(one)).toMatch(new RegExp(`^${after[i]}`))
                  cells++
                }
                cells++
              })
            }
      }
    }
  })
}

it('the table was walked', () => {
  expect(cells).toBe(3 * 5 * 10 * (12 * 2 - 2 + 5 + 6 + 8))
})

describe('what the letters leave open', () => {
  const secure = { mx: 'secure', address: 'secure', tlsa: 'secure', usable: true, mode: 'opportunistic' } as const
  const may = { ...secure, tlsa: 'nodata', usable: false } as const

  it('the last host defers, and when the time of the queue is over the message is returned', () => {
    const failed = { ...secure, handshake: 'refused' } as const
    expect(decide({ ...failed, moreHosts: true })).toMatchObject({ action: 'next-host', retryable: true })
    expect(decide(failed)).toMatchObject({ action: 'defer', retryable: true, enhancedStatus: '4.7.5' })
    expect(decide({ ...failed, queueTimeOver: true })).toMatchObject({ action: 'bounce', retryable: false, enhancedStatus: '5.7.1' })
    expect(decide({ ...secure, mx: 'bogus', queueTimeOver: true })).toMatchObject({
      outcome: 'defer',
      action: 'bounce',
      code: 'DNSSEC_INVALID'
    })
    expect(decide({ ...secure, tlsa: 'failed', moreHosts: true, queueTimeOver: true }).action).toBe('next-host')
  })

  it('each refusal has its code', () => {
    const code = (input: Partial<DecisionInput>) => decide({ ...secure, ...input }).code
    expect(code({ mx: 'null' })).toBe('NULL_MX')
    expect(code({ mx: 'nxdomain' })).toBe('NO_SUCH_DOMAIN')
    expect(code({ mx: 'failed' })).toBe('DNSSEC_INVALID')
    expect(code({ address: 'nodata' })).toBe('NO_ADDRESS')
    expect(code({ address: 'bogus' })).toBe('DNSSEC_INVALID')
    expect(code({ tlsa: 'bogus' })).toBe('DNSSEC_INVALID')
    expect(code({ usable: false, mode: 'mandatory' })).toBe('TLSA_UNUSABLE')
    expect(code({ tlsa: 'nxdomain', mode: 'mandatory' })).toBe('DANE_REQUIRED')
    expect(code({ mx: 'insecure', mode: 'mandatory' })).toBe('DANE_REQUIRED')
    expect(code({})).toBeUndefined()
  })

  it('an insecure MX is worth what policy says (RFC 7672 2.2.1)', () => {
    const half = (insecureMx: InsecureMx, usable = true) => decide({ ...secure, mx: 'insecure', usable, insecureMx }).tls
    expect([half('dane'), half('encrypt'), half('may')]).toEqual(['authenticated', 'encrypted', 'opportunistic'])
    expect([half('dane', false), half('encrypt', false), half('may', false)]).toEqual(['encrypted', 'encrypted', 'opportunistic'])
    expect(decide({ ...secure, insecureMx: 'may' }).tls).toBe('authenticated')
  })

  it('without DANE the TLS level decides', () => {
    const rows: [TlsLevel, string[]][] = [
      // none asked for TLS; no STARTTLS; handshake failed; not valid by PKIX; valid
      ['none', ['fallback deliver', 'fallback deliver', 'fallback deliver', 'fallback deliver', 'fallback deliver']],
      ['preferred', ['connect connect', 'fallback deliver', 'fallback deliver', 'fallback deliver', 'fallback deliver']],
      ['preferred-verify', ['connect connect', 'fallback deliver', 'fallback deliver', 'fallback deliver', 'fallback deliver']],
      ['required', ['connect connect', 'fail defer NO_STARTTLS', 'fail defer TLS_HANDSHAKE', 'fallback deliver', 'fallback deliver']],
      [
        'required-verify',
        ['connect connect', 'fail defer NO_STARTTLS', 'fail defer TLS_HANDSHAKE', 'fail defer PKIX_INVALID', 'fallback deliver']
      ]
    ]
    for (const [tls, expected] of rows) {
      for (const [mode, facts] of [
        ['none', secure],
        ['none', may],
        ['opportunistic', may]
      ] as const) {
        const after = [
          { handshake: 'pending' },
          { handshake: 'refused' },
          { handshake: 'failed' },
          { handshake: 'established' },
          { handshake: 'established', pkix: true }
        ] as const
        expect(
          after.map((one) => say(decide({ ...facts, mode, tls, ...one }))),
          `${tls} ${mode}`
        ).toEqual(expected)
      }
    }
  })

  it('REQUIRETLS needs a secure MX and an authenticated host, and returns the message otherwise (RFC 8689 4.2.1)', () => {
    const required = (input: Partial<DecisionInput>) => say(decide({ ...secure, requireTls: true, ...input }))
    expect(required({ handshake: 'established', matched: true })).toBe('authenticated deliver')
    expect(required({ handshake: 'established', pkix: true })).toBe('fail bounce NO_MATCH')
    expect(required({ handshake: 'established', pkix: true, tlsa: 'nodata' })).toBe('fallback deliver')
    expect(required({ handshake: 'established', pkix: true, usable: false })).toBe('fallback deliver')
    expect(required({ handshake: 'established', tlsa: 'nodata' })).toBe('fail bounce PKIX_INVALID')
    expect(required({ handshake: 'established', matched: true, pkix: true, mx: 'insecure' })).toBe('fail bounce DANE_REQUIRED')
    expect(required({ handshake: 'established', pkix: true, mx: 'insecure', mode: 'none' })).toBe('fail bounce DANE_REQUIRED')
    expect(required({ tlsa: 'bogus' })).toBe('defer defer DNSSEC_INVALID')
    expect(decide({ ...secure, requireTls: true, handshake: 'refused' }).enhancedStatus).toBe('5.7.10')
  })

  it('TLS-Required: No sets DANE aside, but never the look-up of the MX (RFC 8689 5)', () => {
    const ignoring = (input: Partial<DecisionInput>) => say(decide({ ...secure, requireTls: 'ignore', ...input }))
    expect(ignoring({ handshake: 'refused' })).toBe('fallback deliver')
    expect(ignoring({ tlsa: 'bogus', handshake: 'established' })).toBe('fallback deliver')
    expect(ignoring({ mx: 'bogus' })).toBe('defer defer DNSSEC_INVALID')
    expect(ignoring({ address: 'bogus' })).toBe('defer defer DNSSEC_INVALID')
  })

  it('an input that is none is refused', () => {
    expect(() => decide({ ...secure, tlsa: 'perhaps' as 'secure' })).toThrow(RangeError)
  })
})

describe('what holds for every input', () => {
  const found = ['secure', 'insecure', 'nxdomain', 'nodata', 'insecure-nxdomain', 'insecure-nodata', 'bogus', 'failed'] as const
  const everything = function* (): Generator<DecisionInput> {
    for (const mx of [...found, 'null', 'route'] as const)
      for (const address of [...found, 'secure-alias'] as const)
        for (const tlsa of [...found, 'not-asked'] as const)
          for (const usable of [true, false])
            for (const { handshake, matched } of HANDSHAKES)
              for (const tls of ['preferred', 'required-verify'] as const)
                for (const insecureMx of ['dane', 'encrypt', 'may'] as const)
                  yield { mx, address, tlsa, usable, handshake, matched, tls, insecureMx, mode: 'opportunistic' }
  }
  const rank = { authenticated: 3, 'encrypt-only': 2, fallback: 1, fail: 0, defer: 0 }

  it('usable records are never passed by, a failed look-up never falls back, and mandatory is never weaker', () => {
    for (const input of everything()) {
      const decision = decide(input)
      const text = JSON.stringify(input)
      const { mx, address, tlsa, usable, handshake, matched } = input
      const addressed = address === 'secure' || address === 'secure-alias'
      const delivers = decision.action === 'deliver'
      if (delivers && addressed && tlsa === 'secure' && usable && input.insecureMx === 'dane') {
        expect(handshake === 'established' && matched, text).toBe(true)
      }
      if (addressed && (tlsa === 'bogus' || tlsa === 'failed')) expect(delivers, text).toBe(false)
      if (['bogus', 'failed'].includes(mx) || ['bogus', 'failed'].includes(address)) expect(delivers, text).toBe(false)
      if (decision.outcome === 'authenticated') expect(matched && usable && tlsa === 'secure' && addressed, text).toBe(true)
      const strict = decide({ ...input, mode: 'mandatory' })
      if (strict.action === 'deliver') {
        expect(strict.outcome, text).toBe('authenticated')
        expect(rank[strict.outcome ?? 'fail'], text).toBeGreaterThanOrEqual(rank[decision.outcome ?? 'fail'])
      }
    }
  })
})
