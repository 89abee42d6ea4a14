/// <reference lib="dom" />
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ide } from '../support/ide.ts'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { eventually } from '../support/omega.ts'

/** An editor as VS Code's people know it, and its tabs: in a container and through a browser. */
let box: IdeSandbox
let ide: Ide

const files: Record<string, string> = {
  'deep.js': 'function one(list) {\n  if (list[0]) {\n    one({ list })\n  }\n}\n',
  'words.txt': 'red\ngreen\nred\nblue\nred\n',
  tool: '#!/usr/bin/env bash\nif true; then\n\techo "yes"\nfi\n',
  'main.rs': 'fn main() {\n    let x = 1;\n}\n',
}

beforeAll(async () => {
  box = await IdeSandbox.open('ideeditor', 'static')
  ide = box.ide
  for (const [path, text] of Object.entries(files)) {
    await box.exec(`echo ${Buffer.from(text).toString('base64')} | base64 -d > ${path}`)
  }
})
afterAll(() => box?.close())

const press = async (...keys: string[]) => {
  for (const key of keys) await ide.page.keyboard.press(key)
}
const panel = () => ide.page.getByRole('search', { name: 'Find in the file' })
const counts = (text: string) => panel().locator('.count').filter({ hasText: text }).waitFor()
const status = (text: string | RegExp) =>
  ide.page.locator('.statusbar').getByRole('button', { name: text, exact: true })
const becomes = (text: string) =>
  eventually(async () => (await ide.text()).trimEnd() === text.trimEnd(), `the text is ${text}`)
const tabs = async () => (await ide.page.locator('[role=tab][data-tab] .label').allTextContents()).join(' ')
/** The whole text again as it was, ready to type at its beginning. */
const reset = async (text: string) => {
  await ide.page.locator('.cm-content').first().click()
  await press('Escape', 'Control+A')
  await ide.page.keyboard.insertText(text.trimEnd())
  await press('Control+Home')
}

describe('find and replace in the file', () => {
  it('counts while one types, steps, and tells why an expression is none', async () => {
    await ide.openFile('words.txt')
    await ide.page.locator('.cm-content').first().click()
    await press('Control+Home', 'Control+F')
    await ide.page.keyboard.type('red')
    await counts('1 of 3')
    await press('Enter')
    await counts('2 of 3')
    await press('Shift+Enter', 'Shift+Enter')
    await counts('3 of 3')
    await press('Alt+R')
    await panel().getByRole('textbox', { name: 'Find' }).fill('(red')
    await panel().getByText('Not valid: Unterminated group').waitFor()
    await box.shot('editor-find')
    await press('Alt+R')
    await panel().getByRole('textbox', { name: 'Find' }).fill('pink')
    await counts('No results')
  })

  it('replaces one, and all of a selection', async () => {
    await panel().getByRole('textbox', { name: 'Find' }).fill('red')
    await press('Control+H')
    await ide.page.keyboard.type('pink')
    await press('Enter')
    await counts('2')
    await press('Control+Alt+Enter')
    await becomes('pink\ngreen\npink\nblue\npink\n')
    await press('Escape')
    await panel().waitFor({ state: 'detached' })
    await press('Control+Z')
    await eventually(async () => /red/.test(await ide.text()), 'the replacement is undone')
  })
})

describe('typing', () => {
  it('in several places: by words, by lines and by Alt and click', async () => {
    await reset(files['words.txt'] ?? '')
    await press('Control+D', 'Control+D', 'Control+D')
    await status(/^3 selections/).waitFor()
    await ide.page.keyboard.type('x')
    await becomes('x\ngreen\nx\nblue\nx\n')
    await reset('a\nb\nc')
    await press('Control+Alt+ArrowDown', 'Control+Alt+ArrowDown')
    await ide.page.keyboard.type('-')
    await becomes('-a\n-b\n-c')
    await press('Escape')
    await ide.line('-a').click()
    await press('End')
    await ide.line('-c').click({ modifiers: ['Alt'] })
    await status('2 selections').waitFor()
    await press('Escape')
  })

  it('moves and copies lines, and makes comments', async () => {
    await reset('a\nb\nc')
    await press('Alt+ArrowDown')
    await becomes('b\na\nc')
    await press('Shift+Alt+ArrowUp')
    await becomes('b\na\na\nc')
    await ide.openFile('deep.js')
    await ide.line('one({').click()
    await press('Control+/')
    await ide.line('// one({ list })').waitFor()
    await press('Control+/')
  })

  it('brackets have colours by their depth, indented lines have guides', async () => {
    const colour = (name: string) => ide.page.locator(`.cm-content .${name}`).first()
    for (const name of ['cm-bracket0', 'cm-bracket1', 'cm-bracket2']) await colour(name).waitFor()
    await ide.page.locator('.cm-indent-markers').first().waitFor()
    await box.shot('editor-brackets')
  })
})

describe('what the file is', () => {
  it('is said in the status bar, found by its first line, and can be chosen', async () => {
    await ide.openFile('tool')
    await status('Shell').waitFor()
    await status('Tabs').waitFor()
    await ide.openFile('main.rs')
    await status('Rust').waitFor()
    await status('Spaces: 4').click()
    await ide.page.getByRole('option', { name: 'Spaces: 2' }).click()
    await status('Spaces: 2').waitFor()
    await ide.page.locator('.cm-content').first().click()
    await press('Control+Home', 'Tab')
    await ide.line(/^ {2}fn main/).waitFor()
    await press('Control+Z')
    await press('Control+K', 'm')
    await ide.page.locator('dialog.palette input').fill('Plain')
    await ide.page.getByRole('option', { name: 'Plain text' }).click()
    await status('Plain text').waitFor()
  })
})

describe('tabs', () => {
  it('are dragged, closed by the middle button, opened again, and closed around one', async () => {
    const tab = (name: string) => ide.page.locator('[role=tab][data-tab]').filter({ hasText: name })
    expect(await tabs()).toBe('index.html words.txt deep.js tool main.rs')
    await tab('main.rs').dragTo(tab('index.html'), { targetPosition: { x: 5, y: 10 } })
    await eventually(async () => (await tabs()) === 'main.rs index.html words.txt deep.js tool', 'the tab is first')
    await tab('words.txt').click({ button: 'middle' })
    await eventually(async () => (await tabs()) === 'main.rs index.html deep.js tool', 'a tab is closed')
    await press('Alt+Shift+T')
    await eventually(
      async () => (await tabs()) === 'main.rs index.html words.txt deep.js tool',
      'and where it was again',
    )
    await tab('index.html').click({ button: 'right' })
    await box.shot('editor-tab-menu')
    // Nothing of the page lies over it.
    for (const item of await ide.page.getByRole('menuitem').all()) await item.click({ trial: true })
    await ide.page.getByRole('menuitem', { name: 'Close to the right' }).click()
    await eventually(async () => (await tabs()) === 'main.rs index.html', 'those to the right are closed')
    await tab('index.html').click({ button: 'right' })
    await ide.page.getByRole('menuitem', { name: 'Close others' }).click()
    await eventually(async () => (await tabs()) === 'index.html', 'the others are closed')
  })

  it('no page complained', () => {
    expect(box.complaints()).toEqual([])
  })
})
