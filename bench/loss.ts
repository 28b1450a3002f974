// Answers lost at packet loss of 0, 5, 10 and 20 % each way with 50 ms of delay, one of two servers dead, over sockets.
// node --import tsx bench/loss.ts [questions]
import { createResolver } from '../src/index.js'
import { badNet, lossy, manyNames, run } from '../test/world/bad-net.js'

const count = Number(process.argv[2] ?? 1_000)
const world = manyNames()
for (const loss of [0, 0.05, 0.1, 0.2]) {
  const net = await badNet(world.servers, lossy(loss, 50), ['192.0.2.2', '198.51.100.2'])
  const resolver = createResolver({
    trustAnchors: world.anchors,
    rootHints: world.hints,
    transport: net.transport,
    allowPrivateAddresses: true,
    aggressiveDenial: false // every name is to be asked for
  })
  const { wrong, ms } = await run(world, (name, type) => resolver.resolveSecure(name, type), count, 20)
  const { queries } = resolver.statistics().upstream
  console.log(
    `loss ${loss * 100} %: ${wrong.length} of ${count} lost, ${Math.round(ms)} ms in all, ${((queries.udp ?? 0) + (queries.tcp ?? 0)) / count} queries each`
  )
  for (const one of wrong.slice(0, 3)) console.log(`  ${one}`)
  await resolver.close()
  await net.close()
}
await world.close()
