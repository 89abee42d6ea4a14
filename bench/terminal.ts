import { openBrowser } from '../test/support/browser.ts'
import { type BrowserIde, codeServerIde, omegaIde } from './support/browser-ide.ts'
import { CodeServer } from './support/code-server.ts'
import { Installation } from './support/installation.ts'
import { median, quantile, type Row, rounds } from './support/measure.ts'
import { PageTerminal } from './support/page-terminal.ts'
import { projectFolder } from './support/project.ts'

export const title = 'the terminal of the page, from key to drawn letter, against code-server'

const LINES = 12
const FLOODS = 5
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

interface Side {
  terminal: PageTerminal
  /** Milliseconds. */
  echoes: number[]
  floods: number[]
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
    const sides: Side[] = []
    for (const ide of [await omegaIde(omega), ...(codeServer ? [codeServerIde(codeServer, project.path)] : [])]) {
      const browser = await openBrowser({ flags: ['--disable-3d-apis'] })
      closing.unshift(() => browser.close())
      sides.push(await sideOf(ide, browser.page))
    }
    for (let line = 0; line < rounds(LINES); line++) for (const side of sides) await typeLine(side)
    for (let flood = 0; flood < rounds(FLOODS); flood++) {
      for (const { terminal, floods } of sides) floods.push(await terminal.run('seq 1 1000000', '1000000'))
    }
    const [ours, theirs] = sides
    return ours ? rows(ours, theirs) : []
  } finally {
    for (const close of closing) await close()
  }
}

async function sideOf(ide: BrowserIde, page: Parameters<BrowserIde['enter']>[0]): Promise<Side> {
  await ide.enter(page)
  await ide.openTerminal(page)
  // The IDE's own start is over.
  await page.waitForTimeout(5_000)
  return { terminal: await PageTerminal.of(page, ide), echoes: [], floods: [] }
}

async function typeLine({ terminal, echoes }: Side): Promise<void> {
  for (const [index, letter] of [...LETTERS].entries()) {
    echoes.push(await terminal.echo(LETTERS.slice(0, index), letter))
  }
  await terminal.erase()
}

function rows(ours: Side, theirs: Side | undefined): Row[] {
  const row = (what: string, value: (side: Side) => number, atMost?: number): Row => ({
    what,
    measured: value(ours),
    ...(theirs ? { baseline: value(theirs) } : {}),
    unit: 'ms',
    ...(theirs && atMost !== undefined ? { budget: { atMost } } : {}),
  })
  return [
    row('terminal of the page: key to drawn letter, p50', ({ echoes }) => median(echoes)),
    row('  p95', ({ echoes }) => quantile(echoes, 0.95), 0.8),
    row('  seq 1 1000000 to the prompt', ({ floods }) => median(floods), 0.5),
  ]
}
