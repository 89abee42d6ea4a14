import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { IdeSearch } from '../support/ide-search.ts'
import { eventually } from '../support/omega.ts'

/** Finding files and words in a project of 50,000 files, in a container and through a browser. */
let box: IdeSandbox
let search: IdeSearch

const FILES = 50_000
/** Each tenth file of the tree has the word once. */
const FOUND = FILES / 10
const plain = { 'Match case': false, 'Whole words': false, 'Regular expression': false }

const files: Record<string, string> = {
  'src/profile/UserProfileCard.ts': 'const first = 1\nconst second = 2\nexport class UserProfileCard {}\n',
  'src/colours.ts': 'export const colour = "red"\nexport const Colours = [colour]\n// colour42 and colour7\n',
  'src/use.ts': 'import { colour } from "./colours"\nexport const twice = colour + colour\n',
  'docs/colour.md': 'Of every colour.\n',
}

beforeAll(async () => {
  box = await IdeSandbox.open('idesearch', 'static')
  search = new IdeSearch(box.page)
  for (const [path, text] of Object.entries(files)) {
    const encoded = Buffer.from(text).toString('base64')
    await box.exec(`mkdir -p $(dirname ${path}) && echo ${encoded} | base64 -d > ${path}`)
  }
  await box.exec(
    `python3 -c '
import os
for number in range(${FILES}):
    folder = f"tree/folder{number % 250}"
    os.makedirs(folder, exist_ok=True)
    word = "haystack" if number % 10 else "a needle"
    with open(f"{folder}/module{number}.js", "w") as file:
        file.write(f"// module {number}\\nexport const value{number} = 1 // {word}\\n" + "// as in any file\\n" * 20)
'`,
  )
})
afterAll(() => box?.close())

const says = (text: string | RegExp) => search.summary.filter({ hasText: text }).waitFor()
const onDisk = async (path: string) => (await box.exec(`cat ${path}`)).stdout
const shown = (name: string) => box.ide.shownTab().filter({ hasText: name }).waitFor()

describe('quick open', () => {
  it('finds one of 50,000 files by letters of its name, and shows it', async () => {
    await search.palette.open('upcard')
    await search.palette.options().first().filter({ hasText: 'UserProfileCard.ts' }).waitFor()
    await search.palette.field().fill('mod49999')
    await search.palette.options().first().filter({ hasText: 'module49999.js' }).waitFor()
    await box.shot('search-quick-open')
    await box.page.keyboard.press('Enter')
    await shown('module49999.js')
    await box.ide.line('value49999').waitFor()
  })

  it('goes to a line and column behind the name', async () => {
    await search.palette.open('upcard:3:14')
    await search.palette.options().first().filter({ hasText: 'UserProfileCard.ts' }).waitFor()
    await box.page.keyboard.press('Enter')
    await shown('UserProfileCard.ts')
    await eventually(async () => (await search.selected()).place === 'Ln 3, Col 14', 'the cursor is there')
  })

  it('files shown before come first; what is called by no name is said', async () => {
    await search.palette.open('')
    await search.palette.options().first().filter({ hasText: 'module49999.js' }).waitFor()
    await search.palette.field().fill('no such file at all')
    await search.palette.hint().filter({ hasText: 'No file is called so' }).waitFor()
    await box.page.keyboard.press('Escape')
  })

  it('other modes by their first letter', async () => {
    await search.palette.open('?')
    await search.palette.options().filter({ hasText: 'Symbols of the file' }).waitFor()
    await search.palette.field().fill(':2')
    await search.palette.options().filter({ hasText: 'Line 2' }).waitFor()
    await box.page.keyboard.press('Enter')
    await eventually(async () => (await search.selected()).place === 'Ln 2, Col 1', 'the line is gone to')
    await box.ide.language.ready()
    await search.palette.open('@Card')
    await search.palette.options().first().filter({ hasText: 'UserProfileCard' }).waitFor()
    await box.page.keyboard.press('Enter')
    await eventually(async () => /^Ln 3,/.test((await search.selected()).place), 'the symbol is gone to')
    await search.palette.open('#UserProf')
    await search.palette.options().first().filter({ hasText: 'UserProfileCard' }).waitFor()
    await search.palette.field().fill('>collapse or expand all res')
    await search.palette.hint().filter({ hasText: 'No command is called so' }).waitFor()
    await search.palette.field().fill('>find in files')
    await search.palette.options().first().filter({ hasText: 'Find in files' }).waitFor()
    await box.page.keyboard.press('Enter')
    await search.field('Search').waitFor()
  })
})

describe('search', () => {
  it('results of a large tree are listed while it is looked through', async () => {
    const said = await search.watchSummary()
    await search.find('needle')
    await says(`${FOUND.toLocaleString('en')} results in ${FOUND.toLocaleString('en')} files`)
    expect((await said()).filter((text) => /so far/.test(text)).length).toBeGreaterThan(1)
    expect(await search.results.locator('.row').count()).toBeLessThan(200)
    await box.shot('search-results')
  })

  it('stops when it is told to, and keeps what was found', async () => {
    await search.button('Clear the search').click()
    // A ripgrep on a disk that takes its time.
    const slow = [
      '#!/usr/bin/python3',
      'import subprocess, sys, time',
      'run = subprocess.Popen(["/usr/bin/rg", *sys.argv[1:]], stdout=subprocess.PIPE)',
      'for line in run.stdout:',
      '    sys.stdout.buffer.write(line)',
      '    sys.stdout.buffer.flush()',
      '    time.sleep(0.01)',
    ]
    const encoded = Buffer.from(slow.join('\n')).toString('base64')
    await box.exec(`mkdir -p ~/.local/bin && echo ${encoded} | base64 -d > ~/.local/bin/rg && chmod +x ~/.local/bin/rg`)
    try {
      await search.find('a needle')
      await says('so far')
      await search.button('Stop searching').click()
      await search.button('Search again').waitFor()
    } finally {
      await box.exec('rm ~/.local/bin/rg')
    }
    const summary = (await search.summary.textContent()) ?? ''
    const count = Number(/^([\d,]+) results/.exec(summary)?.[1]?.replaceAll(',', ''))
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(FOUND)
  })

  it('case, words, expressions and files narrow it', async () => {
    await box.exec('rm -r tree')
    await search.choose(plain)
    await search.find('colour')
    await says('10 results in 3 files')
    await search.choose({ ...plain, 'Match case': true })
    await says('9 results in 3 files')
    await search.choose({ ...plain, 'Whole words': true })
    await says('6 results in 3 files')
    await search.choose({ ...plain, 'Regular expression': true })
    await search.find('colour\\d+')
    await says('2 results in 1 file')
    await search.choose(plain)
    await search.find('colour')
    await search.button('Choose files').click()
    await search.field('Files to include').fill('*.ts')
    await says('9 results in 2 files')
    await search.field('Files to exclude').fill('src/use.ts')
    await says('5 results in 1 file')
    await search.field('Files to include').fill('docs')
    await says('1 result in 1 file')
    await search.field('Files to include').fill('')
    await search.field('Files to exclude').fill('')
    await says('10 results in 3 files')
  })

  it('a bad expression and a bad pattern of files are explained', async () => {
    await search.choose({ ...plain, 'Regular expression': true })
    await search.find('(colour')
    await search.view
      .getByRole('alert')
      .filter({ hasText: 'The regular expression is not valid: unclosed group.' })
      .waitFor()
    await box.shot('search-bad')
    await search.choose(plain)
    await search.find('colour')
    await search.field('Files to include').fill('{a')
    await search.view.getByRole('alert').filter({ hasText: 'for files is not valid' }).waitFor()
    await search.field('Files to include').fill('')
    await says('10 results in 3 files')
  })

  it('a result leads to its place in the editor, by mouse and by keys', async () => {
    await search.match('twice = colour').click()
    await shown('use.ts')
    await eventually(async () => (await search.selected()).place === 'Ln 2, Col 28', 'the first of the line is shown')
    await search.match('twice = colour').dblclick()
    await eventually(async () => (await search.selected()).text === 'colour', 'it is selected, ready to type')
    await box.page.keyboard.press('F4')
    await eventually(async () => (await search.selected()).place === 'Ln 2, Col 37', 'the next one is shown')
    await box.page.keyboard.press('Shift+F4')
    await eventually(async () => (await search.selected()).place === 'Ln 2, Col 28', 'and the one before')
  })
})

describe('replace', () => {
  it('one result, as it is seen before', async () => {
    await search.button('Replace').click()
    await search.field('Replace by').fill('paint')
    const row = search.match('Of every')
    await row.locator('del', { hasText: 'colour' }).waitFor()
    await row.locator('ins', { hasText: 'paint' }).waitFor()
    await box.shot('search-replace')
    await search.press(row, 'Replace')
    await eventually(async () => (await onDisk('docs/colour.md')) === 'Of every paint.\n', 'the file is changed')
    await says('9 results in 2 files')
  })

  it('all, in files on the disk and in one that is open with what was typed meanwhile', async () => {
    await box.ide.line('twice').click()
    await box.page.keyboard.press('Control+End')
    await box.page.keyboard.type('// a colour, a colour typed now')
    await search.choose({ ...plain, 'Match case': true })
    await says('10 results in 2 files')
    await box.ide.line('typed now').click()
    await box.page.keyboard.press('End')
    await box.page.keyboard.type(' and more')
    await search.button('Replace all').click()
    // Pointed at, it stays, with its Undo, until the disk has been looked at.
    await box.page.getByText('10 results in 2 files replaced by "paint".').hover()
    await box.ide.line('twice = paint + paint').waitFor()
    await box.ide.line('// a paint, a paint typed now and more').waitFor()
    await eventually(
      async () => /twice = paint \+ paint\n.*paint typed now and more/.test(await onDisk('src/use.ts')),
      'what is open is saved',
    )
    expect(await onDisk('src/colours.ts')).toBe(
      'export const paint = "red"\nexport const Colours = [paint]\n// paint42 and paint7\n',
    )
  })

  it('and it is undone, except for what was typed since', async () => {
    await box.ide.line('typed now').click()
    await box.page.keyboard.press('Control+End')
    await box.page.keyboard.type(' still')
    await box.page.getByRole('button', { name: 'Undo' }).click()
    await box.ide.line('twice = colour + colour').waitFor()
    await box.ide.line('// a colour, a colour typed now and more still').waitFor()
    await eventually(async () => (await onDisk('src/colours.ts')) === files['src/colours.ts'], 'the disk is as before')
  })

  it('no page complained', () => {
    expect(box.complaints()).toEqual([])
  })
})
