// Runs one recipe in a process of its own: `node run.mjs RECIPE JSON`, and prints what came of it as JSON.
import { resolverFor } from './resolver.mjs'

const [recipe, json] = process.argv.slice(2)
const { domains, port, ...world } = JSON.parse(json)
const { deliver } = await import(`./${recipe}.mjs`)
const resolver = resolverFor(world)
const results = {}
for (const domain of domains) {
  const envelope = { from: 'a@client.test', to: [`b@${domain}`] }
  results[domain] = await deliver(domain, envelope, `Subject: ${domain}\r\n\r\nhello\r\n`, { resolver, port }).catch(
    (error) => `${error.code ?? error.name}${error.temporary ? ' temporary' : ''}`
  )
}
await resolver.close()
console.log(JSON.stringify(results))
process.exit(0)
