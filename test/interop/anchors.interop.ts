// A zone of real BIND is rolled with BIND's own tools (dnssec-keygen, dnssec-settime, dnssec-signzone, rndc) while we follow
// by a clock set by hand, and Unbound beside us in real time with hold-downs of some seconds: after each step both have the
// same states. ANCHOR_STORY set prints them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolver, fileAnchorStore, type Resolver } from '../../src/index.js'
import { run } from '../cli/running.js'
import { type HandClock, handClock } from '../world/clock.js'
import { FollowingUnbound, freePort, hasProgram, plainTag, RollingBind } from './rolling-bind.js'

const DAY = 86_400
/** seconds; Unbound probes every second or two when TTLs are 2 seconds */
const UNBOUND_HOLD_DOWN = 8

const missing = ['named', 'rndc', 'dnssec-keygen', 'dnssec-signzone'].filter((program) => !hasProgram(program))
const withUnbound = hasProgram('unbound')

describe.skipIf(missing.length > 0)(
  `a zone of BIND rolled by its own tools (needs named, rndc, bind9-utils${missing.length ? `; missing: ${missing}` : ''})`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'anchors-interop-'))
    const ours = join(folder, 'ours.state')
    let bind: RollingBind
    let unbound: FollowingUnbound | undefined
    let resolver: Resolver
    let clock: HandClock
    let [k1, k2] = ['', '']
    const tag = RollingBind.tagOf

    beforeAll(async () => {
      bind = new RollingBind(folder, await freePort(), await freePort())
      k1 = bind.makeKey('-f', 'KSK')
      bind.makeKey()
      await bind.publish()
      await bind.start()
      clock = handClock(Date.now())
      resolver = createResolver({
        trustAnchors: [bind.dsLine(k1)],
        trustAnchorStore: fileAnchorStore(ours),
        stubZones: [{ name: bind.zone, servers: [{ address: '127.0.0.1', port: bind.port }] }],
        clock: clock.now
      })
      if (withUnbound) {
        unbound = new FollowingUnbound(folder, bind.zone, bind.port, await freePort(), UNBOUND_HOLD_DOWN)
        await unbound.start(`${bind.dsLine(k1)}\n`)
      }
    }, 60_000)
    afterAll(async () => {
      await resolver?.close()
      await unbound?.stop()
      await bind?.stop()
      rmSync(folder, { recursive: true, force: true })
    }, 30_000)

    /** After so many days a probe; then our states are these, and Unbound's as soon as it has come as far. */
    async function after(days: number, expected: Readonly<Record<string, string>>, atUnbound = expected): Promise<void> {
      clock.advance(days * DAY)
      await resolver.refreshTrustAnchors({ all: true })
      const rows = resolver.trustAnchors().map(({ state, record }) => `${plainTag(record)} ${state}`)
      const listed = (states: Readonly<Record<string, string>>) =>
        Object.entries(states)
          .map(([key, state]) => `${tag(key)} ${state}`)
          .sort()
      expect(rows.sort()).toEqual(listed(expected))
      resolver.flush()
      expect((await resolver.resolveSecure(`www.${bind.zone}`, 'A')).status).toBe('secure')
      await unbound?.shows(listed(atUnbound), 40_000)
      if (process.env.ANCHOR_STORY) console.log(`ours ${rows.join(', ')}; Unbound's ${unbound?.states().join(', ')}`)
    }

    it('follows the key through its whole life, as Unbound does', async () => {
      await after(0, { [k1]: 'VALID' })

      k2 = bind.makeKey('-f', 'KSK', '-P', 'now', '-A', 'now+1y')
      await bind.publish()
      await after(1, { [k1]: 'VALID', [k2]: 'ADDPEND' })
      await after(31, { [k1]: 'VALID', [k2]: 'VALID' })

      bind.setTime(k2, '-A', 'now')
      bind.setTime(k1, '-R', 'now', '-D', 'none')
      await bind.publish()
      await after(1, { [k1]: 'REVOKED', [k2]: 'VALID' })

      bind.setTime(k1, '-D', 'now')
      await bind.publish()
      await after(29, { [k1]: 'REVOKED', [k2]: 'VALID' }, { [k2]: 'VALID' })
      await after(2, { [k1]: 'REMOVED', [k2]: 'VALID' }, { [k2]: 'VALID' }) // Unbound forgets a key it has removed
    }, 180_000)

    it.skipIf(!withUnbound)(
      'Unbound takes over the file that we kept (needs unbound)',
      async () => {
        const text = readFileSync(ours, 'utf8')
        await unbound?.stop()
        const next = new FollowingUnbound(folder, bind.zone, bind.port, await freePort(), UNBOUND_HOLD_DOWN)
        await next.start(text)
        try {
          await next.shows([`${tag(k2)} VALID`], 40_000)
          expect(readFileSync(next.file, 'utf8')).toMatch(/autotrust trust anchor file/) // written anew by Unbound
        } finally {
          await next.stop()
        }
      },
      60_000
    )

    it.skipIf(!withUnbound)(
      'we take over the file that Unbound kept (needs unbound)',
      async () => {
        const store = fileAnchorStore(unbound?.file ?? '')
        const other = createResolver({
          trustAnchors: [],
          trustAnchorStore: store,
          stubZones: [{ name: bind.zone, servers: [{ address: '127.0.0.1', port: bind.port }] }],
          activeRefresh: false
        })
        await other.refreshTrustAnchors({ all: true })
        expect(other.trustAnchors().map(({ keyTag, state }) => [keyTag, state])).toEqual([[tag(k2), 'VALID']])
        expect((await other.resolveSecure(`www.${bind.zone}`, 'A')).status).toBe('secure')
        await other.close()
      },
      30_000
    )

    it('the command line refreshes and explains a state of its own', async () => {
      const state = join(folder, 'cli.state')
      const asking = ['--zone', bind.zone, '--server', `127.0.0.1:${bind.port}`, '--anchor', bind.dsLine(k2), '--state', state]
      const first = await run(['anchors', 'refresh', ...asking])
      expect([first.code, first.stderr]).toEqual([0, ''])
      expect(first.stdout).toContain(`${tag(k2)} valid since`)
      expect((await run(['anchors', 'refresh', ...asking])).stdout).toMatch(/^no check is due/)
      expect((await run(['anchors', 'explain', '--state', state])).stdout).toContain(`${tag(k2)} valid since`)
      const wrong = await run(['anchors', 'refresh', ...asking.slice(0, 4), '--anchor', bind.dsLine(k1), '--state', `${state}2`])
      expect([wrong.code, wrong.stdout]).toEqual([1, expect.stringContaining('no trust anchor signed its DNSKEY set')])
    }, 60_000)
  }
)
