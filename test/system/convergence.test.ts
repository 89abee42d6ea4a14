/// <reference lib="dom" />
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { Ide } from '../support/ide.ts'
import { eventually, pause } from '../support/omega.ts'
import { Random } from '../support/random.ts'
import { TcpNetwork } from '../support/tcp-network.ts'
import { WorkerProcess } from '../support/worker-process.ts'

/** The same as test/wire/convergence.test.ts on real parts: the worker's process, Chromium, sockets, the disk. */
const SCHEDULES = Number(process.env.OMEGA_SCHEDULES ?? 50)
const ONE_SEED = process.env.OMEGA_SEED
const FIRST_LETTER = 0xe000
const START = 'one\ntwo\nthree\n'

let network: TcpNetwork
let worker: WorkerProcess
let browsers: TestBrowser[]

beforeAll(async () => {
  network = await TcpNetwork.open()
  worker = await WorkerProcess.start(network.port)
  network.target = worker.port
  browsers = [await openBrowser(), await openBrowser()]
  for (const { page } of browsers) {
    await page.goto(worker.enter())
    await new Ide(page).ready()
  }
})
afterAll(async () => {
  for (const browser of browsers ?? []) await browser.close()
  await worker?.close()
  network?.close()
})

describe('pages, worker and file', () => {
  it('agree in the end, and no keystroke is lost or doubled, whatever happens', { timeout: 1_800_000 }, async () => {
    const first = ONE_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(ONE_SEED)
    const count = ONE_SEED === undefined ? SCHEDULES : 1
    console.log(`seeds ${first} to ${first + count - 1}`)
    for (let seed = first; seed < first + count; seed++) {
      await runSchedule(seed).catch((error: unknown) => {
        throw new Error(`OMEGA_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`)
      })
    }
    expect(count).toBeGreaterThan(0)
  })

  it('no page complained', () => {
    const complaints = browsers.flatMap(({ console }) => console.filter((line) => /^uncaught:/.test(line)))
    expect(complaints).toEqual([])
  })
})

async function runSchedule(seed: number): Promise<void> {
  const random = new Random(seed)
  const file = join(worker.root, `s${seed}.txt`)
  const steps: string[] = []
  const typed = new Set<string>()
  const deleted = new Set<string>()
  const others = new Set<string>()
  let next = FIRST_LETTER
  writeFileSync(file, START)
  for (const { page } of browsers) await show(page, `s${seed}.txt`)

  for (let step = 0; step < 12; step++) {
    const index = random.below(browsers.length)
    const page = browsers[index]?.page as Page
    const kind = random.below(100)
    if (kind < 45) {
      let burst = ''
      for (let left = 1 + random.below(4); left > 0; left--) burst += String.fromCharCode(next++)
      steps.push(`page ${index} types ${readable(burst)}`)
      for (const letter of burst) typed.add(letter)
      await place(page, random.below(12))
      await page.keyboard.insertText(burst)
    } else if (kind < 53) {
      await place(page, random.below(8))
      const before = await textOf(page)
      await page.keyboard.press('Delete')
      const after = await textOf(page)
      // The other page may type meanwhile: whatever went here may have been deleted here.
      const gone = [...before].filter((letter) => !after.includes(letter))
      for (const letter of gone) deleted.add(letter)
      steps.push(`page ${index} deletes ${readable(gone.join(''))}`)
    } else if (kind < 63) {
      const letter = String.fromCharCode(next++)
      // It reads and then writes: what the worker writes in between would be lost by its doing, not by ours.
      process.kill(worker.pid, 'SIGSTOP')
      const before = readFileSync(file, 'utf8')
      const at = random.below(before.length + 1)
      writeFileSync(`${file}.new`, before.slice(0, at) + letter + before.slice(at))
      renameSync(`${file}.new`, file)
      process.kill(worker.pid, 'SIGCONT')
      others.add(letter)
      steps.push(`another program writes ${readable(letter)} at ${at}`)
    } else if (kind < 71) {
      steps.push('all connections are cut')
      network.cut()
    } else if (kind < 76) {
      steps.push('all connections freeze')
      network.freeze()
      for (const { page: each } of browsers) await each.evaluate(() => dispatchEvent(new Event('online')))
    } else if (kind < 82) {
      network.offline = !network.offline
      if (network.offline) network.cut()
      steps.push(`the network is ${network.offline ? 'off' : 'on'}`)
    } else if (kind < 92) {
      steps.push('the worker is killed and started')
      await pause(random.below(500))
      await worker.kill()
      await worker.boot()
    } else if (kind < 95 && !network.offline) {
      steps.push(`page ${index} is reloaded`)
      await pause(50)
      await page.reload()
      await page.locator('.cm-content').waitFor()
    } else {
      const ms = random.pick([10, 100, 500, 1_500])
      steps.push(`${ms} ms pass`)
      await pause(ms)
    }
  }

  network.offline = false
  for (const { page } of browsers) await page.evaluate(() => dispatchEvent(new Event('online')))
  let seen = ''
  const atRest = async () => {
    const disk = readFileSync(file, 'utf8')
    const texts = await Promise.all(browsers.map(({ page }) => textOf(page)))
    const saved = await Promise.all(browsers.map(({ page }) => page.getByTestId('saved').textContent()))
    seen = `the file has ${readable(disk)}, the pages ${texts.map(readable).join(' and ')}; ${saved.join(', ')}`
    return texts.every((text) => text === disk) && saved.every((words) => words === 'Saved')
  }
  await eventually(atRest, 'all agree', 40_000).catch(() => {
    throw new Error(`They do not agree: ${seen}\n${steps.join('\n')}`)
  })
  const disk = readFileSync(file, 'utf8')
  const wrong = [...typed, ...others].flatMap((letter) => {
    const times = disk.split(letter).length - 1
    return times > 1 || (times === 0 && typed.has(letter) && !deleted.has(letter))
      ? [`${readable(letter)} is there ${times} times`]
      : []
  })
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${seen}\n${steps.join('\n')}`)
  for (const { page } of browsers) await page.keyboard.press('Alt+W')
  // The tree draws only what is in sight.
  rmSync(file)
}

/** Opens the file by its line in the tree. */
async function show(page: Page, name: string): Promise<void> {
  await new Ide(page).openFile(name)
  await eventually(async () => (await textOf(page)) === START, `${name} is shown`)
}

/** Puts the cursor behind so many characters. */
async function place(page: Page, characters: number): Promise<void> {
  await page.locator('.cm-content').focus()
  await page.keyboard.press('Control+Home')
  for (let left = characters; left > 0; left--) await page.keyboard.press('ArrowRight')
}

async function textOf(page: Page): Promise<string> {
  return page.locator('.cm-content').evaluate((content) => {
    const lines = [...content.querySelectorAll('.cm-line')].map((line) => {
      const copy = line.cloneNode(true) as Element
      for (const widget of copy.querySelectorAll('.cm-ySelectionCaret, .cm-widgetBuffer')) widget.remove()
      return copy.textContent ?? ''
    })
    return lines.join('\n')
  })
}

function readable(text: string): string {
  const letters = [...text].map((letter) => {
    const code = letter.charCodeAt(0)
    return code >= FIRST_LETTER ? `<${code - FIRST_LETTER}>` : letter
  })
  return JSON.stringify(letters.join(''))
}
