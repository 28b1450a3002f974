// Grows the tree: signs its zones from the leaves to the root, and starts the servers that have them.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configureKnot, type KnotZone, type NameServer, startKnot, startNamed, startNsd, type ZoneFile } from './name-servers.js'
import { Workshop } from './signers.js'
import { addressOf, BROKEN, LEAVES, type LeafSpec, leafText, PLACES, parentText, plainText, ROOT, TLDS } from './tree.js'
import type { World } from './validators.js'

export interface Tree extends World {
  readonly zones: number
  close(): Promise<void>
}

/** `signed.optout` is the secure delegation beside the insecure one of a zone with Opt-Out. */
const SIGNED_BESIDE: LeafSpec = { name: 'signed.optout', signer: 'ldns', algorithm: 13, denial: 'nsec3' }

export async function growTree(): Promise<Tree> {
  const folder = mkdtempSync(join(tmpdir(), 'tree-'))
  const servers: NameServer[] = []
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    return { ...(await grow(folder, servers)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function grow(folder: string, servers: NameServer[]): Promise<Omit<Tree, 'close'>> {
  const workshop = new Workshop(folder)
  const leaves = [...LEAVES, ...BROKEN, SIGNED_BESIDE]
  const byKnot: KnotZone[] = [...leaves.filter(({ signer }) => signer === 'knot'), TLDS.knot].map((leaf) => ({
    ...leaf,
    file: workshop.file(leaf.name)
  }))
  const knotFolder = join(folder, 'knot')
  mkdirSync(knotFolder)
  const knotConfig = configureKnot(knotFolder, [PLACES.knotd], byKnot)

  const ds = new Map<string, readonly string[]>()
  const sign = async (leaf: LeafSpec, text: string): Promise<void> => {
    const { name, signer, fault } = leaf
    if (signer === 'knot') {
      workshop.write(name, text)
      ds.set(name, await workshop.prepareKnot(knotConfig, leaf))
      return
    }
    const lines = await workshop.sign(signer, leaf, text)
    ds.set(name, fault?.ds ? lines.map(fault.ds) : lines)
    if (fault?.edit) workshop.write(name, `${fault.edit(workshop.read(name).split('\n')).join('\n')}\n`, true)
  }
  await inTurns(leaves, (leaf) => sign(leaf, leafText(leaf)))

  const plain = ['plain.optout', ...leaves.map(({ name }) => `insecure.${name}`)]
  for (const name of plain) workshop.write(name, plainText(name))

  const childrenOf = (parent: string): Map<string, { address: string; ds: readonly string[] }> => {
    const own = leaves.filter(({ name }) => name.endsWith(`.${parent}`))
    const children = new Map(own.map((leaf) => [leaf.name, { address: addressOf(leaf), ds: ds.get(leaf.name) ?? [] }]))
    if (parent === 'optout') children.set('plain.optout', { address: PLACES.nsd, ds: [] })
    return children
  }
  await inTurns(Object.values(TLDS), (tld) => sign(tld, parentText(tld.name, childrenOf(tld.name))))
  const tlds = Object.values(TLDS).map(({ name, signer }) => {
    return [name, { address: signer === 'knot' ? PLACES.knotd : PLACES.top, ds: ds.get(name) ?? [] }] as const
  })
  await sign(ROOT, parentText('.', new Map(tlds)))

  const signed = ({ name }: LeafSpec): ZoneFile => ({ name, file: workshop.file(name, true) })
  const top = [ROOT, TLDS.bind, TLDS.ldns, TLDS.optout].map(signed)
  const ldns = [
    ...leaves.filter(({ signer }) => signer === 'ldns').map(signed),
    ...plain.map((name) => ({ name, file: workshop.file(name) }))
  ]
  const starting = [
    startNamed(leaves.filter(({ signer }) => signer === 'bind').map(signed)),
    startNsd([PLACES.top], top),
    startNsd([PLACES.nsd], ldns),
    startKnot(knotConfig, [PLACES.knotd], byKnot)
  ].map((starts) => starts.then((server) => servers.push(server)))
  const failed = (await Promise.allSettled(starting)).find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
  return { anchors: ds.get('.') ?? [], hints: [{ name: 'ns', addresses: [PLACES.top] }], zones: leaves.length + plain.length + 5 }
}

/** Two at a time, as programs of their own. */
async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one)
  }
  await Promise.all([worker(), worker()])
}
