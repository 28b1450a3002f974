// Iteration against scripted servers: referrals, lameness, missing glue, circles, DS on the wrong side, bounds.
import { describe, expect, it } from 'vitest'
import { Budget, DEFAULT_LIMITS } from '../../src/limits.js'
import type { Answered } from '../../src/verdict/reply.js'
import type { Question } from '../../src/wire/message.js'
import { nameFromText, nameToText } from '../../src/wire/text.js'
import { addressesIn, bench, PRIMING, ROOT, referral, type Script } from './scripted.js'

const nameOf = (question: Question | undefined): string => (question ? nameToText(question.name) : '')
const zoneText = (reply: Answered): string | undefined => reply.zone && nameToText(reply.zone)

const COM = '192.5.6.30'
const NS1 = '9.0.0.1'
const NS2 = '9.0.0.2'
const DS = 'DS 12345 13 2 8D5E0A3F1C2B4D6E7F8091A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6'

const root: Script = { '. NS': PRIMING, '*': referral('com', ['a.gtld-servers.net', COM]) }
const com: Script = { '*': referral('example.com', ['ns1.example.com', NS1], ['ns2.example.com', NS2]) }
const www = { answer: ['www.example.com. A 10.20.30.40'] }

describe('the way down', () => {
  it('follows referrals from the root to the zone and gives the scrubbed answer', async () => {
    const { reply, network } = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': www }, [NS2]: { '*': www } })
    const got = await reply('www.example.com', 'A')
    expect(addressesIn(got)).toEqual(['10.20.30.40'])
    expect(zoneText(got)).toBe('example.com')
    expect(got.via).toBe('answer')
    expect(network.log.slice(0, 3)).toEqual([`${ROOT} . NS`, `${ROOT} www.example.com A`, `${COM} www.example.com A`])
    expect(network.asked.every(({ query }) => !query.rd && query.edns?.dnssecOk)).toBe(true)
  })

  it('starts at the closest delegation the next time, until its TTL is over', async () => {
    const short: Script = {
      '*': { ...referral('example.com', ['ns1.example.com', NS1]), authority: ['example.com. 60 NS ns1.example.com.'] }
    }
    const { reply, network, clock } = bench({ [ROOT]: root, [COM]: short, [NS1]: { '*': www } })
    await reply('www.example.com', 'A')
    network.log.length = 0
    await reply('www.example.com', 'A')
    expect(network.log).toEqual([`${NS1} www.example.com A`])
    clock.now += 61_000
    network.log.length = 0
    await reply('www.example.com', 'A')
    expect(network.log).toEqual([`${COM} www.example.com A`, `${NS1} www.example.com A`])
  })

  it("does not let the child's own NS renew the parent's delegation (ghost domains)", async () => {
    const short: Script = {
      '*': { ...referral('example.com', ['ns1.example.com', NS1]), authority: ['example.com. 60 NS ns1.example.com.'] }
    }
    const keepsItself: Script = {
      '*': { ...www, authority: ['example.com. 86400 NS ns1.example.com.'], additional: [`ns1.example.com. A ${NS1}`] }
    }
    const { reply, network, clock } = bench({ [ROOT]: root, [COM]: short, [NS1]: keepsItself })
    await reply('www.example.com', 'A')
    clock.now += 50_000
    await reply('www.example.com', 'A')
    clock.now += 11_000
    network.log.length = 0
    await reply('www.example.com', 'A')
    expect(network.log[0]).toBe(`${COM} www.example.com A`)
  })

  it('lets no delegation outlive the one above it', async () => {
    const short: Script = {
      '. NS': PRIMING,
      '*': { ...referral('com', ['a.gtld-servers.net', COM]), authority: ['com. 60 NS a.gtld-servers.net.'] }
    }
    const { reply, network, clock } = bench({ [ROOT]: short, [COM]: com, [NS1]: { '*': www }, [NS2]: { '*': www } })
    await reply('www.example.com', 'A')
    clock.now += 61_000
    network.log.length = 0
    await reply('www.example.com', 'A')
    expect(network.log[0]).toBe(`${ROOT} www.example.com A`)
  })

  it('asks hints directly while priming gets no answer', async () => {
    const { reply, network } = bench({ [ROOT]: { ...root, '. NS': 'silent' }, [COM]: com, [NS1]: { '*': www }, [NS2]: { '*': www } })
    await reply('www.example.com', 'A')
    await reply('www.example.org', 'A').catch(() => {})
    expect(network.log.filter((line) => line.endsWith('. NS'))).toHaveLength(1)
  })

  it('fails with a reason when there are no hints', async () => {
    const { failure } = bench({}, { rootHints: [] })
    expect((await failure('example.com', 'A')).reason).toMatchObject({ kind: 'unreachable', code: 22 })
  })
})

describe('referrals', () => {
  it('tells validation of a DS in a referral as the answer of the parent', async () => {
    const signed: Script = {
      '*': {
        ...referral('example.com', ['ns1.example.com', NS1]),
        authority: ['example.com. NS ns1.example.com.', `example.com. ${DS}`, 'evil.org. NSEC evil.org. A']
      }
    }
    const { reply, referrals } = bench({ [ROOT]: root, [COM]: signed, [NS1]: { '*': www } })
    await reply('www.example.com', 'A')
    expect(referrals).toHaveLength(1) // the root's referral proves nothing either way
    const [given] = referrals
    expect(nameToText(given.question.name)).toBe('example.com')
    expect(given.question.type).toBe(43)
    expect(zoneText(given)).toBe('com')
    expect(given.via).toBe('referral')
    expect(given.message.authority.map(({ type }) => type).sort((a, b) => a - b)).toEqual([2, 43])
  })

  it.each([
    ['upwards', ['com. NS a.gtld-servers.net.']],
    ['to the root', ['. NS a.root-servers.net.']],
    ['to itself', ['example.com. NS ns1.example.com.']],
    ['sideways', ['mail.example.com. NS ns1.example.com.']]
  ])('one that leads %s marks the server as lame, and the next is asked', async (_, authority) => {
    const { reply, events } = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': { aa: false, authority } }, [NS2]: { '*': www } })
    for (let i = 0; i < 4; i++) expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    const outcomes = events.flatMap((event) => (event.event === 'exchange' && event.server === NS1 ? [event.outcome] : []))
    expect(outcomes.every((outcome) => outcome === 'lame')).toBe(true)
    expect(outcomes.length).toBeLessThanOrEqual(1) // set aside from then on
  })

  it('ends when all servers are lame, and says what each did', async () => {
    const lame: Script = { '*': { aa: false, authority: ['com. NS a.gtld-servers.net.'] } }
    const { failure } = bench({ [ROOT]: root, [COM]: com, [NS1]: lame, [NS2]: { '*': { rcode: 'REFUSED' } } })
    const { reason, rcode } = await failure('www.example.com', 'A')
    expect(rcode).toBe(2)
    expect(reason.kind).toBe('unreachable')
    for (const part of ['REFUSED', NS1, NS2, 'com']) expect(reason.text).toContain(part)
  })

  it('every server refusing is told as such', async () => {
    const { failure } = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': { rcode: 'REFUSED' } }, [NS2]: { '*': { rcode: 'REFUSED' } } })
    const { reason, rcode } = await failure('www.example.com', 'A')
    expect(rcode).toBe(2)
    expect(reason).toMatchObject({ kind: 'refusedByServer', zone: 'example.com' })
    expect(reason.text).toContain(`REFUSED (`)
  })
})

describe('servers', () => {
  it('asks the next when one is silent, and that one first from then on', async () => {
    const { reply, network } = bench({ [ROOT]: root, [COM]: com, [NS1]: {}, [NS2]: { '*': www } })
    for (let i = 0; i < 5; i++) await reply('www.example.com', 'A')
    expect(network.log.filter((line) => line.startsWith(NS1)).length).toBeLessThanOrEqual(1)
  })

  it('asks a silent one again, since a datagram may be lost', async () => {
    let n = 0
    const one: Script = { '*': referral('example.com', ['ns1.example.com', NS1]) }
    const { reply } = bench({ [ROOT]: root, [COM]: one, [NS1]: { '*': () => (n++ < 1 ? 'silent' : www) } })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })

  it('asks a server that has replied before once more before it digs for others', async () => {
    const lame: Script = { '*': referral('example.com', ['ns1.example.com', NS1], ['ns2.example.com'], ['ns3.example.com']) }
    let n = 0
    const server: Script = {
      'www.example.com A': www,
      '*': () => (n++ === 0 ? 'silent' : { answer: ['example.com. MX 5 mx.example.com.'] })
    }
    const { reply, network } = bench({ [ROOT]: root, [COM]: lame, [NS1]: server })
    await reply('www.example.com', 'A')
    network.log.length = 0
    await reply('example.com', 'MX')
    expect(network.log).toEqual([`${NS1} example.com MX`, `${NS1} example.com MX`])
  })

  it('asks one that wants TCP and has none after the others from then on, however quick its datagrams are', async () => {
    const noTcp: Script = { '*': (_, protocol) => (protocol === 'udp' ? { tc: true } : 'silent') }
    const slower: Script = {
      '*': () => {
        for (const end = performance.now() + 5; performance.now() < end; );
        return www
      }
    }
    for (const [first, second] of [
      [NS1, NS2],
      [NS2, NS1]
    ]) {
      const { reply, network } = bench({ [ROOT]: root, [COM]: com, [first]: noTcp, [second]: slower })
      for (let i = 0; i < 8; i++) await reply('www.example.com', 'A')
      expect(network.log.filter((line) => line.startsWith(first)).length).toBeLessThanOrEqual(2) // a datagram and a connection
    }
  })

  it('keeps a reply from a cache (RA without AA) for the case that no authority answers', async () => {
    const stale = { answer: ['www.example.com. A 10.0.0.66'], aa: false, ra: true }
    const both = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': stale }, [NS2]: { '*': www } })
    for (let i = 0; i < 3; i++) expect(addressesIn(await both.reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    const alone = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': stale }, [NS2]: {} })
    expect(addressesIn(await alone.reply('www.example.com', 'A'))).toEqual(['10.0.0.66'])
  })

  it('asks others before it believes a reply without any record, which also servers give that do not have the zone', async () => {
    const soa = { authority: ['example.com. SOA ns1.example.com. host.example.com. 1 2 3 4 5'] }
    for (const empty of [{}, { aa: false }]) {
      const both = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': empty }, [NS2]: { '*': www } })
      for (let i = 0; i < 3; i++) expect(addressesIn(await both.reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
      const alone = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': empty }, [NS2]: { '*': empty } })
      expect((await alone.reply('www.example.com', 'A')).message.answer).toEqual([])
      const denied = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': soa }, [NS2]: { '*': soa } })
      await denied.reply('www.example.com', 'A')
      expect(denied.network.log.filter((line) => line.startsWith('9.'))).toHaveLength(1)
    }
  })

  it('uses an answer without AA', async () => {
    const { reply } = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': { ...www, aa: false } }, [NS2]: { '*': { ...www, aa: false } } })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })

  it('goes back to the parent once when the delegation known leads nowhere any more', async () => {
    let moved = false
    const changing: Script = {
      '*': () => (moved ? referral('example.com', ['ns2.example.com', NS2]) : referral('example.com', ['ns1.example.com', NS1]))
    }
    const { reply } = bench({ [ROOT]: root, [COM]: changing, [NS1]: { '*': () => (moved ? 'silent' : www) }, [NS2]: { '*': www } })
    await reply('www.example.com', 'A')
    moved = true
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })

  it('keeps a delegation although an answer from it was refused, since one bad answer is no reason to forget it', async () => {
    const { reply, ask, network } = bench({
      [ROOT]: root,
      [COM]: { '*': referral('example.com', ['ns1.example.com', NS1]) },
      [NS1]: { '*': www }
    })
    const budget = new Budget(DEFAULT_LIMITS)
    for (let attempt = 0; attempt < 3; attempt++) await ask('www.example.com', 'A', { attempt, budget })
    network.log.length = 0
    await reply('www2.example.com', 'A')
    expect(network.log).toEqual([`${NS1} www2.example.com A`])
  })

  it('does not ask loopback, private or documentation addresses that the DNS gave', async () => {
    const trap: Script = {
      '*': referral('example.com', ['ns1.example.com', '127.0.0.1', '10.0.0.1', '192.0.2.9', '::1', 'fe80::1', '::ffff:10.0.0.1'])
    }
    const servers = { [ROOT]: root, [COM]: trap, '127.0.0.1': { '*': www }, '10.0.0.1': { '*': www } }
    const { failure, network } = bench(servers, { allowPrivateAddresses: false })
    await failure('www.example.com', 'A')
    expect(network.asked.every(({ address }) => address === ROOT || address === COM)).toBe(true)
  })

  it('asks private addresses that the user configured, also where the DNS names them', async () => {
    const local = '10.9.9.9'
    const { reply } = bench(
      { [local]: { '. NS': { answer: ['. NS a.root-servers.net.'], additional: [`a.root-servers.net. A ${local}`] }, '*': www } },
      { allowPrivateAddresses: false, rootHints: [{ name: nameFromText('a.root-servers.net'), addresses: [local] }] }
    )
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })
})

describe('name servers without glue', () => {
  const net: Script = { '*': referral('example.net', ['ns.example.net', NS2]) }
  const NET = '192.5.6.31'
  const NS3 = '9.0.0.3'
  const referralTo = (address: string): Script => ({ '*': referral('example.net', ['dns.example.net', address]) })
  const rootOfBoth: Script = {
    '. NS': PRIMING,
    '*': ({ question }) =>
      nameOf(question).endsWith('net') ? referral('net', ['b.gtld-servers.net', NET]) : referral('com', ['a.gtld-servers.net', COM])
  }

  it('are looked up, IPv4 and IPv6, by the same road', async () => {
    const elsewhere: Script = { '*': referral('example.com', ['ns.example.net']) }
    const both: Script = {
      'ns.example.net A': { answer: [`ns.example.net. A ${NS1}`] },
      'ns.example.net AAAA': { authority: ['example.net. SOA ns.example.net. host.example.net. 1 2 3 4 5'] }
    }
    const { reply, network } = bench({ [ROOT]: rootOfBoth, [COM]: elsewhere, [NET]: net, [NS2]: both, [NS1]: { '*': www } })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    expect(network.log).toContain(`${NS2} ns.example.net A`)
    network.log.length = 0
    await reply('www.example.com', 'A')
    expect(network.log).toEqual([`${NS1} www.example.com A`]) // the addresses are known now
  })

  it('are looked up before one that is set aside is asked again', async () => {
    const mixed: Script = { '*': referral('example.com', ['ns1.example.com', NS2], ['ns.example.net']) }
    const dns: Script = { 'ns.example.net A': { answer: [`ns.example.net. 0 A ${NS1}`] }, '*': 'silent' }
    const { reply, network } = bench({ [ROOT]: rootOfBoth, [COM]: mixed, [NET]: referralTo(NS3), [NS3]: dns, [NS1]: { '*': www } })
    await reply('www.example.com', 'A')
    expect(network.log).toContain(`${NS2} www.example.com A`)
    network.log.length = 0
    await reply('www.example.com', 'A')
    expect(network.log).not.toContain(`${NS2} www.example.com A`)
  })

  it('are looked up once for a question although their TTL is 0', async () => {
    const elsewhere: Script = { '*': referral('example.com', ['ns.example.net']) }
    const soa = { authority: ['example.com. SOA ns.example.net. host.example.com. 1 2 3 4 5'] }
    const dns: Script = {
      'ns.example.net A': { answer: [`ns.example.net. 0 A ${NS1}`] },
      '*': { authority: ['example.net. SOA ns.example.net. host.example.net. 1 2 3 4 5'] }
    }
    const names: Script = { 'a.b.c.example.com A': { answer: ['a.b.c.example.com. A 10.0.0.1'] }, '*': soa }
    const servers = { [ROOT]: rootOfBoth, [COM]: elsewhere, [NET]: referralTo(NS3), [NS3]: dns, [NS1]: names }
    const { reply, network } = bench(servers, { qnameMinimisation: true })
    await reply('a.b.c.example.com', 'A')
    expect(network.log.filter((line) => line === `${NS3} ns.example.net A`)).toHaveLength(1)
    expect(network.log.filter((line) => line.startsWith(NS1))).toHaveLength(3)
    await reply('a.b.c.example.com', 'A')
    expect(network.log.filter((line) => line === `${NS3} ns.example.net A`)).toHaveLength(2)
  })

  it('are looked up before a reply without any record is believed', async () => {
    const mixed: Script = { '*': referral('example.com', ['ns1.example.com', NS2], ['ns.example.net']) }
    const dns: Script = { 'ns.example.net A': { answer: [`ns.example.net. A ${NS1}`] }, '*': 'silent' }
    const { reply } = bench({
      [ROOT]: rootOfBoth,
      [COM]: mixed,
      [NET]: referralTo(NS3),
      [NS3]: dns,
      [NS1]: { '*': www },
      [NS2]: { '*': {} }
    })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })

  it('are not looked up while one with glue answers', async () => {
    const mixed: Script = { '*': referral('example.com', ['ns.example.net'], ['ns1.example.com', NS1]) }
    const { reply, network } = bench({ [ROOT]: rootOfBoth, [COM]: mixed, [NS1]: { '*': www } })
    await reply('www.example.com', 'A')
    expect(network.log.some((line) => line.includes('ns.example.net'))).toBe(false)
  })

  it('inside their own zone are asked of the parent, and of nobody else', async () => {
    const forgot: Script = {
      'ns1.example.com A': { answer: [`ns1.example.com. A ${NS1}`], aa: false },
      '*': { aa: false, authority: ['example.com. NS ns1.example.com.'] }
    }
    const { reply, network } = bench({ [ROOT]: root, [COM]: forgot, [NS1]: { '*': www } })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
    expect(network.log.filter((line) => line.includes('ns1.example.com')).every((line) => line.startsWith(COM))).toBe(true)
  })

  it('inside their own zone may even be an alias at the parent', async () => {
    const alias: Script = {
      'ns1.example.com A': { answer: ['ns1.example.com. CNAME ns2.example.com.'] },
      'ns2.example.com A': { answer: [`ns2.example.com. A ${NS2}`] },
      '*': { aa: false, authority: ['example.com. NS ns1.example.com.'] }
    }
    const { reply } = bench({ [ROOT]: root, [COM]: alias, [NS2]: { '*': www } })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['10.20.30.40'])
  })

  it('that only the zone itself names are a last resort', async () => {
    let gone = false
    const one: Script = { '*': referral('example.com', ['ns1.example.com', NS1]) }
    const first: Script = {
      '*': () =>
        gone ? { rcode: 'SERVFAIL' } : { ...www, authority: ['example.com. NS ns1.example.com.', 'example.com. NS ns.example.net.'] }
    }
    const both: Script = { 'ns.example.net A': { answer: [`ns.example.net. A ${NS2}`] }, 'ns.example.net AAAA': {}, '*': www }
    const { reply, network } = bench({ [ROOT]: rootOfBoth, [COM]: one, [NET]: net, [NS1]: first, [NS2]: both })
    await reply('www.example.com', 'A')
    expect(network.log.some((line) => line.includes('ns.example.net'))).toBe(false)
    gone = true
    expect((await reply('www.example.com', 'A')).server.address).toBe(NS2)
  })

  it('inside their own zone are asked of a server that is silent to the question and has replied to others', async () => {
    const stale: Script = { '*': referral('example.com', ['ns1.example.com', NS1], ['ns2.example.com', '9.0.0.99']) }
    const moody: Script = {
      'www.example.com A': www,
      'ns2.example.com A': { answer: [`ns2.example.com. A ${NS2}`] },
      'ns2.example.com AAAA': { authority: ['example.com. SOA ns1.example.com. host.example.com. 1 2 3 4 5'] }
    }
    const mx = { answer: ['example.com. MX 5 mx.example.com.'] }
    const { reply, network } = bench({ [ROOT]: root, [COM]: stale, [NS1]: moody, [NS2]: { '*': mx } })
    await reply('www.example.com', 'A')
    network.log.length = 0
    expect((await reply('example.com', 'MX')).message.answer).toHaveLength(1)
    expect(network.log).toContain(`${NS1} ns2.example.com A`)
    expect(network.log.filter((line) => line === `${NS1} example.com MX`)).toHaveLength(2) // a datagram may be lost
  })

  it('that were not found are not looked for again at once', async () => {
    const elsewhere: Script = { '*': referral('example.com', ['ns.example.net']) }
    const { failure, network } = bench({ [ROOT]: rootOfBoth, [COM]: elsewhere, [NET]: { '*': { rcode: 'REFUSED' } } })
    await failure('www.example.com', 'A')
    network.log.length = 0
    await failure('www.example.com', 'A')
    expect(network.log.some((line) => line.includes('ns.example.net'))).toBe(false)
  })

  it('that wait for each other end soon (TsuNAME)', async () => {
    const circle: Script = {
      '*': ({ question }) =>
        nameOf(question).endsWith('one.com')
          ? referral('one.com', ['ns.two.com'], ['ns2.two.com'])
          : referral('two.com', ['ns.one.com'], ['ns2.one.com'])
    }
    const { failure, network } = bench({ [ROOT]: root, [COM]: circle })
    const { reason } = await failure('www.one.com', 'A')
    expect(reason.kind).toBe('unreachable')
    expect(network.asked.length).toBeLessThan(40)
  })

  it('in a long row are bounded (NXNSAttack)', async () => {
    const many = Array.from({ length: 100 }, (_, i) => [`ns${i}.victim${i}.com`] as const)
    const attack: Script = {
      '*': ({ question }) => (nameOf(question).endsWith('example.com') ? referral('example.com', ...many) : { rcode: 'NXDOMAIN' })
    }
    const { failure, network } = bench({ [ROOT]: root, [COM]: attack })
    const budget = new Budget(DEFAULT_LIMITS)
    await failure('www.example.com', 'A', { budget })
    expect(budget.spent('addressLookups')).toBeLessThanOrEqual(DEFAULT_LIMITS.addressLookups)
    expect(network.asked.length).toBeLessThanOrEqual(3 + 2 * DEFAULT_LIMITS.serversPerDelegation)
  })

  it('glue out of bailiwick is not used', async () => {
    const poison: Script = { '*': { ...referral('example.com', ['ns.example.net']), additional: [`ns.example.net. A ${NS1}`] } }
    const { failure, network } = bench({
      [ROOT]: { '. NS': PRIMING, 'www.example.com A': referral('com', ['a.gtld-servers.net', COM]) },
      [COM]: poison,
      [NS1]: { '*': www }
    })
    await failure('www.example.com', 'A')
    expect(network.log.some((line) => line.startsWith(NS1))).toBe(false)
  })
})

describe('bounds', () => {
  it('the budget of queries ends a look-up with its limit as the reason', async () => {
    const limits = { ...DEFAULT_LIMITS, queries: 2 }
    const { failure } = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': www } }, { limits })
    expect((await failure('www.example.com', 'A')).reason.kind).toBe('limitReached')
  })

  it('referrals without end are cut', async () => {
    const deeper: Script = {
      '*': ({ question }) => {
        const labels = nameOf(question).split('.')
        return referral(labels.slice(-Math.min(labels.length, ++depth)).join('.'), [`ns.${labels.slice(-depth).join('.')}`, NS1])
      }
    }
    let depth = 2
    const { ask, network } = bench({ [ROOT]: root, [COM]: deeper, [NS1]: deeper }, { limits: { ...DEFAULT_LIMITS, queriesPerLookup: 200 } })
    const name = `${Array.from({ length: 60 }, (_, i) => `a${i}`).join('.')}.com`
    expect((await ask(name, 'A')).kind).toBe('failure')
    expect(network.asked.length).toBeLessThan(40)
  })

  it("rejects with the signal's reason, and with nothing else", async () => {
    const controller = new AbortController()
    const stopping = (): 'silent' => {
      controller.abort(new Error('enough'))
      return 'silent'
    }
    const { ask } = bench({ [ROOT]: { '*': stopping } })
    await expect(ask('www.example.com', 'A', { signal: controller.signal })).rejects.toThrow('enough')
  })
})

describe('DS', () => {
  const child = { authority: ['example.com. SOA ns1.example.com. host.example.com. 1 2 3 4 5'] }

  it('is asked of the parent, also when the delegation of the zone itself is known', async () => {
    const parent: Script = { 'example.com DS': { answer: [`example.com. ${DS}`] }, '*': com['*'] }
    const { reply, network } = bench({ [ROOT]: root, [COM]: parent, [NS1]: { '*': www }, [NS2]: { '*': www } })
    await reply('www.example.com', 'A')
    const got = await reply('example.com', 'DS')
    expect(zoneText(got)).toBe('com')
    expect(network.log.at(-1)).toBe(`${COM} example.com DS`)
  })

  it('denied by the child is not its parent speaking: another server of the parent is asked', async () => {
    const twice: Script = { '. NS': PRIMING, '*': referral('com', ['a.gtld-servers.net', COM], ['b.gtld-servers.net', '192.5.6.33']) }
    const right: Script = { '*': { answer: [`example.com. ${DS}`] } }
    const { reply } = bench({ [ROOT]: twice, [COM]: { '*': child }, '192.5.6.33': right })
    for (let i = 0; i < 3; i++) expect((await reply('example.com', 'DS')).message.answer).toHaveLength(1)
  })

  it("from a server of the grandparent that holds the child is found by the parent's own servers", async () => {
    const rootAndChild: Script = {
      '. NS': PRIMING,
      'example.com DS': child,
      'com NS': referral('com', ['a.gtld-servers.net', COM])
    }
    const { reply } = bench({ [ROOT]: rootAndChild, [COM]: { '*': { answer: [`example.com. ${DS}`] } } })
    expect(zoneText(await reply('example.com', 'DS'))).toBe('com')
  })

  it('fails when only the child speaks', async () => {
    const { failure } = bench({ [ROOT]: root, [COM]: { '*': child } })
    expect((await failure('example.com', 'DS')).reason).toMatchObject({ kind: 'unreachable' })
  })

  it('takes a referral to the name itself as what the parent has to say', async () => {
    const refers: Script = {
      '*': {
        ...referral('example.com', ['ns1.example.com', NS1]),
        authority: ['example.com. NS ns1.example.com.', 'example.com. NSEC z.com. NS']
      }
    }
    const { reply } = bench({ [ROOT]: root, [COM]: refers })
    const got = await reply('example.com', 'DS')
    expect(got.via).toBe('referral')
    expect(zoneText(got)).toBe('com')
  })
})

describe('attempts', () => {
  it('go to the other servers, then over TCP to the same, then end', async () => {
    const { reply, failure, network } = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': www }, [NS2]: { '*': www } })
    const budget = new Budget(DEFAULT_LIMITS)
    const asked: string[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      const { server } = await reply('www.example.com', 'A', { attempt, budget })
      asked.push(`${server.protocol} ${server.address}`)
    }
    expect(asked.slice(0, 2).sort()).toEqual([`udp ${NS1}`, `udp ${NS2}`])
    expect(asked.slice(2).sort()).toEqual([`tcp ${NS1}`, `tcp ${NS2}`])
    network.log.length = 0
    const { reason } = await failure('www.example.com', 'A', { attempt: 4, budget })
    expect(reason.kind).toBe('unreachable')
    expect(reason.text).toContain('no other server is left')
    // nothing but the look-up of addresses that the glue left out
    expect(network.log.filter((line) => line.includes('www.example.com') && !line.startsWith(COM))).toEqual([])
  })

  it('look for the address of the other family before the end', async () => {
    const other = '2001:db8::53'
    const ns: Script = {
      'www.example.com A': { answer: ['www.example.com. A 192.0.2.80'] },
      'ns1.example.com A': { answer: [`ns1.example.com. A ${NS1}`] },
      'ns1.example.com AAAA': { answer: [`ns1.example.com. AAAA ${other}`] }
    }
    const half: Script = { '*': referral('example.com', ['ns1.example.com', NS1]) }
    const { reply } = bench({ [ROOT]: root, [COM]: half, [NS1]: ns, [other]: { '*': { answer: ['www.example.com. A 192.0.2.81'] } } })
    const budget = new Budget(DEFAULT_LIMITS)
    const asked: string[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      const { server } = await reply('www.example.com', 'A', { attempt, budget })
      asked.push(`${server.protocol} ${server.address}`)
    }
    expect(asked).toEqual([`udp ${NS1}`, `tcp ${NS1}`, `udp ${other}`])
  })

  it('set the server that gave no signatures behind the others for a while', async () => {
    const signed = ['www.example.com. A 192.0.2.80', 'www.example.com. RRSIG A 13 3 300 20300101000000 20200101000000 1 example.com. AAAA']
    const { reply, network } = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': www }, [NS2]: { '*': { answer: signed } } })
    const budget = new Budget(DEFAULT_LIMITS)
    for (let attempt = 0; attempt < 3; attempt++) await reply('www.example.com', 'A', { attempt, budget })
    network.log.length = 0
    for (let i = 0; i < 10; i++) expect((await reply('www.example.com', 'A')).server.address).toBe(NS2)
  })

  it('of another question are not touched', async () => {
    const { reply } = bench({ [ROOT]: root, [COM]: com, [NS1]: { '*': www }, [NS2]: {} })
    await reply('www.example.com', 'A')
    expect((await reply('www.example.com', 'A', { attempt: 1 })).server.address).toBe(NS1)
  })
})

describe('a server that answers no question of the usual type', () => {
  it('is asked for NS before the zone is given up (RFC 9156 2.1)', async () => {
    const deaf: Script = { 'example.com NS': referral('example.com', ['ns1.example.com', NS1]) }
    const { reply } = bench({ [ROOT]: root, [COM]: deaf, [NS1]: { '*': www } }, { qnameMinimisation: true })
    expect((await reply('www.example.com', 'A')).server.address).toBe(NS1)
  })
})

describe('QNAME minimisation', () => {
  const options = { qnameMinimisation: true }
  const strict: Script = { '. NS': PRIMING, 'com A': referral('com', ['a.gtld-servers.net', COM]) }
  const strictCom: Script = { 'example.com A': referral('example.com', ['ns1.example.com', NS1]) }

  it('tells a server no more than it needs', async () => {
    const { reply, network } = bench({ [ROOT]: strict, [COM]: strictCom, [NS1]: { '*': www } }, options)
    await reply('www.example.com', 'A')
    expect(network.log).toEqual([`${ROOT} . NS`, `${ROOT} com A`, `${COM} example.com A`, `${NS1} www.example.com A`])
  })

  it.each([
    ['NXDOMAIN', { rcode: 'NXDOMAIN' as const }],
    ['REFUSED', { rcode: 'REFUSED' as const }],
    ['an alias', { answer: ['b.example.com. CNAME other.example.com.'] }],
    ['an upward referral', { aa: false, authority: ['. NS a.root-servers.net.'] }],
    ['silence', 'silent' as const]
  ])('asks for the whole name when a shorter one meets %s', async (_, odd) => {
    const server: Script = { 'b.example.com A': odd, 'a.b.example.com MX': { answer: ['a.b.example.com. MX 5 mx.example.com.'] } }
    const { reply } = bench({ [ROOT]: strict, [COM]: strictCom, [NS1]: server }, options)
    expect((await reply('a.b.example.com', 'MX')).message.answer).toHaveLength(1)
  })

  it('goes on below a name that is no zone cut', async () => {
    const server: Script = {
      'b.example.com A': { authority: ['example.com. SOA ns1.example.com. host.example.com. 1 2 3 4 5'] },
      'a.b.example.com MX': { answer: ['a.b.example.com. MX 5 mx.example.com.'] }
    }
    const { reply, network } = bench({ [ROOT]: strict, [COM]: strictCom, [NS1]: server }, options)
    await reply('a.b.example.com', 'MX')
    expect(network.log.slice(-2)).toEqual([`${NS1} b.example.com A`, `${NS1} a.b.example.com MX`])
    network.log.length = 0
    await reply('a.b.example.com', 'MX')
    expect(network.log).toEqual([`${NS1} a.b.example.com MX`]) // it has been told that name
  })

  it('finds the zone cut that has come to be below a name that was none', async () => {
    const soa = { authority: ['example.com. SOA ns1.example.com. host.example.com. 1 2 3 4 5'] }
    let cut = false
    const server: Script = { '*': () => (cut ? referral('b.example.com', ['ns.b.example.com', NS2]) : soa) }
    const { reply } = bench(
      { [ROOT]: strict, [COM]: strictCom, [NS1]: server, [NS2]: { '*': { answer: ['a.b.example.com. A 10.0.0.7'] } } },
      options
    )
    expect((await reply('a.b.example.com', 'A')).message.answer).toEqual([])
    cut = true
    expect(addressesIn(await reply('a.b.example.com', 'A'))).toEqual(['10.0.0.7'])
  })

  it('asks DS of the parent with its whole name', async () => {
    const parent: Script = { ...strictCom, 'example.com DS': { answer: [`example.com. ${DS}`] } }
    const { reply, network } = bench({ [ROOT]: strict, [COM]: parent }, options)
    await reply('example.com', 'DS')
    expect(network.log).toEqual([`${ROOT} . NS`, `${ROOT} com A`, `${COM} example.com DS`])
  })
})
