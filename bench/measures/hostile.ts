// The worst questions: what one to each hostile zone costs, in CPU time of the process and in questions to the servers.
import { setTimeout as sleep } from 'node:timers/promises'
import { attacksAt, buildHostile } from '../../test/hostile/attacks.js'
import { onLoopback, serve } from '../../test/interop/loopback.js'
import type { Running } from '../subjects.js'
import type { Asked, Tree } from '../tree.js'
import type { Bench, Result, Row } from './measure.js'

/** Those that cost the most of what they are after. */
const CHOSEN = ['KeyTrap', 'KeyTrap of the key set', 'SigJam', 'NSEC3 exhaustion', 'NXNSAttack', 'CAMP']
const WARMING: readonly Asked[] = ['w0.good.ordered', 'nowhere.hashed', 'ns1.hosting.ordered'].map((name) => ({ name, type: 'A' }))
const PATIENCE_MS = 10_500
/** What goes on after the reply, or after nobody waits any more, counts as well. */
const AFTER_MS = 300

export async function measureHostile(bench: Bench): Promise<Result> {
  const world = buildHostile(Date.now(), onLoopback)
  const [hint] = world.hints
  const tree: Tree = {
    title: 'hostile zones',
    places: [],
    anchors: world.anchors,
    hint: { name: hint?.name ?? '', address: hint?.addresses[0] ?? '' },
    questions: [],
    warming: WARMING
  }
  const serving = await serve(world)
  const attacks = attacksAt(onLoopback).filter(({ name }) => (bench.smoke ? name === 'KeyTrap' : CHOSEN.includes(name)))
  const compared = bench.subjects.filter(({ key }) => !['noble', 'node-dns', 'bns'].includes(key))
  const rows: Row[] = []
  try {
    for (const { name, question } of attacks) {
      const values: Record<string, string | number> = {}
      for (const subject of compared) {
        bench.say(`hostile: ${name}, ${subject.name}`)
        const running = await subject.start(tree)
        try {
          values[`${subject.name}, CPU ms`] = await cpuOf(running, { name: question[0], type: question[1] }, () => void serving.take())
          values[`${subject.name}, queries`] = serving.take()
        } finally {
          await running.stop()
        }
      }
      rows.push({ subject: name, own: true, values })
    }
  } finally {
    await serving.close()
  }
  return {
    tables: [
      {
        title: 'Hostile questions',
        about:
          'One question to each hostile zone: CPU time in steps of 10 ms for servers, and the questions that reached the name servers, until the reply or until ten seconds are over. [hostile.md](hostile.md) has all zones, with the checks and hashes made.',
        rows
      }
    ],
    plots: []
  }
}

async function cpuOf(running: Running, asked: Asked, begin: () => void): Promise<number> {
  await running.ask(WARMING, 1)
  await sleep(AFTER_MS)
  begin()
  const before = await running.usage()
  await Promise.race([running.ask([asked], 1), sleep(PATIENCE_MS)])
  await sleep(AFTER_MS)
  const { cpuMs } = await running.usage()
  return Math.round((cpuMs - before.cpuMs) * 10) / 10
}
