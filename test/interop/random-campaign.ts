// Asks the random zones of this library, with what it knows already and with nothing, and of real validators, side by side.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createResolver, type Resolver, type SecureAnswer } from '../../src/index.js'
import { CLASS, typeFromText } from '../../src/wire/numbers.js'
import { nameFromText } from '../../src/wire/text.js'
import { ask, type Judged, recordTexts } from './ask.js'
import { serve } from './loopback.js'
import { type NameServer, startNsd } from './name-servers.js'
import { PLACES, type RandomWorld, type RandomZone, randomWorld, zoneFile } from './random-world.js'
import { startValidator, type Validator, type ValidatorKind } from './validators.js'

export interface Campaign {
  readonly seed: number
  readonly zones: number
  readonly questionsEach: number
  readonly peers: readonly ValidatorKind[]
  /** of the zones, these alone */
  readonly only?: ReadonlySet<number>
}

export interface Asked {
  readonly zone: RandomZone
  /** `name TYPE` */
  readonly question: string
  /** by a resolver that has been asked the questions before */
  readonly warm: SecureAnswer
  /** by a new one */
  readonly cold: SecureAnswer
  readonly theirs: ReadonlyMap<ValidatorKind, Judged>
}

const AT_ONCE = 12
/** BIND takes ten seconds over some zones that it then fails for; its silence is not compared. */
const PATIENCE_MS = 5_000

export async function runCampaign(campaign: Campaign, row: (asked: Asked) => void): Promise<{ zones: number; questions: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'random-'))
  const writable = (zone: RandomZone): boolean => {
    const file = fileOf(folder, zone)
    writeFileSync(file, zoneFile(zone))
    return spawnSync('nsd-checkzone', [zone.name, file], { stdio: 'ignore' }).status === 0
  }
  const { seed, zones, questionsEach, only, peers } = campaign
  const world = randomWorld({ seed, count: zones, nowMs: Date.now(), questionsEach, only, writable })
  const closing: { close(): Promise<unknown> }[] = []
  let questions = 0
  try {
    closing.push(await serve(world))
    const byNsd = world.zones.filter(({ served }) => served === 'nsd')
    if (byNsd.length > 0) closing.push(await nsdOf(byNsd, folder))
    const validators: Validator[] = []
    for (const kind of peers) validators.push(await startValidator(kind, { ...world, aggressive: false }))
    closing.push(...validators)
    const warm = resolverOf(world)
    closing.push(warm)
    const left = world.zones.flatMap((zone) => zone.questions.map((question) => ({ zone, question })))
    questions = left.length
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) row(await askOne(next.zone, next.question, warm, world, validators))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  } finally {
    await Promise.all(closing.map((one) => one.close()))
    rmSync(folder, { recursive: true, force: true })
  }
  return { zones: world.zones.length, questions }
}

const fileOf = (folder: string, { index }: RandomZone): string => join(folder, `${index}.zone`)

const nsdOf = (zones: readonly RandomZone[], folder: string): Promise<NameServer> =>
  startNsd(
    [PLACES.nsd],
    zones.map((zone) => ({ name: zone.name, file: fileOf(folder, zone) }))
  )

const resolverOf = (world: RandomWorld): Resolver =>
  createResolver({
    trustAnchors: world.anchors,
    rootHints: world.hints,
    allowPrivateAddresses: true,
    aggressiveDenial: false,
    algorithms: { sha1: true },
    limits: { nsec3Iterations: 150 }
  })

async function askOne(
  zone: RandomZone,
  [name, type]: readonly [string, string],
  warm: Resolver,
  world: RandomWorld,
  validators: readonly Validator[]
): Promise<Asked> {
  await using fresh = resolverOf(world)
  const theirs = validators.map(async ({ kind, where }) => [kind, await ask(where, name, type, PATIENCE_MS)] as const)
  const [first, second, ...others] = await Promise.all([warm.resolveSecure(name, type), fresh.resolveSecure(name, type), ...theirs])
  return { zone, question: `${name} ${type}`, warm: first, cold: second, theirs: new Map(others) }
}

export function ourRecords({ records }: SecureAnswer): string[] {
  return records
    .flatMap(({ name, type, rdata, ttl }) => {
      const owner = nameFromText(name)
      return recordTexts({ owner, type: typeFromText(type) as number, class: CLASS.IN, ttl, rdatas: [rdata], signatures: [] })
    })
    .sort()
}
