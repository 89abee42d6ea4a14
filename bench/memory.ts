import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import Docker from 'dockerode'
import type { CreatedSandbox } from '../src/core/wire/http.ts'
import { openBrowser, type TestBrowser } from '../test/support/browser.ts'
import { WireClient } from '../test/support/worker.ts'
import { type BrowserIde, codeServerIde, omegaIde } from './support/browser-ide.ts'
import { CodeServer } from './support/code-server.ts'
import { bearerOf, hostOf, Installation, openPage } from './support/installation.ts'
import { median, type Row } from './support/measure.ts'
import { projectFolder, SMALL_FILE } from './support/project.ts'

export const title = 'memory of a worker, idle and with pages, against code-server'

const SANDBOXES = 3
const MANY_PAGES = 5
const REST_MS = 10_000
const MIB = 2 ** 20

interface Memory {
  /** Of worker and init without the app: resident, and with pages that several processes share divided among them. */
  rss: number
  pss: number
  /** Of those, what belongs to no file: nothing shares it. */
  anonymous: number
  /** Of all processes, the app's, shells and language servers included, as `pss`. */
  all: number
  /** The whole container with its app, file cache included, as the kernel bills it. */
  cgroup: number
}

/** Bytes, without a page ever, and with one and five that show a file and a shell. */
interface Stages<M> {
  idle: M
  one: M
  many: M
}

export async function run(): Promise<Row[]> {
  const omega = await Installation.start()
  try {
    const idle = await usedAndLeft(omega)
    const ide = await omegaIde(omega)
    const ours = await stagesOf(ide, () => memoryOf(omega, ide.sandbox))
    const theirs = await codeServerStages()
    const row = (what: string, measured: number, baseline?: number, atMost?: number): Row => ({
      what,
      measured: measured / MIB,
      ...(baseline === undefined ? {} : { baseline: baseline / MIB }),
      unit: 'MiB',
      ...(atMost === undefined ? {} : { budget: { atMost, of: 'amount' as const } }),
    })
    const of = (key: keyof Memory) => median(idle.map((it) => it[key]))
    return [
      row('idle worker and init, PSS', of('pss'), theirs?.idle, 60),
      row('  resident (RSS)', of('rss')),
      row('  anonymous', of('anonymous')),
      row('  container with its app and file cache (cgroup)', of('cgroup')),
      row('worker and init with one page, PSS', ours.one.pss),
      row('  all of the container: app, shells, language servers', ours.one.all, theirs?.one),
      row(`worker and init with ${MANY_PAGES} pages, PSS`, ours.many.pss),
      row('  all of the container', ours.many.all, theirs?.many),
    ]
  } finally {
    await omega.close()
  }
}

/** Sandboxes that were used once and left again, as most are. */
async function usedAndLeft(omega: Installation): Promise<Memory[]> {
  const sandboxes: CreatedSandbox[] = []
  for (let count = 0; count < SANDBOXES; count++) sandboxes.push(await omega.create('static'))
  for (const sandbox of sandboxes) {
    const client = new WireClient(sandbox.port, bearerOf(sandbox), hostOf(sandbox))
    await client.opened
    await client.request('hello', {})
    await openPage(sandbox)
    client.end()
  }
  await sleep(REST_MS)
  return Promise.all(sandboxes.map((sandbox) => memoryOf(omega, sandbox)))
}

async function codeServerStages(): Promise<Stages<number> | undefined> {
  const project = await projectFolder()
  try {
    const server = await CodeServer.start(project.path)
    try {
      return (
        server &&
        (await stagesOf(codeServerIde(server, project.path), async () =>
          server.pids.reduce((total, pid) => total + smaps(pid, 'Pss'), 0),
        ))
      )
    } finally {
      await server?.close()
    }
  } finally {
    await project.remove()
  }
}

async function stagesOf<M>(ide: BrowserIde, measure: () => Promise<M>): Promise<Stages<M>> {
  await sleep(REST_MS)
  const idle = await measure()
  const browser = await openBrowser()
  try {
    await show(browser, ide)
    const one = await measure()
    for (let count = 1; count < MANY_PAGES; count++) await show(browser, ide)
    return { idle, one, many: await measure() }
  } finally {
    await browser.close()
  }
}

/** One more page, with a style sheet and a shell. */
async function show({ context }: TestBrowser, ide: BrowserIde): Promise<void> {
  const page = await context.newPage()
  await ide.enter(page)
  await ide.row(page, SMALL_FILE).dblclick()
  await page.locator(`${ide.editor} ${ide.line}`).first().waitFor()
  await ide.openTerminal(page)
  await page.waitForTimeout(REST_MS)
}

async function memoryOf(omega: Installation, sandbox: CreatedSandbox): Promise<Memory> {
  const docker = new Docker()
  const all = await docker.listContainers({ filters: { label: [`omega.fleet=${omega.fleet}`] } })
  const found = all.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === sandbox.port))
  if (!found) throw new Error(`No container of this fleet publishes port ${sandbox.port}.`)
  const container = docker.getContainer(found.Id)
  const [{ State }, { Processes }, { memory_stats }] = await Promise.all([
    container.inspect(),
    container.top({ ps_args: '-o pid' }) as Promise<{ Processes: string[][] }>,
    container.stats({ stream: false }),
  ])
  const pids = Processes.map(([pid]) => Number(pid))
  const own = pids.filter((pid) => isOurs(pid, State.Pid))
  if (own.length < 1) throw new Error('No worker was found in a sandbox.')
  const sum = (some: number[], field: string) => some.reduce((total, pid) => total + smaps(pid, field), 0)
  return {
    rss: sum(own, 'Rss'),
    pss: sum(own, 'Pss'),
    anonymous: sum(own, 'Anonymous'),
    all: sum(pids, 'Pss'),
    cgroup: memory_stats.usage,
  }
}

/** The first process, or one that runs the worker: the app's command line is another. */
function isOurs(pid: number, first: number): boolean {
  return pid === first || /omega\.js\0/.test(read(`/proc/${pid}/cmdline`))
}

/** Bytes; 0 of a process that has ended. */
function smaps(pid: number, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/smaps_rollup`))
  return Number(found?.[1] ?? 0) * 1024
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
