// The shared cache in a real Redis: the suite that every store must pass.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { storeSuite } from '../cache/store-suite.js'
import { isInstalled } from './recursors.js'
import { redisCacheStore } from './redis-store.js'

describe.skipIf(!isInstalled('redis-server'))('a store in Redis', () => {
  let server: ChildProcess
  let port = 0
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))

  beforeAll(async () => {
    port = await freePort()
    server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder], { stdio: 'ignore' })
    for (let tries = 0; tries < 100; tries++) {
      const store = redisCacheStore({ host: '127.0.0.1', port })
      const up = await Promise.resolve(store.set('up', Uint8Array.of(1), 1)).then(
        () => true,
        () => false
      )
      await store.close?.()
      if (up) return
      await new Promise((turn) => setTimeout(turn, 50))
    }
    throw new Error('Redis does not answer')
  })
  afterAll(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill()
    await ended
    rmSync(folder, { recursive: true, force: true })
  })

  let stores = 0
  storeSuite(async () => {
    // each store begins empty
    const store = redisCacheStore({ host: '127.0.0.1', port })
    const own = `${stores++}:`
    return {
      get: (key) => store.get(own + key),
      set: (key, value, ttl) => store.set(own + key, value, ttl),
      delete: (key) => store.delete(own + key),
      close: () => store.close?.()
    }
  })
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening))
  const { port } = probe.address() as { port: number }
  await new Promise<void>((closed) => probe.close(() => closed()))
  return port
}
