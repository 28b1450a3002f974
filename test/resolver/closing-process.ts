// A process that asks over UDP, TCP and a silent server, closes its resolver in the middle of that, and ends by itself or not.
import { createResolver } from '../../src/index.js'
import { authority } from '../world/authority.js'
import { buildHierarchy } from '../world/hierarchy.js'
import { listen } from '../world/net.js'

const world = buildHierarchy()
const server = await listen(authority([...world.zones.values()]))
const silent = await listen(() => undefined)
const at = (port: number, protocol: 'udp' | 'tcp') =>
  createResolver({ trustAnchors: world.anchors, forwarders: [{ address: '127.0.0.1', port, protocol }] })
const resolvers = [at(server.port, 'udp'), at(server.port, 'tcp'), at(silent.port, 'udp'), at(silent.port, 'tcp')]
const [first, second, ...rest] = resolvers
for (const one of [first, second]) console.log((await one?.resolveSecure('www.alg13.hashed', 'A'))?.status)
const underWay = rest.map((one) => one.resolveSecure('www.alg13.hashed', 'A').catch((error: Error) => error.name))
await new Promise((turn) => setTimeout(turn, 100))
for (const one of resolvers) await one.close()
console.log(await Promise.all(underWay), 'closed')
await Promise.all([server.close(), silent.close()])
