// A cold secure answer three cuts deep with a delay on every reply, beside Unbound and BIND on the same network in the same run.
// Needs port 53 of loopback addresses (root). node --import tsx bench/cold.ts [delay in ms]
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createResolver } from '../src/index.js'
import { createNetworkTransport } from '../src/transport/network.js'
import { buildQuery, parseMessage } from '../src/wire/message.js'
import { CLASS, TYPE } from '../src/wire/numbers.js'
import { nameFromText, recordToText } from '../src/wire/text.js'
import { unboundServer } from '../test/interop/unbound-conf.js'
import { authority, type Respond } from '../test/world/authority.js'
import { dsLine, dsRdata, zoneKey } from '../test/world/keys.js'
import { makeZone, type Zone } from '../test/world/zone.js'

const DELAY_MS = Number(process.argv[2] ?? 20)
const ZONES = 40
const NET = '127.53.0.'
const SOA = '@ SOA ns hostmaster 1 3600 600 864000 300'

/** Root, one TLD, and below it zones that each have a zone of their own: all signed with P-256 and NSEC. */
function buildTree() {
  const now = Math.floor(Date.now() / 1000)
  const validity = { inception: now - 86_400, expiration: now + 14 * 86_400 }
  const zone = (origin: string, text: string): Zone => makeZone({ origin, text, keys: [zoneKey(origin, 13)], ...validity })
  const delegation = (child: string, address: string): string => {
    const owner = nameFromText(child)
    const ds = { owner, type: TYPE.DS, class: CLASS.IN, ttl: 3600, rdata: dsRdata(owner, zoneKey(child, 13)) }
    return `${child}. NS ns.${child}.\nns.${child}. A ${NET}${address}\n${recordToText(ds)}`
  }
  const apex = (address: string): string => `${SOA}\n@ NS ns\nns A ${NET}${address}`
  const names = Array.from({ length: ZONES }, (_, i) => `z${i}.tld`)
  const root = zone('.', `${SOA}\n@ NS ns.root.\nns.root. A ${NET}1\n${delegation('tld', '2')}`)
  const tld = zone('tld', `${apex('2')}\n${names.map((name) => delegation(name, '3')).join('\n')}`)
  const middle = names.map((name) => zone(name, `${apex('3')}\nwww A 203.0.113.1\n${delegation(`sub.${name}`, '4')}`))
  const leaves = names.map((name) => zone(`sub.${name}`, `${apex('4')}\nwww A 203.0.113.2`))
  const anchor = dsLine('.', nameFromText('.'), zoneKey('.', 13))
  return { servers: [authority([root]), authority([tld]), authority(middle), authority(leaves)], anchor }
}

/** UDP and TCP at port 53; each reply waits. */
function serve(address: string, respond: Respond): () => void {
  const udp = createSocket('udp4')
  udp.on('message', (query, from) => {
    queries++
    const reply = respond(query, 'udp')
    if (reply) setTimeout(() => udp.send(reply, from.port, from.address), DELAY_MS)
  })
  udp.bind(53, address)
  const tcp = createServer((stream) => {
    stream.on('error', () => {})
    let held = Buffer.alloc(0)
    stream.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const reply = respond(held.subarray(2, 2 + held.readUInt16BE(0)), 'tcp')
        held = held.subarray(2 + held.readUInt16BE(0))
        if (!reply) continue
        const framed = Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 0xff]), reply])
        setTimeout(() => stream.write(framed), DELAY_MS)
      }
    })
  }).listen(53, address)
  return () => {
    udp.close()
    tcp.close()
  }
}

let queries = 0
const { servers, anchor } = buildTree()
const closers = servers.map((respond, i) => serve(`${NET}${i + 1}`, respond))
await sleep(200)
const network = createNetworkTransport()

type Ask = (name: string) => Promise<boolean>

/** Asks a recursive server on a port of loopback; true when its answer has the AD bit. */
const through =
  (port: number): Ask =>
  async (name) => {
    const question = { name: nameFromText(name), type: TYPE.A, class: CLASS.IN }
    const query = buildQuery({ id: 1, question, recursionDesired: true, edns: { udpSize: 1232, dnssecOk: true } })
    const reply = await network.exchange(
      query,
      { address: '127.0.0.1', port, protocol: 'udp' },
      { signal: AbortSignal.timeout(9_000), timeoutMs: 9_000 }
    )
    return parseMessage(reply).ad
  }

async function measure(label: string, ask: Ask): Promise<void> {
  const timed = async (name: string): Promise<{ ms: number; asked: number }> => {
    const before = queries
    const startedAt = performance.now()
    if (!(await ask(name))) console.log(`${label}: ${name} is not secure`)
    const ms = performance.now() - startedAt
    await sleep(3 * DELAY_MS) // what goes on behind the answer belongs to it
    return { ms, asked: queries - before }
  }
  const cold = await timed('www.sub.z0.tld')
  const warm: { ms: number; asked: number }[] = []
  for (let i = 1; i < ZONES; i++) warm.push(await timed(`www.sub.z${i}.tld`))
  const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1] as number
  const trips = (ms: number): string => (DELAY_MS > 0 ? ` = ${(ms / DELAY_MS).toFixed(1)} round trips` : '')
  const [ms, asked] = [median(warm.map((one) => one.ms)), median(warm.map((one) => one.asked))]
  console.log(
    `${label.padEnd(18)} all cold ${cold.ms.toFixed(0)} ms${trips(cold.ms)}, ${cold.asked} queries; root and TLD warm, two new cuts: ${ms.toFixed(1)} ms${trips(ms)}, ${asked} queries`
  )
}

async function beside(label: string, program: string, args: (folder: string, port: number) => string[]): Promise<void> {
  if (!existsSync(program)) {
    console.log(`${label.padEnd(18)} absent`)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'cold-'))
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const child = spawn(program, args(folder, port), { stdio: 'ignore' })
  try {
    await sleep(2_000)
    await measure(label, through(port))
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

// Twice: in a process that just began, and once its code is compiled.
for (const label of ['this library', 'the same, again']) {
  const resolver = createResolver({
    trustAnchors: [anchor],
    rootHints: [{ name: 'ns.root', addresses: [`${NET}1`] }],
    allowPrivateAddresses: true
  })
  await measure(label, async (name) => (await resolver.resolveSecure(name, 'A')).status === 'secure')
  await resolver.close()
}

await beside('Unbound', '/usr/sbin/unbound', (folder, port) => {
  writeFileSync(join(folder, 'hints'), `. 3600000 NS ns.root.\nns.root. 3600000 A ${NET}1\n`)
  const lines = [
    ...unboundServer(folder, `127.0.0.1@${port}`, [anchor]),
    ' prefetch-key: yes',
    ' root-hints: "hints"',
    'remote-control:',
    ' control-enable: no'
  ]
  writeFileSync(join(folder, 'conf'), `${lines.join('\n')}\n`)
  return ['-d', '-c', join(folder, 'conf')]
})

await beside('BIND', '/usr/sbin/named', (folder, port) => {
  mkdirSync(join(folder, 'keys'))
  writeFileSync(join(folder, 'hints'), `. 3600000 NS ns.root.\nns.root. 3600000 A ${NET}1\n`)
  const [keyTag, algorithm, digestType, ...digest] = anchor
    .slice(anchor.indexOf('DS') + 2)
    .trim()
    .split(/\s+/)
  writeFileSync(
    join(folder, 'conf'),
    `options { directory "${folder}"; pid-file none; session-keyfile none; managed-keys-directory "${folder}/keys";
 listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; query-source address 127.0.0.1; recursion yes; allow-query { any; };
 empty-zones-enable no; dnssec-validation yes; };
controls { };
zone "." { type hint; file "hints"; };
trust-anchors { "." static-ds ${keyTag} ${algorithm} ${digestType} "${digest.join('')}"; };
`
  )
  return ['-f', '-4', '-c', join(folder, 'conf')]
})

await network.close()
for (const close of closers) close()
