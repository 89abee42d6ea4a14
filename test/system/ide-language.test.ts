import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ide } from '../support/ide.ts'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { eventually } from '../support/omega.ts'

/** What language servers know, as a person sees it: servers of the image, in a container, through a browser. */
let place: IdeSandbox
let ide: Ide

const files: Record<string, string> = {
  'src/shapes.ts': [
    'export interface Square {',
    '  side: number',
    '}',
    '',
    '/** How large it is. */',
    'export function areaOf(square: Square): number {',
    '  return square.side ** 2',
    '}',
    '',
  ].join('\n'),
  'src/main.ts': "import { areaOf } from './shapes'\n\nexport const small = areaOf({ side: 2 })\n",
  'src/user.ts': "import { areaOf } from './shapes'\n\nexport const large = areaOf({ side: 9 })\n",
  'app.py':
    'def greet(name: str) -> str:\n    """Says hello."""\n    return f"Hello, {name}"\n\n\nprint(greet("you"))\n',
  'page.css': 'body {\n  color: red;\n}\n',
  'page.html': '<main>\n  <p>Hello</p>\n</main>\n',
  'data.json': '{\n  "name": "x"\n}\n',
  'node_modules/.bin/prettier': '#!/bin/sh\nsed "s/  *=  */ = /"\n',
}

beforeAll(async () => {
  place = await IdeSandbox.open('lang')
  ide = place.ide
  for (const [path, text] of Object.entries(files)) {
    const encoded = Buffer.from(text).toString('base64')
    await place.exec(`echo ${encoded} | base64 -d > ${path}`)
  }
  await place.exec('chmod +x node_modules/.bin/prettier')
})
afterAll(() => place?.close())

const type = (text: string) => ide.page.keyboard.type(text, { delay: 15 })
const press = async (...keys: string[]) => {
  for (const key of keys) await ide.page.keyboard.press(key)
}
const hoverOver = async (line: string, word: string) => {
  await ide.page.mouse.move(0, 0)
  await ide.line(line).getByText(word, { exact: true }).first().hover()
}

describe('TypeScript', () => {
  it('completes a name and imports it', async () => {
    await ide.openFile('src/main.ts')
    await ide.language.ready()
    await ide.line('export const small').click()
    await press('Control+End')
    await type('const other: Squ')
    await ide.language.completion('Square').waitFor()
    await place.shot('language-completion')
    await press('Enter')
    await ide.line(/import \{.*Square.*\} from '.\/shapes'/).waitFor()
    await type(' = { side: "x" }')
  })

  it('marks what is wrong, lists it, walks to it, and forgets it when it is mended', async () => {
    await ide.language.squiggles().first().waitFor()
    await eventually(async () => /^1/.test((await ide.language.problems().textContent()) ?? ''), 'one error is counted')
    await press('Control+Shift+M')
    await ide.language
      .problemList()
      .getByText(/not assignable/)
      .waitFor()
    await place.shot('language-problems')
    await press('Control+Home', 'F8')
    await ide.page
      .getByRole('alert')
      .filter({ hasText: /not assignable/ })
      .waitFor()
    await ide.cursorBehind('side: "')
    await press('ArrowLeft', 'Delete', 'Delete', 'Delete')
    await type('3')
    await ide.language.squiggles().first().waitFor({ state: 'detached' })
    await eventually(async () => /^0/.test((await ide.language.problems().textContent()) ?? ''), 'no error is counted')
    await press('Control+Shift+M')
  })

  it('says what a name means, and what a function wants', async () => {
    await hoverOver('export const small', 'areaOf')
    await ide.language.hover().getByText('How large it is.').waitFor()
    await place.shot('language-hover')
    await ide.page.mouse.move(0, 0)
    await ide.line('const other').click()
    await press('Control+End', 'Enter')
    await type('areaOf(')
    await ide.language.signature().getByText('square: Square').waitFor()
    await press('Escape')
    await type('other')
    await press('End')
  })

  it('goes to the definition, of a library too, and lists who uses it', async () => {
    await ide.cursorBehind('small = area')
    await press('F12')
    await eventually(async () => /shapes/.test((await ide.shownTab().textContent()) ?? ''), 'shapes.ts is shown')
    await ide.language.breadcrumbs().getByText('areaOf').waitFor()
    await ide.cursorBehind('function area')
    await press('Shift+F12')
    await ide.language.references().getByText('user.ts').waitFor()
    expect(await ide.language.references().getByRole('button').count()).toBeGreaterThanOrEqual(5)
    await place.shot('language-references')
    await ide.language
      .references()
      .getByRole('button', { name: /const large/ })
      .click()
    await eventually(async () => /user/.test((await ide.shownTab().textContent()) ?? ''), 'user.ts is shown')
    await press('Alt+W')
  })

  it('renames in files that are open and in one that is not', async () => {
    await ide.openFile('src/shapes.ts')
    await ide.cursorBehind('function area')
    await press('F2')
    await ide.language.renameField().fill('sizeOf')
    await press('Enter')
    await ide.line('export function sizeOf').waitFor()
    await eventually(
      async () => /sizeOf\(\{ side: 9/.test((await place.exec('cat src/user.ts')).stdout),
      'user.ts is changed',
    )
    await ide.openFile('src/main.ts')
    await ide.line('small = sizeOf').waitFor()
    await eventually(async () => /^0/.test((await ide.language.problems().textContent()) ?? ''), 'nothing is wrong')
  })

  it('mends by a quick fix, and puts imports in order', async () => {
    await ide.line('small = sizeOf').click()
    await press('Control+Home')
    await type("import { version } from 'react'\n")
    await press('Control+End', 'Enter')
    await type('useState(1)')
    await press('Escape')
    await ide.language.bulb().waitFor()
    await ide.cursorBehind('useStat')
    await press('Control+.')
    await ide.language.fixes().first().waitFor()
    await place.shot('language-quick-fix')
    await ide.language.fixes().filter({ hasText: /react/ }).first().click()
    await ide.line(/import \{.*useState.*\} from 'react'/).waitFor()
    await press('Shift+Alt+O')
    await ide.line(/version/).waitFor({ state: 'detached' })
  })

  it('formats with the formatter of the project when it is saved, and by itself when asked', async () => {
    await ide.line('small = sizeOf').click()
    await press('Control+End', 'Enter')
    await type('export const spaced   =   1')
    await press('Escape', 'Control+S')
    await ide.line('export const spaced = 1').waitFor()
    await eventually(async () => /spaced = 1/.test((await place.exec('cat src/main.ts')).stdout), 'it is saved')
    await press('Control+z')
    await ide.line('export const spaced   =   1').waitFor()
    await press('Shift+Alt+F')
    await ide.line('export const spaced = 1').waitFor()
  })

  it('finds symbols of the file and of the project', async () => {
    await press('Control+Shift+O')
    await ide.page.getByRole('option', { name: /small/ }).first().waitFor()
    await press('Escape', 'Control+t')
    await type('large')
    await ide.page.getByRole('option', { name: /large/ }).first().waitFor()
    await press('Escape')
  })

  it('works again after its server was killed', async () => {
    await place.exec("pkill -9 -f -- '--lsp --stdio'")
    await ide.openFile('src/main.ts')
    await ide.line('small = sizeOf').click()
    await press('Control+End', 'Enter')
    await type('const again: Squ')
    await eventually(async () => {
      await press('Control+Space')
      return ide.language.completion('Square').isVisible()
    }, 'it completes again')
    await press('Escape')
  })
})

describe('other languages', () => {
  it('Python: meaning, mistakes, formatting', async () => {
    await ide.openFile('app.py')
    await ide.language.ready()
    await eventually(async () => {
      await hoverOver('print(greet', 'greet')
      await ide.language.hover().getByText('Says hello.').waitFor({ timeout: 3_000 })
      return true
    }, 'it says what greet means')
    await ide.line('print(greet').click()
    await press('Control+End')
    await type('x  =  greet(1)\n')
    await ide.language.squiggles().first().waitFor()
    await press('Shift+Alt+F')
    await ide.line(/^x = greet\(1\)$/).waitFor()
    await place.shot('language-python')
  })

  it('CSS: names and values of properties', async () => {
    await ide.openFile('page.css')
    await ide.language.ready()
    await ide.cursorBehind('color: red;')
    await press('Enter')
    await type('backgr')
    await ide.language.completion('background-color').waitFor()
    await press('Escape')
    await type(': 1')
    await eventually(async () => /^\d+/.test((await ide.language.problems().textContent()) ?? ''), 'it is checked')
  })

  it('HTML: elements and attributes', async () => {
    await ide.openFile('page.html')
    await ide.cursorBehind('<p')
    await type(' cla')
    await ide.language.completion('class').waitFor()
    await press('Escape')
  })

  it('JSON: mistakes, and formatting', async () => {
    await ide.openFile('data.json')
    await ide.cursorBehind('"x"')
    await type(',"y":')
    await ide.language.squiggles().first().waitFor()
    await type('1')
    await ide.language.squiggles().first().waitFor({ state: 'detached' })
  })
})

it('no page complained', () => {
  expect(place.complaints().filter((line) => !/React|App|500/.test(line))).toEqual([])
})
