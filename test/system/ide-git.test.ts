/// <reference lib="dom" />
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IdeGit } from '../support/ide-git.ts'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { eventually } from '../support/omega.ts'

/** A person with git in the page: from no repository to a server that wants a password. */
let box: IdeSandbox
let git: IdeGit
beforeAll(async () => {
  box = await IdeSandbox.open('idegit', 'static')
  git = new IdeGit(box.page)
})
afterAll(() => box?.close())

/** Runs git in the project, as in a terminal. */
const inProject = async (command: string) => (await box.exec(command)).stdout.trimEnd()
/** Waits until a command in the project prints this. */
const prints = (command: string, text: string) =>
  eventually(async () => (await inProject(command)) === text, `${command} prints ${text}`)

describe('from the first commit', () => {
  it('a template becomes a repository; who commits is asked once', async () => {
    await git.show()
    await box.page.getByRole('button', { name: 'Initialise repository' }).click()
    await git.change('changes', 'index.html').waitFor()
    await git.commit('First commit')
    await box.page.getByRole('button', { name: 'Stage all and commit' }).click()
    await git.fill({ 'Your name': 'Ada Lovelace', 'E-mail address': 'ada@example.com' })
    await box.page.getByRole('button', { name: 'Save', exact: true }).click()
    await box.page.getByText('Everything is committed').waitFor()
    await prints('git log --format="%an <%ae> %s"', 'Ada Lovelace <ada@example.com> First commit')
    await prints('git config user.name', 'Ada Lovelace')
  })

  it('an edit is marked beside its line, coloured in the tree and counted; the mark shows what was there', async () => {
    await box.page.keyboard.press('Control+Shift+E')
    await box.ide.openFile('index.html')
    await box.ide.replace('Hello', 'Good day')
    await git.mark('changed').first().waitFor()
    await git.show()
    await git.change('changes', 'index.html').waitFor()
    await eventually(async () => (await git.badge()) === '1', 'one change is counted')
    await git.mark('changed').first().click()
    const peek = box.page.getByTestId('git-peek')
    await peek.getByText('Hello').waitFor()
    await box.shot('ide-git-peek')
    await peek.getByRole('button', { name: 'Close' }).click()
  })

  it('a hunk is staged alone, and committed alone', async () => {
    await box.exec("sed -i '$a <!-- a second place -->' index.html")
    await git.mark('added').first().waitFor()
    await git.mark('changed').first().click()
    await box.page.getByTestId('git-peek').getByRole('button', { name: 'Stage' }).click()
    await git.change('staged', 'index.html').waitFor()
    expect(await inProject('git diff --cached | grep -c "^+[^+]"')).toBe('1')
    await git.commit('Greet formally')
    await git.change('staged', 'index.html').waitFor({ state: 'detached' })
    expect(await inProject('git show --format=%s HEAD | grep "^[+G][^+]"')).toContain('Good day')
    expect(await inProject('git diff --stat | tail -1')).toContain('1 insertion')
  })

  it('the difference is shown in a tab and can be edited there', async () => {
    await git.change('changes', 'index.html').click()
    await box.page.getByTestId('diff').waitFor()
    await eventually(async () => (await git.differences()) === '1 difference', 'one difference')
    await box.shot('ide-git-diff')
    await box.page.getByTestId('diff').locator('.cm-line', { hasText: 'a second place' }).last().click()
    await box.page.keyboard.press('End')
    await box.page.keyboard.type('<!-- typed in the difference -->')
    await prints('grep -c "typed in the difference" index.html', '1')
  })

  it('what is discarded can be brought back', async () => {
    await git.tool('changes', 'index.html', 'Discard changes in')
    await box.page.getByRole('button', { name: 'Discard', exact: true }).click()
    // Pointed at, it stays for as long as the command takes.
    const undo = box.page.getByRole('button', { name: 'Undo' })
    await undo.hover()
    await prints('git status --porcelain', '')
    await undo.click()
    await prints('grep -c "typed in the difference" index.html', '1')
    // The page knows as well: else it would see nothing to commit.
    await git.change('changes', 'index.html').waitFor()
    await git.commit('Second place')
    await box.page.getByRole('button', { name: 'Stage all and commit' }).click()
    await box.page.getByText('Everything is committed').waitFor()
  })
})

describe('branches', () => {
  it('a new one is created, and the other one switched to', async () => {
    await box.page.getByTestId('branch').click()
    await box.page.getByRole('option', { name: /Create a new branch/ }).click()
    await git.fill({ Name: 'topic' })
    await box.page.getByRole('button', { name: 'Create and switch' }).click()
    await box.page.getByTestId('branch').filter({ hasText: 'topic' }).waitFor()
    await box.exec("sed -i 's/Good day/Howdy/' index.html && git commit -qam 'Howdy'")
    await git.switchTo('main')
    await prints('grep -c "Good day" index.html', '1')
    await box.exec("sed -i 's/Good day/Dear reader/' index.html && git commit -qam 'Dear'")
  })

  it('a conflict is seen, resolved in the editor, and the merge goes on', async () => {
    await git.run('Git: Merge branch')
    await box.page.getByRole('option', { name: /topic/ }).click()
    await box.page.getByTestId('git-unfinished').waitFor()
    await git.change('conflicts', 'index.html').click()
    await box.page.getByTestId('merge').waitFor()
    await box.page.getByTestId('merge').getByText('Howdy').first().waitFor()
    await box.shot('ide-git-merge')
    await git.change('conflicts', 'index.html').dblclick()
    await box.page.getByTestId('git-conflict').waitFor()
    await box.shot('ide-git-conflict')
    await box.page.getByRole('button', { name: 'Accept incoming' }).first().click()
    await box.page.getByTestId('git-conflict').getByText('No conflicts are left').waitFor()
    await box.page.getByTestId('git-conflict').getByRole('button', { name: 'Mark as resolved' }).click()
    await box.page.getByTestId('git-unfinished').getByText('No conflicts are left').waitFor()
    await box.page.getByTestId('git-unfinished').getByRole('button', { name: 'Continue' }).click()
    await box.page.getByTestId('git-unfinished').waitFor({ state: 'detached' })
    await prints('git log -1 --format=%s', "Merge branch 'topic'")
    await prints('grep -c Howdy index.html', '1')
  })

  it('the history shows commits and what they changed', async () => {
    await box.page.getByRole('button', { name: 'Commits', exact: true }).click()
    await box.page.locator('.git-commit-line', { hasText: 'Greet formally' }).click()
    await box.page.getByRole('heading', { name: 'Greet formally' }).waitFor()
    await box.shot('ide-git-commit')
    await box.page.locator('.git-page .git-line', { hasText: 'index.html' }).click()
    await box.page.getByTestId('diff').waitFor()
    await eventually(async () => (await git.differences()) === '1 difference', 'one difference')
  })
})

describe('a server that wants a password', () => {
  const url = 'http://127.0.0.1:9418'

  it('a wrong password is told, the right one publishes the branch', async () => {
    const program = readFileSync(resolve(import.meta.dirname, '../support/git-http-server.mjs')).toString('base64')
    await box.exec(
      `mkdir -p ~/server && cd ~/server && echo ${program} | base64 -d > git-http-server.mjs &&
       git init -q --bare -b main app.git && git -C app.git config http.receivepack true &&
       (setsid node git-http-server.mjs ~/server 9418 ann 'right one' > log 2>&1 < /dev/null &) &&
       until grep -q listening log; do sleep 0.1; done`,
    )
    await git.run('Git: Publish branch')
    await git.fill({ Address: `${url}/app.git` })
    await box.page.getByRole('button', { name: 'Add', exact: true }).click()
    await git.signIn('ann', 'wrong one')
    await box.page.getByText('The server did not accept that').waitFor()
    await box.shot('ide-git-sign-in')
    await git.signIn('ann', 'right one')
    await prints('git -C ~/server/app.git log -1 --format=%s main', "Merge branch 'topic'")
    expect(
      await inProject('grep -rl "right one" ~/project ~/.omega* /tmp/omega-git* ~/.git* 2>/dev/null || true'),
    ).toBe('')
  })

  it('clone into a folder, pull and push between the two, a terminal asks here too', async () => {
    await git.run('Git: Clone a repository')
    await git.fill({ Address: `${url}/app.git`, 'Into the folder': 'copy' })
    await box.page.getByRole('button', { name: 'Clone', exact: true }).click()
    await git.signIn('ann', 'right one')
    await prints('git -C copy log -1 --format=%s', "Merge branch 'topic'")
    await box.exec("cd copy && echo more >> style.css && git commit -qam 'From the copy'")
    await box.ide.type('cd copy && git push; cd ..')
    await box.page.getByText('A git command in a terminal').waitFor()
    await git.signIn('ann', 'right one', true)
    await prints('git -C ~/server/app.git log -1 --format=%s main', 'From the copy')
    await git.show()
    await box.page.getByLabel('Repository').selectOption('')
    await git.run('Git: Pull')
    await prints('git log -1 --format=%s', 'From the copy')
    expect(await box.ide.screen()).not.toContain('right one')
  })

  it('no page complained', () => {
    expect(box.complaints()).toEqual([])
  })
})
