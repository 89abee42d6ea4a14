/// <reference lib="dom" />
import type { CDPSession, Page } from 'playwright-core'
import type { BrowserIde } from './browser-ide.ts'
import { LARGE_FILE, MARK } from './project.ts'

/** One look at the page with the large file. Milliseconds from the beginning of the navigation, by the page's clock. */
export interface Visit {
  firstByte: number
  firstPaint: number
  /** The text is seen. */
  visible: number
  /** A key was pressed, and its letter is drawn. */
  typed: number
  requests: number
  /** Of HTTP, as they came over the wire. */
  bytes: number
  /** Used by JavaScript after a collection, bytes; without workers. */
  heap: number
}

/** What a page is let do after it can be typed into, before its requests and its heap are counted. */
const REST_MS = 2_000
/** What a page has left to its server to end, code-server's language servers above all, ends. */
const LEAVE_MS = 3_000
const KEY_EVERY_MS = 100
const BINDING = 'benchPressKey'
/** In no line that holds the mark, until it is typed; what was typed stays there, and the next must come on top. */
const LETTER = 'q'
/** A page that cannot be typed into by then has failed. */
const TYPED_WITHIN_MS = 90_000

type Watched = { visible?: number; letters?: number; typed?: number; began?: number }
type WatchedWindow = Window & { [BINDING]?: (text: string) => void; bench?: Watched }

/** A page whose visits are measured: what it shows is watched from inside, so that nobody has to ask while it works. */
export class Visitor {
  readonly page: Page
  readonly #session: CDPSession
  readonly #ide: BrowserIde

  private constructor(page: Page, session: CDPSession, ide: BrowserIde) {
    this.page = page
    this.#session = session
    this.#ide = ide
  }

  static async on(page: Page, ide: BrowserIde): Promise<Visitor> {
    const session = await page.context().newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Performance.enable')
    await session.send('Runtime.enable')
    await session.send('Runtime.addBinding', { name: BINDING })
    session.on('Runtime.bindingCalled', ({ name }) => {
      if (name === BINDING) void press(session)
    })
    const { editor, line, input } = ide
    const watched = { editor, line, input, mark: MARK, letter: LETTER, binding: BINDING, every: KEY_EVERY_MS } as const
    await page.addInitScript(watch, watched)
    return new Visitor(page, session, ide)
  }

  async leave(): Promise<void> {
    await this.page.goto('about:blank')
    await this.page.waitForTimeout(LEAVE_MS)
  }

  /** As if never here: without a cache, and without what the page keeps of files. What was open it may remember. */
  async forget(): Promise<void> {
    await this.page.goto('about:blank')
    await this.#session.send('Network.clearBrowserCache')
    const { origin, keeps } = this.#ide
    if (keeps !== '') await this.#session.send('Storage.clearDataForOrigin', { origin, storageTypes: keeps })
  }

  /** A phone's window, processor and network until the returned function is called. */
  async phone(): Promise<() => Promise<void>> {
    const session = this.#session
    const before = this.page.viewportSize()
    await this.page.setViewportSize({ width: 390, height: 844 })
    await session.send('Emulation.setTouchEmulationEnabled', { enabled: true })
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    const bytesPerSecond = 9_000_000 / 8
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 85,
      downloadThroughput: bytesPerSecond,
      uploadThroughput: bytesPerSecond,
    })
    return async () => {
      await session.send('Network.emulateNetworkConditions', {
        ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 },
      })
      await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
      await session.send('Emulation.setTouchEmulationEnabled', { enabled: false })
      if (before) await this.page.setViewportSize(before)
    }
  }

  async visit(): Promise<Visit> {
    const { page } = this
    const session = this.#session
    await this.leave()
    const own = new Set<string>()
    let bytes = 0
    const onRequest = ({ requestId, request }: { requestId: string; request: { url: string } }) => {
      if (request.url.startsWith(this.#ide.origin)) own.add(requestId)
    }
    const onFinished = ({ requestId, encodedDataLength }: { requestId: string; encodedDataLength: number }) => {
      if (own.has(requestId)) bytes += encodedDataLength
    }
    session.on('Network.requestWillBeSent', onRequest)
    session.on('Network.loadingFinished', onFinished)
    await page.goto(this.#ide.urlOf(LARGE_FILE), { waitUntil: 'commit' })
    const { visible, typed } = await this.#typed()
    // What the page still fetches once it can be used, it fetched too.
    await page.waitForTimeout(REST_MS)
    session.off('Network.requestWillBeSent', onRequest)
    session.off('Network.loadingFinished', onFinished)
    const { firstByte, firstPaint } = await page.evaluate(() => {
      const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
      const paint = performance.getEntriesByName('first-contentful-paint')[0]
      return { firstByte: navigation?.responseStart ?? Number.NaN, firstPaint: paint?.startTime ?? Number.NaN }
    })
    const heap = await this.#heap()
    // An unsaved text would be asked about, and be there in the next browser.
    await this.#ide.save(page)
    return { firstByte, firstPaint, visible, typed, requests: own.size, bytes, heap }
  }

  /** Milliseconds from a click on a file of the tree until a letter typed into it is drawn. */
  async open(name: string): Promise<number> {
    await this.page.evaluate(() => {
      const begin = ({ timeStamp }: Event) => {
        ;(window as WatchedWindow).bench = { began: timeStamp }
      }
      addEventListener('mousedown', begin, { capture: true, once: true })
    })
    await this.#ide.row(this.page, name).click()
    const { typed, began } = await this.#typed()
    await this.page.waitForTimeout(REST_MS)
    await this.#ide.save(this.page)
    return typed - began
  }

  async #typed(): Promise<{ visible: number; typed: number; began: number }> {
    const typed = await this.page.waitForFunction(
      () => {
        const { bench } = window as WatchedWindow
        return bench?.typed === undefined ? undefined : bench
      },
      undefined,
      { polling: 250, timeout: TYPED_WITHIN_MS },
    )
    const { visible, typed: at, began } = (await typed.jsonValue()) as Watched
    return { visible: visible ?? Number.NaN, typed: at ?? Number.NaN, began: began ?? Number.NaN }
  }

  async #heap(): Promise<number> {
    await this.#session.send('HeapProfiler.collectGarbage')
    const { metrics } = await this.#session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN
  }
}

async function press(session: CDPSession): Promise<void> {
  const key = { key: LETTER, code: 'KeyQ', windowsVirtualKeyCode: 81 }
  await session.send('Input.dispatchKeyEvent', { type: 'keyDown', text: LETTER, ...key })
  await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key })
}

/**
 * In the page, with each frame it draws: once the large file is seen, its editor is given the focus and a key is asked
 * for, again if its letter does not come, until one letter more is drawn.
 */
function watch({
  editor,
  line,
  input,
  mark,
  letter,
  binding,
  every,
}: {
  editor: string
  line: string
  input: string
  mark: string
  letter: string
  binding: typeof BINDING
  every: number
}): void {
  const page = window as WatchedWindow
  if (window !== window.top || !/^http/.test(location.protocol)) return
  page.bench = { began: 0 }
  let asked = Number.NEGATIVE_INFINITY
  const look = (now: number) => {
    requestAnimationFrame(look)
    const seen = page.bench
    if (!seen || seen.typed !== undefined) return
    const first = [...document.querySelectorAll(`${editor} ${line}`)].find((it) => it.textContent?.includes(mark))
    if (!first) return
    seen.visible ??= now
    const letters = (first.textContent ?? '').split(letter).length - 1
    // Counted before the first key is asked for.
    seen.letters ??= letters
    if (letters > seen.letters) seen.typed = now
    else if (now - asked >= every) {
      asked = now
      first.closest(editor)?.querySelector<HTMLElement>(input)?.focus()
      page[binding]?.('')
    }
  }
  requestAnimationFrame(look)
}
