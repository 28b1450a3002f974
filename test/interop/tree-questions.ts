// What is asked of the tree: the same questions for every zone, and more where zones meet.
import { BROKEN, LEAVES } from './tree.js'

export type TreeQuestion = readonly [name: string, type: string]

const OF_EACH: readonly TreeQuestion[] = [
  ['', 'SOA'],
  ['', 'DNSKEY'],
  ['', 'MX'],
  ['', 'AAAA'],
  ['www', 'A'],
  ['www', 'MX'],
  ['_25._tcp.mail', 'TLSA'],
  ['nowhere', 'A'],
  ['x.y.nowhere', 'AAAA'],
  ['x.any', 'A'],
  ['x.y.any', 'TXT'],
  ['x.any', 'MX'],
  ['*.any', 'A'],
  ['any', 'A'],
  ['b.ent', 'A'],
  ['nowhere.b.ent', 'A'],
  ['near', 'A'],
  ['near', 'CNAME'],
  ['far', 'A'],
  ['lost', 'A'],
  ['plain', 'A'],
  ['broken', 'A'],
  ['x.to', 'A'],
  ['www.old', 'A'],
  ['nowhere.old', 'A'],
  ['old', 'DNAME'],
  ['www.oldplain', 'A'],
  ['insecure', 'DS'],
  ['www.insecure', 'A'],
  ['nowhere.insecure', 'A']
]

const OF_BROKEN: readonly TreeQuestion[] = [
  ['', 'SOA'],
  ['', 'DNSKEY'],
  ['www', 'A'],
  ['www', 'MX'],
  ['nowhere', 'A'],
  ['x.any', 'A'],
  ['_25._tcp.mail', 'TLSA'],
  ['near', 'A'],
  ['insecure', 'DS'],
  ['www.insecure', 'A']
]

const OF_TOP: readonly TreeQuestion[] = [
  ...['.', 'bind', 'ldns', 'optout', 'knot'].flatMap((zone): TreeQuestion[] => [
    [zone, 'SOA'],
    [zone, 'NS'],
    [zone, 'DNSKEY'],
    [zone, 'DS'],
    [zone === '.' ? 'nowhere' : `nowhere.${zone}`, 'A'],
    [zone === '.' ? 'a.b.nowhere' : `a.b.nowhere.${zone}`, 'TXT']
  ]),
  ['www.plain.optout', 'A'],
  ['nowhere.plain.optout', 'A'],
  ['plain.optout', 'DS'],
  ['signed.optout', 'DS'],
  ['www.signed.optout', 'A'],
  ['nowhere.signed.optout', 'A'],
  ['secure.plain.optout', 'A'],
  ['broken.plain.optout', 'A'],
  ['ecdsap256.bind', 'DS'],
  ['ecdsap256.knot', 'DS'],
  ['ecdsap256.ldns', 'DS']
]

const inZone = (zone: string, questions: readonly TreeQuestion[]): TreeQuestion[] =>
  questions.map(([host, type]) => [host === '' ? zone : `${host}.${zone}`, type])

export const TREE_QUESTIONS: readonly TreeQuestion[] = [
  ...OF_TOP,
  ...LEAVES.flatMap(({ name }) => inZone(name, OF_EACH)),
  ...BROKEN.flatMap(({ name }) => inZone(name, OF_BROKEN))
]
