import type { CDPSession } from 'playwright-core'
import type { CreatedSandbox } from '../src/core/wire/http.ts'
import { mintTicket } from '../src/drivers/credentials.ts'
import { openBrowser, type TestBrowser } from '../test/support/browser.ts'
import { Ide } from '../test/support/ide.ts'
import { WireClient } from '../test/support/worker.ts'
import { bearerOf, hostOf, Installation } from './support/installation.ts'
import { median, type Row } from './support/measure.ts'

export const title = 'the IDE page, until a 5,000-line TypeScript file can be typed into'

const ROUNDS = 5
const LINES = 5_000
const FILE = 'large.ts'
const KIB = 1024
const MIB = 2 ** 20

interface Visit {
  requests: number
  bytes: number
  /** Milliseconds from the beginning of the navigation until a typed character is in the page. */
  typing: number
  /** Used JavaScript heap after a collection, bytes. */
  heap: number
}

export async function run(): Promise<Row[]> {
  const omega = await Installation.start()
  try {
    const sandbox = await omega.create('static')
    await writeLargeFile(sandbox)
    const [cold, warm]: [Visit[], Visit[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      const browser = await openBrowser()
      try {
        await prepare(browser, sandbox)
        // The session and the open tab are known; the cache is empty, then full.
        const session = await browser.context.newCDPSession(browser.page)
        await session.send('Network.enable')
        await session.send('Performance.enable')
        await session.send('Network.clearBrowserCache')
        cold.push(await visit(browser, session, sandbox))
        warm.push(await visit(browser, session, sandbox))
      } finally {
        await browser.close()
      }
    }
    return [...rows('cold', cold), ...rows('warm', warm)]
  } finally {
    await omega.close()
  }
}

function rows(kind: string, visits: readonly Visit[]): Row[] {
  const of = (key: keyof Visit) => median(visits.map((it) => it[key]))
  return [
    { what: `IDE page, ${kind}: navigation to typing`, measured: of('typing'), unit: 'ms' },
    { what: '  requests', measured: of('requests'), unit: 'requests' },
    { what: '  over the wire', measured: of('bytes') / KIB, unit: 'KiB' },
    { what: '  JavaScript heap', measured: of('heap') / MIB, unit: 'MiB' },
  ]
}

async function writeLargeFile(sandbox: CreatedSandbox): Promise<void> {
  const line = (index: number) =>
    `export const value${index}: Map<string, number> = new Map([['key${index}', ${index}], ['other', ${index} * 2]]) // line ${index}`
  const text = Array.from({ length: LINES }, (_, index) => line(index)).join('\n')
  const client = new WireClient(sandbox.port, bearerOf(sandbox), hostOf(sandbox))
  await client.opened
  await client.request('files.write', { path: FILE, text })
  client.end()
}

/** Signs in and leaves the file as the open tab, as a person had left it. */
async function prepare({ page }: TestBrowser, sandbox: CreatedSandbox): Promise<void> {
  // The create's link is good once; each browser needs its own.
  const ticket = mintTicket(sandbox.token, 'ide', Date.now() + 60_000)
  await page.goto(`${sandbox.url}_omega/enter?token=${ticket}&to=/`)
  const ide = new Ide(page)
  await ide.ready()
  await ide.openFile(FILE)
  await page.locator('.cm-line', { hasText: 'value0' }).first().waitFor()
  await page.goto('about:blank')
}

async function visit({ page }: TestBrowser, session: CDPSession, sandbox: CreatedSandbox): Promise<Visit> {
  const own = new Set<string>()
  let bytes = 0
  const onRequest = ({ requestId, request }: { requestId: string; request: { url: string } }) => {
    // Not the preview: that is the app's own.
    if (request.url.startsWith(sandbox.url)) own.add(requestId)
  }
  const onFinished = ({ requestId, encodedDataLength }: { requestId: string; encodedDataLength: number }) => {
    if (own.has(requestId)) bytes += encodedDataLength
  }
  session.on('Network.requestWillBeSent', onRequest)
  session.on('Network.loadingFinished', onFinished)
  const mark = `typed${Date.now()}`
  const begun = performance.now()
  await page.goto(sandbox.url, { waitUntil: 'commit' })
  await page.locator('.cm-line', { hasText: 'value0' }).first().waitFor()
  await page.locator('.cm-content').first().focus()
  await page.keyboard.insertText(mark)
  await page.locator('.cm-line', { hasText: mark }).first().waitFor()
  const typing = performance.now() - begun
  // What the page still fetches once it can be used, it fetched too.
  await page.waitForTimeout(1_500)
  session.off('Network.requestWillBeSent', onRequest)
  session.off('Network.loadingFinished', onFinished)
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN
  await page.keyboard.press('Control+Z')
  await page.goto('about:blank')
  return { requests: own.size, bytes, typing, heap }
}
