// A real Haraka on loopback with the recipe as its plugin: takes mail for any domain and sends it on by `get_mx`.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended } from './postfix.js'

export interface Haraka {
  /** hands over a message for somebody at the domain */
  send(domain: string): Promise<void>
  /** what it has logged so far */
  log(): string
  close(): Promise<void>
}

export interface HarakaOptions {
  readonly node: string
  /** the folder that the mailers are installed in */
  readonly folder: string
  /** options of the recipe's resolver and plan, as JSON */
  readonly world: object
}

export async function startHaraka({ node, folder, world }: HarakaOptions): Promise<Haraka> {
  const home = mkdtempSync(join(tmpdir(), 'haraka-'))
  const port = await freePort()
  for (const name of ['config', 'plugins', 'queue']) mkdirSync(join(home, name))
  const files: Record<string, string> = {
    'config/smtp.ini': `listen=127.0.0.1:${port}\n`,
    'config/plugins': 'dane_mx\n',
    'config/me': 'haraka.test\n',
    'config/log.ini': '[main]\nlevel=debug\n',
    'config/outbound.ini': 'local_mx_ok=true\n',
    'plugins/dane_mx.js': pluginText(folder, world)
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text)
  cpSync(join(folder, 'node_modules/Haraka/config/connection.ini'), join(home, 'config/connection.ini'))
  let text = ''
  const child: ChildProcess = spawn(node, [join(folder, 'node_modules/Haraka/bin/haraka'), '-c', home], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
  for (let attempt = 0; !text.includes('listening on'); attempt++) {
    if (attempt === 150 || child.exitCode !== null) throw new Error(`Haraka does not start:\n${text}`)
    await sleep(100)
  }
  return {
    send: (domain) => send(port, domain),
    log: () => text,
    close: async () => {
      await ended(child)
      rmSync(home, { recursive: true, force: true })
    }
  }
}

/** Haraka's plugins are CommonJS in a context of their own, where `import()` is not to be had; Node's `require` takes modules. */
function pluginText(folder: string, world: object): string {
  return `
const world = ${JSON.stringify(world)}
const { getMx } = require(${JSON.stringify(join(folder, 'haraka-plugin.mjs'))})
const { resolverFor } = require(${JSON.stringify(join(folder, 'resolver.mjs'))})
exports.hook_mail = function (next, connection) {
  connection.relaying = true
  next(OK)
}
exports.hook_rcpt = (next) => next(OK)
exports.hook_get_mx = async function (next, hmail, domain) {
  const answer = await getMx(domain, { OK, DENY, DENYSOFT }, { resolver: resolverFor(world), port: world.port, families: [4] })
  this.lognotice('get_mx ' + domain + ' ' + JSON.stringify(answer))
  next(...answer)
}
`
}

function send(port: number, domain: string): Promise<void> {
  const commands = ['EHLO c.test', 'MAIL FROM:<a@c.test>', `RCPT TO:<b@${domain}>`, 'DATA', `Subject: ${domain}\r\n\r\nhello\r\n.`, 'QUIT']
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', reject)
    socket.on('close', () => (commands.length === 0 ? resolve() : reject(new Error(`Haraka closed before ${commands[0]}`))))
    socket.on('data', (chunk) => {
      for (const line of String(chunk).split('\r\n')) {
        if (/^[45]/.test(line)) reject(new Error(line))
        if (!/^\d{3} /.test(line)) continue
        const next = commands.shift()
        if (next) socket.write(`${next}\r\n`)
        else socket.end()
      }
    })
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (typeof bound !== 'object' || !bound) throw new Error('no port')
  return bound.port
}
