// From the start of a process to its first answer out of the cache. Told by the parent: which build, which world, and a question.
const [, , dist, world] = process.argv
const { anchors, hint, name, type } = JSON.parse(world)
const importedFrom = performance.now()
const { createResolver } = await import(dist)
const imported = performance.now()
const resolver = createResolver({
  trustAnchors: anchors,
  rootHints: [{ name: hint.name, addresses: [hint.address] }],
  allowPrivateAddresses: true
})
const { status } = await resolver.resolveSecure(name, type)
if (resolver.peek(name, type)?.status !== 'secure') throw new Error(`not secure: ${status}`)
const cached = performance.now()
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ importMs: imported - importedFrom, cachedMs: cached - importedFrom, cpuMs: (user + system) / 1000 }))
await resolver.close()
