// Addresses of name servers that come without glue: what is asked for them, what is not, and that a delegation with some servers
// dead still leads to the others (NXNSAttack, NRDelegation).
import { describe, expect, it } from 'vitest'
import { Budget, DEFAULT_LIMITS } from '../../src/limits.js'
import { nameToText } from '../../src/wire/text.js'
import { addressesIn, bench, PRIMING, ROOT, referral, type Says, type Script } from './scripted.js'

const COM = '192.5.6.30'
const NET = '192.5.6.31'
const NS = '9.0.0.1'
const WEB = '9.0.1.1'
const SOA = 'example.net. SOA ns.example.net. host.example.net. 1 2 3 4 5'
const www: Script = { '*': { answer: ['www.example.com. A 10.20.30.40'] } }
const root: Script = {
  '. NS': PRIMING,
  'ns1.example.org A': { answer: [`ns1.example.org. A ${WEB}`] },
  '*': ({ question }) =>
    question && nameToText(question.name).endsWith('net')
      ? referral('net', ['b.gtld-servers.net', NET])
      : referral('com', ['a.gtld-servers.net', COM])
}
/** example.com with servers of these names and no glue; example.net knows their addresses, as far as there are any. */
const net: Script = { '*': referral('example.net', ['ns.example.net', NS]) }
const servedBy = (...names: readonly string[]): Script => ({ '*': referral('example.com', ...names.map((name) => [name] as const)) })
const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}.example.net`)
const asked = (log: readonly string[], at: string): string[] =>
  log.filter((line) => line.startsWith(`${at} `)).map((line) => line.slice(at.length + 1))

describe('what is asked', () => {
  it('one address family while it has addresses', async () => {
    const { reply, network } = bench({
      [ROOT]: root,
      [COM]: servedBy('n0.example.net'),
      [NET]: net,
      [NS]: { 'n0.example.net A': { answer: [`n0.example.net. A ${WEB}`] } },
      [WEB]: www
    })
    await reply('www.example.com', 'A')
    expect(asked(network.log, NS)).toEqual(['n0.example.net A'])
  })

  it('the other one where the first has none', async () => {
    const six = '2a00::1'
    const { reply, network } = bench({
      [ROOT]: root,
      [COM]: servedBy('n0.example.net'),
      [NET]: net,
      [NS]: { 'n0.example.net A': { authority: [SOA] }, 'n0.example.net AAAA': { answer: [`n0.example.net. AAAA ${six}`] } },
      [six]: www
    })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    expect(asked(network.log, NS)).toEqual(['n0.example.net A', 'n0.example.net AAAA'])
  })

  it('the other one also where nobody answers at the addresses of the first', async () => {
    const six = '2a00::1'
    const { reply } = bench({
      [ROOT]: root,
      [COM]: servedBy('n0.example.net'),
      [NET]: net,
      [NS]: {
        'n0.example.net A': { answer: [`n0.example.net. A ${WEB}`] },
        'n0.example.net AAAA': { answer: [`n0.example.net. AAAA ${six}`] }
      },
      [six]: www
    })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })

  it('nothing more of a name that does not exist (RFC 8020)', async () => {
    const denying: Script = { '*': { rcode: 'NXDOMAIN', authority: [SOA] } }
    const { failure, network } = bench({ [ROOT]: root, [COM]: servedBy('n0.example.net'), [NET]: net, [NS]: denying })
    await failure('www.example.com', 'A')
    expect(asked(network.log, NS)).toEqual(['n0.example.net A'])
  })

  it('but A after NXDOMAIN to AAAA, which some servers say wrongly (RFC 4074 4.2)', async () => {
    const wrong: Script = {
      'n0.example.net AAAA': { rcode: 'NXDOMAIN', authority: [SOA] },
      'n0.example.net A': { answer: [`n0.example.net. A ${WEB}`] }
    }
    const servers = { [ROOT]: root, [COM]: servedBy('n0.example.net'), [NET]: net, [NS]: wrong, [WEB]: www }
    const { reply } = bench(servers, { preferIPv6: true })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })

  it('nothing of a server whose own zone is known with its glue, unless that leads nowhere', async () => {
    const [old, current] = ['9.0.2.1', '9.0.2.2']
    const zone = (glue: string): Record<string, Script> => ({
      [ROOT]: root,
      [COM]: servedBy('n0.example.net'),
      [NET]: { '*': referral('example.net', ['ns.example.net', NS], ['n0.example.net', glue]) },
      [NS]: { 'n0.example.net A': { answer: [`n0.example.net. A ${current}`] }, '*': { authority: [SOA] } },
      [current]: www
    })
    const good = bench(zone(current))
    await good.reply('example.net', 'A')
    expect(addressesIn(await good.reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    expect(good.network.log.some((line) => line.includes('n0.example.net'))).toBe(false)
    const stale = bench(zone(old))
    await stale.reply('example.net', 'A')
    expect(addressesIn(await stale.reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    expect(asked(stale.network.log, NS)).toContain('n0.example.net A')
  })
})

describe('look-ups that come to nothing', () => {
  it.each<[string, Says | 'silent']>([
    ['NXDOMAIN', { rcode: 'NXDOMAIN', authority: [SOA] }],
    ['SERVFAIL', { rcode: 'SERVFAIL' }],
    ['silence', 'silent']
  ])('%s: no more than the limit of one delegation', async (_, says) => {
    const { failure, network } = bench({ [ROOT]: root, [COM]: servedBy(...many(13)), [NET]: net, [NS]: { '*': says } })
    const budget = new Budget(DEFAULT_LIMITS)
    await failure('www.example.com', 'A', { budget })
    expect(budget.spent('addressLookups')).toBe(DEFAULT_LIMITS.addressFailures)
    expect(new Set(asked(network.log, NS)).size).toBeLessThanOrEqual(DEFAULT_LIMITS.addressFailures)
  })

  it('the last name within the limit still leads to its server', async () => {
    const last = DEFAULT_LIMITS.addressFailures - 1
    const partly: Script = {
      [`n${last}.example.net A`]: { answer: [`n${last}.example.net. A ${WEB}`] },
      '*': { rcode: 'NXDOMAIN', authority: [SOA] }
    }
    const { reply } = bench({ [ROOT]: root, [COM]: servedBy(...many(last + 1)), [NET]: net, [NS]: partly, [WEB]: www })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })

  it('where all servers of one provider are gone, those of another are found among the first', async () => {
    const names = [...many(6), 'ns1.example.org']
    const { reply } = bench({ [ROOT]: root, [COM]: servedBy(...names), [NET]: net, [NS]: {}, [WEB]: www })
    const budget = new Budget(DEFAULT_LIMITS)
    expect(addressesIn(await reply('www.example.com', 'A', { budget }))).toEqual(['10.20.30.40'])
    expect(budget.spent('addressLookups')).toBeLessThanOrEqual(2)
  })

  it('a datagram lost on the way to an address is sent again', async () => {
    let lost = 0
    const { reply } = bench({
      [ROOT]: root,
      [COM]: servedBy('n0.example.net'),
      [NET]: net,
      [NS]: { '*': () => (lost++ === 0 ? 'silent' : { answer: [`n0.example.net. A ${WEB}`] }) },
      [WEB]: www
    })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })
})

describe('silence', () => {
  it('a server that never replied is asked no more often because more look-ups lead to it (NRDelegation)', async () => {
    const names = Array.from({ length: 5 }, (_, i) => `ns.z${i}.net`)
    const refers: Script = {
      '*': ({ question }) => {
        const zone = question ? nameToText(question.name).split('.').slice(-2).join('.') : ''
        return referral(zone, [`ns.${zone}`, WEB])
      }
    }
    const { failure, network } = bench({ [ROOT]: root, [COM]: servedBy(...names), [NET]: refers, [WEB]: {} })
    await failure('www.example.com', 'A')
    // one more for each look-up that was under way at the time
    expect(asked(network.log, WEB).length).toBeLessThanOrEqual(DEFAULT_LIMITS.silencesPerServer + 5)
  })

  it('a server that asks for TCP and is silent there is not asked as if datagrams had been lost', async () => {
    const stalling: Script = { '*': (_, protocol) => (protocol === 'tcp' ? 'silent' : { tc: true }) }
    const { failure, network } = bench({ [ROOT]: root, [COM]: { '*': referral('example.com', ['ns1.example.com', NS]) }, [NS]: stalling })
    await failure('www.example.com', 'A')
    expect(network.asked.filter(({ protocol }) => protocol === 'tcp')).toHaveLength(2)
  })
})
