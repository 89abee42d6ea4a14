import { openBrowser, type TestBrowser } from '../test/support/browser.ts'
import { type BrowserIde, codeServerIde, omegaIde } from './support/browser-ide.ts'
import { CodeServer } from './support/code-server.ts'
import { Installation } from './support/installation.ts'
import { median, type Row, rounds } from './support/measure.ts'
import { LARGE_FILE, MARK, projectFolder, SMALL_FILE } from './support/project.ts'
import { CountingRelay } from './support/relay.ts'
import { type Visit, Visitor } from './support/visit.ts'

export const title = 'the IDE page with a 5,000-line TypeScript file, against code-server'

const ROUNDS = 7
const PHONE_ROUNDS = 3
/** code-server writes down now and then which tabs there are; a page that goes before has them no more. */
const REMEMBER_MS = 8_000
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
  await ide.enter(page)
  await ide.openTerminal(page)
  await ide.row(page, LARGE_FILE).dblclick()
  await ide.tab(page, LARGE_FILE).waitFor()
  const others = page.getByRole('tab', { name: 'index.html' })
  if ((await others.count()) > 0) await others.click({ button: 'middle' })
  await page.locator(`${ide.editor} ${ide.line}`, { hasText: MARK }).click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('End')
  const visitor = await Visitor.on(page, ide)
  await page.waitForTimeout(REMEMBER_MS)
  return visitor
}

async function go({ ide, visitor, cold, warm, open }: Side): Promise<void> {
  const { page } = visitor
  await visitor.forget()
  cold.push(await visitor.visit())
  warm.push(await visitor.visit())
  // Another file is open, and the page has come anew: nothing of the large one is there.
  await ide.row(page, SMALL_FILE).dblclick()
  await ide.tab(page, LARGE_FILE).click({ button: 'middle' })
  await page.waitForTimeout(REMEMBER_MS)
  await visitor.forget()
  await page.goto(ide.url)
  await page.locator(`${ide.editor} ${ide.line}`).first().waitFor()
  await page.waitForTimeout(5_000)
  open.push(await visitor.open(LARGE_FILE))
  await ide.row(page, LARGE_FILE).dblclick()
  await ide.tab(page, SMALL_FILE).click({ button: 'middle' })
  await page.waitForTimeout(REMEMBER_MS)
}

async function goByPhone({ visitor, phone }: Side): Promise<void> {
  await visitor.forget()
  const desktop = await visitor.phone()
  phone.push(await visitor.visit())
  await visitor.page.goto('about:blank')
  await desktop()
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
