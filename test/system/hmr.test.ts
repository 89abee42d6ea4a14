import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Frame, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { eventually } from '../support/omega.ts'

/**
 * Dev servers as people start them, unmodified, behind a preview's address in a zone that none of them knows: does an
 * edit show, at once and with the page's state, in the IDE's pane and in a tab of its own? The table of docs/hmr.md is
 * what this prints: HMR_TABLE=docs/hmr.md npx vitest run --project system test/system/hmr.test.ts
 */
// Installing from npm takes as long as it does on a busy machine; what is waited for has limits of its own.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 240_000 })

const projects = resolve(import.meta.dirname, '../hmr')
const artifacts = resolve(import.meta.dirname, '../../artifacts')
/** Not below localhost, which dev servers let pass. */
const DOMAIN = 'hmr.test'
/** Next.js and Angular do not start in less with room to spare. */
const MEMORY_MIB = 4096
const EDITS = 3

interface Project {
  folder: string
  title: string
  /** The package whose version is told. */
  package: string
  port: number
  /** Holds the text `before the edit`. */
  file: string
  /** Whether the server promises that the page keeps its state. */
  keepsState: boolean
  /** A form of the page asks its server, which looks where that comes from. */
  asks?: true
  /** The page's client goes to the port it was started on, wherever the page came from. */
  onlyInFrame?: true
}

const all: Project[] = [
  { folder: 'vite-react', title: 'Vite, React', package: 'vite', port: 5173, file: 'src/App.jsx', keepsState: true },
  { folder: 'vite-vue', title: 'Vite, Vue', package: 'vite', port: 5173, file: 'src/App.vue', keepsState: true },
  { folder: 'next', title: 'Next.js', package: 'next', port: 3000, file: 'app/page.jsx', keepsState: true, asks: true },
  {
    folder: 'webpack',
    title: 'webpack-dev-server',
    package: 'webpack-dev-server',
    port: 8081,
    file: 'src/text.js',
    keepsState: true,
    onlyInFrame: true,
  },
  { folder: 'nuxt', title: 'Nuxt', package: 'nuxt', port: 3000, file: 'app/app.vue', keepsState: true },
  {
    folder: 'sveltekit',
    title: 'SvelteKit',
    package: '@sveltejs/kit',
    port: 5173,
    file: 'src/routes/+page.svelte',
    keepsState: false,
    asks: true,
  },
  { folder: 'astro', title: 'Astro', package: 'astro', port: 4321, file: 'src/pages/index.astro', keepsState: false },
  { folder: 'parcel', title: 'Parcel', package: 'parcel', port: 1234, file: 'src/text.js', keepsState: true },
  {
    folder: 'angular',
    title: 'Angular',
    package: '@angular/build',
    port: 4200,
    file: 'src/app.html',
    keepsState: true,
  },
  {
    folder: 'react-router',
    title: 'React Router',
    package: '@react-router/dev',
    port: 5173,
    file: 'app/home.jsx',
    keepsState: true,
    asks: true,
  },
  {
    folder: 'rsbuild',
    title: 'Rsbuild, React',
    package: '@rsbuild/core',
    port: 3000,
    file: 'src/App.jsx',
    keepsState: true,
  },
  { folder: 'python', title: 'Python, SSE', package: 'python', port: 8000, file: 'page.html', keepsState: false },
]
const only = process.env.HMR_ONLY?.split(',')
const chosen = all.filter(({ folder }) => only?.includes(folder) ?? true)

interface Result {
  title: string
  version: string
  works: boolean
  state: string
  inTab: boolean
  ms: number[]
}

let sandbox: IdeSandbox
const results: Result[] = []

beforeAll(async () => {
  mkdirSync(artifacts, { recursive: true })
  const options = ['--domain', DOMAIN, '--sandbox-memory', String(MEMORY_MIB)]
  sandbox = await IdeSandbox.open('hmr', 'static', options, { localDomain: DOMAIN })
})
afterAll(async () => {
  await sandbox?.close()
  const table = tableOf(results)
  console.log(`\n${table}`)
  writeFileSync(join(artifacts, 'hmr.md'), table)
  const page = process.env.HMR_TABLE
  if (page !== undefined && only === undefined) {
    const text = readFileSync(page, 'utf8')
    writeFileSync(page, text.replace(/(<!-- table -->\n)[\s\S]*?(<!-- end -->)/, `$1\n${table}\n$2`))
  }
})

describe('an edit shows in the preview of', () => {
  it.each(chosen)('$title', async (project) => {
    const { folder, title, port, file, keepsState, asks, onlyInFrame } = project
    await install(folder)
    const stop = await start(folder)
    try {
      const { ide, page, browser } = sandbox
      await ide.openPort(port)
      const frame = await ide.frameOf(port)
      await frame.getByText('before the edit').waitFor({ timeout: 120_000 })
      const tab = await openTab(page, port)
      await tab.getByText('before the edit').waitFor({ timeout: 60_000 })

      if (asks) await askServer(frame)
      const hasState = (await frame.locator('#count').count()) > 0
      if (hasState) await countToTwo(frame)
      await frame.evaluate(() => Object.assign(globalThis, { untouched: true }))

      const ms: number[] = []
      let inTab = true
      let before = 'before the edit'
      for (let edit = 1; edit <= EDITS; edit++) {
        const after = `after edit ${edit}`
        const seen = shows(frame, after)
        const edited = await replace(folder, file, before, after)
        ms.push((await seen) - edited)
        inTab =
          inTab &&
          (await shows(tab, after, onlyInFrame ? 2_000 : 60_000, 100).then(
            () => true,
            () => false,
          ))
        before = after
      }
      const untouched = await frame.evaluate(() => (globalThis as { untouched?: boolean }).untouched === true)
      const count = hasState ? await frame.locator('#count').textContent() : undefined
      const state = untouched ? (count?.trim() === '2' ? 'kept' : 'lost') : 'page loads again'
      results.push({ title, version: versionOf(project), works: true, state, inTab, ms })

      expect(inTab).toBe(onlyInFrame !== true)
      if (keepsState) expect(state).toBe('kept')
      expect(browser.console.filter((line) => /hydrat/i.test(line))).toEqual([])
      await sandbox.shot(`hmr-${folder}`)
      await tab.close()
    } catch (error) {
      await sandbox.shot(`hmr-${folder}-failed`)
      const log = await sandbox.exec(`tail -n 40 ~/${folder}.log`, true)
      throw new Error(`${title}: ${String(error)}\nThe server said:\n${log.stdout}`)
    } finally {
      await stop()
    }
  })
})

/** The project as it is in this repository, with what its package.json asks for. */
async function install(folder: string): Promise<void> {
  const { stdout } = spawnSync('tar', ['-cz', '--exclude=node_modules', '-C', projects, folder], { encoding: 'buffer' })
  await sandbox.exec(`mkdir -p ~/hmr && base64 -d <<< '${stdout.toString('base64')}' | tar -xz -C ~/hmr`)
  await sandbox.exec(
    `cd ~/hmr/${folder} && if [ -f package.json ]; then npm install --ignore-scripts --no-package-lock; fi`,
  )
}

/** Starts the dev server as its package.json does; gives what ends it with all it started. */
async function start(folder: string): Promise<() => Promise<void>> {
  const command = folder === 'python' ? 'python3 serve.py' : 'npm run dev'
  await sandbox.exec(
    `cd ~/hmr/${folder} && (setsid ${command} > ~/${folder}.log 2>&1 < /dev/null & echo $! > ~/${folder}.pid)`,
  )
  return async () => {
    await sandbox.exec(`kill -- -$(cat ~/${folder}.pid); sleep 1; kill -9 -- -$(cat ~/${folder}.pid)`, true)
    await sandbox.exec(`rm -rf ~/hmr/${folder}`, true)
    await sandbox.ide.closePreviews()
  }
}

/** The preview in a tab of its own, as the pane's button opens it. */
async function openTab(page: Page, port: number): Promise<Page> {
  const url = await page.evaluate(async (at) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch('/_omega/preview-link', { method: 'POST', headers, body: JSON.stringify({ port: at }) })
    return ((await answer.json()) as { url: string }).url
  }, port)
  const tab = await page.context().newPage()
  await tab.goto(url)
  await page.bringToFront()
  return tab
}

/** Presses a button of the page until its script is there and counts. */
async function countToTwo(frame: Frame): Promise<void> {
  await eventually(async () => {
    const text = (await frame.locator('#count').textContent())?.trim()
    if (text === '2') return true
    await frame.locator('#count').click()
    return false
  }, 'the page counts to two')
}

async function askServer(frame: Frame): Promise<void> {
  await eventually(async () => {
    await frame.locator('#ask').click()
    await frame.locator('#answer').getByText('answered by the server').waitFor({ timeout: 3_000 })
    return true
  }, 'the server answers a form')
}

/** Changes the file as an editor saves it; gives the time when that was done. */
async function replace(folder: string, file: string, before: string, after: string): Promise<number> {
  const { stdout } = await sandbox.exec(
    `cd ~/hmr/${folder} && grep -q '${before}' '${file}' && sed -i 's/${before}/${after}/' '${file}' && date +%s%3N`,
  )
  return Number(stdout.trim())
}

/** When the page shows the text, looked at before each frame it draws; a tab in the background draws none. */
async function shows(
  where: Frame | Page,
  text: string,
  timeout = 60_000,
  polling: 'raf' | number = 'raf',
): Promise<number> {
  const handle = await where.waitForFunction(
    (wanted) => document.getElementById('text')?.textContent?.includes(wanted) === true && Date.now(),
    text,
    { polling, timeout },
  )
  return (await handle.jsonValue()) as number
}

function versionOf({ folder, package: name }: Project): string {
  if (folder === 'python') return 'standard library'
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(projects, folder, 'package.json'), 'utf8'))
  return { ...dependencies, ...devDependencies }[name]
}

function tableOf(rows: Result[]): string {
  const median = (ms: number[]) => ms.toSorted((one, other) => one - other)[Math.floor(ms.length / 2)]
  const lines = rows.map(
    ({ title, version, works, state, inTab, ms }) =>
      `| ${title} | ${version} | ${works ? 'yes' : 'no'} | ${inTab ? 'yes' : 'no'} | ${state} | ${median(ms)} |`,
  )
  const head = [
    '| server | version | in the pane | in a tab | state | edit to pixel, ms |',
    '|---|---|---|---|---|---|',
  ]
  return [...head, ...lines, ''].join('\n')
}
