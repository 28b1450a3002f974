// `npm start`: resolves names of the embedded hierarchy over real sockets of loopback and shows every verdict with its
// reason, then one whole trace. No network is needed: the root, the TLDs and the zones below them are all in this process.
import { createResolver, type Resolver, type SecureAnswer, type SecurityStatus } from '../../src/index.js'
import { COLOURED, PLAIN, printTree, tellStory } from '../../src/trace/index.js'
import { TYPE, typeFromText } from '../../src/wire/numbers.js'
import { rdataToText } from '../../src/wire/presentation.js'
import { buildHierarchy } from './hierarchy.js'

const QUESTIONS: readonly [name: string, type: string, about: string][] = [
  ['mail.ordered', 'MX', 'a mail domain, signed from the root down'],
  ['_25._tcp.mx1.mail.ordered', 'TLSA', 'what DANE needs for its mail server'],
  ['www.alg16.hashed', 'A', 'signed by Ed448'],
  ['x.any.wild.ordered', 'A', 'made from a wildcard, and proven to be'],
  ['www.old.dname.hashed', 'A', 'through a DNAME into another zone'],
  ['nowhere.mail.ordered', 'A', 'does not exist, and that is proven'],
  ['www.unsigned.ordered', 'A', 'below a delegation without DS'],
  ['www.plain.optout', 'A', 'below a delegation that NSEC3 Opt-Out leaves out'],
  ['www.futurealgorithm.ordered', 'A', 'signed by an algorithm that nobody knows yet'],
  ['insecure.alias.ordered', 'A', 'a signed alias of an unsigned name'],
  ['www.expired.ordered', 'A', 'nobody signed it anew in time'],
  ['www.tampered.ordered', 'A', 'another address than was signed'],
  ['www.otherkey.ordered', 'A', 'the parent still has the DS of an older key'],
  ['nowhere.nodenial.hashed', 'A', 'a denial without proof'],
  ['www.refusing.ordered', 'A', 'its servers refuse to answer']
]

const TRACED = ['secure.alias.ordered', 'A'] as const

const COLOURS: Readonly<Record<SecurityStatus, number>> = { secure: 32, insecure: 33, bogus: 31, indeterminate: 35 }
const coloured = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (text: string, code: number): string => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text)
const faint = (text: string): string => paint(text, 2)

function show(answer: SecureAnswer, about: string): void {
  const { question, status, rcode, records, denial, reason } = answer
  const name = paint(`${question.name} ${question.type}`, 1)
  console.log(`\n${paint(status.padEnd(13), COLOURS[status])} ${name}  ${faint(`${rcode}, ${about}`)}`)
  for (const record of records) {
    const type = typeFromText(record.type) ?? TYPE.NULL
    console.log(`              ${record.name} ${record.ttl} ${record.type} ${rdataToText(type, record.rdata)}`)
  }
  if (denial) console.log(`              ${denial.kind} by ${denial.by.toUpperCase()}${denial.optOut ? ' with Opt-Out' : ''}`)
  if (reason) console.log(`              ${reason.text} ${faint(`[EDE ${reason.code}: ${reason.name}]`)}`)
}

/** One resolver for all, which learns as it goes, and then a new one that begins with the trust anchor alone. */
async function run(makeResolver: () => Resolver): Promise<void> {
  await using resolver = makeResolver()
  for (const [name, type, about] of QUESTIONS) show(await resolver.resolveSecure(name, type), about)
  const [name, type] = TRACED
  await using fresh = makeResolver()
  const answer = await fresh.resolveSecure(name, type, { trace: true })
  show(answer, 'an alias across zones, and every step of the way:')
  if (answer.trace) console.log(`\n${printTree(await tellStory(answer.trace), { style: coloured ? COLOURED : PLAIN })}`)
}

const hierarchy = buildHierarchy()
const transport = await hierarchy.sockets()
const makeResolver = (): Resolver =>
  createResolver({
    trustAnchors: hierarchy.anchors,
    rootHints: hierarchy.hints,
    transport,
    allowPrivateAddresses: true // the name servers have addresses for documentation
  })
try {
  console.log(`${hierarchy.zones.size} zones on ${hierarchy.servers.size} servers of loopback; the only thing trusted beforehand:`)
  console.log(faint(hierarchy.anchors.join('\n')))
  await run(makeResolver)
  console.log(`\n${transport.exchanges.length} exchanges with the servers.`)
} finally {
  await hierarchy.close()
}
