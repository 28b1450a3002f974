// Signatures checked a second, by algorithm and backend, beside `openssl speed` in the same round.
import { spawnSync } from 'node:child_process'
import { createNativeBackend } from '../../src/crypto/native.js'
import { nobleBackend } from '../../src/crypto/noble.js'
import { type SigningAlgorithm, zoneKey } from '../../test/world/keys.js'
import { findProgram } from '../processes.js'
import { medianOf } from '../statistics.js'
import type { Bench, Result, Row } from './measure.js'

interface Kind {
  readonly name: string
  readonly algorithm: SigningAlgorithm
  readonly bits?: number
  /** what `openssl speed` calls it */
  readonly openssl: string
}

const KINDS: readonly Kind[] = [
  { name: '5/7 RSA-2048 SHA-1', algorithm: 5, bits: 2048, openssl: 'rsa2048' },
  { name: '8 RSA-1024', algorithm: 8, bits: 1024, openssl: 'rsa1024' },
  { name: '8 RSA-2048', algorithm: 8, bits: 2048, openssl: 'rsa2048' },
  { name: '8 RSA-4096', algorithm: 8, bits: 4096, openssl: 'rsa4096' },
  { name: '10 RSA-2048 SHA-512', algorithm: 10, bits: 2048, openssl: 'rsa2048' },
  { name: '13 P-256', algorithm: 13, openssl: 'ecdsap256' },
  { name: '14 P-384', algorithm: 14, openssl: 'ecdsap384' },
  { name: '15 Ed25519', algorithm: 15, openssl: 'ed25519' },
  { name: '16 Ed448', algorithm: 16, openssl: 'ed448' }
]

const DATA = Uint8Array.from({ length: 170 }, (_, i) => i)

export async function measureSignatures(bench: Bench): Promise<Result> {
  const native = createNativeBackend()
  const seconds = bench.smoke ? 0.02 : 0.3
  const rows: Row[] = []
  for (const kind of bench.smoke ? KINDS.filter(({ algorithm }) => algorithm === 13) : KINDS) {
    bench.say(`signatures: ${kind.name}`)
    const { algorithm, bits } = kind
    const key = zoneKey(`bench-${kind.name}`, algorithm, bits ? { bits } : {})
    const signature = key.sign(DATA)
    const [limit, byNative, byNoble]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < bench.rounds; round++) {
      const openssl = opensslSpeed(kind.openssl, bench.smoke)
      if (openssl) limit.push(openssl)
      byNative.push(microseconds(() => native.verify(algorithm, key.publicKey, DATA, signature), seconds))
      byNoble.push(microseconds(() => nobleBackend.verify(algorithm, key.publicKey, DATA, signature), seconds))
    }
    const [openssl, us, noble] = [medianOf(limit), medianOf(byNative), medianOf(byNoble)]
    rows.push({
      subject: kind.name,
      own: true,
      values: {
        'openssl us': openssl,
        'native us': us,
        'native/openssl': us / openssl,
        'noble us': noble,
        'noble/openssl': noble / openssl,
        'native/s': 1e6 / us,
        'noble/s': 1e6 / noble
      }
    })
  }
  return {
    tables: [
      {
        title: 'Signature checks',
        about:
          'CPU time of one check of a signature over 170 octets by a key imported once, and what `openssl speed` gives for it on the same core.',
        rows
      }
    ],
    plots: []
  }
}

/** CPU time of one check; it must hold. */
function microseconds(check: () => boolean, seconds: number): number {
  if (!check()) throw new Error('a good signature does not hold')
  let [count, spent] = [0, 0]
  const before = process.cpuUsage()
  do {
    for (let i = 0; i < 20; i++) check()
    count += 20
    const { user, system } = process.cpuUsage(before)
    spent = user + system
  } while (spent < seconds * 1e6)
  return spent / count
}

/** Microseconds of one check; undefined when the program is not there or does not know the algorithm. */
function opensslSpeed(name: string, smoke: boolean): number | undefined {
  const program = findProgram('openssl')
  if (!program) return undefined
  const { stdout } = spawnSync(program, ['speed', '-mr', '-seconds', '1', name], { encoding: 'utf8', timeout: smoke ? 5_000 : 20_000 })
  // +F2:..:bits:sign:verify for RSA, +F4 for ECDSA, +F6 for EdDSA: seconds, or times a second, of signing and checking come last
  const fields = /^\+F[246]:(.*)$/m.exec(stdout ?? '')?.[1]?.split(':')
  const last = Number(fields?.[fields.length - 1])
  if (!(last > 0)) return undefined
  return last < 1 ? last * 1e6 : 1e6 / last
}
