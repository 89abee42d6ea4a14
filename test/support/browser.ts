import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

export interface TestBrowser {
  context: BrowserContext
  page: Page
  /** Everything the pages printed on their consoles, and uncaught errors. */
  console: string[]
  close(): Promise<void>
}

/** A fresh Chromium. `executable` may be a wrapper that runs it somewhere else. */
export async function openBrowser(
  options: {
    executable?: string
    viewport?: { width: number; height: number }
    phone?: boolean
    /** A domain whose names, all of them, are this machine. */
    localDomain?: string
    /** More of Chromium's own. */
    flags?: string[]
  } = {},
): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'omega-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: options.executable ?? '/usr/bin/chromium',
    headless: true,
    args: [
      ...flags.split(' '),
      ...(options.localDomain ? [`--host-resolver-rules=MAP *.${options.localDomain} 127.0.0.1`] : []),
      ...(options.flags ?? []),
    ],
    viewport: options.viewport ?? { width: 1440, height: 900 },
    ...(options.phone ? { hasTouch: true, isMobile: true } : {}),
  })
  const console: string[] = []
  context.on('console', (message) => console.push(`${message.type()}: ${message.text()} (${message.location().url})`))
  context.on('weberror', (error) => console.push(`uncaught: ${error.error().stack ?? error.error().message}`))
  return {
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    console,
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
