// The program asks over sockets of loopback: a recursive server by --forward, an authority by --server. No network is needed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authority } from '../world/authority.js'
import { buildHierarchy } from '../world/hierarchy.js'
import { type Listener, listen } from '../world/net.js'
import { recursive } from '../world/recursive.js'
import { run } from './running.js'

const world = buildHierarchy()
const folder = mkdtempSync(join(tmpdir(), 'cli-'))
let recursor: Listener
let server: Listener
let asking: string[]

beforeAll(async () => {
  recursor = await listen(recursive(world))
  server = await listen(authority([...world.zones.values()]))
  asking = ['--forward', `127.0.0.1#${recursor.port}`, '--anchor', world.anchors[0] as string]
})
afterAll(async () => {
  await recursor.close()
  await server.close()
  rmSync(folder, { recursive: true })
})

describe('resolve', () => {
  it('prints status and records, and ends with 0 when secure', async () => {
    const { code, stdout, stderr } = await run(['resolve', 'mail.ordered', 'MX', 'CAA', ...asking])
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^✓ mail\.ordered MX: secure, NOERROR$/m)
    expect(stdout).toMatch(/^ {2}mail\.ordered 3600 IN MX 10 mx1\.mail\.ordered\.$/m)
    expect(stdout).toMatch(/^✓ mail\.ordered CAA: secure, NOERROR$/m)
    expect(stdout).not.toContain('\u001b')
    expect(code).toBe(0)
  })

  it('ends with 0 for a proven absence and for insecure data, telling why', async () => {
    const absent = await run(['resolve', 'nowhere.mail.ordered', ...asking])
    expect(absent.stdout).toContain('proven: nxdomain by NSEC')
    expect(absent.code).toBe(0)
    const insecure = await run(['resolve', 'www.unsigned.ordered', ...asking])
    expect(insecure.stdout).toContain('The parent zone proves that unsigned.ordered has no DS')
    expect(insecure.code).toBe(0)
  })

  it('ends with 1 when bogus and shows the record only as rejected', async () => {
    const { code, stdout } = await run(['resolve', 'www.expired.ordered', ...asking])
    expect(stdout).toContain('✗ www.expired.ordered A: bogus, SERVFAIL')
    expect(stdout).toMatch(/expired on .* ago\)\. \[EDE 7: Signature Expired\]/)
    expect(stdout).toMatch(/^ {2}; rejected as bogus: www\.expired\.ordered/m)
    expect(stdout).not.toMatch(/^ {2}www\.expired\.ordered/m)
    expect(code).toBe(1)
  })

  it('ends with 3 when nothing can be reached, with the highest code of several', async () => {
    const { code, stdout } = await run([
      'resolve',
      'mail.ordered',
      '--forward',
      '127.0.0.1#1',
      '--query-timeout',
      '200',
      '--timeout',
      '2000'
    ])
    expect(stdout).toContain('indeterminate, SERVFAIL')
    expect(code).toBe(3)
  })

  it('writes one JSON object a line, octets as base64', async () => {
    const { code, stdout } = await run(['resolve', 'mail.ordered', 'MX', 'TXT', '--json', ...asking])
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(answers).toHaveLength(2)
    expect(answers[0]).toMatchObject({
      status: 'secure',
      question: { name: 'mail.ordered', type: 'MX' },
      records: [{ type: 'MX', data: { preference: 10, exchange: 'mx1.mail.ordered' } }, { type: 'MX' }]
    })
    expect(Buffer.from(answers[0].records[0].rdata, 'base64')).toEqual(
      Buffer.from([0, 10, 3, ...Buffer.from('mx1'), 4, ...Buffer.from('mail'), 7, ...Buffer.from('ordered'), 0])
    )
    expect(answers[0].trace).toBeUndefined()
    expect(code).toBe(0)
  })

  it('shows the whole way as a tree, and in one paragraph', async () => {
    const { stdout } = await run(['resolve', 'www.alg13.hashed', '--trace', '--explain', ...asking])
    expect(stdout).toContain('Its chain of trust goes from the root to hashed to alg13.hashed')
    expect(stdout).toContain('✓ zone alg13.hashed: secure')
    expect(stdout).toContain(`asked as recursive servers`)
    for (const line of stdout.split('\n\n').at(-1)?.split('\n') ?? []) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('begins at another server, for everything or for one zone', async () => {
    const at = `127.0.0.1:${server.port}`
    const all = await run(['resolve', 'mail.ordered', 'MX', '--server', at, '--anchor', world.anchors[0] as string])
    expect(all.stdout).toContain('mail.ordered MX: secure')
    const zone = await run(['resolve', 'www.alg13.hashed', '--server', at, '--zone', '.', '--anchor', world.anchors[0] as string])
    expect(zone.stdout).toContain('www.alg13.hashed A: secure')
  })

  it('takes anchors from a file, and negative ones', async () => {
    const file = join(folder, 'root.key')
    writeFileSync(file, `; the root\n${world.anchors.join('\n')}\n`)
    const { stdout, code } = await run([
      'resolve',
      'www.expired.ordered',
      '--nta',
      'expired.ordered',
      ...asking.slice(0, 2),
      '--anchor',
      file
    ])
    expect(stdout).toContain('○ www.expired.ordered A: insecure')
    expect(code).toBe(0)
  })

  it('uses colour when it is forced, and never with NO_COLOR', async () => {
    const coloured = await run(['resolve', 'mail.ordered', 'MX', ...asking], { env: { FORCE_COLOR: '1' } })
    expect(coloured.stdout).toContain('\u001b[32m✓ mail.ordered')
    const plain = await run(['resolve', 'mail.ordered', 'MX', ...asking], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
    expect(plain.stdout).not.toContain('\u001b')
  })

  it('ends with 130 when interrupted', async () => {
    let asked: () => void = () => {}
    const interrupt = new Promise<void>((resolve) => {
      asked = resolve
    })
    const silent = await listen(() => {
      asked()
      return undefined
    })
    const patient = ['--query-timeout', '20000', '--timeout', '30000']
    const { code } = await run(['resolve', 'mail.ordered', '--forward', `127.0.0.1#${silent.port}`, ...patient], { interrupt })
    await silent.close()
    expect(code).toBe(130)
  })
})

describe('wrong usage ends with 2 and says what is wrong', () => {
  it.each([
    [['resolve', 'a..b'], 'an empty label in the name'],
    [['resolve', 'a.example', 'NOTYPE'], 'unknown RR type "NOTYPE"'],
    [['resolve', 'a.example', 'AXFR'], 'a zone transfer is no question'],
    [['resolve', 'a.example', '--anchor', 'nonsense'], '--anchor: neither a DS or DNSKEY line nor a file'],
    [['resolve', 'a.example', '--anchor', '. IN DS nonsense'], 'trust anchor'],
    [['resolve', 'a.example', '--forward', 'resolver.example'], '--forward: not an IP address'],
    [['resolve', 'a.example', '--forward', '192.0.2.1/smoke'], 'unknown protocol smoke'],
    [['resolve', 'a.example', '--server', '192.0.2.1:70000'], 'not a port'],
    [['resolve', 'a.example', '--port', 'x'], '1 to 65535'],
    [['resolve', 'a.example', '--nta', 'a..b'], 'negativeTrustAnchors'],
    [['resolve', 'a.example', '--zone', 'example'], '--zone needs --server'],
    [['resolve'], "missing required argument 'name'"],
    [['nothing'], "unknown command 'nothing'"],
    [['resolve', 'a.example', '--bogus'], "unknown option '--bogus'"]
  ])('%j', async (args, why) => {
    const { code, stdout, stderr } = await run(args)
    expect(stderr).toContain(why)
    expect(stderr).not.toContain('    at ')
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it('help and version are no errors', async () => {
    const help = await run(['--help'])
    expect(help.code).toBe(0)
    expect(help.stdout).toContain('Exit codes')
    const version = await run(['--version'])
    expect(version).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })
})
