// The page in a real browser, from a file and without a network: it loads without complaint, folds, finds, shows messages, is fast
// with a thousand steps, and says without colour and without scripts what it says with them. Skipped by name without Chromium.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawPage, type Trace, tellStory } from '../../src/trace/index.js'
import { traceOf } from './traced.js'

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path)
)
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

describe.skipIf(!executablePath)('the page in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'))
  let context: BrowserContext
  const complaints: string[] = []
  const requests: string[] = []

  beforeAll(async () => {
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath,
      headless: true,
      args: QUIET,
      viewport: { width: 1280, height: 900 }
    })
  })
  afterAll(async () => {
    await context.close()
    rmSync(folder, { recursive: true })
  })

  async function open(trace: Trace, options: { readonly scripts?: boolean } = {}): Promise<Page> {
    const file = join(folder, 'page.html')
    const html = drawPage(await tellStory(trace))
    writeFileSync(file, options.scripts === false ? html.replace(/<script>[\s\S]*<\/script>/, '') : html)
    const page = await context.newPage()
    complaints.length = 0
    requests.length = 0
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(pathToFileURL(file).href)
    return page
  }

  it('loads without complaint and asks for nothing but itself', async () => {
    const page = await open(await traceOf('secure.alias.ordered'))
    expect(await page.title()).toBe('secure.alias.ordered A: secure')
    expect(await page.locator('h1').textContent()).toContain('✓ secure.alias.ordered A')
    expect(await page.locator('#picture svg').first().isVisible()).toBe(true)
    expect(complaints).toEqual([])
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([])
    expect(requests).toHaveLength(1)
    await page.close()
  })

  it('folds and unfolds', async () => {
    const page = await open(await traceOf('mail.ordered', 'MX'))
    const line = page.locator('#tree li', { hasText: 'DNSKEY' }).last()
    expect(await line.isVisible()).toBe(true)
    await page.click('#close')
    expect(await line.isVisible()).toBe(false)
    expect(await page.locator('#tree > details').getAttribute('open')).not.toBeNull()
    await page.click('#open')
    expect(await line.isVisible()).toBe(true)
    expect(await page.locator('#messages pre').first().isVisible()).toBe(true)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('finds, also in what is folded, and goes from match to match', async () => {
    const page = await open(await traceOf('mail.ordered', 'MX'))
    await page.click('#close')
    await page.keyboard.press('/')
    await page.keyboard.type('mx1.mail.ordered')
    const count = Number((await page.locator('#found').textContent())?.split(' ')[0])
    expect(count).toBeGreaterThan(1)
    expect(await page.locator('.match').count()).toBe(count)
    await page.keyboard.press('Enter')
    expect(await page.locator('#found').textContent()).toBe(`1 of ${count}`)
    expect(await page.locator('.current').isVisible()).toBe(true)
    await page.keyboard.press('Shift+Enter')
    expect(await page.locator('#found').textContent()).toBe(`${count} of ${count}`)
    await page.fill('#find', 'nothing of the kind')
    expect(await page.locator('#found').textContent()).toBe('0 found')
    expect(complaints).toEqual([])
    await page.close()
  })

  it('leads from the timeline to the message', async () => {
    const page = await open(await traceOf('mail.ordered', 'MX'))
    await page.locator('#timeline a').last().click()
    const target = page.locator(new URL(page.url()).hash)
    expect(await target.getAttribute('open')).not.toBeNull()
    expect(await target.locator('pre').first().textContent()).toContain('RRSIG')
    await page.close()
  })

  it('reads the same without scripts', async () => {
    const page = await open(await traceOf('www.expired.ordered'), { scripts: false })
    expect(await page.locator('header').textContent()).toContain('expired on')
    await page.locator('#messages summary.hit').first().click()
    expect(await page.locator('#messages pre').first().isVisible()).toBe(true)
    await page.close()
  })

  it('needs no colour: states differ by sign, line and width', async () => {
    const page = await open(await traceOf('www.badsignature.ordered'))
    const look = (selector: string): Promise<string> =>
      page.evaluate(
        `(({ strokeWidth, strokeDasharray }) => strokeWidth + ' ' + strokeDasharray)(getComputedStyle(document.querySelector('${selector}')))`
      )
    const looks = [await look('.node.secure .shape'), await look('.node.bogus .shape')]
    expect(new Set(looks).size).toBe(2)
    const signs = await page.locator('#picture .node.bogus text').allTextContents()
    expect(signs.some((text) => text.includes('✗'))).toBe(true)
    await page.close()
  })

  it('bears a thousand steps without lag', async () => {
    const trace = await traceOf('secure.alias.ordered')
    const exchanges = trace.events.filter(({ event }) => event === 'exchange')
    const events = [...trace.events]
    const verdict = events.pop() as Trace['events'][number]
    while (events.length < 1200)
      events.push({ ...(exchanges[events.length % exchanges.length] as Trace['events'][number]), n: events.length, in: 0 })
    events.push({ ...verdict, n: events.length })
    const page = await open({ ...trace, events })
    const load: number = await page.evaluate(`performance.getEntriesByType('navigation')[0].loadEventEnd`)
    const times: Record<string, number> = await page.evaluate(`(() => {
      const timed = (work) => {
        const before = performance.now()
        work()
        document.body.getBoundingClientRect()
        return performance.now() - before
      }
      const type = (text) => () => {
        const input = document.getElementById('find')
        input.value = text
        input.dispatchEvent(new Event('input'))
      }
      return {
        find: timed(type('alias')),
        other: timed(type('198.51')),
        fold: timed(() => document.getElementById('close').click()),
        unfold: timed(() => document.getElementById('open').click())
      }
    })()`)
    console.log(
      `page with ${events.length} steps: loaded in ${Math.round(load)} ms, ${Object.entries(times)
        .map(([what, ms]) => `${what} ${Math.round(ms)} ms`)
        .join(', ')}`
    )
    expect(load).toBeLessThan(5_000)
    for (const ms of Object.values(times)) expect(ms).toBeLessThan(1_000)
    expect(complaints).toEqual([])
    await page.close()
  })
})
