import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser, type TestBrowser } from './browser.ts'
import { containerOf, removeFleet } from './docker.ts'
import { Ide } from './ide.ts'
import {
  type CreatedSandbox,
  createSandbox,
  type Finished,
  OmegaProcess,
  omega,
  run,
  temporaryDataDir,
} from './omega.ts'

const shots = resolve(import.meta.dirname, '../../artifacts')

/** `omega up` with Docker, one sandbox, and a signed-in browser that shows its IDE. */
export class IdeSandbox {
  readonly sandbox: CreatedSandbox
  readonly browser: TestBrowser
  readonly ide: Ide
  readonly #name: string
  readonly #up: OmegaProcess
  readonly #data: { env: Record<string, string>; remove(): Promise<void> }

  private constructor(
    name: string,
    up: OmegaProcess,
    data: { env: Record<string, string>; remove(): Promise<void> },
    sandbox: CreatedSandbox,
    browser: TestBrowser,
  ) {
    this.#name = name
    this.#up = up
    this.#data = data
    this.sandbox = sandbox
    this.browser = browser
    this.ide = new Ide(browser.page)
  }

  /** `name` is the fleet's, different for each test file; `options` are more of `omega up`. */
  static async open(
    name: string,
    template = 'react',
    options: string[] = [],
    browserOptions: Parameters<typeof openBrowser>[0] = {},
  ): Promise<IdeSandbox> {
    mkdirSync(shots, { recursive: true })
    const fleet = `${name}${process.pid}`
    const data = await temporaryDataDir()
    const ports = '--port 0 --manager-port 0 --dns-port 0 --dns-http-port 0 --sandbox-ports 21500-21999'.split(' ')
    const up = await OmegaProcess.start(['up', '--fleet', fleet, ...ports, ...options], /Ctrl-C stops/, data.env)
    const sandbox = await createSandbox(data.env, '--template', template)
    const browser = await openBrowser(browserOptions)
    const it = new IdeSandbox(fleet, up, data, sandbox, browser)
    await browser.page.goto(sandbox.openUrl)
    await it.ide.ready()
    return it
  }

  /** A link that signs a browser in to the dashboard. */
  get dashboardUrl(): string {
    return /dashboard\s+(\S+)/.exec(this.#up.output)?.[1] ?? ''
  }

  /** One more sandbox of the same fleet. */
  createAnother(template = 'static'): Promise<CreatedSandbox> {
    return createSandbox(this.#data.env, '--template', template)
  }

  get page(): Page {
    return this.browser.page
  }

  /** Another browser, a second person or a phone, signed in by the first one's cookies. */
  async anotherBrowser(options: Parameters<typeof openBrowser>[0] = {}): Promise<TestBrowser & { ide: Ide }> {
    const other = await openBrowser(options)
    await other.context.addCookies(await this.browser.context.cookies())
    await other.page.goto(this.sandbox.url)
    const ide = new Ide(other.page)
    await ide.ready()
    return { ...other, ide }
  }

  /** A browser that has nothing but a link, and the page the link leads to. */
  async guest(url: string, options: Parameters<typeof openBrowser>[0] = {}): Promise<TestBrowser & { ide: Ide }> {
    const other = await openBrowser(options)
    await other.page.goto(url)
    return { ...other, ide: new Ide(other.page) }
  }

  /** Runs a command in the sandbox; it must succeed unless `mayFail`. */
  async exec(command: string, mayFail = false): Promise<Finished> {
    const done = await omega(['sandbox', 'exec', this.sandbox.name, '--', 'bash', '-c', command], this.#data.env)
    if (done.code !== 0 && !mayFail) throw new Error(`${command}: ${done.code} ${done.stdout}${done.stderr}`)
    return done
  }

  /** Where a path of the sandbox is on this machine, for root. */
  async outsidePath(path: string): Promise<string> {
    const [container = ''] = await containerOf(this.sandbox.id)
    const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Pid}}', container])
    return `/proc/${stdout.trim()}/root${path}`
  }

  /** The command line, signed in. */
  omega(...args: string[]): Promise<Finished> {
    return omega(args, this.#data.env)
  }

  /** A picture for people to look at, in artifacts/. */
  async shot(name: string, page: Page = this.page): Promise<void> {
    await page.screenshot({ path: join(shots, `${name}.png`) })
  }

  /** What pages complained of on their consoles. */
  complaints(): string[] {
    return this.browser.console.filter((line) => /^uncaught:|^error:/.test(line))
  }

  async close(): Promise<void> {
    await this.browser.close()
    await this.#up.stop()
    await removeFleet(this.#name)
    await this.#data.remove()
  }
}
