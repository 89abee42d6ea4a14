import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBrowser, type TestBrowser } from '../test/support/browser.ts'
import { type BrowserIde, codeServerIde, omegaIde, showAlone } from './support/browser-ide.ts'
import { CodeServer } from './support/code-server.ts'
import { Installation } from './support/installation.ts'
import { median, type Row, rounds } from './support/measure.ts'
import { LARGE_FILE, MARK, projectFolder, SMALL_FILE } from './support/project.ts'
import { CountingRelay } from './support/relay.ts'
import { type Visit, Visitor } from './support/visit.ts'

export const title = 'the IDE page with a 5,000-line TypeScript file, against code-server'

const ROUNDS = 5
const PHONE_ROUNDS = 3
/** A visit that fails is made again, and that is said. */
const TRIES = 3
/** What was seen then. */
const FAILED = join(tmpdir(), 'omega-bench-page-failed.png')
/** A page's own start is over. */
const START_MS = 4_000
const KIB = 1024
const MIB = 2 ** 20

/** One IDE in a browser that has been there before. */
interface Side {
  ide: BrowserIde
  browser: TestBrowser
  visitor: Visitor
  cold: Visit[]
  warm: Visit[]
  phone: Visit[]
  /** Milliseconds. */
  open: number[]
  /** All bytes of a cold visit, WebSockets included. */
  all: number
}

export async function run(): Promise<Row[]> {
  const closing: (() => Promise<unknown>)[] = []
  try {
    const project = await projectFolder()
    closing.unshift(project.remove)
    const omega = await Installation.start()
    closing.unshift(() => omega.close())
    const codeServer = await CodeServer.start(project.path)
    if (codeServer) closing.unshift(() => codeServer.close())
    const ides = [await omegaIde(omega), ...(codeServer ? [codeServerIde(codeServer, project.path)] : [])]
    const sides: Side[] = []
    for (const ide of ides) {
      const side = await sideOf(ide)
      closing.unshift(() => side.browser.close())
      sides.push(side)
    }
    for (let round = 0; round < rounds(ROUNDS); round++) {
      for (const side of sides) await go(side)
      if (round < PHONE_ROUNDS) for (const side of sides) await goByPhone(side)
    }
    const [ours, theirs] = sides
    return ours ? rows(ours, theirs) : []
  } finally {
    for (const close of closing) await close()
  }
}

async function sideOf(ide: BrowserIde): Promise<Side> {
  const all = await countAll(ide)
  const browser = await openBrowser()
  const visitor = await prepare(browser, ide)
  return { ide, browser, visitor, cold: [], warm: [], phone: [], open: [], all }
}

/** What a cold visit costs on the wire, by a way to the server that counts it; nothing is timed meanwhile. */
async function countAll(ide: BrowserIde): Promise<number> {
  const { hostname, port } = new URL(ide.origin)
  const relay = await CountingRelay.to(Number(port))
  const way = `--host-resolver-rules=MAP ${hostname}:${port} 127.0.0.1:${relay.port}`
  const browser = await openBrowser({ flags: [way] })
  try {
    const visitor = await prepare(browser, ide)
    await visitor.forget()
    const before = relay.received
    await visitor.visit()
    return relay.received - before
  } finally {
    await browser.close()
    await relay.close()
  }
}

/** Leaves the page as a person had left it: the large file its only tab, the cursor in it, a terminal below. */
async function prepare({ page }: TestBrowser, ide: BrowserIde): Promise<Visitor> {
  page.setDefaultTimeout(60_000)
  await ide.enter(page)
  await ide.openTerminal(page)
  await showAlone(page, ide, LARGE_FILE)
  await page.locator(`${ide.editor} ${ide.line}`, { hasText: MARK }).click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('End')
  const visitor = await Visitor.on(page, ide)
  await page.waitForTimeout(START_MS)
  await visitor.leave()
  return visitor
}

async function go(side: Side): Promise<void> {
  const { visitor, cold, warm, open } = side
  cold.push(
    await tried(side, 'a cold visit', async () => {
      await visitor.forget()
      return visitor.visit()
    }),
  )
  warm.push(await tried(side, 'a warm visit', () => visitor.visit()))
  open.push(await tried(side, 'opening the large file', () => openLarge(side)))
  // The other side has the machine for itself.
  await visitor.leave()
}

/** In a page that has come anew with another file: nothing of the large one is there. */
async function openLarge({ ide, visitor }: Side): Promise<number> {
  const { page } = visitor
  await showAlone(page, ide, SMALL_FILE)
  await page.waitForTimeout(START_MS)
  await visitor.forget()
  await page.goto(ide.urlOf(SMALL_FILE))
  await page.locator(`${ide.editor} ${ide.line}`).first().waitFor()
  await page.waitForTimeout(START_MS)
  // One that code-server remembered; it has loaded what is in sight only.
  const large = ide.tab(page, LARGE_FILE)
  if ((await large.count()) > 0) await large.click({ button: 'middle' })
  const opened = await visitor.open(LARGE_FILE)
  await showAlone(page, ide, LARGE_FILE)
  await page.waitForTimeout(START_MS)
  return opened
}

async function goByPhone(side: Side): Promise<void> {
  const { visitor, phone } = side
  phone.push(
    await tried(side, 'a visit by phone', async () => {
      await visitor.forget()
      const desktop = await visitor.phone()
      try {
        return await visitor.visit()
      } finally {
        await visitor.leave()
        await desktop()
      }
    }),
  )
}

/** Begins again from a page that shows the large file, if need be. */
async function tried<T>({ ide, visitor: { page } }: Side, what: string, work: () => Promise<T>): Promise<T> {
  for (let time = 1; ; time++) {
    try {
      return await work()
    } catch (error) {
      await page.screenshot({ path: FAILED }).catch(() => undefined)
      if (time === TRIES) throw error
      console.error(
        `${what} of ${ide.origin} failed (${FAILED}), once more: ${error instanceof Error ? error.message : error}`,
      )
      await page.goto('about:blank')
      await page.goto(ide.urlOf(LARGE_FILE))
      await showAlone(page, ide, LARGE_FILE)
      await page.waitForTimeout(START_MS)
    }
  }
}

function rows(ours: Side, theirs: Side | undefined): Row[] {
  /** Budgets are ratios, so there are none without the other side. */
  const row = (what: string, value: (side: Side) => number, unit: string, atMost?: number): Row => ({
    what,
    measured: value(ours),
    ...(theirs ? { baseline: value(theirs) } : {}),
    unit,
    ...(theirs && atMost !== undefined ? { budget: { atMost } } : {}),
  })
  const of = (kind: 'cold' | 'warm' | 'phone', key: keyof Visit) => (side: Side) =>
    median(side[kind].map((visit) => visit[key]))
  return [
    row('IDE page, cold: navigation to typing', of('cold', 'typed'), 'ms', 0.12),
    row('  first byte', of('cold', 'firstByte'), 'ms', 0.5),
    row('  first paint', of('cold', 'firstPaint'), 'ms', 0.05),
    row('  the text is seen', of('cold', 'visible'), 'ms'),
    row('  requests', of('cold', 'requests'), 'requests'),
    row('  over the wire, HTTP', (side) => of('cold', 'bytes')(side) / KIB, 'KiB', 0.07),
    row('  over the wire, all: WebSocket, too', ({ all }) => all / KIB, 'KiB', 0.1),
    row('  JavaScript heap', (side) => of('cold', 'heap')(side) / MIB, 'MiB', 0.2),
    row('IDE page, warm: navigation to typing', of('warm', 'typed'), 'ms', 0.1),
    row('  first paint', of('warm', 'firstPaint'), 'ms'),
    row('  the text is seen', of('warm', 'visible'), 'ms'),
    row('  requests', of('warm', 'requests'), 'requests'),
    row('  over the wire, HTTP', (side) => of('warm', 'bytes')(side) / KIB, 'KiB'),
    row('  JavaScript heap', (side) => of('warm', 'heap')(side) / MIB, 'MiB'),
    row('IDE page, phone: navigation to typing', of('phone', 'typed'), 'ms', 0.06),
    row('  first paint', of('phone', 'firstPaint'), 'ms'),
    row('  the text is seen', of('phone', 'visible'), 'ms'),
    row('open a 5,000-line file: click to typing', ({ open }) => median(open), 'ms'),
  ]
}
