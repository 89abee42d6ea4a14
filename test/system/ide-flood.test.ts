import type { CDPSession } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { IdeTerminal } from '../support/ide-terminal.ts'

/** What terminals take of memory, on a real container in a real page. Figures are printed. */
let box: IdeSandbox
let terminal: IdeTerminal
let devtools: CDPSession

beforeAll(async () => {
  box = await IdeSandbox.open('flood', 'static')
  terminal = new IdeTerminal(box.page)
  await terminal.shown.waitFor()
  await terminal.sees(/./)
  await box.page.getByRole('button', { name: 'New terminal' }).first().click()
  await terminal.sees(/[$#] ?$/)
  devtools = await box.page.context().newCDPSession(box.page)
})
afterAll(() => box?.close())

const mebibytes = (bytes: number) => bytes / 1024 / 1024

/** `seq 1 1000000` from the key to the line behind it, all painted. */
async function flood(name: string): Promise<void> {
  await terminal.run(`seq 1 1000000; echo "end of ${name}"`)
  await terminal.sees(new RegExp(`^end of ${name}$`))
}

/** Heap and buffers of the page's JavaScript without what is garbage; what of the worker's memory no file stands behind. MiB. */
interface Sizes {
  page: number
  worker: number
}

async function sizes(): Promise<Sizes> {
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await devtools.send('Runtime.getHeapUsage')
  // The parent of what is run in a sandbox is the worker.
  const { stdout } = await box.exec('cat /proc/$PPID/smaps_rollup')
  const [, kibibytes] = /^Anonymous: +(\d+) kB$/m.exec(stdout) ?? []
  return { page: mebibytes(usedSize + backingStorageSize), worker: Number(kibibytes) / 1024 }
}

it('floods of a million lines leave the memory of both sides as it was', async () => {
  const before = await sizes()
  // The first ones fill the scrollback, and the worker's heap becomes as large as floods need it.
  for (const round of [1, 2, 3, 4]) await flood(`warming ${round}`)
  const warm = await sizes()
  const seen: Sizes[] = []
  for (const round of [1, 2, 3, 4, 5]) {
    await flood(`flood ${round}`)
    seen.push(await sizes())
  }
  for (const side of ['page', 'worker'] as const) {
    const each = seen.map((size) => size[side].toFixed(1)).join(', ')
    console.log(`${side}: ${before[side].toFixed(1)} MiB, warm ${warm[side].toFixed(1)}, after each flood ${each}`)
  }
  const last = seen.at(-1) ?? warm
  expect(last.page - warm.page).toBeLessThan(4)
  // Five floods are 33 MiB of text. The room that V8 gives to new objects, up to 16 MiB, may be taken at any time.
  expect(last.worker - warm.worker).toBeLessThan(24)
})

it('no page complained', () => {
  expect(box.complaints()).toEqual([])
})
