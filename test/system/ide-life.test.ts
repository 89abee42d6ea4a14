import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestBrowser } from '../support/browser.ts'
import { containerOf } from '../support/docker.ts'
import type { Ide } from '../support/ide.ts'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { type CreatedSandbox, eventually, run } from '../support/omega.ts'

/** A person in front of a React sandbox that its manager freezes, that is to end, and that is forked while they type. */
let box: IdeSandbox
let ide: Ide

beforeAll(async () => {
  box = await IdeSandbox.open('idelife', 'react', ['--sleep-after', '25s'])
  ide = box.ide
  await ide.preview().locator('#root *').first().waitFor({ timeout: 60_000 })
})
afterAll(() => box?.close())

const isPaused = async () => {
  const [container = ''] = await containerOf(box.sandbox.id)
  return (await run('docker', ['inspect', '--format', '{{.State.Paused}}', container])).stdout.trim() === 'true'
}
const appOf = (name: string) => box.omega('sandbox', 'exec', name, '--', 'cat', 'src/App.tsx')

describe('frozen because nobody does anything', () => {
  it('is said to be asleep; a key wakes it and is in the file; its processes are as they were', async () => {
    await ide.type('X=before; sleep 1000 & echo its-pid-$!')
    const pid = await eventually(
      async () => /^its-pid-(\d+)$/m.exec(await ide.screen())?.[1],
      'the terminal has a process in the background',
    )
    await ide.openFile('src/App.tsx')
    await ide.cursorBehind('Hello, React')
    await eventually(isPaused, 'the container is frozen', 90_000)
    await box.page.locator('[data-testid=asleep]').waitFor()
    await box.shot('life-asleep')
    await box.page.keyboard.type('!')
    await box.page.keyboard.type(' Good morning')
    await ide.ready()
    expect(await isPaused()).toBe(false)
    await ide.preview().getByText('Hello, React! Good morning').waitFor()
    await eventually(
      async () => (await appOf(box.sandbox.name)).stdout.includes('Hello, React! Good morning'),
      'what was typed is in the file',
    )
    await ide.type(`echo $X-$(kill -0 ${pid} && echo alive)`)
    await eventually(async () => /^before-alive$/m.test(await ide.screen()), 'the same shell and its process are there')
  })
})

describe('a sandbox with an end', () => {
  it('says so in time, and one click keeps it for another day', async () => {
    expect((await box.omega('sandbox', 'ttl', box.sandbox.name, '5m')).code).toBe(0)
    const notice = box.page.locator('.toast', { hasText: 'This sandbox is deleted in 5 min' })
    await notice.waitFor()
    await box.shot('life-end')
    await notice.getByRole('button', { name: 'Keep it' }).click()
    await notice.waitFor({ state: 'hidden' })
    const end = await eventually(async () => {
      const { expiresAt } = JSON.parse((await box.omega('sandbox', 'get', box.sandbox.name, '--json')).stdout)
      return Date.parse(expiresAt) > Date.now() + 3_600_000 && expiresAt
    }, 'it ends later')
    expect((Date.parse(end) - Date.now()) / 3_600_000).toBeCloseTo(24, 1)
    expect((await box.omega('sandbox', 'get', box.sandbox.name, '--explain')).stdout).toContain('kept by its people')
    expect((await box.omega('sandbox', 'ttl', box.sandbox.name, 'never')).stderr).toContain('has no end')
  })
})

describe('a fork made while somebody types', () => {
  let fork: CreatedSandbox
  let other: TestBrowser & { ide: Ide }
  afterAll(() => other?.close())

  it('has what was typed and not saved, and its server runs', async () => {
    await ide.openFile('src/App.tsx')
    await ide.cursorBehind('Good morning')
    await box.page.keyboard.type(', unsaved words')
    const made = await box.omega('sandbox', 'fork', box.sandbox.name, '--name', 'the-fork', '--json')
    expect(made.stderr).toBe('')
    fork = JSON.parse(made.stdout)
    other = await box.guest(fork.openUrl)
    await other.ide.ready()
    await other.ide.openFile('src/App.tsx')
    expect(await other.ide.text()).toContain('Good morning, unsaved words')
    await other.ide.preview().getByText('Good morning, unsaved words').waitFor({ timeout: 60_000 })
    await box.shot('life-fork', other.page)
  })

  it('goes its own way, and so does the one it was made of', async () => {
    await ide.cursorBehind('unsaved words')
    await box.page.keyboard.type(' of the first')
    await other.ide.cursorBehind('unsaved words')
    await other.page.keyboard.type(' of the fork')
    await ide.preview().getByText('unsaved words of the first').waitFor()
    await other.ide.preview().getByText('unsaved words of the fork').waitFor()
    const files = async () => [(await appOf(box.sandbox.name)).stdout, (await appOf('the-fork')).stdout]
    await eventually(async () => {
      const [first = '', second = ''] = await files()
      return first.includes('of the first') && second.includes('of the fork')
    }, 'each has its own words on its disk')
    const [first = '', second = ''] = await files()
    expect([first.includes('of the fork'), second.includes('of the first')]).toEqual([false, false])
    expect(box.complaints()).toEqual([])
  })
})
