import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { Ide } from '../support/ide.ts'
import { createSandbox, eventually, OmegaProcess, omega, run, temporaryDataDir } from '../support/omega.ts'

/** A machine where no Docker Engine answers: the embedded default still gives a working IDE. */
const ports = '--port 0 --manager-port 0 --dns-port 0 --dns-http-port 0 --sandbox-ports 23000-23099'.split(' ')
const noDocker = ['--docker-host', '/nonexistent/docker.sock']
const data = { path: '', env: {} as Record<string, string>, remove: async () => {} }
let up: OmegaProcess
let browser: TestBrowser

const start = async () => {
  up = await OmegaProcess.start(['up', ...noDocker, ...ports], /Ctrl-C stops/, data.env)
}

beforeAll(async () => {
  Object.assign(data, await temporaryDataDir())
  await start()
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await up?.stop()
  await data.remove()
})

it('says loudly that it does not isolate', () => {
  expect(up.output).toMatch(/No Docker Engine answers.*WITHOUT isolation/)
  expect(up.output).toMatch(/NOT isolated/)
})

it('two sandboxes of one template live beside each other, each with its preview', async () => {
  const [first, second] = [
    await createSandbox(data.env, '--name', 'one'),
    await createSandbox(data.env, '--name', 'two'),
  ]
  for (const { openUrl } of [first, second]) {
    await browser.page.goto(openUrl)
    const ide = new Ide(browser.page)
    await ide.ready()
    await ide.preview().locator('#root *').first().waitFor({ timeout: 60_000 })
  }
  const ide = new Ide(browser.page)
  await ide.openFile('src/App.tsx')
  await ide.replace('<h1>', '<h1>Number two ')
  await ide.preview().getByText('Number two').waitFor({ timeout: 20_000 })
  await ide.type('echo $((6*7))-marker')
  await eventually(async () => /^42-marker$/m.test(await ide.screen()), 'the terminal answers')
  const untouched = await omega(['sandbox', 'exec', 'one', '--', 'grep', '-c', 'Number two', 'src/App.tsx'], data.env)
  expect(untouched.stdout.trim()).toBe('0')
})

it('listens on loopback only', async () => {
  const { stdout } = await run('ss', ['-Hltn'])
  const listening = stdout.split('\n').map((line) => line.split(/\s+/)[3] ?? '')
  const ours = listening.filter((address) => /:230\d\d$/.test(address))
  expect(ours).toHaveLength(2)
  expect(ours.every((address) => address.startsWith('127.'))).toBe(true)
})

it('comes back with the same sandboxes after a stop, and after kill -9', async () => {
  await omega(['sandbox', 'exec', 'one', '--', 'sh', '-c', 'echo kept > note.txt'], data.env)
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    await up.stop(signal)
    await start()
    const list = JSON.parse((await omega(['sandbox', 'list', '--json'], data.env)).stdout)
    expect(list.map(({ name }: { name: string }) => name)).toEqual(['one', 'two'])
    const note = await omega(['sandbox', 'exec', 'one', '--', 'cat', 'note.txt'], data.env)
    expect(note.stdout).toBe('kept\n')
  }
})

it('leaves no process when it stops', async () => {
  await omega(['sandbox', 'delete', 'two'], data.env)
  expect(await up.stop('SIGINT')).toBe(0)
  const { stdout } = await run('ps', ['-eo', 'args'])
  expect(stdout.split('\n').filter((line) => line.includes(data.path))).toEqual([])
})
