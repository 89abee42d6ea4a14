/// <reference lib="dom" />
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CreatedShare } from '../../src/core/wire/shares.ts'
import type { TestBrowser } from '../support/browser.ts'
import type { Ide } from '../support/ide.ts'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { eventually, pause } from '../support/omega.ts'
import { WireClient } from '../support/worker.ts'

/** Three people with browsers of their own: one who is at home here, one who may edit and one who may look, by links. */
const CUT_MS = 60_000

let box: IdeSandbox
let owner: Ide
let editor: TestBrowser & { ide: Ide }
let looker: TestBrowser & { ide: Ide }
const links = { edit: '', look: '' }

beforeAll(async () => {
  box = await IdeSandbox.open('people', 'static')
  owner = box.ide
  await box.exec(
    'for i in $(seq 1 400); do echo "line $i"; done > long.txt; printf "one\\ntwo\\nthree\\n" > shared.txt',
  )
})
afterAll(async () => {
  await looker?.close()
  await editor?.close()
  await box?.close()
})

const origin = () => new URL(box.sandbox.url).origin
/** Once the editor shows this. */
const shows = (ide: Ide, text: string) => ide.page.locator('.cm-content').filter({ hasText: text }).waitFor()
const topLine = (ide: Ide) =>
  ide.page.evaluate(() => {
    const { top } = document.querySelector('.cm-scroller')?.getBoundingClientRect() ?? { top: 0 }
    const lines = [...document.querySelectorAll('.cm-line')]
    return lines.find((line) => line.getBoundingClientRect().bottom > top + 2)?.textContent
  })

describe('links', () => {
  it('say in words what they grant before there is one', async () => {
    const edit = await owner.share('May edit', '1 day')
    expect(edit.grants).toMatch(/without an account.* everything .*run any command.*It works for 1 day/)
    const look = await owner.share('May look', '1 hour')
    expect(look.grants).toMatch(/see every file.* run nothing.*It works for 1 hour/)
    Object.assign(links, { edit: edit.url, look: look.url })
    await box.shot('people-share')
  })

  it('let people in who are signed in nowhere, and leave the address bar', async () => {
    editor = await box.guest(links.edit)
    looker = await box.guest(links.look)
    for (const { ide, page } of [editor, looker]) {
      await ide.ready()
      expect(page.url()).toBe(box.sandbox.url)
      await page.goto(box.sandbox.url)
      await ide.ready()
    }
    await looker.ide.people.lookingOnly().waitFor()
    // A second browser by the same link.
    const again = await box.guest(links.edit)
    await again.ide.ready()
    await again.close()
  })
})

describe('two people in one file', () => {
  it('see who is here and where, with names they chose', async () => {
    await owner.rename('Ada')
    await editor.ide.rename('Bob')
    await looker.ide.rename('Cy')
    for (const { openFile } of [owner, editor.ide, looker.ide].map((ide) => ({
      openFile: () => ide.openFile('shared.txt'),
    }))) {
      await openFile()
    }
    await owner.people.avatar('Bob').waitFor()
    await owner.people.avatar('Cy').waitFor()
    await eventually(
      async () => (await owner.people.marks(owner.page.getByRole('treeitem', { name: 'shared.txt' })).count()) === 2,
      'the tree marks the file they are in',
    )
    await owner.people.openList()
    await eventually(async () => {
      const rows = await owner.people.list().locator('.person-row').allTextContents()
      return /Bob.*may edit.*shared\.txt.*Cy.*may look.*shared\.txt/.test(rows.join())
    }, 'the list says who may do what, and where they are')
    await box.shot('people-list')
    await owner.page.keyboard.press('Escape')
  })

  it('type at once, and see each other’s cursors with their names', async () => {
    await owner.cursorBehind('one')
    await owner.page.keyboard.type(' by Ada')
    await editor.ide.cursorBehind('three')
    await editor.page.keyboard.type(' by Bob')
    for (const ide of [owner, editor.ide, looker.ide]) {
      await shows(ide, 'one by Ada')
      await shows(ide, 'three by Bob')
    }
    await owner.people.flag('Bob').filter({ hasText: 'Bob' }).waitFor()
    await editor.ide.people.flag('Ada').filter({ hasText: 'Ada' }).waitFor()
    await looker.ide.people.cursor('Ada').waitFor()
    // The name stands behind the line's end, on none of its letters.
    const flag = await owner.people.flag('Bob').boundingBox()
    const line = await owner.line('three by Bob').evaluate((element) => {
      const range = document.createRange()
      range.selectNodeContents(element)
      return range.getBoundingClientRect().right
    })
    expect(flag?.x ?? 0).toBeGreaterThanOrEqual(line)
    await editor.page.keyboard.press('Shift+Home')
    await owner.people.selection().first().waitFor()
    await box.shot('people-cursors')
    await eventually(
      async () => /one by Ada\ntwo\nthree by Bob/.test((await box.exec('cat shared.txt')).stdout),
      'both are on the disk',
    )
  })
})

describe('who may look', () => {
  it('types nowhere, and is told why', async () => {
    await looker.ide.line('two').click()
    await looker.page.keyboard.type('nonsense')
    await looker.page.getByText('You may look at this sandbox, but not change it.').waitFor()
    await looker.page.keyboard.press('Control+S')
    await looker.page.locator('[data-testid=terminal]:visible .xterm-helper-textarea').focus()
    await looker.page.keyboard.type('touch by-looker\n')
    await owner.cursorBehind('two')
    await owner.page.keyboard.type(' after the looker')
    await shows(looker.ide, 'two after the looker')
    expect(await looker.ide.text()).not.toContain('nonsense')
    expect((await box.exec('cat shared.txt; ls')).stdout).not.toMatch(/nonsense|by-looker/)
    await box.shot('people-looker', looker.page)
  })

  it('is refused whatever else their browser sends', async () => {
    const refused = await looker.page.evaluate(async () => {
      const post = (path: string, body: object) =>
        fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      const answers = await Promise.all([
        post('/_omega/exec', { cmd: ['touch', 'by-looker'] }),
        post('/_omega/shares', { access: 'edit' }),
        fetch('/_omega/shares'),
      ])
      return answers.map(({ status }) => status)
    })
    expect(refused).toEqual([403, 403, 403])
    const cookies = await looker.context.cookies(origin())
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const raw = new WireClient(box.sandbox.port, { cookie, origin: origin() }, new URL(box.sandbox.url).host)
    await raw.opened
    for (const [op, params] of [
      ['files.write', { path: 'by-looker', text: 'x' }],
      ['terminal.open', { cols: 80, rows: 24 }],
      ['app.restart', {}],
    ] as const) {
      expect([op, (await raw.attempt(op, params)).problem?.code]).toEqual([op, 'FORBIDDEN'])
    }
    raw.end()
    expect((await box.exec('ls')).stdout).not.toContain('by-looker')
  })

  it('follows somebody from file to file and line to line, until they move themselves', async () => {
    await looker.ide.people.avatar('Ada').click()
    await looker.ide.people.frame().filter({ hasText: 'Following Ada' }).waitFor()
    await owner.openFile('long.txt')
    await looker.page.getByRole('tab', { name: 'long.txt', selected: true }).waitFor()
    await owner.page.locator('.cm-content').click()
    await owner.page.keyboard.press('Control+End')
    await owner.page.keyboard.type('the end')
    await shows(looker.ide, 'the end')
    await owner.page.mouse.move(500, 300)
    await owner.page.mouse.wheel(0, -2_000)
    await eventually(async () => {
      const [theirs, ours] = [await topLine(owner), await topLine(looker.ide)]
      return theirs !== 'line 1' && theirs === ours
    }, 'both begin with the same line')
    await box.shot('people-follow', looker.page)
    await looker.page.locator('.cm-content').click()
    await looker.ide.people.frame().waitFor({ state: 'detached' })
    await owner.openFile('shared.txt')
    await owner.people.avatar('Cy').waitFor()
    expect(await looker.ide.shownTab().getAttribute('data-tab')).toBe('long.txt')
  })
})

describe('a cut', () => {
  it('of a minute, while both type, costs nothing: they converge', { timeout: 180_000 }, async () => {
    await editor.ide.openFile('shared.txt')
    await editor.context.setOffline(true)
    const until = Date.now() + CUT_MS
    await editor.ide.cursorBehind('three by Bob')
    await owner.cursorBehind('one by Ada')
    for (let round = 1; Date.now() < until; round++) {
      await editor.page.keyboard.type(` b${round}`)
      await owner.page.keyboard.type(` a${round}`)
      if (round === 3)
        await owner.people
          .avatar('Bob')
          .and(owner.page.getByRole('button', { name: /cut/ }))
          .waitFor()
      await pause(2_000)
    }
    expect(await editor.ide.text()).not.toContain('a5')
    expect(await owner.text()).not.toContain('b5')
    await box.shot('people-cut', editor.page)
    await editor.context.setOffline(false)
    await editor.ide.ready()
    await shows(owner, 'b5')
    await shows(editor.ide, 'a5')
    await eventually(async () => (await editor.ide.text()) === (await owner.text()), 'both show the same')
    const ours = await owner.text()
    expect(ours).toMatch(/one by Ada a1 a2 a3 .*\ntwo after the looker\nthree by Bob b1 b2 b3 /)
    await eventually(async () => (await box.exec('cat shared.txt')).stdout === ours, 'the file says the same')
    await owner.people
      .avatar('Bob')
      .and(owner.page.getByRole('button', { name: /shared\.txt/ }))
      .waitFor()
  })
})

describe('the end', () => {
  it('a link to one port shows that and nothing else', async () => {
    const port = Number((await box.exec('echo $OMEGA_APP_PORT')).stdout)
    const made = await box.omega('sandbox', 'share', box.sandbox.name, '--port', String(port), '--for', '1h', '--json')
    const { url, grants } = JSON.parse(made.stdout) as CreatedShare
    expect(grants).toContain(`port ${port}`)
    const guest = await box.guest(url)
    try {
      await guest.page.getByRole('heading', { name: 'Hello, web' }).waitFor()
      expect(new URL(guest.page.url()).pathname).toBe('/')
      await guest.page.goto(box.sandbox.url)
      await guest.page.waitForURL(/\/\?next=/)
    } finally {
      await guest.close()
    }
  })

  it('of a link sends away who came by it, with words', async () => {
    await owner.page.getByRole('button', { name: 'Share', exact: true }).click()
    const sheet = owner.people.sheet()
    const row = sheet.getByRole('listitem').filter({ hasText: 'May edit' })
    await row.filter({ hasText: '1 page open' }).waitFor()
    await row.getByRole('button', { name: 'Revoke' }).click()
    await row.getByRole('button', { name: /sent away/ }).click()
    await editor.ide.people.ended().filter({ hasText: 'was revoked' }).waitFor()
    await box.shot('people-ended', editor.page)
    await row.waitFor({ state: 'detached' })
    await sheet.getByRole('button', { name: 'Close' }).click()
    await owner.people.avatar('Bob').waitFor({ state: 'detached' })
    await editor.page.goto(box.sandbox.url)
    await editor.page.getByRole('heading', { name: 'The link by which you came has ended' }).waitFor()
    // Nobody else is.
    await looker.ide.ready()
    await owner.people.avatar('Cy').waitFor()
    const { stdout } = await box.omega('sandbox', 'shares', box.sandbox.name, '--json')
    const kept = JSON.parse(stdout) as CreatedShare[]
    expect(kept.map(({ access }) => access).sort()).toEqual(['look', 'preview'])
    const id = kept.find(({ access }) => access === 'look')?.id ?? ''
    expect((await box.omega('sandbox', 'unshare', box.sandbox.name, id)).code).toBe(0)
    await looker.ide.people.ended().waitFor()
  })

  it('no page complained', () => {
    const uncaught = [...box.complaints(), ...editor.console, ...looker.console].filter((line) =>
      /^uncaught:/.test(line),
    )
    expect(uncaught).toEqual([])
    expect(box.complaints()).toEqual([])
  })
})
