// Forwarders and stub zones: order, fitness for validation, attempts, and which of the ways a question goes.
import { describe, expect, it } from 'vitest'
import { Budget, DEFAULT_LIMITS } from '../../src/limits.js'
import { nameFromText } from '../../src/wire/text.js'
import { addressesIn, bench, PRIMING, ROOT, type Says, type Script } from './scripted.js'

const [F1, F2, F3] = ['9.0.0.1', '9.0.0.2', '9.0.0.3']
const forwarder = (address: string, priority = 0) => ({ address, port: 53, protocol: 'udp' as const, priority })
const forwarders = [forwarder(F2, 2), forwarder(F1, 1), forwarder(F3, 3)]
const says = (address: string): Says => ({ answer: [`www.example.com. A ${address}`], aa: false, ra: true })
const SIGNATURE = 'RRSIG DNSKEY 13 0 3600 20300101000000 20200101000000 12345 . c2lnbmF0dXJl'
const KEY = '. DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=='

describe('forwarders', () => {
  it('are asked with RD, CD and DO, the lowest priority number first', async () => {
    const { reply, network } = bench(
      { [F1]: { '*': says('1.1.1.1') }, [F2]: { '*': says('2.2.2.2') }, [F3]: { '*': says('3.3.3.3') } },
      { forwarders }
    )
    const got = await reply('www.example.com', 'A')
    expect(addressesIn(got)).toEqual(['1.1.1.1'])
    expect(got.zone).toBeUndefined()
    expect(network.asked).toHaveLength(1)
    expect(network.asked[0].query).toMatchObject({ rd: true, cd: true, edns: { dnssecOk: true } })
  })

  it.each<[string, Says | 'silent']>([
    ['silent', 'silent'],
    ['SERVFAIL', { rcode: 'SERVFAIL' }],
    ['REFUSED', { rcode: 'REFUSED' }],
    ['FORMERR', { rcode: 'FORMERR' }],
    ['no OPT', { ...says('1.1.1.1'), edns: false }]
  ])('that cannot serve (%s) are passed over', async (_, bad) => {
    const { reply } = bench({ [F1]: { '*': bad }, [F2]: { '*': says('2.2.2.2') } }, { forwarders })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['2.2.2.2'])
  })

  it('that strip signatures are passed over when the keys of the root are asked for', async () => {
    const { reply } = bench({ [F1]: { '*': { answer: [KEY] } }, [F2]: { '*': { answer: [KEY, `. ${SIGNATURE}`] } } }, { forwarders })
    expect((await reply('.', 'DNSKEY')).server.address).toBe(F2)
  })

  it('that were unfit come after the others for a while', async () => {
    const { reply, network, clock } = bench({ [F1]: { '*': { rcode: 'REFUSED' } }, [F2]: { '*': says('2.2.2.2') } }, { forwarders })
    await reply('www.example.com', 'A')
    network.log.length = 0
    await reply('www.example.com', 'A')
    expect(network.log).toEqual([`${F2} www.example.com A`])
    clock.now += 61_000
    await reply('www.example.com', 'A')
    expect(network.log).toContain(`${F1} www.example.com A`)
  })

  it('that are all unfit are each named in the failure', async () => {
    const script: Record<string, Script> = { [F1]: { '*': { answer: [KEY] } }, [F2]: { '*': { rcode: 'REFUSED' } }, [F3]: {} }
    const { failure } = bench(script, { forwarders })
    const { reason } = await failure('.', 'DNSKEY')
    expect(reason.kind).toBe('forwardersUnfit')
    for (const part of ['strips signatures', F1, 'REFUSED', F2, 'gave no reply', F3]) expect(reason.text).toContain(part)
  })

  it('without EDNS still give data, for names that no anchor covers, but no keys', async () => {
    const plain = { '*': { ...says('1.1.1.1'), edns: false }, '. DNSKEY': { answer: [KEY, `. ${SIGNATURE}`], edns: false } }
    const { reply, failure } = bench({ [F1]: plain }, { forwarders: [forwarder(F1)] })
    expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['1.1.1.1'])
    expect((await failure('.', 'DNSKEY')).reason.text).toContain('does not do EDNS')
  })

  describe('where an anchor covers the name', () => {
    const anchorOf = () => nameFromText('.')
    const signed: Says = {
      answer: ['www.example.com. A 2.2.2.2', 'www.example.com. RRSIG A 13 3 300 20300101000000 20200101000000 1 example.com. AAAA']
    }
    const proof: Says = { authority: ['. NSEC com. NS SOA RRSIG NSEC', '. RRSIG NSEC 13 0 300 20300101000000 20200101000000 1 . AAAA'] }
    const keys = { '. DNSKEY': { answer: [KEY, `. ${SIGNATURE}`] }, '. NULL': proof }

    it.each<[string, Script]>([
      ['the keys', { '*': says('1.1.1.1'), '. DNSKEY': { answer: [KEY] }, '. NULL': proof }],
      ['the proofs of denials', { '*': says('1.1.1.1'), ...keys, '. NULL': {} }],
      ['the keys themselves', { '*': says('1.1.1.1'), '. DNSKEY': { rcode: 'SERVFAIL' }, '. NULL': proof }]
    ])('one that hides %s is found out by a probe, and the next gives the answer', async (_, script) => {
      const { reply, network, clock } = bench({ [F1]: script, [F2]: { '*': signed } }, { forwarders, anchorOf })
      expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['2.2.2.2'])
      network.log.length = 0
      await reply('www.example.com', 'A')
      expect(network.log).toEqual([`${F2} www.example.com A`])
      clock.now += 61_000
      await reply('www.example.com', 'A')
      expect(network.log).toContain(`${F1} . DNSKEY`)
    })

    it('unsigned data of one that is fit is of an unsigned zone, and one probe is enough', async () => {
      const { reply, network } = bench({ [F1]: { '*': says('1.1.1.1'), ...keys } }, { forwarders: [forwarder(F1)], anchorOf })
      for (let i = 0; i < 3; i++) expect(addressesIn(await reply('www.example.com', 'A'))).toEqual(['1.1.1.1'])
      expect(network.log.filter((line) => line === `${F1} . DNSKEY`)).toHaveLength(1)
    })

    it('a probe that is cancelled with its question is begun again by the next', async () => {
      const script: Script = { '*': says('1.1.1.1'), ...keys }
      const { ask, reply, network } = bench({ [F1]: script }, { forwarders: [forwarder(F1)], anchorOf })
      const { exchange } = network
      const stop = new AbortController()
      const begun = new Promise<void>((resolve) => {
        network.exchange = (query, server, options) => {
          if (network.log.length === 0) return exchange(query, server, options)
          network.exchange = exchange
          resolve()
          return new Promise((_, reject) => options.signal.addEventListener('abort', () => reject(options.signal.reason)))
        }
      })
      const first = ask('www.example.com', 'A', { signal: stop.signal })
      first.catch(() => {})
      await begun
      const second = reply('www.example.com', 'A')
      await new Promise(setImmediate)
      stop.abort(new Error('nobody waits'))
      await expect(first).rejects.toThrow('nobody waits')
      expect(addressesIn(await second)).toEqual(['1.1.1.1'])
    })

    it('when none can serve validation the failure names each one and its fault', async () => {
      const { failure } = bench(
        { [F1]: { '*': says('1.1.1.1'), '. DNSKEY': { answer: [KEY] } }, [F2]: { '*': { ...says('2.2.2.2'), edns: false } } },
        { forwarders: forwarders.slice(0, 2), anchorOf }
      )
      const { reason } = await failure('www.example.com', 'A')
      expect(reason.kind).toBe('forwardersUnfit')
      for (const part of ['strips signatures', F1, 'does not do EDNS', F2]) expect(reason.text).toContain(part)
    })

    it('a signed reply needs no probe', async () => {
      const { reply, network } = bench({ [F1]: { '*': signed } }, { forwarders: [forwarder(F1)], anchorOf })
      await reply('www.example.com', 'A')
      expect(network.log).toEqual([`${F1} www.example.com A`])
    })
  })

  it('at a later attempt are others, then the same over TCP, then none', async () => {
    const { reply, failure } = bench(
      { [F1]: { '*': says('1.1.1.1') }, [F2]: { '*': says('2.2.2.2') } },
      { forwarders: forwarders.slice(0, 2) }
    )
    const budget = new Budget(DEFAULT_LIMITS)
    const asked: string[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      const { server } = await reply('www.example.com', 'A', { attempt, budget })
      asked.push(`${server.protocol} ${server.address}`)
    }
    expect(asked).toEqual([`udp ${F1}`, `udp ${F2}`, `tcp ${F1}`, `tcp ${F2}`])
    expect((await failure('www.example.com', 'A', { attempt: 4, budget })).reason.text).toContain('no other server is left')
  })

  it('are named when none replies', async () => {
    const { failure } = bench({}, { forwarders })
    expect((await failure('www.example.com', 'A')).reason).toMatchObject({ kind: 'networkError', code: 23 })
  })
})

describe('stub zones', () => {
  const S1 = '10.0.0.1'
  const S2 = '10.0.0.2'
  const stub = (name: string, address: string, recursive = false) => ({
    name: nameFromText(name),
    servers: [{ address, port: 5353, protocol: 'udp' as const }],
    recursive
  })
  const here: Script = { '*': { answer: ['www.corp.example. A 10.1.1.1', 'www.sub.corp.example. A 10.1.1.2'] } }
  const root: Script = { '. NS': PRIMING, '*': { answer: ['corp.example. DS 1 13 2 00', 'www.example. A 8.8.8.8'] } }

  it('are asked without RD, also at private addresses, at their own port', async () => {
    const { reply, network } = bench({ [S1]: here }, { stubZones: [stub('corp.example', S1)], allowPrivateAddresses: false })
    const got = await reply('www.corp.example', 'A')
    expect(got.server).toMatchObject({ address: S1, port: 5353 })
    expect(network.asked[0].query.rd).toBe(false)
  })

  it('that are recursive are asked with RD and CD', async () => {
    const { reply, network } = bench({ [S1]: here }, { stubZones: [stub('corp.example', S1, true)] })
    expect((await reply('www.corp.example', 'A')).zone).toBeUndefined()
    expect(network.asked[0].query).toMatchObject({ rd: true, cd: true })
  })

  it('the deepest wins', async () => {
    const { reply } = bench({ [S1]: here, [S2]: here }, { stubZones: [stub('corp.example', S1), stub('sub.corp.example', S2)] })
    expect((await reply('www.sub.corp.example', 'A')).server.address).toBe(S2)
    expect((await reply('www.corp.example', 'A')).server.address).toBe(S1)
  })

  it("do not answer for their own DS, which is the parent's", async () => {
    const { reply } = bench({ [S1]: here, [ROOT]: root }, { stubZones: [stub('corp.example', S1)] })
    expect((await reply('corp.example', 'DS')).server.address).toBe(ROOT)
  })

  it('go before forwarders, and all else goes to those', async () => {
    const { reply } = bench(
      { [S1]: here, [F1]: { '*': says('1.1.1.1') } },
      { stubZones: [stub('corp.example', S1)], forwarders: [forwarder(F1)] }
    )
    expect((await reply('www.corp.example', 'A')).server.address).toBe(S1)
    expect((await reply('www.example.com', 'A')).server.address).toBe(F1)
  })

  it('that are silent are not replaced by the root', async () => {
    const { failure, network } = bench({ [ROOT]: root }, { stubZones: [stub('corp.example', S1)] })
    await failure('www.corp.example', 'A')
    expect(network.asked.every(({ address }) => address === S1)).toBe(true)
  })
})
